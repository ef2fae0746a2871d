"""Indices against functions whose indices are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliefperf.scenarios.studies.indices import exact_indices, sobol_indices


def grid(*sizes: int):
    return np.indices(sizes).reshape(len(sizes), -1).T


def test_a_sum_has_no_interaction() -> None:
    levels = grid(2, 3)
    y = (levels[:, 0] * 3.0 + levels[:, 1])[:, None]
    found = exact_indices(y, levels, np.ones(6))
    variances = np.array([9 / 4, 2 / 3])
    assert found.first[:, 0] == pytest.approx(variances / variances.sum())
    assert found.total[:, 0] == pytest.approx(found.first[:, 0])


def test_a_product_of_signs_is_nothing_but_interaction() -> None:
    levels = grid(2, 2)
    y = ((levels[:, 0] * 2 - 1) * (levels[:, 1] * 2.0 - 1))[:, None]
    found = exact_indices(y, levels, np.ones(4))
    assert found.first[:, 0] == pytest.approx([0, 0])
    assert found.total[:, 0] == pytest.approx([1, 1])


def test_probabilities_count() -> None:
    levels = grid(2, 2)
    chances = np.array([0.9, 0.1])
    weights = chances[levels[:, 0]] * 0.5
    y = levels.sum(axis=1, keepdims=True).astype(float)
    found = exact_indices(y, levels, weights)
    assert found.first[:, 0] == pytest.approx([0.09 / 0.34, 0.25 / 0.34])


@pytest.mark.parametrize("size", [0.0, 1e9, 0.1])
def test_what_does_not_vary_has_no_indices(size) -> None:
    levels = grid(2, 2)
    y = np.full((4, 1), size) * (1 + 1e-15 * np.arange(4)[:, None])
    found = exact_indices(y, levels, np.ones(4))
    assert np.isnan(found.first).all()
    assert np.isnan(found.total).all()
    assert found.variance[0] == 0
    sampled = sobol_indices(np.full((8, 4, 1), size), 2, seed=1)
    assert np.isnan(sampled.first).all()


@given(st.integers(0, 10_000))
def test_first_is_between_nothing_and_total_and_totals_hold_everything(seed) -> None:
    random = np.random.default_rng(seed)
    levels = grid(3, 2, 2)
    found = exact_indices(random.normal(size=(12, 2)), levels, np.ones(12))
    assert (found.first > -1e-12).all()
    assert (found.first <= found.total + 1e-12).all()
    assert (found.first.sum(axis=0) <= 1 + 1e-12).all()
    assert (found.total.sum(axis=0) >= 1 - 1e-12).all()


def test_the_order_of_variants_does_not_matter() -> None:
    random = np.random.default_rng(5)
    levels, y = grid(3, 4), random.normal(size=(12, 1))
    order = random.permutation(12)
    one = exact_indices(y, levels, np.ones(12))
    other = exact_indices(y[order], levels[order], np.ones(12))
    assert one.first == pytest.approx(other.first)


def test_estimates_come_near_the_truth_and_their_errors_hold_it() -> None:
    random = np.random.default_rng(11)
    n, weights = 4096, np.array([3.0, 1.0])
    a, b = random.random((n, 2)), random.random((n, 2))
    mixed = np.stack([np.column_stack([b[:, 0], a[:, 1]]), np.column_stack([a[:, 0], b[:, 1]])], 1)
    points = np.concatenate([a[:, None], mixed, b[:, None]], axis=1)
    found = sobol_indices((points @ weights)[:, :, None], 2, seed=1)
    assert found.first_error is not None
    assert np.abs(found.first[:, 0] - [0.9, 0.1]).max() < 0.05
    assert (np.abs(found.first[:, 0] - [0.9, 0.1]) < 3 * found.first_error[:, 0]).all()
