"""Ratio to, and difference from, mean, best and worst: OECD/JRC Handbook (2008), section 5."""

import pytest

from reliefperf.errors import InputError
from tests.evaluation.scoring.helpers import mistakes, points
from tests.evaluation.scoring.reasons import reasons

X = [2, 4, 6, 8, 20]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("{compared: higher}", [2.5, 5, 7.5, 10, 25]),
        ("{compared: higher, to: mean}", [2.5, 5, 7.5, 10, 25]),
        ("{compared: higher, to: median}", [10 / 3, 20 / 3, 10, 40 / 3, 100 / 3]),
        ("{compared: higher, to: best}", [1, 2, 3, 4, 10]),
        ("{compared: higher, to: worst}", [10, 20, 30, 40, 100]),
        ("{compared: higher, region: r2}", [5, 10, 15, 20, 50]),
        ("{compared: higher, to: mean, gives: difference}", [-7.5, -5, -2.5, 0, 15]),
        ("{compared: higher, to: worst, gives: difference, clip: above}", [0, 10, 10, 10, 10]),
        ("{compared: lower, to: best}", [10, 5, 10 / 3, 2.5, 1]),
        ("{compared: lower, to: mean, gives: difference}", [7.5, 5, 2.5, 0, -15]),
        ("{compared: higher, to: mean, clip: both}", [2.5, 5, 7.5, 10, 10]),
    ],
)
def test_full_marks_times_the_ratio_or_the_difference(rule: str, expected: list[float]) -> None:
    assert points(rule, X) == pytest.approx(expected)


def test_a_measure_that_is_not_above_zero_is_an_error() -> None:
    with pytest.raises(InputError, match=r"measure that is not above zero here.*r1, r2"):
        points("{compared: higher}", [-2, 2])
    with pytest.raises(InputError, match=r"divides by the value.*1 region\(s\): r1"):
        points("{compared: lower}", [0, 2])


def test_one_measure_at_a_time() -> None:
    (mistake,) = mistakes("{compared: higher, to: mean, region: r1}")
    assert mistake.en == "`to` or `region` says what is compared with, not both"


def test_the_reason_quotes_the_measure() -> None:
    said = reasons("{compared: higher}", X, unit="%")
    assert said[1] == "4% is 50 % of the mean, 8%: 5"
    assert "of region r2, 4:" in reasons("{compared: higher, region: r2}", X)[0]
    said = reasons("{compared: higher}", X, "zh", unit="%")
    assert said[1] == "4%，均值 8%，为其 50%，得 5 分"
