"""Whole units nearest to fractional amounts that keep every row: a small integer program."""

from __future__ import annotations

from typing import Any

import highspy
import numpy as np
from scipy import sparse

from reliefperf.allocation.entries import Entries
from reliefperf.allocation.neighbours import by_pairs
from reliefperf.allocation.program import Floats, Ints, Mask, SparseRows, activity
from reliefperf.allocation.solver import OPTIONS, Box, highs_lp, must, solver_error

# highspy's stubs leave Highs() untyped.
_highs: Any = highspy

REACHES = (1.0, 3.0, 10.0, 100.0, 1e5)
"""How many units beyond its two neighbours a number may go, tried one after the other."""

FAR_REACHES = (10.0, 100.0, 1e5)
"""The same for few numbers, where the least move of all can be looked for at once."""

FEW = 500
"""Up to so many numbers count as few."""

MAX_NODES = 20_000
"""The search of one reach ends after so many nodes, with the best units found so far, if any."""

_ELASTIC_REACH = 10.0

LEAN: dict[str, Any] = {
    "presolve": "off",
    "mip_detect_symmetry": False,
    "mip_heuristic_effort": 0.0,
    "mip_heuristic_run_feasibility_jump": False,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_root_reduced_cost": False,
    "mip_max_nodes": 200,
}
"""The first attempt: most rounding is settled at the root, where presolve, the search for first
answers and for symmetry would take ten times as long as the answer."""


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
    quota are tried, so that no number moves a unit or more where none has to. Else few numbers may
    go ten units further at once, which finds the least move in all; of many numbers those in
    `wider` (n,) may go one further on either side, then all as far as REACHES go. If even that
    fails the first `n_elastic` rows give way by as little as possible. None if the others alone
    cannot hold.
    One thread, no time limit. Raises SolverError if the solver gives up.
    """
    base = np.floor(quotas)
    entries = Entries.of(rows)
    at = entries.times(base)
    low, high = row_lower - at, row_upper - at
    costs = weights * (1.0 - 2.0 * (quotas - base)) + extra, weights
    single = entries.counts == 1
    alone = entries.of_rows(single)
    columns, by = alone.columns, alone.data
    ends = np.where(
        by > 0, (low[single] / by, high[single] / by), (high[single] / by, low[single] / by)
    )
    least, most = np.full(base.size, -np.inf), np.full(base.size, np.inf)
    np.maximum.at(least, columns, np.ceil(ends[0] - 1e-9))
    np.minimum.at(most, columns, np.floor(ends[1] + 1e-9))
    sides = low[~single], high[~single]
    few = base.size <= FEW
    if few and (most >= 0).all() and (least <= 1).all() and (least <= most).all():
        box = Box(np.maximum(least, 0.0), np.minimum(most, 1.0), *sides)
        found = by_pairs(entries.of_rows(~single), box, costs[0])
        if found is not None:
            return base.astype(np.int64) + found
    several = rows[~single]
    everyone = [np.full(base.size, reach) for reach in (FAR_REACHES if few else REACHES)]
    for reach in (np.zeros(base.size), *([] if few else [wider.astype(np.float64)]), *everyone):
        # A limit may lie beyond the reach; then its nearest number is within reach too.
        moves = (
            np.maximum(least, np.minimum(-reach, most)),
            np.minimum(most, np.maximum(1.0 + reach, least)),
        )
        if (moves[0] <= moves[1]).all():
            found = _nearest(several, *sides, moves, costs, 0)
            if found is not None:
                return base.astype(np.int64) + found
    moves = np.full(base.size, -_ELASTIC_REACH), np.full(base.size, 1.0 + _ELASTIC_REACH)
    # A row whose sides, made whole, have crossed is missed by least between them.
    crossed = (low > high) & (np.arange(low.size) < n_elastic)
    low, high = np.where(crossed, high, low), np.where(crossed, low, high)
    found = _nearest(rows, low, high, moves, costs, n_elastic)
    return None if found is None else base.astype(np.int64) + found


def _nearest(
    rows: SparseRows,
    row_lower: Floats,
    row_upper: Floats,
    moves: tuple[Floats, Floats],
    costs: tuple[Floats, Floats],
    n_elastic: int,
) -> Ints | None:
    """The moves (n,) of nearest_units: first + more - down, the last two costing full units."""
    (least, most), (above, weights) = moves, costs
    n = least.size
    more, down = np.flatnonzero(most >= 2), np.flatnonzero(least <= -1)
    give = sparse.eye_array(rows.shape[0], n_elastic, format="csr")
    if n_elastic:
        # Which rows must give way, and by how little, is all that is asked then.
        above, weights = np.zeros(above.size), np.zeros(weights.size)
    price = np.ones(2 * n_elastic)
    matrix = sparse.csr_array(
        sparse.hstack([rows, rows[:, more], -rows[:, down], give, -give], format="csr")
    )
    lower = np.concatenate(
        [least >= 1, np.maximum(least[more] - 1, 0), np.maximum(-most[down], 0), 0 * price]
    )
    upper = np.concatenate([most >= 1, most[more] - 1, -least[down], np.inf + price])
    falls, rises = activity(matrix, lower, np.minimum(upper, 1e12))
    matters = (falls < row_lower) | (rises > row_upper)
    box = Box(lower, upper, row_lower[matters], row_upper[matters])
    all_costs = np.concatenate([above, weights[more], weights[down], price])
    found = _integer(matrix[matters], box, all_costs, n + more.size + down.size)
    if found is None:
        return None
    moved = found[:n]
    moved[more] += found[n : n + more.size]
    moved[down] -= found[n + more.size : n + more.size + down.size]
    return moved


def _integer(matrix: SparseRows, box: Box, costs: Floats, n_integer: int) -> Ints | None:
    """Minimise costs @ x with the first columns whole; None if no such point is found."""
    highs = _searched(matrix, box, costs, n_integer, LEAN)
    if highs.getModelStatus() == _highs.HighsModelStatus.kSolutionLimit:
        highs = _searched(matrix, box, costs, n_integer, {})
    status, ends = highs.getModelStatus(), _highs.HighsModelStatus
    if status in (ends.kInfeasible, ends.kUnboundedOrInfeasible):
        return None
    if status == ends.kSolutionLimit:
        if not np.isfinite(highs.getInfo().mip_gap):
            return None
    elif status != ends.kOptimal:
        raise solver_error(highs.modelStatusToString(status))
    return np.rint(np.array(highs.getSolution().col_value)).astype(np.int64)


def _searched(
    matrix: SparseRows, box: Box, costs: Floats, n_integer: int, more: dict[str, Any]
) -> Any:
    """The solver after its search."""
    highs = _highs.Highs()
    options = {
        "primal_feasibility_tolerance": 1e-7,
        "dual_feasibility_tolerance": 1e-7,
        "mip_rel_gap": 0.0,
        "mip_abs_gap": 1e-6,
        "mip_max_nodes": MAX_NODES,
    }
    for name, value in (OPTIONS | options | more).items():
        highs.setOptionValue(name, value)
    model = highs_lp(matrix, box, costs)
    kinds = _highs.HighsVarType
    model.integrality_ = [kinds.kInteger] * n_integer + [kinds.kContinuous] * (
        matrix.shape[1] - n_integer
    )
    must(highs.passModel(model))
    highs.run()
    return highs
