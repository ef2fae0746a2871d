"""Efficiencies and best weights: proved, unique where they can be, and blind to order and units."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from reliefperf.evaluation.envelopment import SharesOf, best_weights, efficiency

BOUNDS = [(0.0, 1.0), (0.05, 1.0), (0.0, 0.6), (0.1, 0.7)]


def tables(least: int = 0, greatest: int = 6) -> st.SearchStrategy[Any]:
    """Parts (n_indicators, n_regions) with many ties."""
    shape = st.tuples(st.integers(2, 4), st.integers(1, 9))
    return shape.flatmap(
        lambda size: st.lists(
            st.lists(st.integers(least, greatest), min_size=size[1], max_size=size[1]),
            min_size=size[0],
            max_size=size[0],
        ).map(lambda rows: np.array(rows, dtype=float) / greatest)
    )


def by_linprog(parts: Any, least: Any, most: Any, shares_of: SharesOf) -> Any:
    """The same scores, one linear program a region."""
    scores = []
    whose = {"mean": [parts.mean(axis=1)], "all": [own for own in parts.T if own.any()]}
    whose["weights"] = [np.ones(len(parts))]
    for own in parts.T:
        rows = [parts.T]
        for base in whose.get(shares_of, [own]):
            rows += [np.diag(base) - np.outer(most, base), np.outer(least, base) - np.diag(base)]
        matrix = np.vstack(rows)
        limits = np.zeros(len(matrix))
        limits[: parts.shape[1]] = 1.0
        scores.append(-linprog(-own, A_ub=matrix, b_ub=limits, method="highs").fun)
    return np.array(scores)


def even(parts: Any, bound: float) -> Any:
    return np.full(len(parts), bound)


@settings(max_examples=150, deadline=None)
@given(tables(), st.sampled_from(BOUNDS), st.sampled_from(["region", "mean", "all", "weights"]))
def test_scores_are_those_of_one_linear_program_a_region(
    parts: Any, bounds: tuple[float, float], shares_of: SharesOf
) -> None:
    least, most = even(parts, bounds[0]), even(parts, bounds[1])
    parts = np.where(parts.any(axis=1)[:, None], parts, 1.0)  # scipy takes no empty column
    found = best_weights(parts, least, most, shares_of)
    np.testing.assert_allclose(
        found.scores, by_linprog(parts, least, most, shares_of), rtol=0, atol=1e-9
    )
    assert found.gaps.max() <= 1e-9


@settings(max_examples=100, deadline=None)
@given(tables(least=1), st.sampled_from(BOUNDS))
def test_weights_give_the_score_and_keep_every_limit(
    parts: Any, bounds: tuple[float, float]
) -> None:
    least, most = even(parts, bounds[0]), even(parts, bounds[1])
    found = best_weights(parts, least, most)
    pies = found.weights * parts
    np.testing.assert_allclose(pies.sum(axis=0), found.scores, rtol=0, atol=1e-12)
    assert (found.weights >= 0).all()
    assert (parts.T @ found.weights <= 1 + 1e-12).all()
    shares = pies / found.scores
    assert (shares >= least[:, None] - 1e-9).all()
    assert (shares <= most[:, None] + 1e-9).all()


@settings(max_examples=50, deadline=None)
@given(tables())
def test_scores_lie_in_0_to_1_and_somebody_has_1(parts: Any) -> None:
    scores = best_weights(parts, even(parts, 0.0), even(parts, 1.0)).scores
    assert (scores[parts.any(axis=0)] > 0).all()
    assert (scores[~parts.any(axis=0)] == 0).all()
    if parts.any():
        assert scores.max() == pytest.approx(1.0, abs=1e-12)


@settings(max_examples=50, deadline=None)
@given(tables(), st.data())
def test_shuffled_regions_have_the_same_weights(parts: Any, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(parts.shape[1])))
    least, most = even(parts, 0.02), even(parts, 0.8)
    found, shuffled = best_weights(parts, least, most), best_weights(parts[:, order], least, most)
    assert (shuffled.weights == found.weights[:, order]).all()
    assert (shuffled.scores == found.scores[order]).all()


@settings(max_examples=50, deadline=None)
@given(tables(least=1))
def test_twins_have_the_same_weights_and_change_nothing(parts: Any) -> None:
    least, most = even(parts, 0.02), even(parts, 0.8)
    twice = best_weights(np.hstack([parts, parts]), least, most)
    n_regions = parts.shape[1]
    assert (twice.weights[:, :n_regions] == twice.weights[:, n_regions:]).all()
    alone = best_weights(parts, least, most)
    np.testing.assert_allclose(twice.weights[:, :n_regions], alone.weights, rtol=0, atol=1e-9)


@settings(max_examples=50, deadline=None)
@given(tables(least=1), st.data())
def test_units_of_indicators_do_not_matter(parts: Any, data: st.DataObject) -> None:
    units = np.array(data.draw(st.lists(st.integers(1, 1000), min_size=4, max_size=4)), float)
    units = units[: len(parts), None]
    least, most = even(parts, 0.02), even(parts, 0.8)
    found, scaled = best_weights(parts, least, most), best_weights(parts * units, least, most)
    np.testing.assert_allclose(scaled.scores, found.scores, rtol=0, atol=1e-9)
    np.testing.assert_allclose(scaled.weights * units, found.weights, rtol=0, atol=1e-8)


@settings(max_examples=50, deadline=None)
@given(tables())
def test_a_dominated_region_never_scores_above_those_that_dominate_it(parts: Any) -> None:
    scores = best_weights(parts, even(parts, 0.0), even(parts, 1.0)).scores
    for region, own in enumerate(parts.T):
        better = (parts >= own[:, None]).all(axis=0)
        assert (scores[better] >= scores[region] - 1e-12).all()


def test_of_equal_optima_the_one_with_shares_nearest_to_equal_counts() -> None:
    best_at_all = np.array([[1.0, 0.5], [1.0, 0.5], [1.0, 0.2]])
    found = best_weights(best_at_all, np.zeros(3), np.ones(3))
    np.testing.assert_allclose(found.weights[:, 0], [1 / 3, 1 / 3, 1 / 3], atol=1e-12)
    assert not found.single[0]
    # the second does best where it is half as good: any mix of the first two
    np.testing.assert_allclose(found.weights[:, 1], [0.5, 0.5, 0.0], atol=1e-12)


def test_nearest_shares_keep_the_frontier_where_equal_ones_would_not() -> None:
    # with equal shares the second region would beat the first one's 1
    parts = np.array([[1.0, 0.6], [0.5, 1.0]])
    found = best_weights(parts, np.zeros(2), np.ones(2))
    shares = found.weights[:, 0] * parts[:, 0]
    assert found.scores[0] == pytest.approx(1.0, abs=1e-12)
    # 0.6 s + 2 (1 - s) = 1 where both stand at 1
    np.testing.assert_allclose(shares, [5 / 7, 2 / 7], atol=1e-12)


def test_a_tiny_region_is_weighed_by_its_shape_as_any_other() -> None:
    parts = np.array([[1.0, 2e-7, 0.2], [0.5, 1e-7, 0.1]])
    found = best_weights(parts, np.zeros(2), np.array([0.6, 0.6]))
    assert found.scores[1] == pytest.approx(1e-6 * found.scores[2], rel=1e-9)
    np.testing.assert_allclose(found.weights[:, 1], found.weights[:, 2], rtol=0, atol=1e-9)


@pytest.mark.parametrize("orientation", ["input", "output"])
@pytest.mark.parametrize("returns", ["constant", "variable"])
def test_efficiencies_are_those_of_the_envelopment_form(orientation: Any, returns: Any) -> None:
    generator = np.random.default_rng(5)
    inputs = generator.integers(0, 9, (25, 3)).astype(float)
    outputs = generator.integers(0, 9, (25, 2)).astype(float)
    inputs[:, 0] += 1
    outputs[:, 0] += 1
    found = efficiency(inputs, outputs, orientation, returns)
    expected = [enveloped(inputs, outputs, region, orientation, returns) for region in range(25)]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)


def enveloped(inputs: Any, outputs: Any, region: int, orientation: str, returns: str) -> float:
    """The efficiency by the other form of the program: how much of each peer."""
    by_input = orientation == "input"
    spent, made = np.zeros(inputs.shape[1]), np.zeros(outputs.shape[1])
    first = np.concatenate([-inputs[region], made] if by_input else [spent, outputs[region]])
    matrix = np.column_stack([first, np.vstack([inputs.T, -outputs.T])])
    limits = np.concatenate([spent, -outputs[region]] if by_input else [inputs[region], made])
    costs = np.zeros(len(inputs) + 1)
    costs[0] = 1.0 if by_input else -1.0
    ones = np.ones((1, len(costs)))
    ones[0, 0] = 0.0
    equal = {"A_eq": ones, "b_eq": [1.0]} if returns == "variable" else {}
    return abs(linprog(costs, A_ub=matrix, b_ub=limits, **equal, method="highs").fun)


@pytest.mark.parametrize(
    ("inputs", "outputs", "said"),
    [
        ([[1.0], [0.0]], [[1.0], [1.0]], "no input above zero"),
        ([[1.0], [1.0]], [[1.0], [0.0]], "no output above zero"),
        ([[1.0], [-1.0]], [[1.0], [1.0]], "negative"),
        ([[1.0], [np.nan]], [[1.0], [1.0]], "missing"),
        ([[1.0]], [[1.0], [1.0]], "one row a region"),
    ],
)
def test_data_without_an_efficiency_are_refused(inputs: Any, outputs: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        efficiency(np.array(inputs), np.array(outputs))
