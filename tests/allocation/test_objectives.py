"""Objectives in order: performance, tolerances, soft rules by priority."""

from __future__ import annotations

from decimal import Decimal

import pytest

from reliefperf.errors import InputError
from tests.allocation.paying import amounts, build, pay

TEXT = """
variables: {w: {missing: error}, s: {}, need: {missing: error}, last: {missing: error}}
allocation:
  unit: yuan
  smallest: '0.01'
  budget: 100
  need: need
  previous_amount: last
  pools: {award: {share: 1, weight: w}}
  rules: [%s]
  objectives: [%s]
"""
CAP = "{id: most, cap: 60}"
ROWS = {"w": [1, 1, 2], "s": [90, 80, 70], "need": [100, 100, 100], "last": [30, 40, 30]}
PERFORMANCE = "{name: performance, score: s, pool: award%s}"


def worth(paid: list[Decimal]) -> Decimal:
    return sum((s * x for s, x in zip(ROWS["s"], paid, strict=True)), Decimal(0))


def test_performance_gives_the_money_to_the_best_as_far_as_rules_let_it():
    assert amounts(pay(TEXT % (CAP, PERFORMANCE % ""), **ROWS)) == [60, 40, 0]


def test_with_a_tolerance_later_objectives_gain_and_the_value_stays_within_it():
    best = worth(amounts(pay(TEXT % (CAP, PERFORMANCE % ""), **ROWS)))
    for share in ("0.01", "0.03", "0.05"):
        loose = PERFORMANCE % f", within: {share}"
        paid = amounts(pay(TEXT % (CAP, f"{loose}, coverage"), **ROWS))
        assert best * (1 - Decimal(share)) - 1 <= worth(paid) < best
        assert min(paid) > 0
    strict = amounts(pay(TEXT % (CAP, f"{PERFORMANCE % ''}, coverage"), **ROWS))
    assert min(strict) == 0


def test_the_coverage_may_be_given_up_within_its_tolerance_for_the_least_change():
    def change(paid: list[Decimal]) -> Decimal:
        return sum((abs(x - y) for x, y in zip(paid, ROWS["last"], strict=True)), Decimal(0))

    strict = amounts(pay(TEXT % ("", "coverage, change"), **ROWS))
    loose = amounts(pay(TEXT % ("", "{name: coverage, within: 0.06}, change"), **ROWS))
    assert min(strict) == Decimal("33.33")
    # 33.33 x 0.94 = 31.33 is kept: 30 rises by 1.33 twice, 40 pays both
    assert min(loose) == Decimal("31.33")
    assert (change(strict), change(loose)) == (Decimal("13.34"), Decimal("5.32"))


def test_a_wide_tolerance_leaves_the_entitlements_as_they_are():
    wide = PERFORMANCE % ", within: 0.5"
    assert amounts(pay(TEXT % ("", wide), **ROWS)) == [25, 25, 50]


def test_a_soft_rule_of_higher_priority_is_kept_before_one_of_lower():
    low = "{id: first, floor: 80, pool: award, where: s == 90, soft: %d}"
    other = "{id: second, floor: 70, pool: award, where: s == 80, soft: %d}"
    run = pay(TEXT % (f"{low % 1}, {other % 2}", "shortfall, entitlement"), **ROWS)
    assert amounts(run) == [80, 20, 0]
    (note,) = [n for n in run.notes if n.kind == "rule-missed"]
    assert "'second'" in note.en
    assert "50" in note.en
    run = pay(TEXT % (f"{low % 2}, {other % 1}", "shortfall, entitlement"), **ROWS)
    assert amounts(run) == [30, 70, 0]


SOFT = """
variables: {w: {missing: error}}
allocation:
  unit: u
  smallest: '%s'
  pools: {g: {amount: %d, weight: w}}
  rules: [%s]
"""
ONLY_B = "pool: g, where: \"region == '002'\""


@pytest.mark.parametrize(
    ("smallest", "total", "rules", "w", "paid", "en", "zh"),
    [
        (  # a paid 0 is below 0.4, which the amounts before whole units are not
            "100",
            1000,
            f"{{id: low, floor: 0.4, {ONLY_B}, soft: 1}}, {{id: top, cap: 0.6, {ONLY_B}}},"
            "{id: big, floor: 720, pool: g, where: \"region == '003'\"}",
            [2, 1, 2],
            [200, 0, 800],
            "holds before whole units; the paid amounts miss 1 row(s) by 0.4 u in all",
            "取整前均满足；实拨金额有 1 处未满足，合计差 0.4 u",
        ),
        (  # three times 10/3 for 3.4, then twice 3
            "1",
            10,
            f"{{id: low, floor: 3.4, pool: g, soft: 1}}, {{id: top, cap: 3.6, {ONLY_B}}}",
            [1, 1, 1],
            [4, 3, 3],
            "is missed in 3 row(s) by 0.2 u in all before whole units; the paid amounts miss 2 "
            "row(s) by 0.8 u in all",
            "取整前有 3 处未满足，合计差 0.2 u；实拨金额有 2 处未满足，合计差 0.8 u",
        ),
        (  # 6 for 7 either way
            "1",
            12,
            "{id: low, floor: 7, pool: g, soft: 1}",
            [1, 1],
            [6, 6],
            "is missed in 2 row(s) by 2 u in all",
            "有 2 处未满足，合计差 2 u",
        ),
    ],
)
def test_what_a_soft_rule_misses_is_said_before_and_in_whole_units(
    smallest, total, rules, w, paid, en, zh
):
    run = pay(SOFT % (smallest, total, rules), w=w)
    assert amounts(run) == paid
    (note,) = [n for n in run.notes if n.kind == "rule-missed"]
    assert note.en == f"soft rule 'low' {en}"
    assert note.zh == f"软性规则“low”{zh}"


def test_a_shortfall_of_priority_one_is_not_traded_for_many_of_priority_two():
    rules = (
        "{id: one, floor: 61, pool: award, where: s == 90, soft: 1},"
        "{id: two, floor: 39.5, pool: award, where: s < 90, soft: 2}"
    )
    paid = amounts(pay(TEXT % (rules, "shortfall, entitlement"), **ROWS))
    assert paid[0] == 61


@pytest.mark.parametrize(
    ("objectives", "message"),
    [
        ("performance", "needs `score`"),
        ("{name: coverage, score: s}", "needs `score`"),
        ("{name: shortfall, within: 0.1}", "`within` belongs to"),
        ("coverage, {name: coverage, within: 0.1}", "stands twice"),
        ("{name: performance, score: s, pool: awards}", "is not a pool"),
        ("{name: coverage, within: -0.1}", r"at least 0\.0, found -0\.1"),
        ("coverag", "coverag"),
    ],
)
def test_an_objective_that_means_nothing_is_refused(objectives, message):
    with pytest.raises(InputError, match=message):
        build(TEXT % ("", objectives))


ENDLESS = """
variables: {w: {}, x: {}, last: {}}
allocation:
  unit: yuan
  need: x
  previous_amount: last
  objectives: [shortfall, %s]
  pools: {q: {amount: 100, weight: w}, p: {each: x%s}}
  rules: [%s]
"""
ENDLESS_ROWS = {"w": [1, 2], "x": [10, 20], "last": [5000, 6000]}


@pytest.mark.parametrize(
    "objective",
    [
        "coverage",
        "{name: performance, score: w}",
        "{name: coverage, within: 0.1}, entitlement",
        "{name: performance, score: w, within: 0.02}, entitlement",
    ],
)
def test_an_objective_that_raises_a_formula_without_end_is_refused(objective):
    floor = "{id: least, floor: 5, pool: p}"
    with pytest.raises(InputError, match="pool 'p' without end"):
        pay(ENDLESS % (objective, "", floor), **ENDLESS_ROWS)
    bound = pay(ENDLESS % (objective, ", limit: 30", floor), **ENDLESS_ROWS)
    assert sum(amounts(bound, "p")) == 30


@pytest.mark.parametrize(
    ("base", "rule"),
    [
        ("amount: 50, each: last, bear: w", "{id: most, cap: 90, pool: award}"),
        ("each: last - 25", "{id: r, ratio: 5, pool: base, to: award}"),
    ],
)
def test_an_objective_that_moves_amounts_below_zero_without_end_is_refused(base, rule):
    text = """
    variables: {w: {}, last: {}}
    allocation:
      unit: yuan
      budget: 100
      objectives: [{name: performance, score: w, pool: base}]
      pools: {base: {%s, negative: allow}, award: {share: 0.5, weight: w}}
      rules: [%s]
    """
    columns = {"w": [1, 2, 3, 4], "last": [10, 20, 30, 40]}
    with pytest.raises(InputError, match=r"pool 'base' without end \(base:001") as found:
        pay(text % (base, rule), **columns)
    assert "floor（下限）" in found.value.mistakes[0].zh
    low = "{id: low, floor: -9, pool: base}"
    ended = amounts(pay(text % (base, f"{rule}, {low}"), **columns), "base")
    assert ended[:2] == [-9, -9]


def test_a_formula_goes_as_far_as_a_ratio_or_last_year_asks():
    ratio = "{id: r, ratio: 30, pool: p, to: q, side: at_least}"
    raised = pay(ENDLESS % ("entitlement", "", ratio), **ENDLESS_ROWS)
    assert sum(amounts(raised, "q")) == 100
    assert all(a >= 30 * b for a, b in zip(amounts(raised, "p"), amounts(raised, "q"), strict=True))
    as_last = pay(ENDLESS % ("change", "", "{id: r, ratio: 1, pool: q, to: p}"), **ENDLESS_ROWS)
    assert amounts(as_last) == [5000, 6000]


ENTITLED = """
variables: {people: {}, won: {}, last: {}}
allocation:
  unit: yuan
  smallest: '0.01'
  budget: %s
  pools:
    prize: {%s}
    base: {amount: 1000, weight: people}
  rules: [{id: keep, hold_harmless: 0.9, previous: last}]
"""


@pytest.mark.parametrize("prize", ["each: 100 * won", "amount: 100, weight: won"])
def test_who_is_entitled_to_nothing_gets_nothing_where_the_rules_need_not_give_it(prize):
    """The third needs more in all, which the base alone can give."""
    run = pay(ENTITLED % (1100, prize), people=[5, 3, 2], won=[1, 0, 0], last=[500, 300, 400])
    assert amounts(run, "prize") == [100, 0, 0]
    assert amounts(run) == [470, 270, 360]


def test_who_is_entitled_to_nothing_gets_what_the_rules_can_find_nowhere_else():
    run = pay(
        ENTITLED % (1250, "each: 100 * won"), people=[5, 3, 2], won=[1, 0, 0], last=[600, 500, 200]
    )
    # 450 for the second could come in part from the base, but at a greater sum of distances
    assert amounts(run, "base") == [500, 300, 200]
    assert amounts(run, "prize") == [100, 150, 0]


def test_totals_of_which_an_objective_speaks_do_not_count_in_the_distance():
    """The first region is held at 20 of 77 in all; nobody's coverage says of which pool."""
    text = """
variables: {a: {}, b: {}, need: {}, top: {}}
allocation:
  unit: yuan
  smallest: '0.01'
  need: need
  pools:
    A: {amount: 100, weight: a}
    B: {amount: 100, weight: b}
  rules: [{id: top, cap: top}]
  objectives: [%s]
"""
    most = [20, 1000, 1000, 1000]
    rows = {"a": [5, 5, 0, 0], "b": [3, 2, 5, 1], "need": [100, 1, 1, 1], "top": most}
    for objective in ("", "coverage"):
        money = pay(text % objective, **rows).last.allocation
        assert money is not None
        found = [float(amount) for amount in money.before_units("A")]
        # 18.07, not 19.13 as where the totals count as well
        assert found == pytest.approx([560 / 31, 2540 / 31, 0, 0])


def test_an_objective_without_any_need_says_that_it_asks_for_nothing():
    text = TEXT.replace("  need: need\n", "  need: 0 * need\n")
    run = pay(text % ("", "coverage"), **ROWS)
    assert [note.place for note in run.notes if "asks for nothing" in note.en] == ["need"]
    asked = pay(TEXT % ("", "coverage"), **ROWS)
    assert not [note for note in asked.notes if "asks for nothing" in note.en]
