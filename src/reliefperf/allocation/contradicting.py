"""Rules that contradict each other: multipliers that prove it, and no rule more than is needed.

Weak duality with no objective: weighted by any multipliers, the rows' sides and the columns' bounds
say what their sum must reach; if what is needed exceeds what is allowed there is no feasible point.
The multipliers are the prices of an elastic program; the proof is in rational numbers, with the
multipliers taken as nearby small fractions where that proves it, else as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import scipy

from reliefperf.allocation.folding import CompiledLp, FoldedLp, fold
from reliefperf.allocation.program import Floats, SparseRows, exact
from reliefperf.allocation.solver import Box, LiveSolver, NoSolution, Vertex

NOISE = 1e-9
"""Multipliers below this are a solver's noise, as is money by which elastic rows give way."""

DENOMINATORS = (1, 1000, 10**6)
"""Multipliers are first tried as fractions with no larger denominator."""


@dataclass(frozen=True)
class Term:
    """A side in the contradiction: `amount` money weighted by its multiplier, above or below 0.

    `row` is the compiled row that sets the side (-1: a column's own bound), `rising` whether the
    row's low side is meant. `times` is how many times the side as stated the amount is, above 0.
    """

    row: int
    amount: Fraction
    rising: bool
    times: Fraction


def restricted(lp: CompiledLp, rules: Iterable[str]) -> CompiledLp:
    """The program with the rows of these rules alone."""
    wanted = set(rules)
    of_rules = np.array([rule in wanted for rule in lp.rules], dtype=bool)
    keep = np.flatnonzero((lp.row_family >= 0) & of_rules[lp.row_family])
    place = np.full(len(lp.rows), -1, dtype=np.int64)
    place[keep] = np.arange(keep.size)
    return replace(
        lp,
        rows=tuple(lp.rows[i] for i in keep.tolist()),
        matrix=lp.matrix[keep],
        row_lower=lp.row_lower[keep],
        row_upper=lp.row_upper[keep],
        row_family=lp.row_family[keep],
        row_index=lp.row_index[keep],
        slack_rows=place[lp.slack_rows],
        objectives=(),
    )


def opened(lp: CompiledLp) -> CompiledLp:
    """The program without the amounts' own upper bounds, which no rule states.

    Bounds that fix an amount, or keep it from rising above zero, stay.
    """
    free = lp.upper > np.maximum(lp.lower, 0.0)
    return replace(lp, upper=np.where(free, np.inf, lp.upper))


def elastic(matrix: SparseRows, box: Box, may: Sequence[int]) -> Vertex | None:
    """The least sum by which the rows `may` must give way, with prices; None if it does not do."""
    chosen = np.asarray(may, dtype=np.int64)
    below = chosen[np.isfinite(box.row_lower[chosen])]
    above = chosen[np.isfinite(box.row_upper[chosen])]
    n_rows, n_slacks = matrix.shape[0], below.size + above.size
    slack = scipy.sparse.csr_array(
        (
            np.concatenate([np.ones(below.size), -np.ones(above.size)]),
            (np.concatenate([below, above]), np.arange(n_slacks)),
        ),
        shape=(n_rows, n_slacks),
    )
    wider = Box(
        lower=np.concatenate([box.lower, np.zeros(n_slacks)]),
        upper=np.concatenate([box.upper, np.full(n_slacks, np.inf)]),
        row_lower=box.row_lower,
        row_upper=box.row_upper,
    )
    costs = np.concatenate([np.zeros(box.lower.size), np.ones(n_slacks)])
    try:
        joined = scipy.sparse.csr_array(scipy.sparse.hstack([matrix, slack]))
        return LiveSolver(joined, wider).minimise(costs, wider)
    except NoSolution:
        return None


def multipliers(folded: FoldedLp) -> Floats | None:
    """Multipliers (m,) of the folded rows that prove them infeasible; None if they are not."""
    vertex = elastic(folded.matrix, Box.of(folded), range(folded.row_lower.size))
    if vertex is None or vertex.value <= NOISE:
        return None
    prices = np.where(np.abs(vertex.prices) < NOISE, 0.0, vertex.prices)
    open_side = np.where(prices > 0, folded.row_lower, folded.row_upper)
    return np.where(np.isfinite(open_side), prices, 0.0)


def proof(folded: FoldedLp, weights: Floats, ends: Floats | None = None) -> tuple[list[Term], bool]:
    """The sides that multipliers (m,) add up, and whether they prove the contradiction exactly.

    `ends` (N,) are the columns' own upper bounds of a program that was `opened`: what is left of
    multipliers by a solver's noise, and no more than that, is counted at them.
    """
    opened_columns = np.isinf(folded.upper)
    if ends is not None:
        folded = replace(folded, upper=np.where(opened_columns, ends, folded.upper))
    noise = exact(NOISE * float(np.abs(weights).max(initial=0.0)))
    terms: list[Term] = []
    for most in (*DENOMINATORS, 0):
        chosen = {
            i: Fraction(weights[i]).limit_denominator(most) if most else Fraction(weights[i])
            for i in np.flatnonzero(weights).tolist()
        }
        used = {i: weight for i, weight in chosen.items() if weight}
        left = _left(folded, used)
        terms = _terms(folded, used, left)
        if any(weight < -noise and opened_columns[j] for j, weight in left.items()):
            continue
        if sum((term.amount for term in terms), Fraction(0)) > 0:
            return terms, True
    return terms, False


def _left(folded: FoldedLp, weights: dict[int, Fraction]) -> dict[int, Fraction]:
    """What weighted rows leave of each column, which its bounds must make up for."""
    matrix = folded.matrix
    starts, columns, data = matrix.indptr, matrix.indices, matrix.data
    left: dict[int, Fraction] = {}
    for i, weight in weights.items():
        for at in range(int(starts[i]), int(starts[i + 1])):
            j = int(columns[at])
            left[j] = left.get(j, Fraction(0)) - weight * exact(data[at])
    return {j: weight for j, weight in left.items() if weight}


def _terms(folded: FoldedLp, weights: dict[int, Fraction], left: dict[int, Fraction]) -> list[Term]:
    terms = []
    for i, weight in weights.items():
        side, row = (
            (folded.row_lower[i], folded.low_row[i])
            if weight > 0
            else (folded.row_upper[i], folded.high_row[i])
        )
        terms.append(_term(folded, weight, side, int(row)))
    for j, weight in sorted(left.items()):
        side, row = (
            (folded.lower[j], folded.column_low_row[j])
            if weight > 0
            else (folded.upper[j], folded.column_high_row[j])
        )
        terms.append(_term(folded, weight, side, int(row)))
    return terms


def _term(folded: FoldedLp, weight: Fraction, side: float, row: int) -> Term:
    # A row that was folded upside down is named by its own side.
    upside_down = row >= 0 and folded.scale[row] < 0
    times = abs(weight / exact(folded.scale[row])) if row >= 0 else abs(weight)
    return Term(row, weight * exact(side), (weight > 0) != upside_down, times)


def is_infeasible(lp: CompiledLp, ends: Floats | None = None) -> bool:
    """Whether no point keeps the rows; `ends` as in proof."""
    folded = fold(lp)
    if not isinstance(folded, FoldedLp):
        return True
    found = multipliers(folded)
    return found is not None and proof(folded, found, ends)[1]


def reduced(lp: CompiledLp, rules: Sequence[str], ends: Floats | None = None) -> list[str]:
    """The rules without those that are not needed, the last tried first.

    With any one of those that are left away, the others have a feasible point.
    """
    needed = list(rules)
    for rule in reversed(rules):
        others = [other for other in needed if other != rule]
        if is_infeasible(restricted(lp, others), ends):
            needed = others
    return needed


def gives_way(lp: CompiledLp, rules: Iterable[str]) -> float:
    """The least money by which rows of these rules must give way if no other does, else infinity.

    The rows that must hold are folded first.
    """
    giving = set(rules)
    others = fold(restricted(lp, set(lp.rules) - giving))
    if not isinstance(others, FoldedLp):
        return float("inf")
    own = restricted(lp, giving)
    n_held = others.matrix.shape[0]
    box = Box(
        others.lower,
        others.upper,
        np.concatenate([others.row_lower, own.row_lower]),
        np.concatenate([others.row_upper, own.row_upper]),
    )
    matrix = scipy.sparse.csr_array(scipy.sparse.vstack([others.matrix, own.matrix]))
    vertex = elastic(matrix, box, range(n_held, n_held + len(own.rows)))
    return float("inf") if vertex is None else max(vertex.value, 0.0)
