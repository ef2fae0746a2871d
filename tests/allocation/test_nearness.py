"""Which whole units are nearer than others: distances, then squares, then places; never a tie."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliefperf.allocation.nearness import Nearness
from tests.allocation.nearer import distance, is_nearer

HALVES = [Fraction(1, 2), Fraction(3, 2), Fraction(5, 2)]


def test_distance_comes_before_squares_and_squares_before_places() -> None:
    near = Nearness.of([Fraction(24, 10), Fraction(26, 10), Fraction(50, 10)], [2, 0, 1])
    assert is_nearer(near, [2, 3, 5], [3, 2, 5])
    # both are five units off in all
    assert is_nearer(near, [5, 5, 5], [7, 3, 5])
    assert is_nearer(Nearness.of(HALVES, [1, 0, 2]), [0, 2, 2], [1, 1, 2])
    assert is_nearer(Nearness.of(HALVES, [0, 1, 2]), [1, 1, 2], [0, 2, 2])


@given(st.permutations(range(3)), st.lists(st.integers(0, 3), min_size=3, max_size=3))
def test_no_two_different_units_are_equally_near(places: list[int], units: list[int]) -> None:
    near = Nearness.of(HALVES, places)
    for other in itertools.product(range(4), repeat=3):
        if list(other) != units:
            assert is_nearer(near, units, other) != is_nearer(near, other, units)


@pytest.mark.parametrize("noise", [Fraction(0), Fraction(1, 10**10), Fraction(-1, 10**10)])
def test_the_last_digits_of_an_amount_do_not_decide(noise: Fraction) -> None:
    near = Nearness.of([Fraction(3) + noise, Fraction(5, 2) + noise], [0, 1])
    assert near.base.tolist() == [3, 2]
    assert distance(near, [3, 3])[0] == distance(near, [3, 2])[0]
    assert is_nearer(near, [3, 2], [3, 3])


def test_a_reach_is_as_short_as_the_units_and_limits_allow() -> None:
    near = Nearness.of([Fraction(52, 10), Fraction(3, 10)], [0, 1])
    assert near.reach([5, 1], [0, 0], [None, None]) == ([5, 0], [6, 1])
    assert near.reach([4, 1], [0, 0], [None, None]) == ([0, 0], [16, 11])
    # a limit beyond the reach is within it
    assert near.reach([2, 1], [0, 0], [2, None]) == ([2, 0], [2, 1])
