"""Water-filling in exact arithmetic: shares in proportion to weights, between a low and a high.

This is the whole allocation of one pool when its rules are only floors and caps, and needs no
solver: amounts_i = clip(level x weight_i, low_i, high_i), the level such that they add up to the
total. O(n log n). It is also the unique minimum of sum (x_i - w_i)^2 / w_i under the same limits,
which is what the equal-treatment projection computes in general.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from reliefperf.allocation.program import Floats, Ints
from reliefperf.allocation.ratios import Exact, Partial, Ratios


@dataclass(frozen=True)
class Filled:
    """The amounts, the level they stand at, and what is left of the total.

    `left` is 0 when the total is met; above 0 it is money nobody may take (everybody with a weight
    is at the cap); below 0 the lows alone need that much more than the total.
    """

    amounts: Ratios
    level: Fraction
    left: Fraction


def waterfill(
    weights: Sequence[Exact],
    low: Sequence[Exact],
    high: Sequence[Exact | None],
    total: Exact,
) -> Filled:
    """Share `total` in proportion to `weights`, each amount between its `low` and `high`.

    All sequences have one value a region, exact (int, Fraction or Decimal; a binary float is a
    TypeError). A `high` of None is no cap. A region of weight 0 gets its low.
    Raises ValueError for a negative weight, a low above its high, or unequal lengths.

    >>> [str(amount) for amount in waterfill([1, 1, 2], [0, 5, 0], [None] * 3, 11).amounts]
    ['2', '5', '4']
    """
    if not len(weights) == len(low) == len(high):
        raise ValueError("weights, low and high must have one value a region")
    scaled_weights, weight_scale = Ratios.of(weights).scaled()
    common = math.gcd(*scaled_weights) or 1
    scaled_weights = [weight // common for weight in scaled_weights]
    caps = Partial.of(high)
    money, money_scale = _together(Ratios.of(low), caps, Ratios.of([total]))
    n_regions = len(weights)
    lows, highs, target = money[:n_regions], money[n_regions:-1], money[-1]
    # No cap is the same as a cap that nobody can reach without the total being overspent.
    spare = max(target - sum(lows), 0)
    highs = [
        high_i if bottom else low_i + spare + 1
        for high_i, low_i, bottom in zip(highs, lows, caps.bottoms, strict=True)
    ]
    _check(scaled_weights, lows, highs)
    # Weight 0 is pinned at its low: the level cannot move it.
    highs = [
        high_i if weight else low_i
        for weight, low_i, high_i in zip(scaled_weights, lows, highs, strict=True)
    ]
    slopes = _Slopes(scaled_weights, lows, highs)
    level = slopes.level(target)
    amounts = slopes.amounts(level)
    bottom = money_scale * level.denominator
    left = Fraction(target * level.denominator - sum(amounts), bottom)
    return Filled(Ratios.over(amounts, bottom), level * weight_scale / common / money_scale, left)


def carried(
    base: Sequence[Exact],
    bear: Sequence[Exact],
    low: Sequence[Exact | None],
    high: Sequence[Exact | None],
    total: Exact,
) -> Filled:
    """Amounts clip(base + level x bear, low, high), the level such that they add up to `total`.

    The unique minimum of sum (x_i - base_i)^2 / bear_i under the same limits. Everything may be
    below zero but `bear`; a `low` of None is none. A region that bears nothing stays at its base,
    or at the limit next to it. Raises as `waterfill` does. O(n log n).

    >>> [str(amount) for amount in carried([100, 200, 300], [1, 1, 1], [0] * 3, [None] * 3, 200).amounts]
    ['0', '50', '150']
    """
    if not len(base) == len(bear) == len(low) == len(high):
        raise ValueError("base, bear, low and high must have one value a region")
    start, parts = Ratios.of(base), Ratios.of(bear)
    least, most = Partial.of(low), Partial.of(high)
    money, scale = _in_one(start, least, most, Ratios.of([total]))
    n_regions = len(parts)
    bases, lows, highs = (money[k * n_regions : (k + 1) * n_regions] for k in range(3))
    target = money[-1]
    weights, weight_scale = parts.scaled()
    down, up = _moves(
        list(zip(bases, weights, strict=True)), (lows, least.bottoms), (highs, most.bottoms), target
    )
    found = waterfill(Ratios.over(weights, 1), Ratios.over(down, 1), up, target - sum(bases))
    tops, bottom = found.amounts.scaled()
    return Filled(
        Ratios.over([top + b * bottom for top, b in zip(tops, bases, strict=True)], bottom * scale),
        found.level * weight_scale / scale,
        found.left / scale,
    )


def _moves(
    rows: list[tuple[int, int]],
    low: tuple[list[int], list[int]],
    high: tuple[list[int], list[int]],
    target: int,
) -> tuple[list[int], Partial]:
    """How far each may go down and up from its base, from (base, bear) and limits with their marks.

    A limit whose mark is 0 is none.
    """
    down, up, capped = [], [], []
    without_low, over = 0, -target
    limits = zip(*low, *high, strict=True)
    for (base, bear), (least, is_floor, most, is_cap) in zip(rows, limits, strict=True):
        held = min(base, most) if is_cap else base
        held = max(held, least) if is_floor else held
        if not bear:
            down.append(held - base)
            up.append(held - base)
            capped.append(1)
            over += held
            continue
        without_low += 0 if is_floor else bear
        over += held if is_floor else base
        down.append(least - base if is_floor else 0)
        up.append(most - base if is_cap else 0)
        capped.append(1 if is_cap else 0)
    if without_low:
        # Nobody without a low falls further than to the level at which the total is not met: where
        # the others have what is nearest to their base, and these their base less their part.
        over = max(over, 0)
        for i, ((_, bear), is_floor) in enumerate(zip(rows, low[1], strict=True)):
            if bear and not is_floor:
                fall = -(bear * over // without_low) - 1
                down[i] = min(fall, up[i]) if capped[i] else fall
    return down, Partial(up, capped)


class _Slopes:
    """The total as a function of the level: rising, straight between break points, all integers."""

    def __init__(self, weights: list[int], lows: list[int], highs: list[int]) -> None:
        self._rows = list(zip(weights, lows, highs, strict=True))
        self._moving = [row for row in self._rows if row[0] and row[1] < row[2]]
        self._fixed = sum(low for weight, low, high in self._rows if not (weight and low < high))

    def amounts(self, level: Fraction) -> list[int]:
        """The amounts at `level`, times the level's denominator."""
        top, bottom = level.numerator, level.denominator
        found = []
        for weight, low, high in self._rows:
            share = top * weight
            if share < low * bottom or not weight:
                share = low * bottom
            elif share > high * bottom:
                share = high * bottom
            found.append(share)
        return found

    def level(self, target: int) -> Fraction:
        """The level at which the amounts add up to `target`, else the nearest end of the range."""
        if not self._moving:
            return Fraction(0)
        first = min(Fraction(low, weight) for weight, low, _ in self._ends(0))
        last = max(Fraction(high, weight) for weight, _, high in self._ends(1))
        floor_total, cap_total = self._total(first)[0], self._total(last)[0]
        if target <= floor_total:
            return first
        if target >= cap_total:
            return last
        return self._search(target, first, last)

    def _search(self, target: int, below: Fraction, above: Fraction) -> Fraction:
        """Exact search between two levels, started where floats say the answer is.

        Floats only choose which level to try next; a level is accepted if it adds up exactly.
        """
        order, guess = self._float_breaks(target)
        candidate = guess
        breaks: list[tuple[int, int]] | None = None
        while True:
            if not below < candidate < above:
                if breaks is None:
                    breaks = self._breaks(order)
                candidate = self._bisect(breaks, below, above, target)
            total, slope_left, slope_right = self._total(candidate)
            if total == target:
                return candidate
            if total < target:
                below, slope = candidate, slope_right
            else:
                above, slope = candidate, slope_left
            candidate = candidate + (target - total) / slope if slope else above

    def _bisect(
        self, breaks: list[tuple[int, int]], below: Fraction, above: Fraction, target: int
    ) -> Fraction:
        """The middle break point strictly between two levels, or the straight line's crossing."""
        inside = [
            (top, bottom)
            for top, bottom in breaks
            if below.numerator * bottom < top * below.denominator
            and top * above.denominator < above.numerator * bottom
        ]
        breaks[:] = inside
        if inside:
            return Fraction(*inside[len(inside) // 2])
        start, end = self._total(below)[0], self._total(above)[0]
        return below + (above - below) * (target - start) / (end - start)

    def _total(self, level: Fraction) -> tuple[Fraction, int, int]:
        """The sum of the amounts at `level`, and its slope to the left and to the right."""
        top, bottom = level.numerator, level.denominator
        at_limit = self._fixed
        sloping = left = right = 0
        for weight, low, high in self._moving:
            share = top * weight
            if share < (floor := low * bottom):
                at_limit += low
            elif share > (cap := high * bottom):
                at_limit += high
            else:
                sloping += weight
                if share > floor:
                    left += weight
                if share < cap:
                    right += weight
        return at_limit + level * sloping, left, right

    def _breaks(self, order: Ints) -> list[tuple[int, int]]:
        """All break points as (top, bottom), in this order."""
        exact = [(low, w) for w, low, _ in self._moving]
        exact += [(high, w) for w, _, high in self._moving]
        return [exact[i] for i in order.tolist()]

    def _float_breaks(self, target: int) -> tuple[Ints, Fraction]:
        """The order of the break points, lows before highs, and the exact level of the segment.

        The segment is the one floats find; its level is exact if floats named the right regions.
        """
        weights, lows, highs = (_floats([row[k] for row in self._moving]) for k in range(3))
        # Integers beyond a float's range sort as infinite; the exact search then does all the work.
        with np.errstate(all="ignore"):
            starts, ends = lows / weights, highs / weights
            points = np.concatenate([starts, ends])
            order = np.argsort(points, kind="stable")
            slope = np.cumsum(np.concatenate([weights, -weights])[order])
            steps = np.diff(points[order], prepend=points[order][:1])
            totals = (
                lows.sum() + self._fixed + np.cumsum(np.concatenate([[0.0], slope[:-1]]) * steps)
            )
            k = int(np.searchsorted(totals, float(target))) if np.isfinite(totals).all() else 0
            edge = points[order][max(k - 1, 0)] if k else -math.inf
            next_edge = points[order][min(k, points.size - 1)]
            middle = (edge + next_edge) / 2
        fixed, sloping = self._fixed, 0
        for (weight, low, high), start, end in zip(
            self._moving, starts.tolist(), ends.tolist(), strict=True
        ):
            if middle <= start:
                fixed += low
            elif middle >= end:
                fixed += high
            else:
                sloping += weight
        if sloping:
            return order, Fraction(target - fixed, sloping)
        side, place = divmod(int(order[0]), len(self._moving))
        weight, low, high = self._moving[place]
        return order, Fraction(high if side else low, weight)

    def _ends(self, side: int) -> list[tuple[int, int, int]]:
        """The few regions whose first (0) or last (1) break point may be the outermost."""
        values = [row[1 + side] for row in self._moving]
        with np.errstate(all="ignore"):
            points = _floats(values) / _floats([row[0] for row in self._moving])
        if not np.isfinite(points).all():
            return self._moving
        edge = points.min() if side == 0 else points.max()
        close = np.abs(points - edge) <= 1e-9 * max(1.0, abs(float(edge)))
        return [self._moving[i] for i in np.flatnonzero(close).tolist()]


def _floats(values: list[int]) -> Floats:
    try:
        return np.array(values, dtype=np.float64)
    except OverflowError:
        return np.array([math.inf if abs(v) >> 1000 else float(v) for v in values])


def _together(low: Ratios, high: Partial, total: Ratios) -> tuple[list[int], int]:
    """Lows, highs and the total, one after the other, over one denominator; no high counts as 0."""
    bottoms = [*low.bottoms, *[bottom or 1 for bottom in high.bottoms], *total.bottoms]
    return Ratios([*low.tops, *high.tops, *total.tops], bottoms).scaled()


def _in_one(base: Ratios, low: Partial, high: Partial, total: Ratios) -> tuple[list[int], int]:
    """Bases, lows, highs and the total over one denominator; a missing limit counts as 0."""
    ends = [bottom or 1 for bottom in (*low.bottoms, *high.bottoms)]
    tops = [*base.tops, *low.tops, *high.tops, *total.tops]
    return Ratios(tops, [*base.bottoms, *ends, *total.bottoms]).scaled()


def _check(weights: list[int], lows: list[int], highs: list[int]) -> None:
    for i, (weight, low, high) in enumerate(zip(weights, lows, highs, strict=True)):
        if weight < 0:
            raise ValueError(f"the weight of region {i} is negative")
        if low > high:
            raise ValueError(f"the low of region {i} is above its high")
