"""Amounts of money as they are read: no zeros at the end, groups of three digits."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction


def neat(amount: Decimal) -> Decimal:
    """An amount without zeros after its last decimal."""
    whole = amount.to_integral_value()
    return whole.quantize(Decimal(1)) if amount == whole else amount.normalize()


def money(amount: Decimal | Fraction, *, sign: bool = False, cents: bool = False) -> str:
    """An amount to read; of a fraction all digits where it has few, else six decimals.

    With `cents` to two decimals, for sums that no one pays; one too small for them stays in full.
    """
    if isinstance(amount, Fraction):
        amount = Decimal(round(amount * 10**6)) / 10**6
    if cents and (short := round(amount, 2)):
        amount = short
    return f"{neat(amount):+,f}" if sign else f"{neat(amount):,f}"
