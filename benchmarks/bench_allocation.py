"""One program, several ways to solve it; and a pool of limits and a total, without a program.

The program is that of bench_program.py: 2,846 counties x 3 pools under seven families of rules,
nearest to the entitlements by least absolute deviation. All solve with HiGHS on one thread, from
data to amounts, and must reach the same value. linopy and cvxpy are left out where they are not
installed. Run by hand:

    uv run --with linopy --with cvxpy python benchmarks/bench_allocation.py [repeats]
"""

from __future__ import annotations

import importlib.util
import os
import platform
import sys
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pulp
from bench_program import clock, direct, realistic_program
from scipy import sparse

from reliefperf.allocation.program import Deviation, Program
from reliefperf.allocation.pulp_model import compile_program
from reliefperf.allocation.rounding import largest_remainder
from reliefperf.allocation.solve import solve
from reliefperf.allocation.waterfill import waterfill


def naive_pulp(program: Program) -> float:
    """PuLP's own expressions, one term at a time, built anew and solved by HiGHS."""
    problem = pulp.LpProblem("naive", pulp.LpMinimize)
    x = [
        problem.add_variable(f"x{j}", float(low), float(high))
        for j, (low, high) in enumerate(zip(program.lower, program.upper, strict=True))
    ]
    over = [problem.add_variable(f"o{j}", 0) for j in range(len(x))]
    under = [problem.add_variable(f"u{j}", 0) for j in range(len(x))]
    problem += pulp.lpSum(over) + pulp.lpSum(under)
    for j, target in enumerate(targets(program)):
        problem += x[j] - over[j] + under[j] == float(target)
    for family in program.families:
        rows = family.matrix
        for i in range(rows.shape[0]):
            part = slice(rows.indptr[i], rows.indptr[i + 1])
            terms = pulp.lpSum(
                float(c) * x[j]
                for c, j in zip(rows.data[part], rows.indices[part].tolist(), strict=True)
            )
            if family.lower[i] == family.upper[i]:
                problem += terms == float(family.lower[i])
                continue
            if np.isfinite(family.lower[i]):
                problem += terms >= float(family.lower[i])
            if np.isfinite(family.upper[i]):
                problem += terms <= float(family.upper[i])
    problem.solve(pulp.HiGHS(msg=False, threads=1))
    return float(pulp.value(problem.objective))


def with_linopy(program: Program) -> float:
    """linopy's arrays of variables and constraints."""
    import linopy
    import xarray

    model = linopy.Model()
    n = len(program.columns)
    index = [range(n)]
    x = model.add_variables(program.lower, program.upper, coords=index, name="x")
    over = model.add_variables(0, np.inf, coords=index, name="over")
    under = model.add_variables(0, np.inf, coords=index, name="under")
    model.add_constraints(x - over + under == targets(program), name="deviation")
    for family in program.families:
        for side, sign in ((family.lower, ">="), (family.upper, "<=")):
            open_side = ~np.isfinite(side)
            if open_side.all():
                continue
            rows = sparse.csr_array(family.matrix[~open_side])
            width = int(np.diff(rows.indptr).max())
            labels = np.full((rows.shape[0], width), -1)
            coefficients = np.zeros(labels.shape)
            at = np.arange(rows.nnz) - np.repeat(rows.indptr[:-1], np.diff(rows.indptr))
            row = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
            labels[row, at] = x.labels.values[rows.indices]
            coefficients[row, at] = rows.data
            terms = linopy.LinearExpression(
                xarray.Dataset(
                    {
                        "coeffs": (("row", "_term"), coefficients),
                        "vars": (("row", "_term"), labels),
                    },
                    coords={"row": range(rows.shape[0])},
                ),
                model,
            )
            limits = xarray.DataArray(
                side[~open_side], dims="row", coords={"row": range(rows.shape[0])}
            )
            model.add_constraints(terms, sign, limits)
    model.add_objective((over + under).sum())
    model.solve("highs", io_api="direct", threads=1, output_flag=False)
    return float(model.objective.value)


def with_cvxpy(program: Program) -> float:
    """cvxpy's matrix expressions."""
    import cvxpy

    x = cvxpy.Variable(len(program.columns))
    limits = [x >= program.lower, x <= program.upper]
    for family in program.families:
        low, high = np.isfinite(family.lower), np.isfinite(family.upper)
        rows = sparse.csr_matrix(family.matrix)
        if low.any():
            limits.append(rows[low] @ x >= family.lower[low])
        if high.any():
            limits.append(rows[high] @ x <= family.upper[high])
    problem = cvxpy.Problem(cvxpy.Minimize(cvxpy.norm1(x - targets(program))), limits)
    return float(problem.solve(solver=cvxpy.HIGHS))


def targets(program: Program) -> np.ndarray:
    (tier,) = program.tiers
    assert isinstance(tier, Deviation)
    return tier.targets


def ways(repeats: int) -> None:
    """The table of ways to the same optimum."""
    program = realistic_program()
    value = direct(compile_program(program))
    base = clock(repeats, lambda: direct(compile_program(program)))
    rows: list[tuple[str, float]] = [("highspy, arrays direct", base)]

    def add(name: str, work: Callable[[], float]) -> None:
        found = work()
        assert abs(found - value) < 1e-5 * (1 + value), (name, found, value)
        rows.append((name, clock(max(1, repeats // 3), work)))

    add("PuLP, term by term, rebuilt", lambda: naive_pulp(program))
    for name, work in (("linopy", with_linopy), ("cvxpy", with_cvxpy)):
        if importlib.util.find_spec(name) is not None:
            add(name, lambda work=work: work(program))  # type: ignore[misc]
        else:
            print(f"{name}: not installed, left out")
    one = clock(repeats, lambda: solve(program, equal_treatment=False))
    rows.append(("this package, tiers alone", one))
    both = clock(repeats, lambda: solve(program))
    rows.append(("this package, with equal treatment", both))
    print(f"{'2,846 counties x 3 pools':38}{'seconds':>9}{'ratio':>8}")
    for name, seconds in rows:
        print(f"{name:38}{seconds:9.3f}{seconds / base:8.2f}")


def filling(repeats: int) -> None:
    """One pool of limits and a total: shares and whole units, exactly; how time grows."""
    print(
        f"\n{'a pool of limits and a total':24}{'shares':>10}{'units':>10}{'program':>10}  seconds"
    )
    for n_regions in (1000, 10_000, 100_000):
        random = np.random.default_rng(1)
        weights = [int(w) for w in np.exp(random.normal(10, 1, n_regions))]
        total = 10_000 * n_regions
        mean = total / sum(weights)
        low = [int(0.5 * total / n_regions) if i % 3 == 0 else 0 for i in range(n_regions)]
        high = [low_i + int(2 * mean * w) for low_i, w in zip(low, weights, strict=True)]
        filled = waterfill(weights, low, high, total)
        share = clock(repeats, lambda: waterfill(weights, low, high, total))  # noqa: B023
        whole = clock(
            repeats,
            lambda: largest_remainder(filled.amounts, total, low, high),  # noqa: B023
        )
        assert sum(filled.amounts, Fraction(0)) == total
        solved = _as_program(weights, low, high, total) if n_regions <= 10_000 else None
        shown = ""
        if solved is not None:
            amounts = solve(solved).amounts
            gap = max(
                abs(float(a) - b) for a, b in zip(filled.amounts, amounts.tolist(), strict=True)
            )
            assert gap < 1e-3 * total / n_regions, gap
            shown = f"{clock(1, lambda: solve(solved)):10.3f}"  # noqa: B023
        print(f"{n_regions:>24,}{share:10.3f}{whole:10.3f}{shown or '-':>10}")


def _as_program(weights: list[int], low: list[int], high: list[int], total: int) -> Program:
    from reliefperf.allocation.program import RowFamily

    n = len(weights)
    wanted = np.array(weights, dtype=float) * total / sum(weights)
    ones = sparse.csr_array(np.ones((1, n)))
    sides = np.array([float(total)])
    return Program(
        tuple(f"{i:06d}" for i in range(n)),
        np.array(low, dtype=float),
        np.array(high, dtype=float),
        (RowFamily("total", ("total",), ones, sides, sides),),
        (Deviation("entitlement", wanted, np.ones(n, dtype=bool)),),
        wanted,
    )


def main() -> None:
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs, ", end="")
    print(f"Python {platform.python_version()}; median of {repeats}")
    ways(repeats)
    filling(repeats)


if __name__ == "__main__":
    main()
