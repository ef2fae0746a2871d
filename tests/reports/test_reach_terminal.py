"""What brings a region an amount, said in both languages, and how it ends where nothing does."""

from __future__ import annotations

from tests.conftest import FIRST


def test_the_least_score_is_said_in_both_languages(money_folder, cli):
    run = money_folder()
    english = cli("--lang", "en", "reach", run, "020", "--amount", "320")
    chinese = cli("--lang", "zh", "reach", run, "020", "--amount", "320")
    assert english.exit_code == chinese.exit_code == 0, english.output
    assert "Least score for 320 yuan:" in english.output
    assert "得到 320 yuan 的最低得分：" in chinese.output


def test_an_amount_beyond_every_score_still_names_the_budget(money_folder, cli):
    result = cli("--lang", "en", "reach", money_folder(), "020", "--amount", "340")
    assert result.exit_code == 3
    assert "By the budget alone, scores as they are: 1,275 yuan, +275 yuan" in result.output
    assert "the most is 330 yuan, at a score of 10" in result.output


def test_an_amount_that_is_none_is_bad_input(money_folder, cli):
    result = cli("--lang", "en", "reach", money_folder(), "020", "--amount", "much")
    assert result.exit_code == 2
    assert "--amount much: a number of 0 or more is needed" in result.output


FLOORED = FIRST + "  rules: [{id: keep, floor: 150, pool: base}, {id: top, cap: 600, pool: base}]\n"


def test_an_amount_that_is_there_is_said_and_the_budget_below_which_rules_cannot_hold(
    make_model, cli, tmp_path
):
    model = make_model(model_yaml=FLOORED)
    assert cli("run", model, "-o", tmp_path / "run").exit_code == 0
    english = cli("--lang", "en", "reach", tmp_path / "run", "010", "--amount", "10").output
    chinese = cli("--lang", "zh", "reach", tmp_path / "run", "010", "--amount", "10").output
    assert "already, not less than the 10 yuan asked for" in english
    assert "不少于所提的 10 yuan" in chinese
    assert "less than the present; it then gets" in english
    assert "cannot be paid:" in english
    assert "just below it the rules cannot all hold" in english
    assert "再少，各项规则就不能同时成立" in chinese
    assert "更小的预算都达不到" not in chinese


def test_a_region_with_full_marks_is_told_the_most_that_rules_let_be_paid(
    make_model, cli, tmp_path
):
    model = make_model(model_yaml=FLOORED)
    assert cli("run", model, "-o", tmp_path / "run").exit_code == 0
    result = cli("--lang", "zh", "reach", tmp_path / "run", "010", "--amount", "999999")
    assert result.exit_code == 3
    assert "最多只能支付 2,250 yuan" in result.output


def test_the_most_that_tied_rules_let_be_paid_comes_first_and_without_multipliers(
    make_model, cli, tmp_path
):
    tied = FLOORED.replace(
        "{id: keep,", "{id: bound, ratio: 0.5, pool: award, to: base}, {id: keep,"
    )
    model = make_model(model_yaml=tied)
    assert cli("run", model, "-o", tmp_path / "run").exit_code == 0
    result = cli("--lang", "zh", "reach", tmp_path / "run", "010", "--amount", "999999")
    assert result.exit_code == 3
    assert "增加预算：各项规则下最多只能支付" in result.output
    assert "计为" not in result.output
