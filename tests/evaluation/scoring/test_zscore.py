"""Standard scores: OECD/JRC Handbook (2008), section 5."""

import math

import pytest

from tests.evaluation.scoring.helpers import points
from tests.evaluation.scoring.reasons import reasons


def test_a_standard_score_has_a_mean_and_a_spread_of_its_own() -> None:
    # values 1, 2, 3: mean 2, standard deviation (n - 1) 1
    assert points("{zscore: higher}", [1, 2, 3]) == [-1, 0, 1]
    assert points("{zscore: lower, mean: 50, sd: 10}", [1, 2, 3]) == [60, 50, 40]
    assert points("{zscore: higher}", [1, 3]) == [
        pytest.approx(-math.sqrt(0.5)),
        pytest.approx(math.sqrt(0.5)),
    ]


def test_the_reason_quotes_mean_and_spread() -> None:
    said = reasons("{zscore: higher, mean: 5}", [1, 2, 3], unit="%")
    assert said[0] == "1% against a mean of 2% with standard deviation 1%: 4"
    said = reasons("{zscore: higher, mean: 5}", [1, 2, 3], "zh", unit="%")
    assert said[0] == "1%，组内均值 2%，标准差 1%，按标准分得 4 分"
