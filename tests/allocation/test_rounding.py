"""Exact money: whole units, totals kept, rows kept, equals treated equally."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from reliefperf.allocation.program import RowFamily
from reliefperf.allocation.rounding import (
    ExactRow,
    RoundingImpossible,
    Total,
    controlled_rounding,
    exact_rows,
    largest_remainder,
    round_each,
)

HALVES = [Fraction(5, 2), Fraction(7, 2), Fraction(-5, 2), Fraction(9, 4)]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("half_up", [3, 4, -3, 2]),
        ("half_even", [2, 4, -2, 2]),
        ("down", [2, 3, -2, 2]),
        ("up", [3, 4, -3, 3]),
    ],
)
def test_each_mode_rounds_halves_its_own_way(mode: str, expected: list[int]) -> None:
    assert round_each(HALVES, Fraction(1), mode) == expected  # type: ignore[arg-type]


def test_rounding_counts_steps_not_money() -> None:
    assert round_each([Fraction("1234.567")], Fraction("0.01"), "half_up") == [123457]


def test_a_step_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="step"):
        round_each([Fraction(1)], Fraction(0), "down")


@pytest.mark.parametrize(("seats", "expected"), [(44, [24, 11, 5, 3, 1]), (43, [24, 10, 4, 4, 1])])
def test_hamilton_seats_of_five_populations(seats: int, expected: list[int]) -> None:
    populations = [21878, 9713, 4167, 3252, 1065]
    quotas = [Fraction(p * seats, sum(populations)) for p in populations]
    assert largest_remainder(quotas, seats) == expected


quotas_lists = st.lists(st.fractions(0, 30, max_denominator=10), min_size=1, max_size=12)


@given(quotas_lists, st.integers(-3, 3))
def test_units_add_up_and_equals_differ_by_one_at_most(quotas: list[Fraction], off: int) -> None:
    total = max(0, round(sum(quotas)) + off)
    units = largest_remainder(quotas, total)
    assert sum(units) == total
    for value in set(quotas):
        same = [unit for quota, unit in zip(quotas, units, strict=True) if quota == value]
        assert max(same) - min(same) <= 1


@given(quotas_lists, st.randoms(use_true_random=False))
def test_with_tie_keys_the_order_of_regions_changes_nothing(
    quotas: list[Fraction], chance: object
) -> None:
    total = round(sum(quotas))
    order = list(range(len(quotas)))
    chance.shuffle(order)  # type: ignore[attr-defined]
    straight = largest_remainder(quotas, total, tie_keys=range(len(quotas)))
    mixed = largest_remainder([quotas[i] for i in order], total, tie_keys=order)
    assert [straight[i] for i in order] == mixed


def test_ties_go_to_the_smaller_key_then_to_the_first() -> None:
    half = [Fraction(1, 2)] * 4
    assert largest_remainder(half, 2) == [1, 1, 0, 0]
    assert largest_remainder(half, 2, tie_keys=["d", "a", "b", "a"]) == [0, 1, 0, 1]


def test_limits_hold_even_against_the_quota() -> None:
    quotas = [Fraction(1, 2), Fraction(9, 2), Fraction(5)]
    assert largest_remainder(quotas, 10, [1, 0, 6], [1, None, 6]) == [1, 3, 6]
    assert largest_remainder(quotas, 10, [0, 0, 0], [9, 4, 9]) == [1, 4, 5]


@pytest.mark.parametrize(
    ("low", "high", "missing"), [([4, 4], [9, 9], 3), ([0, 0], [2, 2], -1), ([5, 0], [4, 9], 1)]
)
def test_limits_without_room_say_how_many_units(
    low: list[int], high: list[int], missing: int
) -> None:
    with pytest.raises(RoundingImpossible) as caught:
        largest_remainder([Fraction(5, 2)] * 2, 5, low, high)
    assert caught.value.missing == missing


def row(name: str, terms: dict[int, str], low: str | None, high: str | None) -> ExactRow:
    return ExactRow(
        "rule",
        name,
        tuple(terms),
        tuple(Fraction(c) for c in terms.values()),
        None if low is None else Fraction(low),
        None if high is None else Fraction(high),
    )


def test_rows_that_hold_are_left_to_largest_remainder() -> None:
    result = controlled_rounding(
        [Fraction(5, 4), Fraction(7, 4)],
        [row("sum", {0: "1", 1: "1"}, "3", "3")],
        [Total((0, 1), 3, 3)],
    )
    assert result.units == (1, 2)
    assert not result.repaired
    assert not result.broken


def test_a_total_with_room_takes_the_whole_part_of_its_sum() -> None:
    result = controlled_rounding([Fraction("1.6"), Fraction("1.6")], [], [Total((0, 1), 0, 9)])
    assert result.units == (2, 1)
    below = controlled_rounding([Fraction("1.6"), Fraction("1.6")], [], [Total((0, 1), 0, 2)])
    assert below.units == (1, 1)


def test_a_repair_may_use_the_room_of_a_total() -> None:
    keep = row("floor", {0: "1", 1: "1"}, "4", None)
    amounts = [Fraction("1.9"), Fraction("1.9"), Fraction("0.1")]
    result = controlled_rounding(amounts, [keep], [Total((0, 1), 0, 5), Total((2,), 0, 1)])
    assert result.units[:2] == (2, 2)
    assert not result.broken


def test_a_broken_row_is_repaired_within_the_pools() -> None:
    # Two regions x two pools: largest remainder gives region 0 one unit less than it must keep.
    amounts = [Fraction("1.4"), Fraction("1.6"), Fraction("2.4"), Fraction("2.6")]
    keep = row("region 0", {0: "1", 2: "1"}, "3.8", None)
    result = controlled_rounding(amounts, [keep], [Total((0, 1), 3, 3), Total((2, 3), 5, 5)])
    assert result.repaired == (keep,)
    assert not result.broken
    assert result.units[0] + result.units[1] == 3
    assert result.units[2] + result.units[3] == 5
    assert keep.holds(result.units, Fraction(1))


def test_rows_that_cannot_hold_in_whole_units_are_named() -> None:
    impossible = row("half", {0: "1", 1: "1"}, "2.5", "2.5")
    possible = row("cap", {0: "1"}, None, "2")
    result = controlled_rounding(
        [Fraction("1.2"), Fraction("1.3"), Fraction("1.5")],
        [impossible, possible],
        [Total((0, 1, 2), 4, 4)],
    )
    assert result.broken == (impossible,)
    assert sum(result.units) == 4


def test_a_row_no_units_can_meet_does_not_keep_others_from_being_mended() -> None:
    keep = row("keep", {0: "1", 1: "1"}, "4", None)
    parity = row("parity", {2: "2", 3: "2"}, "5", "5")
    amounts = [Fraction("1.9"), Fraction("1.9"), Fraction("1.2"), Fraction("1.3"), Fraction("1.7")]
    result = controlled_rounding(amounts, [keep, parity], [Total((0, 1, 4), 3, 5)])
    assert result.broken == (parity,)
    assert result.units[0] + result.units[1] >= 4
    assert result.units[2] + result.units[3] in (2, 3)


def test_units_further_off_are_found_before_rounding_gives_up() -> None:
    # 3 a = 7 b leaves only multiples of 7 and 3.
    ratio = row("ratio", {0: "3", 1: "-7"}, "0", "0")
    result = controlled_rounding([Fraction("10.4"), Fraction("4.6")], [ratio], [])
    assert not result.broken
    assert result.units in ((7, 3), (14, 6))
    far = row("far", {0: "97", 1: "-1"}, "0", "0")
    assert not controlled_rounding([Fraction("0.5"), Fraction("48.5")], [far], []).broken


def test_twins_end_at_most_one_unit_apart_after_a_repair() -> None:
    # Three equal regions in one pool, in two pools together at least 5 units for the group.
    amounts = [Fraction("1.4")] * 3 + [Fraction("0.8")]
    group = row("group", {0: "1", 1: "1", 2: "1"}, "6", None)
    result = controlled_rounding(amounts, [group], [Total((0, 1, 2, 3), 5, 8)])
    assert max(result.units[:3]) - min(result.units[:3]) <= 1
    assert not result.broken
    assert not result.unequal


def test_twins_given_by_the_caller_are_kept_together() -> None:
    pair = row("pair", {0: "1", 1: "1"}, "4", None)
    amounts, keys = [Fraction("1.5"), Fraction("1.5"), Fraction("1.0")], [0, 1, 2]
    loose = controlled_rounding(amounts, [pair], [Total((0, 1, 2), 4, 4)], tie_keys=keys)
    assert loose.units == (2, 2, 0)
    # 2 a + b = 8 from (1.5, 1.5) is nearest at (3, 2); 4 a + b = 13 is nearest at (3, 1).
    odd = row("odd", {0: "4", 1: "1"}, "13", "13")
    apart = controlled_rounding(amounts[:2], [odd], [])
    near = controlled_rounding(amounts[:2], [odd], [], twins=[0, 0])
    assert apart.units == (3, 1)
    assert near.units == (3, 1)
    assert near.unequal == ((0, 1),)


def test_a_ratio_holds_exactly_after_rounding() -> None:
    ratio = row("award", {1: "1", 0: "-0.3"}, None, "0")
    result = controlled_rounding(
        [Fraction("9.5"), Fraction("2.85"), Fraction("0.5"), Fraction("0.15")],
        [ratio],
        [Total((0, 2), 10, 10), Total((1, 3), 3, 3)],
    )
    assert ratio.holds(result.units, Fraction(1))


def test_an_unused_share_never_becomes_negative() -> None:
    keep = row("region", {1: "1", 2: "1"}, "3", None)
    result = controlled_rounding(
        [0, Fraction("1.5"), Fraction("1.5")], [keep], [Total((0, 1, 2), 3, 3)]
    )
    assert result.units[0] == 0
    assert not result.broken


def test_rows_of_floats_become_the_decimals_they_print_as() -> None:
    family = RowFamily(
        "ratio", ("a",), sparse.csr_array([[0.1, -0.3]]), np.array([-np.inf]), np.array([0.7])
    )
    (exact,) = exact_rows(family)
    assert exact.coefficients == (Fraction(1, 10), Fraction(-3, 10))
    assert exact.lower is None
    assert exact.upper == Fraction(7, 10)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_repaired_amounts_keep_totals_rows_and_neighbourhood(data: st.DataObject) -> None:
    n_regions = data.draw(st.integers(2, 5))
    size = st.fractions(0, 9, max_denominator=10)
    pools = [[data.draw(size) for _ in range(n_regions)] for _ in range(2)]
    for pool in pools:
        pool[-1] += -sum(pool) % 1
    amounts = [value for pool in pools for value in pool]
    rows = [
        row(f"region {i}", {i: "1", n_regions + i: "1"}, str(pools[0][i] + pools[1][i] - 1), None)
        for i in range(n_regions)
    ]
    shares = [
        Total(tuple(range(k * n_regions, (k + 1) * n_regions)), *[int(sum(pools[k]))] * 2)
        for k in range(2)
    ]
    result = controlled_rounding(amounts, rows, shares)
    for share in shares:
        assert sum(result.units[j] for j in share.columns) == share.least_units
    assert [r for r in rows if not r.holds(result.units, Fraction(1))] == list(result.broken)
    assert all(abs(unit - amount) < 3 for unit, amount in zip(result.units, amounts, strict=True))
