"""Many small linear programs over the same rows: the best multipliers of each region.

Region c maximises `objectives[c] @ z` over multipliers z that no peer may take too far,
`peers @ z <= limits`, and that keep the rows of its own. The program is held in its dual form, with
a row for each multiplier and a column for each peer: the next region has another right-hand side,
so that the last basis stays dual feasible and few steps lead to the new optimum. Only the few peers
on the frontier ever bind; a peer becomes a column when a solution breaks its row. Each answer is
checked on all rows and against the bound that its prices give; a status is not taken for proof.

Source: Charnes, Cooper and Rhodes (1978), "Measuring the efficiency of decision making units",
EJOR 2 (both forms of the program); Gilmore and Gomory (1961), Operations Research 9 (columns that
join when they are needed).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reliefperf.errors import Mistake, SolverError

Array = NDArray[np.float64]
GAP = 1e-9
"""The largest distance between an optimum and its proof that is accepted; values are about 1."""
BROKEN = 1e-10
"""A row exceeded by more than this is taken into the program."""
TAKEN = 3
"""How many broken rows are taken in at once: the worst is seldom the only one that will bind."""
OPTIONS: dict[str, Any] = {
    "output_flag": False,
    "threads": 1,
    "random_seed": 0,
    "presolve": "off",
    "solver": "simplex",
    "primal_feasibility_tolerance": 1e-10,
    "dual_feasibility_tolerance": 1e-10,
}


@dataclass(frozen=True)
class Programs:
    """One linear program a region, with common rows.

    `peers` (n_rows, n_columns) and `limits` (n_rows,) are common; `objectives` has shape
    (n_regions, n_columns). Each row of `own` (n_regions, n_own, n_columns) is at most its limit in
    `own_limits` (n_own,), or equal to it where `own_equal` (n_own,) says so. Columns are not below
    zero unless `free` (n_columns,) says so. Numbers are about 1: scale before. Each program has an
    optimum, and one too with only those peers that have the greatest number of a column.
    """

    peers: Array
    limits: Array
    objectives: Array
    own: Array
    own_limits: Array
    own_equal: NDArray[np.bool_]
    free: NDArray[np.bool_]


@dataclass(frozen=True)
class Optimum:
    """One region's answer: multipliers (n_columns,), value, how far its proof is from it.

    `binding` are the places in `peers` whose price is not zero, `prices` theirs, `own_prices`
    (n_own,) those of the own rows, and `reduced` (n_columns,) what a multiplier at zero would cost:
    the proof that no multipliers give more than `value + gap`.
    """

    point: Array
    value: float
    gap: float
    reduced: Array
    binding: NDArray[np.intp]
    prices: Array
    own_prices: Array


class MultiplierSolver:
    """A live HiGHS program that answers for one region after the other.

    The answers' values do not depend on the order; which of several equal optima is found does,
    so ask in an order that follows from the data.
    """

    def __init__(self, programs: Programs) -> None:
        import highspy

        self._programs = programs
        n_own, n_columns = programs.own.shape[1:]
        self._inf = float(highspy.kHighsInf)
        self._rows = np.arange(n_columns, dtype=np.int32)
        highs: Any = highspy  # its stubs leave Highs() untyped
        self._highs = highs.Highs()
        self._optimal = highspy.HighsModelStatus.kOptimal
        for name, value in OPTIONS.items():
            self._highs.setOptionValue(name, value)
        nothing = np.zeros(0)
        for free in programs.free.tolist():
            upper = 0.0 if free else self._inf
            self._highs.addRow(0.0, upper, 0, nothing.astype(np.int32), nothing)
        self._pattern = np.argwhere((programs.own != 0).any(axis=0))
        self._present = np.zeros((n_own, n_columns))
        for row in range(n_own):
            lower = -self._inf if programs.own_equal[row] else 0.0
            self._add(self._present[row], float(programs.own_limits[row]), lower)
        self._active: list[int] = []
        self._is_active = np.zeros(len(programs.peers), dtype=bool)
        for peer in np.unique(programs.peers.argmax(axis=0)).tolist():
            self._take(peer)

    def solve(self, region: int) -> Optimum:
        """The optimum of one region; raises SolverError where none can be proved."""
        self._ask(region)
        found = self._search(region)
        if found is None or not found.gap <= GAP:
            self._highs.clearSolver()  # once more without what earlier regions left behind
            found = self._search(region)
        if found is None or not found.gap <= GAP:
            reason = "no optimum" if found is None else f"a gap of {found.gap:.3g}"
            raise SolverError(
                Mistake.at(
                    f"the linear program of region {region + 1} ended with {reason}",
                    f"第 {region + 1} 个地区的线性规划求解失败（{reason}）",
                )
            )
        return found

    def _ask(self, region: int) -> None:
        programs, highs = self._programs, self._highs
        wanted = programs.objectives[region].tolist()
        for row, (value, free) in enumerate(zip(wanted, programs.free.tolist(), strict=True)):
            highs.changeRowBounds(row, value, value if free else self._inf)
        own = programs.own[region]
        for row, column in self._pattern.tolist():
            value = own[row, column]
            if value != self._present[row, column]:
                highs.changeCoeff(column, row, float(value))
                self._present[row, column] = value

    def _search(self, region: int) -> Optimum | None:
        programs, highs = self._programs, self._highs
        while True:
            highs.run()
            if highs.getModelStatus() != self._optimal:
                return None
            solution = highs.getSolution()
            point = np.array(solution.row_dual)
            excess = programs.peers @ point - programs.limits
            most = float(excess.max())
            excess[self._is_active] = 0.0
            worst = np.argpartition(-excess, min(TAKEN, excess.size) - 1)[:TAKEN]
            broken = [peer for peer in np.sort(worst).tolist() if excess[peer] > BROKEN]
            if not broken:
                return self._checked(region, point, np.array(solution.col_value), most)
            for peer in broken:
                self._take(peer)

    def _checked(self, region: int, point: Array, prices: Array, excess: float) -> Optimum:
        """The answer with its proof: violations, and the bound of the prices, on the true numbers."""
        programs = self._programs
        own, objective = programs.own[region], programs.objectives[region]
        n_own = len(programs.own_limits)
        own_prices = prices[:n_own]
        own_prices = np.where(programs.own_equal, own_prices, np.maximum(own_prices, 0.0))
        prices = np.maximum(prices[n_own:], 0.0)
        bind = np.flatnonzero(prices)
        binding, prices = np.array(self._active, dtype=np.intp)[bind], prices[bind]
        reduced = own_prices @ own + prices @ programs.peers[binding] - objective
        # what a reduced cost of the wrong sign could gain, for multipliers of this size
        wrong = np.where(programs.free, np.abs(reduced), np.maximum(-reduced, 0.0))
        bound = float(prices @ programs.limits[binding]) + float(own_prices @ programs.own_limits)
        bound += float(wrong @ np.maximum(1.0, np.abs(point)))
        value = float(objective @ point)
        beyond = own @ point - programs.own_limits
        beyond = np.where(programs.own_equal, np.abs(beyond), beyond)
        below = -point[~programs.free].min(initial=0.0)
        violation = max(0.0, excess, float(beyond.max(initial=0.0)), float(below))
        gap = max(bound - value, violation)
        return Optimum(point, value, gap, reduced, binding, prices, own_prices)

    def _take(self, peer: int) -> None:
        self._add(self._programs.peers[peer], float(self._programs.limits[peer]), 0.0)
        self._active.append(peer)
        self._is_active[peer] = True

    def _add(self, column: Array, cost: float, lower: float) -> None:
        self._highs.addCol(cost, lower, self._inf, column.size, self._rows, column)
