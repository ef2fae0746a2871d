"""The tables and sheets of a run folder against the same made again, cell by cell."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from reliefperf.scenarios.own_files import WORKBOOK
from reliefperf.scenarios.same import Difference, different_cells, nearly
from reliefperf.scenarios.verifying.found import Verified, name_cells

if TYPE_CHECKING:
    from reliefperf.reports.grids import Sheet, Workbook

EXACT = {"allocation.csv": ("amount",)}
"""Columns of tables that are exact on every machine."""


def compare_tables(found: Verified, write: Callable[[Path], None], intact: set[str]) -> None:
    """Name every cell of a table that is not as `write` writes it into another folder."""
    with tempfile.TemporaryDirectory() as made:
        again = Path(made)
        write(again)
        for path in sorted(again.rglob("*")):
            name = path.relative_to(again).as_posix()
            found.tables.add(name)
            here = found.folder / name
            if not here.is_file():
                found.fail(name, "the file is missing", "文件缺失")
                continue
            content, expected = here.read_bytes(), path.read_bytes()
            found.n_cells += expected.count(b",") + expected.count(b"\n")
            if content != expected:
                exact = EXACT.get(name, ())
                cells = different_cells(content, expected, close=name in intact, exact=exact)
                name_cells(found, name, cells)


def compare_workbook(
    found: Verified,
    stated: Workbook | None,
    made: Mapping[str, Sheet],
    intact: set[str],
) -> None:
    """Name every cell of results.xlsx, as parsed, that is not as `made` again, by sheet and place."""
    found.sheets |= made.keys()
    found.n_cells += sum(len(row) - row.count("") for cells in made.values() for row in cells.rows)
    if stated is None:
        if (found.folder / WORKBOOK).is_file():
            found.fail(WORKBOOK, "cannot be read", "无法读取")
        return
    for sheet, cells in made.items():
        if sheet in stated.names:
            here = stated.sheet(sheet)
            differences = _sheet_differences(sheet, here, cells, WORKBOOK not in intact)
            name_cells(found, WORKBOOK, differences)


def _sheet_differences(
    sheet: str,
    stated: Sheet,
    expected: Sheet,
    tampered: bool,
) -> Iterator[Difference]:
    slack = 1e-15 if tampered else 1e-9
    others = dict(_other_formulas(stated, expected))
    for (number, place), (here, again) in sorted(others.items()):
        yield _difference(sheet, stated, number, place, here, again)
    nothing: list[str | float] = []
    rows = zip_longest(stated.rows, expected.rows, fillvalue=nothing)
    for number, (row, wanted) in enumerate(rows):
        if row == wanted:
            continue
        for place, (one, other) in enumerate(zip_longest(row, wanted, fillvalue="")):
            if one == other:
                continue
            # a workbook holds 16 digits of a number
            if isinstance(one, float) and isinstance(other, float) and nearly(one, other, slack):
                continue
            if (number, place) not in others:
                yield _difference(sheet, stated, number, place, str(one), str(other))


def _other_formulas(
    stated: Sheet, expected: Sheet
) -> Iterator[tuple[tuple[int, int], tuple[str, str]]]:
    """The places where a formula is not the expected one, with what the cells hold."""
    for place in stated.formulas.keys() | expected.formulas.keys():
        if stated.formulas.get(place) != expected.formulas.get(place):
            yield place, (_holds(stated, place), _holds(expected, place))


def _holds(sheet: Sheet, place: tuple[int, int]) -> str:
    return sheet.formulas.get(place) or str(_value(sheet, *place))


def _value(sheet: Sheet, number: int, place: int) -> str | float:
    row = sheet.rows[number] if number < len(sheet.rows) else []
    return row[place] if place < len(row) else ""


def _difference(
    sheet: str, stated: Sheet, number: int, place: int, found: str, expected: str
) -> Difference:
    return Difference(
        f"{sheet} row {number + 1} ({_value(stated, number, 0)})",
        str(_value(stated, 0, place) or place + 1).replace("\n", " "),
        found,
        expected,
    )


def name_strange(found: Verified, intact: set[str], stated: Workbook | None) -> None:
    """Name files and sheets that the run does not make, and sheets that are missing."""
    for name in sorted(intact - found.tables):
        if "/" not in name and name.endswith((".csv", ".txt")):
            found.fail(name, "the run does not make this file", "该运行不会产生这一文件")
    names = found.sheets if stated is None else stated.names
    for sheet in sorted(found.sheets.symmetric_difference(names)):
        found.fail(WORKBOOK, f"sheet {sheet}: missing or unknown", f"工作表“{sheet}”：缺失或多余")
