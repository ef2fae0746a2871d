"""Whole units move no further than they must, against every combination tried by hand."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reliefperf.allocation.rounding import ExactRow, RoundingImpossible, Total, controlled_rounding

ONE = Fraction(1)


def distance(amounts: list[Fraction], units: tuple[int, ...]) -> Fraction:
    return sum((abs(a - u) for a, u in zip(amounts, units, strict=True)), Fraction(0))


def least(
    amounts: list[Fraction], rows: list[ExactRow], totals: list[Total], reach: int
) -> Fraction | None:
    """The least distance of whole units, at most `reach` beyond the neighbours of each amount."""
    sides = [
        range(max(0, math.floor(a) - reach), max(math.ceil(a), math.floor(a)) + reach + 1)
        for a in amounts
    ]
    found = [
        distance(amounts, units)
        for units in itertools.product(*sides)
        if all(t.least_units <= sum(units[j] for j in t.columns) <= t.most_units for t in totals)
        and all(row.holds(units, ONE) for row in rows)
    ]
    return min(found, default=None)


# Amounts of three regions from two pools, and a ratio within narrow limits for the first region.
FURTHER = (
    [Fraction(part) for part in ("2.5", "8.8", "7.7", "7", "9.4", "0.6")],
    [ExactRow("r", "0", (0, 3), (ONE, Fraction(-1, 4)), Fraction("0.7"), Fraction("0.8"))],
    [Total((0, 1, 2), 19, 19), Total((3, 4, 5), 17, 17)],
)


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Fraction], list[ExactRow], list[Total]]:
    """Two pools of two regions with whole totals, and ratios within narrow limits."""
    parts = draw(st.lists(st.integers(1, 60), min_size=4, max_size=4))
    totals = [draw(st.integers(1, 12)) for _ in range(2)]
    amounts = [
        Fraction(part * totals[j // 2], parts[j // 2 * 2] + parts[j // 2 * 2 + 1])
        for j, part in enumerate(parts)
    ]
    rows = []
    for i in range(draw(st.integers(1, 2))):
        ratio = draw(st.sampled_from([Fraction(3, 10), Fraction(1, 4), Fraction(2, 7), ONE]))
        value = amounts[i] - ratio * amounts[2 + i]
        low, high = (Fraction(draw(st.integers(1, 4)), 5) for _ in range(2))
        rows.append(ExactRow("r", f"{i}", (i, 2 + i), (ONE, -ratio), value - low, value + high))
    return amounts, rows, [Total((0, 1), *totals[:1] * 2), Total((2, 3), *totals[1:] * 2)]


@settings(max_examples=60, deadline=None)
@given(cases())
def test_units_next_to_the_amounts_are_taken_where_there_are_any_and_the_nearest_of_them(
    case: tuple[list[Fraction], list[ExactRow], list[Total]],
) -> None:
    amounts, rows, totals = case
    try:
        found = controlled_rounding(amounts, rows, totals, twins=range(4))
    except RoundingImpossible:
        assume(False)
    near = least(amounts, rows, totals, 0)
    if near is None:
        near = least(amounts, rows, totals, 4)
    assume(near is not None or found.broken)
    if near is None:
        assert found.broken
    elif found.repaired:
        assert distance(amounts, found.units) <= near + Fraction(1, 1000)
        assert not found.broken


def test_where_neighbours_do_not_keep_the_rows_the_least_move_of_all_is_taken() -> None:
    # One unit beyond the neighbours in the row's own columns costs 5.4; going further elsewhere 5.
    amounts, rows, totals = FURTHER
    found = controlled_rounding(amounts, rows, totals)
    assert not found.broken
    assert distance(amounts, found.units) == least(amounts, rows, totals, 2) == 5
