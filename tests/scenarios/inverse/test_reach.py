"""The least score for an amount: what trying every score finds; cliffs are not stepped over."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reliefperf.errors import InfeasibleError, InputError
from reliefperf.scenarios.explaining.rescoring import money_at
from reliefperf.scenarios.inverse.reach import OutOfReach, reach
from tests.building import model_of, run_on

MODEL = """
model: reaching
language: en
data: {region: code}
variables:
  n: {missing: error}
  s: {min: 0, max: 50}
  t: {min: 0, max: 50}
evaluation:
  full_marks: 100
  decimals: 0
  tree:
    - {id: care, points: 50, value: s, score: as_is, missing: zero}
    - {id: speed, points: 50, value: t, score: as_is, missing: zero}
  grades:
    bands: [{grade: good, at_least: 80}, {grade: fair, at_least: 60}, {grade: poor}]
tables: {factor: {lookup: {good: 1.5, fair: 0.8}, otherwise: 0}}
allocation:
  unit: yuan
  budget: 1000
  pools:
    base: {share: 0.6, weight: n}
    award: {share: 0.4, %(eligible)s, weight: n * factor(grade) * score, leftover: return}
  rules: [{id: high, cap: 8 * n + 10, pool: award}%(tie)s]
"""
BY_SCORE = "eligible: score >= 65"
BY_RANK = "eligible: rank <= 2"
TIE = ", {id: ratio, pool: award, ratio: 0.5, to: base}"
REGION = st.tuples(st.integers(1, 40), st.integers(10, 50), st.integers(10, 50))


def run_of(regions, eligible=BY_SCORE, tie=""):
    model = model_of(MODEL % {"eligible": eligible, "tie": tie})
    columns = dict(zip(("n", "s", "t"), zip(*regions, strict=True), strict=True))
    return run_on(model, {"code": [f"r{i}" for i in range(len(regions))], **columns})


def every_score(run, amount):
    """The first score from the region's own that brings an amount, by trying each."""
    assert run.last.evaluation is not None
    for score in range(int(run.last.evaluation.score[0]), 101):
        try:
            paid = money_at(run.model, run.last, 0, float(score)).amounts("total")[0]
        except InfeasibleError:
            continue
        if paid >= amount:
            return score
    return None


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(REGION, min_size=2, max_size=5),
    st.sampled_from([BY_SCORE, BY_RANK]),
    st.floats(0.9, 3),
)
def test_no_smaller_score_brings_the_amount(regions, eligible, times):
    run = run_of(regions, eligible)
    assert run.last.allocation is not None
    amount = Fraction(int(run.last.allocation.amounts("total")[0] * int(times * 100) / 100))
    expected = every_score(run, amount)
    try:
        found = reach(run.model, run.last, "r0", amount)
    except OutOfReach as error:
        assert expected is None
        assert error.most < amount
        assert error.mistakes[0].zh
        return
    assert found.least == expected
    assert found.after >= amount
    assert found.below is None or found.below < amount


FIXED = [(10, 20, 30), (10, 40, 45), (10, 25, 38), (10, 45, 45)]


@pytest.mark.parametrize("tie", ["", TIE])
def test_a_cliff_is_where_the_amount_begins(tie):
    # below 65 points there is no award at all
    run = run_of(FIXED, tie=tie)
    assert run.last.allocation is not None
    now = run.last.allocation.amounts("total")[0]
    found = reach(run.model, run.last, "r0", Fraction(now + 1))
    assert (found.score, found.least) == (50, 65)
    assert (found.grade, found.least_grade) == ("poor", "fair")
    assert found.below == now
    assert found.proved


def test_the_cheapest_indicators_bring_the_amount_when_run_anew():
    run = run_of(FIXED)
    found = reach(run.model, run.last, "r0", Fraction(200))
    assert found.lift.singles
    assert found.paid is not None
    assert found.paid >= 200
    steps = found.lift.together or found.lift.singles[:1]
    values = {"care": 20.0, "speed": 30.0} | {step.indicator: step.after for step in steps}
    other = run_of([(10, values["care"], values["speed"]), *FIXED[1:]])
    assert other.last.allocation is not None
    assert other.last.allocation.amounts("total")[0] == found.paid


def test_an_amount_that_is_had_needs_nothing():
    run = run_of(FIXED)
    found = reach(run.model, run.last, "r1", Fraction(1))
    assert found.least == found.score
    assert found.lift.singles == ()
    assert found.paid is None


def test_beyond_reach_the_most_is_said():
    run = run_of(FIXED)
    with pytest.raises(OutOfReach) as caught:
        reach(run.model, run.last, "r0", Fraction(900))
    assert caught.value.exit_status == 3
    assert caught.value.most == money_at(run.model, run.last, 0, 100.0).amounts("total")[0]
    assert f"{caught.value.most:,f} yuan" in caught.value.mistakes[0].en


def test_a_model_without_scores_is_refused():
    text = MODEL % {"eligible": "eligible: n > 0", "tie": ""}
    start, end = text.index("evaluation:"), text.index("tables:")
    text = (text[:start] + text[end:]).replace("n * factor(grade) * score", "n")
    run = run_on(model_of(text), {"code": ["r0"], "n": [1], "s": [1], "t": [1]})
    with pytest.raises(InputError, match="evaluation"):
        reach(run.model, run.last, "r0", Fraction(1))


GIVES_WAY = """
model: rx
language: en
data: {region: code}
variables: {x: {missing: error}}
evaluation:
  decimals: 1
  tree: [{id: acc, points: 100, value: x, missing: zero, score: {goalposts: [0, 10]}}]
allocation:
  unit: yuan
  budget: 1000
  pools: {grant: {share: 1, weight: score}}
  rules: [{id: low, floor: 300, where: x < %s}]
"""


@pytest.mark.parametrize(("below", "code", "amount"), [(9, "a", 200), (9, "b", 290)])
def test_what_the_cheapest_indicators_bring_is_said_where_rules_give_way(below, code, amount):
    """Four floors of 300 cannot be paid of 1,000, before and after."""
    model = model_of(GIVES_WAY % below)
    rows = {"code": ["a", "b", "c", "d"], "x": [2.0, 3.0, 6.0, 8.0]}
    run = run_on(model, rows, relax="apply")
    found = reach(model, run.last, code, Fraction(amount))
    (step, *_) = found.lift.singles
    at = rows["code"].index(code)
    changed = [*rows["x"]]
    changed[at] = step.after
    anew = run_on(model, {**rows, "x": changed}, relax="apply").last.allocation
    assert anew is not None
    assert found.paid == anew.amounts("total")[at]
