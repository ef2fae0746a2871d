"""Variants: each the same as the model that a person would have written for it."""

from __future__ import annotations

import numpy as np
import pytest

from reliefperf.errors import InputError
from reliefperf.scenarios.loading import load_model
from reliefperf.scenarios.running import run
from reliefperf.scenarios.studies import study
from tests.scenarios.studies.building import DATA, MODEL, factors, folder_of

FAILING = """
how: {choose: evaluation.combine, among: [arithmetic, geometric]}
out: {leave_out: [none, third]}
"""
PANEL = MODEL.replace("name: name}", "name: name, period: year}")


def scores(path, model: str, data: str = DATA):
    folder_of(path, model=model, data=data)
    return run(load_model(path)).last.evaluation.score


def variant(made, **levels: str):
    table = made.variants
    mask = np.ones(len(table), dtype=bool)
    for name, label in levels.items():
        mask &= (table[name] == label).to_numpy()
    (place,) = np.flatnonzero(mask)
    return place


def test_a_choice_is_the_model_with_the_value_in_it(tmp_path) -> None:
    made = study(folder_of(tmp_path))
    place = variant(made, how='{"power": 0.5}', out="none")
    by_hand = MODEL.replace("combine: arithmetic\n  tree", "combine: {power: 0.5}\n  tree")
    assert np.array_equal(made.results.score[place], scores(tmp_path, by_hand))


def test_leaving_an_indicator_out_gives_its_weight_to_its_siblings(tmp_path) -> None:
    made = study(folder_of(tmp_path))
    place = variant(made, how="arithmetic", out="third")
    line = "        - {id: third, weight: 40, value: z, score: {minmax: lower}}\n"
    by_hand = MODEL.replace(line, "").replace("weight: 60", "weight: 100")
    assert np.allclose(made.results.score[place], scores(tmp_path, by_hand), rtol=1e-14)


def test_leaving_a_whole_group_out_leaves_the_others(tmp_path) -> None:
    made = study(folder_of(tmp_path, factors("out: {leave_out: [none, group]}")))
    first = (np.array([10, 8, 6, 1, 4]) - 1) / 9 * 100
    assert np.allclose(made.results.score[1], first)


def test_points_of_an_indicator_left_out_go_to_its_siblings(tmp_path) -> None:
    points = """\
model: points
language: en
data: {file: data.csv, region: code, name: name}
variables: {x: {}, y: {}, z: {}, wrong: {}, checked: {}}
evaluation:
  full_marks: 100
  tree:
    - {id: first, points: 50, value: x, score: {goalposts: [0, 10]}}
    - {id: second, points: 30, value: y, score: {goalposts: [0, 10]}}
    - {id: third, points: 20, value: z, score: {goalposts: [0, 10]}}
"""
    made = study(folder_of(tmp_path, factors("out: {leave_out: each}"), points))
    place = variant(made, out="first")
    y, z = np.array([1, 6, 3, 9, 5]), np.array([5, 3, 9, 1, 7])
    assert np.allclose(made.results.score[place], 100 * (30 * y + 20 * z) / 10 / 50)


def test_moved_weights_are_the_weights_that_count(tmp_path) -> None:
    text = factors("w: {weights: uniform, within: 0.5, seed: 4, draws: 3, nodes: [evaluation]}")
    made = study(folder_of(tmp_path, text))
    factor = made.plan.drawn("w")
    for draw in range(3):
        first, group = factor.moved(draw, "", np.array([50.0, 50.0])).tolist()
        by_hand = MODEL.replace("id: first, weight: 50", f"id: first, weight: {first!r}")
        by_hand = by_hand.replace("      weight: 50", f"      weight: {group!r}")
        assert np.allclose(made.results.score[draw], scores(tmp_path, by_hand), rtol=1e-14)


def test_a_failed_variant_is_kept_with_its_levels_and_reason(tmp_path) -> None:
    made = study(folder_of(tmp_path, factors(FAILING)))
    assert len(made.variants) == 4
    assert made.failed_share == 0.5
    assert made.failures["how"].tolist() == ["geometric", "geometric"]
    assert made.failures["reason_en"].str.contains("first|geometric").all()
    assert made.failures["reason_zh"].str.contains("geometric|指标|零").all()
    failed = made.variants["failed"].notna()
    assert (made.variants.loc[failed, "how"] == "geometric").all()
    assert made.variants.loc[failed, "mean_rank_shift"].isna().all()


def test_with_failures_indices_are_refused_unless_the_study_says_otherwise(tmp_path) -> None:
    refused = study(folder_of(tmp_path, factors(FAILING))).indices
    assert refused["first"].isna().all()
    assert refused["why"].str.startswith("2 of 4 variants failed").all()
    text = factors(FAILING, design="{failures: completed}")
    found = study(folder_of(tmp_path, text))
    assert found.summary_indices.basis[0] == "the 2 of 4 variants that did not fail"
    assert found.indices["first"].tolist() == pytest.approx([0, 1])


def test_a_sobol_design_with_failures_uses_whole_base_points(tmp_path) -> None:
    text = factors(FAILING, design="{method: sobol, n: 64, seed: 1, failures: completed}")
    made = study(folder_of(tmp_path, text))
    assert made.summary_indices.basis[0].endswith("of 64 base points of the sample")
    assert not made.summary_indices.basis[0].startswith("64")


def test_a_study_in_which_everything_fails_is_an_error(tmp_path) -> None:
    text = factors("how: {choose: evaluation.combine, among: [geometric, harmonic]}")
    with pytest.raises(InputError, match="all 2 variants failed"):
        study(folder_of(tmp_path, text))


def test_a_variant_that_takes_a_score_away_is_a_failure_of_its_own_kind(tmp_path) -> None:
    gap = DATA.replace('02",East,8', '02",East,')
    skip = MODEL.replace("value: x,", "value: x, missing: skip,")
    text = factors("m: {choose: evaluation.tree.first.missing, among: [skip, score_missing]}")
    made = study(folder_of(tmp_path, text, skip, gap))
    assert made.failures["kind"].tolist() == ["missing-scores"]
    assert "02" in made.failures["reason_en"][0]


def test_infeasible_money_is_a_failure_of_its_own_kind(tmp_path) -> None:
    rules = MODEL + "  rules: [{id: least, floor: 100}]\n"
    text = factors(
        "b: {choose: allocation.rules.least.floor, among: [100, 300]}", outputs="[amount]"
    )
    made = study(folder_of(tmp_path, text, rules))
    assert made.failures["kind"].tolist() == ["infeasible"]
    assert "amount_q95" in made.regions


def test_money_is_studied_where_it_is_asked_for(tmp_path) -> None:
    made = study(folder_of(tmp_path, factors("out: {leave_out: each}", outputs="[amount, grade]")))
    assert set(made.indices["output"]) == {"amount", "grade"}
    assert made.results.amount.sum(axis=1).tolist() == [1000] * 4
    assert "amount" not in study(folder_of(tmp_path)).regions


def test_the_order_of_rows_changes_nothing(tmp_path) -> None:
    sampled = MODEL.replace("value: x,", "value: wrong / checked, sample: {size: checked},")
    text = factors(
        "s: {redraw: all, seed: 3}\nw: {weights: rank_ordered, seed: 2}",
        design="{method: random, n: 40, seed: 3}",
    )
    one = study(folder_of(tmp_path, text, sampled)).regions
    lines = DATA.splitlines()
    shuffled = "\n".join([lines[0], *reversed(lines[1:])]) + "\n"
    other = study(folder_of(tmp_path, text, sampled, shuffled)).regions
    assert one.equals(other)


def test_redrawn_values_stand_in_the_period_that_is_looked_at(tmp_path) -> None:
    lines = DATA.splitlines()
    data = "\n".join(
        [f"{lines[0]},year", *(f"{line},{year}" for year in (2022, 2023) for line in lines[1:])]
    )
    sampled = PANEL.replace("value: x,", "value: wrong / checked, sample: {size: checked},")
    sampled = sampled.replace("value: y,", "value: y - previous(y), missing: zero,")
    sampled = sampled.replace(
        "{minmax: higher}}\n        - {id: third", "{goalposts: [-1, 1]}}\n        - {id: third"
    )
    text = factors("s: {redraw: all, seed: 3, draws: 5}", period="'2023'")
    made = study(folder_of(tmp_path, text, sampled, data))
    assert made.period == "2023"
    assert np.ptp(made.results.score, axis=0).max() > 0
    with pytest.raises(InputError, match="no period '2024'"):
        study(folder_of(tmp_path, text.replace("2023", "2024"), sampled, data))


def test_levels_that_change_the_data_read_them_again(tmp_path) -> None:
    gap = DATA.replace('02",East,8', '02",East,')
    text = factors("m: {choose: variables.x.missing, among: [zero, error]}")
    zero = MODEL.replace("variables: {x: {}", "variables: {x: {missing: zero}")
    made = study(folder_of(tmp_path, text, zero, gap))
    assert made.failures["m"].tolist() == ["error"]
