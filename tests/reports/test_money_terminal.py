"""Rules on money, said: in both languages, what is written, how it ends."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.reports.conftest import rows


def test_rules_are_said_in_the_readers_language(money_folder, cli):
    run = money_folder()
    english = cli("--lang", "en", "rules", run)
    chinese = cli("--lang", "zh", "rules", run)
    assert english.exit_code == 0, english.output
    assert "pool 'base': at least 150" in english.output
    assert "binds 1 of 3 limits (010 North)" in english.output
    assert "资金池“base”不低于 150" in chinese.output
    assert "3 处限额中 1 处起作用" in chinese.output


def test_without_names_winners_and_losers_and_writes_them(money_folder, cli, tmp_path):
    run = money_folder()
    result = cli("--lang", "en", "without", run, "keep", "-o", tmp_path / "without.csv")
    assert result.exit_code == 0, result.output
    assert "1 region(s) get 17 yuan more and 2 region(s) 17 yuan less" in result.output
    assert "with and without it: 1,000 yuan" in result.output
    written = rows(tmp_path / "without.csv")
    assert list(written[0]) == ["region", "name", "with", "without", "difference"]
    assert sum(Decimal(row["difference"]) for row in written) == 0


def test_a_rule_without_effect_says_so(money_folder, cli):
    result = cli("--lang", "en", "without", money_folder(), "top")
    assert "moves no money" in result.output


PANEL = """
model: panel
language: en
data: {file: data.csv, region: code, period: year}
variables: {w: {missing: error}}
derived: {PAST}
allocation:
  unit: yuan
  budget: 1000
  pools: {base: {share: 1, weight: w}}
  rules:
    - {id: keep, floor: FLOOR, pool: base}
    - {id: top, cap: 450, pool: base}
"""
OVER_YEARS = "code,year,w\nA,2022,500\nB,2022,300\nC,2022,200\nA,2023,300\nB,2023,400\nC,2023,300\n"


@pytest.mark.parametrize(
    ("past", "floor"),
    [
        ("a: 1", "0.9 * if_missing(previous(base), 0)"),
        ("b: previous(c), c: 0.9 * base", "if_missing(b, 0)"),
    ],
)
def test_a_rule_left_out_of_one_period_is_said_where_others_look_back_at_it(
    make_model, cli, tmp_path, past, floor
):
    text = PANEL.replace("PAST", past).replace("FLOOR", f'"{floor}"')
    run = tmp_path / "run"
    made = cli("run", make_model(model_yaml=text, data_csv=OVER_YEARS), "-o", run)
    assert made.exit_code == 0, made.output
    last = cli("--lang", "en", "without", run, "top").output
    assert "In 2023 the rule 'top' moves no money" in last
    assert "in earlier periods stays as it was paid with the rule" in " ".join(last.split())
    first = " ".join(cli("--lang", "en", "without", run, "top", "--period", "2022").output.split())
    assert "2 region(s) get 50 yuan more" in first
    assert "Only 2022 is shared out again" in first
    assert "earlier periods" not in first
    assert "later periods would then get is not worked out" in first
    assert (
        "以前各期金额仍为有该规则时的实付金额" in cli("--lang", "zh", "without", run, "keep").output
    )


def test_periods_that_look_back_at_no_money_are_not_spoken_of(make_model, cli, tmp_path):
    text = PANEL.replace("PAST", "a: base").replace("FLOOR", '"if_missing(previous(w), 0) / 9"')
    run = tmp_path / "run"
    made = cli("run", make_model(model_yaml=text, data_csv=OVER_YEARS), "-o", run)
    assert made.exit_code == 0, made.output
    assert "shared out again" not in cli("--lang", "en", "without", run, "top").output


def test_an_unknown_rule_is_bad_input(money_folder, cli):
    result = cli("--lang", "en", "without", money_folder(), "kep")
    assert result.exit_code == 2
    assert "no rule 'kep'" in result.output


def test_the_rules_begin_with_a_line_that_sums_them_up(money_folder, cli):
    run = money_folder()
    first = cli("--lang", "en", "rules", run).output.splitlines()[0]
    assert "rule(s)" in first
    assert "bind" in first
    assert "moves most" in first
    assert "条规则" in cli("--lang", "zh", "rules", run).output.splitlines()[0]
