"""A pandas table in memory as rows of cells, so that it passes the same checks as a file."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

from reliefperf.data.cells import Cell
from reliefperf.data.reading import RawTable, table

if TYPE_CHECKING:
    import pandas as pd

SOURCE = "<DataFrame>"


type Grid = list[list[Cell]]


def frame_cells(frame: pd.DataFrame) -> Grid:
    """The headings and cells of a pandas table; an index with a name is a column, others are not."""
    if all(name is not None for name in frame.index.names):
        frame = frame.reset_index(allow_duplicates=True)
    headings: list[Cell] = [str(heading) for heading in frame.columns]
    columns = [_cells(frame.iloc[:, at]) for at in range(frame.shape[1])]
    return [headings, *(list(row) for row in zip(*columns, strict=True))]


def as_typed(grid: Grid) -> RawTable:
    """The cells as they are; rows are numbered as in a spreadsheet, the first row of data is 2.

    Raises InputError as `read_cells` does.
    """
    return table(grid, SOURCE, "")


def as_written(grid: Grid, decimal: Literal["point", "comma"]) -> RawTable:
    """The CSV file that is kept of a table in memory: its cells are texts, its hash the file's.

    `decimal` is what stands before decimals in such a file. Raises InputError as `read_cells` does.
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(
        [_text(cell, decimal) for cell in row] for row in grid
    )
    content = text.getvalue().encode(errors="replace")
    digest = hashlib.sha256(content).hexdigest()
    return replace(table(_rows(content), SOURCE, digest), content=content)


def read_again(content: bytes) -> pd.DataFrame:
    """The table of texts that a file kept of a table in memory holds."""
    import pandas as pd

    headings, *rows = _rows(content)
    return pd.DataFrame(rows, columns=[cell or "" for cell in headings], dtype=object)


def _rows(content: bytes) -> Grid:
    reader = csv.reader(io.StringIO(content.decode(), newline=""))
    return [[cell or None for cell in row] for row in reader]


def _text(cell: Cell, decimal: Literal["point", "comma"]) -> str:
    if cell is None:
        return ""
    if not isinstance(cell, float):
        return str(cell)
    shown = repr(cell).removesuffix(".0")
    return shown if decimal == "point" else shown.replace(".", ",")


def _cells(column: pd.Series[Any]) -> list[Cell]:
    missing = column.isna().tolist()
    return [
        None if gone else _cell(value) for value, gone in zip(column.tolist(), missing, strict=True)
    ]


def _cell(value: object) -> Cell:
    plain = value.item() if hasattr(value, "item") else value
    if isinstance(plain, datetime) and plain.time() == datetime.min.time():
        return date(plain.year, plain.month, plain.day)
    if isinstance(plain, str):
        return plain or None
    if isinstance(plain, bool | int | float | date):
        return plain
    return str(plain)
