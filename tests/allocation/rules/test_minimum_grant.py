"""The minimum grant: nothing, or at least so much."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.errors import InfeasibleError
from tests.allocation.paying import amounts, build, pay

TEXT = """
variables: {w: {missing: error}, m: {}, zone: {type: text}}
allocation:
  unit: dollar
  budget: 100
  leftover: %s
  pools: {grant: {share: 1, weight: w}}
  rules: [%s]
"""
SHARED = "redistribute"
TOGETHER = "{id: least, minimum_grant: %s, pool: grant}"
SMALLEST = "{id: least, minimum_grant: %s, pool: grant, drop: smallest}"


def test_all_below_the_minimum_get_nothing_and_the_others_share_it():
    rule = TOGETHER % 12
    run = pay(TEXT % (SHARED, rule), w=[10, 11, 19, 60], m=[0] * 4, zone=["a"] * 4)
    # 10 and 11 fall out; 100 is shared 19 : 60
    assert amounts(run) == [0, 0, 24, 76]
    assert [n.count for n in run.notes if n.kind == "minimum-grant"] == [2]


def test_where_the_smallest_falls_out_first_more_keep_a_grant():
    rule = SMALLEST % 12
    run = pay(TEXT % (SHARED, rule), w=[10, 11, 19, 60], m=[0] * 4, zone=["a"] * 4)
    # without 10 the next has 100 x 11 / 90 = 12.2
    assert amounts(run) == [0, 12, 21, 67]


@pytest.mark.parametrize("rule", [TOGETHER, SMALLEST])
def test_where_everybody_reaches_the_minimum_nothing_changes(rule):
    paid = amounts(pay(TEXT % (SHARED, rule % 10), w=[1, 4, 5], m=[0] * 3, zone=["a"] * 3))
    assert paid == [10, 40, 50]


@pytest.mark.parametrize("rule", [TOGETHER, SMALLEST])
def test_equal_regions_are_treated_alike(rule):
    paid = amounts(pay(TEXT % (SHARED, rule % 11), w=[1, 1, 8], m=[0] * 3, zone=["a"] * 3))
    assert paid == [0, 0, 100]


def test_the_money_stays_where_the_model_returns_it():
    """IGD-SUAS: money below the minimum stays undistributed."""
    run = pay(TEXT % ("return", TOGETHER % 12), w=[10, 11, 19, 60], m=[0] * 4, zone=["a"] * 4)
    assert amounts(run) == [0, 0, 19, 60]
    assert any(n.kind == "leftover" and "21" in n.en for n in run.notes)


def test_the_minimum_may_differ_and_may_speak_of_some_regions():
    rule = "{id: least, minimum_grant: m, pool: grant, where: zone == 'a'}"
    paid = amounts(
        pay(TEXT % (SHARED, rule), w=[5, 15, 20, 60], m=[10, 20, 15, 90], zone=["b", "a", "a", "b"])
    )
    assert paid == [6, 0, 23, 71]


def test_a_minimum_that_nobody_reaches_is_refused_by_name():
    with pytest.raises(
        InfeasibleError, match=r"'least'.*largest entitlement is 50\.00 \(region 001"
    ):
        pay(TEXT % (SHARED, TOGETHER % 60), w=[1, 1], m=[0] * 2, zone=["a"] * 2)


def test_a_minimum_grant_holds_with_rules_that_tie_pools_together():
    text = """
    variables: {w: {missing: error}, v: {missing: error}}
    allocation:
      unit: yuan
      budget: 200
      pools: {base: {share: 0.5, weight: v}, award: {share: 0.5, weight: w}}
      rules:
        - {id: least, minimum_grant: 12, pool: award}
        - {id: bound, ratio: 2, pool: award, to: base}
    """
    run = pay(text, w=[10, 11, 19, 60], v=[1, 1, 1, 1])
    award = amounts(run, "award")
    assert award[:2] == [0, 0]
    assert sum(award) == 100
    assert all(2 * b >= a for a, b in zip(award, amounts(run, "base"), strict=True))


def test_the_sentence_names_the_minimum_in_both_languages():
    (rule,) = build(TEXT % (SHARED, TOGETHER % 12)).spec.allocation.rules
    assert "nothing or at least 12" in rule.sentence("en")
    assert "或为零，或不低于 12" in rule.sentence("zh")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=9).filter(any),
    st.integers(1, 40),
    st.sampled_from([TOGETHER, SMALLEST]),
    st.randoms(use_true_random=False),
)
def test_every_amount_is_nothing_or_enough_whatever_the_order(w, least, rule, chance):
    text = TEXT % (SHARED, rule % least)

    def paid(weights: list[int]) -> list[Decimal] | None:
        try:
            return amounts(pay(text, w=weights, m=[0] * len(w), zone=["a"] * len(w)))
        except InfeasibleError:
            return None

    found, order = paid(w), list(range(len(w)))
    random.Random(chance.random()).shuffle(order)
    again = paid([w[i] for i in order])
    if found is None or again is None:
        assert found is again
        return
    assert all(amount == 0 or amount >= least for amount in found)
    assert sum(found) == 100
    # equal remainders are settled by code, so that a unit may go to another region
    assert all(abs(a - b) <= 1 for a, b in zip(sorted(found), sorted(again), strict=True))
    assert [again[k] == 0 for k in range(len(w))] == [found[i] == 0 for i in order]


CONTRIBUTIONS = """
variables: {w: {missing: error}, m: {}, zone: {type: text}}
allocation:
  unit: yuan
  smallest: '0.5'
  pools: {pays: {amount: -50, weight: w, negative: allow, leftover: return}}
  rules:
    - {id: least, minimum_grant: m, pool: pays}
    %s
"""
TIE = "- {id: zones, group_share: zone, at_most: 1, soft: 1}"


@pytest.mark.parametrize("tie", ["", TIE])
def test_nothing_or_at_least_nothing_refuses_contributions(tie):
    columns = {"w": [1, 3, 1], "zone": ["a"] * 3}
    for least in ([0, 0, 0], [0.8, 0.8, 0.8], [0, 0.8, 0]):
        assert amounts(pay(CONTRIBUTIONS % tie, m=least, **columns)) == [0, 0, 0]


@pytest.mark.parametrize("tie", ["", TIE])
def test_a_minimum_below_zero_is_the_most_that_a_region_pays_in(tie):
    run = pay(CONTRIBUTIONS % tie, w=[1, 3, 1], m=[-20, -10, -30], zone=["a"] * 3)
    assert amounts(run) == [-10, -10, -10]
    # a region without a minimum is not spoken of
    run = pay(CONTRIBUTIONS % tie, w=[1, 3, 1], m=[0, None, 2], zone=["a"] * 3)
    assert amounts(run) == [0, -30, 0]


def test_contributions_that_nobody_may_pay_are_refused_with_the_rule():
    text = (CONTRIBUTIONS % "").replace("leftover: return", "leftover: redistribute")
    with pytest.raises(InfeasibleError, match=r"'least' leave 50 of the 50 .* no region may pay"):
        pay(text, w=[1, 3, 1], m=[0, 0, 0], zone=["a"] * 3)


def test_grants_are_as_they_were_where_the_minimum_is_zero():
    run = pay(TEXT % (SHARED, TOGETHER % "m"), w=[1, 2, 1], m=[0, 0, 30], zone=["a"] * 3)
    assert amounts(run) == [33, 67, 0]
