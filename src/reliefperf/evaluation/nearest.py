"""The point of a small polytope that is nearest to a wanted point, to the last digits."""

from __future__ import annotations

import numpy as np

from reliefperf.evaluation.multipliers import Array

ZERO = 1e-12
"""Rows and distances up to this size count as nothing; numbers are about 1."""
MISSED = 1e-11
"""By how much the point may miss a row."""


def nearest_point(
    wanted: Array, equal: Array, equal_to: Array, rows: Array, limits: Array
) -> Array | None:
    """The point x (n,) nearest to `wanted` with equal @ x = equal_to and rows @ x <= limits.

    None where rounding leaves no such point to be found (the polytope is too thin).

    Source: Lawson and Hanson (1974), Solving Least Squares Problems, chapter 23: a least distance
    program is solved by non-negative least squares. Its multipliers name the rows that bind, and
    the point is then computed from them as equations.
    """
    from scipy.optimize import nnls

    start, basis = _solutions(wanted, equal, equal_to)
    within = rows @ basis
    lengths = np.linalg.norm(within, axis=1)
    slack = limits - rows @ start
    felt = lengths > ZERO  # the others say the same of every solution
    if (slack[~felt] < -MISSED).any():
        return None
    if (slack[felt] >= -ZERO * lengths[felt]).all():
        return start
    turned, needed = -within[felt] / lengths[felt, None], -slack[felt] / lengths[felt]
    system = np.vstack([turned.T, needed])
    aim = np.zeros(len(system))
    aim[-1] = 1.0
    try:
        prices, _ = nnls(system, aim)
    except RuntimeError:
        return None
    binds = prices > ZERO
    steps = np.linalg.pinv(turned[binds], rcond=1e-10) @ needed[binds]
    point = np.asarray(start + basis @ steps)
    missed = max((rows @ point - limits).max(), np.abs(equal @ point - equal_to).max(initial=0.0))
    return point if missed <= MISSED else None


def dimensions(equal: Array) -> int:
    """How many dimensions the solutions of equal @ x = ... have."""
    return int(equal.shape[1] - np.linalg.matrix_rank(equal, tol=1e-9))


def _solutions(wanted: Array, equal: Array, equal_to: Array) -> tuple[Array, Array]:
    """The solution nearest to `wanted`, and an orthonormal basis (n, k) of the ways to move."""
    _, sizes, turned = np.linalg.svd(equal)
    rank = int((sizes > 1e-9).sum())
    off = equal_to - equal @ wanted
    start = wanted + np.linalg.pinv(equal, rcond=1e-9) @ off
    return np.asarray(start), np.asarray(turned[rank:].T)
