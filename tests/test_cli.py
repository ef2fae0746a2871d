"""The verbs: what they print, their exit status, and that nothing is half written."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import DATA, FIRST


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_run_writes_every_table_and_says_where(make_model, cli, tmp_path):
    result = cli("run", make_model(), "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert str(tmp_path / "out") in result.output
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {
        "scores.csv", "points.csv", "allocation.csv", "explanation.csv", "results.xlsx", "run.json",
        "factors.csv", "formulas.csv", "rules.csv", "certificate.json", "fingerprints.json", "inputs",
    }  # fmt: skip


def test_tables_have_the_stated_columns(make_model, cli, tmp_path):
    cli("run", make_model(), "-o", tmp_path / "out")
    heads = {
        name: (tmp_path / "out" / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0]
        for name in ("scores", "points", "allocation", "explanation")
    }
    assert heads == {
        "scores": "region,name,score,grade,rank,accuracy",
        "points": "region,indicator,value,points,full_marks,reason",
        "allocation": "region,pool,entitlement,amount",
        "explanation": "region,pool,step,amount",
    }


def test_the_pool_total_stands_last_and_adds_up(make_model, cli, tmp_path):
    cli("run", make_model(), "-o", tmp_path / "out")
    table = rows(tmp_path / "out" / "allocation.csv")
    for place in range(0, len(table), 3):
        base, award, total = table[place : place + 3]
        assert total["pool"] == "total"
        assert int(base["amount"]) + int(award["amount"]) == int(total["amount"])
    assert sum(int(row["amount"]) for row in table if row["pool"] == "total") == 1000


def test_score_writes_no_money_and_allocate_needs_an_allocation(make_model, cli, tmp_path):
    model = make_model()
    assert cli("score", model, "-o", tmp_path / "scored").exit_code == 0
    assert not (tmp_path / "scored" / "allocation.csv").exists()
    only_scores = make_model("second", model_yaml=FIRST.split("allocation:")[0])
    result = cli("--lang", "en", "allocate", only_scores, "-o", tmp_path / "none")
    assert result.exit_code == 2
    assert "allocation" in result.stderr
    assert not (tmp_path / "none").exists()


def test_same_inputs_give_the_same_bytes(make_model, cli, tmp_path):
    model = make_model()
    for name in ("one", "two"):
        assert cli("run", model, "-o", tmp_path / name).exit_code == 0
    files = [path for path in (tmp_path / "one").rglob("*") if path.is_file()]
    assert len(files) >= 8
    for path in files:
        other = tmp_path / "two" / path.relative_to(tmp_path / "one")
        assert path.read_bytes() == other.read_bytes(), path.name


def test_shuffled_rows_give_the_same_tables(make_model, cli, tmp_path):
    head, *body = DATA.splitlines()
    shuffled = "\n".join([head, *reversed(body)]) + "\n"
    cli("run", make_model(), "-o", tmp_path / "one")
    cli("run", make_model("other", data_csv=shuffled), "-o", tmp_path / "two")
    for name in ("scores.csv", "points.csv", "allocation.csv", "explanation.csv"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_run_can_be_repeated_into_its_own_folder(make_model, cli, tmp_path):
    model = make_model()
    for _ in range(2):
        assert cli("run", model, "-o", tmp_path / "out").exit_code == 0
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_folder_with_other_things_is_never_overwritten(make_model, cli, tmp_path):
    target = tmp_path / "mine"
    target.mkdir()
    (target / "thesis.txt").write_text("years of work")
    result = cli("run", make_model(), "-o", target)
    assert result.exit_code == 2
    assert "thesis.txt" in result.stderr
    assert (target / "thesis.txt").read_text() == "years of work"
    assert len(list(target.iterdir())) == 1


@pytest.mark.parametrize(
    ("broken", "place"),
    [
        (DATA.replace(",200,", ",many,"), "row 3"),
        (DATA.replace('"030"', '"020"'), "row 4"),
        (DATA.replace("recipients", "recipient"), "data.csv"),
        (DATA.replace(",100,", ",,"), "row 2"),
    ],
)
def test_bad_data_leaves_a_message_status_2_and_no_folder(make_model, cli, tmp_path, broken, place):
    result = cli("--lang", "en", "run", make_model(data_csv=broken), "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert place in result.stderr
    assert "Traceback" not in result.output
    assert not (tmp_path / "out").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["first"]


def test_rules_at_odds_give_status_3_and_name_the_rules(make_model, cli, tmp_path):
    model = make_model(model_yaml=FIRST + "  rules:\n    - {id: minimum, floor: 300, pool: base}\n")
    result = cli("--lang", "en", "run", model, "-o", tmp_path / "out")
    assert result.exit_code == 3
    assert "minimum" in result.stderr
    assert "900" in result.stderr
    assert "100" in result.stderr
    assert not (tmp_path / "out").exists()


def test_check_lists_every_mistake_with_line_and_column(make_model, cli):
    wrong = FIRST.replace("wrongful, score", "wrongfull, score").replace("unit: yuan", "unti: yuan")
    wrong = wrong.replace("full_marks: 10", "full_marks: 12")
    result = cli("--lang", "en", "check", make_model(model_yaml=wrong))
    assert result.exit_code == 2
    lines = [line for line in result.stderr.splitlines() if "model.yaml:" in line]
    assert any("'wrongful'" in line and ":10:" in line for line in lines)
    assert any("did you mean 'unit'" in line and ":14:" in line for line in lines)
    assert any("add up to 10, not 12" in line and ":8:" in line for line in lines)


def test_check_says_that_a_model_is_sound(make_model, cli):
    result = cli("check", make_model())
    assert result.exit_code == 0
    assert "first" in result.output


def test_messages_come_in_the_language_asked_for_or_in_both(make_model, process):
    model = make_model(model_yaml=FIRST.replace("unit: yuan", "unti: yuan"))
    neutral = {"LANG": "C.UTF-8", "LC_ALL": "", "RELIEFPERF_LANG": ""}
    both = process("check", model, env=neutral).stderr
    chinese = process("check", model, env={**neutral, "LANG": "zh_CN.UTF-8"}).stderr
    english = process("--lang", "en", "check", model, env=neutral).stderr
    assert "unknown key" in both
    assert "未知的键" in both
    assert "unknown key" not in chinese
    assert "未知的键" in chinese
    assert "未知的键" not in english


def test_explain_shows_points_and_money_of_a_region_by_code_or_name(make_model, cli, tmp_path):
    cli("run", make_model(), "-o", tmp_path / "out")
    by_code = cli("--lang", "en", "explain", tmp_path / "out", "020")
    by_name = cli("--lang", "en", "explain", tmp_path / "out", "Middle")
    assert by_code.exit_code == 0
    assert by_code.output == by_name.output
    assert "accuracy" in by_code.output
    assert "entitlement" in by_code.output


def test_explain_suggests_but_never_takes_a_near_region(make_model, cli, tmp_path):
    cli("run", make_model(), "-o", tmp_path / "out")
    result = cli("--lang", "en", "explain", tmp_path / "out", "Midle")
    assert result.exit_code == 2
    assert "did you mean 'Middle'" in result.stderr
    assert "entitlement" not in result.output


def test_explain_ends_with_strengths_and_weaknesses_against_a_group(make_model, cli, tmp_path):
    cli("run", make_model(), "-o", tmp_path / "out")
    result = cli("--lang", "en", "explain", tmp_path / "out", "010", "--against", "all")
    assert "against all regions (3, itself included):" in result.output
    assert "accuracy: 10 of 10 points, above the mean of 8.67 and above all the others" in (
        result.output
    )
    refused = cli("--lang", "en", "explain", tmp_path / "out", "010", "--against", "parent")
    assert refused.exit_code == 2
    assert "no division above it" in refused.stderr


def test_analyse_writes_tables_and_a_figure_and_names_what_stands_out(cli, tmp_path):
    out = tmp_path / "out"
    result = cli("--lang", "en", "analyse", "hdi-2021", "--collinear", "0.8", "-o", out)
    assert result.exit_code == 0, result.output
    assert "collinear" in result.output
    assert {"correlations.csv", "analysis.png"} <= {path.name for path in out.iterdir()}
    flags = {row["flag"] for row in rows(out / "correlations.csv")}
    assert flags == {"", "collinear"}
    for wrong in (("--collinear", "2"), ("--node", "nowhere"), ("--period", "1990")):
        refused = cli("--lang", "en", "analyse", "hdi-2021", *wrong, "-o", tmp_path / "no")
        assert refused.exit_code == 2
        assert not (tmp_path / "no").exists()


def test_compare_shows_what_a_scenario_changes(make_model, cli, tmp_path):
    model = make_model()
    scenario = tmp_path / "more.yaml"
    scenario.write_text(
        "scenario: more\nmodel: first\nset:\n  allocation.pools.base.share: 0.5\n"
        "  allocation.pools.award.share: 0.5\n"
    )
    assert cli("run", model, "-o", tmp_path / "a").exit_code == 0
    assert cli("run", scenario, "-o", tmp_path / "b").exit_code == 0
    result = cli(
        "--lang", "en", "compare", tmp_path / "a", tmp_path / "b", "-o", tmp_path / "c.csv"
    )
    assert result.exit_code == 0, result.output
    assert "+300" in result.output
    changes = rows(tmp_path / "c.csv")
    moved = {
        row["region"]: int(row["difference"]) for row in changes if row["what"] == "pool total"
    }
    assert sum(moved.values()) == 0
    assert moved["010"] > 0 > moved["020"]


def test_a_scenario_with_a_wrong_path_is_refused_with_the_near_one(make_model, cli, tmp_path):
    make_model()
    scenario = tmp_path / "wrong.yaml"
    scenario.write_text(
        "scenario: wrong\nmodel: first\nset:\n  allocation.pools.bse.share: 0.5\n"
        "  allocation.budget: lots\n"
    )
    result = cli("--lang", "en", "check", scenario)
    assert result.exit_code == 2
    assert "wrong.yaml:4:3" in result.stderr
    assert "did you mean 'base'" in result.stderr


def test_reproduce_fails_when_a_number_is_off(make_model, cli):
    check = "published:\n  - {id: sum, value: total(amount), equals: %d}\n"
    good = make_model("good", model_yaml=FIRST + check % 1000)
    bad = make_model("bad", model_yaml=FIRST + check % 1001)
    assert cli("reproduce", good).exit_code == 0
    assert cli("reproduce", bad).exit_code == 1


def test_run_json_records_inputs_definition_and_notes(make_model, cli, tmp_path):
    cli("run", make_model(), "-o", tmp_path / "out")
    record = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert record["model"] == "first"
    assert set(record["inputs"]) == {"model", "data", "data_file", "encoding"}
    assert len(record["inputs"]["data"]["data.csv"]) == 64
    assert record["definition"]["allocation"]["budget"] == 1000
    assert str(tmp_path) not in json.dumps(record)


def test_help_does_not_import_the_heavy_libraries():
    import subprocess

    code = (
        "import sys; from click.testing import CliRunner; from reliefperf.cli import main;"
        "r = CliRunner().invoke(main, ['--help']); assert r.exit_code == 0, r.output;"
        "heavy = {'numpy', 'pandas', 'pulp', 'scipy', 'matplotlib', 'pydantic', 'rich'} & set(sys.modules);"
        "print(sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_mistyped_verb_gets_a_suggestion(cli):
    result = cli("alocate")
    assert result.exit_code == 2
    assert "allocate" in result.output


@pytest.mark.parametrize("target", ["/", "/proc/no/where/out"])
def test_a_target_that_cannot_be_written_is_a_message(make_model, cli, target):
    result = cli("run", make_model(), "-o", target)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)


def test_the_language_may_stand_behind_the_verb(make_model, cli):
    model = make_model()
    behind = cli("check", model, "--lang", "zh")
    assert behind.exit_code == 0, behind.output
    assert behind.output == cli("--lang", "zh", "check", model).output
    assert "没有错误：first（变量 2 个，指标 1 项，资金池 2 个，规则 0 条）" in behind.output


def test_the_label_of_made_up_data_stands_once(cli, tmp_path):
    for lang, label in (("zh", "合成数据：县名"), ("en", "SYNTHETIC DATA: made-up counties")):
        shown = cli("--lang", lang, "score", "county-rulebook-example", "-o", tmp_path / lang)
        assert f"\n{label}" in shown.output


def test_points_are_shown_with_four_decimals(cli, tmp_path):
    cli("score", "county-rulebook-example", "-o", tmp_path / "out")
    shown = cli("--lang", "en", "explain", tmp_path / "out", "900008").output
    (line,) = [line for line in shown.splitlines() if line.startswith("checks of means")]
    assert line.split()[3:7] == ["60.8", "3.4967", "16.1884", "12.6917"]
    assert "3.5 of 16.19 points" in shown


@pytest.mark.parametrize(("arguments", "status"), [(["models"], 0), (["run", "no-such-model"], 2)])
def test_the_command_ends_with_the_status_of_its_verb(arguments: list[str], status: int) -> None:
    command = [sys.executable, "-m", "reliefperf.cli", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == status
    assert bool(done.stdout) == (status == 0)
    assert "Traceback" not in done.stderr
