"""A point that exceeds some limits by solver noise, moved inside them by the least sum of moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy

from reliefperf.allocation.program import Floats
from reliefperf.allocation.solver import Box, LiveSolver, NoSolution
from reliefperf.errors import SolverError

if TYPE_CHECKING:
    from reliefperf.allocation.shortest import Shortest

FAR = 1e6
"""Limits that so many times the largest violation would not reach are left out."""

EXCEEDING = 1e4
"""What a row still exceeded costs, in moves of the same length: limits that were found in floating
point may leave no point that keeps them all."""


def into_limits(problem: Shortest, point: Floats) -> Floats:
    """The point (n,) with a far smaller largest violation, or as it is.

    Moves are sought in units of the violation, so that the solver's absolute tolerance on them is
    far below it. A point that cannot be mended is for the caller to refuse.
    """
    size = problem.excess(point)
    if size == 0.0:
        return point
    n_columns, n_rows = point.size, problem.low.size
    values = problem.rows @ point
    up, down = (problem.upper - point) / size, (point - problem.lower) / size
    low, high = ((side - values) / size for side in (problem.low, problem.high))
    least = np.concatenate([np.maximum(-down, 0.0), np.maximum(-up, 0.0)])
    most = np.maximum(np.concatenate([up, down]), least)
    moves = Box(
        np.concatenate([least, np.zeros(2 * n_rows)]),
        np.concatenate([most, np.full(2 * n_rows, np.inf)]),
        np.where(low < -FAR, -np.inf, low),
        np.where(high > FAR, np.inf, high),
    )
    eye = scipy.sparse.eye_array(n_rows)
    matrix = scipy.sparse.csr_array(scipy.sparse.hstack([problem.rows, -problem.rows, eye, -eye]))
    costs = np.concatenate([np.ones(2 * n_columns), np.full(2 * n_rows, EXCEEDING)])
    try:
        found = LiveSolver(matrix, moves).minimise(costs, moves, presolve=False).point
    except (NoSolution, SolverError):
        return point
    moved = point + size * (found[:n_columns] - found[n_columns : 2 * n_columns])
    return moved if problem.excess(moved) < size else point
