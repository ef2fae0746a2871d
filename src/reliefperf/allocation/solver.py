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
import scipy

from reliefperf.allocation.folding import FoldedLp, Objective
from reliefperf.allocation.program import Floats, SparseRows
from reliefperf.allocation.warm import Warm
from reliefperf.errors import Mistake, SolverError

# highspy's stubs leave Highs() untyped.
_highs: Any = highspy

PRICE_TOLERANCE = 1e-7
"""A price or reduced cost up to this size (costs are about 1) counts as 0: the face stays wider,
and the tier may lose at most this much for each unit of money moved."""

PRIMAL_TOLERANCE = 1e-6
"""The largest violation of a row or bound, in money, that is accepted from the solver."""

OPTIONS: dict[str, Any] = {
    "output_flag": False,
    "threads": 1,
    "random_seed": 0,
    "primal_feasibility_tolerance": 1e-9,
    "dual_feasibility_tolerance": 1e-9,
}
"""What every solve is asked for: one thread, no chance, tight limits, silence."""

MANY = 5_000
"""From so many columns on a least distance from targets is found by the interior-point method and
its crossover to a vertex: on national programs it takes 0.4 to 0.6 s whatever the rules, the simplex
0.4 to 1.6 s."""


SMALL = 500
"""Up to so many columns the simplex starts without presolve, which would take twice as long as the
answer, and each tier from where the one before it ended."""


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

    def with_rows(self, n_rows: int) -> Box:
        """The sides with those of further rows, all of them 0."""
        low, high = np.pad(self.row_lower, (0, n_rows)), np.pad(self.row_upper, (0, n_rows))
        return Box(self.lower, self.upper, low, high)


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
        self._set(OPTIONS)
        n_columns = matrix.shape[1]
        self._columns = np.arange(n_columns, dtype=np.int32)
        self._box = box
        must(self._highs.passModel(highs_lp(matrix, box, np.zeros(n_columns))))

    def minimise(
        self,
        costs: Floats,
        box: Box,
        basis: Any = None,
        *,
        interior: bool = False,
        presolve: bool = True,
    ) -> Vertex:
        """Minimise costs (N,) @ x within the sides of `box`, from `basis` or by interior points.

        Where interior points come to no optimum the simplex has the last word. Of columns that are
        the same but for their sign HiGHS's presolve prints a line on the terminal, whatever it was
        told: such programs are solved without it.
        Raises NoSolution if there is no feasible point, SolverError for any other end.
        """
        highs, n_columns = self._highs, self._columns.size
        must(highs.clearSolver())
        must(highs.changeColsCost(n_columns, self._columns, costs))
        must(highs.changeColsBounds(n_columns, self._columns, box.lower, box.upper))
        changed = (box.row_lower != self._box.row_lower) | (box.row_upper != self._box.row_upper)
        for row in np.flatnonzero(changed).tolist():
            must(highs.changeRowBounds(row, box.row_lower[row], box.row_upper[row]))
        self._box = box
        if not n_columns:
            return self._nothing(box)
        if basis is not None:
            must(highs.setBasis(basis))
        self._set({"presolve": "choose" if presolve else "off"})
        if interior:
            self._set({"solver": "ipm"})
            ran = highs.run()
            self._set({"solver": "choose"})
            if self._is_good(ran):
                return self._vertex()
            must(highs.clearSolver())
        return self._run()

    def _set(self, options: dict[str, Any]) -> None:
        for name, value in options.items():
            must(self._highs.setOptionValue(name, value))

    def _is_good(self, ran: Any) -> bool:
        """Whether an optimum has been found without a warning that keeps all limits."""
        return bool(
            ran == _highs.HighsStatus.kOk
            and self._highs.getModelStatus() == _highs.HighsModelStatus.kOptimal
            and self._highs.getInfo().max_primal_infeasibility <= PRIMAL_TOLERANCE
        )

    def _nothing(self, box: Box) -> Vertex:
        """The answer without columns: every row is 0."""
        if (box.row_lower > 0).any() or (box.row_upper < 0).any():
            raise NoSolution
        none = np.zeros(0)
        return Vertex(none, none, np.zeros(box.row_lower.size), 0.0, None)

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
        words = highs.modelStatusToString(status)
        if ran == _highs.HighsStatus.kError or status != _highs.HighsModelStatus.kOptimal:
            raise solver_error(words)
        if ran == _highs.HighsStatus.kWarning:
            raise solver_error(f"{words}, but with a warning")
        if info.max_primal_infeasibility > PRIMAL_TOLERANCE:
            raise solver_error(
                f"{words}, but a limit is exceeded by {info.max_primal_infeasibility:.3g}"
            )
        return self._vertex()

    def _vertex(self) -> Vertex:
        highs = self._highs
        solution, info = highs.getSolution(), highs.getInfo()
        return Vertex(
            point=np.array(solution.col_value, dtype=np.float64),
            reduced=np.array(solution.col_dual, dtype=np.float64),
            prices=np.array(solution.row_dual, dtype=np.float64),
            value=float(info.objective_function_value),
            basis=highs.getBasis(),
        )


def solve_tiers(
    lp: FoldedLp, objectives: Sequence[Objective], warm: Warm | None = None
) -> tuple[list[Vertex], Box]:
    """Minimise the objectives in strict order; return the vertex of each and the last face.

    Large programs start every tier without a basis: the last tier's basis would switch presolve off,
    and on a national program that takes five times as long; see SMALL for the others. With `warm` a
    tier starts from that of the same tier of a program like this, which takes a twentieth. Without
    objectives one feasible vertex is returned. Raises NoSolution or SolverError.
    """
    warm = Warm() if warm is None else warm
    solver = LiveSolver(lp.matrix, Box.of(lp))
    box = Box.of(lp)
    small = lp.lower.size <= SMALL
    if not objectives:
        return [solver.minimise(np.zeros(lp.lower.size), box, presolve=not small)], box
    vertices: list[Vertex] = []
    for tier, objective in enumerate(objectives):
        basis = warm.start(lp.matrix.shape, tier)
        if basis is None and small and vertices:
            basis = vertices[-1].basis
        interior = basis is None and objective.is_distance and lp.lower.size >= MANY
        vertex = solver.minimise(objective.costs, box, basis, interior=interior, presolve=not small)
        warm.keep(lp.matrix.shape, tier, vertex.basis)
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


def highs_lp(matrix: SparseRows, box: Box, costs: Floats) -> Any:
    """The arrays as a HighsLp, a minimisation."""
    rows = matrix if isinstance(matrix, scipy.sparse.csr_array) else scipy.sparse.csr_array(matrix)
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


def must(status: Any) -> None:
    """Raise SolverError if HiGHS refused a call."""
    if status == _highs.HighsStatus.kError:
        raise solver_error("the model was refused")
