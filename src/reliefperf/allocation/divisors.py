"""Divisor methods: whole units in proportion to amounts, rounded with one common divisor.

Unlike the largest remainder they know no Alabama paradox: with one unit more nobody gets less.
Rounding every quota as it is gives the method's answer for the sum that results; from there units
are given to, or taken from, the region next in line until the total is met.

Source: Balinski and Young, Fair Representation (1982), with least and greatest seats a region.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from reliefperf.allocation.rounding import RoundingImpossible


@dataclass(frozen=True)
class Divisor:
    """A divisor method: with n units a region is worth value / (n + signpost) for one more.

    Called as largest_remainder is; raises RoundingImpossible if the limits leave no room.

    >>> sainte_lague([Fraction(53), Fraction(24), Fraction(23)], 7)
    [3, 2, 2]
    >>> dhondt([Fraction(53), Fraction(24), Fraction(23)], 7)
    [4, 2, 1]
    """

    signpost: Fraction

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
        keys = list(range(n_regions)) if tie_keys is None else list(tie_keys)
        rank = [0] * n_regions
        for place, i in enumerate(sorted(range(n_regions), key=lambda i: (keys[i], i))):
            rank[i] = place
        whole = sum(values, Fraction(0))
        by = Fraction(total_units) / whole if whole else Fraction(0)
        units = []
        for value, low, high in zip(values, lows, highs, strict=True):
            # strictly below the signpost, so that ties are settled in giving
            start = max(math.ceil(value * by - self.signpost), 0)
            most = start if high is None else min(start, high)
            if high is not None and high < low:
                raise RoundingImpossible(
                    f"a low of {low} units is above its high of {high}", low - high
                )
            units.append(max(most, low))
        missing = total_units - sum(units)
        give = missing >= 0
        queue: list[tuple[Fraction, int, int]] = []
        for i in range(n_regions):
            _push(queue, i, values[i], units[i], (lows[i], highs[i]), rank[i], self.signpost, give)
        heapq.heapify(queue)
        for done in range(abs(missing)):
            if not queue:
                side = "highs" if give else "lows"
                left = (done - abs(missing)) * (1 if give else -1)
                raise RoundingImpossible(f"the {side} miss the total of {total_units}", left)
            _, _, i = heapq.heappop(queue)
            units[i] += 1 if give else -1
            _push(queue, i, values[i], units[i], (lows[i], highs[i]), rank[i], self.signpost, give)
        return units


sainte_lague = Divisor(Fraction(1, 2))
"""Webster's method: quotients rounded to the nearest unit."""
dhondt = Divisor(Fraction(1))
"""Jefferson's method: quotients rounded down."""


def _push(
    queue: list[tuple[Fraction, int, int]],
    i: int,
    value: Fraction,
    units: int,
    limits: tuple[int, int | None],
    rank: int,
    signpost: Fraction,
    give: bool,
) -> None:
    """A region in line: the largest worth of one more first, or the smallest worth of its last."""
    low, high = limits
    if give and value > 0 and (high is None or units < high):
        heapq.heappush(queue, (-value / (units + signpost), rank, i))
    elif not give and units > low:
        heapq.heappush(queue, (value / (units - 1 + signpost), -rank, i))
