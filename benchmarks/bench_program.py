"""Build, fold, solve and project a realistic program, beside HiGHS given the same LP as arrays.

2,846 counties x 3 pools: pool totals, hold-harmless and growth limits on region totals, a ratio of
award to base, province minimum shares, floors and caps on single amounts. Run by hand:

    python benchmarks/bench_program.py [repeats]
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from reliefperf.allocation.program import (
    Deviation,
    Program,
    RowFamily,
    Shortfall,
)

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
