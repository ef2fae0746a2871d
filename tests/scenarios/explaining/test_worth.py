"""What a point is worth: the table of all regions equals sharing the money out again for each."""

from __future__ import annotations

import pickle
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.errors import InfeasibleError, InputError
from reliefperf.scenarios.explaining.cliffs import cliffs
from reliefperf.scenarios.explaining.moving_alone import NotAlone, amounts_alone
from reliefperf.scenarios.explaining.rescoring import cut_offs, money_at, sides
from reliefperf.scenarios.explaining.worth import worth_of_point, worth_of_points
from tests.building import model_of, run_on

MODEL = """
model: points
language: en
data: {region: code}
variables:
  n: {missing: error}
  s: {missing: error}
  last: {missing: error}
  zone: {type: text, missing: error}
evaluation:
  full_marks: 100
  decimals: 1
  tree: [{id: all, points: 100, value: s, score: given}]
  grades:
    bands: [{grade: good, at_least: 80}, {grade: fair, at_least: 60}, {grade: poor}]
tables: {factor: {lookup: {good: 1.0, fair: 0.7}, otherwise: 0}}
allocation:
  unit: yuan
  smallest: '0.000001'
  budget: 1000
  pools:
    base: {share: 0.6, weight: n, by: zone%(base)s}
    award: {share: 0.4, eligible: score >= 60, weight: n * factor(grade) * score, leftover: %(left)s}
  rules:
    - {id: low, floor: 0.5 * last, pool: base}
    - {id: high, cap: 3 * last + score, pool: award}
"""


def text(left: str = "redistribute_then_return") -> str:
    made = MODEL % {"base": "", "left": left}
    return made.replace("share: 0.6, weight: n, by: zone", "amount: 300, weight: n, by: zone")


REGION = st.tuples(
    st.integers(1, 50), st.integers(400, 1000), st.integers(0, 100), st.sampled_from("ew")
)


def run_of(regions, left="redistribute_then_return"):
    made = text(left).replace("score: given", "score: {per_unit: 1}")
    codes = [f"r{i}" for i in range(len(regions))]
    return run_on(
        model_of(made),
        {
            "code": codes,
            "n": [r[0] for r in regions],
            "s": [r[1] / 10 for r in regions],
            "last": [r[2] for r in regions],
            "zone": [r[3] for r in regions],
        },
    )


FIXED = [(10, 795, 20, "e"), (20, 900, 30, "e"), (30, 598, 10, "w"), (40, 605, 90, "w")]


@settings(max_examples=40, deadline=None)
@given(
    regions=st.lists(REGION, min_size=2, max_size=6),
    left=st.sampled_from(["redistribute_then_return", "return"]),
    points=st.sampled_from([0.1, 1.0, 5.0, 20.0]),
)
def test_the_table_of_all_regions_equals_a_run_for_each(regions, left, points):
    run = run_of([(10, 900, 50, "e"), (10, 700, 50, "w"), *regions], left)
    raised, before, after = worth_of_points(run.model, run.last, points)
    assert run.last.allocation is not None
    for pool in ("base", "award", "total"):
        paid = [float(amount) for amount in run.last.allocation.amounts(pool)]
        np.testing.assert_allclose(before[pool], paid, atol=1e-5)
    for i in range(len(raised)):
        again = money_at(run.model, run.last, i, float(raised[i]))
        for pool in ("base", "award", "total"):
            assert after[pool][i] == pytest.approx(float(again.amounts(pool)[i]), abs=1e-5)


def test_setting_the_score_that_a_region_has_changes_nothing():
    run = run_of(FIXED)
    assert run.last.evaluation is not None
    assert run.last.allocation is not None
    for i, score in enumerate(run.last.evaluation.score.tolist()):
        again = money_at(run.model, run.last, i, score)
        assert again.amounts("total") == run.last.allocation.amounts("total")


def test_a_point_is_worth_what_a_run_with_other_data_gives():
    run = run_of(FIXED)
    found = worth_of_point(run.model, run.last, "r1")
    other = run_of([FIXED[0], (20, 910, 30, "e"), *FIXED[2:]])
    assert other.last.allocation is not None
    assert found[0].other == 91.0
    assert found[0].after[-1][1] == other.last.allocation.amounts("total")[1]
    assert found[0].gain > 0


def test_a_point_that_lifts_to_the_next_grade_is_said_with_both_grades():
    found = worth_of_point(*parts(run_of(FIXED)), "r0")
    assert [(w.score, w.other, w.grade, w.other_grade) for w in found] == [
        (79.5, 80.5, "fair", "good"),
        (79.5, 80.0, "fair", "good"),
    ]


def test_no_score_is_raised_above_full_marks():
    full = worth_of_point(*parts(run_of([(10, 1000, 20, "e"), *FIXED])), "r0")
    near = worth_of_point(*parts(run_of([(10, 996, 20, "e"), *FIXED])), "r0")
    assert full == []
    assert [w.other for w in near] == [100.0]


def test_a_cliff_has_the_money_of_both_sides():
    run = run_of(FIXED)
    found = cliffs(run.model, run.last, 0.5)
    assert [(c.code, c.cut_off, c.below, c.at) for c in found] == [
        ("r2", 60.0, 59.9, 60.0),
        ("r0", 80.0, 79.9, 80.0),
        ("r3", 60.0, 59.9, 60.0),
    ]
    for cliff in found:
        i = run.last.env.codes.index(cliff.code)
        assert cliff.exact
        assert cliff.money_at == money_at(run.model, run.last, i, cliff.at).amounts("total")[i]
        assert cliff.drop is not None
        assert cliff.drop > 0
    assert (found[0].grade_below, found[0].grade_at) == ("poor", "fair")


def test_cliffs_beyond_the_exact_ones_have_the_same_money_before_rounding():
    run = run_of(FIXED)
    exact, fast = cliffs(run.model, run.last, 0.5), cliffs(run.model, run.last, 0.5, most=0)
    assert [c.exact for c in fast] == [False] * 3
    for one, other in zip(exact, fast, strict=True):
        assert one.money_at is not None
        assert other.money_at is not None
        assert abs(one.money_at - other.money_at) < Decimal("0.00001")


def test_reach_decides_who_stands_near_a_cut_off():
    run = run_of(FIXED)
    assert [c.code for c in cliffs(run.model, run.last, 0.2)] == ["r2"]
    assert cliffs(run.model, run.last, 0.1) == []
    assert [c.code for c in cliffs(run.model, run.last, 0.5, only=["r3"])] == ["r3"]


def test_cut_offs_are_those_of_grades_and_of_conditions_on_the_score():
    model, period = parts(run_of(FIXED))
    assert [(values[0], inclusive) for values, inclusive in cut_offs(model, period.env)] == [
        (80.0, True),
        (60.0, True),
    ]


def test_sides_of_a_cut_off_are_neighbouring_scores():
    assert sides(80.0, 0.01, inclusive=True) == (79.99, 80.0)
    assert sides(80.0, 0.01, inclusive=False) == (80.0, 80.01)
    assert sides(79.995, 0.01, inclusive=True) == (79.99, 80.0)


def test_where_regions_depend_on_each_other_the_table_is_refused_with_the_reason():
    made = text().replace("score: given", "score: {per_unit: 1}")
    made = made.replace("n * factor(grade) * score", "n * share(score)")
    run = run_on(
        model_of(made),
        {"code": ["a", "b"], "n": [1, 2], "s": [90, 80], "last": [1, 1], "zone": ["e", "w"]},
    )
    assert run.last.evaluation is not None
    with pytest.raises(NotAlone, match="all regions"):
        amounts_alone(run.model, run.last, run.last.evaluation.score)


def test_without_scores_nothing_is_worth_a_point():
    model = model_of(
        """
        model: m
        language: en
        data: {region: code}
        variables: {n: {missing: error}}
        allocation: {unit: yuan, budget: 10, pools: {a: {share: 1, weight: n}}}
        """
    )
    run = run_on(model, {"code": ["a", "b"], "n": [1, 2]})
    with pytest.raises(InputError, match="evaluation"):
        cliffs(run.model, run.last, 1)


def parts(run):
    return run.model, run.last


TIED = (
    text()
    .replace("smallest: '0.000001'", "smallest: 1")
    .replace("score: given", "score: {per_unit: 1}")
    .replace("  rules:\n", "  rules:\n    - {id: ratio, pool: award, ratio: 0.9, to: base}\n")
)


@settings(max_examples=20, deadline=None)
@given(st.lists(REGION, min_size=3, max_size=8), st.lists(st.integers(0, 1000), min_size=3))
def test_a_start_from_an_earlier_answer_gives_the_money_of_a_full_run(regions, scores):
    model = model_of(TIED)
    scores = [max(score, 400) for score in scores]
    columns = dict(zip(("n", "s", "last", "zone"), zip(*regions, strict=True), strict=True))
    columns["s"] = tuple(s / 10 for s in columns["s"])
    table = {"code": [f"r{i}" for i in range(len(regions))], **columns}
    try:
        period = run_on(model, table).last
    except InfeasibleError:
        return
    for at, score in enumerate(scores[: len(regions)]):
        other = list(columns["s"])
        other[at] = score / 10
        try:
            expected = run_on(model, {**table, "s": other}).last.allocation
        except InfeasibleError:
            with pytest.raises(InfeasibleError):
                money_at(model, period, at, score / 10)
            continue
        found = money_at(model, period, at, score / 10)
        assert [found.amounts(pool) for pool in found.pools] == [
            expected.amounts(pool) for pool in expected.pools
        ]


def test_the_starts_kept_for_the_solver_are_left_behind_when_a_period_is_copied():
    table = {"code": ["a", "b"], "n": [1, 2], "s": [90, 70], "last": [50, 50], "zone": ["e", "e"]}
    period = run_on(model_of(TIED), table).last
    money_at(model_of(TIED), period, 0, 80.0)
    assert pickle.loads(pickle.dumps(period.warm)).start((1, 1), 0) is None
