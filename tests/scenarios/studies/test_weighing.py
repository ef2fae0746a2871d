"""Moving linear weights all at once gives what running each variant by itself gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from reliefperf.scenarios.running import read_data
from reliefperf.scenarios.studies import study
from reliefperf.scenarios.studies.designs import make_design
from reliefperf.scenarios.studies.loading import load_study
from reliefperf.scenarios.studies.running import Runner, run_one_by_one
from reliefperf.scenarios.studies.weighing import weigh_variants
from tests.scenarios.studies.building import DATA, MODEL, factors, folder_of

RANDOM = "{method: random, n: 60, seed: 3}"
NEAR = "w: {weights: dirichlet, concentration: 5, seed: 7}"
SUMS = MODEL.replace("combine: arithmetic\n      children", "combine: sum\n      children")
SUMS = SUMS.replace("weight: 60, value", "points: 6, value").replace("weight: 40,", "points: 4,")


def runner_of(path: Path, text: str, model: str = MODEL, data: str = DATA) -> Runner:
    plan = load_study(folder_of(path, text, model, data))
    return Runner(plan, read_data(plan.model, plan.data))


def compare(runner: Runner) -> None:
    design = make_design(runner.plan, len(runner.evaluation.codes))
    found, by_itself = weigh_variants(runner, design), run_one_by_one(runner, design)
    assert found is not None
    np.testing.assert_allclose(found[0], by_itself.score, rtol=1e-13)
    np.testing.assert_array_equal(found[1], by_itself.rank)
    np.testing.assert_array_equal(found[2], by_itself.grade)
    assert np.nanmax(np.ptp(found[0], axis=0)) > 0


@pytest.mark.parametrize(
    "text",
    [
        NEAR,
        "w: {weights: rank_ordered, seed: 2}",
        "w: {weights: uniform, within: 0.9, seed: 2, nodes: [group]}",
        NEAR + "\nv: {weights: uniform, within: 0.5, seed: 2, nodes: [evaluation]}",
    ],
)
def test_scores_ranks_and_grades_are_those_of_each_variant(tmp_path: Path, text: str) -> None:
    for model in (MODEL, SUMS):
        compare(runner_of(tmp_path, factors(text, design=RANDOM), model))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  combine: arithmetic\n  tree", "  combine: arithmetic\n  decimals: 0\n  tree"),
        ("  grades:", "  min_score: 40\n  max_score: 50 + 2 * y\n  grades:"),
        (
            "  grades:",
            "  adjustments:\n    - {id: kept, when: x > 7, bonus: 3}\n"
            "    - {id: caught, when: wrong > 2, cap_grade: B}\n  rank: {order: ascending}\n  grades:",
        ),
        ("  grades:", "  rank: {by: wrong > 2}\n  grades:"),
        ("value: x,", "value: x, missing: score_missing,"),
    ],
)
def test_so_they_are_with_rounding_adjustments_and_gaps(
    tmp_path: Path, before: str, after: str
) -> None:
    model = MODEL.replace(before, after, 1)
    assert model != MODEL
    data = DATA.replace('02",East,8', '02",East,') if "missing" in after else DATA
    compare(runner_of(tmp_path, factors(NEAR, design=RANDOM), model, data))


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        (NEAR + "\nout: {leave_out: [none, first]}", "", ""),
        (NEAR, "combine: arithmetic", "combine: geometric"),
        (NEAR, "grade: A, at_least: 60", "grade: A, quota: 0.2"),
        (
            NEAR,
            "  combine: arithmetic\n  tree:\n    - {id: first, weight: 50,",
            "  combine: arithmetic\n  weights: standard_deviation\n  tree:\n    - {id: first,",
        ),
    ],
)
def test_what_depends_on_more_than_weights_is_run(
    tmp_path: Path, text: str, before: str, after: str
) -> None:
    model = MODEL.replace(before, after, 1) if before else MODEL
    if "standard_deviation" in after:
        model = model.replace("      weight: 50\n", "")
    model = model.replace("minmax: higher", "goalposts: [-5, 10]").replace(
        "minmax: lower", "goalposts: [10, -5]"
    )
    runner = runner_of(tmp_path, factors(text, design=RANDOM), model)
    design = make_design(runner.plan, len(runner.evaluation.codes))
    assert weigh_variants(runner, design) is None


def test_where_money_is_asked_for_every_variant_is_run(tmp_path: Path) -> None:
    text = factors(NEAR, design="{method: random, n: 4, seed: 1}", outputs="[amount]")
    assert study(folder_of(tmp_path, text)).results.amount is not None
