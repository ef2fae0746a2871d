"""Break points of a pool in which each region has its own amount and `bear` carries the rest."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reliefperf.allocation.bounds import Bounds
from reliefperf.allocation.waterfill import carried
from reliefperf.errors import InfeasibleError, InputError
from reliefperf.scenarios.inverse.budgets import Budgets
from reliefperf.scenarios.inverse.ranges import range_of
from tests.building import model_of, run_on

TEXT = """
model: one
language: en
data: {region: code}
variables: {own: {}, people: {}, low: {}, high: {}}
allocation:
  unit: yuan
  smallest: '0.000001'
  budget: 100
  pools: {grant: {%s, bear: people, leftover: %s}}
  rules: [{id: low, floor: low}, {id: high, cap: low + high}]
"""
REGIONS = st.tuples(st.integers(-30, 60), st.integers(0, 9), st.integers(0, 20), st.integers(0, 60))


def one_pool(regions, left, pool="share: 1, each: own"):
    model = model_of(TEXT % (pool, left))
    columns = dict(zip(("own", "people", "low", "high"), zip(*regions, strict=True), strict=True))
    run = run_on(model, {"code": [f"r{i}" for i in range(len(regions))], **columns})
    return Budgets(model, run.last)


def binding_set(budgets, budget):
    """What binds at any budget, by settling the pool anew; None where it cannot be paid."""
    result = budgets.now.pools["grant"]
    bounds = Bounds.open(len(budgets.now.codes))
    for _, rows in budgets.now.settled["grant"]:
        bounds.take(rows)
    own, bear = result.pool.entitlement, result.pool.bear
    held = [
        max(low, want if high is None else min(want, high))
        for want, low, high in zip(own, bounds.low, bounds.high, strict=True)
    ]
    amounts, left = held, budget - sum(held)
    if left < 0 or result.pool.leftover != "return":
        filled = carried(own, bear, bounds.low, bounds.high, budget)
        amounts, left = filled.amounts, filled.left
    if left < 0 or (left > 0 and result.pool.leftover == "redistribute"):
        return None
    found = {("left", "") for _ in [0] if left > 0}
    for i, amount in enumerate(amounts):
        if bear[i] and bounds.low[i] > 0 and amount == bounds.low[i]:
            found.add(("low", f"r{i}"))
        if bear[i] and amount == bounds.high[i]:
            found.add(("high", f"r{i}"))
    return frozenset(found)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(REGIONS, min_size=1, max_size=5),
    st.sampled_from(["redistribute", "redistribute_then_return", "return"]),
)
def test_the_same_limits_bind_between_breaks(regions, left):
    try:
        budgets = one_pool(regions, left)
    except (InputError, InfeasibleError):
        return
    assert budgets.simple
    assert budgets.rising
    found = range_of(budgets, most=1000)
    points = sorted({one.budget for one in found.breaks})
    ends = [Fraction(0), *points, (points[-1] if points else Fraction(100)) + 50]
    for first, last in pairwise(ends):
        if first < last:
            parts = (Fraction(1, 7), Fraction(1, 2), Fraction(8, 9))
            assert len({binding_set(budgets, first + (last - first) * part) for part in parts}) == 1


def test_shares_that_move_with_the_total_are_tried_one_by_one():
    budgets = one_pool([(1, 1, 45, 99), (1, 3, 0, 99)], "redistribute", "share: 1, weight: own")
    assert not budgets.simple
    assert budgets.rising
    # 45 of 90 is the entitlement: below it the floor binds
    (floor,) = [one for one in range_of(budgets).breaks if one.rule == "low" and one.region == "r0"]
    assert floor.after <= 90 <= floor.budget


def test_where_no_limit_comes_nearer_the_budgets_are_passed_in_leaps():
    """A step of the calculation lets nothing be computed at once, and nothing here ever binds."""
    model = model_of("""\
        model: m
        variables: {people: {}}
        allocation:
          unit: money
          smallest: '0.01'
          budget: 1000000
          pools:
            step: {share: 1, weight: people, paid: false}
            grant: {share: 1, weight: step + people}
    """)
    run = run_on(model, {"region": ["a", "b"], "people": [1, 3]})
    budgets = Budgets(model, run.last)
    assert not budgets.simple
    assert not range_of(budgets).breaks
    assert budgets.n_tried < 200
