"""10,000 draws of weights for 2,850 regions x 60 indicators in 3 levels, beside bare numpy and peers.

The bare side is the least that gives scores and ranks: one product of matrices, one argsort a draw,
the places put in. Ours draws the weights too, ties equal scores, and gives means, exact 5, 50 and
95 % quantiles of score and rank, extremes, shares of grades and rank shifts. Peers, if installed,
repeat their weighted sum and its ranks on fewer draws, scaled up to all, which the table says. The
best of some rounds counts, in each of which everybody has a turn. Run by hand:

    uv run --with pymcdm --with scikit-criteria python benchmarks/bench_draws.py [rounds]
"""

from __future__ import annotations

import platform
import resource
import sys
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from reliefperf.evaluation.draws import summarise
from reliefperf.evaluation.weight_draws import (
    Dirichlet,
    SiblingGroup,
    effective_weights,
    sample_weights,
)

N_REGIONS, N_DRAWS, PEER_DRAWS = 2850, 10_000, 20
LIMITS = (55.0, 50.0, 45.0)
Array = NDArray[np.float64]


def tree() -> list[SiblingGroup]:
    """3 parts of 4 groups of 5 indicators."""
    root = SiblingGroup("", ("p0", "p1", "p2"), np.full(3, 1 / 3))
    groups = [root]
    for part in root.children:
        below = SiblingGroup(part, tuple(f"{part}g{i}" for i in range(4)), np.full(4, 1 / 4))
        leaves = [
            SiblingGroup(group, tuple(f"{group}x{i}" for i in range(5)), np.full(5, 1 / 5))
            for group in below.children
        ]
        groups += [below, *leaves]
    return groups


def bare(parts: Array, weights: Array) -> NDArray[np.int64]:
    scores = weights @ parts
    order = np.argsort(-scores, axis=1)
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(1, N_REGIONS + 1)[None], axis=1)
    return ranks


def pymcdm(parts: Array, weights: Array) -> Callable[[], object] | None:
    try:
        from pymcdm.helpers import rankdata
        from pymcdm.methods import WSM
    except ImportError:
        return None
    method, types = (
        WSM(normalization_function=lambda column, cost=False: column),
        np.ones(len(parts)),
    )
    matrix = np.ascontiguousarray(parts.T)
    return lambda: [rankdata(method(matrix, row, types), reverse=True) for row in weights]


def scikit_criteria(parts: Array, weights: Array) -> Callable[[], object] | None:
    try:
        import skcriteria
        from skcriteria.agg.simple import WeightedSumModel
    except ImportError:
        return None
    matrix, model, goals = np.ascontiguousarray(parts.T), WeightedSumModel(), [max] * len(parts)
    return lambda: [
        model.evaluate(skcriteria.mkdm(matrix, goals, weights=row)).rank_ for row in weights
    ]


def main(rounds: int = 5) -> None:
    parts = np.random.default_rng(1).random((60, N_REGIONS))
    groups = tree()
    base = effective_weights(groups)
    weights = np.concatenate(list(sample_weights(groups, Dirichlet(100), N_DRAWS, 1)))
    some = weights[:PEER_DRAWS]

    def ours() -> object:
        blocks = sample_weights(groups, Dirichlet(100), N_DRAWS, 1)
        return summarise(parts, blocks, base, limits=LIMITS)

    works: dict[str, tuple[Callable[[], object], int]] = {
        "bare numpy": (lambda: bare(parts, weights), N_DRAWS),
        "reliefperf": (ours, N_DRAWS),
    }
    for name, peer in (("pymcdm", pymcdm), ("scikit-criteria", scikit_criteria)):
        work = peer(parts, some)
        if work is None:
            print(f"{name} is not installed")
        else:
            works[name] = (work, PEER_DRAWS)
    times = dict.fromkeys(works, np.inf)
    for _ in range(rounds):
        for name, (work, n_draws) in works.items():
            started = time.perf_counter()
            work()
            took = (time.perf_counter() - started) / n_draws * N_DRAWS
            times[name] = min(times[name], took)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{N_DRAWS:,} draws, {N_REGIONS:,} regions x 60 indicators in 3 levels; Python "
        f"{platform.python_version()}, numpy {np.__version__}, {platform.machine()}; best of {rounds}; "
        f"peak memory of everything {peak:.2f} GB"
    )
    print(f"{'':<18}{'seconds':>9}{'x bare':>9}  draws timed")
    for name, took in times.items():
        print(f"{name:<18}{took:>9.2f}{took / times['bare numpy']:>9.1f}  {works[name][1]:,}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
