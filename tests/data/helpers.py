"""Ways to write the same table as CSV in several encodings and as a workbook."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pytest
import xlsxwriter

from reliefperf.data import Dataset, read_data
from reliefperf.errors import InputError, Note
from reliefperf.model.spec_data import DataSpec, Variable

Row = Sequence[object]


def csv_bytes(rows: Sequence[Row], encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue().encode(encoding)


def write_csv(path: Path, rows: Sequence[Row], encoding: str = "utf-8") -> Path:
    path.write_bytes(csv_bytes(rows, encoding))
    return path


def write_xlsx(path: Path, rows: Sequence[Row], *, sheet: str = "数据") -> Path:
    """Text as text, numbers as numbers, None as no cell."""
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet(sheet)
        for line, row in enumerate(rows):
            for at, cell in enumerate(row):
                if isinstance(cell, bool):
                    page.write_boolean(line, at, cell)
                elif isinstance(cell, int | float):
                    page.write_number(line, at, cell)
                elif cell is not None:
                    page.write_string(line, at, str(cell))
    return path


def kinds(notes: Sequence[Note]) -> list[str]:
    return [note.kind for note in notes]


def places(error: InputError) -> list[tuple[int, int | str]]:
    return [(mistake.line, mistake.column) for mistake in error.mistakes]


CODES = ["110101", "110102", "110105"]


NAMES = ["东城区", "西城区", "朝阳区"]


WIDE = [
    ["region", "name", "persons", "rate", "grade", "closed"],
    ["110102", "西城区", "12", "85%", "甲", "是"],
    ["110101", "东城区", "1,234", "—", "", "否"],
    ["110105", "朝阳区", "", "90.5%", "乙", "是"],
]


VARIABLES = {
    "persons": Variable(type="integer", min=0),
    "rate": Variable(max=100),
    "grade": Variable(type="text"),
    "closed": Variable(type="boolean"),
}


def read(
    folder: Path, rows: Sequence[Sequence[object]], spec: DataSpec | None = None, **options: object
) -> Dataset:
    variables = options.pop("variables", VARIABLES)
    return read_data(write_csv(folder / "data.csv", rows), variables, spec, **options)  # type: ignore[arg-type]


def refused(
    folder: Path, rows: Sequence[Sequence[object]], spec: DataSpec | None = None, **options: object
) -> InputError:
    with pytest.raises(InputError) as caught:
        read(folder, rows, spec, **options)
    return caught.value


def changed(line: int, column: str, value: object) -> list[list[object]]:
    """WIDE with one cell changed."""
    rows: list[list[object]] = [list(row) for row in WIDE]
    rows[line - 1][WIDE[0].index(column)] = value
    return rows


COUNT = {"n": Variable()}
