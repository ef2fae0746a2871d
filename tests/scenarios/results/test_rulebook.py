"""claims.csv, consequences.csv, decisions.csv: when they are written and what stands in them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reliefperf.scenarios.inputs import rerun
from reliefperf.scenarios.loading import load_model
from reliefperf.scenarios.results.rulebook import claims_table, consequences_table, rulebook_tables
from reliefperf.scenarios.running import Run, read_data, run_model
from tests.rulebook import DECISIONS, FINDINGS, beside

MODEL = """\
model: m
data: {file: data.csv, region: code, name: name}
variables: {x: {self: s, verified: v, take: verified_else_self}}
findings: {file: findings.csv, kinds: [虚报]}
evaluation:
  tree: [{id: a, title: 指标甲, points: 10, value: x, score: as_is, claimed: self(x)}]
  consequences:
    - {id: told, title: {zh: 通报, en: told}, when: findings('虚报') > 0, effect: criticism}
  decisions: {file: rulings.csv}
"""


def made(folder: Path, *, findings: bool = True) -> Run:
    (folder / "model.yaml").write_text(MODEL, encoding="utf-8")
    (folder / "data.csv").write_text("code,name,s,v\nA,甲县,8,6\nB,乙县,7,7\n", encoding="utf-8")
    rows = [("A", "虚报", "2023-05-01", "是", "审计")] if findings else []
    beside(folder, "findings.csv", FINDINGS, *rows)
    row = ("A", "", "a", 1, "", "申诉成立", "复核小组", "2024-03-05")
    beside(folder, "rulings.csv", DECISIONS, row)
    model = load_model(folder)
    return run_model(model, read_data(model))


def test_a_run_holds_the_tables_and_the_hashes_of_what_they_come_from(tmp_path: Path) -> None:
    run = made(tmp_path)
    run.write(tmp_path / "out")
    assert (tmp_path / "out" / "claims.csv").read_text(encoding="utf-8") == (
        "region,item,of,self,verified,final,difference\n"
        "A,x,value,8,6,6,-2\n"
        "A,a,points,8,,6,-2\n"
        "A,score,points,8,,6,-2\n"
        "B,x,value,7,7,7,0\n"
        "B,a,points,7,,7,0\n"
        "B,score,points,7,,7,0\n"
    )
    assert (tmp_path / "out" / "consequences.csv").read_text(encoding="utf-8") == (
        "region,name,consequence,title,effect,detail,findings,cases,basis,responsible\n"
        "A,甲县,told,通报,criticism,,1,第 2 行，2023-05-01，虚报，审计,建模者选择,\n"
    )
    assert (tmp_path / "out" / "decisions.csv").read_text(encoding="utf-8") == (
        "region,target,before,after,reason,decided_by,date\nA,a,6,7,申诉成立,复核小组,2024-03-05\n"
    )
    points = (tmp_path / "out" / "points.csv").read_text(encoding="utf-8")
    assert "A,decision:a,,1,,复核小组于 2024-03-05 决定：申诉成立；+1 分，6 分改为 7 分\n" in points
    record = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert {"findings.csv", "rulings.csv"} <= set(record["inputs"]["model"])


def test_a_run_is_computed_again_from_its_folder_alone(tmp_path: Path) -> None:
    run = made(tmp_path)
    run.write(tmp_path / "out")
    record = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    again = rerun(tmp_path / "out", record)
    assert again.points_rows == run.points_rows
    assert rulebook_tables(again) == rulebook_tables(run)


def test_a_table_is_written_wherever_the_model_has_its_section(tmp_path: Path) -> None:
    run = made(tmp_path, findings=False)
    header, rows = consequences_table(run)
    assert (header[0], rows) == ("region", [])
    run.write(tmp_path / "out")
    assert (tmp_path / "out" / "consequences.csv").exists()


def test_a_model_without_such_parts_has_no_such_tables() -> None:
    model = load_model("hdi-2021")
    assert rulebook_tables(run_model(model, read_data(model))) == {}


def test_the_tables_are_sheets_of_the_workbook(tmp_path: Path) -> None:
    from python_calamine import CalamineWorkbook

    made(tmp_path).write(tmp_path / "out")
    book = CalamineWorkbook.from_path(str(tmp_path / "out" / "results.xlsx"))
    assert {"自评与核实", "问责结果", "人工调整"} <= set(book.sheet_names)
    rows = book.get_sheet_by_name("问责结果").to_python()
    assert rows[1][:3] == ["A", "甲县", "通报"]


def test_suixi_claims_ninety_and_gets_seventy_five() -> None:
    """濉溪县 2019: two of the ten rows miss their own target and claim full marks."""
    model = load_model("suixi-2019")
    header, rows = claims_table(run_model(model, read_data(model)))
    found = {row[1]: row for row in rows}
    at = header.index("difference")
    assert {name for name, row in found.items() if row[at] != "0"} == {
        "p_hardship",
        "p_temporary_standard",
        "score",
    }
    assert found["score"][3:] == ("90", None, "75", "-15")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_consequences_are_told_in_either_language(tmp_path: Path, lang: str) -> None:
    _, rows = consequences_table(made(tmp_path), lang)  # type: ignore[arg-type]
    assert rows[0][3] == {"zh": "通报", "en": "told"}[lang]
    assert rows[0][-2] == {"zh": "建模者选择", "en": "modeller's choice"}[lang]


def test_rows_of_decisions_have_a_title_in_the_workbook(tmp_path: Path) -> None:
    from python_calamine import CalamineWorkbook

    made(tmp_path).write(tmp_path / "out")
    book = CalamineWorkbook.from_path(str(tmp_path / "out" / "results.xlsx"))
    cells = [row[2] for row in book.get_sheet_by_name("扣分明细").to_python()]
    assert "人工调整：指标甲" in cells
