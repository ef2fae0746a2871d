"""The step that brings an indicator into another form."""

import math

import pytest

from reliefperf.errors import InputError
from tests.evaluation.treatment.helpers import cells_of, mistakes_in, treated_by, values_by


def test_each_value_is_recorded_with_the_formula() -> None:
    treated = treated_by({"transform": "log_from_one"}, {"x": [5, 6]})
    assert treated.values[0].tolist() == [0, math.log(2)]
    assert [cell.how[0] for cell in cells_of(treated)] == ["log_from_one: ln(x - min + 1)"] * 2


def test_lambda_is_given_or_estimated_and_said() -> None:
    given = treated_by({"transform": "boxcox", "lambda": 2}, {"x": [1, 2, 3]})
    assert given.values[0].tolist() == [0, 1.5, 4]
    assert cells_of(given)[0].how[0].endswith(", lambda 2")
    estimated = treated_by({"transform": "boxcox", "lambda": "estimate"}, {"x": [1, 2, 30]})
    assert cells_of(estimated)[0].how[0].endswith("(estimated)")


def test_a_value_without_logarithm_is_an_error_that_names_indicator_and_region() -> None:
    with pytest.raises(InputError, match=r"'i_x' in 2 region\(s\) \(r1, r3\): .*log_shifted"):
        values_by({"transform": "log"}, [0, 1, -1])


def test_minima_are_taken_over_the_regions_that_count() -> None:
    steps = [
        {"screen": "regions", "at_least": 1, "below": "i_y"},
        {"transform": "log_from_one", "indicators": ["i_x"]},
    ]
    treated = treated_by(steps, {"x": [-100, 5, 6], "y": [None, 1, 1]})
    assert treated.values[0][1:].tolist() == [0, math.log(2)]


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ({"transform": "boxcox"}, "`boxcox` needs `lambda`"),
        ({"transform": "log", "lambda": 1}, "`lambda` belongs to `boxcox`"),
        ({"transform": "boxcox", "lambda": "guess"}, "estimate"),
        ({"transform": "ln"}, "log"),
        ({"transform": "log", "lamda": 1}, "lamda"),
    ],
)
def test_a_step_that_cannot_be_is_refused_when_the_model_is_loaded(
    step: dict[str, object], words: str
) -> None:
    (mistake,) = mistakes_in(step)
    assert words in mistake.en
