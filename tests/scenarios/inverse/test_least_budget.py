"""The least budget for a goal: what trying every budget finds, proved where pools stand alone."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reliefperf.errors import InfeasibleError, InputError
from reliefperf.scenarios.inverse.budgets import Budgets
from reliefperf.scenarios.inverse.goals import amount_goal, coverage_goal
from reliefperf.scenarios.inverse.least_budget import Unreachable, least_budget
from tests.building import model_of, run_on

MODEL = """
model: least
language: en
data: {region: code}
variables:
  n: {missing: error}
  last: {missing: error}
  need: {missing: error}
  zone: {type: text, missing: error}
allocation:
  unit: yuan
  budget: 120
  need: need
  pools:
    base: {share: 0.75, weight: n, leftover: %(left)s}
    award: {share: 0.25, weight: last + 1, leftover: %(left)s}
  rules:
    - {id: low, floor: 0.3 * last, pool: base}
    - {id: high, cap: 1.7 * last + 3, pool: base}
    %(tie)s
"""

REGION = st.tuples(
    st.integers(0, 12), st.integers(0, 30), st.integers(0, 60), st.sampled_from("ew")
)


def budgets_of(regions, left="redistribute_then_return", tie=""):
    model = model_of(MODEL % {"left": left, "tie": tie})
    columns = dict(zip(("n", "last", "need", "zone"), zip(*regions, strict=True), strict=True))
    run = run_on(model, {"code": [f"r{i}" for i in range(len(regions))], **columns})
    return Budgets(model, run.last)


def every_place(budgets, goal, most=400):
    """The first place that reaches a goal, by trying them one after the other."""
    for place in range(most):
        found = budgets.at(place).allocation
        if found is not None and goal.met(found.units("total")):
            return place
    return None


def checked(budgets, goal):
    expected = every_place(budgets, goal)
    try:
        found = least_budget(budgets, goal)
    except Unreachable as error:
        assert expected is None
        assert error.mistakes[0].zh
        return
    if expected is None:
        assert found.budget >= budgets.budget(400)
        return
    assert found.proved
    assert found.budget == budgets.budget(expected)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(REGION, min_size=1, max_size=6),
    st.sampled_from(["redistribute", "redistribute_then_return", "return"]),
    st.fractions(0, 3, max_denominator=20),
    st.booleans(),
    st.sampled_from([Fraction(1), Fraction(1, 2)]),
)
def test_no_smaller_budget_reaches_a_coverage(regions, left, coverage, together, share):
    try:
        budgets = budgets_of(regions, left)
        goal = coverage_goal(
            budgets.model, budgets.period, coverage, share=share, together=together
        ).goal
    except (InputError, InfeasibleError):
        return
    assert budgets.rising
    checked(budgets, goal)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(REGION, min_size=2, max_size=4), st.integers(1, 60))
def test_no_smaller_budget_gives_a_region_its_amount_where_rules_tie_pools(regions, amount):
    tie = "- {id: ratio, pool: award, ratio: 0.5, to: base}"
    try:
        budgets = budgets_of(regions, "redistribute_then_return", tie)
    except (InputError, InfeasibleError):
        return
    assert not budgets.rising
    checked(budgets, amount_goal(budgets.period, "r0", Fraction(amount)))


REGIONS = [(10, 20, 40, "e"), (20, 10, 40, "w"), (30, 30, 40, "e")]


def test_budgets_keep_every_total_a_whole_number_of_units():
    budgets = budgets_of(REGIONS)
    assert budgets.step == 4
    assert budgets.budget(budgets.place) == 120
    for place in range(60):
        why = budgets.at(place).why
        assert why is None or isinstance(why, InfeasibleError)


def test_the_answer_fails_one_step_less():
    budgets = budgets_of(REGIONS)
    found = least_budget(budgets, amount_goal(budgets.period, "r0", Fraction(50)))
    assert found.allocation.units("total")[0] >= 50
    assert found.below is not None
    assert found.below.allocation is not None
    assert found.below.allocation.units("total")[0] < 50
    assert found.extra == found.budget - 120


def test_where_caps_leave_no_room_the_most_that_can_be_paid_is_said():
    budgets = budgets_of(REGIONS, "redistribute")
    with pytest.raises(Unreachable) as caught:
        least_budget(budgets, amount_goal(budgets.period, "r0", Fraction(500)))
    assert caught.value.exit_status == 3
    assert "'high'" in caught.value.mistakes[0].en
    most = caught.value.most
    assert most.allocation is not None
    assert budgets.run(most.budget + budgets.step).allocation is None


def test_a_model_without_a_budget_is_refused():
    text = (MODEL % {"left": "return", "tie": ""}).replace("  budget: 120\n", "")
    text = text.replace("share: 0.75", "amount: 90").replace("share: 0.25", "amount: 30")
    model = model_of(text)
    run = run_on(model, {"code": ["a"], "n": [1], "last": [10], "need": [5], "zone": ["e"]})
    with pytest.raises(InputError, match="budget"):
        Budgets(model, run.last)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"need": "neeed"}, "neeed"),
        ({"need": "need +"}, "need"),
        ({"where": "zone == 'x'"}, "need"),
        ({"where": "zone"}, "condition"),
    ],
)
def test_a_wrong_question_is_an_error_in_both_languages(options, words):
    budgets = budgets_of(REGIONS)
    with pytest.raises(InputError, match=words) as caught:
        coverage_goal(budgets.model, budgets.period, Fraction(1), **options)
    assert all(mistake.zh != mistake.en for mistake in caught.value.mistakes)


def test_regions_without_need_are_left_out_and_named():
    budgets = budgets_of([*REGIONS, (5, 5, 0, "e")])
    found = coverage_goal(budgets.model, budgets.period, Fraction(1))
    assert found.left_out == ("r3",)
    assert found.goal.asked[3] is None


def test_coverage_of_a_group_together_is_their_money_over_their_need():
    budgets = budgets_of(REGIONS)
    found = coverage_goal(
        budgets.model, budgets.period, Fraction(1, 2), where="zone == 'e'", together=True
    )
    paid = budgets.now.amounts("total")
    assert found.value(budgets.now) == Fraction(paid[0] + paid[2]) / 80
    answer = least_budget(budgets, found.goal)
    assert found.value(answer.allocation) >= Fraction(1, 2)


def test_where_only_a_sum_must_rise_a_larger_budget_may_leave_somebody_with_less():
    """At one speed b falls from 20 to 10 while a rises."""
    text = """
    model: m
    language: en
    data: {region: code}
    variables: {last: {missing: error}, need: {missing: error}}
    allocation:
      unit: yuan
      budget: 60
      pools:
        g: {share: 1, each: last + t * (need - last), solve: {name: t, rises: total}}
    """
    model = model_of(text)
    rows = {"code": ["a", "b"], "last": [10, 20], "need": [60, 10]}
    budgets = Budgets(model, run_on(model, rows).last)
    assert not budgets.rising
    assert budgets.now.amounts("g") == [48, 12]
    less = budgets.run(Fraction(50)).allocation
    assert less is not None
    assert less.amounts("g") == [35, 15]
