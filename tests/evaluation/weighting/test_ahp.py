"""Weights from pairwise comparisons: what is refused, and what every sound matrix gives."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.evaluation.weighting.ahp import AHP, consistency, priorities
from tests.building import evaluated, mistakes_of, model_of, places_of
from tests.evaluation.weighting.helpers import method, said

METHODS = ["eigenvector", "geometric_mean", "arithmetic"]
XYZ = ("x", "y", "z")
FULL = {"x": [1, 3, 5], "y": ["1/3", 1, 2], "z": ["1/5", "1/2", 1]}

WEIGHTS = st.lists(st.floats(0.05, 1), min_size=1, max_size=9)


@settings(deadline=None)
@given(WEIGHTS)
def test_a_consistent_matrix_gives_back_its_weights_by_every_method(weights: list[float]) -> None:
    given_weights = np.array(weights) / sum(weights)
    matrix = given_weights[:, None] / given_weights
    for how in METHODS:
        assert priorities(matrix, how) == pytest.approx(given_weights, rel=1e-9)  # type: ignore[arg-type]
    found = consistency(matrix, "tummala_ling_1998")
    assert found.lambda_max == pytest.approx(len(weights))
    assert found.ratio == pytest.approx(0, abs=1e-9)


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([1 / 9, 1 / 4, 1 / 2, 1, 3, 5, 9]), min_size=6, max_size=6),
    st.permutations(range(4)),
)
def test_the_order_of_the_children_does_not_matter(upper: list[float], order: list[int]) -> None:
    matrix = np.ones((4, 4))
    matrix[np.triu_indices(4, 1)] = upper
    matrix[np.tril_indices(4, -1)] = (1 / matrix).T[np.tril_indices(4, -1)]
    turned = matrix[np.ix_(order, order)]
    for how in METHODS:
        found = priorities(matrix, how)  # type: ignore[arg-type]
        assert priorities(turned, how) == pytest.approx(found[order], rel=1e-9)  # type: ignore[arg-type]
        assert found.sum() == pytest.approx(1)
        assert (found > 0).all()
    assert consistency(matrix, "saaty_1980").index >= 0


def test_rows_pairs_and_another_order_of_rows_are_the_same_matrix() -> None:
    pairs = {"x": {"y": 3, "z": 5}, "z": {"y": "1/2"}}
    turned = {"z": [1, "1/5", "1/2"], "x": [5, 1, 3], "y": [2, "1/3", 1]}
    wanted = np.array([[1, 3, 5], [1 / 3, 1, 2], [1 / 5, 1 / 2, 1]])
    for written in (FULL, pairs, turned):
        assert said({"ahp": written}, XYZ) == []
        rule = method({"ahp": written})
        assert isinstance(rule, AHP)
        assert rule.matrix(XYZ) == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("matrix", "path", "message"),
    [
        ({"x": [1, 3], "y": ["1/3", 1]}, ("ahp",), "'z' is not compared"),
        ({**FULL, "w": [1, 1, 1]}, ("ahp", "w"), "'w' is not a child of this group"),
        ({"x": {"y": 2, "zz": 3}, "y": {"z": 1}}, ("ahp", "x", "zz"), "did you mean 'z'?"),
        ({**FULL, "y": ["1/3", 1]}, ("ahp", "y"), "the row of 'y' has 2 numbers, but there are 3"),
        ({**FULL, "y": ["1/3", 2, 2]}, ("ahp", "y", 1), "'y' against itself must be 1, this is 2"),
        ({**FULL, "x": [1, 0, 5]}, ("ahp", "x", 1), "'x' against 'y': a comparison must be above"),
        ({**FULL, "x": [1, -3, 5]}, ("ahp", "x", 1), "must be above zero, this is -3"),
        (
            {**FULL, "z": ["1/5", "1/3", 1]},
            ("ahp", "z", 1),
            "'y' against 'z' is 2, so 'z' against 'y' must be 1/2, not 1/3",
        ),
        ({**FULL, "y": [0.33, 1, 2]}, ("ahp", "y", 0), "must be 1/3, not 0.33"),
        ({"x": {"y": 3, "z": 5}}, ("ahp",), "'y' and 'z' are not compared"),
        (
            {"x": {"y": 3, "z": 5}, "y": {"z": 2, "x": 3}},
            ("ahp", "y", "x"),
            "'y' against 'x' must be 1/3, not 3",
        ),
    ],
)
def test_a_matrix_that_is_none_is_refused_and_the_pair_named(
    matrix: object, path: tuple[object, ...], message: str
) -> None:
    found = said({"ahp": matrix}, XYZ)
    assert [where for where, _ in found] == [path]
    assert message in found[0][1]


def test_rows_that_changed_places_do_not_pass() -> None:
    swapped = {"y": FULL["x"], "x": FULL["y"], "z": FULL["z"]}
    moved = {"y": FULL["y"], "x": FULL["x"], "z": FULL["z"]}
    assert said({"ahp": swapped}, XYZ) == []  # a sound matrix of its own: y is the greatest
    assert "against itself must be 1" in said({"ahp": moved}, XYZ)[0][1]


CIRCLE = {"x": {"y": 3, "z": "1/5"}, "y": {"z": 7}}


def test_an_inconsistent_matrix_is_refused_unless_the_model_accepts_it() -> None:
    ((path, message),) = said({"ahp": CIRCLE}, XYZ)
    assert path == ("ahp",)
    assert "the consistency ratio is 2.5256 (random index saaty_1980)" in message
    assert "above the limit of 0.1; look first at 'x' against" in message
    assert said({"ahp": CIRCLE, "limit": 2}, XYZ)
    assert said({"ahp": CIRCLE, "limit": 3}, XYZ) == []
    assert said({"ahp": CIRCLE, "accept_inconsistent": True}, XYZ) == []
    assert said({"ahp": FULL, "limit": 0}, XYZ) == [(("limit",), "the limit must be above zero")]


def test_a_table_that_does_not_reach_is_named() -> None:
    ids = [f"c{i}" for i in range(11)]
    equal = {name: dict.fromkeys(ids[place + 1 :], 1) for place, name in enumerate(ids[:-1])}
    ((path, message),) = said({"ahp": equal}, ids)
    assert path == ("random_index",)
    assert "saaty_1980 has no random index for 11 items" in message
    assert said({"ahp": equal, "random_index": "saaty_2005"}, ids) == []


MODEL = """\
model: m
variables: {{a: {{}}, b: {{}}, c: {{}}}}
evaluation:
  combine: arithmetic
  tree:
    - id: g
      combine: arithmetic
      weights:
        ahp:
          x: {x}
          y: [1/3, 1, 2]
          z: [1/5, 1/2, 1]
      children:
        - {{id: x, value: a, score: as_is}}
        - {{id: y, value: b, score: as_is}}
        - {{id: z, value: c, score: as_is}}
"""


def test_a_mistake_stands_on_its_line_and_names_the_node() -> None:
    found = mistakes_of(MODEL.format(x="[1, 4, 5]"))
    assert places_of(found) == [(11, 15)]
    assert "weights of 'g': 'x' against 'y' is 4" in found[0].en
    found = mistakes_of(MODEL.format(x="[1, three, 5]"))
    assert places_of(found) == [(10, 18)]
    assert "a fraction such as 1/3, found 'three'" in found[0].en


def test_the_score_uses_the_priorities_and_keeps_the_facts() -> None:
    evaluation, _ = evaluated(
        model_of(MODEL.format(x="[1, 3, 5]")), {"a": [100, 0], "b": [0, 100], "c": [0, 0]}
    )
    node = evaluation.nodes["g"]
    assert evaluation.score == pytest.approx([64.832901, 22.965079], abs=1e-5)
    assert node.weights.facts["lambda_max"] == pytest.approx(3.003694598)
    assert node.weights.facts["consistency_ratio"] == pytest.approx(0.003694598 / 2 / 0.58)
    assert node.weights.facts["random_index"] == "saaty_1980"
