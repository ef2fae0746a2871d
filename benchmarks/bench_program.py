"""Build, fold, solve and project a realistic program, beside HiGHS given the same LP as arrays.

2,846 counties x 3 pools: pool totals, hold-harmless and growth limits on region totals, a ratio of
award to base, province minimum shares, floors and caps on single amounts. Run by hand:

    python benchmarks/bench_program.py [repeats]
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable

import clarabel
import highspy
import numpy as np
import pulp
from scipy import sparse

from reliefperf.allocation.folding import CompiledLp, FoldedLp, column_colours, fold
from reliefperf.allocation.program import (
    Deviation,
    Program,
    RowFamily,
    Shortfall,
)
from reliefperf.allocation.projection import project
from reliefperf.allocation.pulp_model import build, compile_model, compile_program
from reliefperf.allocation.solve import solve
from reliefperf.allocation.solver import Box, Vertex, highs_lp, optimal_face, solve_tiers

N_REGIONS, N_PROVINCES = 2846, 31
POOLS = ("base", "award", "expenses")
SHARES = (0.85, 0.1, 0.05)
BUDGET = 1_000_000.0


def realistic_program(seed: int = 1, *, soft: bool = False, n_regions: int = N_REGIONS) -> Program:
    """A program in 万元 with the size and the rules of a national allocation."""
    random = np.random.default_rng(seed)
    people = np.exp(random.normal(8.5, 1.0, n_regions))
    score = random.uniform(60, 100, n_regions)
    difficulty = random.uniform(0.6, 1.4, n_regions)
    weights = (people * difficulty, people * score * (score >= 80), np.sqrt(people))
    targets = np.concatenate(
        [BUDGET * s * w / w.sum() for s, w in zip(SHARES, weights, strict=True)]
    )
    n_columns = 3 * n_regions
    total = targets.reshape(3, n_regions).sum(axis=0)
    previous = np.round(total * random.uniform(0.75, 1.15, n_regions), 2)
    one = sparse.eye_array(n_regions, format="csr")
    by_region = sparse.csr_array(sparse.hstack([one, one, one]))
    ratio = sparse.csr_array(sparse.hstack([-0.3 * one, one, 0 * one]))
    ratio.eliminate_zeros()
    province = np.sort(random.integers(0, N_PROVINCES, n_regions))
    member = (np.arange(N_PROVINCES)[:, None] == province[None, :]).astype(float)
    province_total = sparse.csr_array(np.tile(member, 3))
    pools = sparse.csr_array(np.kron(np.eye(3), np.ones(n_regions)))
    cells = sparse.csr_array(sparse.eye_array(n_columns))
    regions = tuple(f"{110000 + i}" for i in range(n_regions))
    columns = tuple(f"{pool}:{region}" for pool in POOLS for region in regions)
    provinces = tuple(f"P{i:02d}" for i in range(N_PROVINCES))
    infinite = np.inf

    def family(
        rule: str,
        names: tuple[str, ...],
        matrix: sparse.csr_array,
        low: np.ndarray | float,
        high: np.ndarray | float,
        priority: int | None = None,
    ) -> RowFamily:
        n_rows = len(names)
        sides = (np.broadcast_to(side, n_rows).astype(float) for side in (low, high))
        return RowFamily(rule, names, matrix, *sides, priority)

    share = province_total @ targets
    floor_cell = np.concatenate(
        [np.minimum(0.5 * targets[:n_regions], 0.3 * previous), np.zeros(2 * n_regions)]
    )
    cap_cell = np.maximum(1.5 * targets, 1.0)
    pool_sizes = BUDGET * np.array(SHARES)
    families = (
        family("pool-total", POOLS, pools, pool_sizes, pool_sizes),
        family("hold-harmless", regions, by_region, 0.95 * previous, infinite, 1 if soft else None),
        family("growth-limit", regions, by_region, -infinite, 1.3 * previous),
        family("award-ratio", regions, ratio, -infinite, 0.0),
        family("province-share", provinces, province_total, 0.97 * share, infinite),
        family("cell-floor", columns, cells, floor_cell, infinite),
        family("cell-cap", columns, cells, -infinite, cap_cell),
    )
    tiers = (
        *((Shortfall(),) if soft else ()),
        Deviation("entitlement", targets, np.ones(n_columns, dtype=bool)),
    )
    return Program(
        columns, np.zeros(n_columns), np.full(n_columns, BUDGET), families, tiers, targets
    )


def direct(lp: CompiledLp) -> float:
    """(a) HiGHS with its own settings, one thread, given the unfolded LP as arrays, tier by tier.

    The face of each tier is fixed as in the package, so that the work is the same.
    """
    box = Box(lp.lower, lp.upper, lp.row_lower, lp.row_upper)
    value = 0.0
    for objective in lp.objectives:
        highs = highspy.Highs()
        highs.silent()
        highs.setOptionValue("threads", 1)
        highs.passModel(highs_lp(lp.matrix, box, objective.costs))
        highs.run()
        assert highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
        value = highs.getObjectiveValue()
        if len(lp.objectives) > 1:
            box = optimal_face(box, _vertex(highs))
    return value


def _vertex(highs: highspy.Highs) -> Vertex:
    solution = highs.getSolution()
    return Vertex(
        np.array(solution.col_value),
        np.array(solution.col_dual),
        np.array(solution.row_dual),
        highs.getObjectiveValue(),
        None,
    )


def clock(repeats: int, work: Callable[[], object]) -> float:
    """The median of wall-clock seconds, after one run to warm up."""
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def report(label: str, program: Program, repeats: int) -> None:
    lp = compile_program(program)
    model = build(program)
    folded = fold(lp)
    assert isinstance(folded, FoldedLp)
    vertices, face = solve_tiers(folded, lp.objectives)
    costs = [objective.costs for objective in lp.objectives]
    colours = column_colours(folded, program.targets, costs)
    assert abs(direct(lp) - vertices[-1].value) < 1e-6 * (1 + vertices[-1].value)
    base = clock(repeats, lambda: direct(lp))
    point = vertices[-1].point
    rows = [
        ("(a) HiGHS given the arrays, cold", base),
        ("    build in PuLP", clock(repeats, lambda: build(program))),
        ("    compile to arrays", clock(repeats, lambda: compile_model(model))),
        ("    fold", clock(repeats, lambda: fold(lp))),
        ("    solve the tiers", clock(repeats, lambda: solve_tiers(folded, lp.objectives))),
        (
            "(b) solve(), without projection",
            clock(repeats, lambda: solve(program, equal_treatment=False)),
        ),
        (
            "    colours of equal columns",
            clock(repeats, lambda: column_colours(folded, program.targets, costs)),
        ),
        (
            "    project",
            clock(repeats, lambda: project(folded, face, point, program.targets, colours)),
        ),
        ("(c) solve(), with projection", clock(repeats, lambda: solve(program))),
    ]
    print(f"\n{label}: {lp.matrix.shape[1]:,} columns, {lp.matrix.shape[0]:,} rows,", end=" ")
    print(f"folded to {folded.matrix.shape[0]:,} rows; {len(lp.objectives)} tier(s)")
    print(f"{'':38}{'seconds':>9}{'ratio':>8}")
    for name, seconds in rows:
        print(f"{name:38}{seconds:9.3f}{seconds / base:8.2f}")


def main() -> None:
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs, ", end="")
    print(f"Python {platform.python_version()}, numpy {np.__version__}, PuLP {pulp.__version__}, ")
    print(
        f"HiGHS {highspy.Highs().version()}, Clarabel {clarabel.__version__}; median of {repeats}"
    )
    report("hard rules", realistic_program(), repeats)
    report("soft hold-harmless", realistic_program(soft=True), repeats)


if __name__ == "__main__":
    main()
