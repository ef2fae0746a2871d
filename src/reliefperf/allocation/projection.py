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

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from reliefperf.allocation.entries import Entries
from reliefperf.allocation.folding import FoldedLp
from reliefperf.allocation.program import Floats, Ints, Mask, target_weights
from reliefperf.allocation.scaling import to_grid
from reliefperf.allocation.shortest import Shortest, shortest
from reliefperf.allocation.solver import Box

_FIXED = 1e-11


def project(
    lp: FoldedLp,
    face: Box,
    vertex: Floats,
    targets: Floats,
    colours: Ints | None = None,
    weights: Floats | None = None,
    parts: Mapping[int, Ints] | None = None,
) -> Floats:
    """The amounts (n,) of the face nearest to the targets (n,), weighted by 1 / target.

    `weights` (n,), if given, stand for the targets in this. `vertex` (N,) is any point of the
    face; helper columns that stand in several rows keep its value. `colours` (n,), if given, names
    the classes of columns that must get equal amounts. Columns that are sums of others, by `parts`,
    do not count.
    Raises SolverError if Clarabel does not reach an optimum.
    """
    weights = target_weights(targets) if weights is None else weights
    parts = parts or {}
    counts = np.ones(targets.size, dtype=bool)
    counts[list(parts)] = False
    entries = Entries.of(lp.matrix).with_parts(parts)
    quadratic = _reduce(entries, face.with_rows(len(parts)), vertex, counts)
    amounts = np.zeros(targets.size)
    amounts[counts] = _nearest(quadratic, targets[counts], weights[counts])
    if colours is not None:
        sizes = np.bincount(colours)
        means = np.bincount(colours, weights=amounts) / np.maximum(sizes, 1)
        amounts = np.where(sizes[colours] > 1, means[colours], amounts)
    amounts = to_grid(amounts)
    for column, columns in parts.items():
        amounts[column] = amounts[columns].sum()
    return np.clip(to_grid(amounts), lp.lower[: targets.size], lp.upper[: targets.size])


@dataclass(frozen=True, eq=False)
class _Reduced:
    """The face over the amounts alone; fixed amounts have equal bounds and stand in no row."""

    lower: Floats
    upper: Floats
    rows: Entries
    row_lower: Floats
    row_upper: Floats


def _reduce(entries: Entries, face: Box, vertex: Floats, counts: Mask) -> _Reduced:
    """Drop helper columns, fixed columns, rows of one column and rows that cannot bind.

    Amounts are the columns that `counts` (n,) names among the first n.
    """
    is_amount = np.pad(counts, (0, entries.n_columns - counts.size))
    lower, upper = face.lower[is_amount], face.upper[is_amount]
    rows, helpers = entries.of_columns(is_amount), entries.of_columns(~is_amount)
    low, high = face.lower[~is_amount], face.upper[~is_amount]
    shared = np.bincount(helpers.columns, minlength=helpers.n_columns) > 1
    low[shared] = high[shared] = vertex[~is_amount][shared]
    # A helper in one row only gives that row more room: its range moves into the row's sides.
    least, most = helpers.activity(low, high)
    row_lower, row_upper = face.row_lower - most, face.row_upper - least
    while True:
        lower, upper = (
            np.minimum(lower, (lower + upper) / 2),
            np.maximum(upper, (lower + upper) / 2),
        )
        fixed = upper - lower <= _FIXED * np.maximum(1.0, np.abs(lower))
        middle = np.where(fixed, (lower + upper) / 2, 0.0)
        lower, upper = np.where(fixed, middle, lower), np.where(fixed, middle, upper)
        moved = rows.times(middle)
        row_lower, row_upper = row_lower - moved, row_upper - moved
        rows = rows.only(~fixed[rows.columns])
        forced = _forced(rows, lower, upper, row_lower, row_upper)
        if forced.any():
            lower, upper = np.where(forced > 0, upper, lower), np.where(forced < 0, lower, upper)
            continue
        single = rows.counts == 1
        if not single.any():
            break
        alone = rows.only(single[rows.rows])
        ends = np.sort(
            np.stack([row_lower[single] / alone.data, row_upper[single] / alone.data]), axis=0
        )
        np.maximum.at(lower, alone.columns, ends[0])
        np.minimum.at(upper, alone.columns, ends[1])
        rows, row_lower, row_upper = rows.of_rows(~single), row_lower[~single], row_upper[~single]
    least, most = rows.activity(lower, upper)
    may_bind = (least < row_lower) | (most > row_upper)
    may_bind &= rows.counts > 0
    rows, row_lower, row_upper = rows.of_rows(may_bind), row_lower[may_bind], row_upper[may_bind]
    upper = np.minimum(upper, _beyond_reach(rows, row_upper, lower, upper))
    return _Reduced(lower, upper, rows, row_lower, row_upper)


def _forced(
    rows: Entries, lower: Floats, upper: Floats, row_lower: Floats, row_upper: Floats
) -> Ints:
    """Columns (n,) a row leaves no room, as its least value meets its high side or the other way.

    1 for columns that must be at their upper bound, -1 for the lower one, 0 for all others.
    """
    least, most = rows.activity(lower, upper)
    sizes = np.maximum(np.minimum(abs(lower), abs(upper)), 1.0)
    noise = 1e-12 * rows.by_row(np.abs(rows.data) * sizes[rows.columns])
    sign = np.where(most <= row_lower + noise, 1, np.where(least >= row_upper - noise, -1, 0))
    pull = np.sign(rows.by_column(sign[rows.rows] * np.sign(rows.data)))
    return np.where(upper > lower, pull, 0).astype(np.int64)


def _beyond_reach(rows: Entries, row_upper: Floats, lower: Floats, upper: Floats) -> Floats:
    """Bounds (n,) beyond what the rows allow; far greater ones would only spoil the numbers."""
    least, _ = rows.activity(lower, upper)
    rising = rows.only(rows.data > 0)
    i, j = rising.rows, rising.columns
    reach = np.full(upper.size, np.inf)
    np.minimum.at(reach, j, lower[j] + (row_upper[i] - least[i]) / rising.data)
    return reach + np.maximum(np.abs(reach), 1.0)


def _nearest(face: _Reduced, targets: Floats, weights: Floats) -> Floats:
    """Solve the reduced projection; without rows it is a clip."""
    amounts = np.clip(targets, face.lower, face.upper)
    is_free = face.upper > face.lower
    free = np.flatnonzero(is_free)
    if not face.rows.n_rows or not free.size:
        return amounts
    root = np.sqrt(weights[free])
    own = face.rows.of_columns(is_free)
    rows = own.scaled(lambda one: one.data * root[one.columns])
    size = 1.0 / np.sqrt(rows.by_row(rows.data**2))
    wanted = own.times(targets[free])
    problem = Shortest(
        rows=rows.scaled(lambda one: one.data * size[one.rows]).matrix(),
        low=size * (face.row_lower - wanted),
        high=size * (face.row_upper - wanted),
        lower=(face.lower[free] - targets[free]) / root,
        upper=(face.upper[free] - targets[free]) / root,
    )
    exact = shortest(problem)
    amounts[free] = np.clip(targets[free] + root * exact, face.lower[free], face.upper[free])
    return amounts
