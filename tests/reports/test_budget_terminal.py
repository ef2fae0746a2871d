"""The verbs of inverse questions: words in both languages, files, exit statuses."""

from __future__ import annotations

import csv

import pytest
from click.testing import CliRunner

from reliefperf.cli import main
from tests.scenarios.inverse.test_ranges import ONE

CSV = "code,n,low,high\na,10,20,1000\nb,10,0,40\nc,9,0,1000\n"


@pytest.fixture
def folder(tmp_path):
    text = (
        (ONE % "redistribute")
        .replace("'0.000001'", "'0.01'")
        .replace("data: {", "data: {file: data.csv, ")
    )
    (tmp_path / "model.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "data.csv").write_text(CSV, encoding="utf-8")
    return tmp_path


def said(*args, status=0):
    result = CliRunner().invoke(main, [str(arg) for arg in args])
    assert result.exit_code == status, result.output
    return result.output


def test_break_points_are_said_and_written_as_fractions(folder):
    out = said(
        "--lang", "en", "budget", folder, "-o", folder / "b.csv", "--figure", folder / "b.png"
    )
    assert "from 58 to 116 yuan" in out
    assert "58 至 116" in said("--lang", "zh", "budget", folder)
    rows = list(csv.DictReader((folder / "b.csv").open(encoding="utf-8-sig")))
    assert [(row["fraction"], row["rule"], row["region"]) for row in rows][1] == ("58", "low", "a")
    assert (folder / "b.png").stat().st_size > 1000


def test_the_least_budget_is_said_in_both_languages(folder):
    args = ("budget", folder, "--coverage", "50%", "--need", "60")
    # the third has 30 at a level of 10 / 3: 100 / 3 + 100 / 3 + 30
    assert "96.6" in said("--lang", "en", *args)
    assert "96.6" in said("--lang", "zh", *args)


@pytest.mark.parametrize(
    ("extra", "status"),
    [
        (["--coverage", "x", "--need", "1"], 2),
        (["--coverage", "1"], 2),
        (["--coverage", "1", "--need", "1", "--share", "0"], 2),
        (["--coverage", "1", "--need", "n +"], 2),
        (["--period", "2020"], 2),
        (["--figure", "x.txt"], 2),
        (["--coverage", "41", "--need", "1", "--where", "code == 'b'"], 2),
        (["--coverage", "41", "--need", "1", "--where", "n == 10"], 3),
    ],
)
def test_a_wrong_or_hopeless_question_ends_with_its_status(folder, extra, status):
    said("budget", folder, *extra, status=status)


OPEN = """
model: open
language: en
data: {file: data.csv, region: code}
variables: {n: {missing: error}, low: {}, high: {}}
allocation:
  unit: yuan
  budget: 300
  pools: {base: {amount: 200, weight: n}, rest: {POOL, weight: n}}
  rules: [RULES]
"""


def test_an_open_end_is_said_in_both_languages(folder):
    def said_of(lang, pool, rules=""):
        text = OPEN.replace("POOL", pool).replace("RULES", rules)
        (folder / "model.yaml").write_text(text, encoding="utf-8")
        return " ".join(said("--lang", lang, "budget", folder).split())

    out = said_of("en", "amount: 50")
    assert "from 250 yuan upwards, however large the budget (now 300)" in out
    assert "all pools below it the pools pay more than the budget" in out
    out = said_of("zh", "amount: 50")
    assert "预算不低于 250 yuan 时，无论多大，起作用的规则都相同（现为 300）" in out
    assert "低于此数则各资金池合计超过预算" in out
    assert "less than nothing is left for the pool" in said_of("en", "amount: budget - 250")
    tie = "{id: r, ratio: 0.9, pool: rest, to: base}"
    out = said_of("en", "amount: 50", tie)
    assert "from 250 to 300 yuan" not in out
    assert "from 250 yuan upwards as far as was looked, to 2,200 yuan (now 300)" in out
    assert "below it the money cannot be shared out" in out
    out = said_of("zh", "amount: 50", tie)
    assert "预算自 250 至所查的最高数 2,200 yuan，起作用的规则都相同（现为 300）" in out
