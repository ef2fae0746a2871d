"""Means without the lowest and the highest children, and the median."""

import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliefperf.errors import InputError
from tests.building import combined_parts, mistakes_of, note_kinds, plain_list, siblings_of

NAN = float("nan")


def combined(values: list[float], how: object, present: list[bool] | None = None) -> object:
    mask = None if present is None else np.array(present)[:, None]
    siblings = siblings_of(np.array(values, dtype=float)[:, None], mask)
    return plain_list(combined_parts(siblings, how))[0]


@pytest.mark.parametrize(
    ("ends", "expected"),
    [([0, 0], 0.5), ([1, 0], 0.6), ([0, 1], 0.4), ([1, 1], 0.5), ([3, 1], 0.6), ([2, 2], 0.5)],
)
def test_the_mean_of_what_is_left(ends: list[int], expected: float) -> None:
    values = [0.9, 0.1, 0.6, 0.4, 0.5]
    assert combined(values, {"trimmed": ends}) == pytest.approx(expected, rel=1e-14)


def test_equal_children_are_left_out_one_by_one() -> None:
    assert combined([0.2, 0.2, 0.8], {"trimmed": [1, 0]}) == pytest.approx(0.5)


@given(st.lists(st.integers(0, 100), min_size=2, max_size=8))
def test_the_median_is_that_of_the_standard_library(values: list[int]) -> None:
    assert combined([value / 100 for value in values], "median") == pytest.approx(
        statistics.median(values) / 100, rel=1e-12, abs=1e-12
    )


def test_a_skipped_child_is_not_there_to_be_left_out() -> None:
    present = [True, True, False, True]
    assert combined([0.2, 0.9, NAN, 0.4], {"trimmed": [1, 1]}, present) == pytest.approx(0.4)
    assert combined([0.2, 0.9, NAN, 0.4], "median", present) == pytest.approx(0.4)


def test_a_missing_child_makes_the_result_missing() -> None:
    assert combined([0.2, NAN, 0.4], {"trimmed": [1, 1]}) is None
    assert combined([0.2, NAN, 0.4], "median") is None
    present = [False, False, False]
    assert combined([NAN, NAN, NAN], "median", present) is None


def test_where_nothing_is_left_the_value_is_missing_and_noted() -> None:
    present = np.array([[True, True], [True, True], [True, False]])
    siblings = siblings_of([[0.1, 0.2], [0.5, 0.6], [0.9, NAN]], present)
    found = combined_parts(siblings, {"trimmed": [1, 1]})
    assert plain_list(found) == [pytest.approx(0.5), None]
    assert note_kinds(siblings.env.notes) == ["nothing-left"]


def test_leaving_out_all_children_is_refused() -> None:
    with pytest.raises(InputError, match="leaves nothing of 2 children"):
        combined_parts(siblings_of([[0.1], [0.5]]), {"trimmed": [1, 1]})


@pytest.mark.parametrize("how", ["{trimmed: [-1, 0]}", "{trimmed: 1}", "trimmed"])
def test_what_is_no_pair_of_numbers_is_refused(how: str) -> None:
    text = f"""\
    model: m
    variables: {{x: {{}}}}
    evaluation:
      combine: {how}
      tree: [{{id: a, value: x, score: as_is}}, {{id: b, value: x, score: as_is}}]
    """
    assert mistakes_of(text)


def test_weights_are_refused() -> None:
    text = """\
    model: m
    variables: {x: {}}
    evaluation:
      combine: median
      tree:
        - {id: a, value: x, score: as_is, weight: 0.4}
        - {id: b, value: x, score: as_is, weight: 0.6}
    """
    assert mistakes_of(text)
