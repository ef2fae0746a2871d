"""Whole units by a linear program: up or down by one, with rows on pairs as sharp as they can be.

Of a row on two numbers that may each go up by one or stay, only four cases matter. The row is put as
what excludes the same cases and nothing else: a number that stays or goes up for certain, or one row
such as "the first goes up only if the second does". With rows on pairs and totals alone the vertices
of the linear program are mostly whole then, and no search for whole numbers is needed.

Source: the convex hull of a constraint's integer points (Wolsey, Integer Programming, 1998, chapter 8).
"""

from __future__ import annotations

from itertools import product

import numpy as np

from reliefperf.allocation.entries import Entries, stacked
from reliefperf.allocation.program import Floats, Ints
from reliefperf.allocation.solver import Box, LiveSolver, NoSolution, optimal_face
from reliefperf.errors import SolverError

NOISE = 1e-7
"""A side passed by no more than this is kept, as in the search for whole numbers."""

NEARLY = 1e-6
"""A number this close to a whole one is whole, as in the search."""


def by_pairs(rows: Entries, box: Box, *costs: Floats) -> Ints | None:
    """The numbers (n,), each 0 or 1 and within the box, of least costs (n,) @ x that keep the rows.

    Of several such numbers those of least second costs are taken, and so on. None where the linear program does not end in whole numbers that keep all rows: then nothing is
    said.
    """
    low, high = box.row_lower, box.row_upper
    falls, rises = rows.activity(box.lower, box.upper)
    matters = (falls < low) | (rises > high)
    rows, low, high = rows.of_rows(matters), low[matters], high[matters]
    pairs = rows.counts == 2
    first = np.concatenate([[0], np.cumsum(rows.counts)])[:-1][pairs]
    x, y = rows.columns[first], rows.columns[first + 1]
    by_x, by_y = rows.data[first], rows.data[first + 1]
    excluded = {}
    for case in product((0, 1), repeat=2):
        value = by_x * case[0] + by_y * case[1]
        excluded[case] = (value < low[pairs] - NOISE) | (value > high[pairs] + NOISE)
    lower, upper = box.lower.copy(), box.upper.copy()
    for columns, never_up, never_down in (
        (x, excluded[1, 0] & excluded[1, 1], excluded[0, 0] & excluded[0, 1]),
        (y, excluded[0, 1] & excluded[1, 1], excluded[0, 0] & excluded[1, 0]),
    ):
        upper[columns[never_up]] = 0.0
        lower[columns[never_down]] = 1.0
    if (lower > upper).any():
        return None
    kept = rows.of_rows(~pairs)
    sides = [(low[~pairs], high[~pairs])]
    parts = [kept]
    for case, out in excluded.items():
        at, n_rows = np.flatnonzero(out), int(out.sum())
        signs = [1.0 if went_up else -1.0 for went_up in case]
        parts.append(
            Entries(
                np.repeat(np.arange(n_rows), 2),
                np.column_stack([x[at], y[at]]).ravel(),
                np.tile(signs, n_rows),
                n_rows,
                rows.n_columns,
            )
        )
        # the excluded case alone reaches the sum of the numbers that go up in it
        sides.append((np.full(n_rows, -np.inf), np.full(n_rows, sum(case) - 1.0)))
    sharp = stacked(parts)
    limits = Box(lower, upper, *(np.concatenate(side) for side in zip(*sides, strict=True)))
    solver, basis, spent = LiveSolver(sharp.matrix(), limits), None, []
    whole = np.zeros(costs[0].size)
    for cost in costs:
        try:
            vertex = solver.minimise(cost, limits, basis, presolve=False)
        except (NoSolution, SolverError):
            return None
        whole = np.rint(vertex.point)
        if np.abs(vertex.point - whole).max(initial=0.0) > NEARLY:
            return None
        spent.append((cost, float(cost @ whole)))
        limits, basis = optimal_face(limits, vertex), vertex.basis
    # a face is as wide as the solver's tolerance
    if any(float(cost @ whole) > least + NEARLY for cost, least in spent):
        return None
    values = rows.times(whole)
    if ((values < low - NOISE) | (values > high + NOISE)).any():
        return None
    return whole.astype(np.int64)
