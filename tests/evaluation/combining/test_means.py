"""Means of children as parts of full marks, weights, skipped and missing children."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliefperf.errors import InputError
from tests.building import combined_parts, note_kinds, plain_list, siblings_of

NAN = float("nan")


How = str | dict[str, object]


def combined(
    values: list[float], how: How, weights: list[float] | None = None, **more: list[bool]
) -> float | None:
    """One region's children combined."""
    present = more.get("present")
    mask = None if present is None else np.array(present)[:, None]
    siblings = siblings_of(np.array(values)[:, None], mask)
    return plain_list(combined_parts(siblings, how, weights))[0]


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("arithmetic", 0.5 * 0.25 + 0.3 * 0.5 + 0.2 * 1),
        ("geometric", 0.25**0.5 * 0.5**0.3 * 1**0.2),
        ("harmonic", 1 / (0.5 / 0.25 + 0.3 / 0.5 + 0.2 / 1)),
        ("minimum", 0.25),
        ("maximum", 1),
        ({"power": 2.0}, math.sqrt(0.5 * 0.0625 + 0.3 * 0.25 + 0.2)),
        ({"power": 1.0}, 0.475),
        ({"power": -2.0}, (0.5 * 16 + 0.3 * 4 + 0.2) ** -0.5),
        ({"power": 0.0}, 0.25**0.5 * 0.5**0.3),
    ],
)
def test_means_by_hand(how: How, expected: float) -> None:
    assert combined([0.25, 0.5, 1], how, [0.5, 0.3, 0.2]) == pytest.approx(expected, rel=1e-14)


def test_a_product_takes_no_weights() -> None:
    assert combined([0.25, 0.5, 1], "product") == 0.125


def test_the_human_development_index_of_switzerland() -> None:
    # UNDP, Human Development Report 2021/22: 83.987 years, 16.500 and 13.860 years, 66,933 $: 0.962
    health = (83.987 - 20) / 65
    education = (16.5003 / 18 + 13.8597 / 15) / 2
    income = math.log(66933 / 100) / math.log(750)
    index = combined([health, education, income], "geometric")
    assert index is not None
    assert round(index, 3) == 0.962


def test_weights_need_not_add_up_to_one() -> None:
    assert combined([0.2, 0.8], "arithmetic", [30, 10]) == pytest.approx(0.35)


ZERO_SENSITIVE = [
    {"geometric": True, "zeros": "zero"},
    {"harmonic": True, "zeros": "zero"},
    {"power": -2.0, "zeros": "zero"},
]


@pytest.mark.parametrize("how", ZERO_SENSITIVE)
def test_a_zero_that_the_model_accepts_makes_these_means_zero_with_a_note(how: How) -> None:
    siblings = siblings_of(np.array([[0.0, 0.3], [0.5, 0.3]]))
    assert plain_list(combined_parts(siblings, how)) == [0, pytest.approx(0.3)]
    assert note_kinds(siblings.env.notes) == ["zero-in-mean"]
    assert "r1" in siblings.env.notes[0].en


@pytest.mark.parametrize("how", ["geometric", "harmonic", {"power": -2.0}])
def test_a_zero_is_otherwise_an_error_that_names_indicator_and_region(how: How) -> None:
    with pytest.raises(InputError, match=r"'c2' in 1 region\(s\) \(r1\)"):
        combined([0.5, 0], how)


@pytest.mark.parametrize("how", [*ZERO_SENSITIVE, {"power": 2.0}])
def test_a_negative_value_is_an_error_that_names_indicator_and_region(how: How) -> None:
    with pytest.raises(InputError, match=r"negative value: 'c1' in 1 region\(s\) \(r1\)"):
        combined([-0.1, 0.5], how)


def test_a_child_without_weight_does_not_count() -> None:
    assert combined([0, 0.5], "geometric", [0, 1]) == 0.5
    assert combined([NAN, 0.5], "arithmetic", [0, 1]) == 0.5
    assert combined([-1, 0.5], "harmonic", [0, 1]) == 0.5


@pytest.mark.parametrize(
    "how", ["arithmetic", "geometric", "harmonic", "product", "minimum", {"power": 3.0}]
)
def test_a_missing_child_makes_the_mean_missing_unless_it_is_skipped(how: How) -> None:
    assert combined([NAN, 0.5, 0.5], how) is None
    expected = 0.25 if how == "product" else 0.5
    assert combined([NAN, 0.5, 0.5], how, present=[False, True, True]) == pytest.approx(expected)
    assert combined([NAN, NAN], how, present=[False, False]) is None


def test_the_weight_of_a_skipped_child_goes_to_its_siblings_in_proportion() -> None:
    found = combined([NAN, 0.2, 0.8], "arithmetic", [0.5, 0.2, 0.3], present=[False, True, True])
    assert found == pytest.approx((0.2 * 0.2 + 0.3 * 0.8) / 0.5)


def test_high_powers_do_not_overflow() -> None:
    assert combined([1e200, 5e199], {"power": 50.0}) == pytest.approx(1e200 * 0.5**0.02)


PARTS = st.lists(st.floats(0.01, 1), min_size=1, max_size=6)


@given(PARTS)
def test_means_stand_in_their_order(values: list[float]) -> None:
    names: list[How] = ["minimum", "harmonic", "geometric", "arithmetic", "maximum"]
    found = [combined(values, how) for how in names]
    assert None not in found
    assert all(a <= b * (1 + 1e-12) for a, b in pairwise(found))


@given(PARTS, st.permutations(range(6)))
def test_identical_regions_get_identical_values(values: list[float], order: list[int]) -> None:
    matrix = np.array(values)[:, None] * np.ones(37)
    for how in ("arithmetic", "geometric", "harmonic", "product", {"power": 1.7}):
        found = combined_parts(siblings_of(matrix), how)
        assert np.unique(found).size == 1
