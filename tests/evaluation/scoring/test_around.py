"""Above, about at or below the mean: OECD/JRC Handbook (2008), section 5."""

import pytest

from reliefperf.errors import InputError
from tests.evaluation.scoring.helpers import mistakes, points
from tests.evaluation.scoring.reasons import reasons

RULE = "{around: mean, band: 0.2, marks: [0, 5, 10]}"


def test_the_ends_of_the_band_are_within_it() -> None:
    # mean 100: the band is 80 to 120
    assert points(RULE, [79.9, 80, 100, 120, 120.1]) == [0, 5, 5, 5, 10]
    assert points(RULE, [1.1 - 0.1, 0.8, 1.2, 1.3, 0.7]) == [5, 5, 5, 10, 0]


def test_the_list_says_which_way_is_better() -> None:
    assert points(RULE.replace("[0, 5, 10]", "[10, 5, -1]"), [50, 100, 150]) == [10, 5, -1]
    assert points(RULE.replace("mean", "median"), [50, 50, 150]) == [5, 5, 10]


def test_what_the_band_and_the_classes_cannot_be() -> None:
    (mistake,) = mistakes(RULE.replace("0.2", "-0.2"))
    assert mistake.en == "the band cannot be negative"
    (mistake,) = mistakes(RULE.replace("5, 10]", "5, 11]"))
    assert mistake.en == "a class gives 11 points, but full marks are 10"
    with pytest.raises(InputError, match="part of the mean, which is not above zero"):
        points(RULE, [-3, 1])


def test_the_reason_quotes_the_band() -> None:
    assert reasons(RULE, [50, 100, 150])[0] == "50 is below 80 to 120 about the mean: 0"
    assert reasons(RULE, [50, 100, 150], "zh")[1] == "100 处于均值区间 80 至 120，得 5 分"
