"""A pandas table in memory as rows of cells, so that it passes the same checks as a file."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from reliefperf.data.cells import Cell
from reliefperf.data.reading import RawTable, table

if TYPE_CHECKING:
    import pandas as pd

SOURCE = "<DataFrame>"


def frame_cells(frame: pd.DataFrame) -> RawTable:
    """The cells of a pandas table; an index with a name is a column, others are left out.

    Rows are numbered as in a spreadsheet: the first row of data is 2. `sha256` is that of the
    cells written as JSON. Raises InputError as `read_cells` does.
    """
    if all(name is not None for name in frame.index.names):
        frame = frame.reset_index(allow_duplicates=True)
    headings: list[Cell] = [str(heading) for heading in frame.columns]
    columns = [_cells(frame.iloc[:, at]) for at in range(frame.shape[1])]
    rows = [list(row) for row in zip(*columns, strict=True)]
    grid = [headings, *rows]
    written = json.dumps(grid, ensure_ascii=False, default=str, separators=(",", ":"))
    digest = hashlib.sha256(written.encode(errors="surrogatepass")).hexdigest()
    return replace(table(grid, SOURCE, digest), content=_as_csv(grid))


def _as_csv(grid: list[list[Cell]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows(["" if cell is None else str(cell) for cell in row] for row in grid)
    return text.getvalue().encode(errors="replace")


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
