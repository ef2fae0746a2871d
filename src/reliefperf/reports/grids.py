"""The cells of a workbook as it stands, sheet by sheet."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reliefperf.reports.formulas import Formulas, formulas_of

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

type Grid = list[list[str | float]]
"""The rows of a sheet from its first cell on, all of one length; "" is an empty cell."""


@dataclass(frozen=True)
class Sheet:
    """The values of a sheet, and the formulas that some of them are stored for."""

    rows: Grid
    formulas: Formulas


class Workbook:
    """A workbook that was parsed: the names of its sheets, and their cells when asked for."""

    def __init__(
        self, sheets: Mapping[str, CalamineSheet], formulas: Mapping[str, Formulas]
    ) -> None:
        self._sheets, self._formulas = sheets, formulas

    @property
    def names(self) -> list[str]:
        """The names of the sheets in their order."""
        return list(self._sheets)

    def grid(self, name: str) -> Grid:
        """The values of a sheet's cells."""
        return whole(_plain(self._sheets[name].to_python(skip_empty_area=False)))

    def sheet(self, name: str) -> Sheet:
        """The values and formulas of a sheet."""
        return Sheet(self.grid(name), self._formulas[name])


def parse_workbook(path: Path) -> Workbook | None:
    """A workbook's sheets, None if it cannot be read. Other threads of Python work meanwhile."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(str(path))
        sheets = {name: book.get_sheet_by_name(name) for name in book.sheet_names}
    except (CalamineError, OSError):
        return None
    with suppress(Exception):  # unpacking and reading XML have a dozen kinds of errors
        formulas = formulas_of(path)
        if formulas.keys() == sheets.keys():
            return Workbook(sheets, formulas)
    return None


def whole(rows: Grid) -> Grid:
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


def _plain(rows: list[list[Any]]) -> Grid:
    """Cells as texts and numbers; a truth value or a date is the text that it prints as."""
    if set(map(type, chain.from_iterable(rows))) <= {str, float}:
        return rows
    return [
        [float(cell) if type(cell) in (int, float) else str(cell) for cell in row] for row in rows
    ]
