"""Draws of weights: around the base, within bounds, in order, and the same in blocks of any size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.evaluation.weight_draws import (
    Dirichlet,
    Kind,
    RankOrder,
    SiblingGroup,
    UniformWithin,
    effective_weights,
    leaves,
    sample_weights,
)


def group(weights: Sequence[float], node: str = "", prefix: str = "c") -> SiblingGroup:
    children = tuple(f"{prefix}{place + 1}" for place in range(len(weights)))
    return SiblingGroup(node, children, np.array(weights) / np.sum(weights))


TREE = [group([3, 2]), group([1, 1, 2], "c1", "a"), group([5, 1], "c2", "b")]
KINDS: list[Kind] = [
    Dirichlet(30),
    UniformWithin(0.3),
    UniformWithin(bounds={"a1": (0.1, 0.5), "c1": (0.5, 0.9)}),
    RankOrder(),
]


def drawn(groups: Sequence[SiblingGroup], kind: Kind, n_draws: int, block: int = 512) -> Any:
    return np.concatenate(list(sample_weights(groups, kind, n_draws, 11, block)))


def test_an_indicator_counts_by_the_product_down_the_tree() -> None:
    assert leaves(TREE) == ("a1", "a2", "a3", "b1", "b2")
    np.testing.assert_allclose(
        effective_weights(TREE), [0.15, 0.15, 0.3, 0.4 * 5 / 6, 0.4 / 6], rtol=0, atol=1e-15
    )


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_each_draw_adds_up_to_one(kind: Kind) -> None:
    weights = drawn(TREE, kind, 700)
    assert weights.shape == (700, 5)
    assert (weights >= 0).all()
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_blocks_of_any_size_hold_the_same_draws(kind: Kind) -> None:
    whole = drawn(TREE, kind, 1500, 1500)
    for block in (1, 7, 512):
        assert (drawn(TREE, kind, 1500, block) == whole).all()
    assert (drawn(TREE, kind, 40) == whole[:40]).all()


def test_another_seed_gives_other_draws() -> None:
    one, other = (next(sample_weights(TREE, Dirichlet(30), 5, seed)) for seed in (1, 2))
    assert (one != other).any()


def test_dirichlet_draws_have_the_mean_and_variance_stated() -> None:
    siblings = group([6, 3, 1, 0])
    weights = drawn([siblings], Dirichlet(20), 40_000)
    base = siblings.weights
    np.testing.assert_allclose(weights.mean(axis=0), base, rtol=0, atol=0.003)
    np.testing.assert_allclose(weights.var(axis=0), base * (1 - base) / 21, rtol=0.05, atol=0)
    assert (weights[:, 3] == 0).all()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=2, max_size=12), st.floats(0.05, 1.5))
def test_uniform_draws_keep_their_bounds(base: list[int], spread: float) -> None:
    siblings = group(base)
    weights = drawn([siblings], UniformWithin(spread), 200)
    assert (weights >= siblings.weights * (1 - spread) - 1e-12).all()
    assert (weights <= siblings.weights * (1 + spread) + 1e-12).all()
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "bounds",
    [
        {"c1": (0.0, 0.3), "c2": (0.2, 0.6), "c3": (0.1, 0.9)},  # the box is smallest
        {},  # the simplex itself
        {"c1": (0.0, 0.4), "c2": (0.0, 0.4), "c3": (0.0, 0.4)},  # below all upper bounds
    ],
)
def test_every_set_of_weights_within_bounds_is_as_likely(bounds: dict[str, Any]) -> None:
    weights = drawn([group([1, 1, 1])], UniformWithin(bounds=bounds), 60_000)
    generator = np.random.default_rng(3)
    plain = generator.dirichlet(np.ones(3), 2_000_000)
    for child, (low, high) in bounds.items():
        column = plain[:, int(child[1]) - 1]
        plain = plain[(column >= low) & (plain[:, int(child[1]) - 1] <= high)]
    np.testing.assert_allclose(weights.mean(axis=0), plain.mean(axis=0), rtol=0, atol=0.003)
    np.testing.assert_allclose(np.cov(weights.T), np.cov(plain.T), rtol=0, atol=0.001)


def test_a_child_without_room_keeps_its_weight() -> None:
    siblings = group([2, 1, 1])
    kept = drawn([siblings], UniformWithin(0.0), 3)
    np.testing.assert_allclose(kept, [siblings.weights] * 3, rtol=0, atol=1e-12)
    weights = drawn([siblings], UniformWithin(bounds={"c1": (0.7, 0.7)}), 50)
    np.testing.assert_allclose(weights[:, 0], 0.7, atol=1e-12)
    assert weights[:, 1].std() > 0
    pair = drawn([siblings], UniformWithin(bounds={"c1": (0.7, 0.7), "c2": (0.2, 0.2)}), 5)
    np.testing.assert_allclose(pair, [[0.7, 0.2, 0.1]] * 5, atol=1e-12)


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        ({"c1": (0.5, 0.4)}, "bounds of 'c1'"),
        ({"c1": (0.6, 1.0), "c2": (0.6, 1.0)}, "add up to 1"),
        ({"c1": (0.0, 0.4), "c2": (0.0, 0.4)}, "add up to 1"),
    ],
)
def test_bounds_without_room_are_refused(bounds: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        drawn([group([1, 1])], UniformWithin(bounds=bounds), 5)


def test_draws_keep_the_order_of_importance() -> None:
    weights = drawn([group([1, 3, 2, 2])], RankOrder(), 2000)
    assert (weights[:, 1] >= weights[:, [0, 2, 3]].max(axis=1)).all()
    assert (weights[:, 0] <= weights.min(axis=1)).all()
    assert 0.4 < (weights[:, 2] > weights[:, 3]).mean() < 0.6  # nothing is said of equal weights


def test_rank_order_draws_have_the_means_of_rank_order_centroids() -> None:
    # Barron and Barrett (1996): the centroid of w1 >= ... >= wn has sum(1/k, k = i..n) / n
    orders = {"": [["c3"], ["c1"], ["c2"]]}
    weights = drawn([group([1, 1, 1])], RankOrder(orders), 60_000)
    np.testing.assert_allclose(weights.mean(axis=0), [5 / 18, 2 / 18, 11 / 18], rtol=0, atol=0.003)


def test_impossible_requests_are_refused() -> None:
    with pytest.raises(ValueError, match="must name each of its children once"):
        drawn([group([1, 1])], RankOrder({"": [["c1"]]}), 5)
    with pytest.raises(ValueError, match="at least 1"):
        drawn([group([1, 1])], Dirichlet(0.5), 5)
