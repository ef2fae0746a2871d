"""A linear evaluation falls into pieces that give its scores back; any other says why it does not."""

from __future__ import annotations

import numpy as np
import pytest

from reliefperf.evaluation.draws import summarise
from reliefperf.evaluation.linear import Limits, LinearTree, NotLinear, linear_tree
from reliefperf.evaluation.weight_draws import Dirichlet, sample_weights
from tests.building import evaluated, model_of

MODEL = """
model: m
variables: {x: {}, y: {}, z: {}}
evaluation:
  combine: arithmetic
  decimals: 1
  adjustments:
    - {id: praised, when: z > 60, bonus: 2}
    - {id: caught, when: z > 80, cap_grade: pass}
  grades:
    bands: [{grade: good, at_least: 60}, {grade: pass, at_least: 40}, {grade: fail}]
  tree:
    - id: group
      weight: 60
      combine: sum
      children:
        - {id: a, points: 3, value: x, score: {goalposts: [0, 100]}}
        - {id: b, points: 1, value: y, score: {goalposts: [0, 100]}}
    - {id: c, weight: 40, value: z, score: as_is}
"""
COLUMNS = {"x": [10, 50, 30, 90], "y": [80, 20, 40, 50], "z": [5, 50, 70, 100]}


def pieces(text: str = MODEL, columns: object = None) -> LinearTree | NotLinear:
    model = model_of(text)
    evaluation, env = evaluated(model, columns or COLUMNS)  # type: ignore[arg-type]
    return linear_tree(model, env, evaluation)


def test_the_pieces_give_the_score_the_ranks_and_the_grades_back() -> None:
    model = model_of(MODEL)
    evaluation, env = evaluated(model, COLUMNS)
    tree = linear_tree(model, env, evaluation)
    assert isinstance(tree, LinearTree)
    assert tree.indicators == ("a", "b", "c")
    np.testing.assert_allclose(tree.base, [0.45, 0.15, 0.4], rtol=0, atol=1e-12)
    assert isinstance(tree.grades, Limits)
    found = summarise(
        tree.parts,
        [tree.base[None]],
        tree.base,
        full_marks=tree.full_marks,
        limits=tree.grades.lower,
        best_grades=tree.grades.best,
        finish=tree.finish,
    )
    np.testing.assert_allclose(found.score_mean, evaluation.score, rtol=0, atol=1e-9)
    assert (found.rank_mean == evaluation.rank).all()
    names = np.array(tree.grades.grades)[found.grade_shares.argmax(axis=0)]
    assert evaluation.grade is not None
    assert names.tolist() == evaluation.grade.tolist()
    assert names[3] == "pass"  # capped


def test_pieces_can_be_drawn_from() -> None:
    tree = pieces()
    assert isinstance(tree, LinearTree)
    weights = next(sample_weights(tree.groups, Dirichlet(50), 10, 1))
    assert weights.shape == (10, 3)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("combine: arithmetic", "combine: geometric", "combines by `geometric`"),
        ("combine: arithmetic", "combine: arithmetic\n  max_score: group", "'max_score' sets"),
        ("when: z > 60, bonus", "when: score > 60, bonus", "'praised' sets"),
        ("bonus: 2", "bonus: group / 10", "'praised' sets"),
        ("combine: arithmetic", "combine: arithmetic\n  rank: {ties: average}", "ties do not"),
    ],
)
def test_what_is_not_linear_says_why(before: str, after: str, said: str) -> None:
    found = pieces(MODEL.replace(before, after, 1))
    assert isinstance(found, NotLinear)
    assert said in found.en
    assert found.zh


def test_a_consequence_that_looks_at_the_score_is_not_linear() -> None:
    said = "  consequences:\n    - {id: low, when: score < 30, effect: cap_grade, grade: fail}\n"
    found = pieces(MODEL.replace("  adjustments:", said + "  adjustments:"))
    assert isinstance(found, NotLinear)
    assert "'low' sets" in found.en


def test_limits_of_the_score_hold_under_other_weights() -> None:
    text = MODEL.replace("decimals: 1", "decimals: 1\n  min_score: 30\n  max_score: y + 20")
    tree = pieces(text)
    assert isinstance(tree, LinearTree)
    scores = tree.full_marks * (np.array([[0.1, 0.1, 0.8], [0.9, 0.1, 0.0]]) @ tree.parts)
    np.testing.assert_allclose(
        tree.finish(scores, np.arange(4)), [[30, 40, 60, 70], [30, 40, 33, 70]]
    )
    places = np.array([3, 1])
    np.testing.assert_allclose(tree.finish(scores[:, places], places), [[70, 40], [70, 40]])


def test_skipped_children_and_own_weights_are_not_linear() -> None:
    skipping = MODEL.replace("score: as_is", "score: as_is, missing: skip")
    found = pieces(skipping, {**COLUMNS, "z": [5, None, 70, 100]})
    assert isinstance(found, NotLinear)
    assert "skipped" in found.en
    own = MODEL.replace("weight: 60", "note: none").replace("weight: 40, ", "")
    found = pieces(own.replace("decimals: 1", "weights: benefit_of_doubt"))
    assert isinstance(found, NotLinear)
    assert "other weights in each region" in found.en


def test_grades_by_more_than_a_limit_are_not_linear_though_the_score_is() -> None:
    found = pieces(MODEL.replace("{grade: good, at_least: 60}", "{grade: good, quota: 0.5}"))
    assert isinstance(found, LinearTree)
    assert isinstance(found.grades, NotLinear)
    assert "'good' depends on more" in found.grades.en
