"""Weights that children state, also where they differ from region to region."""

import numpy as np
import pytest

from reliefperf.errors import InputError
from tests.building import evaluated, mistakes_of, model_of

BY_STAGE = """
model: stages
variables: {stage: {}, x: {}, y: {}}
evaluation:
  combine: HOW
  OPTION: VALUE
  tree:
    - {id: a, weight: FIRST, value: x, score: as_is, missing: MISSING}
    - {id: b, weight: SECOND, value: y, score: as_is, missing: MISSING}
"""
BASE = {
    "HOW": "arithmetic",
    "OPTION: VALUE": "scale: 100",
    "FIRST": '"where(stage == 1, 0.75, 0.25)"',
    "SECOND": '"where(stage == 1, 0.25, 0.75)"',
    "MISSING": "error",
}
COLUMNS = {"stage": [1, 2, 1], "x": [40, 40, 80], "y": [80, 80, 0]}


def text(**changes: str) -> str:
    made = BY_STAGE
    for name, value in {**BASE, **changes}.items():
        made = made.replace(name, value)
    return made


def scores(columns: dict[str, list[float | None]], **changes: str) -> list[float]:
    evaluation, _ = evaluated(model_of(text(**changes)), columns)
    return [float(score) for score in evaluation.score]


def refused(columns: dict[str, list[float | None]], **changes: str) -> str:
    with pytest.raises(InputError) as error:
        scores(columns, **changes)
    return str(error.value)


def test_each_region_is_weighed_as_its_own_group_says() -> None:
    assert scores(COLUMNS) == pytest.approx([50, 70, 60])


def test_a_mean_that_is_not_linear_uses_them_too() -> None:
    expected = [40**0.75 * 80**0.25, 40**0.25 * 80**0.75]
    assert scores({k: v[:2] for k, v in COLUMNS.items()}, HOW="geometric") == pytest.approx(
        expected
    )


def test_the_weight_of_a_skipped_child_goes_to_its_sibling_in_that_region_alone() -> None:
    columns = {**COLUMNS, "y": [80, 80, None]}
    assert scores(columns, MISSING="skip") == pytest.approx([50, 70, 80])


def test_weights_as_parts_of_their_sum_need_not_add_up() -> None:
    option = {"OPTION: VALUE": "normalise_weights: true"}
    got = scores(COLUMNS, FIRST="stage", SECOND="3", **option)
    assert got == pytest.approx([(40 + 240) / 4, (80 + 240) / 5, 80 / 4])


def test_the_order_of_the_regions_changes_nothing() -> None:
    turned = {name: values[::-1] for name, values in COLUMNS.items()}
    assert scores(turned)[::-1] == scores(COLUMNS)


def test_sets_of_weights_may_differ_by_region_too() -> None:
    sets = "weight_sets: {one: {a: stage, b: 100 - stage}}\n  use_weights: one"
    assert scores(COLUMNS, **{"OPTION: VALUE": sets}) == pytest.approx([79.6, 79.2, 0.8])


@pytest.mark.parametrize(
    ("columns", "changes", "said"),
    [
        ({"stage": [1, None, 1]}, {}, "a child has no weight: 'a' in 1 region(s) (r2)"),
        (
            {},
            {"FIRST": "2 - stage * 2"},
            "a child has a weight below zero: 'a' in 1 region(s) (r2)",
        ),
        ({}, {"SECOND": "0.25"}, "the weights add up to 0.5 in 1 region(s) (r2), not to 1 or 100"),
        (
            {},
            {"FIRST": "stage - 1", "SECOND": "stage - 1"},
            "all weights are zero in 2 region(s) (r1, r3)",
        ),
        ({}, {"HOW": "copeland"}, "here each region has its own"),
    ],
)
def test_what_cannot_be_a_weight_names_child_and_regions(
    columns: dict[str, list[float | None]], changes: dict[str, str], said: str
) -> None:
    assert said in refused({**COLUMNS, **columns}, **changes)


def test_a_region_without_values_needs_no_weights() -> None:
    columns = {"stage": [1, None], "x": [40, None], "y": [80, None]}
    got = scores(columns, MISSING="score_missing")
    assert got[0] == pytest.approx(50)
    assert np.isnan(got[1])


def test_a_skipped_child_needs_no_weight_where_weights_are_parts_of_their_sum() -> None:
    option = {"OPTION: VALUE": "normalise_weights: true", "FIRST": "x", "SECOND": "y"}
    columns = {**COLUMNS, "y": [80, 80, None]}
    assert scores(columns, MISSING="skip", **option)[2] == pytest.approx(80)


def test_a_weight_cannot_depend_on_the_score() -> None:
    assert mistakes_of(text(FIRST="score / 100"))
