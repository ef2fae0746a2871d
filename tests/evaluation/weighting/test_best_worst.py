"""Weights by the best-worst method."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.evaluation.weighting.best_worst import (
    consistency_index,
    linear_weights,
    ratio_weights,
)
from reliefperf.model.environment import Array
from tests.evaluation.weighting.helpers import said, weighed

IDS = ("c1", "c2", "c3")
FORMS = ["linear", "ratios"]


def written(**more: Any) -> dict[str, Any]:
    return {
        "best": "c1",
        "worst": "c3",
        "best_over": {"c2": 2, "c3": 8},
        "over_worst": {"c2": 4},
        **more,
    }


@settings(deadline=None)
@given(st.lists(st.floats(1, 3), min_size=0, max_size=5), st.floats(3, 9))
def test_comparisons_that_agree_give_back_their_weights(others: list[float], best: float) -> None:
    weights = np.array([best, *others, 1.0])
    weights /= weights.sum()
    ids = [f"c{i + 1}" for i in range(len(weights))]
    comparisons = {
        "best": ids[0],
        "worst": ids[-1],
        "best_over": dict(zip(ids, (weights[0] / weights).tolist(), strict=True)),
        "over_worst": dict(zip(ids[1:], (weights[1:] / weights[-1]).tolist(), strict=True)),
    }
    for form in FORMS:
        how = {"best_worst": comparisons, "form": form}
        found, _ = weighed(np.ones((len(ids), 3)), how)
        assert found.values == pytest.approx(weights, abs=1e-7)
        assert found.facts["consistency_ratio"] == pytest.approx(0, abs=1e-6)


COMPARED = st.tuples(st.integers(1, 9), st.integers(1, 9))


@settings(deadline=None, max_examples=40)
@given(st.lists(COMPARED, min_size=1, max_size=4), st.integers(2, 9), st.integers(0, 2**32 - 1))
def test_no_other_weights_deviate_less(
    others: list[tuple[int, int]], extreme: int, seed: int
) -> None:
    over = np.array([1.0, *(one for one, _ in others), extreme])
    under = np.array([extreme, *(other for _, other in others), 1.0])

    def linear_deviation(w: Array) -> Array:
        first, last = w[:, :1], w[:, -1:]
        return np.maximum(np.abs(first - over * w), np.abs(w - under * last)).max(axis=1)

    def ratio_deviation_of(w: Array) -> Array:
        first, last = w[:, :1], w[:, -1:]
        return np.maximum(np.abs(first / w - over), np.abs(w / last - under)).max(axis=1)

    tried = np.random.default_rng(seed).dirichlet(np.sqrt(under), 500) + 1e-9
    weights, deviation, width = linear_weights(over, under, 0, len(over) - 1)
    assert linear_deviation(tried).min() >= deviation - 1e-7
    if width == 0:
        assert linear_deviation(weights[None]).max() == pytest.approx(deviation, abs=1e-6)
    found, deviation, width = ratio_weights(over[1:-1], under[1:-1], extreme)
    weights = np.array([found[-2], *found[:-2], found[-1]])
    assert ratio_deviation_of(tried).min() >= deviation - 1e-7
    if width < 1e-9:
        assert ratio_deviation_of(weights[None]).max() == pytest.approx(deviation, abs=1e-6)


def test_the_linear_model_is_optimal_by_hand() -> None:
    # best over 8, 2 and worst under 5: with w = (17, 9, 2) / 28 every deviation is 1/28 at most
    weights, deviation, width = linear_weights(np.array([1.0, 2, 8]), np.array([8.0, 5, 1]), 0, 2)
    assert deviation == pytest.approx(1 / 28)
    assert weights == pytest.approx(np.array([17, 9, 2]) / 28)
    assert width == 0


def test_equally_good_weights_give_the_middle_and_say_how_wide() -> None:
    others, deviation, width = ratio_weights(np.array([2.0, 4, 3]), np.array([4.0, 4, 2]), 8)
    assert deviation == pytest.approx(1)
    assert width > 0.05
    assert others.sum() == pytest.approx(1)
    best, worst = others[3], others[4]
    for place, (over, under) in enumerate(((2, 4), (4, 4), (3, 2))):
        assert abs(best / others[place] - over) <= 1 + 1e-9
        assert abs(others[place] / worst - under) <= 1 + 1e-9


def test_two_children_share_by_the_one_comparison() -> None:
    pair = {"best": "c2", "worst": "c1", "best_over": {"c1": 3}, "over_worst": {}}
    for form in FORMS:
        found, _ = weighed([[1, 1, 1], [1, 1, 1]], {"best_worst": pair, "form": form})
        assert found.values == pytest.approx([0.25, 0.75])


def test_the_index_is_the_published_one() -> None:
    # Rezaei (2015), table 1: consistency index for 1 to 9
    listed = [0, 0.44, 1, 1.63, 2.30, 3, 3.73, 4.47, 5.23]
    assert [round(consistency_index(ratio), 2) for ratio in range(1, 10)] == listed


@pytest.mark.parametrize(
    ("change", "path", "message"),
    [
        ({"best": "c9"}, ("best_worst", "best"), "'c9' is not a child of this group"),
        ({"best": "c3"}, ("best_worst", "worst"), "the best and the worst child must differ"),
        (
            {"best_over": {"c2": 0.5, "c3": 8}},
            ("best_worst", "best_over", "c2"),
            "`best_over`: 'c2' must be at least 1, this is 1/2",
        ),
        (
            {"best_over": {"c1": 2, "c2": 2, "c3": 8}},
            ("best_worst", "best_over", "c1"),
            "`best_over`: 'c1' must be 1, this is 2",
        ),
        ({"over_worst": {}}, ("best_worst", "over_worst"), "`over_worst` does not compare 'c2'"),
        (
            {"best_over": {"c2": 2}},
            ("best_worst", "best_over"),
            "'c1' and 'c3' are not compared",
        ),
        (
            {"over_worst": {"c2": 4, "c1": 7}},
            ("best_worst", "over_worst", "c1"),
            "'c1' over 'c3' is 8 in `best_over`, but 7 in `over_worst`",
        ),
    ],
)
def test_comparisons_that_are_none_are_refused(
    change: dict[str, Any], path: tuple[str, ...], message: str
) -> None:
    found = said({"best_worst": written(**change)}, IDS)
    assert [where for where, _ in found] == [path]
    assert message in found[0][1]


def test_a_stated_limit_refuses_what_is_less_consistent() -> None:
    off = written(over_worst={"c2": 5})
    assert said({"best_worst": off}, IDS) == []
    assert said({"best_worst": off, "limit": 0.06}, IDS) == []
    ((path, message),) = said({"best_worst": off, "limit": 0.05}, IDS)
    assert path == ("best_worst",)
    assert "the consistency ratio is 0.0578, above the limit of 0.05" in message
