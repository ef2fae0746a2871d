"""The cells of results.xlsx, without writing one: what would be written, and what stands there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from reliefperf.scenarios.results.cells import SIDES, Side
from reliefperf.scenarios.running import Run

type Grid = list[list[str | float]]
"""The rows of a sheet from its first cell on, all of one length; "" is an empty cell."""


class _Sheet:
    """Keeps what is written to it; looks and layout are nothing to it."""

    def __init__(self) -> None:
        self.rows: Grid = []

    def _put(self, line: int, place: int, cell: str | float) -> None:
        self.rows += [[] for _ in range(len(self.rows), line + 1)]
        row = self.rows[line]
        row += [""] * (place + 1 - len(row))
        row[place] = cell

    def write_string(self, line: int, place: int, text: str, *_: Any) -> None:
        self._put(line, place, text)

    def write_number(self, line: int, place: int, number: float, *_: Any) -> None:
        self._put(line, place, float(number))

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


def cells_of_workbook(run: Run, sides: Sequence[Side] = SIDES) -> dict[str, Grid]:
    """What results.xlsx of a run holds, or one side of it, by sheet."""
    from reliefperf.reports.workbook import fill_workbook

    return cells_written(lambda book: fill_workbook(book, run, sides))


def cells_written(fill: Callable[[Any], None]) -> dict[str, Grid]:
    """What `fill` writes into a workbook, by sheet."""
    book = _Book()
    fill(book)
    return {name: _whole(sheet.rows) for name, sheet in book.sheets.items()}


def read_workbook(path: Path, sheets: Collection[str] | None = None) -> dict[str, Grid] | None:
    """What a workbook holds by sheet, all or those named; None if it cannot be read."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(str(path))
        return {
            name: _whole(_plain(book.get_sheet_by_name(name).to_python(skip_empty_area=False)))
            for name in book.sheet_names
            if sheets is None or name in sheets
        }
    except (CalamineError, OSError):
        return None


def names_of_sheets(path: Path) -> list[str] | None:
    """The names of a workbook's sheets; None if it cannot be read."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        return CalamineWorkbook.from_path(str(path)).sheet_names
    except (CalamineError, OSError):
        return None


def _plain(rows: list[list[Any]]) -> Grid:
    """Cells as texts and numbers; a truth value or a date is the text that it prints as."""
    if set(map(type, chain.from_iterable(rows))) <= {str, float}:
        return rows
    return [
        [float(cell) if type(cell) in (int, float) else str(cell) for cell in row] for row in rows
    ]


def _whole(rows: Grid) -> Grid:
    """The rows without empty ones at the end and empty columns, all of one length."""
    size = len(rows)
    while size and not any(cell != "" for cell in rows[size - 1]):
        size -= 1
    width = 0
    for row in rows[:size]:
        own = len(row)
        while own > width and row[own - 1] == "":
            own -= 1
        width = max(width, own)
    return [
        row if len(row) == width else [*row[:width], *[""] * (width - len(row))]
        for row in rows[:size]
    ]


def _nothing(*_: Any, **__: Any) -> None:
    return None
