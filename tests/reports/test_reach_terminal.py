"""What brings a region an amount, said in both languages, and how it ends where nothing does."""

from __future__ import annotations


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
