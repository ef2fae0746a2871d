"""The largest remainder within limits, and rounding of each amount by itself."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Literal

from reliefperf.allocation.ratios import Ratios

type Mode = Literal["half_up", "half_even", "down", "up"]


NOISE = Fraction(1, 10**5)
"""A sum of a solver's amounts this near a whole number of units is that number."""


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
    rank = ranks(n_regions, tie_keys)
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


def beside(quota: Fraction, low: int | None, high: int | None) -> tuple[int, int]:
    """Limits in units, no further off than the whole units next to a quota."""
    least, most = math.floor(quota), math.ceil(quota)
    return least if low is None else max(low, least), most if high is None else min(high, most)


def with_difference(
    units: Sequence[int],
    values: Sequence[Fraction],
    lows: Sequence[int | None],
    highs: Sequence[int | None],
    rank: Sequence[int],
) -> list[int]:
    """Whole units (n,) of quotas that were rounded one by one, with the difference to their sum.

    The region with the largest quota takes all of it, of equals the first in `rank`; one whose limits
    would not let it is passed over. A sum that is no whole number, but for a solver's noise, is left
    as it is. Raises RoundingImpossible if nobody's limits leave room.
    """
    total = sum(values, Fraction(0))
    whole, found = round(total), list(units)
    missing = whole - sum(units)
    if not missing or abs(total - whole) > NOISE:
        return found
    for i in sorted(range(len(found)), key=lambda i: (-abs(values[i]), rank[i])):
        own = found[i] + missing
        if _inside(own, lows[i], highs[i]) == own:
            found[i] = own
            return found
    raise RoundingImpossible(f"nobody can take the difference of {missing}", abs(missing))


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


def ranks(n_regions: int, tie_keys: Sequence[Any] | None) -> list[int]:
    """The place (n_regions,) of each region by its key, then as listed; from 0."""
    if tie_keys is None:
        return list(range(n_regions))
    rank = [0] * n_regions
    for place, i in enumerate(sorted(range(n_regions), key=lambda i: (tie_keys[i], i))):
        rank[i] = place
    return rank
