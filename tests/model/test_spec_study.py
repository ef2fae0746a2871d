"""What a study file may say of its design."""

from __future__ import annotations

import pytest

from reliefperf.model.spec import json_schema
from tests.scenarios.studies.building import factors, mistakes_of_study

ONE = "out: {leave_out: each}"


@pytest.mark.parametrize(
    ("design", "said"),
    [
        ("{method: sobol}", "needs `n` and `seed`"),
        ("{method: sobol, n: 100, seed: 1}", "power of two, such as 128"),
        ("{method: random, n: 10}", "needs `n` and `seed`"),
        ("{method: exact, n: 10}", "say nothing"),
    ],
)
def test_a_design_states_what_it_needs_and_nothing_else(tmp_path, design, said) -> None:
    (mistake,) = mistakes_of_study(tmp_path, factors(ONE, design=design))
    assert said in mistake.en
    assert mistake.line == 5


def test_an_unknown_factor_is_named_with_the_nearest_right_one(tmp_path) -> None:
    (mistake,) = mistakes_of_study(tmp_path, factors("a: {leaveout: each}"))
    assert "did you mean 'leave_out'" in mistake.en


def test_the_schema_has_every_kind_of_factor() -> None:
    text = str(json_schema("study"))
    for key in ("choices", "choose", "leave_out", "weights", "redraw"):
        assert f"'{key}'" in text
