"""A program in which a least distance from targets may be worse than it could be, within a limit.

Each amount gets a column that is at least |amount - target|, and the sum of these has a row. Their
own nearness counts next to nothing, so that they leave the amounts where they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy

from reliefperf.allocation.program import (
    Coverage,
    Deviation,
    Floats,
    Linear,
    Program,
    RowFamily,
    Shortfall,
    SparseRows,
    Tier,
    target_weights,
)

HELPER = 1e3
"""What the square of a distance's own column is divided by, as a part of the mean of the amounts'."""


@dataclass(frozen=True, eq=False)
class NearEnough:
    """The distances of a tier may add up to `most`, in money; at its best they were `gaps` (n,)."""

    tier: Deviation
    most: float
    gaps: Floats


def near_enough(program: Program, limits: Sequence[NearEnough]) -> Program:
    """The program with a column for each distance of `limits` and the rows that keep their sums."""
    if not limits:
        return program
    n_columns = len(program.columns)
    used = [np.flatnonzero(limit.tier.columns) for limit in limits]
    ends = n_columns + np.cumsum([0, *(places.size for places in used)])
    total = int(ends[-1])
    weights = target_weights(program.targets) if program.weights is None else program.weights
    furthest = max(float(np.abs(limit.tier.targets).max(initial=0.0)) for limit in limits)
    largest = max(float(np.abs(side).max(initial=0.0)) for side in (program.lower, program.upper))
    n_more = total - n_columns
    names = [
        f"{limit.tier.name} of {program.columns[j]}"
        for limit, places in zip(limits, used, strict=True)
        for j in places.tolist()
    ]
    families = [replace(one, matrix=_wider(one.matrix, total)) for one in program.families]
    for limit, places, start in zip(limits, used, ends.tolist(), strict=False):
        families.append(_rows(program, limit, places, start, total))
    return replace(
        program,
        columns=(*program.columns, *names),
        lower=np.concatenate([program.lower, np.zeros(n_more)]),
        upper=np.concatenate([program.upper, np.full(n_more, largest + furthest)]),
        families=tuple(families),
        tiers=tuple(_wider_tier(tier, n_more) for tier in program.tiers),
        targets=np.concatenate(
            [program.targets, *(limit.gaps[at] for limit, at in zip(limits, used, strict=True))]
        ),
        weights=np.concatenate([weights, np.full(n_more, HELPER * float(weights.mean()))]),
    )


def _rows(
    program: Program, limit: NearEnough, places: np.ndarray, start: int, total: int
) -> RowFamily:
    """amount - distance <= target <= amount + distance for each, and the sum of the distances."""
    n_rows = places.size
    own = start + np.arange(n_rows)
    row, ones = np.arange(n_rows), np.ones(n_rows)
    i = np.concatenate([row, row, n_rows + row, n_rows + row, np.full(n_rows, 2 * n_rows)])
    j = np.concatenate([places, own, places, own, own])
    data = np.concatenate([ones, ones, ones, -ones, ones])
    targets = limit.tier.targets[places]
    names = [program.columns[k] for k in places.tolist()]
    return RowFamily(
        f"objective {limit.tier.name}",
        (*(f"{name} low" for name in names), *(f"{name} high" for name in names), "sum"),
        scipy.sparse.csr_array((data, (i, j)), shape=(2 * n_rows + 1, total)),
        np.concatenate([targets, np.full(n_rows + 1, -np.inf)]),
        np.concatenate([np.full(n_rows, np.inf), targets, [limit.most]]),
    )


def _wider(matrix: SparseRows, n_columns: int) -> SparseRows:
    return scipy.sparse.csr_array(
        (matrix.data, matrix.indices, matrix.indptr), shape=(matrix.shape[0], n_columns)
    )


def _wider_tier(tier: Tier, n_more: int) -> Tier:
    match tier:
        case Deviation():
            return replace(
                tier,
                targets=np.pad(tier.targets, (0, n_more)),
                columns=np.pad(tier.columns, (0, n_more)),
            )
        case Coverage():
            return replace(
                tier,
                needs=np.pad(tier.needs, (0, n_more)),
                columns=np.pad(tier.columns, (0, n_more)),
            )
        case Linear():
            return replace(tier, costs=np.pad(tier.costs, (0, n_more)))
        case Shortfall():
            return tier
