"""A point that misses limits by noise ends inside them, having moved no further than it must."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from reliefperf.allocation.into_limits import into_limits
from reliefperf.allocation.shortest import Shortest


@given(st.integers(0, 2**32 - 1), st.sampled_from([1e-8, 1e-5]))
def test_noise_is_taken_out_by_moves_of_its_own_size(seed: int, noise: float) -> None:
    random = np.random.default_rng(seed)
    n_columns, n_rows = int(random.integers(2, 9)), int(random.integers(1, 5))
    dense = random.integers(-1, 2, (n_rows, n_columns)).astype(float)
    rows = sparse.csr_array(dense)
    inside = random.uniform(-1e3, 1e3, n_columns)
    room = random.choice([0.0, 1.0], n_rows)
    problem = Shortest(
        rows,
        rows @ inside - room,
        rows @ inside + room * random.choice([0.0, 5.0], n_rows),
        inside - random.choice([0.0, 3.0], n_columns),
        inside + random.choice([0.0, np.inf], n_columns),
    )
    start = inside + noise * random.uniform(-1, 1, n_columns)
    moved = into_limits(problem, start)
    assert problem.excess(moved) <= max(1e-11, 1e-3 * noise)
    # going back to the point inside is one way to mend it, so the least is no more than that
    assert np.abs(moved - start).sum() <= np.abs(start - inside).sum() + 1e-9


def test_limits_that_leave_no_point_are_missed_by_no_more_than_before() -> None:
    problem = Shortest(
        sparse.csr_array(np.array([[1.0, 1.0], [1.0, 1.0]])),
        np.array([1.0, 1.0 + 1e-12]),
        np.array([1.0, 1.0 + 1e-12]),
        np.zeros(2),
        np.full(2, 0.5),
    )
    start = np.array([0.5, 0.5 + 1e-8])
    moved = into_limits(problem, start)
    assert problem.excess(moved) <= 2e-12


def test_a_point_within_the_limits_stays() -> None:
    problem = Shortest(
        sparse.csr_array(np.ones((1, 2))), np.zeros(1), np.ones(1), np.zeros(2), np.ones(2)
    )
    assert into_limits(problem, np.array([0.25, 0.5])).tolist() == [0.25, 0.5]
