"""Data envelopment: how near each region stands to the frontier that the best of them span."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from reliefperf.evaluation.multipliers import GAP, TAKEN, Array, MultiplierSolver, Optimum, Programs
from reliefperf.evaluation.nearest import MISSED, dimensions, nearest_point

Orientation = Literal["input", "output"]
Returns = Literal["constant", "variable"]
SharesOf = Literal["region", "mean", "all", "weights"]
TIE = 1e-12
"""Weights whose score is lower by no more than this are as good."""
PRICE = 1e-9
"""A price or reduced cost above this binds on every optimal point."""


def efficiency(
    inputs: Array,
    outputs: Array,
    orientation: Orientation = "input",
    returns: Returns = "constant",
) -> Array:
    """The efficiency of each region, shape (n_regions,), each proved to within 1e-9.

    `inputs` (n_regions, n_inputs) and `outputs` (n_regions, n_outputs) are not negative; each
    region has an input and an output above zero. Oriented at inputs: the part of its inputs, at
    most 1, with which the best would give its outputs. Oriented at outputs: how many times its
    outputs, at least 1, the best would give with its inputs. `returns` says whether the frontier
    may be scaled (constant) or not (variable). Raises ValueError for other data, SolverError where
    the solver fails.

    Source: Charnes, Cooper and Rhodes (1978), EJOR 2, 429-444 (constant returns); Banker, Charnes
    and Cooper (1984), Management Science 30, 1078-1092 (variable returns).

    >>> efficiency(np.array([[1.0], [2.0]]), np.array([[1.0], [1.0]])).tolist()
    [1.0, 0.5]
    """
    for what, table in (("input", inputs), ("output", outputs)):
        if table.ndim != 2 or len(table) != len(inputs) or not table.size:
            raise ValueError(f"{what}s must be a table with one row a region")
        if not np.isfinite(table).all() or (table < 0).any():
            raise ValueError(f"an {what} is missing, infinite or negative")
        if (table.max(axis=1) == 0).any():
            raise ValueError(f"a region has no {what} above zero")
    units, place = np.unique(
        np.hstack([_scaled(inputs), _scaled(outputs)]), axis=0, return_inverse=True
    )
    solved = _efficiencies(units, inputs.shape[1], orientation, returns)
    return np.asarray(solved[place.ravel()])


def _scaled(table: Array) -> Array:
    """The columns with a greatest value of 1: efficiency does not depend on units."""
    peak = table.max(axis=0)
    return np.asarray(table / np.where(peak > 0, peak, 1.0))


def _efficiencies(units: Array, n_inputs: int, orientation: Orientation, returns: Returns) -> Array:
    """Multiplier programs: columns are the weights of inputs, of outputs, and the free term."""
    n_units, n_columns = units.shape
    spent, made = units.copy(), units.copy()
    spent[:, n_inputs:], made[:, :n_inputs] = 0.0, 0.0
    term = np.zeros((n_units, 0 if returns == "constant" else 1))
    peers = np.hstack([made - spent, term + 1])
    by_input = orientation == "input"
    # the region's own row among the peers, and what it holds at one
    held, aimed = (spent, made) if by_input else (made, -spent)
    norm = np.hstack([held, term])
    free = np.arange(n_columns + term.shape[1]) >= n_columns
    solver = MultiplierSolver(
        Programs(
            peers,
            np.zeros(n_units),
            np.hstack([aimed, term + 1]),
            np.stack([norm, peers], axis=1),
            np.array([1.0, 0.0]),
            np.array([True, False]),
            free,
        )
    )
    values = np.array([solver.solve(unit).value for unit in range(n_units)])
    return values if by_input else -values


@dataclass(frozen=True)
class BestWeights:
    """Each region's own best weights (n_indicators, n_regions), and what they give.

    `scores` (n_regions,) lie in [0, 1]; `gaps` (n_regions,) are the distances to the bound that the
    dual proves; `single` is True where no other weights give the score.
    """

    weights: Array
    scores: Array
    gaps: Array
    single: NDArray[np.bool_]


def best_weights(
    parts: Array, least: Array, most: Array, shares_of: SharesOf = "region"
) -> BestWeights:
    """The benefit of the doubt: weights under which each region looks best beside all others.

    `parts` (n_indicators, n_regions) are finite and not negative. Region c gets the weights
    w >= 0 with the greatest sum of w * parts[:, c] such that no region's sum is above 1. What an
    indicator contributes, as a share of the sum, lies between `least` and `most` (n_indicators,):
    in the region itself, in the mean of all regions, or in all regions; `weights` bounds the weights
    themselves as shares of their sum, as if every part were 1. Where that is impossible,
    or the region has nothing, weights and score are zero.

    Among weights with the same greatest score those count whose shares (in the region, the mean or
    the weights, as bounded; in the mean for `all`) are nearest to equal; an indicator of which the region has nothing gets no weight then.
    Regions are taken in the order of their numbers, so that neither their order in the table nor
    a twin changes anything. Raises SolverError where the solver fails.

    Source: Melyn and Moesen (1991), Public Economics Research Paper 17, KU Leuven; Cherchye, Moesen,
    Rogge and Van Puyenbroeck (2007), Social Indicators Research 82, 111-145; OECD/JRC Handbook on
    Constructing Composite Indicators (2008), step 6.

    >>> found = best_weights(np.array([[4.0, 2.0], [1.0, 1.0]]), np.zeros(2), np.array([0.5, 0.5]))
    >>> found.scores.round(3).tolist()
    [1.0, 0.667]
    """
    peak = parts.max(axis=1)
    scale = np.where(peak > 0, peak, 1.0)
    order = np.lexsort(parts[::-1])
    base = (1.0 if shares_of == "weights" else parts[:, order].mean(axis=1)) / scale
    units, place = np.unique((parts / scale[:, None]).T, axis=0, return_inverse=True)
    solved = _Best(units, base, least, most, shares_of)
    found = [solved.of(unit) for unit in range(len(units))]
    place = place.ravel()
    weights = np.array([one[0] for one in found])[place].T / scale[:, None]
    scores, gaps, single = (np.array([one[k] for one in found])[place] for k in (1, 2, 3))
    return BestWeights(weights, scores, gaps, single.astype(bool))


class _Best:
    """The programs of all regions; `units` (n_units, n_indicators) have a greatest value of 1."""

    def __init__(
        self, units: Array, base: Array, least: Array, most: Array, shares_of: SharesOf
    ) -> None:
        self.units, self.least, self.most = units, least, most
        self.by_region = shares_of == "region"
        self.base = base
        n_units, n_indicators = units.shape
        self.peaks = units.max(axis=1)
        shapes = units / np.where(self.peaks > 0, self.peaks, 1.0)[:, None]
        self.capped, self.floored = np.flatnonzero(most < 1), np.flatnonzero(least > 0)
        bounded = self.capped.size + self.floored.size > 0
        common = {
            "region": np.zeros((0, n_indicators)),
            "mean": self._share_rows(base[None])[0],
            "weights": self._share_rows(base[None])[0],
            "all": self._share_rows(shapes[self.peaks > 0]).reshape(-1, n_indicators),
        }[shares_of]
        self.peers = np.vstack([units, common])
        self.limits = np.repeat([1.0, 0.0], [n_units, len(common)])
        if self.by_region and bounded:
            # the region's own sum is a column, so that few numbers differ between regions
            extra = -np.ones((n_units, 1, 1))
            total = np.concatenate([shapes[:, None, :], extra], axis=2)
            own = np.concatenate([total, self._own_rows(shapes)], axis=1)
            objectives = np.zeros((n_units, n_indicators + 1))
            objectives[:, -1] = 1.0
        else:
            own = np.zeros((n_units, 0, n_indicators))
            objectives = shapes
        n_own, n_columns = own.shape[1:]
        wide = np.hstack([self.peers, np.zeros((len(self.peers), n_columns - n_indicators))])
        self.solver = MultiplierSolver(
            Programs(
                wide,
                self.limits,
                objectives,
                own,
                np.zeros(n_own),
                np.arange(n_own) == 0,
                np.zeros(n_columns, dtype=bool),
            )
        )

    def _share_rows(self, sums: Array) -> Array:
        """Rows <= 0 that hold the shares of each of `sums` (m, n), shape (m, n_bounds, n)."""
        capped, floored = self.capped, self.floored
        above = -self.most[capped][None, :, None] * sums[:, None, :]
        above[:, np.arange(capped.size), capped] += sums[:, capped]
        below = self.least[floored][None, :, None] * sums[:, None, :]
        below[:, np.arange(floored.size), floored] -= sums[:, floored]
        return np.concatenate([above, below], axis=1)

    def _own_rows(self, shapes: Array) -> Array:
        """The same rows with the sum as the last column."""
        n_units, n_indicators = shapes.shape
        capped, floored = self.capped, self.floored
        rows = np.zeros((n_units, capped.size + floored.size, n_indicators + 1))
        rows[:, np.arange(capped.size), capped] = shapes[:, capped]
        rows[:, : capped.size, -1] = -self.most[capped]
        rows[:, capped.size + np.arange(floored.size), floored] = -shapes[:, floored]
        rows[:, capped.size :, -1] = self.least[floored]
        return rows

    def of(self, unit: int) -> tuple[Array, float, float, bool]:
        """Weights (n_indicators,), score, gap, and whether there are no other such weights."""
        own, n_indicators = self.units[unit], self.units.shape[1]
        if not self.peaks[unit] > 0:
            return np.zeros(n_indicators), 0.0, 0.0, True
        optimum = self.solver.solve(unit)
        gap = optimum.gap * float(self.peaks[unit])
        at_vertex = self._fitted(np.maximum(optimum.point[:n_indicators], 0.0))
        score = float(own @ at_vertex)
        if score <= GAP:
            return np.zeros(n_indicators), 0.0, gap, True
        chosen, single = self._nearest_equal(unit, score, optimum)
        if chosen is not None:
            fitted = self._fitted(chosen)
            if own @ fitted >= score - TIE:
                return fitted, float(own @ fitted), gap, single
        return at_vertex, score, gap, single

    def _fitted(self, weights: Array) -> Array:
        """The weights so large that the best region's sum is 1."""
        greatest = float((self.units @ weights).max())
        return weights / greatest if greatest > 0 else weights

    def _nearest_equal(
        self, unit: int, score: float, optimum: Optimum
    ) -> tuple[Array | None, bool]:
        """Optimal weights with shares nearest to equal (None: keep the vertex), and if they are single."""
        own = self.units[unit]
        base = own if self.by_region else self.base
        used = np.flatnonzero(base > 0)
        unit_rows = np.eye(used.size)
        binding = optimum.binding[optimum.prices > PRICE]
        equal = [np.ones((1, used.size)), self._rows_on_shares(binding, score, own, base, used)]
        equal_to = [1.0, *np.zeros(binding.size)]
        nothing = np.flatnonzero(optimum.reduced[used] > PRICE)
        equal.append(unit_rows[nothing])
        equal_to += [0.0] * nothing.size
        low, high = np.zeros(used.size), np.ones(used.size)
        if self.by_region:
            low, high = self.least[used], self.most[used]
            bound = [*self.capped, *self.floored]
            sides = [*self.most[self.capped], *self.least[self.floored]]
            places = np.searchsorted(used, bound)
            for price, place, side in zip(optimum.own_prices[1:], places, sides, strict=True):
                if abs(price) > PRICE:
                    equal.append(unit_rows[[place]])
                    equal_to.append(side)
        fixed, fixed_to = np.vstack(equal), np.array(equal_to)
        if not dimensions(fixed):
            return None, True
        wanted = np.full(used.size, 1 / used.size)
        box = np.vstack([-unit_rows, unit_rows])
        sides_of_box = np.concatenate([-low, high])
        taken = np.zeros(0, dtype=np.intp)
        weights = np.zeros(own.size)
        while True:
            shares = nearest_point(
                wanted,
                fixed,
                fixed_to,
                np.vstack([box, self._rows_on_shares(taken, score, own, base, used)]),
                np.concatenate([sides_of_box, np.zeros(taken.size)]),
            )
            if shares is None:
                return None, False
            weights[used] = np.maximum(shares, 0.0) / base[used]
            excess = self.peers @ weights - self.limits * (own @ weights) / score
            excess /= np.abs(weights).max()
            excess[taken] = 0.0
            worst = np.argpartition(-excess, min(TAKEN, excess.size) - 1)[:TAKEN]
            broken = worst[excess[worst] > MISSED]
            if not broken.size:
                return weights, False
            taken = np.union1d(taken, broken)

    def _rows_on_shares(
        self, peers: NDArray[np.intp], score: float, own: Array, base: Array, used: NDArray[np.intp]
    ) -> Array:
        """Rows <= 0 on shares of `base` that say that peers keep their limits at that score."""
        rows = np.where(
            (self.limits[peers] > 0)[:, None], score * self.peers[peers] - own, self.peers[peers]
        )
        rows = rows[:, used] / base[used]
        return np.asarray(rows / np.maximum(np.abs(rows).max(axis=1, initial=0.0), 1.0)[:, None])
