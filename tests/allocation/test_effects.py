"""Rules in effect: who is bound, what was moved, and prices that a change of a limit bears out."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from reliefperf.allocation.effects import Standing, rule_effects, standing_of, total_effects
from reliefperf.allocation.pool import Stage
from reliefperf.allocation.program import Deviation, Program
from reliefperf.allocation.solve import solve
from tests.allocation.paying import pay

SEPARATE = """
variables: {n: {missing: error}, last: {missing: error}}
allocation:
  unit: yuan
  budget: 1000
  pools: {g: {share: 1, weight: n}}
  rules:
    - {id: keep, hold_harmless: 0.9, previous: last}
    - {id: top, cap: 420}
    - {id: idle, floor: 1}
"""
COUPLED = """
variables: {n: {missing: error}, m: {missing: error}, last: {missing: error}}
allocation:
  unit: yuan
  smallest: '0.01'
  budget: 1000
  pools:
    a: {share: 0.6, weight: n}
    b: {share: 0.4, weight: m}
  rules:
    - {id: keep, hold_harmless: 0.9, previous: last}
    - {id: bound, ratio: 0.7, pool: b, to: a}
    - {id: idle, floor: 1}
"""


def effects_of(run):
    allocation, spec = run.last.allocation, run.model.spec.allocation
    return {
        effect.id: effect
        for effect in rule_effects(
            standing_of(allocation), allocation.pools, spec.rules, Fraction(1, 10**4)
        )
    }


@pytest.mark.parametrize("soft", ["", ", soft: 1"])
def test_rows_far_from_their_sides_need_no_look_each(soft):
    text = COUPLED.replace("ratio: 0.7, pool: b, to: a", f"ratio: 0.7, pool: b, to: a{soft}")
    run = pay(text, n=[10, 20, 30, 40], m=[40, 13, 20, 25], last=[200, 50, 60, 70])
    allocation, rules = run.last.allocation, run.model.spec.allocation.rules
    standing = standing_of(allocation)
    noise = Fraction(1, 10**4)
    assert 0 < sum(len(standing.near_a_side(rule, noise)) for rule in rules) < 12
    every_row = replace(standing, near_a_side=None)
    assert rule_effects(standing, allocation.pools, rules, noise) == rule_effects(
        every_row, allocation.pools, rules, noise
    )


@pytest.mark.parametrize(("left", "gaining", "losing"), [("1e-9", 0, 0), ("1e-3", 1, 1)])
def test_money_between_the_pools_of_a_region_makes_nobody_gain(left, gaining, losing):
    def result(*amounts):
        stages = [Stage("r", [Fraction(amount) for amount in amounts])]
        return SimpleNamespace(pool=SimpleNamespace(entitlement=[Fraction(10)] * 2), stages=stages)

    more = Fraction(left)
    results = {"a": result(12, 13), "b": result(8 + more, 7 - more)}
    standing = Standing((), (), {}, (), SimpleNamespace(tiers=(), prices=()))
    rules = [SimpleNamespace(id="r")]
    (effect,) = rule_effects(standing, results, rules, Fraction(1, 10**4))
    assert (effect.gaining, effect.losing) == (gaining, losing)
    assert effect.moved == 5


def separate():
    return pay(SEPARATE, n=[10, 20, 30, 40, 100], last=[200, 50, 100, 100, 100])


def coupled():
    return pay(COUPLED, n=[10, 20, 30, 40], m=[40, 13, 20, 25], last=[200, 50, 60, 70])


def test_a_rule_binds_where_an_amount_stands_at_its_limit():
    found = effects_of(separate())
    assert found["keep"].binding == ("001",)
    assert found["top"].binding == ("005",)
    assert found["idle"].binding == ()
    assert [found[rule].n_rows for rule in ("keep", "top", "idle")] == [5, 5, 5]


def test_money_moved_is_the_gain_in_the_steps_of_the_explanation():
    run = separate()
    found = effects_of(run)
    for rule in ("keep", "top", "idle"):
        gains = sum(row[3] for row in run.explanation_rows if row[2] == rule and row[3] > 0)
        assert float(found[rule].moved) == pytest.approx(float(gains), abs=1e-5)
    assert found["keep"].gaining == 1
    assert found["keep"].losing == 4


def test_what_a_limit_moves_is_shared_by_those_at_no_limit():
    (taken,) = effects_of(separate())["keep"].taken
    assert (taken.pool, taken.bound, taken.free) == ("g", 1, 3)
    assert taken.largest == 3
    assert taken.part == Fraction(40, 90)
    # one yuan more for 001 takes 40/90 of it from 004
    text = SEPARATE.replace("unit: yuan", "unit: yuan\n  smallest: '0.000001'")
    more = text.replace("{id: keep, hold_harmless: 0.9", "{id: keep, hold_harmless: 0.905")
    columns = {"n": [10, 20, 30, 40, 100], "last": [200, 50, 100, 100, 100]}
    one, other = pay(text, **columns), pay(more, **columns)
    change = other.last.allocation.amounts("g")[3] - one.last.allocation.amounts("g")[3]
    assert float(change) == pytest.approx(-40 / 90, abs=1e-5)


def test_prices_are_the_change_of_the_objective_by_finite_differences():
    # three amounts that must be 100 together, at least 60 and at most 25 for two of them
    targets = np.array([40.0, 35.0, 25.0])
    program = _program(targets, least=60.0, most=25.0)
    solution = solve(program)
    for family, price in zip(program.families, solution.prices[0], strict=True):
        for side in ("lower", "upper"):
            step = 1e-3
            values = getattr(family, side)
            if not np.isfinite(values).all():
                continue
            shifted = []
            for sign in (-1, 1):
                sides = {"lower": family.lower, "upper": family.upper}
                if (family.lower == family.upper).all():
                    sides = {key: value + sign * step for key, value in sides.items()}
                else:
                    sides[side] = values + sign * step
                changed = replace(family, **sides)
                families = tuple(changed if f is family else f for f in program.families)
                shifted.append(solve(replace(program, families=families)).tiers[0].value)
            left = (solution.tiers[0].value - shifted[0]) / step
            right = (shifted[1] - solution.tiers[0].value) / step
            # at a kink the price is one of those between the two slopes
            assert left - 1e-6 <= price[0] <= right + 1e-6


def _program(targets, *, least, most):
    from scipy import sparse

    from reliefperf.allocation.program import RowFamily

    def family(rule, row, low, high):
        matrix = sparse.csr_array(np.array([row], dtype=float))
        return RowFamily(rule, (rule,), matrix, np.array([low]), np.array([high]))

    families = (
        family("total", [1, 1, 1], 100.0, 100.0),
        family("least", [1, 0, 0], least, np.inf),
        family("most", [0, 1, 1], -np.inf, most + 20),
    )
    everyone = np.ones(3, dtype=bool)
    return Program(
        ("a", "b", "c"),
        np.zeros(3),
        np.full(3, 1000.0),
        families,
        (Deviation("entitlement", targets, everyone),),
        targets,
    )


def test_tightening_costs_at_least_the_price_and_loosening_saves_at_most_it():
    run = coupled()
    effect = effects_of(run)["keep"]
    assert effect.price is not None
    assert effect.price.tier == "entitlement"
    base = run.last.allocation.program.solved[3].tiers[0].value

    def value(multiple):
        text = COUPLED.replace("hold_harmless: 0.9", f"hold_harmless: {multiple}")
        other = pay(text, n=[10, 20, 30, 40], m=[40, 13, 20, 25], last=[200, 50, 60, 70])
        return other.last.allocation.program.solved[3].tiers[0].value

    # 0.005 of 200 is one yuan for the one region that is bound
    assert set(effect.price.each) == {"001"}
    assert value(0.905) - base >= effect.price.total - 1e-6
    assert base - value(0.895) <= effect.price.total + 1e-6
    assert value(0.905) - base == pytest.approx(effect.price.total, rel=1e-6)


def test_totals_of_a_program_have_prices_too():
    totals = {effect.id: effect for effect in total_effects(standing_of(coupled().last.allocation))}
    assert set(totals) == {"pool a", "pool b"}
    assert all(effect.binding for effect in totals.values())


def test_a_rule_that_does_nothing_has_no_price():
    effect = effects_of(coupled())["idle"]
    assert effect.price is None
    assert effect.moved == 0
    assert effect.binding == ()
