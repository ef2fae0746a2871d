"""A rule has no name of the results, and names each pool once."""

from __future__ import annotations

import pytest

from reliefperf.allocation.coupled import LIMITS, OBJECTIVES, RULES
from reliefperf.allocation.coupled_rows import REGION_TOTALS
from reliefperf.allocation.coupled_wishes import NEAR
from reliefperf.allocation.cutting import BUDGET
from reliefperf.model.consistency_names import RESERVED_RULES, STEPS_OF_POOLS
from reliefperf.scenarios.inverse.all_budgets import GOAL
from reliefperf.scenarios.results.money import _MONEY_STEPS
from tests.building import mistakes_of, model_of

MODEL = """
model: t
variables: {{w: {{missing: error}}, v: {{missing: error}}}}
allocation:
  unit: yuan
  budget: 100
  pools:
    base: {{share: 0.5, weight: w}}
    award: {{share: 0.5, weight: v}}
    {pool}
  rules: [{rule}]
  objectives: [{objective}]
"""


def text(rule: str = "", objective: str = "", pool: str = "") -> str:
    return MODEL.format(rule=rule, objective=objective, pool=pool)


@pytest.mark.parametrize(
    ("name", "means"),
    [
        ("budget", "the budget itself"),
        ("region totals", "each region's pools"),
        ("near the amounts", "whole units"),
        ("rounding", "what rounding moves"),
        ("entitlement", "before any rule"),
        ("objectives", "the objectives move"),
        ("limits", "budget and totals"),
        ("rules", "all rules together"),
        ("not-eligible", "without a part"),
        ("goal asked for", "`reach` and `budget`"),
        ("pool base", "the total of a pool"),
        ("objective change", "an objective"),
    ],
)
def test_a_rule_has_no_name_of_the_results(name: str, means: str) -> None:
    (mistake,) = mistakes_of(text(f"{{id: {name}, floor: 3}}"))
    assert means in mistake.en
    assert "give the rule another id" in mistake.en
    assert "另取编号" in mistake.zh


@pytest.mark.parametrize(
    ("step", "pool"),
    [
        ("limit", "more: {each: w, limit: 9, over_limit: scale}"),
        ("bear", "more: {each: w, amount: 9, bear: w}"),
        ("floor", "more: {scale_gains: {formula: w, floor: v}}"),
        ("scaling", "more: {scale_gains: {formula: w, floor: v}}"),
    ],
)
def test_a_step_of_a_pool_names_no_rule_where_there_is_such_a_pool(step: str, pool: str) -> None:
    rule = f"{{id: {step}, floor: 3, pool: base}}"
    model_of(text(rule))
    (mistake,) = mistakes_of(text(rule, pool=pool))
    assert "give the rule another id" in mistake.en


def test_every_name_of_the_results_is_reserved() -> None:
    """A word added to results or messages is refused as the id of a rule too."""
    names = {OBJECTIVES, LIMITS, RULES, REGION_TOTALS, NEAR, BUDGET, GOAL, *_MONEY_STEPS}
    assert names == RESERVED_RULES.keys() | STEPS_OF_POOLS.keys()


@pytest.mark.parametrize("name", ["total", "budget", "entitlement", "amount"])
def test_a_pool_has_no_name_of_the_results(name: str) -> None:
    (mistake,) = mistakes_of(text(pool=f"{name}: {{amount: 9, weight: w}}"))
    assert "choose another name" in mistake.en


TWICE = "stands twice and would count twice"
ALONE = "stands alone, not in a list: pool: total"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("{id: r, floor: 20, pool: [base, base]}", TWICE),
        ("{id: r, group_share: w, at_least: 0.2, pool: [base, award, base]}", TWICE),
        ("{id: r, ratio: 1, pool: award, to: [base, base]}", TWICE),
        ("{id: r, ratio: 1, pool: base, to: base}", "the same money"),
        ("{id: r, ratio: 1, pool: [base, award], to: [award, base]}", "the same money"),
        ("{id: r, ratio: 1, pool: [base, award], to: total}", "the same money"),
        ("{id: r, floor: 20, pool: [total]}", ALONE),
        ("{id: r, floor: 20, pool: [base, total]}", ALONE),
        ("{id: r, floor: 20, pool: [base, awards]}", "did you mean 'award'?"),
    ],
)
def test_each_pool_counts_once(rule: str, words: str) -> None:
    (mistake,) = mistakes_of(text(rule))
    assert words in mistake.en


def test_performance_looks_at_each_pool_once() -> None:
    (mistake,) = mistakes_of(text(objective="{name: performance, score: w, pool: [award, award]}"))
    assert TWICE in mistake.en


def test_a_part_may_be_compared_with_a_sum_that_it_is_in() -> None:
    model_of(text("{id: r, ratio: 0.6, pool: award, to: [base, award]}"))
    model_of(text("{id: r, ratio: 0.6, pool: award, to: total}"))
