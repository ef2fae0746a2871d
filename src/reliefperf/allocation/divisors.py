"""Divisor methods: whole units in proportion to amounts, rounded with one common divisor.

Unlike the largest remainder they know no Alabama paradox: with one unit more nobody gets less.
Rounding every quota with one multiplier gives the method's answer for the sum that results; from
there units are given to, or taken from, the region next in line until the total is met.

Source: Balinski and Young, Fair Representation (1982), with least and greatest seats a region.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from reliefperf.allocation.rounding import RoundingImpossible
from reliefperf.model.signposts import Signpost, signpost

type Worth = tuple[int, Fraction]
"""What a region has to say for a unit: value / signpost, or its square; a signpost of zero comes
before all others, and then the larger value."""

NEAR = 60
"""Multipliers that are tried before units are moved one by one."""


@dataclass(frozen=True)
class Divisor:
    """A divisor method: with n units a region is worth value / signpost(n) for one more.

    Called as largest_remainder is; raises RoundingImpossible if the limits leave no room.

    >>> divisor("sainte_lague")([Fraction(53), Fraction(24), Fraction(23)], 7)
    [3, 2, 2]
    >>> divisor("dhondt")([Fraction(53), Fraction(24), Fraction(23)], 7)
    [4, 2, 1]
    """

    signpost: Signpost

    def worth(self, value: Fraction, units: int) -> Worth:
        """The claim of a region with so many units to one more; the value is not below zero."""
        at = self.signpost.at(units)
        if not at:
            return 1, value
        return 0, (value * value if self.signpost.has_root else value) / at

    def __call__(
        self,
        values: Sequence[Fraction],
        total_units: int,
        low_units: Sequence[int | None] | None = None,
        high_units: Sequence[int | None] | None = None,
        tie_keys: Sequence[Any] | None = None,
    ) -> list[int]:
        """Whole units that add up to `total_units`, one number a region."""
        n_regions = len(values)
        lows = [0] * n_regions if low_units is None else [max(low or 0, 0) for low in low_units]
        highs: Sequence[int | None] = [None] * n_regions if high_units is None else high_units
        for low, high in zip(lows, highs, strict=True):
            if high is not None and high < low:
                raise RoundingImpossible(
                    f"a low of {low} units is above its high of {high}", low - high
                )
        keys = list(range(n_regions)) if tie_keys is None else list(tie_keys)
        rank = [0] * n_regions
        for place, i in enumerate(sorted(range(n_regions), key=lambda i: (keys[i], i))):
            rank[i] = place
        units = self._near(values, total_units, lows, highs)
        missing = total_units - sum(units)
        give = missing >= 0
        queue = [
            (self._key(values[i], units[i], give), rank[i] if give else -rank[i], i)
            for i in range(n_regions)
            if _may_move(values[i], units[i], lows[i], highs[i], give)
        ]
        heapq.heapify(queue)
        for done in range(abs(missing)):
            if not queue:
                side = "highs" if give else "lows"
                left = (done - abs(missing)) * (1 if give else -1)
                raise RoundingImpossible(f"the {side} miss the total of {total_units}", left)
            _, own, i = heapq.heappop(queue)
            units[i] += 1 if give else -1
            if _may_move(values[i], units[i], lows[i], highs[i], give):
                heapq.heappush(queue, (self._key(values[i], units[i], give), own, i))
        return units

    def _key(self, value: Fraction, units: int, give: bool) -> Worth:
        """The order in line: the largest claim to one more first, or the smallest to its last."""
        if not give:
            return self.worth(value, units - 1)
        kind, worth = self.worth(value, units)
        return -kind, -worth

    def _near(
        self,
        values: Sequence[Fraction],
        total: int,
        lows: Sequence[int],
        highs: Sequence[int | None],
    ) -> list[int]:
        """All values rounded with one multiplier, within limits, so that nearly all is given."""
        whole = sum(values, Fraction(0))
        if not whole:
            return list(lows)
        by, below, above = total / whole, Fraction(0), None
        best = list(lows)
        for _ in range(NEAR):
            units = [
                max(low, min(self._rounded(value * by), total if high is None else high))
                for value, low, high in zip(values, lows, highs, strict=True)
            ]
            missing = total - sum(units)
            if abs(missing) < abs(total - sum(best)):
                best = units
            if abs(missing) <= len(values):
                break
            if missing > 0:
                below = by
            else:
                above = by
            # any multiplier will do, so a short one
            by = Fraction(float(2 * by if above is None else (below + above) / 2))
        return best

    def _rounded(self, value: Fraction) -> int:
        """How many signposts lie strictly below a value, so that ties are settled in giving."""
        wanted = value * value if self.signpost.has_root else value

        def passed(n: int) -> bool:
            return self.signpost.at(n) < wanted

        first = int(value)
        step = 1
        if passed(first):
            low, high = first, first + 1
            while passed(high):
                low, high, step = high, high + step, step * 2
        else:
            low, high = first - 1, first
            while low >= 0 and not passed(low):
                low, high, step = max(low - step, -1), low, step * 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if passed(middle) else (low, middle)
        return high


@lru_cache(maxsize=64)
def divisor(method: str) -> Divisor:
    """The method of a name or of an expression of n, the units already held."""
    return Divisor(signpost(method))


sainte_lague = divisor("sainte_lague")
"""Webster's method: quotients rounded to the nearest unit."""
dhondt = divisor("dhondt")
"""Jefferson's method: quotients rounded down."""


def _may_move(value: Fraction, units: int, low: int, high: int | None, give: bool) -> bool:
    """Whether a region may get one more, or give its last."""
    if give:
        return value > 0 and (high is None or units < high)
    return units > low


def unfair(
    method: Divisor,
    values: Sequence[Fraction],
    units: Sequence[int],
    lows: Sequence[int],
    highs: Sequence[int | None],
) -> tuple[int, int] | None:
    """Two regions (by place) of which the first has a better claim to the last unit of the second.

    None where the units are those of the method: no claim to one more unit, of a region below its
    high, exceeds the claim to the last unit of a region above its low. Exact.
    """
    able = [i for i, value in enumerate(values) if _may_move(value, units[i], 0, highs[i], True)]
    full = [i for i in range(len(values)) if units[i] > lows[i]]
    if not able or not full:
        return None
    first = max(able, key=lambda i: method.worth(values[i], units[i]))
    last = min(full, key=lambda i: method.worth(values[i], units[i] - 1))
    if method.worth(values[first], units[first]) <= method.worth(values[last], units[last] - 1):
        return None
    return first, last
