"""`solve`: the number in a formula for which the amounts add up to the total."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.errors import InfeasibleError, InputError
from reliefperf.scenarios.explaining.moving_alone import NotAlone, amounts_alone
from reliefperf.scenarios.results.formulas import formulas_table
from reliefperf.scenarios.running import PeriodRun, Run, allocate
from reliefperf.scenarios.running import run as run_path
from tests.allocation.paying import amounts, build, frame, pay
from tests.building import mistakes_of, model_of, run_on

few = settings(max_examples=60)

NEED = {"need": [1000, 2000, 1500, 4000, 800], "tax": [700, 2500, 600, 4100, 790]}
TWO_TARIFFS = "max(0.65 * (t * need - tax), t * 0.93 * need - tax, 0)"

MODEL = """
variables: {need: {}, tax: {}, %s}
allocation:
  unit: euro
  pools: {g: {amount: %s, each: "%s", solve: %s%s}}
"""
"""More variables, total, formula, unknown, more keys of the pool."""


def solved(
    each: str, total: object, unknown: str = "t", more: str = "", **columns: list[Any]
) -> Run:
    others = "".join(f"{name}: {{}}, " for name in columns if name not in ("need", "tax"))
    given = {**{name: [0] * len(next(iter(columns.values()))) for name in NEED}, **columns}
    if "zone" in columns:
        others = others.replace("zone: {}", "zone: {type: text}")
    return pay(MODEL % (others, total, each, unknown, more), **given)


def entitlements(run: Run) -> list[Fraction]:
    assert run.last.allocation is not None
    return run.last.allocation.entitlements("g")


def numbers(run: Run) -> tuple[float | None, ...]:
    """The number in each group."""
    return numbers_of(run.last)


def numbers_of(period: PeriodRun) -> tuple[float | None, ...]:
    """The same of one period."""
    assert period.allocation is not None
    found = period.allocation.pools["g"].pool.solved
    assert found is not None
    return found.values


def refused(
    each: str, total: object = 100, unknown: str = "t", more: str = "", **columns: list[Any]
) -> str:
    """What is said of a pool that cannot be solved; in both languages."""
    with pytest.raises((InputError, InfeasibleError)) as error:
        solved(each, total, unknown, more, **columns)
    (mistake,) = error.value.mistakes
    assert mistake.zh
    assert mistake.zh != mistake.en
    return mistake.en


def not_solvable(each: str, total: object = 100, unknown: str = "t", **columns: list[Any]) -> str:
    """The same of a total that no number gives."""
    with pytest.raises(InfeasibleError):
        solved(each, total, unknown, **columns)
    return refused(each, total, unknown, **columns)


# -------------------------------------------------------------- hand cases


def test_two_tariffs_by_hand() -> None:
    # 930 t - 700, 0, 1395 t - 600, 2600 t - 2665, 520 t - 513.5: t = 6478.5 / 5445
    run = solved(TWO_TARIFFS, 2000, **NEED)
    t = Fraction(64785, 54450)
    wanted = [930 * t - 700, 0, 1395 * t - 600, 2600 * t - 2665, 520 * t - Fraction("513.5")]
    assert sum(entitlements(run)) == 2000
    for have, want in zip(entitlements(run), wanted, strict=True):
        assert abs(have - want) < Fraction(1, 10**9)
    assert amounts(run) == [407, 0, 1060, 428, 105]
    assert numbers(run) == (pytest.approx(float(t), rel=1e-14),)


def test_a_number_in_a_share_of_the_whole() -> None:
    # only region c has more than its grant: 300 + 500 + 0.4 * 0.5 s = 1200
    each = "max(tax, 0.4 * share(need) * s)"
    run = solved(each, 1200, "s", need=[10, 40, 50], tax=[300, 500, 200])
    assert numbers(run) == (pytest.approx(2000),)
    assert amounts(run) == [300, 500, 400]


def test_a_formula_that_falls_with_the_number() -> None:
    run = solved("need / t", 100, need=[1, 2, 5])
    assert amounts(run) == [13, 25, 62]  # 12.5 and 62.5: the unit goes to the first code
    assert numbers(run) == (pytest.approx(0.08),)


def test_a_number_below_zero() -> None:
    run = solved("need + t", 90, need=[40, 50, 60])
    assert amounts(run) == [20, 30, 40]
    assert numbers(run) == (pytest.approx(-20),)


def test_an_exponent() -> None:
    # 5 + 91 (p / largest) ** t adds up to 120 with t = 2: 96, 5 + 91 / 4 = 27.75
    run = solved(
        "5 + 91 * (need / highest(need)) ** t", 123.75, more=", rounding: down", need=[80, 40]
    )
    assert numbers(run) == (pytest.approx(2),)
    assert amounts(run) == [96, 27]


def test_by_groups_each_has_a_number_of_its_own() -> None:
    run = solved(
        "max(t * need - tax, 0)",
        "\"where(zone == 'a', 100, 60)\"",
        more=", by: zone",
        need=[10, 10, 20, 5],
        tax=[0, 20, 30, 0],
        zone=["a", "a", "b", "b"],
    )
    # a: 20 t - 20 = 100; b: 25 t - 30 = 60
    assert numbers(run) == (pytest.approx(6), pytest.approx(3.6))
    assert amounts(run) == [60, 40, 42, 18]
    assert run.last.env.notes[0].en == "t = 6 makes the amounts of group a add up to the total"


def test_a_settlement_among_regions_adds_up_to_zero() -> None:
    run = solved(
        "0.6 * (t * need - tax)",
        0,
        more=", negative: allow, bear: need",
        need=[10, 20],
        tax=[40, 50],
    )
    assert numbers(run) == (pytest.approx(3),)
    assert amounts(run) == [-6, 6]


def test_rules_work_from_the_amounts_as_from_any_shared_pool() -> None:
    text = """
    variables: {need: {}}
    allocation:
      unit: euro
      pools: {g: {amount: 100, each: t * need, solve: t}}
      rules: [{id: most, cap: 40}]
    """
    assert amounts(pay(text, need=[10, 30, 60])) == [20, 40, 40]
    assert amounts(pay(text.replace("cap: 40", "cap: 50"), need=[10, 30, 60])) == [
        Decimal(13),
        Decimal(37),
        Decimal(50),
    ]


def test_a_grundbetrag_of_two_places_leaves_the_rest() -> None:
    run = solved("max(round(t, 2) * need - tax, 0)", 2000, more=", leftover: return", **NEED)
    # at 1.22 a 520, c 1230, d 780, e 186; at 1.16 a 460, c 1140, d 540, e 138: 2278; at 1.13 2078
    found = numbers(run)[0]
    assert found is not None
    at = Fraction(str(round(found, 2)))
    sums = [
        sum(max(x * n - y, 0) for n, y in zip(NEED["need"], NEED["tax"], strict=True))
        for x in (at, at + Fraction(1, 100))
    ]
    assert sum(entitlements(run)) == sums[0]
    assert sums[0] <= 2000 < sums[1]


# -------------------------------------------------------------- promises

regions = st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 10**6)), min_size=1, max_size=8)


@few
@given(regions, st.integers(0, 10**7))
def test_in_proportion_it_is_the_sharing_by_weight(rows: list[tuple[int, int]], total: int) -> None:
    weights = [w for w, _ in rows]
    run = solved("t * need", total, need=weights)
    for have, w in zip(entitlements(run), weights, strict=True):
        assert abs(have - Fraction(total * w, sum(weights))) <= Fraction(total, 10**12)
    shared = "variables: {need: {}}\nallocation: {unit: u, pools: {g: {amount: %d, weight: need}}}"
    assert amounts(run) == amounts(pay(shared % total, need=weights))


@few
@given(regions, st.fractions(0, 1))
def test_with_caps_it_is_the_sharing_within_them(
    rows: list[tuple[int, int]], part: Fraction
) -> None:
    caps = [cap for _, cap in rows]
    total = int(sum(caps) * part)
    run = solved("min(t * need, tax)", total, need=[w for w, _ in rows], tax=caps)
    text = """
    variables: {need: {}, tax: {}}
    allocation:
      unit: u
      pools: {g: {amount: %d, weight: need}}
      rules: [{id: most, cap: tax}]
    """
    other = pay(text % total, need=[w for w, _ in rows], tax=caps)
    assert other.last.allocation is not None
    stages = other.last.allocation.pools["g"].stages
    wanted = stages[-1].amounts if stages else other.last.allocation.entitlements("g")
    assert sum(entitlements(run)) == total
    for have, want in zip(entitlements(run), wanted, strict=True):
        assert abs(have - want) <= Fraction(max(total, 1), 10**10)


FORMULAS = [
    "max(0.65 * (t * need - tax), t * 0.93 * need - tax, 0)",
    "(need + 99) ** t - 1 + t * tax / 1000",
    "min(t * need, tax + 7 * t)",
    "(need + tax) / (t + 1)",
    "max(need - t, 0) + max(tax - t / 3, 0)",
]


@few
@given(regions, st.integers(1, 10**6), st.sampled_from(FORMULAS), st.randoms())
def test_sums_are_exact_and_the_order_of_rows_does_not_matter(
    rows: list[tuple[int, int]], total: int, each: str, chance: random.Random
) -> None:
    if each == FORMULAS[-1] or each == FORMULAS[-2]:
        total = min(total, sum(map(sum, rows)))
    run = solved(each, total, need=[n for n, _ in rows], tax=[t for _, t in rows])
    have = entitlements(run)
    assert sum(have) == total
    assert all(amount >= 0 for amount in have)
    places = list(range(len(rows)))
    chance.shuffle(places)
    mixed = solved(each, total, need=[rows[i][0] for i in places], tax=[rows[i][1] for i in places])
    assert entitlements(mixed) == [have[i] for i in places]
    assert numbers(mixed) == numbers(run)
    # a twin gets the same
    twins = solved(each, 2 * total, need=[n for n, _ in rows] * 2, tax=[t for _, t in rows] * 2)
    assert entitlements(twins)[: len(rows)] == entitlements(twins)[len(rows) :]


@few
@given(
    regions, st.lists(st.integers(0, 10**6), min_size=2, max_size=2), st.sampled_from(FORMULAS[:3])
)
def test_a_larger_total_gives_nobody_less(
    rows: list[tuple[int, int]], totals: list[int], each: str
) -> None:
    totals = sorted(totals)
    columns = {"need": [n for n, _ in rows], "tax": [t for _, t in rows]}
    less, more = (
        entitlements(solved(each, total, **columns)) if total else [Fraction(0)] * len(rows)
        for total in totals
    )
    noise = Fraction(max(totals[1], 1), 10**12)
    assert all(a <= b + noise for a, b in zip(less, more, strict=True))


# -------------------------------------------------------------- what is refused


def test_a_total_beyond_what_the_formula_gives() -> None:
    said = not_solvable("min(t * need, tax)", 2000, need=[1, 2], tax=[500, 700])
    assert "no t makes the amounts of pool 'g' add up to 2,000.00" in said
    assert "1,200.00 at most (t = 512), 800.00 less" in said
    assert "leftover: return" in said
    run = solved("min(t * need, tax)", 2000, more=", leftover: return", need=[1, 2], tax=[500, 700])
    assert amounts(run) == [500, 700]
    assert "no t makes the amounts add up to 2,000.00" in run.last.env.notes[0].en


def test_a_total_below_what_the_formula_gives() -> None:
    said = not_solvable("max(t * need, tax)", 200, need=[1, 2], tax=[500, 700])
    assert "1,200.00 at least (t = 0), 1,000.00 more than the total" in said
    assert "leftover" not in said


def test_a_total_outside_the_stated_range() -> None:
    said = not_solvable("t * need", 200, "{name: t, between: [0, 10]}", need=[1, 2])
    assert "no t between 0 and 10" in said
    run = solved("t * need", 30, "{name: t, between: [0, 10]}", need=[1, 2])
    assert amounts(run) == [10, 20]


def test_a_step_over_the_total() -> None:
    said = not_solvable("need * (t > 3)", 2, need=[1, 2])
    assert "at t = 3 they step from 0.00 to 3.00" in said


def test_a_number_that_changes_nothing() -> None:
    said = not_solvable("need + 0 * t", 2, need=[1, 2])
    assert "3.00 at least" in said


@pytest.mark.parametrize("each", ["t * need - t * t * tax / 50", "t * (need - tax)"])
def test_a_formula_that_rises_and_falls(each: str) -> None:
    said = refused(each, 500, need=[20, 1], tax=[1, 2], more=", negative: allow, bear: need + 9")
    assert "must rise with t in every region" in said
    assert "region 002" in said or "region 001" in said


MINNESOTA = {
    "prior": [1000, 2000, 500, 300, 0],
    "unmet": [1500, 1200, 2500, 100, 800],
    "levy": [900, 1000, 700, 100, 60],
}


@pytest.mark.parametrize(
    ("unknown", "range_of_t"),
    [("t", "a range"), ("{name: t, between: [0, 1]}", "a narrower range")],
)
def test_an_amount_that_falls_is_named_beside_one_that_rises(unknown: str, range_of_t: str) -> None:
    each = "max(prior + t * (unmet - prior), prior - 0.1 * levy, 0)"
    said = refused(each, 4200, unknown, **MINNESOTA)
    assert "the amount falls in region 002 from 2,000 to 1,900 and rises in region 003" in said
    assert "only where no single amount falls while others rise" in said
    assert "If only their sum is to rise with t: solve: {name: t, rises: total}" in said
    assert f"if all amounts move one way in {range_of_t} of t" in said
    # what falls no longer depends on t
    kept = "where(unmet < prior, max(unmet, prior - 0.1 * levy), prior + t * (unmet - prior))"
    assert sum(amounts(solved(kept, 4200, unknown, **MINNESOTA))) == 4200


def test_one_speed_for_all_where_only_the_sum_must_rise() -> None:
    """By hand: 1000 + 500 t, 1900, 500 + 2000 t, 290 and 800 t come to 4200 at t = 510 / 3300."""
    each = "max(prior + t * (unmet - prior), prior - 0.1 * levy, 0)"
    unknown = "{name: t, between: [0, 1], rises: total}"
    run = solved(each, 4200, unknown, **MINNESOTA)
    t = Fraction(510, 3300)
    wanted = [1000 + 500 * t, 1900, 500 + 2000 * t, 290, 800 * t]
    assert run.last.allocation is not None
    found = run.last.allocation.before_units("total")
    assert sum(found) == 4200
    assert all(abs(a - b) < Fraction(1, 10**8) for a, b in zip(found, wanted, strict=True))
    said = refused("t * (2 - t) * need", 3, unknown.replace("1]", "1.5]"), need=[1, 4])
    assert "the sum of `each` of pool 'g' goes from" in said
    assert "rises elsewhere" in said


@given(
    st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), min_size=2, max_size=6),
    st.integers(0, 100),
)
@few
def test_at_one_speed_up_and_down_the_amounts_lie_on_the_way(
    rows: list[tuple[int, int]], percent: int
) -> None:
    last, need = [a for a, _ in rows], [b for _, b in rows]
    total = sum(last) + Fraction(percent, 100) * (sum(need) - sum(last))
    run = solved(
        "last + t * (need - last)",
        float(total),
        "{name: t, between: [0, 1], rises: total}",
        ", rounding: half_up, over_total: pay",
        last=last,
        need=need,
    )
    assert run.last.allocation is not None
    found = run.last.allocation.before_units("total")
    assert abs(sum(found) - total) < Fraction(1, 10**6)
    if abs(sum(need) - sum(last)) > 0:
        t = Fraction(percent, 100)
        wanted = [a + t * (b - a) for a, b in rows]
        assert all(abs(x - y) < Fraction(1, 10**4) for x, y in zip(found, wanted, strict=True))


def test_where_most_amounts_fall_the_one_that_falls_is_named_first() -> None:
    said = refused("need - t * tax", 10, need=[20, 10], tax=[1, -1])
    assert "the amount falls in region 001 from 20 to 19 and rises in region 002 from 10 to" in said


def test_amounts_below_zero() -> None:
    assert "each of pool 'g' is negative in 1 region(s): 002" in refused(
        "t * need - tax", 100, need=[20, 1], tax=[0, 90]
    )


def test_missing_data() -> None:
    said = refused("t * need", 100, need=[20, None])
    assert "each of pool 'g' is missing in 1 region(s) with t = 1: 002" in said


def test_nobody_to_share() -> None:
    assert "nobody shares pool 'g'" in refused("t * need", more=", eligible: need > 5", need=[1])


@pytest.mark.parametrize(
    ("pool", "words"),
    [
        ('each: "need * x", amount: 5, solve: need', "'need' is already a variable"),
        ('each: "need * score", amount: 5, solve: score', "already a word of the language"),
        ('each: "need * max", amount: 5, solve: max', "already a word of the language"),
        ('each: "need", amount: 5, solve: t', "does not name the unknown 't'"),
        ('each: "need * t", amount: t, solve: t', "'t' is solved for in a pool"),
        ('each: "need * t + previous(t)", amount: 5, solve: t', "previous(...) does not know it"),
        ('each: "need * t * total(t)", amount: 5, by: zone, solve: t', "total(...) over regions"),
        ('each: "need * t", solve: t', "belongs to a pool with `each` and a total"),
        ('each: "need * t", limit: 5, amount: 5, solve: t', "belongs to a pool with `each`"),
        ("weight: need, amount: 5, solve: t", "belongs to a pool with `each`"),
        ('each: "need * t", amount: 5, negative: allow, solve: t', "say with `bear`"),
        ('each: "need * t", amount: 5, solve: "2t"', "cannot be used in expressions"),
        ('each: "need * t", amount: 5, solve: {name: t, between: [1, 1]}', "the smaller first"),
    ],
)
def test_each_misuse_is_named(pool: str, words: str) -> None:
    text = f"""
    model: m
    language: en
    data: {{region: code}}
    variables: {{need: {{}}, zone: {{type: text}}}}
    allocation: {{unit: u, pools: {{g: {{{pool}}}}}}}
    """
    said = [mistake.en for mistake in mistakes_of(text)]
    assert any(words in one for one in said), said


def test_two_pools_may_name_their_unknowns_alike() -> None:
    text = """
    variables: {need: {}}
    allocation:
      unit: euro
      pools:
        one: {amount: 30, each: t * need, solve: t}
        two: {amount: 20, each: t + need - need, solve: t}
    """
    run = allocate(build(text), frame(need=[1, 2]))
    assert (amounts(run, "one"), amounts(run, "two")) == ([10, 20], [10, 10])


def test_the_number_stands_among_what_was_put_in() -> None:
    _, rows = formulas_table(solved(TWO_TARIFFS, 2000, **NEED))
    assert ("001", "g", "each", "t", "1.18980716253") in list(rows)


def test_where_the_formula_ends_the_search_closes_in() -> None:
    # an exponent is at most 10: 2 ** 9.5 lies beyond 2 ** 8
    run = solved("2 ** t", 724, need=[1])
    assert amounts(run) == [724]
    assert numbers(run) == (pytest.approx(9.4998, abs=1e-4),)
    assert "1,024.00 at most (t = 10)" in not_solvable("2 ** t", 1025, need=[1])


def test_one_number_serves_where_one_is_wanted() -> None:
    assert amounts(solved("round(need, 2) * t", 30, need=[1, 2])) == [10, 20]


def test_a_panel_solves_each_period_anew(tmp_path: Path) -> None:
    text = """
    model: m
    language: en
    data: {file: data.csv, region: code, period: year}
    variables: {need: {}}
    allocation:
      unit: euro
      pools: {g: {amount: 60, each: t * need, solve: t}}
    """
    (tmp_path / "model.yaml").write_text(dedent(text))
    (tmp_path / "data.csv").write_text("code,year,need\na,2022,1\nb,2022,2\na,2023,2\nb,2023,3\n")
    run = run_path(tmp_path)
    found = [numbers_of(period) for period in run.periods.values()]
    assert found == [(pytest.approx(20),), (pytest.approx(12),)]
    said = [note.en for note in run.last.env.notes if note.kind == "solved"]
    assert said == ["2023: t = 12 makes the amounts add up to the total"]


def test_worth_of_a_point_is_told_by_sharing_out_anew() -> None:
    text = """
    model: m
    language: en
    data: {region: code}
    variables: {need: {}}
    evaluation: {full_marks: 10, tree: [{id: x, points: 10, value: need, score: as_is}]}
    allocation: {unit: euro, pools: {g: {amount: 60, each: t * score, solve: t}}}
    """
    run = run_on(model_of(text), {"code": ["a", "b"], "need": [1, 5]})
    with pytest.raises(NotAlone) as error:
        amounts_alone(run.model, run.last, np.array([2.0, 6.0]))
    assert "solves for a number" in error.value.en
