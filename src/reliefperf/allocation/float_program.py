"""An exact program in floats: fast bounds, to find good multipliers with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reliefperf.allocation.entries import Entries
from reliefperf.allocation.program import Floats

if TYPE_CHECKING:
    from reliefperf.allocation.exact_program import ExactProgram


class FloatProgram:
    """The rows, bounds and objectives of an exact program in floats, and the same bound."""

    def __init__(self, program: ExactProgram, money: int) -> None:
        """`money` is the part of its unit that the exact program counts money in."""
        sizes = np.array([len(row.columns) for row in program.rows], dtype=np.int64)
        self.entries = Entries(
            np.repeat(np.arange(sizes.size), sizes),
            np.array([j for row in program.rows for j in row.columns], dtype=np.int64),
            np.array([c / program.common for row in program.rows for c in row.coefficients]),
            sizes.size,
            program.n,
        )
        self.low = np.array([-np.inf if r.low is None else r.low / money for r in program.rows])
        self.high = np.array([np.inf if r.high is None else r.high / money for r in program.rows])
        self.soft = np.array([r.soft or 0 for r in program.rows], dtype=np.int64)
        self.lower = np.array([v / money for v in program.lower])
        self.upper = np.array([v / money for v in program.upper])
        self.objectives = program.objectives
        self.targets = {
            k: np.array([t / money for t in o.targets])
            for k, o in enumerate(program.objectives)
            if o.targets is not None
        }
        self.costs = {
            k: np.array([c / o.scale for c in o.costs])
            for k, o in enumerate(program.objectives)
            if o.costs is not None
        }
        self._open_below, self._open_above = np.isneginf(self.low), np.isposinf(self.high)
        self._known_corners: dict[tuple[int, ...], tuple[Floats, dict[int, Floats]]] = {}

    def bound(self, multipliers: Floats, weights: Floats) -> tuple[float, Floats]:
        """The bound in money and the shares (n,) of the columns of a coverage."""
        y = multipliers.copy()
        for k, objective in enumerate(self.objectives):
            if objective.priority is not None:
                mine = self.soft == objective.priority
                y[mine] = np.clip(y[mine], -weights[k], weights[k])
        y[((y > 0) & self._open_below) | ((y < 0) & self._open_above)] = 0.0
        up, down = y > 0, y < 0
        total = float(y[up] @ self.low[up] + y[down] @ self.high[down])
        slopes = -self.entries.across(y)
        for k, costs in self.costs.items():
            slopes = slopes + weights[k] * costs
        places, gaps = self._corners(tuple(k for k in self.targets if weights[k]))
        heights = slopes * places
        for k, gap in gaps.items():
            heights = heights + weights[k] * gap
        shares = np.zeros(self.lower.size)
        for k, objective in enumerate(self.objectives):
            if objective.needs is not None and weights[k]:
                needs = np.array([float(need) for need in objective.needs])
                used = np.array(objective.columns)
                size = float(weights[k]) * float(needs.sum())
                shares[used] = _shares(places[:, used], heights[:, used], needs, size)
                heights = heights - shares * places
        return total + float(heights.min(axis=0).sum()), shares

    def _corners(self, used: tuple[int, ...]) -> tuple[Floats, dict[int, Floats]]:
        """Where the columns' functions bend (m, n), ascending, if these distances count in them.

        With how far from its targets, by its place among the objectives, each corner is.
        """
        if used not in self._known_corners:
            points = [self.lower, self.upper]
            wide = {}
            for k in used:
                wide[k] = np.full(self.lower.size, np.nan)
                wide[k][self.objectives[k].columns] = self.targets[k]
                inside = np.clip(wide[k], self.lower, self.upper)
                points.append(np.where(np.isnan(wide[k]), self.lower, inside))
            places = np.sort(np.stack(points), axis=0)
            gaps = {k: np.nan_to_num(np.abs(places - of_tier)) for k, of_tier in wide.items()}
            self._known_corners[used] = places, gaps
        return self._known_corners[used]


def _shares(places: Floats, heights: Floats, needs: Floats, size: float) -> Floats:
    """Shares (k,) >= 0 with sum of needs x shares = size that make the bound greatest.

    `places`, `heights` (m, k): the corners of each column's convex function. What a share costs
    goes up as it moves the column's least point from corner to corner, so the cheapest come first.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.diff(heights, axis=0) / np.diff(places, axis=0)
    slope = np.maximum(np.where(np.isfinite(slope), slope, 0.0), 0.0)
    slope = np.maximum.accumulate(slope, axis=0)
    ends = np.vstack([slope, np.full((1, needs.size), np.inf)])
    starts = np.vstack([np.zeros((1, needs.size)), slope])
    with np.errstate(invalid="ignore"):
        room = (ends - starts) * needs
    order = np.argsort((places / needs).ravel(), kind="stable")
    room_in_order = np.minimum(room.ravel()[order], size)
    before = np.concatenate([[0.0], np.cumsum(room_in_order)[:-1]])
    given = np.clip(size - before, 0.0, room_in_order)
    flat = np.zeros(room.size)
    flat[order] = given
    return np.asarray(flat.reshape(room.shape).sum(axis=0) / needs * (1 - 1e-13))
