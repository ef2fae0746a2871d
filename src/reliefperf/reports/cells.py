"""The cells of results.xlsx, without writing one: what would be written, and what stands there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reliefperf.reports.workbook import fill_workbook
from reliefperf.scenarios.running import Run

type Cells = dict[tuple[int, int], str | float]


class _Sheet:
    """Keeps what is written to it; looks and layout are nothing to it."""

    def __init__(self) -> None:
        self.cells: Cells = {}

    def write_string(self, line: int, place: int, text: str, *_: Any) -> None:
        if text:
            self.cells[line, place] = text

    def write_number(self, line: int, place: int, number: float, *_: Any) -> None:
        self.cells[line, place] = float(number)

    def write_formula(
        self, line: int, place: int, _formula: str, _format: Any = None, value: Any = 0
    ) -> None:
        self.cells[line, place] = float(value)

    def __getattr__(self, name: str) -> Any:
        return _nothing


class _Book:
    def __init__(self) -> None:
        self.sheets: dict[str, _Sheet] = {}

    def add_worksheet(self, name: str) -> _Sheet:
        return self.sheets.setdefault(name, _Sheet())

    def __getattr__(self, name: str) -> Any:
        return _nothing


def cells_of_workbook(run: Run) -> dict[str, Cells]:
    """What results.xlsx of a run holds, by sheet and place (row, column from 0)."""
    book = _Book()
    fill_workbook(book, run)
    return {name: sheet.cells for name, sheet in book.sheets.items()}


def read_workbook(path: Path) -> dict[str, Cells] | None:
    """What a workbook holds, by sheet and place; None if it cannot be read."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(str(path))
        return {
            name: {
                (i, j): float(cell) if isinstance(cell, int | float) else str(cell)
                for i, row in enumerate(
                    book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                )
                for j, cell in enumerate(row)
                if cell != ""
            }
            for name in book.sheet_names
        }
    except (CalamineError, OSError):
        return None


def _nothing(*_: Any, **__: Any) -> None:
    return None
