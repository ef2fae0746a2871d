"""One program for all budgets: what it cannot do, no budget can."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reliefperf.allocation.solve import Infeasible
from reliefperf.errors import InfeasibleError, InputError
from reliefperf.scenarios.inverse.all_budgets import AllBudgets
from reliefperf.scenarios.inverse.budgets import Budgets
from reliefperf.scenarios.inverse.goals import Goal, coverage_goal
from reliefperf.scenarios.inverse.least_budget import Unreachable, least_budget
from tests.building import model_of, run_on

MODEL = """
model: all-budgets
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
    base: {share: 0.75, weight: n}
    award: {share: 0.25, weight: last + 1}
  rules:
    - {id: ratio, pool: award, ratio: 0.5, to: base}
    - {id: high, cap: %(high)s}
    - {id: east, group_share: zone, where: "zone == 'e'", at_least: 0.3}
"""
REGIONS = [(10, 20, 40, "e"), (20, 10, 40, "w"), (30, 30, 40, "e")]
REGION = st.tuples(
    st.integers(1, 12), st.integers(0, 30), st.integers(1, 60), st.sampled_from("ew")
)


def budgets_of(regions, high="3 * last + 40"):
    model = model_of(MODEL % {"high": high})
    columns = dict(zip(("n", "last", "need", "zone"), zip(*regions, strict=True), strict=True))
    run = run_on(model, {"code": [f"r{i}" for i in range(len(regions))], **columns})
    return Budgets(model, run.last)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(REGION, min_size=2, max_size=4),
    st.fractions(0, 3, max_denominator=10),
    st.sampled_from([Fraction(1), Fraction(1, 2)]),
    st.booleans(),
)
def test_no_budget_below_the_bound_reaches_the_goal(regions, coverage, share, together):
    try:
        budgets = budgets_of(regions)
        goal = coverage_goal(
            budgets.model, budgets.period, coverage, share=share, together=together
        ).goal
    except (InputError, InfeasibleError):
        return
    program = AllBudgets.of(budgets)
    if program is None:
        return
    met = []
    for place in range(0, 90, 3):
        found = budgets.at(place).allocation
        if found is not None and goal.met(found.units("total")):
            met.append(budgets.budget(place))
    try:
        least = program.least(goal)
    except Infeasible:
        assert not met
        return
    assert all(budget >= least for budget in met)


def test_the_bound_is_the_answer_where_objectives_do_not_stand_in_the_way():
    budgets = budgets_of(REGIONS)
    goal = coverage_goal(budgets.model, budgets.period, Fraction(3, 2), together=True).goal
    found = least_budget(budgets, goal)
    # 180 yuan together: no less can be enough, and it is
    assert (found.budget, found.proved, found.n_tried) == (180, True, 3)


def test_beyond_the_most_that_rules_allow_nothing_can_be_paid():
    budgets = budgets_of(REGIONS)
    most = AllBudgets.of(budgets).most()
    place = (most - budgets.first) // budgets.step
    assert budgets.at(place).allocation is not None
    assert all(budgets.at(place + k).allocation is None for k in (1, 2, 10))


def test_a_goal_that_the_rules_forbid_names_rule_and_regions_without_a_search():
    budgets = budgets_of(REGIONS)
    goal = coverage_goal(budgets.model, budgets.period, Fraction(3)).goal
    with pytest.raises(Unreachable) as caught:
        least_budget(budgets, goal)
    assert caught.value.proved
    assert budgets.n_tried <= 2
    (mistake,) = caught.value.mistakes
    for words in (mistake.en, mistake.zh):
        assert "high" in words
        assert "r1" in words


@pytest.mark.parametrize("high", ["budget / 2", "'where(budget > 100, 90, 200)'"])
def test_where_a_limit_looks_at_the_budget_nothing_is_claimed(high):
    assert AllBudgets.of(budgets_of(REGIONS, high)) is None


def test_a_budget_that_is_only_tried_does_not_seek_the_rules_at_odds():
    budgets = budgets_of(REGIONS)
    far = budgets.place + 1000
    tried, asked = budgets.at(far), budgets.run(budgets.budget(far))
    assert tried.allocation is None
    assert asked.allocation is None
    assert "'high'" in asked.why.mistakes[0].en
    assert "'high'" not in tried.why.mistakes[0].en


def test_spare_is_what_the_last_region_that_must_have_it_has_beyond():
    goal = Goal((10, None, 30), 2)
    assert goal.spare([12, 0, 31]) == 1
    assert goal.spare([12, 0, 20]) == -10
    assert Goal((10, None, 30), 1).spare([12, 0, 20]) == 2
    assert Goal((10, None, 30), 2, together=True).spare([12, 99, 20]) == -8


FAR = """
model: far
language: en
data: {region: code}
variables: {n: {missing: error}, near: {missing: error}}
allocation:
  unit: yuan
  budget: 1000
  pools:
    base: {share: 0.99, weight: n, eligible: near > 0}
    award: {share: 0.01, weight: n}
  rules:
    - {id: far, group_share: near, where: near == 0, at_most: 0.9}
"""


def test_a_budget_many_times_the_present_one_is_found() -> None:
    run = run_on(model_of(FAR), {"code": ["a", "b"], "n": [1, 1], "near": [1, 0]})
    budgets = Budgets(run.model, run.last)
    program = AllBudgets.of(budgets)
    assert program is not None
    goal = Goal((None, 200), 1)
    assert program.least(goal) <= 40_000
    found = least_budget(budgets, goal)
    assert (found.budget, found.proved) == (40_000, True)
