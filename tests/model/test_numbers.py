"""Comparing and rounding: binary noise moves nothing, and nothing else is called noise."""

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliefperf.model import numbers
from reliefperf.model.numbers import (
    Rounding,
    exact,
    round_column,
    short_fraction,
    snap,
    whole_if_near,
)

MODES: dict[Rounding, str] = {
    "half_up": ROUND_HALF_UP,
    "half_even": ROUND_HALF_EVEN,
    "down": ROUND_DOWN,
    "up": ROUND_UP,
}


def one(value: float, decimals: int, mode: Rounding = "half_up") -> float:
    return float(round_column(np.asarray(value), decimals, mode))


def test_a_tenth_and_two_tenths_meet_three_tenths() -> None:
    assert numbers.equal(np.asarray(0.1 + 0.2), np.asarray(0.3))
    assert numbers.at_least(np.asarray(0.1 * 3), np.asarray(0.3))
    assert not numbers.above(np.asarray(0.1 + 0.2), np.asarray(0.3))


def test_a_difference_in_the_eleventh_digit_counts() -> None:
    assert not numbers.equal(np.asarray(1.00000000001), np.asarray(1.0))
    assert numbers.above(np.asarray(1.00000000001), np.asarray(1.0))


def test_a_missing_number_equals_nothing() -> None:
    missing = np.asarray(np.nan)
    assert not numbers.equal(missing, missing)
    assert not numbers.at_least(missing, np.asarray(0.0))
    assert not numbers.above(missing, np.asarray(0.0))


@pytest.mark.parametrize(
    ("value", "decimals", "mode", "expected"),
    [
        (2.675, 2, "half_up", 2.68),  # its binary form lies below
        (2.675, 2, "half_even", 2.68),
        (2.665, 2, "half_even", 2.66),
        (0.5, 0, "half_up", 1),
        (0.5, 0, "half_even", 0),
        (-0.5, 0, "half_up", -1),
        (1.005, 2, "half_up", 1.01),
        (89.995, 2, "half_up", 90),
        (89.995, 2, "down", 89.99),
        (89.991, 2, "up", 90),
        (-1.234, 2, "down", -1.23),
        (-1.234, 2, "up", -1.24),
        (0.1 + 0.2, 1, "up", 0.3),  # noise is not a started tenth
        (100 - 99.9, 1, "down", 0.1),
        (1234.5, -2, "half_up", 1200),
        (1250, -2, "half_up", 1300),
    ],
)
def test_rounding_is_that_of_decimal_arithmetic(
    value: float, decimals: int, mode: Rounding, expected: float
) -> None:
    assert one(value, decimals, mode) == expected


def test_large_amounts_keep_their_half_cents() -> None:
    assert one(12345678901.125, 2, "half_up") == 12345678901.13
    assert one(12345678901.125, 2, "half_even") == 12345678901.12


def test_numbers_too_large_for_decimals_are_left_alone() -> None:
    assert one(1e300, 12) == 1e300
    assert np.isnan(one(float("nan"), 2))


def test_no_decimals_stated_means_no_rounding() -> None:
    values = np.array([1.23456789, np.nan])
    assert round_column(values, None, "half_up") is values


@given(
    st.decimals(min_value=-1_000_000, max_value=1_000_000, places=5),
    st.integers(0, 5),
    st.sampled_from(list(MODES)),
)
def test_decimals_written_down_round_as_decimals(
    value: Decimal, decimals: int, mode: Rounding
) -> None:
    wanted = value.quantize(Decimal(1).scaleb(-decimals), rounding=MODES[mode])
    assert one(float(value), decimals, mode) == float(wanted)


def test_floor_of_a_large_number_is_not_its_nearest_whole() -> None:
    assert np.floor(whole_if_near(np.asarray(1234567890123.6))) == 1234567890123
    assert np.floor(whole_if_near(np.asarray(2.9999999999999996))) == 3


def test_snap_gives_the_decimal_that_was_meant() -> None:
    assert snap(0.1 + 0.2) == Decimal("0.3")
    assert snap(1 / 3) == Decimal("0.333333333333")


def test_amounts_become_the_fraction_they_print_as() -> None:
    assert exact(0.1) == Fraction(1, 10)
    assert exact(0.1 + 0.2) == Fraction(3, 10)
    assert exact(2.0**53) == 2**53
    assert exact(-1234.56) == Fraction(-123456, 100)


@given(st.integers(-(10**6), 10**6), st.integers(1, 1000))
def test_what_a_fraction_comes_to_is_that_fraction_again(top: int, bottom: int) -> None:
    assert short_fraction(exact(top / bottom)) == Fraction(top, bottom)


def test_a_decimal_is_no_other_fraction() -> None:
    assert short_fraction(Fraction("0.33333333")) == Fraction("0.33333333")
    assert short_fraction(Fraction("0.3333333334")) == Fraction("0.3333333334")
