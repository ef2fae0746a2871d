"""The levels of factors, and what is drawn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliefperf.errors import InputError
from reliefperf.scenarios.studies.factors import PerturbedWeights, Redraw
from tests.scenarios.studies.building import MODEL, factors, mistakes_of_study, plan_of

WEIGHTS = st.lists(st.floats(0.1, 10), min_size=2, max_size=8).map(np.array)


def moving(**fields) -> PerturbedWeights:
    return PerturbedWeights(seed=1, **fields)


def test_each_is_nothing_and_then_every_indicator(tmp_path) -> None:
    plan = plan_of(tmp_path, factors("out: {leave_out: each}"))
    assert [level.label for level in plan.levels["out"]] == ["none", "first", "second", "third"]
    plan = plan_of(tmp_path, factors("out: {leave_out: [none, group]}"))
    assert plan.levels["out"][1].without == {"second", "third"}


@given(WEIGHTS, st.integers(0, 50))
def test_moved_weights_are_parts_of_one(weights, draw) -> None:
    for item in (
        moving(weights="dirichlet", concentration=50.0),
        moving(weights="uniform", within=0.5),
        moving(weights="rank_ordered"),
    ):
        drawn = item.moved(draw, "node", weights)
        assert drawn.min() >= 0
        assert drawn.sum() == pytest.approx(1)
        assert np.array_equal(drawn, item.moved(draw, "node", weights))
        assert not np.array_equal(drawn, item.moved(draw + 1, "node", weights))


@given(st.lists(st.floats(0.1, 10), min_size=2, max_size=8, unique=True), st.integers(0, 50))
def test_rank_ordered_weights_keep_their_order(weights, draw) -> None:
    drawn = moving(weights="rank_ordered").moved(draw, "node", np.array(weights))
    assert np.array_equal(np.argsort(drawn), np.argsort(weights))


@given(WEIGHTS, st.integers(0, 50))
def test_uniform_weights_stay_within_their_bounds(weights, draw) -> None:
    drawn = moving(weights="uniform", within=0.2).moved(draw, "node", weights)
    ratio = drawn / (weights / weights.sum())
    assert ratio.max() <= 1.2 + 1e-9
    assert ratio.min() >= 0.8 - 1e-9


def test_dirichlet_weights_have_their_mean_and_spread() -> None:
    shares = np.array([0.5, 0.3, 0.2])
    item = moving(weights="dirichlet", concentration=40.0)
    drawn = np.array([item.moved(draw, "node", shares) for draw in range(4000)])
    assert drawn.mean(axis=0) == pytest.approx(shares, abs=0.005)
    assert drawn.var(axis=0) == pytest.approx(shares * (1 - shares) / 41, rel=0.1)


def test_only_the_groups_named_move() -> None:
    item = moving(weights="rank_ordered", nodes=["evaluation"])
    assert np.array_equal(item.moved(0, "group", np.array([1.0, 2.0])), [1.0, 2.0])
    assert not np.allclose(item.moved(0, "", np.array([1.0, 2.0])), [1 / 3, 2 / 3])


def test_weights_of_each_region_cannot_be_moved() -> None:
    with pytest.raises(InputError, match="'group' differ from region to region"):
        moving(weights="rank_ordered").moved(0, "group", np.ones((2, 3)))


@pytest.mark.parametrize(
    ("factor", "said"),
    [
        ("{weights: dirichlet, seed: 1}", "`weights: dirichlet` needs `concentration`"),
        ("{weights: rank_ordered, within: 0.1, seed: 1}", "takes no `within`"),
        ("{weights: uniform, within: 0.1, seed: 1, nodes: [first]}", "no 'first' here"),
        ("{redraw: all, seed: 1}", "no indicator of the model states its `sample`"),
    ],
)
def test_a_draw_that_cannot_be_is_refused(tmp_path, factor, said) -> None:
    (mistake,) = mistakes_of_study(tmp_path, factors(f"a: {factor}"))
    assert said in mistake.en


def test_an_indicator_without_sample_cannot_be_drawn_again(tmp_path) -> None:
    sampled = MODEL.replace("value: x,", "value: wrong / checked, sample: {size: checked},")
    text = factors("a: {redraw: [second], seed: 1}")
    (mistake,) = mistakes_of_study(tmp_path, text, sampled)
    assert "'second' is not an indicator with a `sample`" in mistake.en
    assert isinstance(
        plan_of(tmp_path, factors("a: {redraw: all, seed: 1}"), sampled).drawn("a"), Redraw
    )
