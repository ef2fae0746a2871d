"""The sheets of equity in results.xlsx: in words, with a chart, labelled, and verified."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from reliefperf.reports.grids import parse_workbook
from reliefperf.scenarios.running import run
from reliefperf.scenarios.verifying import verify
from tests.scenarios.tampering import said, signed_again

MODEL = """\
model: even
language: LANG
data: {file: data.csv, synthetic: {en: made up, zh: 编造}}
variables: {residents: {}, cases: {}, income: {}, zone: {type: text}}
allocation:
  unit: yuan
  budget: 100
  pools:
    aid: {share: 0.5, weight: cases, title: {en: Aid, zh: 补助}}
    more: {share: 0.5, weight: residents}
  equity: {people: residents, need: cases * 2, capacity: income, by: zone}
"""
DATA = (
    "region,name,residents,cases,income,zone\n01,North,10,30,100,hill\n02,South,10,10,200,plain\n"
)


@pytest.fixture(params=["en", "zh"])
def out(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    (tmp_path / "model.yaml").write_text(MODEL.replace("LANG", request.param), encoding="utf-8")
    (tmp_path / "data.csv").write_text(DATA, encoding="utf-8")
    run(tmp_path, output=tmp_path / "out")
    return tmp_path / "out"


def test_measures_groups_and_curves_stand_in_sheets_in_words(out: Path) -> None:
    book = parse_workbook(out / "results.xlsx")
    assert book is not None
    zh = "公平性（合成数据）" in book.names
    names = (
        ["公平性（合成数据）", "公平性（分组）（合成数据）", "公平性曲线（合成数据）"]
        if zh
        else ["Equity (synthetic)", "Equity by group (synthetic)", "Equity curves (synthetic)"]
    )
    measures, groups, curves = (book.grid(name) for name in names)
    found = {(row[0], row[1]): row[2:] for row in measures}
    aid, total = ("补助", "合计") if zh else ("Aid", "total")
    gini = "基尼系数" if zh else "Gini coefficient"
    least = "最低人均金额（yuan）" if zh else "least money per head (yuan)"
    assert found[aid, gini] == [0.26, "", ""]  # 38 and 12 of 50
    assert found[aid, least] == [1.2, "02", "South"]
    assert (total, gini) in found
    assert [row[1:3] for row in groups[1:4]] == [
        ["hill", 1],
        ["plain", 1],
        ["全部" if zh else "all", 2],
    ]
    assert len(curves) == 22
    assert curves[11][:3] == [0.5, 0.5, pytest.approx(37 / 100)]  # South gets 12 + 25 of 100


def test_the_curves_are_drawn_by_a_chart_of_the_workbook(out: Path) -> None:
    with zipfile.ZipFile(out / "results.xlsx") as book:
        (chart,) = [name for name in book.namelist() if name.startswith("xl/charts/chart")]
        assert book.read(chart).count(b"<c:ser>") == 4


def test_a_cell_of_these_sheets_is_verified(out: Path) -> None:
    assert verify(out).holds
    path = out / "results.xlsx"
    with zipfile.ZipFile(path) as book:
        files = {name: book.read(name) for name in book.namelist()}
    (sheet,) = [
        name for name, text in files.items() if "worksheets" in name and b"<v>0.26</v>" in text
    ]
    files[sheet] = files[sheet].replace(b"<v>0.26</v>", b"<v>0.16</v>")
    with zipfile.ZipFile(path, "w") as book:
        for name, text in files.items():
            book.writestr(name, text)
    signed_again(out)
    assert "found '0.16', computed '0.26'" in said(verify(out))
