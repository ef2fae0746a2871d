"""Columns of exact numbers behave as the fractions they stand for."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reliefperf.allocation.ratios import Ratios, decimals_of, sum_of
from reliefperf.model.numbers import exact

fractions = st.fractions(-1000, 1000, max_denominator=60)
columns = st.integers(0, 6).flatmap(
    lambda n: st.tuples(*[st.lists(fractions, min_size=n, max_size=n) for _ in range(3)])
)
measured = st.one_of(
    st.decimals(-(10**6), 10**6, places=7).map(float),
    st.integers(-(10**14), 10**14).map(float),
    st.floats(-1e9, 1e9),
)


@given(columns)
def test_sums_are_those_of_the_fractions(made: tuple[list[Fraction], ...]) -> None:
    assert list(sum_of(made)) == [sum(row, Fraction(0)) for row in zip(*made, strict=True)]
    assert sum_of(made).total() == sum((x for column in made for x in column), Fraction(0))


@given(columns, st.fractions(0, 3, max_denominator=20))
def test_numbers_nearer_than_the_slack_stay(
    made: tuple[list[Fraction], ...], slack: Fraction
) -> None:
    new, old, _ = made
    found = Ratios.of(new).unless_near(Ratios.of(old), slack)
    expected = [b if abs(a - b) < slack else a for a, b in zip(new, old, strict=True)]
    assert list(found) == expected


@given(st.lists(measured, max_size=5))
def test_measured_numbers_stand_for_what_each_stands_for_alone(values: list[float]) -> None:
    assert list(Ratios.measured(np.array(values, dtype=np.float64))) == list(map(exact, values))


@given(st.lists(measured, max_size=5))
def test_decimals_are_what_the_floats_print_as(values: list[float]) -> None:
    short = decimals_of(np.array(values, dtype=np.float64))
    if short is not None:
        tops, places = short
        assert [Fraction(top, 10**places) for top in tops] == [Fraction(repr(v)) for v in values]
        assert [float(Fraction(top, 10**places)) for top in tops] == values


def test_a_number_with_many_digits_is_no_short_decimal() -> None:
    assert decimals_of(np.array([0.5, 1 / 3])) is None
    assert decimals_of(np.array([2.0**53, 0.5])) is None
    assert decimals_of(np.array([0.25, -3.0])) == ([25, -300], 2)
