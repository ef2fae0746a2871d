"""The benefit of the doubt in a model: bounds, gaps, zeros, and what is said of them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from reliefperf.errors import InputError
from reliefperf.evaluation.weighting.base import Weighting
from tests.building import evaluated, mistakes_of, model_of, note_kinds, siblings_of

MODEL = """
model: m
parameters: {{wide: 0.9}}
variables: {{x: {{}}, y: {{}}, z: {{}}}}
evaluation:
  combine: {combine}
  weights: {weights}
  tree:
    - {{id: a, value: x, score: as_is}}
    - {{id: b, value: y, score: as_is, missing: {missing}}}
    - {{id: c, value: z, score: as_is}}
"""
COLUMNS = {"x": [10, 50, 30, 90], "y": [80, 20, 40, 50], "z": [5, 50, 20, 1]}


def text(weights: str, combine: str = "arithmetic", missing: str = "error") -> str:
    return MODEL.format(weights=weights, combine=combine, missing=missing)


def weighed(parts: Any, present: Any = None, **options: Any) -> Any:
    """The weights of children c1, c2, ... and the notes made."""
    siblings = siblings_of(parts, present)
    lines = [f"    - {{id: {child}, value: x, score: as_is}}" for child in siblings.ids]
    method = json.dumps({"benefit_of_doubt": True, **options})
    head = (
        f"model: m\nvariables: {{x: {{}}}}\nevaluation:\n  combine: arithmetic\n  weights: {method}"
    )
    model = model_of("\n".join([head, "  tree:", *lines]))
    assert model.spec.evaluation is not None
    rule = model.spec.evaluation.weights
    assert isinstance(rule, Weighting)
    return rule.weights(replace(siblings, model=model)), siblings.env.notes


def test_the_score_is_the_part_of_the_best_that_a_region_reaches() -> None:
    evaluation, _ = evaluated(model_of(text("benefit_of_doubt")), COLUMNS)
    # r3 is 3/8 of r1 in a, b's best mix with r4 and r2; the others are best at something
    np.testing.assert_allclose(evaluation.score[[0, 1, 3]], 100.0, rtol=0, atol=1e-9)
    assert 50 < evaluation.score[2] < 100
    weights = evaluation.nodes[""].weights
    assert weights.absolute
    assert weights.facts["regions_at_1"] == 3
    assert weights.facts["proved_within"] <= 1e-9


def test_bounds_hold_for_each_childs_share() -> None:
    evaluation, _ = evaluated(
        model_of(text("{benefit_of_doubt: true, least: 0.1, most: {a: 0.3, b: 0.5}}")), COLUMNS
    )
    parts = np.array([COLUMNS["x"], COLUMNS["y"], COLUMNS["z"]]) / 100
    shares = evaluation.nodes[""].shares * parts
    shares /= shares.sum(axis=0)
    assert (shares >= 0.1 - 1e-9).all()
    assert shares[0].max() == pytest.approx(0.3)
    assert shares[1].max() == pytest.approx(0.5)


def test_bounds_may_hold_for_the_weights_themselves_so_that_a_zero_is_no_difficulty() -> None:
    parts = np.array([[0.8, 0.0, 0.6], [0.5, 0.9, 0.6], [0.5, 0.6, 0.7]])
    found, _ = weighed(parts, least=0.25, most=0.4, shares_of="weights")
    shares = found.values / found.values.sum(axis=0)
    assert shares.min() >= 0.25 - 1e-9
    assert shares.max() <= 0.4 + 1e-9
    assert (found.values * parts).sum(axis=0).min() > 0


@pytest.mark.parametrize("shares_of", ["mean", "all"])
def test_bounds_may_hold_for_the_mean_or_for_all(shares_of: str) -> None:
    parts = np.array([[0.8, 0.5, 0.6], [0.5, 0.9, 0.6], [0.5, 0.6, 0.7]])
    found, _ = weighed(parts, least=0.25, most=0.5, shares_of=shares_of)
    whose = parts.mean(axis=1)[:, None] if shares_of == "mean" else parts
    for weights in found.values.T:
        shares = weights[:, None] * whose
        shares /= shares.sum(axis=0)
        assert shares.min() >= 0.25 - 1e-9
        assert shares.max() <= 0.5 + 1e-9


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ("{benefit_of_doubt: true, least: 0.4}", "`least` adds up to 1.2"),
        ("{benefit_of_doubt: true, most: 0.3}", "`most` adds up to 0.9"),
        ("{benefit_of_doubt: true, most: {aa: 0.3}}", "did you mean 'a'?"),
        ("{benefit_of_doubt: true, most: {a: 2}}", "for 'a' it is 2"),
        ("{benefit_of_doubt: true, least: {a: 0.5}, most: {a: 0.4}}", "is above `most`"),
        ("{benefit_of_doubt: true, least: wide}", "`least` adds up to 2.7"),
    ],
)
def test_bounds_that_leave_no_room_are_refused_when_the_model_is_loaded(
    weights: str, said: str
) -> None:
    (mistake,) = mistakes_of(text(weights))
    assert said in mistake.text("en")
    assert mistake.line == 7


def test_only_a_linear_mean_takes_such_weights() -> None:
    (mistake,) = mistakes_of(text("benefit_of_doubt", "geometric"))
    assert "needs `combine: arithmetic`, not `geometric`" in mistake.text("en")


def test_a_negative_value_is_refused_by_name() -> None:
    with pytest.raises(InputError, match=r"negative value: 'c2' in 1 region\(s\) \(r2\)"):
        weighed([[0.5, 0.6], [0.4, -0.1]])


def test_a_constant_child_is_refused_unless_its_share_is_bounded() -> None:
    parts = [[0.5, 0.5, 0.5], [0.2, 0.9, 0.4]]
    with pytest.raises(InputError, match="'c1' has the same value in all regions"):
        weighed(parts)
    found, _ = weighed(parts, most={"c1": 0.5})
    assert (found.values * parts).sum(axis=0)[0] < 1


def test_a_region_with_nothing_has_nothing_and_it_is_said() -> None:
    found, notes = weighed([[0.5, 0.0, 0.2], [0.2, 0.0, 0.4]], least=0.1)
    assert (found.values[:, 1] == 0).all()
    assert note_kinds(notes) == ["nothing-to-weigh"]


def test_a_zero_under_a_least_share_is_refused_or_accepted_as_zero() -> None:
    parts = [[0.5, 0.0, 0.2], [0.2, 0.3, 0.4]]
    with pytest.raises(InputError, match=r"'c1' in 1 region\(s\) \(r2\)"):
        weighed(parts, least=0.1)
    found, notes = weighed(parts, least=0.1, zeros="zero")
    assert (found.values[:, 1] == 0).all()
    assert (found.values[:, [0, 2]] > 0).all()
    assert note_kinds(notes) == ["zero-under-bounds"]
    with pytest.raises(InputError, match="only with `shares_of: region`"):
        weighed(parts, least=0.1, zeros="zero", shares_of="all")


def test_shares_of_all_that_no_weights_keep_are_refused() -> None:
    parts = [[0.9, 0.1], [0.1, 0.9]]
    with pytest.raises(InputError, match="no weights keep the shares"):
        weighed(parts, least=0.4, shares_of="all")


def test_a_missing_child_gives_no_weights_and_no_peer() -> None:
    found, notes = weighed([[0.5, 1.0, 0.2], [0.2, np.nan, 0.4]])
    assert np.isnan(found.values[:, 1]).all()
    assert (found.values[:, 0] * [0.5, 0.2]).sum() == pytest.approx(1.0)
    assert note_kinds(notes) == ["no-peer"]
    nobody, _ = weighed([[np.nan], [0.2]])
    assert np.isnan(nobody.values).all()


def test_a_skipped_child_has_no_weight_and_counts_as_zero_for_its_peers() -> None:
    columns = {**COLUMNS, "y": [80, 20, None, 50]}
    evaluation, env = evaluated(model_of(text("benefit_of_doubt", missing="skip")), columns)
    assert evaluation.nodes[""].shares[1, 2] == 0
    alone, _ = evaluated(model_of(text("benefit_of_doubt")), {**COLUMNS, "y": [80, 20, 0, 50]})
    np.testing.assert_allclose(evaluation.score, alone.score, rtol=0, atol=1e-9)
    assert "skipped-as-zero" in note_kinds(env.notes)
