"""Divisor methods: published seats, and what divides them from the largest remainder."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.allocation.divisors import dhondt, sainte_lague
from reliefperf.allocation.rounding import RoundingImpossible
from reliefperf.errors import InputError
from tests.allocation.paying import amounts, pay

ALABAMA = [21878, 9713, 4167, 3252, 1065]
"""Populations of systems.md; Hamilton gives 24 11 5 3 1 for 44 seats and 24 10 4 4 1 for 43."""


def by_hand(votes, seats, step):
    """Highest averages from nothing, ties to the first."""
    given_ = [0] * len(votes)
    for _ in range(seats):
        worth = [Fraction(v) / (n + step) for v, n in zip(votes, given_, strict=True)]
        given_[worth.index(max(worth))] += 1
    return given_


@pytest.mark.parametrize(
    ("method", "step"), [(sainte_lague, Fraction(1, 2)), (dhondt, Fraction(1))]
)
@settings(max_examples=80, deadline=None)
@given(
    votes=st.lists(st.integers(0, 400), min_size=1, max_size=8).filter(any),
    seats=st.integers(0, 60),
)
def test_seats_are_those_of_the_highest_averages(method, step, votes, seats):
    quotas = [Fraction(v * seats, sum(votes)) for v in votes]
    expected = by_hand(votes, seats, step) if seats else [0] * len(votes)
    assert method(quotas, seats) == expected


def test_one_seat_more_takes_none_from_anybody():
    text = """
    variables: {w: {missing: error}}
    allocation:
      unit: seat
      budget: %d
      pools: {grant: {share: 1, weight: w, rounding: %s}}
    """
    hamilton = [amounts(pay(text % (k, "largest_remainder"), w=ALABAMA)) for k in (43, 44)]
    assert hamilton == [[24, 10, 4, 4, 1], [24, 11, 5, 3, 1]]
    for rounding in ("sainte_lague", "dhondt"):
        less, more = (amounts(pay(text % (k, rounding), w=ALABAMA)) for k in (43, 44))
        assert sum(more) == 44
        assert all(a <= b for a, b in zip(less, more, strict=True))
    # 4167 / 4.5 = 926.0 beats 9713 / 10.5 = 925.0 for the last seat
    assert amounts(pay(text % (44, "sainte_lague"), w=ALABAMA)) == [24, 10, 5, 4, 1]


def test_limits_are_kept():
    assert sainte_lague([Fraction(8), Fraction(1), Fraction(1)], 10, [0, 3, 0]) == [6, 3, 1]
    assert dhondt([Fraction(8), Fraction(1), Fraction(1)], 10, None, [5, None, None]) == [5, 3, 2]
    with pytest.raises(RoundingImpossible):
        dhondt([Fraction(8), Fraction(2)], 10, None, [5, 4])


def test_equal_claims_are_settled_by_a_second_key():
    text = """
    variables: {w: {missing: error}, poor: {missing: error}}
    allocation:
      unit: yuan
      budget: 10
      pools: {grant: {share: 1, weight: w, rounding: %s%s}}
    """
    for rounding in ("largest_remainder", "sainte_lague", "dhondt"):
        columns = {"w": [1, 1, 1], "poor": [0.1, 0.3, 0.2]}
        assert amounts(pay(text % (rounding, ""), **columns)) == [4, 3, 3]
        assert amounts(pay(text % (rounding, ", tie_break: poor"), **columns)) == [3, 4, 3]
        assert amounts(pay(text % (rounding, ", tie_break: -poor"), **columns)) == [4, 3, 3]


def test_a_pool_that_rules_tie_to_others_is_not_rounded_by_divisors():
    text = """
    variables: {w: {missing: error}}
    allocation:
      unit: yuan
      budget: 10
      rounding: dhondt
      pools: {a: {share: 0.5, weight: w}, b: {share: 0.5, weight: w}}
      rules: [{id: r, pool: a, ratio: 2, to: b}]
    """
    with pytest.raises(InputError, match="pool 'a' is rounded by dhondt"):
        pay(text, w=[1, 2])
