"""The rows of one rule in whole numbers, made once for all programs that they stand in."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from reliefperf.allocation.program import Floats, RowFamily, exact
from reliefperf.allocation.ratios import decimals_of

PLACES = 20
MONEY = 10**PLACES
"""Money is counted in this part of its unit; sides are rounded to it, away from the middle."""

_DIGITS = Context(prec=400)


class Row(NamedTuple):
    """low <= coefficients @ amounts <= high, in MONEY; the coefficients times a common denominator."""

    columns: tuple[int, ...]
    coefficients: tuple[int, ...]
    low: int | None
    high: int | None
    soft: int | None


@dataclass(frozen=True, eq=False)
class RowsOfFamily:
    """The rows of a family: `bounds` (column, least, most) of hard rows of one column, other rows.

    `places` (one a row) says which row of the family each is.
    """

    bounds: list[tuple[int, int | None, int | None]]
    rows: list[Row]
    places: list[int]


_made: WeakKeyDictionary[RowFamily, dict[int, RowsOfFamily]] = WeakKeyDictionary()


def rows_of(family: RowFamily, common: int) -> RowsOfFamily:
    """The rows of a family, with coefficients times `common`, which must make them whole."""
    of_family = _made.setdefault(family, {})
    found = of_family.get(common)
    if found is None:
        found = of_family[common] = _rows_of(family, common)
    return found


def _rows_of(family: RowFamily, common: int) -> RowsOfFamily:
    found = RowsOfFamily([], [], [])
    whole = {v: int(exact_value(v) * common) for v in set(family.matrix.data.tolist())}
    data = [whole[v] for v in family.matrix.data.tolist()]
    columns, starts = family.matrix.indices.tolist(), family.matrix.indptr.tolist()
    sides = zip(family.lower.tolist(), family.upper.tolist(), strict=True)
    for i, (low, high) in enumerate(sides):
        start, end = starts[i], starts[i + 1]
        if end - start == 1 and family.soft is None:
            found.bounds.append(_bound(columns[start], data[start], common, low, high))
        elif end > start or family.soft is not None:
            least = down(low) if math.isfinite(low) else None
            most = up(high) if math.isfinite(high) else None
            row = Row(tuple(columns[start:end]), tuple(data[start:end]), least, most, family.soft)
            found.rows.append(row)
            found.places.append(i)
    return found


def _bound(
    column: int, coefficient: int, common: int, low: float, high: float
) -> tuple[int, int | None, int | None]:
    """What a row of one column allows it, in MONEY: least rounded down, most rounded up."""
    least, most = (low, high) if coefficient > 0 else (high, low)
    bottom = top = None
    if math.isfinite(least):
        side = exact_value(least)
        bottom = side.numerator * common * MONEY // (side.denominator * coefficient)
    if math.isfinite(most):
        side = exact_value(most)
        top = -(-side.numerator * common * MONEY // (side.denominator * coefficient))
    return column, bottom, top


def in_money(amounts: Floats) -> list[int]:
    """Amounts (n,) as the decimals they print as, in MONEY, rounded down."""
    short = decimals_of(amounts)
    if short is None:
        return [down(value) for value in amounts.tolist()]
    tops, places = short
    scale = 10 ** (PLACES - places)
    return [top * scale for top in tops]


def down_all(values: Floats) -> list[int]:
    """The same of a column (n,); see down."""
    return _each(values, down)


def up_all(values: Floats) -> list[int]:
    """The same of a column (n,); see up."""
    return _each(values, up)


def _each(values: Floats, whole: Callable[[float], int]) -> list[int]:
    """Equal numbers of a column are made whole once."""
    different, places = np.unique(values, return_inverse=True)
    known = [whole(value) for value in different.tolist()]
    return [known[place] for place in places.tolist()]


def down(value: float) -> int:
    """The decimal that a float prints as, in MONEY, rounded down."""
    return _whole(value, ROUND_FLOOR)


def up(value: float) -> int:
    """The decimal that a float prints as, in MONEY, rounded up."""
    return _whole(value, ROUND_CEILING)


@lru_cache(maxsize=2**18)
def exact_value(value: float) -> Fraction:
    """What a float stands for; see `exact`."""
    return exact(value)


@lru_cache(maxsize=2**18)
def _whole(value: float, rounding: str) -> int:
    return int(_DIGITS.scaleb(Decimal(repr(value)), PLACES).to_integral_value(rounding, _DIGITS))
