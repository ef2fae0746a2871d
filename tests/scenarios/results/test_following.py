"""The price of a total says what it holds in money that would move with the total, and only there."""

from __future__ import annotations

import pytest

from reliefperf.errors import Lang
from reliefperf.scenarios.results.rules import RULES_HEADER, rules_rows
from tests.allocation.paying import pay

HELD = "the formula's amounts as they are, regions get"
LIMITS = (
    "the formula's amounts and the limits in money that follow from it as they are, regions get"
)
TOTALS = (
    "the formula's amounts and the totals in money that follow from it as they are, regions get"
)
BOTH = "the formula's amounts and the totals and limits in money that follow from it as they are"
SHARED = """
variables: {w: {missing: error}, zone: {type: text}}
allocation:
  unit: yuan
  pools: {base: {amount: 1000, weight: w}, award: {amount: 1000, weight: 1}}
  rules:
    - {id: east, group_share: zone, %s, where: zone == 'east', pool: %s}
    - {id: keep, floor: 1500, where: zone == 'east', soft: 1}
"""
TIED = """
variables: {w: {missing: error}, last: {missing: error}}
parameters: {pot: 1000}
allocation:
  unit: yuan
  pools: {base: {amount: %s, weight: w}, award: {amount: %s, weight: 1}}
  rules:
    - {id: tie, ratio: 0.6, pool: award, to: base}
    - %s
"""
BY_ZONE = """
variables: {w: {missing: error}, zone: {type: text}, t: {missing: error}}
allocation:
  unit: yuan
  pools: {base: {amount: t, weight: w, by: zone}, award: {amount: 1000, weight: 1}}
  rules: [{id: tie, ratio: %s, pool: base, to: award}]
"""
FOUR: dict[str, list[object]] = {"w": [5, 3, 2, 1], "last": [300, 400, 200, 500]}


def said(text: str, row: str, lang: Lang = "en", **columns: list[object]) -> str:
    """What the price of a row of rules.csv means."""
    run = pay(text, **columns)
    rows = (
        dict(zip(RULES_HEADER, one, strict=True)) for one in rules_rows(run.model, run.last, lang)
    )
    return next(str(one["meaning"]) for one in rows if one["rule"] == row)


def test_a_share_of_a_fixed_total_is_a_limit_in_money_that_is_held() -> None:
    columns: dict[str, list[object]] = {"w": [5, 3, 2], "zone": ["east", "west", "west"]}
    text = SHARED % ("at_most: 0.25", "base")
    assert LIMITS in said(text, "pool base", **columns)
    assert "（公式测算额以及随该总额而定的限额（金额）均不变）" in said(
        text, "pool base", "zh", **columns
    )
    assert HELD in said(text, "pool award", **columns)
    assert "（公式测算额不变）" in said(text, "pool award", "zh", **columns)
    text = SHARED % ("at_most: 0.25", "total")
    assert LIMITS in said(text, "pool award", **columns)
    text = SHARED % ("most_amount: 250", "base")
    assert HELD in said(text, "pool base", **columns)


@pytest.mark.parametrize(
    ("base", "award", "rule", "expected"),
    [
        ("1000", "500", "{id: r, cap: 300, pool: base}", HELD),
        ("pot", "500", "{id: r, cap: 0.3 * pot, pool: base}", LIMITS),
        ("1000", "500", "{id: r, cap: 0.3 * pot, pool: base}", HELD),
        (
            "1000",
            "500",
            "{id: r, hold_harmless: 0.9, previous: last, pool: base, if_short: scale}",
            LIMITS,
        ),
        ("1000", "0.5 * total(base)", "{id: r, cap: 400}", TOTALS),
    ],
)
def test_what_moves_with_a_total_is_said_to_be_held(
    base: str, award: str, rule: str, expected: str
) -> None:
    assert expected in said(TIED % (base, award, rule), "pool base", **FOUR)


def test_a_budget_holds_the_totals_and_limits_that_are_parts_of_it() -> None:
    text = """
        variables: {w: {missing: error}}
        allocation:
          unit: yuan
          budget: 1500
          pools: {base: {share: 0.6, weight: w}, award: {each: 80 * w}}
          rules:
            - {id: tie, ratio: 1.5, pool: award, to: base}
            - {id: least, floor: 0.2 * budget, soft: 1}
        """
    assert BOTH in said(text, "budget", w=[5, 3, 2, 1])
    assert "随该总额而定的资金池总额和限额（金额）均不变" in said(
        text, "budget", "zh", w=[5, 3, 2, 1]
    )


def test_of_what_is_maximised_a_larger_total_brings_at_most_its_price() -> None:
    text = """
        variables: {w: {missing: error}, s: {missing: error}}
        allocation:
          unit: yuan
          pools: {award: {amount: 800, weight: w}}
          objectives: [{name: performance, score: s, pool: award}, entitlement]
          rules: [{id: most, cap: 400}]
        """
    columns: dict[str, list[object]] = {"w": [1, 3, 2], "s": [50, 90, 60]}
    # the next yuan goes to 001 (50 points), the last one came from 003 (60 points)
    english = said(text, "pool award", **columns)
    assert (
        "all added up) rises by at most 50; if it is lowered by 1 yuan, it falls by at least 50"
        in (english)
    )
    chinese = said(text, "pool award", "zh", **columns)
    assert "至多提高 50；若减少 1 yuan，至少降低 50" in chinese


def test_of_totals_by_group_those_with_a_price_are_raised() -> None:
    columns: dict[str, list[object]] = {"w": [5, 3, 2, 1], "zone": ["e", "e", "w", "w"]}
    one = {**columns, "t": [300, 300, 200, 200]}
    english = said(BY_ZONE % 0.7, "pool base", **one)
    assert english.startswith("if the total of group 'e' of pool 'base' is raised by 1 yuan, ")
    assert "regions get 1 yuan more in all" in english
    assert "若资金池“base”中“e”组的总额增加 1 yuan" in said(BY_ZONE % 0.7, "pool base", "zh", **one)
    both = {**columns, "t": [300, 300, 270, 270]}
    english = said(BY_ZONE % 0.65, "pool base", **both)
    assert english.startswith(
        "if each of the 2 of 2 totals of pool 'base' that have a price is raised by 1 yuan, "
    )
    assert "regions get 2 yuan more in all" in english
    assert "if each is lowered by 1 yuan, it shrinks" in english
    chinese = said(BY_ZONE % 0.65, "pool base", "zh", **both)
    assert "2 个组的总额中有影响的 2 个各增加 1 yuan" in chinese
    assert "各地区合计多得 2 yuan" in chinese
    assert "若各减少 1 yuan" in chinese
