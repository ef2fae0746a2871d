"""Programs in any unit of money: the same answer in yuan as in 万元, and none without columns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reliefperf.allocation.program import (
    Coverage,
    Deviation,
    Linear,
    Program,
    Shortfall,
    Tier,
)
from reliefperf.allocation.scaling import money_unit, scaled, unscaled
from reliefperf.allocation.solve import Infeasible, solve
from tests.allocation.families import family

INF = np.inf


def program(unit: float, *, most: float = 1e6) -> Program:
    """Three regions share 1200; the first must keep 900, and a soft floor cannot be met."""
    goal = np.array([600.0, 400.0, 200.0]) * unit
    everyone = np.ones(3, dtype=bool)
    tiers: tuple[Tier, ...] = (
        Shortfall(),
        Coverage("coverage", goal, everyone),
        Linear("cost", np.array([2.0, 1.0, 1.0])),
        Deviation("entitlement", goal, everyone),
    )
    return Program(
        ("a", "b", "c"),
        np.zeros(3),
        np.full(3, most * unit),
        (
            family("budget", np.ones((1, 3)), [1200 * unit], [1200 * unit]),
            family("keep", np.eye(3)[:1], [900 * unit], [INF]),
            family("wish", np.eye(3)[1:2], [500 * unit], [INF], soft=1),
        ),
        tiers,
        goal,
    )


@pytest.mark.parametrize("unit", [1e-6, 1e4, 1e7, 1e10])
@pytest.mark.parametrize("most", [1e6, 1e12])
def test_the_unit_of_money_changes_nothing_but_the_unit(unit: float, most: float) -> None:
    plain, other = solve(program(1.0)), solve(program(unit, most=most))
    np.testing.assert_allclose(other.amounts / unit, plain.amounts, rtol=1e-9, atol=1e-7)
    for one, two in zip(plain.tiers, other.tiers, strict=True):
        by = 1.0 if one.name == "coverage" else unit
        assert two.value / by == pytest.approx(one.value, rel=1e-8, abs=1e-7)
        assert abs(two.reached - two.value) <= two.tolerance
    assert [m.rule for m in other.missed] == ["wish"]
    assert other.missed[0].amount / unit == pytest.approx(plain.missed[0].amount)


def test_prices_are_per_unit_of_money_and_a_coverage_s_per_unit_of_ratio() -> None:
    plain, other = solve(program(1.0)), solve(program(1e6))
    for tier, one, two in zip(plain.tiers, plain.prices, other.prices, strict=True):
        by = 1e-6 if tier.name == "coverage" else 1.0
        for of_one, of_two in zip(one, two, strict=True):
            np.testing.assert_allclose(of_two, of_one * by, rtol=1e-6, atol=1e-12)


def test_ordinary_amounts_are_left_as_they_are_and_caps_do_not_count() -> None:
    assert money_unit(program(1.0)) == 1.0
    capped = replace(program(1.0), families=(family("cap", np.ones((1, 3)), [-INF], [1e15]),))
    assert money_unit(replace(capped, tiers=())) == 1.0
    assert money_unit(program(1e6)) == 1e4
    assert money_unit(program(1e-6)) == 1e-8


def test_decimal_amounts_stay_decimal() -> None:
    yuan = program(1e6)
    found = solve(scaled(yuan, 1e4))
    back = unscaled(found, yuan, 1e4)
    assert back.amounts.tolist() == [float(repr(value)) for value in back.amounts.tolist()]
    assert back.amounts.sum() == 1.2e9


def test_what_cannot_hold_is_told_in_the_caller_s_money() -> None:
    over = program(1e6)
    too_much = family("keep more", np.eye(3)[1:2], [400e6], [INF])
    with pytest.raises(Infeasible) as caught:
        solve(replace(over, families=(*over.families, too_much)))
    assert caught.value.infeasibility.missed == pytest.approx(100e6)


def nobody(low: float) -> Program:
    none = np.zeros(0)
    rows = (family("budget", np.zeros((1, 0)), [low], [5.0]),)
    empty = Deviation("entitlement", none, np.zeros(0, dtype=bool))
    return Program((), none, none, rows, (empty,), none)


def test_without_columns_the_solution_is_empty() -> None:
    solution = solve(nobody(0.0))
    assert solution.amounts.size == 0
    assert solution.missed == ()
    assert solution.tiers[0].value == 0.0
    assert solve(nobody(0.0), equal_treatment=False).amounts.size == 0


def test_without_columns_nothing_can_be_needed() -> None:
    with pytest.raises(Infeasible) as caught:
        solve(nobody(3.0))
    found = caught.value.infeasibility
    assert found.crossed
    assert [odd.amount for odd in found.rules if odd.side == "low"] == [3.0]
    assert "'budget'" in str(caught.value)
