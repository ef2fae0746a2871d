"""Water-filling: exact, complete and within the limits."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliefperf.allocation.waterfill import waterfill

amounts = st.fractions(min_value=0, max_value=50, max_denominator=12)
region = st.tuples(
    st.one_of(st.just(Fraction(0)), st.fractions(0, 20, max_denominator=9)), amounts, amounts
)


@given(st.lists(region, min_size=1, max_size=12), st.fractions(0, 400, max_denominator=7))
def test_amounts_are_the_clipped_shares_of_one_level_and_add_up(
    regions: list[tuple[Fraction, Fraction, Fraction]], total: Fraction
) -> None:
    weights = [weight for weight, _, _ in regions]
    low = [min(a, b) for _, a, b in regions]
    high = [max(a, b) for _, a, b in regions]
    filled = waterfill(weights, low, high, total)
    assert sum(filled.amounts) + filled.left == total
    for weight, lo, hi, amount in zip(weights, low, high, filled.amounts, strict=True):
        assert lo <= amount <= hi
        assert amount == (min(max(filled.level * weight, lo), hi) if weight else lo)
    if filled.left > 0:
        assert all(a == h for w, h, a in zip(weights, high, filled.amounts, strict=True) if w)
    if filled.left < 0:
        assert list(filled.amounts) == low


def test_lows_that_need_more_than_the_total_say_how_much_is_missing() -> None:
    filled = waterfill([1, 1], [6, 7], [9, 9], 10)
    assert filled.left == -3
    assert filled.amounts == (6, 7)


def test_money_that_nobody_may_take_is_left() -> None:
    filled = waterfill([1, 0], [0, 2], [5, 9], 10)
    assert filled.amounts == (5, 2)
    assert filled.left == 3


def test_weights_of_zero_only_return_what_is_left() -> None:
    filled = waterfill([0, 0], [1, 2], [9, 9], 10)
    assert filled.amounts == (1, 2)
    assert filled.left == 7


def test_no_cap_means_the_whole_total_is_shared() -> None:
    assert waterfill([1, 3], [0, 0], [None, None], 8).amounts == (2, 6)


def test_decimals_stay_exact() -> None:
    filled = waterfill([Decimal("0.1"), Decimal("0.2")], [0, 0], [None, None], Decimal("0.3"))
    assert filled.amounts == (Fraction(1, 10), Fraction(2, 10))


def test_numbers_beyond_floats_are_still_exact() -> None:
    huge = 10**400
    filled = waterfill([huge, huge, 1], [0, 0, huge], [None, None, huge * 5], 9 * huge)
    assert filled.amounts == (4 * huge, 4 * huge, huge)


def test_a_tiny_gap_next_to_huge_amounts_is_found_exactly() -> None:
    filled = waterfill([10**17, 10**17 + 1], [0, 0], [10**17, 10**17], 2 * 10**17 - 1)
    assert sum(filled.amounts) == 2 * 10**17 - 1
    assert filled.left == 0


@pytest.mark.parametrize(
    ("weights", "low", "high", "error"),
    [
        ([-1], [0], [1], ValueError),
        ([1], [2], [1], ValueError),
        ([1, 1], [0], [1], ValueError),
        ([0.5], [0], [1], TypeError),
    ],
)
def test_wrong_input_is_refused(
    weights: list[int], low: list[int], high: list[int], error: type[Exception]
) -> None:
    with pytest.raises(error):
        waterfill(weights, low, high, 1)


def test_the_order_of_regions_changes_nothing() -> None:
    chance = random.Random(4)
    regions = [
        (chance.randint(0, 9), chance.randint(0, 9), chance.randint(9, 40)) for _ in range(50)
    ]
    mixed = chance.sample(regions, len(regions))
    straight = dict(zip(regions, waterfill(*zip(*regions, strict=True), 777).amounts, strict=True))
    shuffled = dict(zip(mixed, waterfill(*zip(*mixed, strict=True), 777).amounts, strict=True))
    assert straight == shuffled


def test_a_hundred_thousand_regions_are_shared_exactly() -> None:
    chance = random.Random(7)
    n_regions = 100_000
    weights = [chance.randint(0, 10**6) for _ in range(n_regions)]
    low = [Decimal(chance.randint(0, 10**5)) / 100 for _ in range(n_regions)]
    high = [value + Decimal(chance.randint(0, 10**6)) / 100 for value in low]
    filled = waterfill(weights, low, high, 200_000_000)
    assert filled.left == 0
    assert len(filled.amounts) == n_regions
