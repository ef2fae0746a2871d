"""Transformations against their formulas, and where they cannot be taken."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from reliefperf.evaluation.treatment.forms import (
    FORMULAS,
    Form,
    box_cox,
    cannot,
    estimated_lambda,
    transformed,
)

X = np.array([2.0, 4, 12])
SEVERAL = st.lists(st.integers(2, 500), min_size=2, max_size=12).filter(lambda v: len(set(v)) > 1)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("log", [math.log(2), math.log(4), math.log(12)]),
        ("log_shifted", [math.log(0.1), math.log(2.1), math.log(10.1)]),
        ("log_from_one", [0, math.log(3), math.log(11)]),
        ("log_by_skew", [math.log(0.1), math.log(2.1), math.log(10.1)]),
        ("log_gii", [0, math.log(3.2), math.log(12)]),
        ("boxcox", [0, (9 - 1) / 2, (121 - 1) / 2]),
    ],
)
def test_forms_by_hand(form: Form, expected: list[float]) -> None:
    exponent = 2.0 if form == "boxcox" else None
    assert transformed(form, X, exponent).tolist() == pytest.approx(expected)


def test_values_with_a_tail_below_are_mirrored_by_skew() -> None:
    low = -X
    assert transformed("log_by_skew", low).tolist() == pytest.approx(
        (-transformed("log_by_skew", X)).tolist()
    )


@settings(deadline=None)
@given(SEVERAL, st.sampled_from(sorted(FORMULAS)))
def test_no_form_changes_the_order(values: list[int], form: Form) -> None:
    x = np.array(values, dtype=float)
    assert cannot(form, x) is None
    after = transformed(form, x, 0.5)
    assert (np.sign(np.subtract.outer(after, after)) == np.sign(np.subtract.outer(x, x))).all()


@pytest.mark.parametrize("form", sorted(FORMULAS))
def test_gaps_stay_gaps(form: Form) -> None:
    x = np.array([2.0, np.nan, 4, 12])
    assert cannot(form, x) is None
    exponent = 2.0 if form == "boxcox" else None
    after = transformed(form, x, exponent)
    assert np.isnan(after).tolist() == [False, True, False, False]
    assert after[[0, 2, 3]].tolist() == transformed(form, X, exponent).tolist()


@pytest.mark.parametrize(
    ("form", "values", "where"),
    [
        ("log", [0.0, 1, -2], [True, False, True]),
        ("log_shifted", [3.0, 3], [True, True]),
        ("log_by_skew", [3.0, 3], [True, True]),
        ("log_gii", [3.0, 3], [True, True]),
        ("log_gii", [0.2, 1.0], [False, True]),
    ],
)
def test_what_has_no_such_form_is_said(form: Form, values: list[float], where: list[bool]) -> None:
    found = cannot(form, np.array(values))
    assert found is not None
    assert found[0].tolist() == where
    assert found[1] != found[2]


def test_box_cox_of_zero_is_the_logarithm() -> None:
    assert box_cox(X, 0).tolist() == np.log(X).tolist()
    assert box_cox(X, 1e-9).tolist() == pytest.approx(np.log(X).tolist(), rel=1e-6)


@settings(deadline=None)
@given(st.lists(st.integers(0, 10**6), min_size=5, max_size=40).filter(lambda v: len(set(v)) > 4))
def test_the_estimated_lambda_is_the_most_likely(values: list[int]) -> None:
    shifted = np.array(values, dtype=float) - min(values) + 1
    best = estimated_lambda(np.array(values, dtype=float))
    assert -5 <= best <= 5
    likely = stats.boxcox_llf(best, shifted)
    for other in (best - 0.05, best + 0.05):
        if -5 <= other <= 5:
            assert likely >= stats.boxcox_llf(other, shifted) - 1e-6


def test_the_estimated_lambda_needs_no_order_and_no_spread() -> None:
    x = np.array([1.0, 2, 3, 4, 50, np.nan])
    assert estimated_lambda(x) == estimated_lambda(x[::-1])
    assert estimated_lambda(np.array([3.0, 3, 3])) == 1
