"""Formulas in words: what they give and in what unit, and why a region has no part in a pool."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from reliefperf.cli import main
from reliefperf.reports.formula_words import part_title, shut_out_lines, unit_of
from reliefperf.scenarios.running import run
from reliefperf.scenarios.verifying import verify

MODEL = """\
model: words
language: zh
data: {file: data.csv}
variables:
  pupils: {title: {zh: 学生数, en: pupils}, unit: 人, missing: error}
  kind: {title: {zh: 类别, en: kind}, type: text}
parameters: {per: {value: 1000, title: {zh: 每班标准, en: per class}, unit: 元}}
derived:
  classes: {title: {zh: 班级数, en: classes}, unit: 班, value: ceil(pupils / 30)}
evaluation:
  tree: [{id: reach, title: {zh: 覆盖, en: reach}, points: 10, value: pupils, score: {per_unit: 0.001}}]
  consequences:
    - {id: caught, title: {zh: 弄虚作假, en: false reports}, when: kind == 'z', effect: ineligible, pools: [grant], basis: x, responsible: y}
allocation:
  unit: 元
  pools:
    grant: {title: {zh: 补助, en: Grant}, each: per * classes, eligible: "pupils >= 40 and kind in ['x', 'z']"}
"""
DATA = "region,name,pupils,kind\nA,Ay,60000,x\nB,Be,70,y\nC,Ce,90,z\n"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.yaml").write_text(MODEL, encoding="utf-8")
    (tmp_path / "model" / "data.csv").write_text(DATA, encoding="utf-8")
    run(tmp_path / "model", output=tmp_path / "out")
    return tmp_path / "out"


def said(out: Path, region: str, lang: str) -> str:
    result = CliRunner().invoke(main, ["explain", str(out), region, "--lang", lang])
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


def test_a_region_without_a_part_is_told_the_condition_and_which_part_fails(out: Path) -> None:
    chinese = said(out, "B", "zh")
    assert "条件：学生数 ≥ 40 且 类别 属于 (x、z)" in chinese
    assert "学生数 ≥ 40：符合（学生数 70 人）" in chinese
    assert "类别 属于 (x、z)：不符合（类别 y）" in chinese
    english = said(out, "B", "en")
    assert "pupils ≥ 40: met (pupils 70 人)" in english
    assert "kind in (x, z): not met (kind y)" in english


def test_a_consequence_that_bars_a_region_is_named(out: Path) -> None:
    assert "因问责失去资格：弄虚作假" in said(out, "C", "zh")
    assert "shut out by: false reports" in said(out, "C", "en")


def test_a_condition_that_cannot_be_judged_says_so() -> None:
    definition = {"allocation": {"pools": {"g": {"eligible": "n > 1"}}}}
    rows = [
        {"of": "g", "part": "eligible", "item": "=", "value": ""},
        {"of": "g", "part": "eligible", "item": "n", "value": ""},
    ]
    assert shut_out_lines(definition, rows, {}, "en") == ["n > 1: unknown: data missing (n —)"]
    assert shut_out_lines(definition, rows, {}, "zh") == ["n > 1：无法判断：数据缺失（n —）"]


def test_values_stand_with_their_units_and_digits_in_groups(out: Path) -> None:
    told = said(out, "A", "zh")
    assert "班级数 = 进一(学生数 / 30) 2,000 班" in told
    assert "学生数 60,000 人" in told
    assert "每班标准 1,000 元" in told


def test_the_sheet_of_formulas_has_values_units_and_verdicts(out: Path) -> None:
    sheet = openpyxl.load_workbook(out / "results.xlsx")["算式与代入值"]
    head, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert head == ["地区代码", "地区", "结果", "算式", "代入项", "数值", "单位"]
    assert ["A", "Ay", "补助", "每班标准 × 班级数", None, 2_000_000, "元"] in rows
    assert ["A", "Ay", "班级数", None, "学生数", 60_000, "人"] in rows
    verdicts = [row for row in rows if row[2] == "补助（资格条件）" and row[0] == "B"]
    assert [row[5] for row in verdicts] == ["不符合", "符合", "不符合", 70, "y"]
    assert ["C", "Ce", "补助（因问责失去资格）", None, "弄虚作假", None, None] in rows
    formats = {cell.value: cell.number_format for row in sheet.iter_rows() for cell in row}
    assert formats[60_000] == "#,##0"


def test_the_file_has_codes_and_verifies(out: Path) -> None:
    with (out / "formulas.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    of_b = [(row["part"], row["item"], row["value"]) for row in rows if row["region"] == "B"]
    assert of_b[:3] == [
        ("eligible", "=", "0"),
        ("eligible", "pupils >= 40", "1"),
        ("eligible", "kind in ['x', 'z']", "0"),
    ]
    assert verify(out).holds


def test_what_a_formula_gives_has_a_title_and_a_unit() -> None:
    definition = {
        "allocation": {"unit": "yuan", "pools": {"g": {"each": "n"}}},
        "derived": {"d": {"value": "n", "unit": "km"}, "e": "n"},
    }
    assert part_title("g", "amount", {"g": "Grant"}, "en") == "Grant (total)"
    assert part_title("d", "value", {}, "zh") == "d"
    assert unit_of(definition, "g", "each", "=") == "yuan"
    assert unit_of(definition, "g", "weight", "=") == ""
    assert unit_of(definition, "d", "value", "=") == "km"
    assert unit_of(definition, "e", "value", "=") == ""
    assert unit_of(definition, "e", "value", "g") == "yuan"


STATES = """\
model: states
language: en
data: {file: data.csv}
variables:
  state: {type: text}
  pupils: {missing: error}
  fund: {missing: error}
derived:
  all: total(pupils, by=state)
  stands: rank(pupils, by=state) == 1
allocation:
  unit: R$
  pools:
    step: {amount: 3000, each: -fund, bear: all, eligible: stands, paid: false}
    grant: {amount: "total(step, by=state)", by: state, weight: pupils}
"""
NETS = "region,state,pupils,fund\nA,x,900,5400\nB,x,1100,5400\nC,y,800,4200\nD,y,600,4200\n"


@pytest.fixture
def states(tmp_path: Path) -> Path:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.yaml").write_text(STATES, encoding="utf-8")
    (tmp_path / "model" / "data.csv").write_text(NETS, encoding="utf-8")
    run(tmp_path / "model", output=tmp_path / "out")
    return tmp_path / "out"


def test_the_rank_that_decided_is_told_with_a_derived_condition(states: Path) -> None:
    assert "stands: not met (rank(pupils, by=state) 2, pupils 900)" in said(states, "A", "en")
    assert "stands：不符合（名次(pupils, 分组=state) 2，pupils 900）" in said(states, "A", "zh")


def test_a_regions_own_part_in_a_total_is_called_that(states: Path) -> None:
    english = said(states, "A", "en")
    assert "step (the region's own) 0 R$" in english
    assert "grant (weight) = pupils 900" in english
    assert "step（本地区） 0 R$" in said(states, "A", "zh")
    sheet = openpyxl.load_workbook(states / "results.xlsx")["Formulas"]
    put_in = {(row[0].value, row[4].value): row[5].value for row in sheet.iter_rows()}
    assert put_in["A", "step (the region's own)"] == 0


def test_in_a_condition_too_it_is_called_that() -> None:
    definition = {"allocation": {"pools": {"g": {"eligible": "total(n, by=zone) > 9"}}}}
    given = {"=": "0", "total(n, by=zone)": "8", "n": "3"}
    rows = [
        {"of": "g", "part": "eligible", "item": item, "value": value}
        for item, value in given.items()
    ]
    (line,) = shut_out_lines(definition, rows, {}, "en")
    assert line == ("total(n, by=zone) > 9: not met (total(n, by=zone) 8, n (the region's own) 3)")
