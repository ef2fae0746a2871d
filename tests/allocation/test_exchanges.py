"""Single units and exchanges of units that would come nearer are found, all of them and no others."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.allocation.exchanges import Exchanges
from reliefperf.allocation.nearness import Nearness
from reliefperf.allocation.repair import Whole
from reliefperf.allocation.rounding import RoundingImpossible, Task, Total, controlled_rounding
from tests.allocation.nearer import is_nearer
from tests.allocation.random_tables import table


def steps(task: Task, units: list[int]) -> Iterator[list[int]]:
    """All units that differ by one unit in one amount, or in two of the same total."""
    for j, by in itertools.product(range(len(units)), (-1, 1)):
        yield [unit + by * (k == j) for k, unit in enumerate(units)]
    for total in task.sums:
        for one, other in itertools.permutations(total.columns, 2):
            yield [unit + (k == one) - (k == other) for k, unit in enumerate(units)]


def nearer_ones(task: Task, units: list[int]) -> list[list[int]]:
    """Those of them that keep all rows, part no two equal amounts, and come nearer."""
    base, equal = task.nearness.base.tolist(), task.nearness.quotas.tolist()
    reach = 0 if all(0 <= u - b <= 1 for u, b in zip(units, base, strict=True)) else 9

    def may(found: list[int]) -> bool:
        moved = [j for j in range(len(units)) if found[j] != units[j]]
        return (
            all(row.holds(found) for row in [*task.rows, *task.sums])
            and min(found) >= 0
            and all(-reach <= found[j] - base[j] <= 1 + reach for j in moved)
            and all(
                abs(found[j] - found[k]) <= 1
                for j in moved
                for k in range(len(units))
                if equal[j] == equal[k]
            )
            and is_nearer(task.nearness, found, units)
        )

    return [found for found in steps(task, units) if may(found)]


@settings(deadline=None, max_examples=150)
@given(seed=st.integers(0, 10**6))
def test_units_are_mended_so_that_no_step_comes_nearer(seed: int) -> None:
    amounts, rows, totals = table(seed)
    try:
        found = controlled_rounding(amounts, rows, totals)
    except RoundingImpossible:
        return
    if found.repaired and not found.broken:
        task = Task(amounts, rows, totals)
        assert task.nearer(found.units) is None
        assert nearer_ones(task, list(found.units)) == []


@settings(deadline=None, max_examples=150)
@given(seed=st.integers(0, 10**6), step=st.integers(0, 10**6))
def test_units_that_a_step_brings_nearer_are_found_out(seed: int, step: int) -> None:
    amounts, rows, totals = table(seed)
    try:
        mended = controlled_rounding(amounts, rows, totals)
    except RoundingImpossible:
        return
    if mended.broken or not mended.repaired:
        return
    task = Task(amounts, rows, totals)
    # a forged table: one that keeps every row as well
    other = [found for found in steps(task, list(mended.units)) if min(found) >= 0]
    units = other[step % len(other)]
    if not all(row.holds(units) for row in [*task.rows, *task.sums]):
        return
    change = task.nearer(units)
    if nearer_ones(task, units):
        assert change is not None
    if change is not None:
        better = list(units)
        for j, by in change:
            better[j] += by
        assert all(row.holds(better) for row in [*task.rows, *task.sums])
        assert is_nearer(task.nearness, better, units)


def test_a_cycle_over_two_pools_and_two_regions_is_found() -> None:
    # Each region gets 4 and each pool 4 whole units: only all four amounts together can move.
    quotas = [Fraction(part, 10) for part in (24, 16, 16, 24)]
    rows = [Whole.total(pair, 4, 4) for pair in ((0, 1), (2, 3), (0, 2), (1, 3))]
    steps = Exchanges(rows, Nearness.of(quotas, range(4)), range(4))
    bounds = [0] * 4, [9] * 4
    assert steps.nearer([3, 1, 1, 3], *bounds) == [(0, -1), (1, 1), (2, 1), (3, -1)]
    assert steps.nearer([2, 2, 2, 2], *bounds) is None


def test_amounts_that_are_alike_are_not_parted() -> None:
    odd = Whole((0, 1), 13, 13, (4, 1))
    alike = Nearness.of([Fraction(3, 2)] * 2, range(2))
    assert Exchanges([odd], alike).nearer([3, 1], [0, 0], [9, 9]) is None
    total = Whole.total((0, 1), 4, 4)
    assert Exchanges([total], alike).nearer([4, 0], [0, 0], [9, 9]) is None
    assert Exchanges([total], alike).nearer([3, 1], [0, 0], [9, 9]) == [(0, -1), (1, 1)]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_of_equally_near_units_the_first_place_gets_the_unit(order: tuple[int, ...]) -> None:
    near = Nearness.of([Fraction(1, 2), Fraction(5, 2), Fraction(9, 2)], order)
    total = Whole.total((0, 1, 2), 8, 8)
    units = [0, 2, 4]
    units[order.index(2)] += 1
    units[order.index(0)] += 1
    change = Exchanges([total], near).nearer(units, [0] * 3, [9] * 3)
    assert change == sorted([(order.index(2), -1), (order.index(1), 1)])


@settings(deadline=None, max_examples=150)
@given(seed=st.integers(0, 10**6), shuffle=st.randoms(use_true_random=False))
def test_the_order_of_amounts_rows_and_totals_changes_nothing(seed: int, shuffle: object) -> None:
    amounts, rows, totals = table(seed)
    n = len(amounts)
    place = list(range(n))
    for some in (place, rows, totals):
        shuffle.shuffle(some)  # type: ignore[attr-defined]
    other = [Fraction(0)] * n
    for j in range(n):
        other[place[j]] = amounts[j]

    def moved(columns: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(place[j] for j in columns)

    mixed_rows = [replace(row, columns=moved(row.columns)) for row in rows]
    mixed_totals = [Total(moved(t.columns), t.least_units, t.most_units) for t in totals]
    keys = sorted(range(n), key=lambda j: place[j])
    try:
        straight = controlled_rounding(amounts, sorted(rows, key=lambda r: r.rule), totals)
    except RoundingImpossible:
        with pytest.raises(RoundingImpossible):
            controlled_rounding(other, mixed_rows, mixed_totals, tie_keys=keys)
        return
    mixed = controlled_rounding(other, mixed_rows, mixed_totals, tie_keys=keys)
    assert [mixed.units[place[j]] for j in range(n)] == list(straight.units)
    assert {row.rule for row in mixed.broken} == {row.rule for row in straight.broken}
