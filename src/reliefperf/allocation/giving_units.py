"""Whole units for which rules give way by the least money, where no whole units keep them all.

Between a floor of 0.4 and a cap of 0.6 lies no whole unit: one of them must give way, the floor by
0.4 or the cap by 0.4. Which units miss the stated limits least is an integer program of its own,
priority by priority; of few amounts the nearest of such units are taken. The same to the last number
whatever the order of rows and regions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import scipy

from reliefperf.allocation.integers import integer
from reliefperf.allocation.nearness import FEW, Nearness, reaches
from reliefperf.allocation.program import ExactRow, Floats, SparseRows
from reliefperf.allocation.relaxing import missed_by, value_of
from reliefperf.allocation.repair import Whole
from reliefperf.allocation.solver import Box

MOST_NODES = 1_000
"""Each search ends after so many nodes, with the best units found so far, if any."""

_SPARE = 1e-6
"""Units by which a sum of what rows miss may be off, as the solver measures it."""


@dataclass(frozen=True)
class Giving:
    """A row that may give way, as whole units must keep it, and its priority, 1 made least first."""

    row: ExactRow
    priority: int


def least_giving(
    nearness: Nearness, giving: Sequence[Giving], firm: Sequence[Whole], unit: Fraction
) -> list[int] | None:
    """Units (n,) that keep the firm rows and miss the others by the least money.

    None if no units within reach keep the firm rows, or none are found within MOST_NODES nodes of
    the search; where it ends there later, the best units found. Raises SolverError.
    """
    places = np.argsort(nearness.places, kind="stable").tolist()
    place = {j: k for k, j in enumerate(places)}
    program = _Program(
        Nearness(nearness.quotas[places], nearness.places[places]),
        sorted((_placed(one, place) for one in giving), key=_key),
        sorted(
            (
                Whole(tuple(place[j] for j in row.columns), row.low, row.high, row.coefficients)
                for row in firm
            ),
            key=repr,
        ),
        unit,
    )
    found = program.least()
    return None if found is None else [found[place[j]] for j in range(len(places))]


class _Program:
    """Columns: how far each amount moves from its whole part, what each row that may give way misses
    on its lower and on its upper side, and how far each amount is from its quota; in units."""

    def __init__(
        self,
        near: Nearness,
        giving: Sequence[Giving],
        firm: Sequence[Whole],
        unit: Fraction,
    ) -> None:
        self.near, self.giving, self.unit = near, giving, unit
        self.base = near.base.tolist()
        n, m = len(self.base), len(giving)
        firm_rows = _matrix([row.columns for row in firm], [row.coefficients for row in firm], n)
        may = _matrix([g.row.columns for g in giving], [g.row.coefficients for g in giving], n)
        each, own = (scipy.sparse.eye_array(size, format="csr") for size in (m, n))
        self.matrix = scipy.sparse.csr_array(
            scipy.sparse.block_array(
                [
                    [firm_rows, None, None, None],
                    [may, each, -each, None],
                    [own, None, None, -own],
                    [own, None, None, own],
                ],
                format="csr",
            )
        )
        sides = [_sides(row.low, row.high, Fraction(row.value(self.base))) for row in firm]
        whole = [Fraction(unit) for unit in self.base]
        for one in giving:
            row, at = one.row, value_of(one.row, whole)
            low, high = (None if s is None else s / unit for s in (row.lower, row.upper))
            sides.append(_sides(low, high, at))
        sides += [(-math.inf, part) for part in near.parts.tolist()]
        sides += [(part, math.inf) for part in near.parts.tolist()]
        reach = float(reaches(n)[-1 if n <= FEW else 2])
        self.box = Box(
            np.concatenate([np.full(n, -reach), np.zeros(2 * m + n)]),
            np.concatenate([np.full(n, reach + 1), np.full(2 * m + n, np.inf)]),
            np.array([low for low, _ in sides]),
            np.array([high for _, high in sides]),
        )

    def least(self) -> list[int] | None:
        """The units: least missed by priority, then, of few, nearest."""
        n, m = len(self.base), len(self.giving)
        best: list[int] | None = None
        for priority in sorted({one.priority for one in self.giving}):
            own = np.array([one.priority == priority for one in self.giving], dtype=np.float64)
            costs = np.concatenate([np.zeros(n), own, own, np.zeros(n)])
            found = self._search(costs)
            if found is None:
                return best
            best = found
            self._keep(costs, self._missed(best, priority))
        if n > FEW:
            return best  # of many amounts the nearest are not sought, which would take minutes
        logs = self.near.logs * (1e-4 / max(float(self.near.logs.max(initial=0.0)), 1.0))
        return self._search(np.concatenate([logs, np.zeros(2 * m), np.ones(n)])) or best

    def _search(self, costs: Floats) -> list[int] | None:
        n = len(self.base)
        search = integer(self.matrix, self.box, costs, n, MOST_NODES)
        if search.moves is None:
            return None
        moves = search.moves[:n].tolist()
        return [whole + move for whole, move in zip(self.base, moves, strict=True)]

    def _missed(self, units: Sequence[int], priority: int) -> float:
        """What the rows of a priority miss in all, in units."""
        paid = [unit * self.unit for unit in units]
        items = (missed_by(one.row, paid) for one in self.giving if one.priority == priority)
        return float(sum((item.by for item in items if item is not None), Fraction(0)) / self.unit)

    def _keep(self, costs: Floats, worth: float) -> None:
        """Allow no more than this from now on."""
        row = scipy.sparse.csr_array(costs[None, :])
        self.matrix = scipy.sparse.csr_array(scipy.sparse.vstack([self.matrix, row], format="csr"))
        box = self.box
        self.box = Box(
            box.lower,
            box.upper,
            np.append(box.row_lower, -np.inf),
            np.append(box.row_upper, worth + _SPARE * max(1.0, worth)),
        )


def _placed(one: Giving, place: dict[int, int]) -> Giving:
    row = one.row
    terms = sorted(zip((place[j] for j in row.columns), row.coefficients, strict=True))
    columns, coefficients = zip(*terms, strict=True) if terms else ((), ())
    return Giving(
        ExactRow(row.rule, row.name, columns, coefficients, row.lower, row.upper), one.priority
    )


def _key(one: Giving) -> tuple[object, ...]:
    row = one.row
    sides = (row.lower is None, row.lower or 0, row.upper is None, row.upper or 0)
    return one.priority, row.columns, row.coefficients, *sides


def _matrix(
    columns: Sequence[Sequence[int]], coefficients: Sequence[Sequence[Fraction | int]], n: int
) -> SparseRows:
    starts = np.cumsum([0, *map(len, columns)])
    data = np.array([float(c) for row in coefficients for c in row], dtype=np.float64)
    places = np.array([j for row in columns for j in row], dtype=np.int32)
    return scipy.sparse.csr_array((data, places, starts), shape=(len(columns), n))


def _sides(
    low: Fraction | int | None, high: Fraction | int | None, at: Fraction
) -> tuple[float, float]:
    """The sides of a row over moves from where it stands."""
    return (
        -math.inf if low is None else float(low - at),
        math.inf if high is None else float(high - at),
    )
