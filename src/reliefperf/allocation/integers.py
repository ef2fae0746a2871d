"""Integer programs by HiGHS: how a search ended, and answers narrowed by one cost after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
import scipy

from reliefperf.allocation.nearness import GRID
from reliefperf.allocation.program import Floats, Ints, SparseRows
from reliefperf.allocation.solver import OPTIONS, Box, highs_lp, must, solver_error

# highspy's stubs leave Highs() untyped.
_highs: Any = highspy

TIE_NODES = 500
"""The same for a search among equally near units."""

MOST_LEVELS = 20_000
"""Squares of distances are compared where they take no more columns than this, one a unit moved."""

_HALF = 0.5 / GRID
"""Two sums of distances, or of squares, that are not equal are further apart than this."""

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


@dataclass(frozen=True, eq=False)
class Search:
    """How a search ended: moves (n,), None if there are none; `stopped` says why it proves nothing,
    `settled` is whether the prices of a linear program prove it."""

    moves: Ints | None
    stopped: str = ""
    settled: bool = False


class Tiers:
    """A program whose answers are narrowed to the best by one cost after the other."""

    def __init__(self, matrix: SparseRows, box: Box, n_whole: int) -> None:
        self._matrix, self._box, self._n_whole = matrix, box, n_whole
        self.squares: Floats | None = None

    def keep(self, costs: Floats, found: Ints) -> Ints:
        """Exclude all that costs more than what was found."""
        costs = self._padded(costs)
        worth = float(costs @ found[: costs.size])
        self._matrix = scipy.sparse.csr_array(
            scipy.sparse.vstack(
                [self._matrix, scipy.sparse.csr_array(costs[None, :])], format="csr"
            )
        )
        box = self._box
        self._box = Box(
            box.lower,
            box.upper,
            np.append(box.row_lower, -np.inf),
            np.append(box.row_upper, worth + _HALF),
        )
        return found

    def better(self, costs: Floats | None, best: Ints) -> Ints:
        """The answer of least cost, or the one that is known where no search proves another."""
        if costs is None:
            return best
        search = integer(self._matrix, self._box, self._padded(costs), self._n_whole, TIE_NODES)
        if search.moves is None or search.stopped:
            return best
        return self.keep(costs, search.moves)

    def _padded(self, costs: Floats) -> Floats:
        return np.concatenate([costs, np.zeros(self._matrix.shape[1] - costs.size)])

    def add_levels(self, parts: Floats, own: Ints, more: Ints, down: Ints, n: int) -> None:
        """A column for each unit beyond the neighbours, which costs what the square grows by.

        Nothing can be further off than the root of all squares of what is known.
        """
        paying = own[: parts.size]
        radius = int(np.sqrt(((paying - parts) ** 2).sum())) + 1
        squares = [self._padded(np.concatenate([1.0 - 2.0 * parts]))]
        links, sizes = [], []
        for k, j in enumerate([*more.tolist(), *down.tolist()]):
            if j >= parts.size:
                continue
            rises = k < more.size
            most = min(int(self._box.upper[n + k]), radius + 1)
            levels = np.arange(1, most + 1)
            squares.append(2.0 * levels + (1.0 if rises else -1.0) * (1.0 - 2.0 * parts[j]))
            links.append(n + k)
            sizes.append(most)
        if sum(sizes) > MOST_LEVELS:
            return
        n_old, n_new = self._matrix.shape[1], sum(sizes)
        rows = np.concatenate([np.arange(len(links)), np.repeat(np.arange(len(links)), sizes)])
        columns = np.concatenate([np.array(links, dtype=int), n_old + np.arange(n_new)])
        data = np.concatenate([-np.ones(len(links)), np.ones(n_new)])
        link = scipy.sparse.csr_array((data, (rows, columns)), shape=(len(links), n_old + n_new))
        wide = scipy.sparse.csr_array(
            (self._matrix.data, self._matrix.indices, self._matrix.indptr),
            shape=(self._matrix.shape[0], n_old + n_new),
        )
        box = self._box
        self._matrix = scipy.sparse.csr_array(scipy.sparse.vstack([wide, link], format="csr"))
        self._box = Box(
            np.concatenate([box.lower, np.zeros(n_new)]),
            np.concatenate([box.upper, np.ones(n_new)]),
            np.concatenate([box.row_lower, np.zeros(len(links))]),
            np.concatenate([box.row_upper, np.zeros(len(links))]),
        )
        self.squares = np.concatenate(squares)


def integer(matrix: SparseRows, box: Box, costs: Floats, n_whole: int, most_nodes: int) -> Search:
    """Minimise costs @ x with the first columns whole.

    An answer that the solver did not prove, or gave with a warning, is marked as such. Raises
    SolverError for any other end.
    """
    ran, highs = _searched(matrix, box, costs, n_whole, LEAN)
    ends = _highs.HighsModelStatus
    if highs.getModelStatus() == ends.kSolutionLimit:
        ran, highs = _searched(matrix, box, costs, n_whole, {"mip_max_nodes": most_nodes})
    status = highs.getModelStatus()
    words = highs.modelStatusToString(status)
    warned = ran != _highs.HighsStatus.kOk
    if ran == _highs.HighsStatus.kError:
        raise solver_error(words)
    if status in (ends.kInfeasible, ends.kUnboundedOrInfeasible):
        if warned:
            raise solver_error(f"{words}, but with a warning")
        return Search(None)
    if status == ends.kSolutionLimit:
        stopped = f"{words} ({most_nodes} nodes)"
        if not np.isfinite(highs.getInfo().mip_gap):
            return Search(None, stopped)
    elif status == ends.kOptimal:
        stopped = f"{words}, but with a warning" if warned else ""
    else:
        raise solver_error(words)
    return Search(np.rint(np.array(highs.getSolution().col_value)).astype(np.int64), stopped)


def _searched(
    matrix: SparseRows, box: Box, costs: Floats, n_whole: int, more: dict[str, Any]
) -> tuple[Any, Any]:
    """What the solver returned, and the solver after its search."""
    highs = _highs.Highs()
    options = {
        "primal_feasibility_tolerance": 1e-7,
        "dual_feasibility_tolerance": 1e-7,
        "mip_rel_gap": 0.0,
        "mip_abs_gap": 1e-6,
    }
    for name, value in (OPTIONS | options | more).items():
        highs.setOptionValue(name, value)
    model = highs_lp(matrix, box, costs)
    kinds = _highs.HighsVarType
    model.integrality_ = [kinds.kInteger] * n_whole + [kinds.kContinuous] * (
        matrix.shape[1] - n_whole
    )
    must(highs.passModel(model))
    return highs.run(), highs
