"""Beside the totals of a workbook's amounts: last year's money, and the need, where they are stated.

Differences and quotients are formulas over cells of the same line, with their values.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from reliefperf.allocation.program import Floats
from reliefperf.model.expressions import Expr
from reliefperf.reports.sheets import Sheets, letters
from reliefperf.scenarios.running import Run

PERCENT = "0.00%"
PREVIOUS, NEED = "previous", "need"


class TotalsCompared:
    """Columns from `first` on, which follow the column of the regions' totals.

    Last year's money is `allocation.previous_amount`; the need is `allocation.need`, else that of
    `allocation.equity`. A cell is empty where a value is missing, or where there is nothing above
    zero to measure against.
    """

    def __init__(self, sheets: Sheets, run: Run, first: int, places: int) -> None:
        spec = run.model.spec.allocation
        assert spec is not None
        stated_need = spec.need or (spec.equity.need if spec.equity is not None else None)
        self._sheets, self._first = sheets, first
        self._before = self._columns(run, spec.previous_amount)
        self._need = self._columns(run, stated_need)
        self._paid = letters(first - 1)
        both = (self._before, self._need)
        digits = [_digits([*values.values()], places) for values in both]
        self.longest = max(
            (
                len(f"{np.nansum(values):,.{shown}f}")
                for columns, shown in zip(both, digits, strict=True)
                for values in columns.values()
            ),
            default=0,
        )
        """Characters of the longest sum."""
        self._money = {
            (kind, total): sheets.money(shown, total=total)
            for kind, shown in zip((PREVIOUS, NEED), digits, strict=True)
            for total in (False, True)
        }
        self._percent = {
            False: sheets.percent,
            True: sheets.book.add_format(
                {"num_format": PERCENT, "align": "right", "indent": 1, "bold": True, "top": 1}
            ),
        }

    @property
    def headings(self) -> list[str]:
        """The headings of the columns, none where the model states neither."""
        word, unit = self._sheets.word, self._sheets.in_unit()
        if self._sheets.lang == "zh":
            unit = f"\n{unit}"
        found = []
        if self._before:
            found += [word(key) + unit for key in ("previous_total", "total_change")]
            found.append(word("total_growth"))
        if self._need:
            found += [word("stated_need") + unit, word("need_coverage")]
        return [f"{word('total')}\n{heading}" for heading in found]

    def write(self, sheet: Any, line: int, period: str, i: int, paid: float) -> None:
        """The cells of a period's region `i`, whose total is `paid`."""
        at = self._first
        if self._before:
            before = float(self._before[period][i])
            if before == before:
                sheet.write_number(line, at, before, self._money[PREVIOUS, False])
                self._differ(sheet, line, paid, before, total=False)
            at += 3
        if self._need:
            need = float(self._need[period][i])
            if need == need:
                sheet.write_number(line, at, need, self._money[NEED, False])
                self._cover(sheet, line, at, paid, need, total=False)

    def write_total(self, sheet: Any, line: int, period: str, paid: float) -> None:
        """The line below the regions of a single period: only what all regions have a value of."""
        at = self._first
        if self._before:
            before = self._before[period]
            if not np.isnan(before).any():
                self._sheets.sum_above(
                    sheet, line, at, float(before.sum()), self._money[PREVIOUS, True]
                )
                self._differ(sheet, line, paid, float(before.sum()), total=True)
            at += 3
        if self._need and not np.isnan(self._need[period]).any():
            need = self._need[period]
            self._sheets.sum_above(sheet, line, at, float(need.sum()), self._money[NEED, True])
            if (need > 0).all():
                self._cover(sheet, line, at, paid, float(need.sum()), total=True)

    def _differ(self, sheet: Any, line: int, paid: float, before: float, *, total: bool) -> None:
        at, number = self._first, line + 1
        formula = f"={self._paid}{number}-{letters(at)}{number}"
        sheet.write_formula(line, at + 1, formula, self._money[PREVIOUS, total], paid - before)
        if before > 0:
            formula = f"={letters(at + 1)}{number}/{letters(at)}{number}"
            sheet.write_formula(
                line, at + 2, formula, self._percent[total], (paid - before) / before
            )

    def _cover(
        self, sheet: Any, line: int, at: int, paid: float, need: float, *, total: bool
    ) -> None:
        if need > 0:
            formula = f"={self._paid}{line + 1}/{letters(at)}{line + 1}"
            sheet.write_formula(line, at + 1, formula, self._percent[total], paid / need)

    @staticmethod
    def _columns(run: Run, expr: Expr | None) -> dict[str, Floats]:
        """The values of each period's regions, shape (n_regions,); no columns without `expr`."""
        if expr is None:
            return {}
        compiled = run.model.compiled(expr)
        return {
            period: np.asarray(compiled.full(one.env), dtype=float)
            for period, one in run.periods.items()
        }


def _digits(columns: Sequence[Floats], places: int) -> int:
    """The decimals that money is shown with: those of amounts, or two where it has more."""
    known = [column[~np.isnan(column)] for column in columns]
    whole = all((column == np.round(column, places)).all() for column in known)
    return places if whole else max(places, 2)
