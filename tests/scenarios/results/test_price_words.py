"""Each sentence on the margin says by itself what changes, who gains or loses, and how far it holds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise, product

import numpy as np
import pytest
from scipy.optimize import linprog

from reliefperf.errors import Lang
from reliefperf.scenarios.results.rules import RULES_HEADER, rules_rows
from tests.allocation.paying import pay

TIED = """
variables: {n: {missing: error, title: {en: people, zh: 人数}}, m: {missing: error}, last: {missing: error}, s: {}, z: {type: text}}
allocation:
  unit: yuan
  smallest: '0.01'
  budget: 1000
  objectives: [entitlement]
  pools:
    a: {title: {en: Base, zh: 基本}, share: 0.6, weight: n}
    b: {title: {en: Award, zh: 奖补}, share: 0.4, weight: m}
  rules:
    - {id: tie, title: {en: the tie, zh: 联系}, group_share: z, at_most: 0.99}
    - %s
"""
ALONE = """
variables: {n: {missing: error}, last: {missing: error}}
allocation:
  unit: yuan
  budget: 1000
  pools: {a: {title: {en: Base, zh: 基本}, share: 1, weight: n}}
  rules: [%s]
"""
COLUMNS: dict[str, list[object]] = {
    "n": [10, 20, 30, 40],
    "m": [40, 13, 20, 25],
    "last": [200, 50, 60, 70],
    "s": [90, 80, 70, 60],
    "z": ["e", "e", "w", "w"],
}
REACH: dict[Lang, str] = {
    "en": " (bounds for a change of any size)",
    "zh": "（变动多少都不超出此限）",
}


def row(text: str, rule: str, lang: Lang) -> dict[str, str]:
    names = [
        name
        for name in COLUMNS
        if f"{name}: {{" in text.partition("allocation:")[0].replace("variables", "")
    ]
    run = pay(text % rule, **{name: COLUMNS[name] for name in names})
    rows = (
        dict(zip(RULES_HEADER, one, strict=True)) for one in rules_rows(run.model, run.last, lang)
    )
    return next({k: str(v) for k, v in one.items()} for one in rows if one["rule"] == "r")


def meaning(text: str, rule: str, lang: Lang) -> str:
    return row(text, rule, lang)["meaning"]


def test_a_cap_of_tied_pools() -> None:
    rule = "{id: r, cap: 320}"
    assert meaning(TIED, rule, "en") == (
        "if the upper limit of 004 is lowered by 1 yuan, the region gets less, the others more, and "
        "the gap to the formula's amounts (too much and too little, all added up) grows by at least "
        "2 yuan; if it is raised by 1 yuan, the region gets more, the others less, and it shrinks by "
        "at most 2 yuan" + REACH["en"]
    )
    assert meaning(TIED, rule, "zh") == (
        "若将 004 的上限降低 1 yuan，该地区少得、其余地区多得，各地区金额与公式测算额的差距"
        "（多得、少得合计）至少扩大 2 yuan；若提高 1 yuan，该地区多得、其余地区少得，至多缩小 2 yuan"
        + REACH["zh"]
    )


def test_a_group_share_speaks_of_the_group() -> None:
    rule = "{id: r, group_share: z, where: \"z == 'e'\", at_least: 0.5}"
    assert meaning(TIED, rule, "en").startswith(
        "if the lower limit of group 'e' is raised by 1 yuan, the group gets more, the others less"
    )
    assert meaning(TIED, rule, "zh").startswith(
        "若将 “e”组的下限提高 1 yuan，该组多得、其余地区少得"
    )


def test_a_ratio_names_the_pool_that_it_limits() -> None:
    rule = "{id: r, ratio: 0.7, pool: b, to: a}"
    assert meaning(TIED, rule, "en").startswith(
        "if the upper limit of 'Award' of 001 is lowered by 1 yuan, the gap"
    )
    assert meaning(TIED, rule, "zh").startswith("若将 001 的“奖补”上限降低 1 yuan，各地区金额")


def test_an_order_says_what_the_better_one_had_to_get() -> None:
    rule = "{id: r, order: s, per: n}"
    english, chinese = meaning(TIED, rule, "en"), meaning(TIED, rule, "zh")
    assert english.startswith(
        "if 002 had to get more for each unit of need than 003, by what makes 1 yuan at the smaller "
        "need of the two, the gap"
    )
    assert chinese.startswith(
        "若要求 002 每单位需求所得高于 003，高出额按两者中较小的需求折算为 1 yuan，各地区金额"
    )
    assert ">=" not in english + chinese


ORDERED = """
variables: {w: {missing: error}, merit: {missing: error}, need: {missing: error}}
allocation:
  unit: yuan
  smallest: '0.01'
  pools: {award: {amount: 600, weight: w}, base: {amount: 300, weight: 1}}
  rules: [{id: r, order: merit, per: need, pool: award}]
"""


def ordered(columns: Mapping[str, list[object]], lang: Lang = "en") -> str:
    """The sentence on an order of awards."""
    run = pay(ORDERED, **columns)
    rows = (
        dict(zip(RULES_HEADER, one, strict=True)) for one in rules_rows(run.model, run.last, lang)
    )
    return next(str(one["meaning"]) for one in rows if one["rule"] == "r")


def gap_with(columns: Mapping[str, Sequence[float]], ahead: Sequence[float]) -> float:
    """The least gap to the entitlements where each is ahead of the next by so much money.

    `ahead` is counted at the smaller need of the two, shape (n_regions - 1,). Regions stand in the
    order of their scores.
    """
    weights, needs = (np.array(columns[name], dtype=float) for name in ("w", "need"))
    entitlement = 600 * weights / weights.sum()
    n_regions = len(weights)
    one = np.eye(n_regions)
    beyond = [np.hstack([side * one, -one]) for side in (1, -1)]
    orders = np.zeros((n_regions - 1, 2 * n_regions))
    for i, _ in enumerate(ahead):
        orders[i, i], orders[i, i + 1] = 1 / needs[i], -1 / needs[i + 1]
    limits = np.array([gap / min(two) for gap, two in zip(ahead, pairwise(needs), strict=True)])
    ties = np.array([a == b for a, b in pairwise(columns["merit"])])
    whole = np.hstack([np.ones(n_regions), np.zeros(n_regions)])
    found = linprog(
        np.hstack([np.zeros(n_regions), np.ones(n_regions)]),
        np.vstack([*beyond, -orders[~ties]]),
        np.hstack([entitlement, -entitlement, -limits[~ties]]),
        np.vstack([whole, orders[ties]]),
        np.hstack([600, limits[ties]]),
    )
    assert found.status == 0
    return float(found.fun)


@pytest.mark.parametrize(
    ("columns", "ahead", "behind"),
    [
        ({"w": [1, 3, 2], "merit": [90, 80, 70], "need": [10, 40, 10]}, "002", "003"),
        ({"w": [1, 3, 2], "merit": [90, 80, 80], "need": [10, 40, 10]}, "002", "003"),
        ({"w": [1, 2, 3], "merit": [90, 80, 80], "need": [10, 10, 40]}, "003", "002"),
        ({"w": [3, 2], "merit": [80, 80], "need": [40, 10]}, "001", "002"),
        ({"w": [2, 3], "merit": [80, 80], "need": [10, 40]}, "002", "001"),
    ],
)
def test_the_price_of_an_order_is_of_money_at_the_smaller_need(
    columns: Mapping[str, list[object]], ahead: str, behind: str
) -> None:
    english = ordered(columns)
    assert english.startswith(f"if {ahead} had to get more for each unit of need than {behind}, by")
    assert f"若要求 {ahead} 每单位需求所得高于 {behind}，高出额" in ordered(columns, "zh")
    (least,) = re.findall(r"grows by at least (\S+) yuan", english)
    (most,) = re.findall(r"shrinks by at most (\S+) yuan", english)
    low = min(int(ahead), int(behind)) - 1
    costs = {}
    for times in (-100, -1, 0, 1, 100):
        gaps = [0.0] * (len(columns["w"]) - 1)
        gaps[low] = times if ahead < behind else -times
        costs[times] = gap_with(columns, gaps)
    for times in (1, 100):
        assert costs[times] - costs[0] >= float(least) * times - 1e-6
        assert 0 < costs[0] - costs[-times] <= float(most) * times + 1e-6


@pytest.mark.parametrize(
    ("columns", "ahead", "largest"),
    [
        (
            {"w": [1, 3, 2, 5], "merit": [90, 80, 80, 70], "need": [10, 40, 10, 10]},
            "one (of two equal ones the one with which it costs more) had to get",
            "002 against 003",
        ),
        (
            {"w": [1, 2, 4, 1], "merit": [90, 80, 80, 80], "need": [10, 10, 40, 20]},
            "one (of two equal ones the one with which it costs more) had to get",
            "003 against 002",
        ),
        (
            {"w": [1, 3, 2, 5], "merit": [90, 80, 75, 70], "need": [10, 40, 10, 10]},
            "the better one had to get",
            "002 against 003",
        ),
    ],
)
def test_several_pairs_say_who_of_equals_is_ahead(
    columns: Mapping[str, list[object]], ahead: str, largest: str
) -> None:
    english, chinese = ordered(columns), ordered(columns, "zh")
    assert ahead in english
    assert f"of it by {largest})" in english
    assert ("（得分相同的，取代价较大的一方）" in chinese) == ("equal ones" in english)
    (least,) = re.findall(r"grows by at least (\S+) yuan", english)
    ties = [a == b for a, b in pairwise(columns["merit"])]
    ways = product(*[(1, -1) if tie else (1,) for tie in ties])
    still = gap_with(columns, [0] * len(ties))
    assert max(gap_with(columns, way) for way in ways) - still >= float(least) - 1e-6


def test_several_limits_name_the_largest_price() -> None:
    rule = "{id: r, growth_limit: 1.5, previous: last, where: n > 10}"
    assert "if the 3 upper limits are each lowered by 1 yuan, these regions get less" in meaning(
        TIED, rule, "en"
    )
    assert "（影响最大的是 002，占 2 yuan）" in meaning(TIED, rule, "zh")


def test_the_objective_that_is_maximised_falls() -> None:
    text = TIED.replace("[entitlement]", "[{name: performance, score: s, pool: b}, entitlement]")
    rule = "{id: r, cap: 50, pool: b, where: s == 90}"
    assert "all added up) falls by at least" in meaning(text, rule, "en")
    assert "绩效加权分配额（金额乘得分的合计）至少降低" in meaning(text, rule, "zh")


@pytest.mark.parametrize(
    ("rule", "en", "zh"),
    [
        (
            "{id: r, cap: 320}",
            "in pool 'Base' 2 stand at the upper limit: for every yuan by which it is lowered, each "
            "of them gets 1 yuan less, shared by the 2 at no limit in proportion to their "
            "entitlements (66.7% of it by 002)",
            "上限每降低 1 yuan，这些地区各少得 1 yuan，由其余 2 个未受限地区按测算额比例（其中 002 占 66.7%）分得",
        ),
        (
            "{id: r, growth_limit: 3, previous: last}",
            "each of them gets 1 yuan less, shared by 001, the only one at no limit; the other way",
            "这些地区各少得 1 yuan，由唯一未受限的 001 分得；反向变动则相反；直到另有地区触及限额",
        ),
        (
            "{id: r, minimum_grant: 150}",
            "in pool 'Base' 1 amount is set by this rule; every yuan more is paid by the 3",
            "资金池“基本”中 1 个地区的金额由此规则定下，每多 1 yuan，由其余 3 个未受限地区",
        ),
    ],
)
def test_a_pool_alone_says_who_carries_a_unit_and_until_when(rule: str, en: str, zh: str) -> None:
    assert en in meaning(ALONE, rule, "en")
    assert zh in meaning(ALONE, rule, "zh")
    assert meaning(ALONE, rule, "en").endswith("until another region comes to a limit")


def test_a_sentence_has_titles_in_its_expressions() -> None:
    rule = "{id: r, floor: 3 * n, pool: b}"
    assert row(TIED, rule, "en")["says"] == "pool 'Award': at least 3 × people"
    assert row(TIED, rule, "zh")["says"] == "资金池“奖补”不低于 3 × 人数"


def test_a_coverage_is_told_in_percentage_points_without_exponents() -> None:
    text = TIED.replace("[entitlement]", "[coverage, entitlement]")
    text = text.replace("  objectives", "  need: n * 100000\n  objectives")
    rule = "{id: r, cap: 260}"
    english = meaning(text, rule, "en")
    assert "the least coverage of need falls by at least 0.00" in english
    assert "percentage points" in english
    assert "e-0" not in english
    assert "个百分点" in meaning(text, rule, "zh")
