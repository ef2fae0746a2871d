"""What a cell of a table can hold before anything is made of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal


@dataclass(frozen=True)
class Percent:
    """A workbook's number that is shown with a percent sign: 0.85, which the reader sees as 85%."""

    fraction: float

    def __str__(self) -> str:
        return f"{Decimal(repr(self.fraction)).scaleb(2).normalize():f}%"


@dataclass(frozen=True)
class FormulaError:
    """A workbook's cell whose formula failed."""

    text: str

    def __str__(self) -> str:
        return self.text


Cell = str | bool | int | float | date | time | timedelta | Percent | FormulaError | None
"""None is an empty cell. Cells of text files are always text."""


def is_blank(cell: Cell) -> bool:
    """Whether nothing can be seen in the cell: it is empty or holds only spaces."""
    return cell is None or (isinstance(cell, str) and not cell.strip())
