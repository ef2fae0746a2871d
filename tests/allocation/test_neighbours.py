"""Whole units by a linear program are those that the search for whole numbers finds."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import sparse

from reliefperf.allocation.entries import Entries
from reliefperf.allocation.neighbours import by_pairs
from reliefperf.allocation.solver import Box


def best(full: np.ndarray, box: Box, costs: np.ndarray) -> float | None:
    """The least cost of all numbers that are 0 or 1 and keep the rows, one after the other."""
    found = []
    for numbers in product((0, 1), repeat=costs.size):
        x = np.array(numbers, dtype=float)
        values = full @ x
        inside = (x >= box.lower).all() and (x <= box.upper).all()
        if inside and (values >= box.row_lower).all() and (values <= box.row_upper).all():
            found.append(float(costs @ x))
    return min(found, default=None)


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10**6))
@example(seed=1)
def test_the_numbers_keep_all_rows_at_the_least_cost(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n_regions = int(rng.integers(1, 5))
    n = 2 * n_regions
    rows = np.zeros((n_regions + 2, n))
    rows[0, :n_regions] = rows[1, n_regions:] = 1.0
    for i in range(n_regions):
        rows[2 + i, [i, n_regions + i]] = rng.choice([-25, -6, -1, 1, 6, 25], 2)
    low, high = np.full(rows.shape[0], -np.inf), np.full(rows.shape[0], np.inf)
    low[0] = high[0] = rng.integers(0, n_regions + 1)
    high[1] = rng.integers(0, n_regions + 1)
    ends = rng.integers(-20, 26, n_regions).astype(float)
    above = rng.random(n_regions) < 0.5
    low[2:], high[2:] = np.where(above, ends - 15, -np.inf), np.where(above, np.inf, ends)
    box = Box(np.zeros(n), np.where(rng.random(n) < 0.9, 1.0, 0.0), low, high)
    costs = rng.integers(-50, 51, n) / 64 + np.arange(n) / 10**5
    found = by_pairs(Entries.of(sparse.csr_array(rows)), box, costs)
    least = best(rows, box, costs)
    if found is None:
        return
    values = rows @ found
    assert (values >= low).all() and (values <= high).all()
    assert least is not None and float(costs @ found) == pytest.approx(least, abs=1e-9)


def test_a_ratio_within_each_region_is_settled_without_a_search() -> None:
    """Of `25 award <= 6 base` with the rows as they are the linear program ends in fractions."""
    rows = np.zeros((5, 6))
    rows[0, :3] = rows[1, 3:] = 1.0
    for i in range(3):
        rows[2 + i, [i, 3 + i]] = -6.0, 25.0
    low = np.array([2.0, 1.0, -np.inf, -np.inf, -np.inf])
    high = np.array([2.0, 1.0, 4.0, 20.0, 23.0])
    box = Box(np.zeros(6), np.ones(6), low, high)
    costs = np.array([0.1, 0.2, -0.3, -0.5, -0.2, 0.1])
    found = by_pairs(Entries.of(sparse.csr_array(rows)), box, costs)
    assert found is not None
    # the first may not go up, the second only with its own base
    assert found.tolist() == [0, 1, 1, 0, 1, 0]


def test_nothing_is_said_where_the_program_ends_in_fractions() -> None:
    odd_cycle = np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0], [1.0, 0.0, 1.0]])
    box = Box(np.zeros(3), np.ones(3), np.full(3, -np.inf), np.ones(3))
    assert by_pairs(Entries.of(sparse.csr_array(odd_cycle)), box, -np.ones(3)) is None
