"""Who pays for a rule: the difference from the same model without it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from reliefperf.errors import InputError
from reliefperf.scenarios.explaining.without import without_rule
from tests.allocation.paying import amounts, pay

MODEL = """
variables:
  n: {missing: error}
  m: {missing: error}
  last: {missing: error}
  zone: {type: text, missing: error}
allocation:
  unit: yuan
  budget: 1000
  pools: {a: {share: 0.6, weight: n}, b: {share: 0.4, weight: m}}
  rules:
    - {id: keep, hold_harmless: 0.9, previous: last}
    - {id: east, group_share: zone, where: zone == 'e', at_least: 0.7}
"""
COLUMNS = {
    "n": [10, 20, 30, 40],
    "m": [40, 13, 20, 25],
    "last": [480, 50, 60, 70],
    "zone": ["e", "w", "e", "w"],
}


@pytest.mark.parametrize("rule", ["keep", "east"])
def test_it_is_the_difference_from_the_model_without_the_rule(rule):
    run = pay(MODEL, **COLUMNS)
    lines = [line for line in MODEL.splitlines() if f"id: {rule}," not in line]
    other = pay("\n".join(lines), **COLUMNS)
    found = without_rule(run.model, run.last, rule)
    assert list(found.with_rule) == amounts(run)
    assert list(found.without) == amounts(other)
    assert [sum(pool) for pool in zip(*found.by_pool.values(), strict=True)] == found.gains


def test_where_totals_are_fixed_winners_gain_what_losers_pay():
    run = pay(MODEL, **COLUMNS)
    found = without_rule(run.model, run.last, "keep")
    assert found.net == 0
    assert found.moved > 0
    assert found.moved == -sum(gain for gain in found.gains if gain < 0)
    assert found.ordered()[0] == 0


def test_groups_of_the_model_add_up():
    run = pay(MODEL, **{**COLUMNS, "last": [250, 50, 60, 70]})
    found = without_rule(run.model, run.last, "east")
    assert found.grouping == "zone"
    assert [group.group for group in found.groups] == ["e", "w"]
    assert sum(group.with_rule - group.without for group in found.groups) == Decimal(0)
    assert found.groups[0].with_rule >= Decimal("699")
    assert (found.groups[0].winning, found.groups[1].losing) == (2, 2)


def test_the_run_itself_is_left_as_it_was():
    run = pay(MODEL, **COLUMNS)
    before, columns = amounts(run), dict(run.last.env.columns)
    without_rule(run.model, run.last, "keep")
    assert amounts(run) == before
    assert all(run.last.env.columns[name] is column for name, column in columns.items())
    assert [rule.id for rule in run.model.spec.allocation.rules] == ["keep", "east"]


def test_an_unknown_rule_is_named_with_the_near_one():
    run = pay(MODEL, **COLUMNS)
    with pytest.raises(InputError, match=r"no rule 'keeep'.*keep"):
        without_rule(run.model, run.last, "keeep")
