"""Whole units nearest to fractional amounts that keep every row: a small integer program.

Of all such units the nearest are those of reliefperf.allocation.nearness. The programs are the same
to the last number whatever the order of rows, rules and regions, and so are the answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from reliefperf.allocation.entries import Entries
from reliefperf.allocation.integers import TIE_NODES, Search, Tiers, integer
from reliefperf.allocation.nearness import FEW, reaches
from reliefperf.allocation.neighbours import by_pairs
from reliefperf.allocation.program import Floats, Ints, Mask, SparseRows, activity
from reliefperf.allocation.repair import Whole, as_arrays
from reliefperf.allocation.solver import Box, solver_error

MAX_NODES = 20_000
"""The search of one reach ends after so many nodes, with the best units found so far, if any."""

_ELASTIC_REACH = 10.0


@dataclass(frozen=True, eq=False)
class Goal:
    """What is wanted of numbers (n,) that move from whole parts: `parts` (n,) is what the quotas are
    above these, from 0 to 1; `logs` (n,) the cost of a unit among equals. Numbers from `n` on cost
    nothing."""

    parts: Floats
    logs: Floats

    def padded(self, values: Floats, n: int) -> Floats:
        """Costs of all n numbers."""
        return np.concatenate([values, np.zeros(n - values.size)])


def nearest_units(
    goal: Goal,
    wider: Mask,
    rows: SparseRows,
    row_lower: Floats,
    row_upper: Floats,
    n_elastic: int,
) -> Search:
    """Whole moves (n,) from the whole parts that keep all rows and come nearest to the quotas.

    First the two neighbours of each quota are tried, so that no number moves a unit or more where
    none has to. Else few numbers may go ten units further at once, which finds the least move in
    all; of many numbers those in `wider` (n,) may go one further on either side, then all as far as
    `reaches` go. If even that fails the first `n_elastic` rows give way by as little as possible. No
    moves if the others alone cannot hold.
    One thread, no time limit. Raises SolverError if the solver gives up, or stops before it is known
    whether any units keep the rows.
    """
    n = rows.shape[1]
    entries = Entries.of(rows)
    single = entries.counts == 1
    alone = entries.of_rows(single)
    columns, by = alone.columns, alone.data
    low, high = row_lower[single] / by, row_upper[single] / by
    ends = np.where(by > 0, (low, high), (high, low))
    least, most = np.full(n, -np.inf), np.full(n, np.inf)
    np.maximum.at(least, columns, np.ceil(ends[0] - 1e-9))
    np.minimum.at(most, columns, np.floor(ends[1] + 1e-9))
    sides = row_lower[~single], row_upper[~single]
    few = n <= FEW
    if few and (most >= 0).all() and (least <= 1).all() and (least <= most).all():
        box = Box(np.maximum(least, 0.0), np.minimum(most, 1.0), *sides)
        costs = goal.padded(1.0 - 2.0 * goal.parts, n), goal.padded(goal.logs, n)
        found = by_pairs(entries.of_rows(~single), box, *costs)
        if found is not None:
            return Search(found, settled=True)
    several = rows[~single]
    everyone = [np.full(n, float(reach)) for reach in reaches(n)]
    if not few:
        everyone.insert(1, wider.astype(np.float64))
    stopped = ""
    for reach in everyone:
        # A limit may lie beyond the reach; then its nearest number is within reach too.
        moves = (
            np.maximum(least, np.minimum(-reach, most)),
            np.minimum(most, np.maximum(1.0 + reach, least)),
        )
        if (moves[0] <= moves[1]).all():
            search = _nearest(several, *sides, moves, goal, 0)
            stopped = stopped or search.stopped
            if search.moves is not None:
                return Search(search.moves, stopped)
    moves = np.full(n, -_ELASTIC_REACH), np.full(n, 1.0 + _ELASTIC_REACH)
    # A row whose sides, made whole, have crossed is missed by least between them.
    crossed = (row_lower > row_upper) & (np.arange(row_lower.size) < n_elastic)
    low, high = (
        np.where(crossed, one, other)
        for one, other in ((row_upper, row_lower), (row_lower, row_upper))
    )
    search = _nearest(rows, low, high, moves, goal, n_elastic)
    if stopped:
        # that no units keep the rows is not known: either these do, or nothing can be said
        taken = np.zeros(n) if search.moves is None else search.moves.astype(np.float64)
        values = entries.times(taken)
        if ((values < row_lower - 1e-6) | (values > row_upper + 1e-6)).any():
            raise solver_error(stopped)
        return Search(search.moves, stopped)
    return search


def some_units(base: Sequence[int], rows: Sequence[Whole]) -> tuple[list[int] | None, bool]:
    """Any whole units (n,) that keep rows, no further off from `base` (n,) than units are sought.

    Second whether that is known: the search ends after TIE_NODES nodes. Raises SolverError.
    """
    matrix, low, high = as_arrays(rows, base)
    far = np.full(len(base), float(reaches(len(base))[-1]))
    box = Box(-far, far, low, high)
    search = integer(matrix, box, np.zeros(len(base)), len(base), TIE_NODES)
    if search.moves is None:
        return None, not search.stopped
    found = [b + move for b, move in zip(base, search.moves.tolist(), strict=True)]
    return found, all(row.holds(found) for row in rows)


def _nearest(
    rows: SparseRows,
    row_lower: Floats,
    row_upper: Floats,
    moves: tuple[Floats, Floats],
    goal: Goal,
    n_elastic: int,
) -> Search:
    """The moves (n,) of nearest_units: first + more - down, the last two costing full units."""
    least, most = moves
    n = least.size
    more, down = np.flatnonzero(most >= 2), np.flatnonzero(least <= -1)
    give = scipy.sparse.eye_array(rows.shape[0], n_elastic, format="csr")
    price = np.ones(2 * n_elastic)
    matrix = scipy.sparse.csr_array(
        scipy.sparse.hstack([rows, rows[:, more], -rows[:, down], give, -give], format="csr")
    )
    lower = np.concatenate(
        [least >= 1, np.maximum(least[more] - 1, 0), np.maximum(-most[down], 0), 0 * price]
    )
    upper = np.concatenate([most >= 1, most[more] - 1, -least[down], np.inf + price])
    falls, rises = activity(matrix, lower, np.minimum(upper, 1e12))
    matters = (falls < row_lower) | (rises > row_upper)
    matrix, low, high = matrix[matters], row_lower[matters], row_upper[matters]
    paid = goal.padded(np.ones(goal.parts.size), n)
    logs = goal.padded(goal.logs, n)
    distance = np.concatenate(
        [goal.padded(1.0 - 2.0 * goal.parts, n), paid[more], paid[down], 0 * price]
    )
    ties = np.concatenate([logs, logs[more], -logs[down], 0 * price])
    n_whole = n + more.size + down.size

    def moved(found: Ints) -> Ints:
        own = found[:n].copy()
        own[more] += found[n : n + more.size]
        own[down] -= found[n + more.size : n_whole]
        return own

    box = Box(lower, upper, low, high)
    if n_elastic:
        # Which rows must give way, and by how little, is all that is asked then.
        distance = np.concatenate([np.zeros(n_whole), price])
    elif n > FEW:
        distance = distance + 1e-4 / max(float(logs.max(initial=0.0)), 1.0) * ties
    search = integer(matrix, box, distance, n_whole, MAX_NODES)
    if search.moves is None:
        return search
    if n_elastic or n > FEW or search.stopped:
        return Search(moved(search.moves), search.stopped)
    tiers = Tiers(matrix, box, n_whole)
    best = tiers.keep(distance, search.moves)
    own = moved(best)
    if (own > 1).any() or (own < 0).any():
        tiers.add_levels(goal.parts, own, more, down, n)
        best = tiers.better(tiers.squares, best)
    return Search(moved(tiers.better(ties, best)))
