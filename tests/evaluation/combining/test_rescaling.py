"""A group rescaled after combining: full marks at the second post, and rows that add up."""

import numpy as np
import pytest

from reliefperf.errors import InputError
from reliefperf.evaluation.linear import NotLinear, linear_tree
from reliefperf.scenarios.results.contributions import contributions
from tests.building import evaluated, mistakes_of, model_of

MODEL = """\
    model: m
    language: en
    variables: {a: {}, b: {}, c: {}}
    parameters: {top: 0.8}
    evaluation:
      scale: 1
      combine: %s
      tree:
        - id: group
          combine: %s
          rescale: %s
          children:
            - {id: x, value: a, score: {goalposts: [0, 1]}}
            - {id: y, value: b, score: {goalposts: [0, 1]}}
        - {id: other, value: c, score: {goalposts: [0, 1]}}
"""
DATA = {"a": [0.2, 0.8, 0.9, 0.0], "b": [0.6, 0.8, 0.9, 0.1], "c": [0.5, 0.5, 0.5, 0.5]}


@pytest.mark.parametrize("how", ["arithmetic", "geometric"])
@pytest.mark.parametrize("above", ["arithmetic", "harmonic"])
def test_a_straight_line_between_the_posts_and_rows_that_add_up(above: str, how: str) -> None:
    model = model_of(MODEL % (above, how, "[0.1, top]"))
    data = {name: values[:3] for name, values in DATA.items()}
    evaluation, env = evaluated(model, data)
    a, b = np.array(data["a"]), np.array(data["b"])
    mean = (a + b) / 2 if how == "arithmetic" else np.sqrt(a * b)
    expected = np.clip((mean - 0.1) / 0.7, 0, 1)
    np.testing.assert_allclose(evaluation.values("group"), expected, rtol=1e-12)
    parts = contributions(evaluation)
    assert "combine:group" in [part.id for part in parts]
    np.testing.assert_allclose(
        np.sum([part.points for part in parts], axis=0), evaluation.tree_score, rtol=1e-12
    )
    (note,) = [note for note in env.notes if note.kind == "held-at-posts"]
    assert note.count == 1
    assert note.en.endswith("r3")


def test_below_the_first_post_is_nothing_and_noted() -> None:
    evaluation, env = evaluated(model_of(MODEL % ("arithmetic", "arithmetic", "[0.1, 1]")), DATA)
    assert evaluation.values("group")[3] == 0
    assert [note.en[-2:] for note in env.notes] == ["r4"]


def test_a_missing_value_stays_missing() -> None:
    text = (MODEL % ("arithmetic", "arithmetic", "[0.1, 1]")).replace(
        "value: a,", "value: a, missing: score_missing,"
    )
    evaluation, _ = evaluated(model_of(text), {**DATA, "a": [None, 0.8, 0.9, 0.0]})
    assert np.isnan(evaluation.score).tolist() == [True, False, False, False]


def test_points_of_the_group_are_its_scale() -> None:
    text = """\
        model: m
        variables: {a: {}, b: {}}
        evaluation:
          tree:
            - id: group
              points: 20
              combine: arithmetic
              rescale: [0, 10]
              children:
                - {id: x, value: a, score: {goalposts: [0, 1]}}
            - {id: y, value: b, score: as_is, points: 5}
    """
    evaluation, _ = evaluated(model_of(text), {"a": [0.25], "b": [3.0]})
    assert evaluation.values("group").tolist() == [10]  # a quarter of 20 is half of 10
    assert evaluation.score.tolist() == [13]


def test_a_rescaled_tree_is_not_taken_for_a_weighted_sum() -> None:
    model = model_of(MODEL % ("arithmetic", "arithmetic", "[0, 1]"))
    evaluation, env = evaluated(model, DATA)
    assert isinstance(linear_tree(model, env, evaluation), NotLinear)


@pytest.mark.parametrize(
    ("posts", "how", "said"),
    [
        ("[0.8, 0.1]", "arithmetic", "the second number of `rescale` must lie above the first"),
        ("[0.5, 0.5]", "arithmetic", "the second number of `rescale` must lie above the first"),
        ("[0, a]", "arithmetic", "'a' differs by region"),
        ("[0]", "arithmetic", "expected a pair"),
    ],
)
def test_posts_that_make_no_sense_are_refused(posts: str, how: str, said: str) -> None:
    (mistake,) = mistakes_of(MODEL % ("arithmetic", how, posts))
    assert said in mistake.en


def test_posts_that_only_a_parameter_makes_wrong_are_refused_too() -> None:
    text = MODEL % ("arithmetic", "arithmetic", "[0.9, top + 0]")
    with pytest.raises(InputError) as refused:
        evaluated(model_of(text), DATA)
    assert "0.9 and 0.8" in refused.value.mistakes[0].en


def test_a_sum_and_an_indicator_are_not_rescaled() -> None:
    text = """\
        model: m
        variables: {a: {}}
        evaluation:
          tree:
            - id: group
              points: 10
              rescale: [0, 10]
              children: [{id: x, value: a, score: as_is, points: 10}]
            - {id: y, value: a, score: as_is, points: 5%s}
    """
    (mistake,) = mistakes_of(text % "")
    assert mistake.en.startswith("`rescale` belongs to a group that combines by a mean")
    second = [m.en for m in mistakes_of(text % ", rescale: [0, 1]")]
    assert any("`rescale` belongs to groups" in en for en in second)


ROUNDED = """\
    model: m
    variables: {a: {}, b: {}, c: {}}
    evaluation:
      scale: 6
      combine: arithmetic
      tree:
        - id: cluster
          combine: %s
          decimals: 1
          children: [{id: x, value: a, score: as_is}, {id: y, value: b, score: as_is}]
        - {id: other, value: c, score: as_is}
"""


@pytest.mark.parametrize(("how", "expected"), [("arithmetic", 4.3), ("geometric", 4.2)])
def test_decimals_of_a_group_round_what_its_children_combine_to(how: str, expected: float) -> None:
    model = model_of(ROUNDED % how)
    evaluation, env = evaluated(model, {"a": [4.0], "b": [4.5], "c": [3.0]})  # 4.25, 4.2426
    assert evaluation.values("cluster").tolist() == [expected]
    assert evaluation.score[0] == pytest.approx((expected + 3) / 2, rel=1e-14)
    parts = contributions(evaluation)
    assert sum(float(part.points[0]) for part in parts) == pytest.approx(float(evaluation.score[0]))
    assert evaluation.nodes["cluster"].words["en"].endswith("by `decimals`")
    found = linear_tree(model, env, evaluation)
    assert isinstance(found, NotLinear)
    assert "decimals" in found.en or how == "geometric"


@pytest.mark.parametrize("key", ["missing: skip", "missing: zero", "missing: score_missing"])
def test_a_group_refuses_what_belongs_to_indicators(key: str) -> None:
    (mistake,) = mistakes_of((ROUNDED % "arithmetic").replace("decimals: 1", key))
    assert "`missing` belongs to each indicator below it" in mistake.en


def test_an_indicator_refuses_normalise_weights() -> None:
    text = (ROUNDED % "arithmetic").replace("value: c,", "value: c, normalise_weights: true,")
    (mistake,) = mistakes_of(text)
    assert "no children to combine" in mistake.en
