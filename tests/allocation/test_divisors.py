"""Divisor methods: published seats, and what divides them from the largest remainder."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.allocation.divisors import dhondt, divisor, sainte_lague, unfair
from reliefperf.allocation.rounding import RoundingImpossible
from reliefperf.errors import InputError
from reliefperf.model.signposts import NAMED, signpost
from tests.allocation.paying import amounts, pay

ALABAMA = [21878, 9713, 4167, 3252, 1065]
"""Populations of systems.md; Hamilton gives 24 11 5 3 1 for 44 seats and 24 10 4 4 1 for 43."""


NAMES = [*NAMED, "n + 1/3", "1 + n/2", "2 * n * (n + 1) / (2 * n + 1)"]


def by_hand(votes, seats, method, lows=None, highs=None):
    """Highest averages from nothing, squares compared, ties to the first, infinite claims by votes."""
    post = signpost(method)
    given_ = list(lows or [0] * len(votes))
    for _ in range(seats - sum(given_)):
        worth = []
        for i, (vote, n) in enumerate(zip(votes, given_, strict=True)):
            at = post.at(n) if post.has_root else post.at(n) ** 2
            open_ = vote and (highs is None or n < highs[i])
            claim = (1, Fraction(vote)) if not at else (0, Fraction(vote) ** 2 / at)
            worth.append(claim if open_ else (-1, Fraction(0)))
        given_[worth.index(max(worth))] += 1
    return given_


@pytest.mark.parametrize("method", NAMES)
@settings(max_examples=50, deadline=None)
@given(
    votes=st.lists(st.integers(0, 400), min_size=1, max_size=8).filter(any),
    seats=st.integers(0, 60),
)
def test_seats_are_those_of_the_highest_averages(method, votes, seats):
    quotas = [Fraction(v * seats, sum(votes)) for v in votes]
    expected = by_hand(votes, seats, method) if seats else [0] * len(votes)
    found = divisor(method)(quotas, seats)
    assert found == expected
    assert unfair(divisor(method), quotas, found, [0] * len(votes), [None] * len(votes)) is None


@pytest.mark.parametrize("method", NAMES)
@settings(max_examples=30, deadline=None)
@given(data=st.data(), votes=st.lists(st.integers(1, 400), min_size=2, max_size=6))
def test_least_and_greatest_seats_are_kept(method, data, votes):
    lows = data.draw(st.lists(st.integers(0, 5), min_size=len(votes), max_size=len(votes)))
    highs = [low + data.draw(st.integers(0, 9)) for low in lows]
    seats = data.draw(st.integers(sum(lows), sum(highs)))
    found = divisor(method)([Fraction(v) for v in votes], seats, lows, highs)
    assert found == by_hand(votes, seats, method, lows, highs)


@pytest.mark.parametrize("method", NAMES)
def test_a_unit_in_other_hands_is_unfair(method):
    votes = [Fraction(v) for v in (5300, 2410, 2330, 790)]
    units = divisor(method)(votes, 40)
    for i in range(4):
        for j in range(4):
            if i != j:
                other = [u + (k == i) - (k == j) for k, u in enumerate(units)]
                pair = unfair(divisor(method), votes, other, [0] * 4, [None] * 4)
                assert pair is not None


def test_a_root_decides_where_floats_cannot():
    # 10**17 + 1 and 10**17 are one float; the squares 2 * (10**17 + 1)**2 and ... are not
    votes = [Fraction(10**17), Fraction(10**17 + 1)]
    assert divisor("huntington_hill")(votes, 3) == [1, 2]
    assert divisor("huntington_hill")(votes[::-1], 3) == [2, 1]


def test_fewer_units_than_regions_go_to_the_largest():
    values = [Fraction(2), Fraction(5), Fraction(3)]
    for method in ("adams", "huntington_hill"):
        assert divisor(method)(values, 2) == [0, 1, 1]
        assert divisor(method)(values, 3) == [1, 1, 1]


def test_the_first_divisor_may_stand_higher():
    # 100, 72 and 28 votes: 28 / 1.4 = 20 stands behind 100 / 5 = 20 only by order; 27 loses outright
    votes = [Fraction(100), Fraction(72), Fraction(27)]
    assert divisor("sainte_lague")(votes, 5) == [2, 2, 1]
    assert divisor("modified_sainte_lague")(votes, 5) == [3, 2, 0]


def test_a_floor_is_no_claim_to_more():
    text = """
    variables: {w: {missing: error}}
    allocation:
      unit: seat
      pools: {seats: {amount: 20, weight: w, rounding: adams}}
      rules: [{id: two, floor: 2}]
    """
    # raised to 2 by the floor, the small one is no larger than before
    assert amounts(pay(text, w=[600, 390, 10])) == [11, 7, 2]


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
    for rounding in ("largest_remainder", *NAMED, "{divisor: n + 1/3}"):
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
