"""Equal treatment: of all optimal amounts the unique ones nearest to the targets.

A vertex of a linear program treats equals unequally. The amounts returned are instead the minimum
of sum (amount - target)^2 / target over the optimal face, which is strictly convex: one answer,
whatever the order of rows and columns. With only floors, caps and a budget it is water-filling.

Clarabel finds the minimum to about 8 digits; then the limits that bind are taken as equations and
solved directly, for about 12 digits. Last, columns that the program cannot tell apart (see
folding.column_colours) get their mean, and amounts go to a decimal grid, so that rounding noise
does not decide ties later.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import clarabel
import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from reliefperf.allocation.folding import FoldedLp
from reliefperf.allocation.program import Floats, Ints, SparseRows, activity
from reliefperf.allocation.solver import Box, solver_error

ZERO_WEIGHT = 1e-4
"""A target of zero weighs as if it were this part of the mean positive target: such a column gets
next to nothing while another can take the money, and the projection stays well-conditioned."""

GRID = 1e-12
"""Amounts go to a decimal grid of this part of the next power of ten above the largest amount."""

_FIXED = 1e-11
_ROUNDS, _SINGLE_ROUNDS = 12, 40


def project(
    lp: FoldedLp, face: Box, vertex: Floats, targets: Floats, colours: Ints | None = None
) -> Floats:
    """The amounts (n,) of the face nearest to the targets (n,), weighted by 1 / target.

    `vertex` (N,) is any point of the face; helper columns that stand in several rows keep its
    value. `colours` (n,), if given, names the classes of columns that must get equal amounts.
    Raises SolverError if Clarabel does not reach an optimum.
    """
    weights = target_weights(targets)
    quadratic = _reduce(lp.matrix, face, vertex, targets.size)
    amounts = _nearest(quadratic, targets, weights)
    if colours is not None:
        sizes = np.bincount(colours)
        means = np.bincount(colours, weights=amounts) / np.maximum(sizes, 1)
        amounts = np.where(sizes[colours] > 1, means[colours], amounts)
    return np.clip(to_grid(amounts), lp.lower[: targets.size], lp.upper[: targets.size])


def target_weights(targets: Floats) -> Floats:
    """What each squared distance is divided by: the target, or ZERO_WEIGHT for targets of zero."""
    size = np.abs(targets)
    mean = float(size[size > 0].mean()) if size.any() else 1.0
    return np.where(size > 1e-9 * mean, size, ZERO_WEIGHT * mean)


def to_grid(amounts: Floats) -> Floats:
    """Amounts on a decimal grid far finer than money and coarser than rounding noise."""
    largest = float(np.abs(amounts).max(initial=0.0))
    if largest == 0.0:
        return amounts + 0.0
    digits = -(math.ceil(math.log10(largest)) + round(math.log10(GRID)))
    return np.round(amounts, digits) + 0.0


@dataclass(frozen=True, eq=False)
class _Reduced:
    """The face over the amounts alone; fixed amounts have equal bounds and stand in no row."""

    lower: Floats
    upper: Floats
    matrix: SparseRows
    row_lower: Floats
    row_upper: Floats


def _reduce(matrix: SparseRows, face: Box, vertex: Floats, n_amounts: int) -> _Reduced:
    """Drop helper columns, fixed columns, rows of one column and rows that cannot bind."""
    lower, upper = face.lower[:n_amounts].copy(), face.upper[:n_amounts].copy()
    helpers = sparse.csc_array(matrix[:, n_amounts:])
    low, high = face.lower[n_amounts:].copy(), face.upper[n_amounts:].copy()
    shared = np.diff(helpers.indptr) > 1
    low[shared] = high[shared] = vertex[n_amounts:][shared]
    # A helper in one row only gives that row more room: its range moves into the row's sides.
    least, most = activity(sparse.csr_array(helpers), low, high)
    row_lower, row_upper = face.row_lower - most, face.row_upper - least
    rows = sparse.csr_array(matrix[:, :n_amounts])
    while True:
        lower, upper = (
            np.minimum(lower, (lower + upper) / 2),
            np.maximum(upper, (lower + upper) / 2),
        )
        fixed = upper - lower <= _FIXED * np.maximum(1.0, np.abs(lower))
        middle = np.where(fixed, (lower + upper) / 2, 0.0)
        lower, upper = np.where(fixed, middle, lower), np.where(fixed, middle, upper)
        moved = rows @ middle
        row_lower, row_upper = row_lower - moved, row_upper - moved
        rows = sparse.csr_array(rows @ sparse.diags_array((~fixed).astype(float)))
        rows.eliminate_zeros()
        single = np.diff(rows.indptr) == 1
        if not single.any():
            break
        columns = rows.indices[rows.indptr[:-1][single]]
        coefficients = rows.data[rows.indptr[:-1][single]]
        ends = np.sort(
            np.stack([row_lower[single] / coefficients, row_upper[single] / coefficients]), axis=0
        )
        np.maximum.at(lower, columns, ends[0])
        np.minimum.at(upper, columns, ends[1])
        rows, row_lower, row_upper = rows[~single], row_lower[~single], row_upper[~single]
    least, most = activity(rows, lower, upper)
    may_bind = (least < row_lower) | (most > row_upper)
    may_bind &= np.diff(rows.indptr) > 0
    return _Reduced(lower, upper, rows[may_bind], row_lower[may_bind], row_upper[may_bind])


def _nearest(face: _Reduced, targets: Floats, weights: Floats) -> Floats:
    """Solve the reduced projection; without rows it is a clip."""
    amounts = np.clip(targets, face.lower, face.upper)
    free = np.flatnonzero(face.upper > face.lower)
    if not face.matrix.shape[0] or not free.size:
        return amounts
    root = np.sqrt(weights[free])
    rows = sparse.csr_array(face.matrix[:, free] @ sparse.diags_array(root))
    size = 1.0 / np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)))
    problem = _Problem(
        rows=sparse.csr_array(sparse.diags_array(size) @ rows),
        low=size * (face.row_lower - face.matrix[:, free] @ targets[free]),
        high=size * (face.row_upper - face.matrix[:, free] @ targets[free]),
        lower=(face.lower[free] - targets[free]) / root,
        upper=(face.upper[free] - targets[free]) / root,
    )
    exact = _solve(problem)
    amounts[free] = np.clip(targets[free] + root * exact, face.lower[free], face.upper[free])
    return amounts


@dataclass(frozen=True, eq=False)
class _Problem:
    """min |u|^2 / 2, low <= rows @ u <= high, lower <= u <= upper; rows have length 1."""

    rows: SparseRows
    low: Floats
    high: Floats
    lower: Floats
    upper: Floats

    def excess(self, point: Floats) -> float:
        """The largest violation of a limit."""
        values = self.rows @ point
        gaps = (self.low - values, values - self.high, self.lower - point, point - self.upper)
        return max(float(gap.max(initial=0.0)) for gap in gaps)


@dataclass(frozen=True, eq=False)
class _Binding:
    """Which limits bind: -1 the low side, 1 the high side, 0 neither; with the rows' prices."""

    rows: Ints
    columns: Ints
    prices: Floats
    point: Floats


def _solve(problem: _Problem) -> Floats:
    """Clarabel, then the polish; now and then Clarabel stalls unless its steps are shorter."""
    solved: Floats | None = None
    for step in (0.99, 0.9, 0.7):
        start, status = _interior_point(problem, step)
        exact = _polish(problem, start)
        if exact is not None:
            return exact
        if status in ("Solved", "AlmostSolved") and solved is None:
            solved = start.point
    if solved is None:
        raise solver_error(f"projection: {status}")
    return solved


def _interior_point(problem: _Problem, step: float) -> tuple[_Binding, str]:
    n_free = problem.lower.size
    equal = problem.low == problem.high
    eye = sparse.eye_array(n_free, format="csr")
    sides = [(problem.rows, 1.0, problem.high, equal)]
    for rows, low, high, apart in (
        (problem.rows, problem.low, problem.high, ~equal),
        (eye, problem.lower, problem.upper, np.ones(n_free, dtype=bool)),
    ):
        sides += [(rows, -1.0, low, apart & np.isfinite(low))]
        sides += [(rows, 1.0, high, apart & np.isfinite(high))]
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1
    settings.direct_solve_method = "qdldl"
    settings.max_step_fraction = step
    settings.tol_feas = 1e-11
    sizes = [int(used.sum()) for _, _, _, used in sides]
    solution = clarabel.DefaultSolver(
        sparse.csc_matrix(eye),
        np.zeros(n_free),
        sparse.csc_matrix(sparse.vstack([sign * rows[used] for rows, sign, _, used in sides])),
        np.concatenate([sign * side[used] for _, sign, side, used in sides]),
        [clarabel.ZeroConeT(sizes[0]), clarabel.NonnegativeConeT(sum(sizes[1:]))],
        settings,
    ).solve()
    cuts = np.cumsum(sizes)[:-1]
    shadow, slack = (np.split(np.array(v), cuts) for v in (solution.z, solution.s))
    binds, prices = [equal.astype(np.int64), np.zeros(n_free, dtype=np.int64)], np.zeros(equal.size)
    for k, (_, sign, _, used) in enumerate(sides):
        if k:
            binds[(k - 1) // 2][np.flatnonzero(used)[shadow[k] > slack[k]]] = int(sign)
        if k < 3:
            prices[used] -= sign * shadow[k]
    return _Binding(binds[0], binds[1], prices, np.array(solution.x)), str(solution.status)


def _polish(problem: _Problem, start: _Binding) -> Floats | None:
    """Solve with the binding limits as equations, correcting the choice until it is consistent.

    Then the point meets every condition of the minimum. Where limits meet in a corner their prices
    are not unique and may keep changing sides; then smaller wrong prices, which move the point by
    about as much, are let pass. None if it does not settle.
    """
    for tolerance in (1e-9, 1e-7, 1e-5):
        point = _settled(problem, start, tolerance)
        if point is not None and problem.excess(point) <= 1e-9:
            return point
    return None


def _settled(problem: _Problem, start: _Binding, tolerance: float) -> Floats | None:
    """Change all wrong limits at once; where that goes in circles the first wrong one alone."""
    n_rows = problem.low.size
    spread = abs(problem.rows)
    equal = np.flatnonzero(problem.low == problem.high)
    low = np.concatenate([problem.low, problem.lower])
    high = np.concatenate([problem.high, problem.upper])
    binds = np.concatenate([start.rows, start.columns])
    for attempt in range(_ROUNDS + _SINGLE_ROUNDS):
        point, price = _with_equations(problem, binds[:n_rows], binds[n_rows:], start.prices)
        values = np.concatenate([problem.rows @ point, point])
        pulls = np.concatenate([price, point - problem.rows.T @ price])
        # Prices are as uncertain as the largest of the terms they are the difference of.
        size = np.abs(price)
        terms = [np.full(n_rows, size.max(initial=0.0)), np.abs(point) + spread.T @ size]
        noise = tolerance * (1.0 + np.concatenate(terms))
        keep = np.where(binds < 0, pulls >= -noise, pulls <= noise)
        tiny = 1e-11 * (1.0 + np.abs(values))
        exceeded = np.where(values < low - tiny, -1, np.where(values > high + tiny, 1, 0))
        wanted = np.where(binds != 0, np.where(keep, binds, 0), exceeded)
        wanted[equal] = 1
        wrong = np.flatnonzero(wanted != binds)
        if not wrong.size:
            return point
        changed = wrong if attempt < _ROUNDS else wrong[:1]
        binds[changed] = wanted[changed]
    return None


def _with_equations(
    problem: _Problem, rows: Ints, columns: Ints, near: Floats
) -> tuple[Floats, Floats]:
    """Minimise |u|^2 / 2 with the binding limits as equations; return u and the rows' prices.

    Of several possible prices those near to `near` (n_rows,) are taken.
    """
    point = np.where(columns < 0, problem.lower, np.where(columns > 0, problem.upper, 0.0))
    active = np.flatnonzero(rows)
    prices = np.zeros(rows.size)
    if not active.size:
        return point, prices
    side = np.where(rows < 0, problem.low, problem.high)[active]
    free = columns == 0
    matrix = problem.rows[active]
    moving = sparse.csr_array(matrix @ sparse.diags_array(free.astype(float)))
    length = np.sqrt(np.asarray(moving.multiply(moving).sum(axis=1)))
    fixed_only = length < 1e-12
    length[fixed_only] = 1.0
    moving = sparse.csr_array(sparse.diags_array(1.0 / length) @ moving)
    missing = (side - matrix @ point) / length
    square = sparse.csc_array(moving @ moving.T)
    # Rows may depend on each other (pool totals and region totals); a little on the diagonal and
    # a few corrections solve such equations as long as they agree.
    factor = splu(sparse.csc_array(square + 1e-8 * sparse.eye_array(active.size)))
    solved = near[active] * length
    for _ in range(10):
        rest = np.where(fixed_only, 0.0, missing - square @ solved)
        if np.abs(rest).max() <= 1e-14 * (1.0 + np.abs(missing).max()):
            break
        solved += factor.solve(rest)
    prices[active] = solved / length
    return point + moving.T @ solved, prices
