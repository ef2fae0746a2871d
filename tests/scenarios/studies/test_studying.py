"""What a study says of each region, and what it may be used for in Python."""

from __future__ import annotations

import numpy as np
import pytest

import reliefperf
from tests.scenarios.studies.building import DATA, MODEL, factors, folder_of

SAMPLED = MODEL.replace(
    "{id: first, weight: 50, value: x, score: {minmax: higher}}",
    "{id: first, weight: 50, value: wrong / checked, sample: {size: checked}, "
    "score: {goalposts: [0.2, 0]}}",
)
REDRAW = factors(
    "s: {redraw: all, seed: 3}", design="{method: random, n: 400, seed: 3}", sure="0.9"
)


def test_ranges_are_those_of_the_variants(tmp_path) -> None:
    made = reliefperf.study(folder_of(tmp_path))
    ranks = made.results.rank
    table = made.regions
    assert table["rank_min"].tolist() == ranks.min(axis=0).tolist()
    assert table["rank_median"].tolist() == np.median(ranks, axis=0).tolist()
    assert table["rank_q95"].tolist() == pytest.approx(np.quantile(ranks, 0.95, axis=0))
    assert table["score_mean"].tolist() == pytest.approx(made.results.score.mean(axis=0))


def test_unequal_probabilities_weigh_the_ranges(tmp_path) -> None:
    text = factors("out: {leave_out: [none, first], probabilities: [0.96, 0.04]}")
    made = reliefperf.study(folder_of(tmp_path, text))
    score = made.results.score
    assert made.regions["score_mean"].tolist() == pytest.approx(0.96 * score[0] + 0.04 * score[1])
    assert made.regions["score_median"].tolist() == score[0].tolist()
    shares = made.regions[["share_A", "share_B", "share_C"]].sum(axis=1)
    assert shares.tolist() == pytest.approx([1] * 5)
    assert set(np.round(made.same_grade, 6)) <= {1.0, 0.96}


def test_the_chance_of_a_grade_is_its_share_of_the_draws(tmp_path) -> None:
    made = reliefperf.study(folder_of(tmp_path, REDRAW, SAMPLED))
    table = made.regions
    grades = made.results.grade
    for place, grade in enumerate(table["grade"]):
        at = made.grades.index(grade)
        assert table["same_grade"][place] == pytest.approx(np.mean(grades[:, place] == at))
    near = table["same_grade"] < 0.9
    assert (table["within_reach"] == np.where(near, "yes", "no")).all()
    assert made.within_reach == tuple(table["region"][near])
    assert 0 < near.sum() < 5


def test_a_larger_sample_is_surer_of_its_grade(tmp_path) -> None:
    larger = (
        DATA.replace(",1,50", ",100,5000").replace(",0,40", ",0,4000").replace(",9,60", ",900,6000")
    )
    larger = larger.replace(",2,20", ",200,2000").replace(",3,30", ",300,3000")
    few = reliefperf.study(folder_of(tmp_path, REDRAW, SAMPLED)).results.score.std(axis=0)
    many = reliefperf.study(folder_of(tmp_path, REDRAW, SAMPLED, larger)).results.score.std(axis=0)
    assert many.max() < few.max() / 5


def test_intervals_hold_the_values(tmp_path) -> None:
    made = reliefperf.study(folder_of(tmp_path, REDRAW, SAMPLED))
    table = made.intervals
    assert len(table) == 5
    assert (table["low"] <= table["value"]).all()
    assert (table["value"] <= table["high"]).all()


def test_an_output_that_does_not_vary_has_no_index_and_says_so(tmp_path) -> None:
    text = factors(
        "d: {choose: evaluation.decimals, among: [9, 10]}", outputs="[mean_rank_shift, rank]"
    )
    table = reliefperf.study(folder_of(tmp_path, text)).indices
    assert len(table) == 6
    assert table["first"].isna().all()
    assert (table["why"] == "the output does not vary").all()


def test_a_random_design_has_ranges_and_no_indices(tmp_path) -> None:
    text = factors("out: {leave_out: each}", design="{method: random, n: 20, seed: 1}")
    made = reliefperf.study(folder_of(tmp_path, text))
    assert made.indices["why"].str.startswith("a random design has no indices").all()
    assert made.design.weights.sum() == pytest.approx(1)
    assert len(made.variants) <= 4


def test_a_study_runs_the_same_every_time(tmp_path) -> None:
    one = reliefperf.study(folder_of(tmp_path, REDRAW, SAMPLED))
    other = reliefperf.study(folder_of(tmp_path, REDRAW, SAMPLED))
    assert one.regions.equals(other.regions)


def test_it_says_what_it_is(tmp_path) -> None:
    made = reliefperf.study(folder_of(tmp_path))
    assert repr(made) == "<Study small-study of small: 5 regions, 8 variants, 0 failed>"
    assert "small-study" in made._repr_html_()
