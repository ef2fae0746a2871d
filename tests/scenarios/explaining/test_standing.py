"""Strengths and weaknesses: fair to ties, gaps and other full marks, and never invented."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliefperf.errors import InputError
from reliefperf.scenarios.explaining.standing import (
    Standing,
    group_of,
    standings,
    strengths,
    weaknesses,
)
from reliefperf.scenarios.run_folder import RunFolder


def rows(points: dict[str, dict[str, Any]], full: float | str = 20) -> list[dict[str, str]]:
    """Rows of points.csv from points by indicator and region."""
    return [
        {"region": region, "indicator": name, "points": str(got), "full_marks": str(full)}
        for name, column in points.items()
        for region, got in column.items()
    ]


def test_the_mean_the_median_and_the_places_are_those_of_the_group() -> None:
    found = standings(rows({"i": {"a": 18, "b": 10, "c": 18, "d": 20, "e": 4}}), "a", "abcd")
    (one,) = found
    assert one == Standing("i", 18, 20, pytest.approx(16.5), pytest.approx(18), 1, 1, 3)
    assert one.quantile == 0.5


def test_sentences_quote_the_numbers_in_both_languages() -> None:
    points = {"i": {"a": 18, "b": 10, "c": 17, "d": 15.8}, "j": {"a": 1, "b": 4, "c": 6, "d": 1}}
    best, worst = standings(rows(points), "a", "abcd")
    assert best.sentence("zh") == "得 18/20 分，高于平均 15.2 分，高于全部其他地区"
    assert best.sentence("en") == "18 of 20 points, above the mean of 15.2 and above all the others"
    assert worst.sentence("zh") == "得 1/20 分，低于平均 3 分，低于 67% 的其他地区"
    assert worst.sentence("en") == "1 of 20 points, below the mean of 3 and below 67% of the others"


def test_strengths_come_in_order_of_the_points_they_give() -> None:
    points = {
        "small": {"a": 11, "b": 10, "c": 10},
        "large": {"a": 20, "b": 1, "c": 1},
        "bad": {"a": 0, "b": 9, "c": 9},
    }
    found = standings(rows(points), "a", "abc")
    assert [s.indicator for s in strengths(found)] == ["large", "small"]
    assert [s.indicator for s in strengths(found, 1)] == ["large"]
    assert [s.indicator for s in weaknesses(found)] == ["bad"]


def test_full_marks_that_most_have_too_are_no_strength() -> None:
    points = {"i": {"a": 20, "b": 20, "c": 20, "d": 20, "e": 0}}
    found = standings(rows(points), "a", "abcde")
    assert found[0].difference > 0
    assert strengths(found) == []


def test_all_alike_is_neither_strong_nor_weak() -> None:
    found = standings(rows({"i": dict.fromkeys("abcd", 7)}), "a", "abcd")
    assert strengths(found) == weaknesses(found) == []
    assert found[0].quantile == 0.5


def test_points_are_compared_as_parts_of_full_marks() -> None:
    """Where siblings were skipped, the same indicator has more full marks."""
    table = rows({"i": {"a": 15}}, 30) + rows({"i": {"b": 10, "c": 5}}, 20)
    (one,) = standings(table, "a", "abc")
    assert (one.below, one.above) == (1, 0)
    assert one.mean == pytest.approx(30 * (0.5 + 0.5 + 0.25) / 3)


def test_gaps_adjustments_and_lonely_indicators_are_left_out() -> None:
    table = rows({"gap": {"a": "", "b": 1, "c": 2}, "lonely": {"a": 3, "b": 4, "c": ""}})
    table += rows({"bonus": {"a": 2, "b": 1, "c": 0}}, "")
    assert standings(table, "a", "abc") == ()


@given(
    st.dictionaries(st.sampled_from("bcdefgh"), st.integers(0, 20), min_size=2, max_size=7),
    st.integers(0, 20),
)
def test_places_add_up_and_the_order_of_rows_changes_nothing(others, own) -> None:
    table = rows({"i": {"a": own, **others}})
    (one,) = standings(table, "a", others)
    assert (one,) == standings(table[::-1], "a", others)
    assert one.below + one.above <= one.others == len(others)
    assert 0 <= one.quantile <= 1
    best, worst = strengths([one]), weaknesses([one])
    assert not (best and worst)
    if one.below == one.others:
        assert best


# ---------------------------------------------------------------- groups


def folder(codes: list[str], definition: dict[str, Any], grades: str = "") -> RunFolder:
    scores = tuple(
        {"region": code, "name": "", "score": "1", "grade": grade or ""}
        for code, grade in zip(codes, grades or [""] * len(codes), strict=True)
    )
    return RunFolder(Path("run"), {"definition": definition}, scores, (), (), ())


CHINA = {"regions": {"table": "gb2260", "year": 2013}}
HEBEI = ["130102", "130103", "130104", "130202", "130203", "110101", "110102"]


def test_the_group_is_the_highest_division_with_regions_enough() -> None:
    run = folder(HEBEI, CHINA)
    group = group_of(run, "130102")
    assert group is not None
    assert group.zh == "河北省各地区"
    assert group.codes == frozenset(HEBEI[:5])
    few = group_of(run, "110101")
    assert few is not None
    assert few.zh == "全部地区"
    assert few.codes == frozenset(HEBEI)


def test_another_group_may_be_asked_for() -> None:
    run = folder(HEBEI, CHINA, "AABABAA")
    parent = group_of(run, "130102", against="parent")
    assert parent is not None
    assert parent.en == "the regions of 石家庄市"
    assert parent.codes == frozenset(HEBEI[:3])
    grade = group_of(run, "130102", against="grade")
    assert grade is not None
    assert grade.codes == frozenset({"130102", "130103", "130202", "110101", "110102"})
    everyone = group_of(run, "130102", against="all")
    assert everyone is not None
    assert len(everyone.codes) == 7


@pytest.mark.parametrize(
    ("region", "against", "said"),
    [
        ("130202", "parent", "only 2 region(s) in the group"),
        ("130102", "grade", "it has no grade"),
        ("x", "top", "no division above it"),
    ],
)
def test_a_group_that_is_not_there_is_refused(region, against, said) -> None:
    run = folder([*HEBEI, "x"], CHINA)
    with pytest.raises(InputError) as error:
        group_of(run, region, against=against)
    assert said in error.value.text("en")
    assert error.value.text("zh") != error.value.text("en")


def test_regions_without_a_table_are_compared_with_all() -> None:
    run = folder(["r1", "r2", "r3"], {})
    group = group_of(run, "r1")
    assert group is not None
    assert group.codes == {"r1", "r2", "r3"}
    assert group_of(folder(["r1", "r2"], {}), "r1") is None


def test_a_table_of_regions_of_its_own_is_read_from_the_run(tmp_path: Path) -> None:
    (tmp_path / "inputs").mkdir()
    (tmp_path / "inputs" / "regions.csv").write_text(
        "code,name,parent\np,Upland,\nq,Lowland,\n"
        + "".join(f"{c},{c.upper()},{'p' if c in 'abc' else 'q'}\n" for c in "abcdef"),
        encoding="utf-8",
    )
    made = folder(list("abcdef"), {"regions": {"table": "regions.csv"}})
    run = RunFolder(tmp_path, made.record, made.scores, (), (), ())
    group = group_of(run, "b")
    assert group is not None
    assert group.en == "the regions of Upland"
    assert group.codes == {"a", "b", "c"}
