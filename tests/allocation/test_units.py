"""Whole units move no further than they must, against every combination tried by hand."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import highspy
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reliefperf.allocation import integers
from reliefperf.allocation import units as units_module
from reliefperf.allocation.repair import apart
from reliefperf.allocation.rounding import (
    ExactRow,
    RoundingImpossible,
    Task,
    Total,
    controlled_rounding,
)
from reliefperf.errors import SolverError
from tests.allocation.nearer import is_nearer
from tests.allocation.random_tables import table

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

# An odd cycle: of three amounts any two may get one more unit together, which no prices settle.
MENDED = (
    [Fraction(part, 10) for part in (16, 16, 16, 12)],
    [
        ExactRow("pair", f"{i}{j}", (i, j), (ONE, ONE), None, Fraction(3))
        for i, j in ((0, 1), (1, 2), (0, 2))
    ],
    [Total((0, 1, 2, 3), 6, 6)],
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


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_of_all_neighbours_that_keep_the_rows_the_nearest_in_exact_terms_are_taken(
    seed: int,
) -> None:
    amounts, rows, totals = table(seed)
    if len(amounts) > 9:
        return
    try:
        found = controlled_rounding(amounts, rows, totals)
    except RoundingImpossible:
        return
    if found.broken or not found.repaired:
        return
    task = Task(amounts, rows, totals)
    best: list[int] | None = None
    for moves in itertools.product((0, 1), repeat=len(amounts)):
        units = [b + move for b, move in zip(task.nearness.base.tolist(), moves, strict=True)]
        if all(row.holds(units) for row in [*task.rows, *task.sums]) and not apart(
            units, task.twins
        ):
            best = units if best is None or is_nearer(task.nearness, units, best) else best
    assert best is None or list(found.units) == best


class Warned(highspy.Highs):
    """A solver that ends every search with a warning."""

    def run(self) -> highspy.HighsStatus:
        super().run()
        return highspy.HighsStatus.kWarning


def test_units_of_a_search_that_warns_keep_the_rows_and_are_not_called_the_nearest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert not controlled_rounding(*FURTHER).stopped
    monkeypatch.setattr(highspy, "Highs", Warned)
    amounts, rows, totals = FURTHER
    # that no neighbours keep the rows is known only with a warning, hence not known
    with pytest.raises(SolverError, match="Infeasible, but with a warning"):
        controlled_rounding(amounts, rows, totals)
    found = controlled_rounding(*MENDED)
    assert found.stopped == "Optimal, but with a warning"
    assert not found.broken
    assert Task(*MENDED).nearer(found.units) is None


# 61 for each 25 of the other pool, with next to no room in the totals: a hard knapsack.
HARD = (
    [
        Fraction(part, 100)
        for part in (3381, 9845, 6099, 1806, 4280, 2889, 1387, 4035, 2500, 740, 1754, 1184)
    ],
    [
        ExactRow("r", f"{i}", (i, 6 + i), (ONE, Fraction(-61, 25)), None, Fraction(0))
        for i in range(6)
    ],
    [Total(tuple(range(6)), 283, 283), Total(tuple(range(6, 12)), 116, 116)],
)


def test_a_search_that_ends_early_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units_module, "MAX_NODES", 300)
    found = controlled_rounding(*HARD)
    assert found.stopped == "Solution limit reached (300 nodes)"
    assert not found.broken
    assert Task(*HARD).nearer(found.units) is None


def test_a_search_that_ends_without_units_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = integers.LEAN | {"mip_max_nodes": 0}
    monkeypatch.setattr(integers, "LEAN", bare)
    monkeypatch.setattr(units_module, "MAX_NODES", 0)
    with pytest.raises(SolverError, match=r"Solution limit reached \(0 nodes\)"):
        controlled_rounding(*HARD)
