"""A score as a sum of parts: shares of weights, skipped siblings, means that are not linear."""

import numpy as np
import pytest

from reliefperf.model.numbers import snap
from reliefperf.scenarios.results.contributions import contributions, ordered_nodes
from reliefperf.scenarios.results.points import points_table
from tests.building import Values, evaluated, model_of, plain_list, run_on

TREE = """\
model: m
variables: {{x: {{}}, y: {{}}}}
evaluation:
  scale: 100
  combine: {top}
  tree:
    - id: g
      weight: 0.4
      combine: {inner}
      children:
        - {{id: a, weight: 0.75, value: x, score: as_is, missing: skip}}
        - {{id: b, weight: 0.25, value: y, score: as_is, missing: skip}}
    - {{id: c, weight: 0.6, value: y, score: as_is, missing: score_missing}}
"""


def parts(top: str, inner: str, **columns: Values) -> dict[str, list[float | None]]:
    evaluation, _ = evaluated(model_of(TREE.format(top=top, inner=inner)), columns)
    found = contributions(evaluation)
    total = np.sum([part.points for part in found], axis=0)
    np.testing.assert_allclose(total, evaluation.score, rtol=1e-12)
    return {part.id: plain_list(part.points) for part in found}


def test_an_indicator_gives_its_points_times_the_weights_above_it() -> None:
    found = parts("arithmetic", "arithmetic", x=[80], y=[60])
    assert found == {"a": [pytest.approx(24)], "b": [pytest.approx(6)], "c": [pytest.approx(36)]}


def test_the_weight_of_a_skipped_indicator_goes_to_its_siblings() -> None:
    found = parts("arithmetic", "arithmetic", x=[None], y=[60])
    assert found == {"a": [0], "b": [pytest.approx(24)], "c": [pytest.approx(36)]}


def test_a_group_of_which_nothing_is_left_is_skipped_as_a_whole() -> None:
    text = TREE.format(top="arithmetic", inner="geometric").replace(
        "value: y, score: as_is, missing: skip", "value: x, score: as_is, missing: skip"
    )
    evaluation, _ = evaluated(model_of(text), {"x": [None, 80], "y": [60, 60]})
    assert plain_list(evaluation.score) == [60, pytest.approx(68)]
    found = {part.id: plain_list(part.points) for part in contributions(evaluation)}
    assert found["a"][0] == found["b"][0] == found["combine:g"][0] == 0
    assert found["c"][0] == 60


def test_a_mean_that_is_not_linear_has_a_row_of_its_own() -> None:
    found = parts("arithmetic", "geometric", x=[80], y=[20])
    geometric = 80**0.75 * 20**0.25
    assert found["combine:g"] == [pytest.approx(0.4 * (geometric - 65))]
    assert set(parts("minimum", "arithmetic", x=[80], y=[20])) == {"a", "b", "c", "combine"}


def test_a_missing_score_has_missing_parts() -> None:
    evaluation, _ = evaluated(
        model_of(TREE.format(top="arithmetic", inner="arithmetic")), {"x": [80], "y": [None]}
    )
    found = {part.id: plain_list(part.points) for part in contributions(evaluation)}
    assert found["c"] == [None]


def test_nodes_are_ordered_parents_first() -> None:
    evaluation, _ = evaluated(
        model_of(TREE.format(top="arithmetic", inner="arithmetic")), {"x": [1], "y": [1]}
    )
    assert list(ordered_nodes(evaluation)) == ["g", "a", "b", "c"]


@pytest.mark.parametrize("how", ["geometric", "harmonic", "minimum", "product", "{power: 2}"])
def test_the_rows_add_up_where_a_group_that_is_not_linear_is_skipped_as_a_whole(how: str) -> None:
    text = f"""\
        model: m
        variables: {{x: {{}}, y: {{}}}}
        evaluation:
          combine: arithmetic
          tree:
            - {{id: a, value: x / 3, score: as_is}}
            - id: g
              combine: {how}
              children:
                - {{id: b, value: y, score: as_is, missing: skip}}
                - id: h
                  combine: {how}
                  children: [{{id: c, value: y, score: as_is, missing: skip}}]
    """
    run = run_on(model_of(text), {"region": ["A", "B"], "x": [10, 20], "y": [None, 7]})
    rows = points_table(run, "en")[1]
    evaluation = run.periods[""].evaluation
    assert evaluation is not None
    total = sum(row[3] for row in rows if row[0] == "A")  # type: ignore[misc]
    assert total == snap(evaluation.score[0])
    assert [row[5] for row in rows if row[:2] == ("A", "rounding")] == [
        "the rows have six decimals"
    ]
