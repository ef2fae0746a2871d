"""Rules on money, said: in both languages, what is written, how it ends."""

from __future__ import annotations

from decimal import Decimal

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
