"""Folding: fewer rows for the solver, and contradictions of two rules found without one.

A row with one variable becomes a bound of its column; rows with the same coefficients, up to
scale, become one row with two sides. Of several rules the tightest on each side is kept with a map
back to it, so that a price can be given to the rule that binds. A low above a high at this point
is a contradiction of two rules, named at once with both amounts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from reliefperf.allocation.entries import Entries
from reliefperf.allocation.program import Floats, Ints, SparseRows

CROSSING_TOLERANCE = 1e-9
"""A low above its high by less than this, relative to their size and at least this much money, is
rounding noise: both sides become their middle."""


@dataclass(frozen=True, eq=False)
class Objective:
    """One objective of a compiled program: minimise costs @ x + constant.

    `factor` turns that value into what the tier means (the coverage ratio, the caller's costs);
    `is_distance` marks a sum of distances from targets.
    """

    name: str
    costs: Floats
    constant: float
    factor: float
    is_distance: bool = False

    def value(self, point: Floats) -> float:
        """The tier's value at a point (n_columns,), in the tier's own unit."""
        return self.factor * (float(self.costs @ point) + self.constant)


@dataclass(frozen=True, eq=False)
class CompiledLp:
    """A program as arrays: lower <= x <= upper, row_lower <= matrix @ x <= row_upper, minimise.

    The first `n_amounts` of the N columns are the program's; the others are auxiliary. Each of the
    M rows has one open side or two equal ones. `row_family` and `row_index` (M,) say which row of
    which family it is (-1: a row that defines an auxiliary column); `slack_columns` (k,) are the
    shortfalls of soft rows, `slack_rows` (k,) the compiled rows they belong to. `rules` names the
    rule of each family. Objectives come in order of the tiers.
    """

    columns: tuple[str, ...]
    n_amounts: int
    lower: Floats
    upper: Floats
    rows: tuple[str, ...]
    matrix: SparseRows
    row_lower: Floats
    row_upper: Floats
    row_family: Ints
    row_index: Ints
    slack_columns: Ints
    slack_rows: Ints
    rules: tuple[str, ...]
    objectives: tuple[Objective, ...]

    def rule_of(self, row: int) -> str:
        """The rule a compiled row comes from; "" for the columns' own bounds (-1) and helpers."""
        family = int(self.row_family[row]) if row >= 0 else -1
        return self.rules[family] if family >= 0 else ""


@dataclass(frozen=True, eq=False)
class FoldedLp:
    """A folded program: lower <= x <= upper (N,), row_lower <= matrix @ x <= row_upper (m,).

    `low_row`, `high_row` (m,) and `column_low_row`, `column_high_row` (N,) give the compiled row
    that sets each side (-1: nobody, or the column's own bound). `scale` (M,) says how many times
    the compiled row is its folded row or, for a row of one variable, its column.
    """

    matrix: SparseRows
    row_lower: Floats
    row_upper: Floats
    lower: Floats
    upper: Floats
    low_row: Ints
    high_row: Ints
    column_low_row: Ints
    column_high_row: Ints
    scale: Floats


@dataclass(frozen=True)
class Contradiction:
    """One row or column where a rule wants at least `low` and another at most `high` < `low`.

    Rules and rows are names; a rule of "" is the column's own bound.
    """

    low_rule: str
    low_row: str
    low: float
    high_rule: str
    high_row: str
    high: float


def fold(lp: CompiledLp) -> FoldedLp | tuple[Contradiction, ...]:
    """Fold a compiled program, or return every contradiction of two rules, in order of the rows."""
    terms = np.diff(lp.matrix.indptr)
    group, scale = _groups(lp.matrix, terms)
    low, high = _in_group_scale(lp, scale)
    single = np.flatnonzero(terms == 1)
    columns = lp.matrix.indices[lp.matrix.indptr[single]].astype(np.int64)
    lower, column_low_row = _tightest(lp.lower, columns, low[single], single)
    negative, column_high_row = _tightest(-lp.upper, columns, -high[single], single)
    upper = -negative
    several = np.flatnonzero(terms != 1)
    n_groups = int(group.max(initial=-1)) + 1
    open_side = np.full(n_groups, -np.inf)
    row_lower, low_row = _tightest(open_side, group[several], low[several], several)
    negative, high_row = _tightest(open_side, group[several], -high[several], several)
    row_upper = -negative
    # A row without variables is 0: its sides are checked here and the row itself is not needed.
    first = _first_of_group(group, n_groups)
    empty = terms[first] == 0
    row_lower, row_upper = (
        np.where(empty, np.maximum(row_lower, 0.0), row_lower),
        np.where(empty, np.minimum(row_upper, 0.0), row_upper),
    )
    found = _contradictions(lp, lower, upper, column_low_row, column_high_row)
    found += _contradictions(lp, row_lower, row_upper, low_row, high_row)
    if found:
        return tuple(found)
    lower, upper = _settle(lower, upper)
    row_lower, row_upper = _settle(row_lower, row_upper)
    keep = ~empty
    rows = first[keep]
    chosen = np.zeros(terms.size, dtype=bool)
    chosen[rows] = True  # ascending, as groups are numbered by their first row
    entries = Entries.of(lp.matrix).of_rows(chosen)
    return FoldedLp(
        matrix=entries.scaled(lambda one: (1.0 / scale[rows])[one.rows] * one.data).matrix(),
        row_lower=row_lower[keep],
        row_upper=row_upper[keep],
        lower=lower,
        upper=upper,
        low_row=low_row[keep],
        high_row=high_row[keep],
        column_low_row=column_low_row,
        column_high_row=column_high_row,
        scale=scale,
    )


def _in_group_scale(lp: CompiledLp, scale: Floats) -> tuple[Floats, Floats]:
    """Each row's sides divided by its scale; a negative scale swaps them."""
    low, high = lp.row_lower / scale, lp.row_upper / scale
    swap = scale < 0
    return np.where(swap, high, low), np.where(swap, low, high)


def _tightest(
    start: Floats, places: Ints, values: Floats, rows: Ints
) -> tuple[Floats, NDArray[np.int64]]:
    """The greatest of `start` and the values at each place, and the first row that gives it.

    A row that only repeats the column's own bound gets the credit: unlike the bound it has a name.
    """
    best = start.copy()
    np.maximum.at(best, places, values)
    giver = np.full(start.size, -1, dtype=np.int64)
    gives = (values == best[places]) & np.isfinite(values)
    # Written backwards, so that of equals the first row stays.
    giver[places[gives][::-1]] = rows[gives][::-1]
    return best, giver


def _groups(matrix: SparseRows, terms: NDArray[np.integer]) -> tuple[Ints, Floats]:
    """For each row the number of its group (-1 for rows of one variable) and its scale.

    Rows are divided by their first coefficient, rounded to 40 bits so that 0.1 x 3 and 0.3 meet.
    Groups are numbered by their first row.
    """
    n_rows = matrix.shape[0]
    starts = matrix.indptr[:-1]
    scale = np.ones(n_rows)
    filled = terms > 0
    scale[filled] = matrix.data[starts[filled]]
    group = np.full(n_rows, -1, dtype=np.int64)
    size, exponent = np.frexp(matrix.data / np.repeat(scale, terms))
    rounded = np.ldexp(np.rint(size * 2.0**40), exponent - 40)
    seen: dict[bytes, int] = {}
    indices = matrix.indices.astype(np.int32)
    bounds = matrix.indptr.tolist()
    for i in np.flatnonzero(terms != 1).tolist():
        part = slice(bounds[i], bounds[i + 1])
        key = indices[part].tobytes() + rounded[part].tobytes()
        group[i] = seen.setdefault(key, len(seen))
    return group, scale


def _first_of_group(group: Ints, n_groups: int) -> Ints:
    first = np.zeros(n_groups, dtype=np.int64)
    rows = np.flatnonzero(group >= 0)[::-1]
    first[group[rows]] = rows
    return first


def _crossed(lower: Floats, upper: Floats) -> NDArray[np.bool_]:
    size = np.maximum(1.0, np.minimum(np.abs(lower), np.abs(upper)))
    return np.asarray(lower - upper > CROSSING_TOLERANCE * size)


def _settle(lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
    """Sides crossed by no more than noise become their middle."""
    noisy = lower > upper
    middle = np.where(noisy, (np.where(noisy, lower, 0.0) + np.where(noisy, upper, 0.0)) / 2, 0.0)
    return np.where(noisy, middle, lower), np.where(noisy, middle, upper)


def _contradictions(
    lp: CompiledLp, lower: Floats, upper: Floats, low_row: Ints, high_row: Ints
) -> list[Contradiction]:
    found = []
    for i in np.flatnonzero(_crossed(lower, upper)).tolist():
        low_from, high_from = int(low_row[i]), int(high_row[i])
        found.append(
            Contradiction(
                low_rule=lp.rule_of(low_from),
                low_row=lp.rows[low_from] if low_from >= 0 else "",
                low=float(lower[i]),
                high_rule=lp.rule_of(high_from),
                high_row=lp.rows[high_from] if high_from >= 0 else "",
                high=float(upper[i]),
            )
        )
    return found


def column_colours(lp: FoldedLp, targets: Floats, costs: list[Floats]) -> Ints:
    """Classes (n,) of amounts that the program cannot tell apart, by colour refinement.

    Two columns start alike if bounds, target and every tier's cost are equal; then, round by
    round, they stay alike while they stand with equal coefficients in rows that are alike.
    Averaging over the classes keeps a convex program feasible and optimal.

    Source: Grohe, Kersting, Mladenov and Selman, Dimension reduction via colour refinement (2014).
    """
    n_columns, n_amounts = lp.lower.size, targets.size
    kind = np.zeros(n_columns)
    kind[:n_amounts] = 1.0
    goal = np.concatenate([targets, np.zeros(n_columns - n_amounts)])
    column = _number(np.column_stack([kind, lp.lower, lp.upper, goal, *costs]))
    if np.unique(column[:n_amounts]).size == n_amounts:
        return np.arange(n_amounts)  # all differ before any row is looked at
    row = _number(np.column_stack([lp.row_lower, lp.row_upper]))
    by_row, by_column = lp.matrix, scipy.sparse.csc_array(lp.matrix)
    n_classes = 0
    while (count := int(column.max(initial=0) + row.max(initial=0))) > n_classes:
        n_classes = count
        if len(np.unique(column[:n_amounts])) == n_amounts:
            break
        row = _refine(row, by_row.indptr, by_row.data, column[by_row.indices])
        column = _refine(column, by_column.indptr, by_column.data, row[by_column.indices])
    return np.unique(column[:n_amounts], return_inverse=True)[1].astype(np.int64)


def _number(table: Floats) -> Ints:
    """Equal rows of a table get equal numbers from 0 on."""
    bits = np.ascontiguousarray(table + 0.0).view(np.uint64)
    key = _mix(bits * np.arange(1, 2 * bits.shape[1], 2, dtype=np.uint64)).sum(axis=1)
    return np.unique(key, return_inverse=True)[1].astype(np.int64)


def _refine(own: Ints, starts: NDArray[np.integer], data: Floats, others: Ints) -> Ints:
    """New classes: the old one, and the set of (coefficient, class) of the entries."""
    entries = _mix(_mix(data.view(np.uint64)) + others.astype(np.uint64))
    total = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(entries, dtype=np.uint64)])
    sums = total[starts[1:]] - total[starts[:-1]]
    return np.unique(_mix(sums + _mix(own.astype(np.uint64))), return_inverse=True)[1].astype(
        np.int64
    )


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread 64 bits (splitmix64's finaliser); sums of mixed values tell sets apart."""
    with np.errstate(over="ignore"):
        values = values + np.uint64(0x9E3779B97F4A7C15)
        values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
