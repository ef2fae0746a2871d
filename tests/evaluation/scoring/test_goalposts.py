"""UNDP, Human Development Report 2021/22, technical note 1: the goalposts of the index."""

import math

import pytest

from tests.evaluation.scoring.helpers import points, reason


def test_the_health_index_of_the_technical_note() -> None:
    # life expectancy between 20 and 85 years; Switzerland 2021: 83.987 (report's statistical annex)
    found = points("{goalposts: [20, 85]}", [20, 85, 83.987, 90, 10, None], full=1)
    assert found == [0, 1, pytest.approx((83.987 - 20) / 65), 1, 0, None]


def test_the_income_index_takes_logarithms() -> None:
    value = math.log(66933)  # Switzerland's GNI a head in 2017 PPP $
    found = points("{goalposts: [log(100), log(75000)]}", [value], full=1)
    assert found == [pytest.approx((value - math.log(100)) / math.log(750))]


def test_less_may_be_better() -> None:
    assert points("{goalposts: [500, 0]}", [500, 250, 0, 600]) == [0, 5, 10, 0]


@pytest.mark.parametrize(
    ("clip", "expected"),
    [("both", [0, 5, 10]), ("above", [-5, 5, 10]), ("below", [0, 5, 15]), ("none", [-5, 5, 15])],
)
def test_clip_says_on_which_side_values_are_held(clip: str, expected: list[float]) -> None:
    assert points(f"{{goalposts: [0, 10], clip: {clip}}}", [-5, 5, 15]) == expected


def test_posts_at_one_place_make_the_points_missing() -> None:
    assert points("{goalposts: [y, 5]}", [1, 1], y=[5, 0]) == [None, 2]


def test_the_reason_quotes_the_posts() -> None:
    said = reason("{goalposts: [20, 85]}", 59, unit="year")
    assert said == "59 year between 20 year (nothing) and 85 year (full marks): 6"
    said = reason("{goalposts: [20, 85]}", 59, "zh", unit="岁")
    assert said == "59岁，零分值 20岁，满分值 85岁，得 6 分"
