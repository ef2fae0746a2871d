"""Two runs side by side, said: what they are called, changes in per cent, what is left out."""

from __future__ import annotations

from decimal import Decimal

from reliefperf.reports.comparing_terminal import _percent
from tests.conftest import FIRST
from tests.reports.conftest import rows

TITLED = FIRST.replace("base: {", "base: {title: 基本补助, ", 1)
MORE = """
scenario: more
title: {zh: 奖补提高到五成, en: half by merit}
model: second
set:
  allocation.pools.base.share: 0.5
  allocation.pools.award.share: 0.5
"""


def test_each_run_is_named_and_what_is_cut_is_summed_up(make_model, cli, tmp_path):
    model = make_model("second", model_yaml=TITLED)
    (tmp_path / "more.yaml").write_text(MORE, encoding="utf-8")
    assert cli("run", model, "-o", tmp_path / "a").exit_code == 0
    assert cli("run", tmp_path / "more.yaml", "-o", tmp_path / "b").exit_code == 0
    both = tmp_path / "a", tmp_path / "b"
    table = tmp_path / "c.csv"
    result = cli("--lang", "zh", "compare", *both, "--top", "1", "-o", table)
    assert result.exit_code == 0, result.output
    assert f"新方案：奖补提高到五成（{both[1]}）" in result.output
    for heading in ("原方案", "增减额", "增减幅"):
        assert heading in result.output
    changes = [row for row in rows(table) if row["what"] == "资金合计"]
    moves = sorted((Decimal(row["difference"]) for row in changes), key=abs)
    assert f"其余 {len(moves) - 1} 个：" in result.output
    assert f"合计 {sum(moves[:-1]):+,f}" in result.output
    assert {"资金池“基本补助”", "资金合计"} <= {row["what"] for row in rows(table)}
    english = cli("--lang", "en", "compare", *both, "--top", "1")
    assert f"B: half by merit ({both[1]})" in english.output


def test_percentages_are_of_what_was_there_and_halves_go_up():
    assert _percent(Decimal(-3750), Decimal(60000)) == "-6.3%"
    assert _percent(Decimal(10), Decimal(-40)) == "+25.0%"
    assert _percent(Decimal(10), Decimal(0)) == ""
