"""Values are held between limits."""

import numpy as np
import pytest

from tests.evaluation.treatment.helpers import cells_of, mistakes_in, treated_by, values_by

VALUES = [1, 2, 3, 4, 100]


def test_values_beyond_a_limit_are_set_to_it() -> None:
    assert values_by({"cap": [2, 50]}, VALUES) == [2, 2, 3, 4, 50]
    assert values_by({"cap": [None, 50]}, VALUES) == [1, 2, 3, 4, 50]


def test_percentiles_are_linear_between_values() -> None:
    step = {"cap": [10, 90], "of": "percentiles"}
    low, high = np.quantile(VALUES, [0.1, 0.9])
    assert values_by(step, [*VALUES, None]) == [low, 2, 3, 4, high, None]


def test_each_held_cell_names_the_limit() -> None:
    treated = treated_by({"cap": [2, 90], "of": "percentiles"}, {"x": VALUES})
    assert [cell.how[0] for cell in cells_of(treated)] == [
        "held at the low limit 1.08 (percentile 2)",
        "held at the high limit 61.6 (percentile 90)",
    ]


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ({"cap": [5, 5]}, "must lie below"),
        ({"cap": [5, 1]}, "must lie below"),
        ({"cap": [None, None]}, "neither limit"),
        ({"cap": [-1, 50], "of": "percentiles"}, "between 0 and 100"),
        ({"cap": [1]}, "pair"),
        ({"cap": ["size", None]}, "size"),
    ],
)
def test_a_step_that_cannot_be_is_refused_when_the_model_is_loaded(
    step: dict[str, object], words: str
) -> None:
    (mistake,) = mistakes_in(step)
    assert words in mistake.en
