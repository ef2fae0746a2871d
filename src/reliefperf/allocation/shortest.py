"""The shortest vector within limits: an interior point, then the binding limits as equations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import clarabel
import numpy as np
import scipy

from reliefperf.allocation.entries import Entries, stacked
from reliefperf.allocation.equations import products
from reliefperf.allocation.into_limits import into_limits
from reliefperf.allocation.program import Floats, Ints, Mask, SparseRows
from reliefperf.allocation.solver import solver_error

LOOSE = 1e-7
"""Clarabel's own point is good enough if no limit, in its scale, is exceeded by more than this."""

EXACT = 1e-11
"""Limits of a polished point may be exceeded by this part of its largest number: what is left of a
float's digits after sums over thousands of columns."""

CLOSE = 1e-9
"""A polished point that exceeds a limit by more than this, in its scale, is moved inside."""

SMALL = 500
"""Of up to so many columns the binding limits are first sought without an interior point."""

_ROUNDS, _SINGLE_ROUNDS = 12, 40
_ANSWERS = ("Solved", "AlmostSolved", "InsufficientProgress")


@dataclass(frozen=True, eq=False)
class Shortest:
    """min |u|^2 / 2, low <= rows @ u <= high, lower <= u <= upper; rows have length 1."""

    rows: SparseRows
    low: Floats
    high: Floats
    lower: Floats
    upper: Floats

    @cached_property
    def entries(self) -> Entries:
        """The entries of the rows."""
        return Entries.of(self.rows)

    def excess(self, point: Floats) -> float:
        """The largest violation of a limit."""
        values = self.entries.times(point)
        gaps = (self.low - values, values - self.high, self.lower - point, point - self.upper)
        return max(float(gap.max(initial=0.0)) for gap in gaps)


@dataclass(frozen=True, eq=False)
class _Binding:
    """Which limits bind: -1 the low side, 1 the high side, 0 neither; with the rows' prices."""

    rows: Ints
    columns: Ints
    prices: Floats
    point: Floats


def shortest(problem: Shortest) -> Floats:
    """The point (n,) of the minimum: Clarabel, then the polish, which alone will do for a small one.

    Now and then Clarabel stalls unless its steps are shorter. The face has a point, so what it says
    of infeasibility is noise: with looser limits the point it reaches is taken if it exceeds no
    limit by more than LOOSE, and moved inside the limits.
    """
    if problem.lower.size <= SMALL:
        exact = _from_scratch(problem)
        if exact is not None:
            return exact
    best: tuple[float, Floats] | None = None
    for step, tolerance in ((0.99, 1e-11), (0.9, 1e-11), (0.7, 1e-11), (0.9, 1e-8), (0.7, 1e-6)):
        start, status = _interior_point(problem, step, tolerance)
        if not np.isfinite(start.point).all():
            continue
        exact = _polish(problem, start)
        if exact is not None:
            return exact if problem.excess(exact) <= CLOSE else into_limits(problem, exact)
        excess = problem.excess(start.point)
        if (status in _ANSWERS) and (best is None or excess < best[0]):
            best = excess, start.point
        if best is not None and best[0] <= LOOSE and step < 0.8:
            break
    if best is None:
        raise solver_error(f"projection: {status}")
    return into_limits(problem, best[1])


def _interior_point(problem: Shortest, step: float, tolerance: float) -> tuple[_Binding, str]:
    n_free = problem.lower.size
    equal = problem.low == problem.high
    each = np.arange(n_free)
    eye = Entries(each, each, np.ones(n_free), n_free, n_free)
    sides = [(problem.entries, 1.0, problem.high, equal)]
    for rows, low, high, apart in (
        (problem.entries, problem.low, problem.high, ~equal),
        (eye, problem.lower, problem.upper, np.ones(n_free, dtype=bool)),
    ):
        sides += [(rows, -1.0, low, apart & np.isfinite(low))]
        sides += [(rows, 1.0, high, apart & np.isfinite(high))]
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1
    settings.direct_solve_method = "qdldl"
    settings.max_step_fraction = step
    settings.tol_feas = tolerance
    # A point exists; infeasibility is never the answer.
    settings.tol_infeas_abs = settings.tol_infeas_rel = 1e-15
    sizes = [int(used.sum()) for _, _, _, used in sides]
    limits = stacked([rows.of_rows(used).times_all(sign) for rows, sign, _, used in sides])
    solution = clarabel.DefaultSolver(
        scipy.sparse.csc_matrix((eye.data, each, np.arange(n_free + 1)), shape=(n_free, n_free)),
        np.zeros(n_free),
        scipy.sparse.csc_matrix(
            (limits.data, (limits.rows, limits.columns)), shape=(limits.n_rows, n_free)
        ),
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


def _from_scratch(problem: Shortest) -> Floats | None:
    """The same as _polish, from the equations alone and only as long as all that is wrong changes.

    The conditions of the minimum, which is unique, hold of its answer wherever it started.
    """
    nothing = np.zeros(problem.lower.size, dtype=np.int64)
    equal = (problem.low == problem.high).astype(np.int64)
    start = _Binding(equal, nothing, np.zeros(equal.size), np.zeros(nothing.size))
    point = _settled(problem, start, 1e-9, 0)
    return None if point is None or problem.excess(point) > CLOSE else point


def _polish(problem: Shortest, start: _Binding) -> Floats | None:
    """Solve with the binding limits as equations, correcting the choice until it is consistent.

    Then the point meets every condition of the minimum. Where limits meet in a corner their prices
    are not unique and may keep changing sides; then smaller wrong prices, which move the point by
    about as much, are let pass. None if it does not settle.
    """
    for tolerance in (1e-9, 1e-7, 1e-5):
        point = _settled(problem, start, tolerance)
        if point is None:
            continue
        if problem.excess(point) <= CLOSE + EXACT * float(np.abs(point).max(initial=0.0)):
            return point
    return None


def _settled(
    problem: Shortest, start: _Binding, tolerance: float, single_rounds: int = _SINGLE_ROUNDS
) -> Floats | None:
    """Change all wrong limits at once; where that goes in circles the first wrong one alone."""
    n_rows = problem.low.size
    rows = problem.entries
    equal = np.flatnonzero(problem.low == problem.high)
    low = np.concatenate([problem.low, problem.lower])
    high = np.concatenate([problem.high, problem.upper])
    binds = np.concatenate([start.rows, start.columns])
    for attempt in range(_ROUNDS + single_rounds):
        point, price = _with_equations(problem, binds[:n_rows], binds[n_rows:], start.prices)
        values = np.concatenate([rows.times(point), point])
        shares = rows.data * price[rows.rows]
        pulls = np.concatenate([price, point - rows.by_column(shares)])
        # Prices are as uncertain as the largest of the terms they are the difference of.
        largest = np.abs(price).max(initial=0.0)
        terms = [np.full(n_rows, largest), np.abs(point) + rows.by_column(np.abs(shares))]
        noise = tolerance * (1.0 + np.concatenate(terms))
        keep = np.where(binds < 0, pulls >= -noise, pulls <= noise)
        tiny = 1e-11 * (1.0 + np.abs(values))
        exceeded = np.where(values < low - tiny, -1, np.where(values > high + tiny, 1, 0))
        wanted = np.where(binds != 0, np.where(keep, binds, 0), exceeded)
        wanted[equal] = 1
        missed = (binds[:n_rows] != 0) & (exceeded[:n_rows] != 0)
        if missed.any():
            for j in _stuck(problem, missed, binds[n_rows:], pulls[n_rows:]):
                wanted[n_rows + j] = 0
        wrong = np.flatnonzero(wanted != binds)
        if not wrong.size:
            return point
        changed = wrong if attempt < _ROUNDS else wrong[:1]
        binds[changed] = wanted[changed]
    return None


def _stuck(problem: Shortest, missed: Mask, columns: Ints, pulls: Floats) -> list[int]:
    """For each binding row that its columns, all at a limit, cannot meet: the one to be let go.

    That is the one with the least pull among those that have room.
    """
    found = []
    for i in np.flatnonzero(missed).tolist():
        part = slice(problem.rows.indptr[i], problem.rows.indptr[i + 1])
        own = problem.rows.indices[part]
        room = own[problem.lower[own] < problem.upper[own]]
        if room.size and columns[own].all():
            found.append(int(room[np.argmin(np.abs(pulls[room]))]))
    return found


def _with_equations(
    problem: Shortest, rows: Ints, columns: Ints, near: Floats
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
    binding = problem.entries.of_rows(rows != 0)
    moving = binding.only(free[binding.columns])
    length = np.sqrt(moving.by_row(moving.data**2))
    fixed_only = length < 1e-12
    length[fixed_only] = 1.0
    moving = moving.scaled(lambda one: one.data / length[one.rows])
    missing = (side - binding.times(point)) / length
    square, solve = products(moving, 1e-8)
    solved = near[active] * length
    for _ in range(10):
        rest = np.where(fixed_only, 0.0, missing - square @ solved)
        if np.abs(rest).max() <= 1e-14 * (1.0 + np.abs(missing).max()):
            break
        solved += solve(rest)
    prices[active] = solved / length
    return point + moving.by_column(moving.data * solved[moving.rows]), prices
