"""The cells that results.xlsx would hold, without writing one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from reliefperf.reports.grids import Grid, Sheet, whole
from reliefperf.scenarios.results.cells import SIDES, Side
from reliefperf.scenarios.running import Run


class _Sheet:
    """Keeps what is written to it; looks and layout are nothing to it."""

    def __init__(self) -> None:
        self.rows: Grid = []
        self.formulas: dict[tuple[int, int], str] = {}

    def _put(self, line: int, place: int, cell: str | float) -> None:
        self.rows += [[] for _ in range(len(self.rows), line + 1)]
        row = self.rows[line]
        row += [""] * (place + 1 - len(row))
        row[place] = cell

    def write_string(self, line: int, place: int, text: str, *_: Any) -> None:
        self._put(line, place, text)

    def write_number(self, line: int, place: int, number: float, *_: Any) -> None:
        self._put(line, place, float(number))

    def write_formula(self, line: int, place: int, formula: str, _: Any, value: float) -> None:
        self._put(line, place, float(value))
        self.formulas[line, place] = formula

    def write_lines(self, first: int, content: Sequence[list[str | float]]) -> None:
        """Rows from the line `first` on, which are kept as they are."""
        self.rows += [[] for _ in range(len(self.rows), first)]
        self.rows[first:] = content

    def __getattr__(self, name: str) -> Any:
        return _nothing


class _Book:
    def __init__(self) -> None:
        self.sheets: dict[str, _Sheet] = {}

    def add_worksheet(self, name: str) -> _Sheet:
        return self.sheets.setdefault(name, _Sheet())

    def __getattr__(self, name: str) -> Any:
        return _nothing


def cells_of_workbook(run: Run, sides: Sequence[Side] = SIDES) -> dict[str, Sheet]:
    """What results.xlsx of a run holds, or one side of it, by sheet."""
    from reliefperf.reports.workbook import fill_workbook

    return cells_written(lambda book: fill_workbook(book, run, sides))


def cells_written(fill: Callable[[Any], None]) -> dict[str, Sheet]:
    """What `fill` writes into a workbook, by sheet."""
    book = _Book()
    fill(book)
    return {name: Sheet(whole(sheet.rows), sheet.formulas) for name, sheet in book.sheets.items()}


def _nothing(*_: Any, **__: Any) -> None:
    return None
