"""Columns that are sums of amounts do not count in the distance: the amounts alone do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from reliefperf.allocation.exact_program import ExactProgram
from reliefperf.allocation.program import Coverage, Deviation, Floats, Program, Tier
from reliefperf.allocation.solve import Infeasible, solve
from reliefperf.allocation.stationary import stationary
from tests.allocation.families import family


class Regions:
    """Two pools with a total each, of regions that get something of both; random floors of totals.

    Columns are the amounts of the first pool, those of the second and, if `summed`, each region's.
    """

    def __init__(self, seed: int, *, summed: bool) -> None:
        chance = np.random.default_rng(seed)
        self.n = n = int(chance.integers(2, 6))
        self.targets = chance.integers(1, 40, 2 * n).astype(float)
        self.needs = chance.integers(5, 60, n).astype(float)
        totals = [float(part.sum()) for part in (self.targets[:n], self.targets[n:])]
        mean = sum(totals) / n
        self.floors = np.minimum(chance.uniform(0.3, 0.95, n) * mean, chance.uniform(0, mean, n))
        self.caps = np.maximum(chance.uniform(1.05, 2.0, n) * mean, self.floors)
        eye = np.eye(n)
        self.of_region = np.hstack([eye, eye])
        pools = np.repeat(np.eye(2), n, axis=1)
        wide = n if summed else 0
        families = [family("pool", np.pad(pools, ((0, 0), (0, wide))), totals, totals)]
        of_region = np.hstack([self.of_region, -eye]) if summed else self.of_region
        limits = np.hstack([np.zeros((n, 2 * n)), eye]) if summed else self.of_region
        if summed:
            families.append(family("sums", of_region, [0.0] * n, [0.0] * n))
        families.append(family("between", limits, self.floors.tolist(), self.caps.tolist()))
        self.families, self.totals, self.pools = tuple(families), totals, pools

    def program(self, tiers: tuple[Tier, ...] = ()) -> Program:
        n_columns = self.families[0].matrix.shape[1]
        more = n_columns - 2 * self.n
        targets = np.concatenate([self.targets, self.of_region @ self.targets])[:n_columns]
        return Program(
            tuple(f"x{j}" for j in range(n_columns)),
            np.zeros(n_columns),
            np.full(n_columns, 1e4),
            self.families,
            tiers,
            targets,
            sums="sums" if more else None,
        )

    def of_sums(self, values: Floats) -> tuple[Floats, Floats]:
        """Values of the sums and which columns they are, as a tier has them."""
        spread = np.concatenate([np.zeros(2 * self.n), values])
        return spread, np.arange(3 * self.n) >= 2 * self.n


@given(st.integers(0, 10**6))
def test_limits_of_sums_are_limits_of_the_amounts_together(seed: int) -> None:
    plain, summed = Regions(seed, summed=False), Regions(seed, summed=True)
    try:
        expected = solve(plain.program()).amounts
    except Infeasible:
        with pytest.raises(Infeasible):
            solve(summed.program())
        return
    found = solve(summed.program()).amounts
    assert found[: 2 * plain.n] == pytest.approx(expected, abs=1e-7)
    assert found[2 * plain.n :] == pytest.approx(plain.of_region @ expected, abs=1e-7)


@given(st.integers(0, 10**6), st.sampled_from(["coverage", "change"]))
def test_after_a_tier_of_sums_the_amounts_are_nearest_by_themselves(seed: int, kind: str) -> None:
    regions = Regions(seed, summed=True)
    values, columns = regions.of_sums(regions.needs)
    tier = (
        Coverage(kind, values, columns) if kind == "coverage" else Deviation(kind, values, columns)
    )
    program = regions.program((tier,))
    try:
        solution = solve(program)
    except Infeasible:
        return
    amounts = solution.amounts[: 2 * regions.n]
    best = _distance(regions, _nearest(regions, amounts, kind))
    assert _distance(regions, amounts) <= best + 1e-5 * max(1.0, best)
    problem = ExactProgram(program)
    assert stationary(problem, solution).moves <= 1e-5


def _distance(regions: Regions, amounts: Floats) -> float:
    return float(((amounts - regions.targets) ** 2 / regions.targets).sum())


def _nearest(regions: Regions, amounts: Floats, kind: str) -> Floats:
    """The nearest amounts that are as good as these on the tier, by another solver."""
    n = regions.n
    sums = regions.of_region @ amounts
    limits = [
        {"type": "eq", "fun": lambda x: regions.pools @ x - regions.totals},
        {"type": "ineq", "fun": lambda x: regions.of_region @ x[: 2 * n] - regions.floors + 1e-9},
        {"type": "ineq", "fun": lambda x: regions.caps - regions.of_region @ x[: 2 * n] + 1e-9},
    ]
    if kind == "coverage":
        least = (sums / regions.needs).min()
        limits.append(
            {
                "type": "ineq",
                "fun": lambda x: regions.of_region @ x - (least - 1e-9) * regions.needs,
            }
        )
        return np.asarray(
            minimize(
                lambda x: _distance(regions, x),
                amounts,
                jac=lambda x: 2 * (x - regions.targets) / regions.targets,
                bounds=[(0, None)] * (2 * n),
                constraints=limits,
                method="SLSQP",
                options={"maxiter": 500, "ftol": 1e-12},
            ).x
        )
    # a distance as a helper column for each region
    limits = [{**one, "fun": (lambda x, f=one["fun"]: f(x[: 2 * n]))} for one in limits]
    most = float(np.abs(sums - regions.needs).sum())
    limits += [
        {
            "type": "ineq",
            "fun": lambda x: x[2 * n :] - regions.of_region @ x[: 2 * n] + regions.needs,
        },
        {
            "type": "ineq",
            "fun": lambda x: x[2 * n :] + regions.of_region @ x[: 2 * n] - regions.needs,
        },
        {"type": "ineq", "fun": lambda x: most + 1e-9 - x[2 * n :].sum()},
    ]
    start = np.concatenate([amounts, np.abs(sums - regions.needs)])
    found = minimize(
        lambda x: _distance(regions, x[: 2 * n]),
        start,
        jac=lambda x: np.concatenate(
            [2 * (x[: 2 * n] - regions.targets) / regions.targets, np.zeros(n)]
        ),
        bounds=[(0, None)] * (3 * n),
        constraints=limits,
        method="SLSQP",
        options={"maxiter": 500, "ftol": 1e-12},
    )
    return np.asarray(found.x[: 2 * n])
