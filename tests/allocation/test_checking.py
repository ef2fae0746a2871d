"""Recorded amounts are proved exactly: small gaps for good ones, true gaps for worse ones."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from reliefperf.allocation.checking import largest_gap, tier_gaps
from reliefperf.allocation.exact_program import ExactObjective, ExactProgram
from reliefperf.allocation.exact_rows import in_money
from reliefperf.allocation.program import (
    Coverage,
    Deviation,
    Linear,
    Program,
    RowFamily,
    Shortfall,
    Tier,
)
from reliefperf.allocation.solve import Infeasible, solve
from reliefperf.allocation.stationary import stationary

BUDGET = 100.0


def program(seed: int, tiers: tuple[str, ...]) -> Program:
    """Eight amounts under one budget with random ratios, a group's floor and soft wishes."""
    rng = np.random.default_rng(seed)
    n = 8
    targets = np.round(rng.uniform(1, 30, n), 2)
    everyone = np.ones((1, n))
    ratios = np.zeros((4, n))
    for i in range(4):
        ratios[i, i], ratios[i, i + 4] = 1.0, -round(float(rng.uniform(0.3, 1.5)), 2)
    group = np.zeros((1, n))
    group[0, rng.choice(n, 3, replace=False)] = 1.0
    pairs = np.zeros((3, n))
    for i in range(3):
        pairs[i, rng.choice(n, 2, replace=False)] = 1.0

    def rows(rule: str, matrix: np.ndarray, low: object, high: object, soft: int | None = None):  # type: ignore[no-untyped-def,type-arg]
        size = matrix.shape[0]
        names = tuple(f"{rule}{i}" for i in range(size))
        sides = (np.broadcast_to(np.asarray(v, dtype=float), (size,)) for v in (low, high))
        return RowFamily(rule, names, sparse.csr_array(matrix), *sides, soft)

    families = [
        rows("budget", everyone, BUDGET, BUDGET),
        rows("ratio", ratios, -np.inf, 0.0),
        rows("group", group, 25.0, np.inf),
        rows("growth", pairs, 5.0, 40.0),
        rows("keep", np.eye(n), np.round(targets * 0.3, 2), np.inf),
    ]
    if "shortfall" in tiers:
        families.append(rows("wish", pairs, np.round(rng.uniform(10, 60, 3), 1), np.inf, 1))
        families.append(rows("hope", group, 60.0, 80.0, 2))
    made: dict[str, Tier] = {
        "shortfall": Shortfall(),
        "entitlement": Deviation("entitlement", targets, np.ones(n, dtype=bool)),
        "change": Deviation("change", np.round(rng.uniform(0, 25, n), 1), np.arange(n) % 2 == 0),
        "coverage": Coverage("coverage", np.round(rng.uniform(5, 20, n), 1), np.arange(n) < 6),
        "linear": Linear("linear", np.round(rng.uniform(-3, 3, n), 1)),
    }
    return Program(
        tuple(f"c{j}" for j in range(n)),
        np.zeros(n),
        np.full(n, 200.0),
        tuple(families),
        tuple(made[name] for name in tiers),
        targets,
    )


TIERS = [
    ("entitlement",),
    ("linear", "entitlement"),
    ("shortfall", "entitlement"),
    ("coverage", "entitlement"),
    ("shortfall", "coverage", "entitlement"),
    ("shortfall", "change", "entitlement"),
    ("entitlement", "coverage", "change"),
]


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10**6), tiers=st.sampled_from(TIERS))
def test_what_the_solver_found_is_proved(seed: int, tiers: tuple[str, ...]) -> None:
    made = program(seed, tiers)
    try:
        solution = solve(made)
    except Infeasible:
        return
    problem = ExactProgram(made)
    assert float(problem.violation(in_money(solution.amounts))[0]) < 1e-6
    for gap in tier_gaps(problem, solution):
        # amounts that exceed a limit by noise may be better than allowed ones by noise
        assert -1e-5 < float(gap.gap) < 1e-6, gap
    assert stationary(problem, solution).moves < 1e-5


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10**6), shift=st.floats(0.01, 3.0))
def test_the_gap_of_worse_amounts_is_at_least_what_they_lose(seed: int, shift: float) -> None:
    made = program(seed, ("linear",))
    try:
        solution = solve(made)
    except Infeasible:
        return
    tier = made.tiers[0]
    assert isinstance(tier, Linear)
    amounts = solution.amounts.copy()
    worst, best = int(np.argmax(tier.costs)), int(np.argmin(tier.costs))
    amounts[worst] += shift
    amounts[best] -= shift
    lost = shift * float(tier.costs[worst] - tier.costs[best])
    (gap,) = tier_gaps(ExactProgram(made), replace(solution, amounts=amounts))
    assert float(gap.gap) >= lost - 1e-6


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10**6), noise=st.floats(0.01, 2.0))
def test_wrong_prices_never_make_a_gap_too_small(seed: int, noise: float) -> None:
    made = program(seed, ("shortfall", "entitlement"))
    try:
        solution = solve(made)
    except Infeasible:
        return
    rng = np.random.default_rng(seed)
    prices = tuple(
        tuple(p + noise * rng.normal(size=p.size) for p in of_tier) for of_tier in solution.prices
    )
    for gap in tier_gaps(ExactProgram(made), replace(solution, prices=prices)):
        assert float(gap.gap) > -1e-5


def test_missing_prices_are_refused() -> None:
    made = program(1, ("linear",))
    solution = solve(made)
    with pytest.raises(ValueError, match="0 tiers recorded"):
        tier_gaps(ExactProgram(made), replace(solution, prices=()))


def test_points_for_money_are_counted_times_the_largest_score() -> None:
    performance = ExactObjective("performance", costs=[-950, 0, 20], scale=10)
    assert largest_gap(900.0, performance) == pytest.approx(95 * largest_gap(900.0))
    assert largest_gap(900.0, ExactObjective("distribute", costs=[-1, 0])) == largest_gap(900.0)
    assert largest_gap(900.0, ExactObjective("change", targets=[5])) == largest_gap(900.0)
