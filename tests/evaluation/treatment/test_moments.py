"""Sample-adjusted skewness and excess kurtosis."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from reliefperf.evaluation.treatment.moments import Shape, shape_of

NUMBERS = st.lists(st.integers(-1000, 1000), min_size=4, max_size=30).filter(
    lambda values: len(set(values)) > 1
)


@given(NUMBERS)
def test_both_moments_are_those_of_scipy_without_bias(values: list[int]) -> None:
    x = np.array(values, dtype=float)
    assert shape_of(x).skewness == pytest.approx(stats.skew(x, bias=False), abs=1e-9)
    assert shape_of(x).kurtosis == pytest.approx(stats.kurtosis(x, bias=False), abs=1e-9)


@given(NUMBERS, st.randoms(use_true_random=False))
def test_the_order_of_regions_changes_no_bit(values: list[int], chance: object) -> None:
    x = np.array(values, dtype=float) / 7
    chance.shuffle(values)  # type: ignore[attr-defined]
    assert shape_of(x) == shape_of(np.array(values, dtype=float) / 7)


def test_gaps_do_not_count() -> None:
    x = np.array([1.0, np.nan, 2, 3, 9, np.nan])
    assert shape_of(x) == shape_of(np.array([1.0, 2, 3, 9]))


def test_huge_values_do_not_overflow() -> None:
    x = np.array([1e200, 2e200, 3e200, 9e200])
    assert shape_of(x).skewness == pytest.approx(shape_of(x / 1e200).skewness)


@pytest.mark.parametrize("values", [[], [1.0], [5.0] * 9])
def test_without_spread_or_values_there_are_no_moments_and_no_outliers(values: list[float]) -> None:
    shape = shape_of(np.array(values))
    assert np.isnan([shape.skewness, shape.kurtosis]).all()
    assert not shape.has_outliers(2, 3.5)


def test_outliers_need_both_moments() -> None:
    assert Shape(-2, 3.5).has_outliers(2, 3.5)
    assert not Shape(1.99, 9).has_outliers(2, 3.5)
    assert not Shape(9, 3.49).has_outliers(2, 3.5)
