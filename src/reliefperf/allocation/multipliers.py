"""Multipliers that prove a solution, found by linear programs where a simple search finds none.

A run looks for them when it writes its certificate, so that whoever checks it needs no solver. For
given amounts nearness asks for multipliers of the rows that bind with which no amount would move: the
sum of the moves is made least. A tier asks for multipliers of the rows and of the earlier tiers:
they are the prices of a program that may be worse on earlier tiers, at a high cost.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy

from reliefperf.allocation.checking import all_money, largest_gap, tier_gaps
from reliefperf.allocation.exact_program import ExactProgram
from reliefperf.allocation.exact_rows import in_money
from reliefperf.allocation.folding import CompiledLp, FoldedLp, fold
from reliefperf.allocation.program import Floats, Multipliers, Program, Solution
from reliefperf.allocation.pulp_model import compile_program
from reliefperf.allocation.scaling import money_unit, scaled
from reliefperf.allocation.solve import family_prices
from reliefperf.allocation.solver import Box, LiveSolver, NoSolution
from reliefperf.allocation.stationary import (
    Conditions,
    conditions,
    found_multipliers,
    largest_move,
    stationary,
)
from reliefperf.errors import SolverError

MARGIN = 0.1
"""Multipliers are stored where those of the search leave more than this part of what is allowed."""

COSTLY = 1e5
"""What a unit by which an earlier tier is worse costs, beside about 1 of the tier itself."""


def proved(program: Program, solution: Solution) -> Solution:
    """The solution with the multipliers that are needed to prove it; most need none."""
    problem = ExactProgram(program)
    money = all_money(problem, in_money(solution.amounts))
    gaps = tier_gaps(problem, solution)
    for k, objective in enumerate(problem.objectives):
        if gaps[k].gap <= MARGIN * largest_gap(money, objective):
            continue
        found = _of_tier(problem, solution, k)
        if found is None:
            continue
        mended = replace(solution, multipliers={**solution.multipliers, k: found})
        better = tier_gaps(problem, mended)
        if better[k].gap < gaps[k].gap:
            solution, gaps = mended, better
    near = stationary(problem, solution).moves
    if near > MARGIN * largest_move(solution.amounts):
        other = replace(solution, nearness=_of_nearness(problem, solution))
        if stationary(problem, other).moves < near:
            return other
    return solution


# ------------------------------------------------------------ a tier


def _of_tier(problem: ExactProgram, solution: Solution, k: int) -> Multipliers | None:
    """Multipliers of the rows and of the tiers before the k-th; None if no solver finds them."""
    unit = money_unit(problem.program)
    program = scaled(problem.program, unit)
    lp = compile_program(program)
    folded = fold(lp)
    assert isinstance(folded, FoldedLp)
    amounts = in_money(solution.amounts)
    sizes = [_size(problem, lp, i) for i in range(k + 1)]
    reached = [
        float(problem.value(problem.objectives[i], amounts)) / (sizes[i] * unit)
        - lp.objectives[i].constant
        for i in range(k)
    ]
    n_rows, n_columns = folded.matrix.shape
    # each earlier tier is a row, with a column for what it is worse by
    costs = np.array([objective.costs for objective in lp.objectives[:k]]).reshape(k, n_columns)
    worse = scipy.sparse.csr_array(-scipy.sparse.eye_array(k))
    tiers = scipy.sparse.csr_array(scipy.sparse.hstack([scipy.sparse.csr_array(costs), worse]))
    rules = scipy.sparse.csr_array(
        scipy.sparse.hstack([folded.matrix, scipy.sparse.csr_array((n_rows, k))])
    )
    matrix = scipy.sparse.csr_array(scipy.sparse.vstack([rules, tiers]))
    box = Box(
        np.concatenate([folded.lower, np.zeros(k)]),
        np.concatenate([folded.upper, np.full(k, np.inf)]),
        np.concatenate([folded.row_lower, np.full(k, -np.inf)]),
        np.concatenate([folded.row_upper, np.array(reached)]),
    )
    wanted = np.concatenate([lp.objectives[k].costs, np.full(k, COSTLY)])
    try:
        vertex = LiveSolver(matrix, box).minimise(wanted, box)
    except (NoSolution, SolverError):
        return None
    own = replace(vertex, prices=vertex.prices[:n_rows], reduced=vertex.reduced[:n_columns])
    multiples = np.maximum(-vertex.prices[n_rows:], 0.0) * sizes[k] / np.array(sizes[:k])
    return Multipliers(family_prices(lp, folded, own, sizes[k]), tuple(multiples.tolist()))


def _size(problem: ExactProgram, lp: CompiledLp, k: int) -> float:
    """How many times an objective's costs as compiled are those that are proved."""
    return lp.objectives[k].factor if problem.objectives[k].costs is not None else 1.0


# ------------------------------------------------------------ nearness


def _of_nearness(problem: ExactProgram, solution: Solution) -> Multipliers:
    """The multipliers of rows that bind with which amounts would move least in all."""
    needed = conditions(problem, solution, loose=True)
    best = np.zeros(needed.used.size)
    for first in (found_multipliers(needed), best):
        start = np.clip(first, needed.least, needed.most)
        found = np.clip(start + _steps(needed, start), needed.least, needed.most)
        best = min(best, found, key=lambda one: float(needed.moves(one).max(initial=0.0)))
    program, n_rows = problem.program, len(problem.rows)
    rows = [np.zeros(len(family.names)) for family in program.families]
    of_sums = np.zeros(len(program.parts))
    for place, multiplier in zip(needed.used.tolist(), best.tolist(), strict=True):
        if place < n_rows:
            number, index = problem.source(place)
            rows[number][index] = multiplier
        else:
            of_sums[place - n_rows] = multiplier
    for number, family in enumerate(program.families):
        if family.rule == program.sums:
            # the row of a sum also carries what other rows pull at it
            pulls = problem.float.entries.across(problem.prices(rows))
            rows[number] = of_sums + pulls[list(program.parts)]
    return Multipliers(tuple(rows))


def _steps(needed: Conditions, start: Floats) -> Floats:
    """What to add to multipliers (m,) for the least sum of moves; 0 if no solver finds it.

    A row for each amount that may move, with what is left of its slope above and below 0 as columns
    of their own, which cost nothing where the amount may not move that way.
    """
    moving = np.flatnonzero(needed.up | needed.down)
    n_rows, n_moving = needed.rows.n_rows, moving.size
    if not n_rows or not n_moving:
        return np.zeros(n_rows)
    left = needed.left(start)[moving]
    unit = max(1.0, float(np.abs(left).max()))
    size = needed.weights[moving] / 2.0 / unit
    own = scipy.sparse.csr_array(scipy.sparse.diags_array(size) @ needed.rows.matrix()[:, moving].T)
    eye = scipy.sparse.eye_array(n_moving)
    matrix = scipy.sparse.csr_array(scipy.sparse.hstack([own, eye, -eye]))
    nothing, endless = np.zeros(2 * n_moving), np.full(2 * n_moving, np.inf)
    box = Box(
        np.concatenate([needed.least - start, nothing]),
        np.concatenate([needed.most - start, endless]),
        left / unit,
        left / unit,
    )
    costs = np.concatenate(
        [np.zeros(n_rows), needed.down[moving].astype(float), needed.up[moving].astype(float)]
    )
    try:
        vertex = LiveSolver(matrix, box).minimise(costs, box, presolve=False)
    except (NoSolution, SolverError):
        return np.zeros(n_rows)
    return np.asarray(vertex.point[:n_rows])
