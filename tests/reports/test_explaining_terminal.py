"""What `explain` says of steps of the calculation: shown, and never added to the money."""

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner

from reliefperf.cli import main
from reliefperf.reports.grids import parse_workbook
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
    book = parse_workbook(out / "results.xlsx")
    assert book is not None
    assert "the gap" not in str(book.grid("Allocation")) + str(book.grid("Summary"))
    assert "the gap" in str(book.grid("Steps not paid"))


GROUNDED = MODEL.replace(
    "grant: {share: 1,", "grant: {basis: {en: article 3, zh: 第三条}, share: 1,"
)
GROUNDED = GROUNDED.replace(
    "{id: gap-limit,", "{id: gap-limit, basis: {en: article 8, zh: 第八条},"
)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_pools_and_rules_say_and_rest_on_is_shown(tmp_path: Path, language: str) -> None:
    (tmp_path / "model.yaml").write_text(
        GROUNDED.replace("language: en", f"language: {language}"), encoding="utf-8"
    )
    (tmp_path / "data.csv").write_text(DATA, encoding="utf-8")
    run(tmp_path, output=tmp_path / "out")
    wanted = {
        "en": (
            "all regions share the whole budget in proportion to 'the gap'; worked out after the gap",
            ("(basis: article 3)", "(basis: article 8)"),
            ("basis: article 3", "basis: article 8"),
        ),
        "zh": (
            "各地区按“缺口”的比例分配全部预算；在“缺口”之后计算",
            ("（依据：第三条）", "（依据：第八条）"),
            ("依据：第三条", "依据：第八条"),
        ),
    }
    for lang, (says, in_explain, in_rules) in wanted.items():
        explain = CliRunner().invoke(main, ["explain", str(tmp_path / "out"), "A", "--lang", lang])
        rules = CliRunner().invoke(main, ["rules", str(tmp_path / "out"), "--lang", lang])
        for result, words in ((explain, in_explain), (rules, in_rules)):
            assert result.exit_code == 0
            shown = result.output.replace("\n", "")
            assert says in result.output.replace("\n", " ") or says in shown
            assert all(one in shown for one in words)
    book = parse_workbook(tmp_path / "out/results.xlsx")
    assert book is not None
    rows = book.grid("Rules" if language == "en" else "规则")
    named = {row[0]: row for row in rows}
    pool = "pool grant" if language == "en" else "资金池“grant”"
    assert wanted[language][0] in named[pool]
    assert ("article 3" if language == "en" else "第三条") in named[pool]
    assert verify(tmp_path / "out").holds


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
    assert list(rules) == ["pool gap", "pool grant", "gap-limit", "least"]
    assert rules["gap-limit"]["bound"] == "A"
