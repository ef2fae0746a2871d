"""The nearest optimal amounts: unique, weighted by need, accurate, inside the limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from reliefperf.allocation.entries import Entries
from reliefperf.allocation.folding import FoldedLp, fold
from reliefperf.allocation.program import Floats, Program, RowFamily
from reliefperf.allocation.projection import (
    _beyond_reach,
    _forced,
    project,
    target_weights,
)
from reliefperf.allocation.pulp_model import compile_program
from reliefperf.allocation.scaling import GRID, to_grid
from reliefperf.allocation.solver import Box

INF = np.inf


def nearest(
    targets: list[float],
    rows: list[list[float]],
    low: list[float],
    high: list[float],
    upper: float = 100.0,
) -> Floats:
    n = len(targets)
    family = RowFamily(
        "rule",
        tuple(str(i) for i in range(len(rows))),
        sparse.csr_array(np.array(rows, dtype=float)),
        np.array(low),
        np.array(high),
    )
    goal = np.array(targets)
    program = Program(
        tuple(f"x{j}" for j in range(n)), np.zeros(n), np.full(n, upper), (family,), (), goal
    )
    folded = fold(compile_program(program))
    assert isinstance(folded, FoldedLp)
    return project(folded, Box.of(folded), np.zeros(n), goal)


def test_a_total_is_shared_in_proportion_to_the_targets() -> None:
    amounts = nearest([1.0, 2.0, 4.0], [[1, 1, 1]], [14], [14])
    assert amounts.tolist() == [2.0, 4.0, 8.0]


def test_limits_that_do_not_bind_leave_the_targets() -> None:
    assert nearest([1.0, 2.0], [[1, 1]], [2], [9]).tolist() == [1.0, 2.0]


def test_rows_that_depend_on_each_other_are_no_obstacle() -> None:
    # Two pools by two regions with all totals given: four equations of rank three.
    rows: list[list[float]] = [[1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1]]
    amounts = nearest([1.0, 1.0, 1.0, 1.0], rows, [3, 5, 4, 4], [3, 5, 4, 4])
    assert amounts == pytest.approx([1.5, 1.5, 2.5, 2.5], abs=1e-10)


def test_targets_of_zero_have_a_small_weight_and_others_their_own() -> None:
    weights = target_weights(np.array([0.0, 1.0, 3.0]))
    assert weights.tolist() == [2e-4, 1.0, 3.0]
    assert target_weights(np.array([1e-5, 1.0]))[0] == 1e-5
    assert target_weights(np.zeros(2)).tolist() == [1e-4, 1e-4]


def test_a_target_of_zero_takes_money_only_when_nobody_else_can() -> None:
    assert nearest([0.0, 4.0], [[1, 1]], [8], [8])[0] < 1e-3
    assert nearest([0.0, 4.0], [[1, 1]], [8], [8], upper=6.0).tolist() == [2.0, 6.0]


def test_the_grid_is_decimal_and_finer_than_any_money() -> None:
    assert to_grid(np.array([1 / 3, 12345.678901234567])).tolist() == [
        0.3333333,
        12345.6789012,
    ]
    assert to_grid(np.array([-0.0])).tobytes() == np.array([0.0]).tobytes()
    assert GRID < 1e-10


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_feasible_step_brings_the_amounts_nearer(data: st.DataObject) -> None:
    n = data.draw(st.integers(2, 5))
    numbers = st.integers(0, 9).map(float)
    point = np.array([data.draw(numbers) for _ in range(n)])
    targets = np.array([data.draw(st.integers(1, 9).map(float)) for _ in range(n)])
    rows = [[data.draw(st.sampled_from([0.0, 1.0, -1.0])) for _ in range(n)] for _ in range(3)]
    values = np.array(rows) @ point
    low = (values - [data.draw(st.sampled_from([0.0, 1.0, INF])) for _ in range(3)]).tolist()
    high = (values + [data.draw(st.sampled_from([0.0, 1.0, INF])) for _ in range(3)]).tolist()
    amounts = nearest(targets.tolist(), rows, low, high, upper=9.0)
    reached = np.array(rows) @ amounts
    assert (reached >= np.array(low) - 1e-9).all()
    assert (reached <= np.array(high) + 1e-9).all()
    # For a convex function it is enough that it does not fall towards another feasible point.
    assert ((amounts - targets) / targets) @ (point - amounts) >= -1e-7


def test_a_thousand_regions_are_accurate_to_the_grid() -> None:
    chance = np.random.default_rng(5)
    targets = chance.uniform(1, 1000, 1000)
    rows = np.vstack([np.ones(1000), np.arange(1000) < 500])
    total = float(targets.sum())
    half = 0.6 * total
    amounts = nearest(targets.tolist(), rows.tolist(), [total, half], [total, INF], upper=1e6)
    first = targets[:500].sum()
    expected = np.concatenate(
        [targets[:500] * half / first, targets[500:] * (total - half) / (total - first)]
    )
    np.testing.assert_allclose(amounts, expected, rtol=1e-11, atol=1e-8)


def test_a_row_that_leaves_no_room_fixes_its_columns() -> None:
    rows = Entries.of(sparse.csr_array(np.array([[1.0, -2.0, 0.0], [0.0, 1.0, 1.0]])))
    lower, upper = np.array([4.0, 0.0, 0.0]), np.array([9.0, 1.0, 7.0])
    forced = _forced(rows, lower, upper, np.full(2, -np.inf), np.array([2.0, 8.0]))
    assert forced.tolist() == [-1, 1, 0]
    forced = _forced(rows, lower, upper, np.array([-np.inf, 8.0]), np.full(2, np.inf))
    assert forced.tolist() == [0, 1, 1]


def test_bounds_far_beyond_what_a_row_allows_come_nearer_and_never_bind() -> None:
    rows = Entries.of(sparse.csr_array(np.array([[1.0, 1.0]])))
    lower, upper = np.array([1.0, 2.0]), np.full(2, 1e15)
    assert _beyond_reach(rows, np.array([9.0]), lower, upper).tolist() == [14.0, 16.0]
