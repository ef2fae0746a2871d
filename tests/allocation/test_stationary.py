"""Multipliers that show that recorded amounts are the nearest ones."""

import numpy as np
from scipy import sparse

from reliefperf.allocation.entries import Entries
from reliefperf.allocation.stationary import Conditions, _one_way


def test_a_total_of_amounts_that_may_go_one_way_only_gets_a_multiplier() -> None:
    """Any price within a range proves a total at a kink; the amounts then stand on one side of it."""
    rows = Entries.of(sparse.csr_array(np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])))
    slope = np.array([-3.0, -2.0, 5.0])
    up, down = np.array([True, True, True]), np.array([False, False, True])
    free = np.full(2, np.inf)
    needed = Conditions(np.arange(2), np.arange(3), rows, -free, free, slope, np.ones(3), up, down)
    found = _one_way(needed, np.array([0.0, 5.0]))
    assert found.tolist() == [-3.0, 5.0]
    assert (slope - rows.across(found) >= 0).all()


def test_no_multiplier_is_found_where_two_amounts_could_change_places() -> None:
    rows = Entries.of(sparse.csr_array(np.array([[1.0, 1.0]])))
    slope, free = np.array([-3.0, 2.0]), np.full(1, np.inf)
    # the first may rise and would come nearer by 3, the second may fall and would by 2
    up, down = np.array([True, False]), np.array([False, True])
    needed = Conditions(np.arange(1), np.arange(2), rows, -free, free, slope, np.ones(2), up, down)
    found = _one_way(needed, np.zeros(1))
    left = slope - rows.across(found)
    assert left[0] < 0 < left[1]
