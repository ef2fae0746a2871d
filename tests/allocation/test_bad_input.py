"""Wrong input is refused before anything is solved, naming regions, rule or pool, and amounts."""

from __future__ import annotations

import pytest

from reliefperf.allocation import solver
from reliefperf.errors import InfeasibleError, InputError
from reliefperf.scenarios import running
from tests.allocation.paying import amounts, pay

TEXT = """
variables: {w: {}, v: {}, x: {}, zone: {type: text}}
allocation:
  unit: yuan
  budget: %s
  pools: {base: {share: 0.5, weight: w%s}, award: {share: 0.5, weight: v}}
  rules: [%s]
"""
TIED = "{id: bound, ratio: 3, pool: award, to: base}"
ROWS = {"w": [1, 1], "v": [1, 1], "x": [10, 20], "zone": ["east", "west"]}


@pytest.fixture
def _no_solver(monkeypatch):
    def refuse(*args: object, **how: object) -> None:
        raise AssertionError("the solver was asked")

    monkeypatch.setattr(solver.LiveSolver, "minimise", refuse)
    # the cheapest relaxation, which the error would offer, is another question
    monkeypatch.setattr(running, "_how", lambda _: "never")


@pytest.mark.usefixtures("_no_solver")
@pytest.mark.parametrize("rules", ["", TIED])
@pytest.mark.parametrize(
    ("weights", "words"),
    [([-1, 2], "negative"), ([1, None], "missing"), ([float("nan"), 1], "missing")],
)
def test_a_wrong_weight_names_pool_and_region(rules, weights, words):
    region = "002" if weights[0] == 1 else "001"
    with pytest.raises(InputError, match=rf"pool 'base' is {words} in 1 region\(s\): {region}"):
        pay(TEXT % (100, "", rules), **(ROWS | {"w": weights}))


@pytest.mark.usefixtures("_no_solver")
@pytest.mark.parametrize("rules", ["", TIED])
@pytest.mark.parametrize("more", [", eligible: w > 5", ""])
def test_a_pool_that_nobody_shares_is_named(rules, more):
    columns = ROWS | ({} if more else {"w": [0, 0]})
    with pytest.raises(InputError, match="nobody shares pool 'base'"):
        pay(TEXT % (100, more, rules), **columns)


@pytest.mark.usefixtures("_no_solver")
def test_two_rules_at_odds_about_one_region_are_named_with_both_amounts():
    rules = "{id: low, floor: x, pool: base}, {id: high, cap: 12, pool: base}"
    with pytest.raises(InfeasibleError, match="002") as found:
        pay(TEXT % (100, "", rules), **ROWS)
    for words in ("low", "high", "20", "12"):
        assert words in str(found.value)


@pytest.mark.usefixtures("_no_solver")
@pytest.mark.parametrize("rules", ["", TIED])
@pytest.mark.parametrize(("budget", "key"), [("100.5", "budget"), ("99", "pool 'base'")])
def test_money_that_is_no_whole_number_of_units_is_refused(rules, budget, key):
    with pytest.raises(InputError, match=rf"{key}.*not a whole number"):
        pay(TEXT % (budget, "", rules), **ROWS)


@pytest.mark.parametrize("smallest", ["1", "0.5", "10"])
def test_the_way_to_round_that_a_message_shows_mends_the_model(smallest):
    text = """
    variables: {w: {missing: error}}
    allocation:
      unit: yuan
      smallest: %s
      budget: %s
      pools: {base: {%s, weight: w}}
    """
    for budget, total in (("1000.3", "share: 1"), ("1000", "share: 1/3 + 0.01")):
        with pytest.raises(InputError) as found:
            pay(text % (smallest, budget, total), w=[1, 2])
        (mistake,) = found.value.mistakes
        mended = mistake.en.split("`")[1]
        key, _, value = mended.partition(": ")
        stated = (value, total) if key == "budget" else (budget, f"{key}: {value}")
        paid = sum(amounts(pay(text % (smallest, *stated), w=[1, 2])))
        assert 0 <= (1000 if key == "budget" else 1000 * 1.03 / 3) - float(paid) < float(smallest)


def test_rules_at_odds_are_named_too_where_pools_are_tied_together():
    rules = f"{{id: low, floor: x, pool: base}}, {{id: high, cap: 12, pool: base}}, {TIED}"
    with pytest.raises(InfeasibleError, match="002") as found:
        pay(TEXT % (100, "", rules), **ROWS)
    for words in ("low", "high", "20", "12"):
        assert words in str(found.value)


@pytest.mark.usefixtures("_no_solver")
def test_a_group_that_nobody_is_in_is_refused_with_the_groups_there_are():
    rule = "{id: share, group_share: zone, at_least: 0.4, where: zone == 'north'}"
    with pytest.raises(InputError, match=r"rule 'share'.*'north'.*east, west"):
        pay(TEXT % (100, "", rule), **ROWS)


def test_negative_amounts_are_refused_where_the_pool_does_not_allow_them():
    text = "variables: {x: {}}\nallocation: {unit: yuan, pools: {due: {each: x%s}}}"
    with pytest.raises(InputError, match="pool 'due' is negative"):
        pay(text % "", x=[-5, 5])
    with pytest.raises(InputError, match="`negative` belongs to a formula pool"):
        pay(text % ", negative: allow, limit: 3", x=[-5, 5])


@pytest.mark.usefixtures("_no_solver")
@pytest.mark.parametrize(
    ("budget", "more", "rows", "words"),
    [
        ("-5", "", {}, "the budget is -5, less than nothing"),
        ("100", ", by: zone", {"zone": ["east", None]}, "pool 'base': region 002 has no group"),
    ],
)
def test_a_budget_below_zero_and_a_region_without_a_group_are_named(budget, more, rows, words):
    with pytest.raises(InputError, match=words):
        pay(TEXT % (budget, more, ""), **(ROWS | rows))


@pytest.mark.usefixtures("_no_solver")
def test_an_amount_that_differs_within_a_group_names_pool_and_group():
    text = (TEXT % (100, ", by: zone", "")).replace("share: 0.5, weight: w", "amount: x, weight: w")
    with pytest.raises(InputError, match="amount of pool 'base' must be one number in group east"):
        pay(text, **(ROWS | {"zone": ["east", "east"]}))


@pytest.mark.usefixtures("_no_solver")
def test_floors_beyond_a_pool_do_not_hide_a_floor_above_a_cap():
    rules = "{id: low, floor: 40, pool: base}, {id: high, cap: 30, pool: base, where: x == 10}"
    with pytest.raises(InfeasibleError) as found:
        pay(TEXT % (100, "", rules), **ROWS)
    crossed, short = found.value.mistakes[:2]
    assert crossed.en == (
        "region 001, pool 'base': rule 'low' needs at least 40, rule 'high' allows at most 30; "
        "they miss by 10"
    )
    assert short.en.startswith("rule 'low' needs at least 80 in all, but pool 'base' has 50")


@pytest.mark.usefixtures("_no_solver")
def test_floors_and_caps_that_miss_a_total_on_both_sides_are_both_named():
    rules = "{id: low, floor: 30, pool: base}, {id: high, cap: 20, pool: base}"
    with pytest.raises(InfeasibleError) as found:
        pay(TEXT % (100, "", rules), **ROWS)
    said = [mistake.en for mistake in found.value.mistakes[:3]]
    assert said[0].count("region ") == 2
    assert said[1].startswith("rule 'low' needs at least 60 in all, but pool 'base' has 50")
    assert said[2].startswith("rule 'high' leaves 10 of pool 'base' (total 50)")


@pytest.mark.usefixtures("_no_solver")
def test_every_group_that_floors_overspend_is_named():
    text = TEXT.replace("{share: 0.5, weight: v}", "{amount: x, by: zone, weight: v}")
    with pytest.raises(InfeasibleError) as found:
        pay(text % (100, "", "{id: low, floor: 30, pool: award}"), **ROWS)
    assert [
        "(group east)" in found.value.mistakes[0].en,
        "(group west)" in found.value.mistakes[1].en,
    ] == [True, True]


@pytest.mark.usefixtures("_no_solver")
@pytest.mark.parametrize(
    ("rule", "words", "words_zh"),
    [
        (
            "{id: bound, ratio: -0.5, pool: award, to: base}",
            r"rule 'bound': ratio is -0.5 in 2 region\(s\): 001, 002; it must be 0 or more",
            "规则“bound”：ratio 在 2 个地区为 -0.5：001、002；不得小于 0",
        ),
        (
            "{id: part, group_share: zone, at_least: 1.5}",
            r"rule 'part': at_least is 1.5 in 2 region\(s\): 001, 002; it must be between 0 and 1",
            "规则“part”：at_least 在 2 个地区为 1.5：001、002；须在 0 与 1 之间",
        ),
        (
            "{id: part, group_share: zone, at_least: 36, where: x == 20, soft: 1}",
            r"at_least is 36 in 1 region\(s\): 002; it must be between 0 and 1, as 0.36",
            "at_least 在 1 个地区为 36：002",
        ),
        (
            "{id: part, group_share: zone, at_most: -0.1}",
            r"at_most is -0.1 in 2 region\(s\): 001, 002; it must be 0 or more",
            "at_most 在 2 个地区为 -0.1",
        ),
    ],
)
def test_a_share_or_ratio_that_nothing_can_keep_is_named(rule, words, words_zh):
    with pytest.raises(InputError, match=words) as found:
        pay(TEXT % (100, "", rule), **ROWS)
    assert words_zh in found.value.text("zh")


def test_where_amounts_may_be_negative_any_ratio_can_be_meant():
    text = TEXT.replace("{share: 0.5, weight: v}", "{amount: -50, weight: v, negative: allow}")
    rule = "{id: bound, ratio: -2.5, pool: award, to: base, side: at_least}"
    run = pay(text % (50, "", rule), **(ROWS | {"v": [9, 1]}))
    paid = {pool: run.last.allocation.amounts(pool) for pool in ("base", "award")}
    assert all(
        2 * award >= -5 * base for base, award in zip(paid["base"], paid["award"], strict=True)
    )
