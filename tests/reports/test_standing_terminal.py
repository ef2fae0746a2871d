"""Strengths and weaknesses as `reliefperf explain` shows them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from reliefperf.reports.standing_terminal import say_standing
from reliefperf.scenarios.run_folder import RunFolder


def folder(points: dict[str, dict[str, float]]) -> RunFolder:
    regions = list(next(iter(points.values())))
    rows = tuple(
        {"region": region, "indicator": name, "points": str(got), "full_marks": "10"}
        for name, column in points.items()
        for region, got in column.items()
    )
    scores = tuple({"region": region, "name": "", "score": "1"} for region in regions)
    return RunFolder(Path("run"), {}, scores, rows, (), ())


RUN = folder({"checks": {"a": 9, "b": 5, "c": 4}, "funds": {"a": 1, "b": 5, "c": 6}})


def test_both_lists_are_shown_with_titles(monkeypatch, capsys) -> None:
    monkeypatch.setenv("RELIEFPERF_LANG", "zh")
    say_standing(RUN, "a", "", None, {"checks": "入户抽查率"})
    assert capsys.readouterr().out.splitlines() == [
        "与全部地区（共 3 个，含本地区）相比：",
        "  长项：",
        "  - 入户抽查率：得 9/10 分，高于平均 6 分，高于全部其他地区",
        "  短板：",
        "  - funds：得 1/10 分，低于平均 4 分，低于全部其他地区",
    ]


def test_a_region_like_all_others_has_neither(monkeypatch, capsys) -> None:
    monkeypatch.setenv("RELIEFPERF_LANG", "en")
    say_standing(folder({"i": {"a": 5, "b": 5, "c": 5}}), "a", "", None, {})
    assert capsys.readouterr().out.splitlines() == [
        "against all regions (3, itself included):",
        "  strengths: none that stands out",
        "  weaknesses: none that stands out",
    ]


def test_nothing_is_said_where_there_is_nobody_to_compare_with(capsys) -> None:
    say_standing(folder({"i": {"a": 5, "b": 6}}), "a", "", None, {})
    assert capsys.readouterr().out == ""


def test_where_the_least_score_is_ranked_first_few_points_are_a_strength(
    monkeypatch, capsys
) -> None:
    monkeypatch.setenv("RELIEFPERF_LANG", "en")
    definition = {"evaluation": {"rank": {"order": "ascending"}}}
    say_standing(replace(RUN, record={"definition": definition}), "a", "", None, {})
    assert capsys.readouterr().out.splitlines() == [
        "against all regions (3, itself included; fewer points are better):",
        "  strengths:",
        "  - funds: 1 of 10 points, below the mean of 4 and below all the others",
        "  weaknesses:",
        "  - checks: 9 of 10 points, above the mean of 6 and above all the others",
    ]
