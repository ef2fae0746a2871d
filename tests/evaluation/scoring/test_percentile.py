"""Percentiles and classes of percentiles: OECD/JRC Handbook (2008), section 5."""

from tests.evaluation.scoring.helpers import mistakes, points
from tests.evaluation.scoring.reasons import reasons

CLASSES = "{percentile: higher, steps: {at_least: [[75, 10], [50, 6]]}, otherwise: 1}"


def test_the_place_counts_from_the_worst_end() -> None:
    assert points("{percentile: higher}", [1, 2, 3, 4]) == [2.5, 5, 7.5, 10]
    assert points("{percentile: lower}", [1, 2, 2, 4]) == [10, 5, 5, 2.5]


def test_classes_of_percentiles_say_which_end_belongs_to_them() -> None:
    assert points(CLASSES, [1, 2, 3, 4]) == [1, 6, 10, 10]
    above = CLASSES.replace("at_least", "above")
    assert points(above, [1, 2, 3, 4]) == [1, 1, 6, 10]


def test_no_class_gives_more_than_full_marks() -> None:
    (mistake,) = mistakes(CLASSES.replace("[75, 10]", "[75, 11]"))
    assert mistake.en == "a step gives 11 points, but full marks are 10"


def test_the_reason_quotes_the_percentile() -> None:
    said = reasons(CLASSES, [1, 2, 3, 4])
    assert said[1] == "2, place 2 of 4 from the worst, percentile 50: 6"
    said = reasons("{percentile: higher}", [1, 2, 3, 4], "zh")
    assert said[1] == "2，自最差起第 2，共 4 个地区，百分位 50，得 5 分"
