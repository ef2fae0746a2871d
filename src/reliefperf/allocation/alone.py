"""A shared pool settled again for every region at once, each time with only that region changed.

With F(level) the sum of all amounts clip(level x weight, low, high), the total with region i changed
is F less its old amount plus its new one, still rising and straight between break points. So the
level of each of n variants is found by bisection over the break points of F, all variants side by
side, in O(n log n). Floats: for tables before rounding, not for what is paid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Shares:
    """Weights and limits of the regions that share a total; arrays (n,), `high` infinite if open."""

    weights: Floats
    low: Floats
    high: Floats

    def amounts(self, level: Floats) -> Floats:
        """The amounts (n,), each at its own level (n,)."""
        with np.errstate(invalid="ignore"):
            return np.clip(level * self.weights, self.low, self.high)


def changed_alone(before: Shares, after: Shares, total: float, *, keeps: bool) -> Floats:
    """The amount (n,) of each region if it alone is as in `after`, the others as in `before`.

    `keeps`: nobody gets more than the entitlement where limits leave money over.
    """
    amount = _filled(before, after, total)
    if not keeps:
        return amount
    # every region at its entitlement, if all of them do not ask for more than there is
    whole = before.weights.sum() - before.weights + after.weights
    with np.errstate(divide="ignore", invalid="ignore"):
        level = np.where(whole > 0, total / whole, 0.0)
    asked = _total(_Curve(before), before, after, level)
    return np.where(asked <= total, after.amounts(level), amount)


def _filled(before: Shares, after: Shares, total: float) -> Floats:
    curve = _Curve(before)
    points = curve.points
    n_points = points.size
    # the last break point at which the variant's total is not above `total`
    shape = after.weights.shape
    first, last = np.zeros(shape, dtype=np.int64), np.full(shape, n_points)
    while (first < last).any():
        middle = (first + last) // 2
        level = points[np.minimum(middle, n_points - 1)]
        below = (_total(curve, before, after, level) <= total) & (middle < n_points)
        first, last = np.where(below, middle + 1, first), np.where(below, last, middle)
    start = np.where(first > 0, points[np.maximum(first - 1, 0)], 0.0)
    end = np.where(first < n_points, points[np.minimum(first, n_points - 1)], np.inf)
    # within that piece only the changed region's own break points are left
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.stack([after.low / after.weights, after.high / after.weights])
    own = np.where(np.isnan(own), np.inf, own)
    for point in np.sort(own, axis=0):
        inside = (point > start) & (point < end)
        level = np.where(inside, point, start)
        reached = _total(curve, before, after, level) <= total
        start = np.where(inside & reached, point, start)
        end = np.where(inside & ~reached, point, end)
    at_start = _total(curve, before, after, start)
    probe = np.where(np.isfinite(end), end, start * 2 + 1)
    slope = (_total(curve, before, after, probe) - at_start) / np.maximum(probe - start, 1e-300)
    with np.errstate(divide="ignore", invalid="ignore"):
        level = np.where(slope > 0, start + (total - at_start) / slope, start)
    level = np.minimum(level, end)
    return after.amounts(level)


class _Curve:
    """F(level), its break points in order and its value and slope at each."""

    def __init__(self, shares: Shares) -> None:
        weights, low, high = shares.weights, shares.low, shares.high
        moving = (weights > 0) & (low < high)
        starts = low[moving] / weights[moving]
        ends = high[moving] / weights[moving]
        finite = np.isfinite(ends)
        points = np.concatenate([starts, ends[finite]])
        slopes = np.concatenate([weights[moving], -weights[moving][finite]])
        order = np.argsort(points, kind="stable")
        self.points = points[order] if points.size else np.zeros(1)
        self.slopes = np.cumsum(slopes[order]) if points.size else np.zeros(1)
        base = float(low.sum())
        steps = np.diff(self.points, prepend=self.points[:1])
        before = np.concatenate([[0.0], self.slopes[:-1]])
        self.values = base + np.cumsum(before * steps)
        self.base = base

    def at(self, level: Floats) -> Floats:
        """F at each level."""
        place = np.searchsorted(self.points, level, side="right") - 1
        inside = np.maximum(place, 0)
        value = self.values[inside] + self.slopes[inside] * (level - self.points[inside])
        return np.where(place < 0, self.base, value)


def _total(curve: _Curve, before: Shares, after: Shares, level: Floats) -> Floats:
    """The sum of all amounts at each variant's level; a weight of zero stays at its low."""
    return curve.at(level) - before.amounts(level) + after.amounts(level)
