"""Every construct that is written as a pool says in both languages what it does, in its numbers."""

from __future__ import annotations

import pytest

from reliefperf.scenarios.results.pool_words import PoolWords
from reliefperf.scenarios.results.rules import RULES_HEADER, rules_rows
from tests.allocation.paying import build, pay

HEAD = """
variables:
  n: {missing: error, title: {zh: 人数, en: persons}}
  zone: {type: text}
  last: {missing: error}
  unspent: {missing: error}
  got: {missing: error}
  merit: {missing: error}
  named: {missing: error}
  fa: {missing: error}
  fb: {missing: error}
tables:
  cut: {steps: {at_most: [[0.05, 1], [0.10, 0.9]]}, otherwise: 0.8}
  tier: {steps: {at_least: [[90, 500], [80, 300]]}, otherwise: 0}
  rate: {title: {zh: 分档标准, en: standard}, lookup: {e: 1.5, w: 2}}
  line: {piecewise: [[0, 0], [100, 50]]}
  eight: {piecewise: [[0, 0], [1, 1], [2, 4], [3, 9], [4, 16], [5, 25], [6, 36], [7, 49]]}
  nine: {piecewise: [[0, 0], [1, 1], [2, 4], [3, 9], [4, 16], [5, 25], [6, 36], [7, 49], [8, 64]]}
parameters: {start: 60}
derived: {factor: 6000 / fa}
allocation:
  unit: yuan
  budget: 100000
  pools:
"""
CONSTRUCTS = {
    "competitive": (
        "{share: 0.7, weight: n * factor}",
        "all regions share 70% of the budget in proportion to 'persons × factor'; "
        "'factor' is 6000 / fa",
        "各地区按“人数 × factor”的比例分配预算的 70%；“factor”为 6000 / fa",
    ),
    "equal": (
        "{share: 1, weight: 1}",
        "all regions share the whole budget in equal parts",
        "各地区平均分配全部预算",
    ),
    "earmark": (
        "{each: 700, eligible: named == 1}",
        "only regions where 'named = 1' get 700 yuan each",
        "仅符合“named = 1”的地区各得 700 yuan",
    ),
    "fixed award by tier": (
        "{each: tier(merit)}",
        "all regions get the fixed amount of the table 'tier(merit)'; "
        "'tier' is 500 from 90, 300 from 80, else 0",
        "各地区按表“tier(merit)”得定额；“tier”：不低于 90 为 500，不低于 80 为 300，其余为 0",
    ),
    "step reducer by unspent balance": (
        "{each: 0.1 * last * cut(unspent / got)}",
        "all regions get '0.1 × last × cut(unspent / got)' each; "
        "'cut' is 1 up to 0.05, 0.9 up to 0.1, else 0.8",
        "各地区各得“0.1 × last × cut(unspent / got)”；"
        "“cut”：不高于 0.05 为 1，不高于 0.1 为 0.9，其余为 0.8",
    ),
    "rates per unit": (
        "{each: 12 * n * rate(zone)}",
        "all regions get '12 × persons × standard(zone)' each; 'standard' is 1.5 for e, 2 for w",
        "各地区各得“12 × 人数 × 分档标准(zone)”；“分档标准”：e 为 1.5，w 为 2",
    ),
    "a factor on a line": (
        "{each: n * line(merit)}",
        "all regions get 'persons × line(merit)' each; 'line' is 0 at 0, 50 at 100, "
        "on straight lines between",
        "各地区各得“人数 × line(merit)”；“line”：0 处 0，100 处 50，其间按直线",
    ),
    "a line of eight points": (
        "{each: n * eight(merit)}",
        "all regions get 'persons × eight(merit)' each; 'eight' is 0 at 0, 1 at 1, 4 at 2, 9 at 3, "
        "16 at 4, 25 at 5, 36 at 6, 49 at 7, on straight lines between",
        "各地区各得“人数 × eight(merit)”；“eight”：0 处 0，1 处 1，2 处 4，3 处 9，4 处 16，5 处 25，"
        "6 处 36，7 处 49，其间按直线",
    ),
    "a line of nine points": (
        "{each: n * nine(merit)}",
        "all regions get 'persons × nine(merit)' each; 'nine' is 0 at 0, 1 at 1, 4 at 2, 9 at 3, "
        "16 at 4, 25 at 5, 36 at 6, 49 at 7, and 1 more, on straight lines between",
        "各地区各得“人数 × nine(merit)”；“nine”：0 处 0，1 处 1，2 处 4，3 处 9，4 处 16，5 处 25，"
        "6 处 36，7 处 49，等 9 行，其间按直线",
    ),
    "maximum of two formulas, rescaled": (
        '{amount: 10000, weight: "max(fa, fb)"}',
        "all regions share 10,000 yuan in proportion to the larger of 'fa' and 'fb'",
        "各地区按“fa”与“fb”中的较大者的比例分配 10,000 yuan",
    ),
    "the smaller of two": (
        '{each: "min(2 * n, 300)"}',
        "all regions get the smaller of '2 × persons' and 300",
        "各地区各得“2 × 人数”与 300 中的较小者",
    ),
    "guarantee": (
        '{each: "where(merit < start, 0.5 * last, 0)"}',
        "all regions get '0.5 × last' where 'merit < start', else nothing; 'start' is 60",
        "各地区符合“merit < start”的得“0.5 × last”，其余为零；“start”为 60",
    ),
    "guarantees first, then points": (
        "{amount: 20000 - total(guarantee), weight: n * merit}",
        "all regions share '20000 - total(guarantee)' in proportion to 'persons × merit'; "
        "worked out after guarantee",
        "各地区按“人数 × merit”的比例分配“20000 - 合计(guarantee)”；在“guarantee”之后计算",
    ),
    "tournament": (
        '{amount: 5000, eligible: "rank(merit, by=zone) <= 2", weight: n}',
        "the first 2 regions by 'merit' in each 'zone' share 5,000 yuan in proportion to 'persons'",
        "每个“zone”内按“merit”排名前 2 的地区按“人数”的比例分配 5,000 yuan",
    ),
    "advance": (
        "{each: 0.7 * last, rounding: down}",
        "all regions get '0.7 × last' each; each down to whole units",
        "各地区各得“0.7 × last”；逐项向下取整",
    ),
    "settlement": (
        "{each: n - advance, negative: allow}",
        "all regions get 'persons - advance' each; an amount below zero is money taken back; "
        "worked out after advance",
        "各地区各得“人数 - advance”；金额可以为负，即收回已拨资金；在“advance”之后计算",
    ),
    "scaling of gains": (
        "{amount: 30000, scale_gains: {formula: 60 * n, floor: 1.01 * last}}",
        "all regions get at least '1.01 × last'; what '60 × persons' gives above it is scaled down "
        "in one proportion, so that all amounts add up to 30,000 yuan",
        "各地区至少得“1.01 × last”；“60 × 人数”高出的部分按同一比例缩减，使合计等于 30,000 yuan",
    ),
    "hold-harmless paid from outside": (
        '{each: "max(0, 1.02 * last - advance)"}',
        "all regions get '1.02 × last - advance', and nothing where that is below zero; "
        "worked out after advance",
        "各地区各得“1.02 × last - advance”（负数计零）；在“advance”之后计算",
    ),
    "totals by group": (
        '{amount: "total(n, by=zone)", by: zone, weight: merit}',
        "each 'zone' has a total of its own, 'total(persons, by=zone)', which all regions in it "
        "share in proportion to 'merit'",
        "每个“zone”各有总额“合计(人数, 分组=zone)”，由其中各地区按“merit”的比例分配",
    ),
    "a limit": (
        "{each: 2 * n, limit: 500, over_limit: scale}",
        "all regions get '2 × persons' each; at most 500 yuan in all, else all amounts are scaled "
        "down in one proportion",
        "各地区各得“2 × 人数”；合计不超过 500 yuan，超过时各地区按同一比例缩减",
    ),
    "carried by a measure": (
        "{amount: 900, each: fa, bear: n}",
        "all regions get 'fa' each; all of it must come to 900 yuan: the difference is carried in "
        "proportion to 'persons'",
        "各地区各得“fa”；合计须为 900 yuan，差额按“人数”的比例分担",
    ),
    "a number that is solved for": (
        '{amount: 900, each: "max(t * n, 3)", solve: t}',
        "all regions get the larger of 't × persons' and 3, with the t for which the amounts add up "
        "to 900 yuan",
        "各地区各得“t × 人数”与 3 中的较大者，其中 t 取使合计等于 900 yuan的数",
    ),
    "contributions": (
        "{amount: -300, weight: n, negative: allow}",
        "all regions pay in -300 yuan (below zero: money taken) in proportion to 'persons'",
        "各地区按“人数”的比例分担上缴，合计 -300 yuan（负数为上缴）",
    ),
    "what is left over": (
        "{amount: 10, weight: n, leftover: return, paid: true}",
        "all regions share 10 yuan in proportion to 'persons'; what limits leave is returned",
        "各地区按“人数”的比例分配 10 yuan；限额余下的资金收回",
    ),
    "a step": (
        "{amount: 10, weight: n, paid: false, rounding: none}",
        "all regions share 10 yuan in proportion to 'persons'; a step of the calculation, not paid; "
        "not rounded",
        "各地区按“人数”的比例分配 10 yuan；仅供计算，不作拨付；不取整",
    ),
    "a total that may move": (
        "{amount: 10, between: [5, 15], weight: n}",
        "all regions share 10 yuan in proportion to 'persons'; its total may move between 5 yuan "
        "and 15 yuan",
        "各地区按“人数”的比例分配 10 yuan；总额可在 5 yuan与 15 yuan之间调整",
    ),
}
OTHERS = {
    "guarantee": "{each: last}",
    "advance": "{each: last}",
}


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_a_construct_says_what_it_does(construct: str) -> None:
    stated, en, zh = CONSTRUCTS[construct]
    lines = [f"    {name}: {text}" for name, text in OTHERS.items()] + [f"    it: {stated}"]
    model = build(HEAD + "\n".join(lines) + "\n")
    assert PoolWords(model, "en").sentence("it") == en
    assert PoolWords(model, "zh").sentence("it") == zh


LEFT_IN_ALL = """
variables: {need: {missing: error}}
allocation:
  unit: dollar
  pools:
    esg: {amount: 2500, weight: need}
    own: {amount: 2500, weight: need, leftover: redistribute}
    each: {each: 2 * need}
  leftover: %s
"""
SHARED = "all regions share 2,500 dollar in proportion to 'need'"


@pytest.mark.parametrize(
    ("leftover", "said"),
    [
        ("return", "; what limits leave is returned"),
        ("reserve", "; what limits leave is kept in reserve"),
        (
            "redistribute_then_return",
            "; what limits leave goes to the others, and what nobody can take is returned",
        ),
        ("redistribute", ""),
    ],
)
def test_what_is_left_over_is_said_where_it_is_stated_for_all_pools(
    leftover: str, said: str
) -> None:
    words = PoolWords(build(LEFT_IN_ALL % leftover), "en")
    assert words.sentence("esg") == SHARED + said
    assert words.sentence("own") == SHARED + "; what limits leave goes to the others"
    assert "limits leave" not in words.sentence("each")  # a formula leaves nothing of a total


MODEL = """
variables: {n: {missing: error}}
allocation:
  unit: yuan
  pools:
    base:
      {amount: 90, weight: n, title: {zh: 基本, en: basic}, basis: {zh: 办法第三条, en: article 3}}
    step: {each: 2 * n, paid: false, basis: {zh: 办法第五条, en: article 5}}
    rest: {amount: 10, weight: n}
"""


@pytest.mark.parametrize("tied", [False, True])
def test_pools_stand_among_the_rules_with_their_basis(*, tied: bool) -> None:
    rules = "  rules: [{id: r, ratio: 3, pool: rest, to: base}]\n" if tied else ""
    run = pay(MODEL + rules, n=[1, 2])
    for lang, bases in (("en", ("article 3", "article 5")), ("zh", ("办法第三条", "办法第五条"))):
        rows = [
            dict(zip(RULES_HEADER, row, strict=True))
            for row in rules_rows(run.model, run.last, lang)
        ]
        found = {row["rule"]: row for row in rows}
        assert list(found)[:3] == ["pool base", "pool step", "pool rest"]
        assert tuple(found[f"pool {one}"]["basis"] for one in ("base", "step")) == bases
        assert found["pool base"]["title"] == ("basic" if lang == "en" else "基本")
        assert (found["pool base"]["rows"], found["pool base"]["binding"]) == (1, 1)
        assert found["pool step"]["says"] == PoolWords(run.model, lang).sentence("step")
