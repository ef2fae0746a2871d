"""What `explain` says of steps of the calculation: shown, and never added to the money."""

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner

from reliefperf.cli import main
from reliefperf.reports.cells import read_workbook
from reliefperf.scenarios.running import run
from reliefperf.scenarios.verifying import verify

MODEL = """\
model: steps
language: en
data: {file: data.csv}
variables: {need: {missing: error}, own: {missing: error}}
allocation:
  unit: yuan
  budget: 200
  pools:
    gap: {title: {en: the gap, zh: 缺口}, each: "max(need - own, 0)", paid: false}
    grant: {share: 1, weight: gap}
  rules:
    - {id: gap-limit, cap: 300, pool: gap}
    - {id: least, floor: 0.1 * gap}
  equity: {people: need}
"""
DATA = "region,name,need,own\nA,Ay,500,100\nB,Be,400,200\nC,Ce,300,400\n"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "model.yaml").write_text(MODEL, encoding="utf-8")
    (folder / "data.csv").write_text(DATA, encoding="utf-8")
    run(folder, output=tmp_path / "out")
    return tmp_path / "out"


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", "calculation steps, not paid"), ("zh", "计算步骤，不发放")],
)
def test_steps_are_shown_apart_from_the_money(out: Path, lang: str, words: str) -> None:
    said = CliRunner().invoke(main, ["explain", str(out), "A", "--lang", lang])
    assert said.exit_code == 0
    money, steps = said.output.split(words)
    total = next(line for line in money.splitlines() if line.startswith(("total", "合计")))
    assert total.split()[-1] == "120"
    assert "gap" not in money
    assert "gap-limit" in steps
    assert "300" in steps


def test_no_table_or_sum_has_a_step(out: Path) -> None:
    for name in ("allocation", "explanation", "equity"):
        with (out / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            assert {row["pool"] for row in csv.DictReader(file)} <= {"grant", "total"}
    assert '"gap":' not in (out / "certificate.json").read_text(encoding="utf-8")
    with (out / "calculation.csv").open(encoding="utf-8", newline="") as file:
        last = {row["region"]: row["amount"] for row in csv.DictReader(file)}
    assert last == {"A": "300", "B": "200", "C": "0"}
    sheets = read_workbook(out / "results.xlsx") or {}
    assert "the gap" not in str(sheets["Allocation"]) + str(sheets["Summary"])
    assert "the gap" in str(sheets["Steps not paid"])


def test_a_changed_step_is_found(out: Path) -> None:
    assert verify(out).holds
    path = out / "calculation.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("B,gap,entitlement,200,200", "B,gap,entitlement,200,201"), "utf-8")
    found = verify(out)
    assert any("row 4" in one.en and "calculation.csv" in one.file for one in found.failures)


def test_the_rule_on_a_step_is_among_the_rules(out: Path) -> None:
    with (out / "rules.csv").open(encoding="utf-8", newline="") as file:
        rules = {row["rule"]: row for row in csv.DictReader(file)}
    assert list(rules) == ["gap-limit", "least"]
    assert rules["gap-limit"]["bound"] == "A"
