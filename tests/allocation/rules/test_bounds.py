"""Floor, cap, matching: hand-computed amounts."""

from __future__ import annotations

import pytest

from reliefperf.errors import InputError
from tests.allocation.paying import amounts, build, pay

TEXT = """
variables: {w: {missing: error}, x: {}, zone: {type: text}}
allocation:
  unit: yuan
  budget: 100
  pools: {grant: {share: 1, weight: w}}
  rules: [%s]
"""


def test_a_floor_lifts_the_small_and_the_others_pay_in_proportion():
    paid = amounts(pay(TEXT % "{id: r, floor: 20}", w=[1, 4, 5], x=[0] * 3, zone=["a"] * 3))
    # 20 is taken; 80 is shared 4 : 5
    assert paid == [20, 36, 44]


def test_a_floor_is_rounded_up_to_whole_units_never_below():
    paid = amounts(
        pay(TEXT % "{id: r, floor: 33.2, where: w == 1}", w=[1, 1, 98], x=[0] * 3, zone=["a"] * 3)
    )
    assert paid == [34, 34, 32]


def test_a_cap_frees_money_for_the_others_in_proportion():
    paid = amounts(pay(TEXT % "{id: r, cap: 40}", w=[1, 1, 8], x=[0] * 3, zone=["a"] * 3))
    assert paid == [30, 30, 40]


def test_where_limits_a_rule_to_some_regions():
    rule = "{id: r, cap: 10, where: zone == 'a'}"
    paid = amounts(pay(TEXT % rule, w=[1, 1, 2], x=[0] * 3, zone=["a", "b", "b"]))
    assert paid == [10, 30, 60]


def test_matching_gives_at_most_so_much_for_own_money():
    """Uganda: 10 % of own money; here 9 for each unit."""
    rule = "{id: r, matching: 9, own: x}"
    paid = amounts(pay(TEXT % rule, w=[1, 1, 1], x=[1, 100, 100], zone=["a"] * 3))
    assert paid == [9, 46, 45]


@pytest.mark.parametrize(
    ("rule", "key"), [("matching: 1, own: x", "own"), ("matching: x, own: 1", "matching")]
)
def test_own_money_below_zero_is_refused_by_region(rule, key):
    columns = {"w": [1, 1, 1], "x": [-1, 100, -2]}
    with pytest.raises(InputError) as caught:
        pay(TEXT % f"{{id: r, {rule}}}", **columns, zone=["a"] * 3)
    (mistake,) = caught.value.mistakes
    assert f"rule 'r': {key} is -1 in 2 region(s): 001, 003; it must be 0 or more" in mistake.en
    assert "001、003；不得小于 0" in mistake.zh
    # a region that the rule does not speak of may be in debt
    spoken = f"{{id: r, {rule}, where: zone == 'b'}}"
    assert amounts(pay(TEXT % spoken, **columns, zone=["a", "b", "a"])) == [34, 33, 33]


def test_own_money_may_be_below_zero_where_amounts_may():
    text = TEXT.replace("{share: 1, weight: w}", "{each: w, negative: allow}")
    rule = "{id: r, matching: 1, own: x}"
    assert amounts(pay(text % rule, w=[1, 1, 1], x=[-3, 9, 9], zone=["a"] * 3)) == [-3, 1, 1]


def test_a_multiple_without_end_reaches_the_whole_amount_that_it_comes_to():
    """Own money of 3 in 10 is matched by 7: 7/3 of 30 is 70, not a hair below it."""
    rule = "{id: r, matching: 0.7 / (1 - 0.7), own: x}"
    paid = amounts(pay(TEXT % rule, w=[9, 1], x=[30, 100], zone=["a"] * 2))
    assert paid == [70, 30]


def test_a_rule_without_its_limit_does_not_apply_and_says_so():
    run = pay(TEXT % "{id: r, cap: x}", w=[1, 1], x=[10, None], zone=["a", "a"])
    assert amounts(run) == [10, 90]
    assert [n.kind for n in run.notes if n.place == "r"] == ["rule-not-applied"]


def test_every_rule_has_a_sentence_in_both_languages():
    rules = build(
        TEXT % "{id: a, floor: 1}, {id: b, cap: 90}, {id: c, matching: 2, own: x}"
    ).spec.allocation.rules
    for rule in rules:
        assert rule.sentence("en")
        assert rule.sentence("zh") != rule.sentence("en")
