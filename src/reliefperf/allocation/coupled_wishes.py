"""What whole units keep wherever they can, beyond totals and hard rules.

Who bears nothing of what rules move keeps to the units next to the amount, and an order, which whole
units may pass, is kept where units next to the amounts keep it.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from reliefperf.allocation import rounding
from reliefperf.allocation.coupled_program import CoupledProgram
from reliefperf.allocation.nearness import GRID
from reliefperf.allocation.orders import is_of_equals, pairs_of
from reliefperf.allocation.program import ONE, ExactRow, LimitRows
from reliefperf.allocation.rounding import RoundingImpossible
from reliefperf.errors import SolverError

type TieKey = tuple[int, int, str]
"""Weight (with its sign) or 0, the place of the region by code, and the pool."""

NEAR = "near the amounts"
"""The rule of rows that keep who bears nothing to the units next to the amount."""

FEW_ORDERED = 200
"""In programs of up to so many amounts whole units are sought that keep an order of amounts per unit
of need where needs differ, too."""


class CoupledWishes(CoupledProgram):
    """The program's amounts, and the whole units that are wished for them."""

    def _wishes(self, values: Sequence[Fraction]) -> list[list[ExactRow]]:
        """Sets of rows of which whole units keep each that they can with those before it.

        Who bears nothing of what rules move keeps to the units next to the amount. An order, which
        whole units may pass, is kept: between regions of the same need, then between all.
        """
        pairs = [pair for rows in self._orders() for pair in pairs_of(rows)]
        wishes = [self._rows_near(values), [pair for pair in pairs if is_of_equals(pair)]]
        if self.n_amounts <= FEW_ORDERED:
            wishes.append([pair for pair in pairs if not is_of_equals(pair)])
        return [wish for wish in wishes if wish]

    def _orders(self) -> list[Sequence[ExactRow]]:
        """The rows of each hard rule that whole units may pass; none where rules give way."""
        if self.relaxing:
            return []
        return [
            rows
            for rule, rows in self.rules
            if rule.soft is None and not isinstance(rows, LimitRows) and any(r.slack for r in rows)
        ]

    def _passed(self, units: Sequence[int]) -> list[ExactRow]:
        """The neighbours that whole units put out of order."""
        pairs = [pair for rows in self._orders() for pair in pairs_of(rows)]
        return [pair for pair in pairs if not pair.holds(units, self.step)]

    def _as_wished(
        self,
        values: Sequence[Fraction],
        hard: Sequence[ExactRow],
        wishes: Sequence[Sequence[ExactRow]],
        totals: Sequence[rounding.Total],
        keys: Sequence[TieKey],
    ) -> rounding.Rounded | None:
        """Whole units that keep what is wished, as far as they are found; None where nothing is."""
        found = None
        if len(wishes) > 1:
            everything = [row for wish in wishes for row in wish]
            found = self._keeping(values, hard, everything, totals, keys)
        if found is None:
            rows = list(hard)
            for wish in wishes:
                kept = self._keeping(values, rows, wish, totals, keys)
                if kept is not None:
                    found = kept
                    rows += wish
        return found

    def _keeping(
        self,
        values: Sequence[Fraction],
        rows: Sequence[ExactRow],
        wish: Sequence[ExactRow],
        totals: Sequence[rounding.Total],
        keys: Sequence[TieKey],
    ) -> rounding.Rounded | None:
        """Whole units under rows and wishes; None where none are found.

        For an order no amount goes further than to the next whole unit.
        """
        try:
            found = rounding.controlled_rounding(
                values, [*rows, *wish], totals, unit=self.step, tie_keys=keys
            )
        except (RoundingImpossible, SolverError):
            return None
        if found.broken:
            return None
        ordered = any(row.rule != NEAR for row in wish)
        return None if ordered and not self._is_beside(values, found.units) else found

    def _is_beside(self, values: Sequence[Fraction], units: Sequence[int]) -> bool:
        """Whether every amount went to a whole unit next to it."""
        pairs = zip(values, units, strict=True)
        return all(abs(unit - value / self.step) < 1 for value, unit in pairs)

    def _rows_near(self, values: Sequence[Fraction]) -> list[ExactRow]:
        """Rows that keep who bears nothing to the units next to the amount."""
        rows = []
        for pool_id, pool in self.pools.items():
            if pool.rounding != "largest_remainder":
                continue  # these are whole already
            for i, column in enumerate(self.columns[pool_id].tolist()):
                if column >= 0 and not pool.carriers[i].numerator:
                    quota = round(values[column] / self.step * GRID)  # but for the solver's noise
                    least, most = quota // GRID, -(-quota // GRID)
                    sides = least * self.step, most * self.step
                    rows.append(ExactRow(NEAR, self.names[column], (column,), (ONE,), *sides))
        return rows
