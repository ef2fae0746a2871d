"""The live solver: one HiGHS instance, re-solved from a stated basis, and tiers in strict order.

After each tier the program is narrowed to that tier's optimal face by complementary slackness: a
column with a reduced cost is fixed at its bound, a row with a price at its binding side. Every
point of the face is optimal, so the tier keeps its value without an extra row, and the face is
described by the program's own numbers instead of a thin slice around a rounded optimum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from scipy import sparse

from reliefperf.allocation.folding import FoldedLp, Objective
from reliefperf.allocation.program import Floats, Ints, Mask, SparseRows, activity
from reliefperf.errors import Mistake, SolverError

# highspy's stubs lack getDualRay and leave Highs() untyped.
_highs: Any = highspy

PRICE_TOLERANCE = 1e-7
"""A price or reduced cost up to this size (costs are about 1) counts as 0: the face stays wider,
and the tier may lose at most this much for each unit of money moved."""

PRIMAL_TOLERANCE = 1e-6
"""The largest violation of a row or bound, in money, that is accepted from the solver."""

_OPTIONS: dict[str, Any] = {
    "output_flag": False,
    "threads": 1,
    "random_seed": 0,
    "primal_feasibility_tolerance": 1e-9,
    "dual_feasibility_tolerance": 1e-9,
}


@dataclass(frozen=True, eq=False)
class Box:
    """The sides of a folded program: columns (N,) and rows (m,)."""

    lower: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats

    @classmethod
    def of(cls, lp: FoldedLp) -> Box:
        """The sides as folded."""
        return cls(lp.lower, lp.upper, lp.row_lower, lp.row_upper)


@dataclass(frozen=True, eq=False)
class Vertex:
    """An optimal vertex: point (N,), reduced costs (N,), prices (m,), value, and its basis.

    A price is d value / d side of the row, a reduced cost d value / d bound of the column.
    """

    point: Floats
    reduced: Floats
    prices: Floats
    value: float
    basis: Any


class NoSolution(Exception):
    """The folded program has no feasible point."""


class LiveSolver:
    """A HiGHS instance that holds one matrix and is re-solved with other costs and sides.

    Each solve starts from the basis it is given (or none) after `clearSolver`, so that the answer
    does not depend on what was solved before. One thread; not for sharing or pickling.
    """

    def __init__(self, matrix: SparseRows, box: Box) -> None:
        self._highs = _highs.Highs()
        for name, value in _OPTIONS.items():
            self._highs.setOptionValue(name, value)
        n_columns = matrix.shape[1]
        self._columns = np.arange(n_columns, dtype=np.int32)
        self._box = box
        _must(self._highs.passModel(highs_lp(matrix, box, np.zeros(n_columns))))

    def minimise(self, costs: Floats, box: Box, basis: Any = None) -> Vertex:
        """Minimise costs (N,) @ x within the sides of `box`, from `basis`.

        Raises NoSolution if there is no feasible point, SolverError for any other end.
        """
        highs, n_columns = self._highs, self._columns.size
        _must(highs.clearSolver())
        _must(highs.changeColsCost(n_columns, self._columns, costs))
        _must(highs.changeColsBounds(n_columns, self._columns, box.lower, box.upper))
        changed = (box.row_lower != self._box.row_lower) | (box.row_upper != self._box.row_upper)
        for row in np.flatnonzero(changed).tolist():
            highs.changeRowBounds(row, box.row_lower[row], box.row_upper[row])
        self._box = box
        if basis is not None:
            _must(highs.setBasis(basis))
        return self._run()

    def dual_ray(self) -> Floats | None:
        """After NoSolution: multipliers (m,) that prove it, or None if the solver has none.

        The last program is solved again without presolve, which would know of no multipliers.
        """
        highs = self._highs
        highs.clearSolver()
        highs.setOptionValue("presolve", "off")
        highs.setOptionValue("solver", "simplex")
        highs.run()
        _, found, ray = highs.getDualRay()
        highs.setOptionValue("presolve", "choose")
        highs.setOptionValue("solver", "choose")
        return np.array(ray, dtype=np.float64) if found else None

    def _run(self) -> Vertex:
        highs = self._highs
        ran = highs.run()
        status = highs.getModelStatus()
        if status in (
            _highs.HighsModelStatus.kInfeasible,
            _highs.HighsModelStatus.kUnboundedOrInfeasible,
        ):
            raise NoSolution
        info = highs.getInfo()
        if ran == _highs.HighsStatus.kError or status != _highs.HighsModelStatus.kOptimal:
            raise solver_error(highs.modelStatusToString(status))
        if info.max_primal_infeasibility > PRIMAL_TOLERANCE:
            raise solver_error(
                f"{highs.modelStatusToString(status)}, but a limit is exceeded by"
                f" {info.max_primal_infeasibility:.3g}"
            )
        solution = highs.getSolution()
        return Vertex(
            point=np.array(solution.col_value, dtype=np.float64),
            reduced=np.array(solution.col_dual, dtype=np.float64),
            prices=np.array(solution.row_dual, dtype=np.float64),
            value=float(info.objective_function_value),
            basis=highs.getBasis(),
        )


def solve_tiers(lp: FoldedLp, objectives: Sequence[Objective]) -> tuple[list[Vertex], Box]:
    """Minimise the objectives in strict order; return the vertex of each and the last face.

    Every tier starts without a basis: the last tier's basis would switch presolve off, and on a
    national program that takes five times as long. Without objectives one feasible vertex is
    returned. Raises NoSolution or SolverError.
    """
    solver = LiveSolver(lp.matrix, Box.of(lp))
    box = Box.of(lp)
    if not objectives:
        return [solver.minimise(np.zeros(lp.lower.size), box)], box
    vertices = []
    for objective in objectives:
        vertex = solver.minimise(objective.costs, box)
        vertices.append(vertex)
        box = optimal_face(box, vertex)
    return vertices, box


def optimal_face(box: Box, vertex: Vertex) -> Box:
    """All points of `box` as good as the vertex, by complementary slackness with its prices."""
    at_low, at_high = vertex.reduced > PRICE_TOLERANCE, vertex.reduced < -PRICE_TOLERANCE
    low_binds, high_binds = vertex.prices > PRICE_TOLERANCE, vertex.prices < -PRICE_TOLERANCE
    # A price on an open side is noise: there is nothing to fix the row at.
    low_binds &= np.isfinite(box.row_lower)
    high_binds &= np.isfinite(box.row_upper)
    return Box(
        lower=np.where(at_high, box.upper, box.lower),
        upper=np.where(at_low, box.lower, box.upper),
        row_lower=np.where(high_binds, box.row_upper, box.row_lower),
        row_upper=np.where(low_binds, box.row_lower, box.row_upper),
    )


def nearest_units(
    quotas: Floats,
    weights: Floats,
    extra: Floats,
    wider: Mask,
    rows: SparseRows,
    row_lower: Floats,
    row_upper: Floats,
    n_elastic: int,
) -> Ints | None:
    """Whole numbers (n,) nearest to the quotas (n,), by weighted distance, that keep all rows.

    `extra` (n,) is a small cost of going above the whole part. First the two neighbours of each
    quota are tried, then one more on either side, for the numbers in `wider` (n,) and at last for
    all; if even that fails the first `n_elastic` rows give way by as little as possible. None
    if the others alone cannot hold.
    One thread, no time limit. Raises SolverError if the solver gives up.
    """
    base = np.floor(quotas)
    low, high = row_lower - rows @ base, row_upper - rows @ base
    above = weights * (1.0 - 2.0 * (quotas - base)) + extra
    single = np.diff(rows.indptr) == 1
    columns = rows.indices[rows.indptr[:-1][single]]
    least, most = np.full(base.size, -np.inf), np.full(base.size, np.inf)
    np.maximum.at(least, columns, low[single])
    np.minimum.at(most, columns, high[single])
    several, sides = rows[~single], (low[~single], high[~single])
    for reach in (np.zeros(base.size), wider.astype(np.float64), np.ones(base.size)):
        moves = np.maximum(least, -reach), np.minimum(most, 1.0 + reach)
        if (moves[0] <= moves[1]).all():
            found = _nearest(several, *sides, moves, (above, weights), 0)
            if found is not None:
                return base.astype(np.int64) + found
    moves = np.full(base.size, -1.0), np.full(base.size, 2.0)
    found = _nearest(rows, low, high, moves, (above, weights), n_elastic)
    return None if found is None else base.astype(np.int64) + found


def _nearest(
    rows: SparseRows,
    row_lower: Floats,
    row_upper: Floats,
    moves: tuple[Floats, Floats],
    costs: tuple[Floats, Floats],
    n_elastic: int,
) -> Ints | None:
    """The moves (n,) of nearest_units: first + second - down, the last two costing a full unit."""
    (least, most), (above, weights) = moves, costs
    n = least.size
    second, down = np.flatnonzero(most >= 2), np.flatnonzero(least <= -1)
    give = sparse.eye_array(rows.shape[0], n_elastic, format="csr")
    price = np.full(2 * n_elastic, 10.0 * float(weights.sum() + 1.0))
    matrix = sparse.csr_array(
        sparse.hstack([rows, rows[:, second], -rows[:, down], give, -give], format="csr")
    )
    lower = np.concatenate([least >= 1, least[second] >= 2, most[down] <= -1, 0 * price])
    upper = np.concatenate([most >= 1, np.ones(second.size + down.size), np.inf + price])
    falls, rises = activity(matrix, lower, np.minimum(upper, 1e12))
    matters = (falls < row_lower) | (rises > row_upper)
    box = Box(lower.astype(np.float64), upper, row_lower[matters], row_upper[matters])
    all_costs = np.concatenate([above, weights[second], weights[down], price])
    found = _integer(matrix[matters], box, all_costs, n + second.size + down.size)
    if found is None:
        return None
    moved = found[:n]
    moved[second] += found[n : n + second.size]
    moved[down] -= found[n + second.size : n + second.size + down.size]
    return moved


def _integer(matrix: SparseRows, box: Box, costs: Floats, n_integer: int) -> Ints | None:
    """Minimise costs @ x with the first columns whole; None if there is no such point."""
    highs = _highs.Highs()
    options = {"primal_feasibility_tolerance": 1e-7, "dual_feasibility_tolerance": 1e-7}
    for name, value in (_OPTIONS | options | {"mip_rel_gap": 0.0, "mip_abs_gap": 1e-6}).items():
        highs.setOptionValue(name, value)
    model = highs_lp(matrix, box, costs)
    kinds = _highs.HighsVarType
    model.integrality_ = [kinds.kInteger] * n_integer + [kinds.kContinuous] * (
        matrix.shape[1] - n_integer
    )
    _must(highs.passModel(model))
    highs.run()
    status = highs.getModelStatus()
    if status == _highs.HighsModelStatus.kInfeasible:
        return None
    if status != _highs.HighsModelStatus.kOptimal:
        raise solver_error(highs.modelStatusToString(status))
    return np.rint(np.array(highs.getSolution().col_value)).astype(np.int64)


def highs_lp(matrix: SparseRows, box: Box, costs: Floats) -> Any:
    """The arrays as a HighsLp, a minimisation."""
    rows = sparse.csr_array(matrix)
    lp = _highs.HighsLp()
    lp.num_row_, lp.num_col_ = rows.shape
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = costs, box.lower, box.upper
    lp.row_lower_, lp.row_upper_ = box.row_lower, box.row_upper
    lp.a_matrix_.format_ = _highs.MatrixFormat.kRowwise
    lp.a_matrix_.num_row_, lp.a_matrix_.num_col_ = rows.shape
    lp.a_matrix_.start_ = rows.indptr.astype(np.int32)
    lp.a_matrix_.index_ = rows.indices.astype(np.int32)
    lp.a_matrix_.value_ = rows.data
    return lp


def solver_error(words: str) -> SolverError:
    """A SolverError that passes on the solver's own words."""
    en = f"the solver stopped without an answer to be trusted: {words}"
    return SolverError(Mistake.at(en, f"求解器未能给出可信的结果：{words}"))


def _must(status: Any) -> None:
    if status == _highs.HighsStatus.kError:
        raise solver_error("the model was refused")
