"""Break points: between two neighbours the same limits bind, at each of them something changes."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reliefperf.allocation.waterfill import waterfill
from reliefperf.errors import InfeasibleError, InputError
from reliefperf.scenarios.inverse.budgets import Budgets
from reliefperf.scenarios.inverse.goals import amount_goal
from reliefperf.scenarios.inverse.least_budget import least_budget
from reliefperf.scenarios.inverse.ranges import range_of
from reliefperf.scenarios.inverse.tried_breaks import binding, binding_at
from tests.building import model_of, run_on
from tests.scenarios.inverse.test_least_budget import REGION, REGIONS, budgets_of, every_place

ONE = """
model: one
language: en
data: {region: code}
variables: {n: {missing: error}, low: {missing: error}, high: {missing: error}}
allocation:
  unit: yuan
  smallest: '0.000001'
  budget: 100
  pools: {grant: {share: 1, weight: n, leftover: %s}}
  rules: [{id: low, floor: low}, {id: high, cap: low + high}]
"""


def one_pool(regions, left):
    model = model_of(ONE % left)
    columns = dict(zip(("n", "low", "high"), zip(*regions, strict=True), strict=True))
    run = run_on(model, {"code": [f"r{i}" for i in range(len(regions))], **columns})
    return Budgets(model, run.last)


def binding_set(budgets, budget):
    """What binds at any budget, whole units or not, by settling the pool anew."""
    from reliefperf.allocation.bounds import Bounds

    result = budgets.now.pools["grant"]
    bounds = Bounds.open(len(budgets.now.codes))
    for _, rows in budgets.now.settled["grant"]:
        for row in rows:
            bounds.tighten(row)
    weights = result.pool.weights
    whole = sum(weights, Fraction(0)) or Fraction(1)
    start = [weight * budget / whole for weight in weights]
    held = [
        max(low, want if high is None else min(want, high))
        for want, low, high in zip(start, bounds.low, bounds.high, strict=True)
    ]
    keeps = result.pool.leftover in ("return", "reserve")
    left = Fraction(0)
    if keeps and sum(held) <= budget:
        amounts, left = held, budget - sum(held)
    else:
        filled = waterfill(weights, bounds.low, bounds.high, budget)
        if filled.left < 0 or (filled.left > 0 and result.pool.leftover == "redistribute"):
            return None
        amounts, left = filled.amounts, filled.left
    found = {("left", "") for _ in [0] if left > 0}
    for i, amount in enumerate(amounts):
        high = bounds.high[i]
        if bounds.low[i] > 0 and amount == bounds.low[i]:
            found.add(("low", f"r{i}"))
        if high is not None and amount == high:
            found.add(("high", f"r{i}"))
    return frozenset(found)


LIMITS = st.tuples(st.integers(0, 9), st.integers(0, 20), st.integers(0, 40))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(LIMITS, min_size=1, max_size=5),
    st.sampled_from(["redistribute", "redistribute_then_return", "return"]),
)
@example([(0, 2, 0), (0, 20, 0)], "redistribute_then_return")  # floors where nobody has a weight
def test_the_same_limits_bind_between_breaks_and_others_at_each(regions, left):
    try:
        budgets = one_pool(regions, left)
    except (InputError, InfeasibleError):
        return
    assert budgets.simple
    found = range_of(budgets, most=1000)
    points = sorted({one.budget for one in found.breaks})
    ends = [Fraction(0), *points, (points[-1] if points else Fraction(100)) + 50]
    sets = []
    for first, last in pairwise(ends):
        if first == last:
            continue
        inside = {
            binding_set(budgets, first + (last - first) * part)
            for part in (Fraction(1, 7), Fraction(1, 2), Fraction(8, 9))
        }
        assert len(inside) == 1
        sets.append(inside.pop())
    for one, other in pairwise(sets):
        assert one != other or one is None


def test_break_points_are_fractions_with_region_and_rule():
    # levels: a leaves its floor 20 at 2, b comes to its cap 40 at 4, c has neither
    budgets = one_pool([(10, 20, 1000), (10, 0, 40), (9, 0, 1000)], "redistribute")
    found = range_of(budgets)
    named = [(one.budget, one.rule, one.region, one.change) for one in found.breaks]
    assert named[:3] == [
        (Fraction(20), "low", "", "least"),
        (Fraction(58), "low", "r0", "frees"),
        (Fraction(116), "high", "r1", "binds"),
    ]
    assert (found.low, found.high, found.exact) == (58, 116, True)


def test_the_present_budget_may_be_a_break_itself():
    budgets = one_pool([(1, 50, 1000), (1, 0, 1000)], "redistribute")
    found = range_of(budgets)
    assert (found.low, found.high) == (100, 100)


def test_of_several_pools_the_nearest_break_ends_the_range():
    budgets = budgets_of(REGIONS)
    found = range_of(budgets, most=100)
    assert found.exact
    assert found.low is not None
    assert found.low < 120
    assert found.high is None or found.high > 120
    here = binding(budgets.now)
    place = budgets.place
    while budgets.budget(place + 1) < (found.high or 200):
        place += 1
        assert binding_at(budgets, place) == here


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(REGION, min_size=2, max_size=4))
def test_where_rules_tie_pools_the_range_is_that_of_trying_every_budget(regions):
    tie = "- {id: ratio, pool: award, ratio: 0.5, to: base}"
    try:
        budgets = budgets_of(regions, "redistribute_then_return", tie)
    except (InputError, InfeasibleError):
        return
    found = range_of(budgets, most=1)
    assert not found.exact
    here = binding(budgets.now)
    up = budgets.place
    while up < 120 and binding_at(budgets, up + 1) == here:
        up += 1
    if up < 120:
        assert found.high == budgets.budget(up)
    down = budgets.place
    while down > 0 and binding_at(budgets, down - 1) == here:
        down -= 1
    assert found.low == (budgets.budget(down) if down else None)


@pytest.mark.parametrize("left", ["return", "redistribute_then_return"])
def test_money_that_is_left_over_begins_at_a_break(left):
    budgets = one_pool([(1, 0, 30), (1, 0, 60)], left)
    found = range_of(budgets)
    (start,) = [one.budget for one in found.breaks if one.change == "left"]
    assert start == (60 if left == "return" else 90)
    assert budgets.now.pools["grant"].left == (20 if left == "return" else 10)


FIXED = """
model: fixed
language: en
data: {region: code}
variables: {n: {missing: error}, high: {missing: error}}
allocation:
  unit: yuan
  smallest: '0.5'
  budget: %(budget)s
  pools:
    base: {amount: %(base)s, weight: n, leftover: redistribute_then_return}
    each: {each: 2 * n + 1}
    part: {%(part)s, weight: n, leftover: %(left)s}
  rules:
    - {id: high, cap: high, pool: part}
    - {id: top, cap: 9, pool: base}
"""


def fixed_pools(regions, **stated):
    model = model_of(FIXED % {"budget": 200, "base": 30, "left": "return", **stated})
    columns = dict(zip(("n", "high"), zip(*regions, strict=True), strict=True))
    run = run_on(model, {"code": [f"r{i}" for i in range(len(regions))], **columns})
    return Budgets(model, run.last)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 30)), min_size=1, max_size=4),
    st.sampled_from(["share: 1", "share: 0.5", "amount: 7", "amount: 0.5 * budget - 20"]),
    st.sampled_from(["return", "reserve", "redistribute_then_return"]),
    st.sampled_from([0, 30]),
)
@example([(0, 30), (0, 30)], "share: 0.5", "return", 30)  # nobody takes part: all is left over
def test_no_budget_below_what_the_pools_pay_is_in_the_range(regions, part, left, base):
    try:
        budgets = fixed_pools(regions, part=part, left=left, base=base)
    except (InputError, InfeasibleError):
        return
    assert budgets.simple
    found = range_of(budgets, most=1000)
    least = next((k for k in range(budgets.place) if budgets.at(k).allocation is not None), 0)
    stop = max((one.budget for one in found.breaks if one.change in ("short", "least")), default=0)
    assert stop <= budgets.budget(least)
    assert not least or stop > budgets.budget(least - 1)
    assert found.low is None or found.low >= stop
    short = [one.budget for one in found.breaks if one.change == "short"]
    assert all(one.budget >= stop for one in found.breaks if short)


def test_pools_of_fixed_amounts_are_paid_from_their_sum_upwards():
    # 30, of which at most 9 a region, and 2 x 3 + 1 + 2 x 5 + 1, and 7
    budgets = fixed_pools([(3, 99), (5, 99)], part="amount: 7", base=18)
    found = range_of(budgets)
    assert [(one.budget, one.change, one.exact) for one in found.breaks] == [(43, "short", True)]
    assert (found.low, found.high) == (43, None)


def test_the_least_budget_that_can_be_paid_begins_the_range():
    budgets = fixed_pools([(3, 99), (5, 99)], part="amount: 7", base=18, budget=43)
    found = range_of(budgets)
    assert (found.low, found.high) == (43, None)


def test_a_share_beside_fixed_pools_makes_the_least_budget_a_fraction():
    budgets = fixed_pools([(3, 99), (5, 99)], part="share: 0.4", base=18)
    (found,) = [one for one in range_of(budgets).breaks if one.change == "short"]
    assert (found.budget, found.exact) == (60, True)
    budgets = fixed_pools([(3, 99), (5, 99)], part="share: 0.3", base=18)
    (found,) = [one for one in range_of(budgets).breaks if one.change == "short"]
    assert (found.budget, found.exact) == (Fraction(360, 7), True)


def test_budgets_of_a_run_whose_rules_gave_way_are_found_by_trying():
    """Pools that need no program are one all the same where a rule gave way."""
    text = ONE.replace("'0.000001'", "1") % "redistribute"
    model = model_of(text)
    rows = {"code": ["a", "b", "c"], "n": [1, 2, 3], "low": [40] * 3, "high": [100] * 3}
    budgets = Budgets(model, run_on(model, rows, relax="apply").last)
    assert not budgets.is_alone
    assert not budgets.rising
    assert not budgets.simple
    found = range_of(budgets, most=3)
    assert not found.exact
    # limits that gave way are whole units, and stand there whatever the remainders
    assert (found.low, found.high) == (7, 120)
    changes = [(one.rule, one.region, one.after) for one in found.breaks if one.rule == "low"]
    assert changes == [("low", "c", 120), ("low", "b", 140), ("low", "a", 240)]
    goal = amount_goal(budgets.period, "a", Fraction(30))
    asked = least_budget(budgets, goal).budget
    assert asked == budgets.budget(every_place(budgets, goal))
