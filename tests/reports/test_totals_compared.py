"""Beside the totals: last year's money and the need, as formulas that verify compares."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import openpyxl
import pytest

from reliefperf.scenarios.running import run
from reliefperf.scenarios.verifying import verify
from tests.scenarios.tampering import said, signed_again, with_workbook_part

MODEL = """\
model: compared
language: LANG
data: {file: data.csv, region: code, name: name}
variables: {cases: {}, last: {}, asked: {}}
allocation:
  unit: yuan
  budget: 100
  previous_amount: last
  need: asked
  pools:
    aid: {share: 0.6, weight: cases}
    more: {share: 0.4, weight: cases}
"""
DATA = "code,name,cases,last,asked\n01,North,30,50,100\n02,South,10,40,50\n"


@pytest.fixture
def out(make_model, tmp_path):
    def make(model: str = MODEL, data: str = DATA, lang: str = "en") -> Path:
        run(
            make_model(model_yaml=model.replace("LANG", lang), data_csv=data),
            output=tmp_path / "out",
        )
        return tmp_path / "out"

    return make


def cells(folder: Path, sheet: str = "Allocation", *, values: bool = True):
    return openpyxl.load_workbook(folder / "results.xlsx", data_only=values)[sheet]


def compared(folder: Path, **kinds):
    """The columns after that of the total amounts, without the heading."""
    return [[cell.value for cell in row[8:]] for row in cells(folder, **kinds).iter_rows(min_row=2)]


def test_totals_stand_beside_last_years_money_and_the_need(out):
    folder = out()
    headings = [cell.value.replace("\n", " ") for cell in cells(folder)[1][8:]]
    assert headings == [
        "total last year (yuan)",
        "total change (yuan)",
        "total change, %",
        "total need (yuan)",
        "total coverage of need",
    ]
    # 75 and 25 of 100
    assert compared(folder) == [
        [50, 25, 0.5, 100, 0.75],
        [40, -15, -0.375, 50, 0.5],
        [90, 10, pytest.approx(1 / 9), 150, pytest.approx(2 / 3)],
    ]


def test_differences_and_shares_are_formulas_of_their_line(out):
    folder = out()
    formulas = compared(folder, values=False)
    assert formulas[0] == [50, "=H2-I2", "=J2/I2", 100, "=H2/L2"]
    assert formulas[2] == ["=SUM(I2:I3)", "=H4-I4", "=J4/I4", "=SUM(L2:L3)", "=H4/L4"]
    formats = [cell.number_format for cell in cells(folder)[2][8:]]
    assert formats == ["#,##0", "#,##0", "0.00%", "#,##0", "0.00%"]


def test_what_cannot_be_compared_is_left_empty_in_the_sums_too(out):
    lines = compared(out(data=DATA.replace("30,50,100", "30,,0").replace("10,40", "10,0")))
    assert lines == [[None, None, None, 0, None], [0, 25, None, 50, 0.5], [None] * 3 + [50, None]]


def test_the_need_of_equity_stands_in_for_that_of_the_allocation(out):
    model = MODEL.replace("  previous_amount: last\n", "").replace(
        "  need: asked\n", "  equity: {people: cases, need: asked}\n"
    )
    folder = out(model, lang="zh")
    sheet = cells(folder, "资金分配")
    assert [cell.value for cell in sheet[1][8:]] == ["合计\n资金需求\n（yuan）", "合计\n需求满足率"]
    groups = cells(folder, "公平性（分组）")
    (every,) = (row for row in groups.iter_rows() if row[0].value == "合计")
    assert every[7].value == pytest.approx(sheet.cell(4, 10).value)
    assert every[7].number_format == "0.00%"
    assert [cell.value for cell in groups[1]][4:] == [
        "金额（yuan）",
        "人均金额（yuan）",
        "需求（yuan）",
        "需求满足率",
    ]


def test_a_model_that_states_neither_has_no_such_columns(out):
    model = MODEL.replace("  previous_amount: last\n", "").replace("  need: asked\n", "")
    assert cells(out(model)).max_column == 8


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("<f>H2-I2</f>", "<f>H2</f>", "column total change (yuan): found '=H2'"),
        ("<v>0.75</v>", "<v>0.85</v>", "column total coverage of need: found '0.85'"),
    ],
)
def test_a_changed_cell_is_named(out, old: str, new: str, named: str):
    folder = out()
    assert verify(folder).holds
    with zipfile.ZipFile(folder / "results.xlsx") as book:
        names = re.findall(r'<sheet name="([^"]*)"', book.read("xl/workbook.xml").decode())
    with_workbook_part(folder, f"xl/worksheets/sheet{names.index('Allocation') + 1}.xml", old, new)
    signed_again(folder)
    assert f"Allocation row 2 (01), {named}" in said(verify(folder))
