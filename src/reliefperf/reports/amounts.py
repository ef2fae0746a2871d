"""Amounts of money as they are read: no zeros at the end, groups of three digits."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction


def neat(amount: Decimal) -> Decimal:
    """An amount without zeros after its last decimal."""
    whole = amount.to_integral_value()
    return whole.quantize(Decimal(1)) if amount == whole else amount.normalize()


def money(amount: Decimal | Fraction, *, sign: bool = False) -> str:
    """An amount to read; of a fraction all digits where it has few, else six decimals."""
    if isinstance(amount, Fraction):
        amount = Decimal(round(amount * 10**6)) / 10**6
    return f"{neat(amount):+,f}" if sign else f"{neat(amount):,f}"
