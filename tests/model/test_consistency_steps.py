"""A step of the calculation is no money: rules and objectives that take it for some are refused."""

import pytest

from tests.building import mistakes_of

MODEL = """
model: t
variables: {{w: {{missing: error}}}}
allocation:
  unit: yuan
  budget: 10
  pools:
    step: {{each: w, paid: false}}
    base: {{share: 0.5, weight: step}}
    award: {{share: {share}, weight: w{more}}}
  rules: [{rule}]
  objectives: [{objective}]
  relax: {relax}
"""


def found(rule: str = "", objective: str = "", relax: str = "[]", **words: str) -> list[str]:
    texts = {"share": "0.5", "more": "", **words}
    text = MODEL.format(rule=rule, objective=objective, relax=relax, **texts)
    return [mistake.en for mistake in mistakes_of(text)]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"rule": "{id: a, ratio: 1, pool: award, to: step}"}, "names it alone"),
        ({"rule": "{id: a, ratio: 1, pool: step, to: base}"}, "names it alone"),
        ({"rule": "{id: a, cap: 1, pool: [step, base]}"}, "names it alone"),
        ({"rule": "{id: a, order: w, per: w, pool: step}"}, "names it alone"),
        ({"rule": "{id: a, cap: 1, pool: step, soft: 1}"}, "is hard"),
        ({"objective": "{name: performance, score: w, pool: step}"}, "look at money"),
        ({"rule": "{id: a, cap: 1, pool: step}", "relax": "[a]"}, "never gives way"),
        ({"rule": "{id: a, cap: award, pool: base}"}, "is not settled before"),
        ({"rule": "{id: a, cap: 2 * base}"}, "is not settled before"),
        ({"rule": "{id: a, cap: base, pool: base}"}, "a pool cannot use its own amounts"),
        ({"more": ", paid: false, between: [1, 2]"}, "settled on its own"),
    ],
)
def test_each_misuse_is_named(given: dict[str, str], words: str) -> None:
    (mistake,) = found(**given)
    assert words in mistake


def test_a_model_needs_a_pool_that_is_paid() -> None:
    (mistake,) = mistakes_of(
        """
        model: t
        variables: {w: {missing: error}}
        allocation: {unit: yuan, pools: {a: {each: w, paid: false}}}
        """
    )
    assert "no pool is paid" in mistake.en
    assert "没有发放" in mistake.zh


@pytest.mark.parametrize(
    "rule",
    [
        "{id: a, cap: 5, pool: step}",
        "{id: a, cap: 0.5 * step + base, pool: award}",
        "{id: a, cap: 0.5 * step}",
        "{id: a, floor: 0.1 * step, pool: [base, award]}",
        "{id: a, cap: previous(award), pool: base}",
    ],
)
def test_limits_of_a_step_and_limits_by_earlier_pools_are_sound(rule: str) -> None:
    assert not found(rule)


def test_shares_of_steps_are_not_shares_of_the_money() -> None:
    assert not mistakes_of(
        """
        model: t
        variables: {w: {missing: error}}
        allocation:
          unit: yuan
          budget: 10
          pools: {a: {share: 1, weight: w, paid: false}, b: {share: 1, weight: a}}
        """
    )


def test_a_derived_column_is_told_where_the_budget_is_known() -> None:
    (mistake,) = mistakes_of(
        """
        model: t
        variables: {w: {missing: error}}
        derived: {part: 0.1 * budget}
        allocation: {unit: yuan, budget: 10, pools: {a: {share: 1, weight: w}}}
        """
    )
    assert "in the section `allocation` only" in mistake.en
