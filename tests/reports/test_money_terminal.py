"""The verbs on money: what they say in both languages, what they write, how they end."""

from __future__ import annotations

import csv
from decimal import Decimal

import pytest

from reliefperf.reports.waterfall import steps_of, waterfall
from reliefperf.scenarios.run_folder import read_run
from tests.conftest import FIRST

RULED = FIRST + "  rules: [{id: keep, floor: 250}, {id: top, cap: 600, pool: base}]\n"
TIED = FIRST + "  rules: [{id: bound, ratio: 0.5, pool: award, to: base}, {id: keep, floor: 200}]\n"


@pytest.fixture
def folder(make_model, cli, tmp_path):
    def make(text: str = RULED.replace("floor: 250", "floor: 150, pool: base")):
        result = cli("run", make_model(model_yaml=text), "-o", tmp_path / "run")
        assert result.exit_code == 0, result.output
        return tmp_path / "run"

    return make


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_rules_are_said_in_the_readers_language(folder, cli):
    run = folder()
    english = cli("--lang", "en", "rules", run)
    chinese = cli("--lang", "zh", "rules", run)
    assert english.exit_code == 0, english.output
    assert "pool 'base': at least 150" in english.output
    assert "binds 1 of 3 limits (010)" in english.output
    assert "资金池“base”不低于 150" in chinese.output
    assert "3 处限额中 1 处起作用" in chinese.output


def test_without_names_winners_and_losers_and_writes_them(folder, cli, tmp_path):
    run = folder()
    result = cli("--lang", "en", "without", run, "keep", "-o", tmp_path / "without.csv")
    assert result.exit_code == 0, result.output
    assert "1 region(s) get 17 yuan more; 2 region(s) pay 17 yuan for it" in result.output
    written = rows(tmp_path / "without.csv")
    assert list(written[0]) == ["region", "name", "with", "without", "difference"]
    assert sum(Decimal(row["difference"]) for row in written) == 0


def test_a_rule_without_effect_says_so(folder, cli):
    result = cli("--lang", "en", "without", folder(), "top")
    assert "moves no money" in result.output


def test_an_unknown_rule_is_bad_input(folder, cli):
    result = cli("--lang", "en", "without", folder(), "kep")
    assert result.exit_code == 2
    assert "no rule 'kep'" in result.output


def test_a_point_is_worth_whole_money_to_one_region(folder, cli):
    result = cli("--lang", "zh", "explain", folder(), "030", "--point")
    assert result.exit_code == 0, result.output
    assert "得分提高 1 分（8 到 9）" in result.output or "得分提高 1 分" in result.output


def test_worth_lists_every_region_and_pool(folder, cli, tmp_path):
    result = cli("--lang", "en", "worth", folder(), "-o", tmp_path / "worth.csv")
    assert result.exit_code == 0, result.output
    written = rows(tmp_path / "worth.csv")
    assert len(written) == 9
    for row in written:
        assert Decimal(row["other"]) - Decimal(row["amount"]) == Decimal(row["gain"])


def test_worth_of_tied_pools_is_refused_with_the_other_way(folder, cli):
    result = cli("--lang", "en", "worth", folder(TIED))
    assert result.exit_code == 2
    assert "--point" in result.output


def test_cliffs_are_shown_and_written(folder, cli, tmp_path):
    run = folder()
    result = cli("--lang", "en", "cliffs", run, "--reach", "1", "-o", tmp_path / "cliffs.csv")
    assert result.exit_code == 0, result.output
    written = rows(tmp_path / "cliffs.csv")
    assert {row["cut_off"] for row in written} == {"8"}
    for row in written:
        assert row["how"] == "paid"
        assert (row["grade_below"], row["grade_at"]) == ("pass", "good")
        gap = Decimal(row["money_at"]) - Decimal(row["money_below"])
        assert gap == Decimal(row["difference"])


def test_tied_pools_name_the_cliffs_that_were_not_computed(folder, cli):
    result = cli("--lang", "en", "cliffs", folder(TIED), "--reach", "3", "--most", "0")
    assert result.exit_code == 0, result.output
    assert "without amounts" in result.output


def test_the_steps_of_the_waterfall_add_up_to_the_amount(folder):
    run = read_run(folder())
    for code in run.codes:
        total = sum(
            (bar.amount for _, bars in steps_of(run, code, "", "en") for bar in bars), Decimal(0)
        )
        paid = next(
            row["amount"]
            for row in run.allocation
            if (row["region"], row["pool"]) == (code, "total")
        )
        assert total == Decimal(paid)


def test_the_figure_has_every_step_with_its_amount(folder):
    run = read_run(folder())
    (axes,) = waterfall(run, "010", "", "en").axes
    labels = [tick.get_text() for tick in axes.get_yticklabels()]
    assert any(label.startswith("equal share") for label in labels)
    assert labels.count("= amount") == 2


def test_a_figure_is_written_and_a_wrong_name_refused(folder, cli, tmp_path):
    run = folder()
    good = cli("explain", run, "010", "--figure", tmp_path / "out.png")
    bad = cli("explain", run, "010", "--figure", tmp_path / "out.txt")
    assert good.exit_code == 0, good.output
    assert (tmp_path / "out.png").stat().st_size > 10_000
    assert bad.exit_code == 2
