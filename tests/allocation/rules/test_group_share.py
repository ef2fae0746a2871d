"""Shares of groups: hand-computed amounts."""

from __future__ import annotations

import pytest

from reliefperf.errors import InfeasibleError
from tests.allocation.paying import amounts, pay

TEXT = """
variables: {w: {missing: error}, zone: {type: text, missing: error}}
tables: {least: {lookup: {e: 0.1, w: 0.5}}}
allocation:
  unit: yuan
  budget: 1000
  pools: {grant: {share: 1, weight: w}}
  rules: [%s]
"""
ROWS = {"w": [60, 30, 6, 4], "zone": ["e", "e", "w", "w"]}


def test_a_group_gets_its_least_share_and_each_side_keeps_its_proportions():
    rule = "{id: west, group_share: zone, where: zone == 'w', at_least: 0.2}"
    assert amounts(pay(TEXT % rule, **ROWS)) == [533, 267, 120, 80]


def test_shares_may_differ_by_group():
    assert amounts(pay(TEXT % "{id: s, group_share: zone, at_least: least(zone)}", **ROWS)) == [
        333,
        167,
        300,
        200,
    ]


def test_a_greatest_share_and_amounts_in_money():
    high = "{id: s, group_share: zone, where: zone == 'e', at_most: 0.6}"
    assert sum(amounts(pay(TEXT % high, **ROWS))[:2]) == 600
    money = "{id: s, group_share: zone, where: zone == 'w', least_amount: 250, most_amount: 250}"
    assert sum(amounts(pay(TEXT % money, **ROWS))[2:]) == 250


def test_shares_that_cannot_all_be_are_infeasible_by_name():
    rule = "{id: too-much, group_share: zone, at_least: 0.6}"
    with pytest.raises(InfeasibleError, match="too-much"):
        pay(TEXT % rule, **ROWS)
