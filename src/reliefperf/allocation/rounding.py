"""Exact money: fractional amounts become whole units that add up and keep every hard rule.

Alone a region is rounded half up, half even, down or up. Together, regions share a pool by the
largest remainder (Hamilton's method), within whole-unit limits. Several pools under common rules
need `controlled_rounding`: largest remainder for each pool, an exact check of every row, and where
a row is broken a small integer program whose answer is checked exactly again.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from reliefperf.allocation.program import ExactRow, exact, exact_rows
from reliefperf.allocation.ratios import Ratios
from reliefperf.allocation.repair import Limits, Whole, apart, mend, tightened, twin_classes

__all__ = [
    "ExactRow",
    "Mode",
    "Rounded",
    "RoundingImpossible",
    "Total",
    "controlled_rounding",
    "exact_rows",
    "largest_remainder",
    "round_each",
]

_SLIP = Fraction(1, 1000)
"""A sum of quotas this little below a whole number of units still counts as that number."""

type Mode = Literal["half_up", "half_even", "down", "up"]


class RoundingImpossible(ValueError):
    """The whole-unit limits leave no room: the lows need `missing` units more than the total or,
    when it is below 0, the highs take so many less."""

    def __init__(self, message: str, missing: int) -> None:
        super().__init__(message)
        self.missing = missing


def round_each(values: Sequence[Fraction], step: Fraction, mode: Mode) -> list[int]:
    """Round every value on its own to a whole number of `step`.

    `values` and `step` in the same money. Modes: `half_up` (a half goes away from zero, as in
    四舍五入), `half_even` (banker's), `down` (towards zero), `up` (away from zero).

    >>> round_each([Fraction(5, 2), Fraction(-5, 2)], Fraction(1), "half_up")
    [3, -3]
    """
    if step <= 0:
        raise ValueError("the rounding step must be above 0")
    return [_round(value / step, mode) for value in values]


def largest_remainder(
    values: Sequence[Fraction],
    total_units: int,
    low_units: Sequence[int | None] | None = None,
    high_units: Sequence[int | None] | None = None,
    tie_keys: Sequence[Any] | None = None,
) -> list[int]:
    """Whole units that add up to `total_units`, by the largest remainder, within limits.

    `values` are quotas in units, one a region. Every region starts with the whole part of its
    quota, moved inside its limits; what is then missing is given one unit at a time to the region
    that is furthest below its quota, what is too much is taken from the one furthest above. Of
    equals the one with the smaller tie key comes first, then the one listed first, so that equal
    regions differ by one unit at most. A limit of None is none.

    Source: Hamilton's method (Balinski and Young, Fair Representation, 1982).
    Raises RoundingImpossible if the lows add up to more, or the highs to less, than the total.

    >>> largest_remainder([Fraction(5, 2), Fraction(5, 2), Fraction(5)], 10)
    [3, 2, 5]
    """
    n_regions = len(values)
    lows: Sequence[int | None] = [None] * n_regions if low_units is None else low_units
    highs: Sequence[int | None] = [None] * n_regions if high_units is None else high_units
    if not n_regions == len(lows) == len(highs):
        raise ValueError("values and limits must have one entry a region")
    if tie_keys is not None and len(tie_keys) != n_regions:
        raise ValueError("tie keys must have one entry a region")
    tops, scale = Ratios.of(values).scaled()
    units = [
        _inside(top // scale, low, high) for top, low, high in zip(tops, lows, highs, strict=True)
    ]
    missing = total_units - sum(units)
    step = 1 if missing >= 0 else -1
    limits = highs if step == 1 else lows
    rank = _ranks(n_regions, tie_keys)
    # The order of giving: furthest below the quota first. Taking: furthest above first, and of
    # equals the last in rank, so that taking undoes giving. Gaps are in parts of `scale`.
    able = [i for i in range(n_regions) if units[i] != limits[i]]
    queue = sorted(((units[i] * scale - tops[i]) * step, rank[i] * step, i) for i in able)
    first = queue[: abs(missing)]
    # whether nobody's second unit comes before the last of the firsts
    if len(first) == abs(missing) and (not first or first[-1][0] < first[0][0] + scale):
        for _, _, i in first:
            units[i] += step
        return units
    for done in range(abs(missing)):
        if not queue:
            side, left = "highs" if step == 1 else "lows", (done - abs(missing)) * step
            raise RoundingImpossible(f"the {side} miss the total of {total_units}", left)
        gap, own, i = queue[0]
        units[i] += step
        if units[i] == limits[i]:
            heapq.heappop(queue)
        else:
            heapq.heapreplace(queue, (gap + scale, own, i))
    return units


@dataclass(frozen=True)
class Total:
    """Columns whose units must add up to something from `least_units` to `most_units`.

    Within these they come to `wanted` units if limits let them, else to the whole part of the sum.
    """

    columns: tuple[int, ...]
    least_units: int
    most_units: int
    wanted: int | None = None


@dataclass(frozen=True)
class Rounded:
    """Whole units (n,); the rows that largest remainder broke and the repair mended; and the rows
    that cannot hold in whole units (empty if all is well). `unequal` lists the twins, as columns,
    that the rows force more than one unit apart."""

    units: tuple[int, ...]
    repaired: tuple[ExactRow, ...] = ()
    broken: tuple[ExactRow, ...] = ()
    unequal: tuple[tuple[int, ...], ...] = ()


def controlled_rounding(
    amounts: Sequence[Fraction | float],
    rows: Sequence[ExactRow],
    totals: Sequence[Total],
    *,
    unit: Fraction = Fraction(1),
    low_units: Sequence[int | None] | None = None,
    high_units: Sequence[int | None] | None = None,
    weights: Sequence[float] | None = None,
    tie_keys: Sequence[Any] | None = None,
    twins: Sequence[int] | None = None,
) -> Rounded:
    """Round amounts (n,) in money to whole units that keep the totals and every row.

    The limits (n,) are those no rule may break, such as the columns' own bounds; without low_units
    no amount falls below 0. Rows of one column become limits too. Each total is shared by
    largest remainder within them: the whole part of its quotas' sum, moved into the total's range;
    columns of no total go to the nearest unit. If a row is then broken,
    an integer program looks for units that keep all totals, limits and rows at the least weighted
    distance from the amounts (ties by key, then position), first near the amounts, then further
    off. `twins` (n,) gives columns that must end at most one unit apart the same number; without it
    those are the columns that quotas, limits and rows cannot tell apart. Every row is checked
    exactly. What cannot be mended is returned as `broken`, exceeded by as little as possible.
    Raises RoundingImpossible if a total is out of reach within the limits.
    """
    quotas = [exact(amount) / unit for amount in amounts]
    rank = _ranks(len(quotas), tie_keys)
    limits: Limits = (
        list(low_units or [min(0, math.floor(quota)) for quota in quotas]),
        list(high_units or [None] * len(quotas)),
    )
    whole = [Whole.of(row, unit) for row in rows]
    units = [math.floor(quota + Fraction(1, 2)) for quota in quotas]
    within = tightened(limits, whole)
    for total in totals:
        shares = _share(total, quotas, limits, within, rank)
        for j, share in zip(total.columns, shares, strict=True):
            units[j] = share
    before = [i for i, row in enumerate(whole) if not row.holds(units)]
    if not before:
        return Rounded(tuple(units))
    sums = [Whole.total(t.columns, t.least_units, t.most_units) for t in totals]
    if twins is None:
        twins = twin_classes(quotas, limits, [*whole, *sums])
    own = [Whole.total((j,), low, high) for j, (low, high) in enumerate(zip(*limits, strict=True))]
    extra = [1e-4 * place / len(rank) for place in rank]
    wider = {j for i in before for j in rows[i].columns}
    units = mend(quotas, weights, extra, wider, whole, [*sums, *own], twins) or units
    after = {i for i, row in enumerate(whole) if not row.holds(units)}
    return Rounded(
        tuple(units),
        tuple(rows[i] for i in before if i not in after),
        tuple(rows[i] for i in sorted(after)),
        tuple(tuple(same) for same in apart(units, twins)),
    )


def _share(
    total: Total, quotas: list[Fraction], limits: Limits, tightened: Limits, rank: list[int]
) -> list[int]:
    """Largest remainder within the tightened limits or, if they leave no room, within the given."""

    mine = [quotas[j] for j in total.columns]
    wanted = math.floor(sum(mine, start=_SLIP)) if total.wanted is None else total.wanted
    wanted = max(total.least_units, min(wanted, total.most_units))

    def within(low: list[int | None], high: list[int | None]) -> list[int]:
        sides = ([side[j] for j in total.columns] for side in (low, high, rank))
        lows, highs, ranks = sides
        # A total with room goes where the limits let it; a fixed one is out of reach or not.
        reach = wanted
        if None not in lows:
            reach = max(reach, min(sum(x for x in lows if x is not None), total.most_units))
        if None not in highs:
            reach = min(reach, max(sum(x for x in highs if x is not None), total.least_units))
        return largest_remainder(mine, reach, lows, highs, ranks)

    try:
        return within(*tightened)
    except RoundingImpossible:
        return within(*limits)


def _round(quotient: Fraction, mode: Mode) -> int:
    size = abs(quotient)
    sizes = {
        "half_up": math.floor(size + Fraction(1, 2)),
        "half_even": round(size),
        "down": math.floor(size),
        "up": math.ceil(size),
    }
    return sizes[mode] if quotient >= 0 else -sizes[mode]


def _inside(units: int, low: int | None, high: int | None) -> int:
    if low is not None and high is not None and low > high:
        raise RoundingImpossible(f"a low of {low} units is above its high of {high}", low - high)
    if low is not None and units < low:
        return low
    return high if high is not None and units > high else units


def _ranks(n_regions: int, tie_keys: Sequence[Any] | None) -> list[int]:
    if tie_keys is None:
        return list(range(n_regions))
    rank = [0] * n_regions
    for place, i in enumerate(sorted(range(n_regions), key=lambda i: (tie_keys[i], i))):
        rank[i] = place
    return rank
