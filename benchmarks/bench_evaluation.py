"""The evaluation half in one table: ours beside bare numpy, pymcdm, scikit-criteria and scipy.

2,850 regions; 60 indicators in 3 levels, 10 for benefit of the doubt. What each side does stands in
the module that its functions come from. The bare side of the draws is the matrix product and the
argsort alone, in blocks that it keeps; with ranks put in, it is the line below. The best of some
rounds counts, in each of which every side has a turn, by the wall clock and by the processor's time
of all threads. Peers and scipy do a part, scaled up, which the table says. Memory is the most that
one side holds at once, its inputs aside (a run of its own, by tracemalloc). Run by hand:

    uv run --with pymcdm --with scikit-criteria python benchmarks/bench_evaluation.py [rounds]

`OPENBLAS_NUM_THREADS=1 taskset -c 0` before `python` gives every side one thread.
"""

from __future__ import annotations

import os
import platform
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass

import bench_benefit
import bench_draws
import bench_outranking
import bench_scoring
import numpy as np
from numpy.typing import NDArray

from reliefperf.evaluation.combining.outranking import copeland_scores
from reliefperf.evaluation.draws import summarise
from reliefperf.evaluation.envelopment import best_weights
from reliefperf.evaluation.evaluate import evaluate
from reliefperf.evaluation.weight_draws import Dirichlet, effective_weights, sample_weights
from reliefperf.model.environment import Environment

N_REGIONS, N_DRAWS, PEER_DRAWS, SOLVED = 2850, 10_000, 20, 20
BLOCK = 512
Array = NDArray[np.float64]


@dataclass
class Side:
    """One side's work; it does a `part` of the whole."""

    name: str
    work: Callable[[], object]
    part: float = 1.0
    wall: float = np.inf
    processor: float = np.inf

    def run(self) -> None:
        started, used = time.perf_counter(), time.process_time()
        self.work()
        self.wall = min(self.wall, (time.perf_counter() - started) / self.part)
        self.processor = min(self.processor, (time.process_time() - used) / self.part)

    def memory(self) -> float:
        """MB held at once."""
        tracemalloc.start()
        self.work()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak / 1e6


def scoring(rule: str, bare: Callable[[Array], Array]) -> list[Side]:
    """Our tree of 3 levels with one rule, and the same arithmetic on one matrix."""
    matrix = np.random.default_rng(1).uniform(0, 100, (N_REGIONS, 60)).round(1)
    codes = tuple(f"{110000 + i}" for i in range(N_REGIONS))
    columns = {f"x{i}": np.ascontiguousarray(matrix[:, i]) for i in range(60)}
    model, weights = bench_scoring.model_with([rule]), np.ones(60)
    sides = [
        Side("bare numpy", lambda: bare(matrix) @ weights),
        Side("reliefperf", lambda: evaluate(model, Environment(codes, dict(columns)), codes)),
    ]
    return sides + (minmax_peers(matrix) if rule == "minmax" else [])


def minmax_peers(matrix: Array) -> list[Side]:
    """Min-max scores, their weighted sum and ranks by the peers that are installed."""
    weights, sides = np.full(60, 1 / 60), []
    try:
        from pymcdm.helpers import rankdata
        from pymcdm.methods import WSM
        from pymcdm.normalizations import minmax_normalization

        method = WSM(normalization_function=minmax_normalization)
        sides.append(
            Side("pymcdm", lambda: rankdata(method(matrix, weights, np.ones(60)), reverse=True))
        )
    except ImportError:
        print("pymcdm is not installed")
    try:
        import skcriteria
        from skcriteria.agg.simple import WeightedSumModel
        from skcriteria.preprocessing.scalers import MinMaxScaler

        scaler, model = MinMaxScaler("matrix"), WeightedSumModel()

        def scores() -> object:
            table = skcriteria.mkdm(matrix, [max] * 60, weights=weights)
            return model.evaluate(scaler.transform(table)).rank_

        sides.append(Side("scikit-criteria", scores))
    except ImportError:
        print("scikit-criteria is not installed")
    return sides


def drawing() -> list[Side]:
    """10,000 draws of weights; ours draws them too."""
    parts = np.random.default_rng(1).random((60, N_REGIONS))
    groups = bench_draws.tree()
    base = effective_weights(groups)
    weights = np.concatenate(list(sample_weights(groups, Dirichlet(100), N_DRAWS, 1)))
    scores = np.empty((BLOCK, N_REGIONS))

    def bare() -> None:
        for start in range(0, N_DRAWS, BLOCK):
            rows = weights[start : start + BLOCK]
            np.argsort(np.matmul(rows, parts, out=scores[: len(rows)]), axis=1)

    def ours() -> object:
        blocks = sample_weights(groups, Dirichlet(100), N_DRAWS, 1)
        return summarise(parts, blocks, base, limits=bench_draws.LIMITS)

    sides = [
        Side("bare numpy", bare),
        Side("bare, with ranks", lambda: bench_draws.bare(parts, weights)),
        Side("reliefperf", ours),
    ]
    some = weights[:PEER_DRAWS]
    for name, peer in (
        ("pymcdm", bench_draws.pymcdm),
        ("scikit-criteria", bench_draws.scikit_criteria),
    ):
        if (work := peer(parts, some)) is not None:
            sides.append(Side(name, work, PEER_DRAWS / N_DRAWS))
    return sides


def outranking() -> list[Side]:
    rng = np.random.default_rng(1)
    values, weights = rng.normal(50, 15, (N_REGIONS, 60)).round(1), np.full(60, 1 / 60)
    return [
        Side("bare numpy", lambda: bench_outranking.plain_copeland(values, weights)),
        Side("reliefperf", lambda: copeland_scores(values, weights)),
    ]


def benefit() -> list[Side]:
    parts = np.random.default_rng(1).uniform(0.05, 1, (10, N_REGIONS))
    least, most = np.zeros(10), np.ones(10)
    chosen = np.linspace(0, N_REGIONS - 1, SOLVED).astype(int).tolist()
    return [
        Side(
            "scipy linprog",
            lambda: [bench_benefit.one_program(parts, at, least, most) for at in chosen],
            SOLVED / N_REGIONS,
        ),
        Side("reliefperf", lambda: best_weights(parts, least, most)),
    ]


def machine() -> str:
    return (
        f"{N_REGIONS:,} regions; Python {platform.python_version()}, numpy {np.__version__}, "
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, "
        f"load {os.getloadavg()[0]:.1f}"
    )


def main(rounds: int = 3) -> None:
    print(f"{machine()}; best of {rounds}")
    tasks: tuple[tuple[str, list[Side], int], ...] = (
        ("score once, goalposts", scoring("goalposts", bench_scoring.bare_goalposts), 20),
        ("score once, min-max", scoring("minmax", bench_scoring.bare_minmax), 20),
        ("10,000 weight draws", drawing(), 1),
        ("Copeland", outranking(), 1),
        ("benefit of the doubt", benefit(), 1),
    )
    print(
        f"{'':<40}{'seconds':>10}{'ratio':>9}{'processor':>11}{'ratio':>9}{'memory':>10}  part done"
    )
    for task, sides, times in tasks:
        for _ in range(rounds * times):
            for side in sides:
                side.run()
        first = sides[0]
        for side in sides:
            print(
                f"{task:<22}{side.name:<18}{side.wall:>10.4f}{side.wall / first.wall:>9.2f}"
                f"{side.processor:>11.4f}{side.processor / first.processor:>9.2f}"
                f"{side.memory():>7.0f} MB  {side.part:.2%}"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
