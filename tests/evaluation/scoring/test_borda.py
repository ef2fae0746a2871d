"""Counting the regions that are worse: OECD/JRC Handbook (2008), COINr."""

from tests.evaluation.scoring.helpers import points
from tests.evaluation.scoring.reasons import reasons


def test_one_point_for_each_region_that_is_worse() -> None:
    assert points("{borda: higher}", [3, 9, 7, None, 7], full=1) == [0, 3, 1, None, 1]
    assert points("{borda: lower, start: 1}", [3, 9, 7]) == [3, 1, 2]
    assert points("{borda: higher, ties: average}", [3, 9, 7, 7]) == [0, 3, 1.5, 1.5]


def test_the_reason_quotes_the_place() -> None:
    said = reasons("{borda: higher}", [3, 9, 7])
    assert said[2] == "7, place 2 of 3 from the worst: 1"
    said = reasons("{borda: higher}", [3, 9, 7], "zh")
    assert said[2] == "7，自最差起列第 2（共 3），得 1 分"
