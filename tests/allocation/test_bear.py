"""`bear`: by what measure limits and differences are carried, alone and in a program."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reliefperf.allocation.effects import rule_effects, standing_of
from reliefperf.allocation.exact_program import ExactProgram
from reliefperf.allocation.stationary import stationary
from reliefperf.errors import InfeasibleError, InputError
from reliefperf.scenarios.results.rules import rules_rows
from reliefperf.scenarios.running import Run
from tests.allocation.paying import amounts, pay

few = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])

STATED = """
variables: {own: {}, people: {}, low: {}, zone: {type: text}}
allocation:
  unit: yuan
  smallest: '0.01'
  leftover: %s
  pools: {g: {amount: %d, each: own, bear: people%s}}
  rules:
    - {id: keep, floor: low}
%s
"""
TIED = "    - {id: tie, group_share: zone, at_most: 1}"
"""A rule that never binds, and makes a program of the pool."""


@st.composite
def tables(draw: st.DrawFn) -> dict[str, list[Any]]:
    size = draw(st.integers(2, 6))
    region = st.tuples(st.integers(-300, 900), st.integers(1, 60), st.integers(0, 60))
    rows = [list(draw(region)) for _ in range(size)]
    if draw(st.booleans()):
        rows[-1] = list(rows[0])
    columns = {name: [row[k] for row in rows] for k, name in enumerate(("own", "people", "low"))}
    return {**columns, "zone": ["a"] * size}


def stages(run: Run, pool: str = "g") -> list[Fraction]:
    """The amounts before whole units."""
    assert run.last.allocation is not None
    result = run.last.allocation.pools[pool]
    return list(result.stages[-1].amounts if result.stages else result.pool.start)


@few
@given(tables(), st.integers(400, 2000), st.sampled_from(["redistribute", "return"]))
def test_a_program_gives_the_amounts_of_the_pool_alone(
    columns: dict[str, list[Any]], total: int, leftover: str
) -> None:
    alone = pay(STATED % (leftover, total, "", ""), **columns)
    tied = pay(STATED % (leftover, total, "", TIED), **columns)
    assert alone.last.allocation is not None
    assert alone.last.allocation.program is None
    assert tied.last.allocation is not None
    assert tied.last.allocation.program is not None
    for one, other in zip(stages(alone), stages(tied), strict=True):
        assert abs(float(one - other)) < 1e-5
    assert sum(amounts(alone)) == sum(amounts(tied))


@few
@given(tables(), st.integers(-900, 2000))
def test_a_program_gives_the_amounts_that_may_be_below_zero(
    columns: dict[str, list[Any]], total: int
) -> None:
    text = STATED.replace("floor: low", "cap: low + 300")
    possible = sum(low + 300 for low in columns["low"])
    total = min(total, possible)
    alone = pay(text % ("redistribute", total, ", negative: allow", ""), **columns)
    tied = pay(text % ("redistribute", total, ", negative: allow", TIED), **columns)
    assert sum(amounts(alone)) == sum(amounts(tied)) == total
    for one, other in zip(stages(alone), stages(tied), strict=True):
        assert abs(float(one - other)) < 1e-5


@few
@given(tables(), st.integers(400, 1500), st.integers(0, 300))
def test_nobody_loses_by_a_larger_total_before_whole_units(
    columns: dict[str, list[Any]], total: int, more: int
) -> None:
    less = stages(pay(STATED % ("redistribute", total, "", ""), **columns))
    richer = stages(pay(STATED % ("redistribute", total + more, "", ""), **columns))
    assert all(a <= b for a, b in zip(less, richer, strict=True))


@few
@given(tables(), st.integers(400, 1500), st.permutations(range(6)))
def test_the_order_of_regions_changes_nothing(
    columns: dict[str, list[Any]], total: int, order: list[int]
) -> None:
    places = [at for at in order if at < len(columns["own"])]
    shuffled = {name: [values[at] for at in places] for name, values in columns.items()}
    straight = stages(pay(STATED % ("redistribute", total, "", ""), **columns))
    other = stages(pay(STATED % ("redistribute", total, "", ""), **shuffled))
    assert [straight[at] for at in places] == other


def test_a_cut_for_each_head_leaves_nobody_below_the_floor() -> None:
    shared = """
variables: {w: {}, people: {}}
allocation:
  unit: k
  pools: {g: {amount: 1000, weight: w, bear: people}}
  rules: [{id: keep, floor: 130, where: w == 1}]
"""
    run = pay(shared, w=[1, 5, 4], people=[10, 20, 10])
    # 30 are carried by 30 people: 20 and 10 of them
    assert amounts(run) == [Decimal(130), Decimal(480), Decimal(390)]


def test_bearing_by_the_weight_is_what_no_bear_means() -> None:
    text = """
variables: {w: {}, low: {}, zone: {type: text}}
allocation:
  unit: k
  smallest: '0.01'
  pools: {g: {amount: 1000, weight: w%s}}
  rules:
    - {id: keep, floor: low}
%s
"""
    columns = {"w": [1, 5, 4, 0], "low": [170, 0, 30, 5], "zone": ["a"] * 4}
    for rules in ("", TIED):
        plain = pay(text % ("", rules), **columns)
        stated = pay(text % (", bear: w", rules), **columns)
        # the region without weight bears nothing and stays at its floor
        assert amounts(plain) == amounts(stated)


def test_what_limits_move_across_pools_is_carried_by_the_measure() -> None:
    text = """
variables: {w: {}, people: {}, last: {}}
allocation:
  unit: k
  smallest: '0.01'
  pools:
    a: {amount: 600, weight: w, bear: people}
    b: {amount: 400, weight: 1}
  rules:
    - {id: keep, hold_harmless: 1, previous: last}
    - {id: tie, ratio: 9, pool: a, to: b}
"""
    run = pay(text, w=[1, 1, 1], people=[1, 1, 3], last=[400, 0, 0])
    a, b = stages(run, "a"), stages(run, "b")
    assert float(sum(a)) == pytest.approx(600, abs=1e-6)
    # in pool a the third region bears three times what the second bears, in pool b the same
    assert float((200 - a[2]) / (200 - a[1])) == pytest.approx(3, abs=1e-6)
    assert float(b[1] - b[2]) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("rules", ["", TIED])
def test_who_bears_nothing_stays_where_it_is(rules: str) -> None:
    columns = {"own": [100, 200, 300], "people": [0, 1, 1], "low": [0, 0, 0], "zone": ["a"] * 3}
    run = pay(STATED % ("redistribute", 300, "", rules), **columns)
    assert amounts(run) == [Decimal(100), Decimal(50), Decimal(150)]


def test_a_difference_that_nobody_may_carry_names_the_regions() -> None:
    columns = {"own": [100, 200, 300], "people": [0, 1, 0], "low": [0, 0, 0], "zone": ["a"] * 3}
    with pytest.raises(InputError, match=r"200 must still be carried, but bear is 0.*: 001, 003"):
        pay(STATED % ("redistribute", 200, "", ""), **columns)
    columns["people"] = [0, 0, 0]
    with pytest.raises(InputError, match=r"bear is 0 for everybody.*001, 002, 003"):
        pay(STATED % ("redistribute", 600, "", ""), **columns)


@pytest.mark.parametrize(("people", "words"), [(-1, "is negative"), (None, "is missing")])
def test_a_measure_that_is_missing_or_negative_names_the_region(
    people: int | None, words: str
) -> None:
    columns = {"own": [100, 200], "people": [1, people], "low": [0, 0], "zone": ["a"] * 2}
    with pytest.raises(InputError, match=f"bear of pool 'g' {words} in 1 region.*: 002"):
        pay(STATED % ("redistribute", 200, "", ""), **columns)


def test_floors_that_need_more_than_the_total_are_named_as_ever() -> None:
    columns = {"own": [100, 200], "people": [1, 1], "low": [300, 200], "zone": ["a"] * 2}
    with pytest.raises(InfeasibleError, match=r"rule 'keep' needs at least 500.*100 too little"):
        pay(STATED % ("redistribute", 400, "", ""), **columns)


@pytest.mark.parametrize(
    ("pool", "words"),
    [
        ("{each: own, bear: people}", "stated by `amount` or `share`"),
        ("{each: own, limit: 5, bear: people}", "stated by `amount` or `share`"),
        ("{each: own, amount: 5}", "say with `bear`"),
        ("{amount: 5, scale_gains: {formula: own, floor: low}, bear: people}", "belongs to a pool"),
    ],
)
def test_a_pool_says_total_and_measure_together(pool: str, words: str) -> None:
    text = "variables: {own: {}, people: {}, low: {}}\nallocation: {unit: k, pools: {g: %s}}\n"
    with pytest.raises(InputError, match=words):
        pay(text % pool, own=[1], people=[1], low=[0])


def test_groups_carry_their_own_differences() -> None:
    text = """
variables: {own: {}, people: {}, zone: {type: text}}
allocation:
  unit: k
  pools: {g: {amount: "where(zone == 'a', 50, 90)", by: zone, each: own, bear: people}}
"""
    run = pay(text, own=[40, 30, 40, 40], people=[1, 1, 2, 3], zone=["a", "a", "b", "b"])
    assert amounts(run) == [Decimal(30), Decimal(20), Decimal(44), Decimal(46)]


def test_a_zero_sum_pool_adds_up_in_whole_units() -> None:
    text = """
variables: {own: {}, people: {}}
allocation:
  unit: k
  pools: {g: {amount: 0, each: own, bear: people, negative: allow}}
"""
    # 0.7 are carried by three: 10.17, -3.53 and -6.63
    run = pay(text, own=["10.4", "-3.3", "-6.4"], people=[1, 1, 1])
    assert amounts(run) == [Decimal(10), Decimal(-3), Decimal(-7)]


def test_only_the_stated_measure_proves_the_amounts_of_a_program() -> None:
    columns = {"own": [300, 500, 200], "people": [1, 2, 4], "low": [350, 0, 0], "zone": ["a"] * 3}
    run = pay(STATED % ("redistribute", 1000, "", TIED), **columns)
    assert run.last.allocation is not None
    coupled = run.last.allocation.program
    assert coupled is not None
    program, solution = coupled.program(coupled.last), coupled.solved[coupled.last]
    assert stationary(ExactProgram(program), solution).moves < 1e-6
    by_entitlement = replace(program, weights=None)
    assert stationary(ExactProgram(by_entitlement), solution).moves > 1


def test_the_margin_is_borne_in_proportion_to_the_measure() -> None:
    columns = {"own": [300, 500, 200], "people": [1, 2, 6], "low": [350, 0, 0], "zone": ["a"] * 3}
    run = pay(STATED % ("redistribute", 1000, "", ""), **columns)
    assert run.last.allocation is not None
    standing = standing_of(run.last.allocation)
    spec = run.model.spec.allocation
    assert spec is not None
    (effect,) = rule_effects(standing, run.last.allocation.pools, spec.rules, Fraction(1, 1000))  # type: ignore[arg-type]
    (taken,) = effect.taken
    assert (taken.bound, taken.free, taken.largest) == (1, 2, 2)
    assert (taken.part, taken.bear) == (Fraction(6, 8), "people")
    row = next(row for row in rules_rows(run.model, run.last) if row[0] == spec.rules[0].id)
    assert row[2] == "the total of all pools: at least low (carried by people)"
    assert "by the 2 at no limit in proportion to `people` (75.0% of it by 003)" in str(row[-1])
    assert "按people比例（其中 003 占 75.0%）承担" in str(
        next(row for row in rules_rows(run.model, run.last, "zh") if row[0] == spec.rules[0].id)[-1]
    )


def test_the_smallest_fall_out_first_only_where_shares_rise_in_proportion() -> None:
    text = (
        "variables: {w: {}}\nallocation:\n  unit: k\n  pools: {g: {amount: 10, weight: w, bear: 1}}\n"
        "  rules: [{id: least, minimum_grant: 2, pool: g, drop: smallest}]\n"
    )
    with pytest.raises(InputError, match="Write `drop: together`"):
        pay(text, w=[1, 2])
