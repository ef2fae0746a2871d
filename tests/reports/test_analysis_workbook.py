"""The workbook of an analysis: all tables, titles beside ids, no live formulas."""

from __future__ import annotations

from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from reliefperf.reports.analysis_workbook import write_workbook
from reliefperf.scenarios.analysis.analysing import analyse
from reliefperf.scenarios.analysis.tables import tables
from reliefperf.scenarios.running import run
from tests.building import model_of, run_on


def sheets(path: Path) -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_path(str(path))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


@pytest.mark.parametrize("target", ["hdi-2021", "relief-2013-provinces"])
def test_every_row_of_every_table_is_there_with_titles(target: str, tmp_path: Path) -> None:
    found = analyse(run(target), stages=["points"])
    write_workbook(found, tmp_path / "a.xlsx")
    read = sheets(tmp_path / "a.xlsx")
    assert len(read) == 8
    titles = found.titles(found.run.model.language)
    for (header, rows), sheet in zip(tables(found).values(), [*read.values()][1:-1], strict=True):
        assert len(sheet) == len(list(rows)) + 1
        assert [name for name in sheet[0] if name in header] == header
    indicators = [*read.values()][1]
    assert indicators[1][1:3] == [found.order[0], titles[found.order[0]]]
    text = " ".join(str(value) for row in next(iter(read.values())) for value in row)
    assert ("合成" in text) is found.run.is_synthetic


def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    model = model_of(
        """
        model: x
        data: {region: code}
        variables: {a: {}, b: {}}
        evaluation:
          combine: arithmetic
          tree:
            - {id: i, title: "=1+1", value: a, score: {formula: a}}
            - {id: j, value: b, score: {formula: b}}
        """
    )
    rows = {"code": ["1", "2", "3", "4"], "a": [0.1, 0.2, 0.3, 0.5], "b": [0.1, 0.4, 0.3, 0.6]}
    found = analyse(run_on(model, rows))
    write_workbook(found, tmp_path / "a.xlsx")
    cells = {value for row in [*sheets(tmp_path / "a.xlsx").values()][1] for value in row}
    assert "=1+1" in cells
