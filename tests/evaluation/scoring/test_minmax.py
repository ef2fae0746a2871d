"""Min-max: OECD/JRC Handbook on Constructing Composite Indicators (2008), section 5."""

import pytest

from reliefperf.errors import InputError
from tests.evaluation.scoring.helpers import mistakes, points
from tests.evaluation.scoring.reasons import reasons


def test_nothing_for_the_worst_and_full_marks_for_the_best() -> None:
    assert points("{minmax: higher}", [2, 4, 6, None]) == [0, 5, 10, None]
    assert points("{minmax: lower}", [2, 4, 6, None]) == [10, 5, 0, None]


def test_range_gives_the_points_of_both_ends() -> None:
    assert points("{minmax: higher, range: [1, 100]}", [2, 4, 6], full=100) == [1, 50.5, 100]
    assert points("{minmax: lower, range: [4, full_marks]}", [2, 4, 6]) == [10, 7, 4]


def test_a_target_stands_for_the_best() -> None:
    assert points("{minmax: higher, full_at: 4}", [2, 3, 6]) == [0, 5, 10]
    assert points("{minmax: higher, full_at: 4, clip: none}", [2, 3, 6]) == [0, 5, 20]
    assert points("{minmax: lower, full_at: 4, clip: none}", [2, 5, 6]) == [20, 5, 0]


def test_a_region_stands_for_the_best() -> None:
    assert points("{minmax: higher, region: r2, clip: none}", [2, 3, 6]) == [0, 10, 40]
    with pytest.raises(InputError, match="reference region 'r9' has no value"):
        points("{minmax: higher, region: r9}", [2, 3, 6])


def test_no_way_from_the_worst_to_the_target_is_an_error() -> None:
    with pytest.raises(InputError, match="`full_at` is no better than the worst value"):
        points("{minmax: higher, full_at: 2}", [2, 3, 6])
    with pytest.raises(InputError, match="value of the reference region 'r1' is no better"):
        points("{minmax: higher, region: r1}", [2, 3, 6])


def test_what_a_range_and_a_target_cannot_be() -> None:
    (mistake,) = mistakes("{minmax: higher, range: [1, 100]}")
    assert mistake.en == "the range gives 100 points, but full marks are 10"
    (mistake,) = mistakes("{minmax: higher, range: [3, 3]}")
    assert "every region would get the same" in mistake.en
    (mistake,) = mistakes("{minmax: higher, full_at: 3, region: r1}")
    assert mistake.en == "`full_at` or `region` stands for the best, not both"


def test_better_is_higher_or_lower() -> None:
    (mistake,) = mistakes("{minmax: up}")
    assert mistake.en == "expected one of higher, lower, found 'up'"


def test_the_reason_quotes_worst_and_best() -> None:
    said = reasons("{minmax: higher}", [20, 26, 30], unit="%")
    assert said[1] == "26% between the worst, 20%, and the best, 30%: 6"
    assert said[2] == "30%: full marks"
    said = reasons("{minmax: higher}", [20, 26, 30], "zh", unit="%")
    assert said[1] == "26%，最差值 20%，最优值 30%，按极差标准化得 6 分"
    assert "the target 40:" in reasons("{minmax: higher, full_at: 40}", [20, 26, 30])[1]
    assert "30 of region r3:" in reasons("{minmax: higher, region: r3}", [20, 26, 30])[1]
