"""Contributions: a total below zero is shared by weight, within limits, and adds up exactly."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.allocation.contributing import contributions
from reliefperf.allocation.ratios import Partial, Ratios
from reliefperf.allocation.waterfill import waterfill
from reliefperf.errors import InfeasibleError, InputError
from tests.allocation.paying import amounts, pay

POOL = """
variables: {w: {missing: error}}
allocation:
  unit: yuan
  pools: {pay: {amount: -100, weight: w, negative: allow}}
"""


def with_rule(rule: str, more: str = "") -> str:
    return POOL + f"  rules: [{rule}]\n{more}"


def test_contributions_add_up_to_the_total_in_whole_units():
    assert amounts(pay(POOL, w=[1, 1, 1])) == [-33, -33, -34]
    assert amounts(pay(POOL, w=[5, 3, 0])) == [-62, -38, 0]


def test_a_total_below_zero_must_be_allowed():
    with pytest.raises(InputError, match="less than nothing .* shared out with `negative: allow`"):
        pay(POOL.replace(", negative: allow", ""), w=[1, 2])


def test_a_total_above_zero_is_a_grant_though_contributions_are_allowed():
    text = with_rule("{id: least, floor: -5}").replace("-100", "100")
    assert amounts(pay(text, w=[1, 3])) == [25, 75]


def test_groups_may_pay_in_or_receive():
    text = POOL.replace("amount: -100", "amount: money, by: zone").replace(
        "w: {missing: error}", "w: {missing: error}, money: {}, zone: {type: text}"
    )
    run = pay(text, w=[1, 3, 1, 1], money=[-100, -100, 50, 50], zone=["a", "a", "b", "b"])
    assert amounts(run) == [-25, -75, 25, 25]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("{id: most, floor: -40}", [-40, -40, -20]),
        ("{id: least, cap: -30}", [-40, -30, -30]),
        ("{id: own, floor: -20 * w}", [-40, -40, -20]),
    ],
)
def test_a_floor_is_the_most_and_a_cap_the_least_that_is_paid_in(rule, expected):
    weights = [4, 3, 1] if "least" in rule else [5, 4, 1]
    if "own" in rule:
        weights, expected = [2, 2, 1], [-40, -40, -20]
    assert amounts(pay(with_rule(rule), w=weights)) == expected


def test_what_nobody_may_pay_is_refused_or_left_as_the_model_says():
    rule = "{id: most, floor: -10}"
    with pytest.raises(InfeasibleError) as refused:
        pay(with_rule(rule), w=[1, 1])
    assert "leave 80 of the 100" in refused.value.text("en")
    assert "无人可缴" in refused.value.text("zh")
    run = pay(with_rule(rule, "  leftover: return\n"), w=[1, 1])
    assert amounts(run) == [-10, -10]
    assert any("80 yuan of the contributions are paid in by nobody" in n.en for n in run.notes)


def test_caps_that_ask_for_more_than_the_total_are_refused():
    with pytest.raises(InfeasibleError) as refused:
        pay(with_rule("{id: least, cap: -60}"), w=[1, 1])
    assert "ask for 120 in all" in refused.value.text("en")


def test_a_floor_above_zero_contradicts_a_contribution():
    with pytest.raises(InfeasibleError) as refused:
        pay(with_rule("{id: least, floor: 5}"), w=[1, 1])
    assert "the amount may not be above zero; they miss by 5" in refused.value.text("en")


EQUALISATION = """
variables: {gap: {missing: error}}
derived: {transfer: "round(total(max(gap, 0)))"}
allocation:
  unit: yuan
  pools:
    receive: {amount: transfer, weight: gap, eligible: gap > 0}
    pay: {amount: -transfer, weight: -gap, eligible: gap < 0, negative: allow}
"""


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(-1000, 1000), min_size=2, max_size=8).filter(
        lambda gaps: max(gaps) > 0 > min(gaps)
    )
)
def test_an_equalisation_adds_up_to_zero_and_every_amount_is_within_a_unit(gaps):
    paid = amounts(pay(EQUALISATION, gap=gaps))
    assert sum(paid) == 0
    out, back = sum(g for g in gaps if g > 0), -sum(g for g in gaps if g < 0)
    for gap, amount in zip(gaps, paid, strict=True):
        due = Fraction(gap) if gap > 0 else Fraction(gap * out, back)
        assert abs(Fraction(amount) - due) < 1


def test_contributions_in_one_program_with_other_pools():
    """No total below -30: what is spared is paid in by those who can, and the sum stays zero."""
    text = EQUALISATION + "  rules: [{id: most, floor: -30}]\n"
    paid = amounts(pay(text, gap=[60, -40, -15, -5]))
    assert sum(paid) == 0
    assert min(paid) == -30
    assert paid[0] == 60


positive = st.integers(1, 9)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(positive, positive), min_size=1, max_size=6), st.integers(1, 60))
def test_contributions_are_grants_with_the_sign_turned(rows, total):
    weights = [w for w, _ in rows]
    most = [Fraction(m) for _, m in rows]
    nothing = [Fraction(0)] * len(rows)
    grants = waterfill(weights, nothing, most, Fraction(total))
    found = contributions(
        Ratios.of([Fraction(-w) for w in weights]),
        Ratios.of([-m for m in most]),
        Partial.of(nothing),
        Fraction(-total),
    )
    assert [-amount for amount in found.amounts] == list(grants.amounts)
    assert found.left == grants.left


def test_weights_of_contributions_stay_above_zero():
    with pytest.raises(InputError, match="weight of pool 'pay' is negative in 1 region"):
        pay(POOL, w=[3, -1])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(positive, positive), min_size=1, max_size=5),
    st.sampled_from(["redistribute_then_return", "return"]),
)
def test_one_program_shares_contributions_as_a_pool_alone_does(rows, leftover):
    own = "{id: most, floor: -5 * m, pool: pay}"
    tie = ", {id: all, floor: -100000}"
    text = POOL.replace("w: {", "m: {missing: error}, w: {").replace(
        "pools: {", "pools: {o: {amount: 0, weight: 1}, "
    )
    more = f"  leftover: {leftover}\n"
    columns = {"w": [w for w, _ in rows], "m": [m for _, m in rows]}
    alone = pay(f"{text}  rules: [{own}]\n{more}", **columns)
    tied = pay(f"{text}  rules: [{own}{tie}]\n{more}", **columns)
    assert tied.last.allocation is not None
    assert tied.last.allocation.program is not None
    assert abs(sum(amounts(alone)) - sum(amounts(tied))) <= 1
    pairs = zip(amounts(alone), amounts(tied), strict=True)
    assert all(abs(one - other) <= 1 for one, other in pairs)
