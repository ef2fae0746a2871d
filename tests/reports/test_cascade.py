"""The verbs on a cascade: what is run, refused, written and explained."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from python_calamine import CalamineWorkbook

from reliefperf.cli import main
from tests.cascading import TREE, cascade_file, model_text, tables_of


@pytest.fixture
def file(tmp_path: Path) -> Path:
    models = {
        level: model_text(level, **{"data: {": f"data: {{file: {level}.csv, synthetic: made up, "})
        for level in TREE
    }
    for level, rows in tables_of(TREE).items():
        rows.to_csv(tmp_path / f"{level}.csv", index=False)
    return cascade_file(tmp_path, models)


def call(*words: object) -> tuple[int, str]:
    found = CliRunner().invoke(main, [str(word) for word in words])
    return found.exit_code, found.output


def test_one_command_runs_all_levels_and_explains_a_county_by_its_parent(file: Path) -> None:
    out = file.parent / "out"
    status, said = call("--lang", "en", "run", file, "-o", out)
    assert status == 0
    assert "SYNTHETIC DATA" in said
    assert "county: 1,000 yuan to 4 regions of 2 parent(s)" in said
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert record["synthetic"] is True
    assert [level["paid"]["total"] for level in record["levels"]] == ["1000", "1000"]
    assert (out / "allocation.csv").read_text().startswith("level,parent,region,pool,")
    assert (out / "SYNTHETIC.txt").is_file()
    status, said = call("--lang", "en", "explain", out, "a")
    assert status == 0
    lines = [line.split() for line in said.splitlines()]
    assert ["province", "P", "base", "=", "amount", "343"] in lines
    assert ["base", "=", "amount", "147"] in lines
    assert ["province", "P", "of", "it", "handed", "down", "443"] in lines
    # the steps of every level add up to its amount
    for lead in (["province", "P", "base"], ["base"]):
        steps = [x for x in lines if x[: len(lead)] == lead]
        assert sum(Decimal(x[-1]) for x in steps[:-1]) == Decimal(steps[-1][-1])
    status, said = call("--lang", "zh", "explain", out, "a")
    assert "其中下达给下级" in said
    status, said = call("--lang", "zh", "explain", out, "a", "--lift")
    assert status == 2
    assert "模型没有 evaluation 部分" in said


def test_rules_at_odds_end_with_status_3_and_nothing_written(file: Path) -> None:
    county = file.parent / "county.yaml"
    county.write_text(county.read_text() + "  rules: [{id: least, floor: 400, pool: base}]\n")
    out = file.parent / "out"
    status, said = call("--lang", "zh", "run", file, "-o", out)
    assert status == 3
    assert "“county”级，上级 P" in said
    assert "“county”级，上级 Q" in said
    assert not out.exists()


def test_what_a_cascade_cannot_do_is_refused(file: Path) -> None:
    out = file.parent / "out"
    assert call("score", file, "-o", out)[0] == 2
    assert call("run", file, "-o", out, "--data", file.parent / "county.csv")[0] == 2
    status, said = call("--lang", "en", "check", file)
    assert status == 0
    assert said.count("sound:") == 2


def test_comparing_counts_money_where_it_ends(file: Path) -> None:
    out = file.parent / "out"
    call("run", file, "-o", out)
    status, said = call("--lang", "en", "compare", out, out)
    assert status == 0
    assert ["total", "1,000", "1,000"] in [line.split()[:3] for line in said.splitlines()]


SCORED = """\
evaluation:
  decimals: 2
  grades: {bands: [{grade: 优, at_least: 90}, {grade: 良}]}
  tree:
    - {id: work, title: {zh: 工作, en: Work}, value: done, points: 100, score: {goalposts: [0, 10]}}
allocation:"""


@pytest.fixture
def scored(tmp_path: Path) -> Path:
    """The county level is scored: a reaches 80 points, in the run of the year before 60."""
    texts = {
        "province": model_text("province", **{"data: {": "data: {file: province.csv, "}),
        "county": model_text(
            "county",
            **{
                "data: {": "data: {file: county.csv, ",
                "  up: {": "  done: {}\n  up: {",
                "allocation:": SCORED,
            },
        ),
    }
    tables = tables_of(TREE)
    tables["county"]["done"] = [8.0, 9.5, 10.0, 2.0]
    for level, rows in tables.items():
        rows.to_csv(tmp_path / f"{level}.csv", index=False)
    return cascade_file(tmp_path, texts)


def test_the_way_up_and_the_way_from_another_run_are_those_of_the_regions_level(
    scored: Path,
) -> None:
    before, now = scored.parent / "before", scored.parent / "now"
    table = scored.parent / "county.csv"
    this_year = table.read_text()
    table.write_text(this_year.replace("a,P,3.0,8.0", "a,P,3.0,6.0"))
    assert call("run", scored, "-o", before)[0] == 0
    table.write_text(this_year)
    status, said = call("--lang", "zh", "run", scored, "-o", now)
    assert status == 0
    assert "得分：4 个地区中 4 个，20 … 100" in said
    assert "等次：优 2，良 2" in said
    status, said = call("--lang", "zh", "explain", now, "a", "--lift", "--since", before)
    assert status == 0
    assert "由良升至优" in said
    assert ["工作", "8", "9", "10"] in [line.split()[:4] for line in said.splitlines()]
    assert "得分变化：60 → 80（+20）" in said
    # a region of the level above has no score
    status, said = call("--lang", "zh", "explain", now, "P", "--lift")
    assert status == 2
    assert "模型没有 evaluation 部分" in said
    # the level run by itself is another run of the same regions
    alone = scored.parent / "alone"
    assert call("run", scored.parent / "county.yaml", "-o", alone)[0] == 0
    assert "80 to 80" in call("--lang", "en", "explain", now, "a", "--since", alone)[1]
    assert "60 to 80" in call("--lang", "en", "explain", alone, "a", "--since", before)[1]


def test_the_first_screen_and_the_workbook_name_the_rules_that_bind_by_level(file: Path) -> None:
    rule = "  rules: [{id: least, title: {zh: 县级保底, en: Least}, floor: 60, pool: base}]\n"
    county = file.parent / "county.yaml"
    text = county.read_text().replace("{share: 0.8", "{title: {zh: 基础, en: Base}, share: 0.8")
    county.write_text(text + rule)
    file.write_text(file.read_text().replace("{id: county", "{id: county, title: {zh: 区县}"))
    out = file.parent / "out"
    status, said = call("--lang", "zh", "run", file, "-o", out)
    assert status == 0
    # of Q's 457, county d gets 60 in place of 30
    assert "- 县级保底：2 个上级中 1 个起作用；4 处限额中 1 处，调整金额 29.53 yuan" in said
    assert "资金池：基础 800，award 200" in said
    book = CalamineWorkbook.from_path(str(out / "results.xlsx"))
    summary = book.get_sheet_by_name("Summary (synthetic)").to_python()
    assert [row[0] for row in summary if "1 of 4 limits" in str(row[1])] == ["区县"]
    assert "区县" in call("--lang", "zh", "explain", out, "d")[1]


def test_steps_that_are_not_paid_and_who_carries_are_in_the_workbook_and_the_chain(
    file: Path,
) -> None:
    county = file.parent / "county.yaml"
    text = county.read_text().replace(
        "    base: {share: 0.8, weight: need}",
        "    old: {share: 1, weight: 1, paid: false}\n"
        "    base: {share: 0.8, each: need, bear: need}",
    )
    text = text.replace("need: {", "need: {title: {zh: 需求, en: Need}, ")
    county.write_text(text.replace("language: en", "language: zh"))
    out = file.parent / "out"
    assert call("run", file, "-o", out)[0] == 0
    book = CalamineWorkbook.from_path(str(out / "results.xlsx"))
    steps = book.get_sheet_by_name("Steps not paid (synthetic)").to_python()
    with (out / "calculation.csv").open(encoding="utf-8", newline="") as written:
        expected = list(csv.reader(written))[1:]
    assert [(r[2], r[4], float(r[6])) for r in steps[1:]] == [
        (r[2], r[3], float(r[5])) for r in expected
    ]
    shown = book.get_sheet_by_name("Explanation (synthetic)").to_python()
    assert "up or down to the total (carried by Need)" in {row[5] for row in shown}
    assert "（按 需求 分担）" in call("--lang", "zh", "explain", out, "a")[1]
    assert call("verify", out)[0] == 0


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("allocation.csv", "147", "148"),
        ("parents.csv", "343", "344"),
        ("explanation.csv", "rounding", "roundinG"),
        ("inputs/county/county.csv", "b,P,4", "b,P,5"),
        ("inputs/county/county.yaml", "share: 0.8", "share: 0.7"),
    ],
)
def test_a_changed_cell_of_a_cascade_fails_verification(
    file: Path, name: str, old: str, new: str
) -> None:
    out = file.parent / "out"
    call("run", file, "-o", out)
    assert call("verify", out)[0] == 0
    changed = next(out.glob(name.replace("county.yaml", "model.yaml")))
    text = changed.read_text(encoding="utf-8")
    assert old in text
    changed.write_text(text.replace(old, new, 1), encoding="utf-8")
    status, said = call("--lang", "en", "verify", out)
    assert status == 1
    assert changed.name in said


def test_the_rules_of_all_parents_are_summed_up_by_level(file: Path) -> None:
    county = file.parent / "county.yaml"
    county.write_text(county.read_text() + "  rules: [{id: least, floor: 60, pool: base}]\n")
    out = file.parent / "out"
    call("run", file, "-o", out)
    status, said = call("--lang", "en", "rules", out)
    assert status == 0
    # Q has the county d, whose need is small
    assert ["county", "least", "1", "/", "2", "1", "/", "4"] in [
        line.split()[:8] for line in said.splitlines()
    ]
    assert "受限地区" in call("--lang", "zh", "rules", out)[1]


def test_the_workbook_has_a_sheet_a_level_and_the_explanation(file: Path) -> None:
    out = file.parent / "out"
    call("run", file, "-o", out)
    book = CalamineWorkbook.from_path(str(out / "results.xlsx"))
    assert book.sheet_names == [
        f"{name} (synthetic)"
        for name in ("Summary", "province", "county", "Parents", "Explanation", "Rules", "Notes")
    ]
    rows = book.get_sheet_by_name("county (synthetic)").to_python()
    assert rows[0][:6] == [
        *("parent", "parent's name", "region", "name"),
        *("base\nentitlement (yuan)", "base\namount (yuan)"),
    ]
    assert [row[2] for row in rows[1:]] == ["a", "b", "c", "d", ""]
    amounts = [row[5] for row in rows[1:]]
    assert sum(amounts[:-1]) == amounts[-1] == 800
    steps = book.get_sheet_by_name("Explanation (synthetic)").to_python()
    with (out / "explanation.csv").open(encoding="utf-8", newline="") as written:
        expected = list(csv.reader(written))[1:]
    assert [(row[2], float(row[6])) for row in steps[1:]] == [
        (row[2], float(row[5])) for row in expected
    ]


def test_a_workbook_is_in_chinese_unless_the_first_model_says_otherwise(file: Path) -> None:
    for level in TREE:
        path = file.parent / f"{level}.yaml"
        path.write_text(path.read_text().replace("language: en\n", ""), encoding="utf-8")
    out = file.parent / "out"
    call("run", file, "-o", out)
    book = CalamineWorkbook.from_path(str(out / "results.xlsx"))
    assert [name.removesuffix("（合成数据）") for name in book.sheet_names] == [
        *("说明", "province", "county", "各上级收支", "分配过程", "规则", "提示")
    ]


def test_a_county_without_a_score_has_its_name_beside_the_code(file: Path) -> None:
    county = file.parent / "county.csv"
    rows = county.read_text(encoding="utf-8").splitlines()
    named = [f"{line},{'title' if at == 0 else f'Name {at}'}" for at, line in enumerate(rows)]
    county.write_text("\n".join(named) + "\n", encoding="utf-8")
    model = file.parent / "county.yaml"
    model.write_text(model.read_text().replace("name: null", "name: title"))
    out = file.parent / "out"
    assert call("run", file, "-o", out)[0] == 0
    said = call("--lang", "en", "explain", out, "a")[1]
    assert "county a Name 1" in said
