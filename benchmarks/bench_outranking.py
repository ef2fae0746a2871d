"""Compare 2,850 regions pair by pair on 60 indicators, beside a plain numpy loop over the regions.

The plain side is what a person writes by hand: for each region one comparison of its row with the
whole table, the weights of what it wins less those of what it loses, and the signs added up. It
compares values as they are; ours also ties values that agree to 12 significant digits, and takes
missing ones. Both give the same Copeland scores, which is checked. Run by hand:

    python benchmarks/bench_outranking.py [repeats]

For scale, as reported for the R package COINr: 165 s at 400 regions x 60 indicators (quoted, another
machine, not measured here).
"""

from __future__ import annotations

import platform
import sys
import tracemalloc
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from timing import fastest

from reliefperf.evaluation.combining.outranking import (
    borda_scores,
    copeland_scores,
    outranking_matrix,
)

N_INDICATORS = 60
SIZES = (400, 2850)
Array = NDArray[np.float64]


def plain_copeland(values: Array, weights: Array) -> Array:
    scores = np.empty(len(values))
    for region, row in enumerate(values):
        balance = (row > values) @ weights - (row < values) @ weights
        scores[region] = (balance > 1e-9).sum() - (balance < -1e-9).sum()
    return scores


def plain_matrix(values: Array, weights: Array) -> Array:
    matrix = np.empty((len(values), len(values)))
    for region, row in enumerate(values):
        matrix[region] = ((row > values) + 0.5 * (row == values)) @ weights
    np.fill_diagonal(matrix, 0.0)
    return matrix


def peak_memory(work: Callable[[], object]) -> float:
    """The most memory that was taken at once, in MB."""
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def main(repeats: int = 3) -> None:
    rng = np.random.default_rng(1)
    weights = rng.uniform(0.5, 2, N_INDICATORS)
    weights /= weights.sum()
    print(
        f"{N_INDICATORS} indicators; Python {platform.python_version()}, numpy {np.__version__}, "
        f"{platform.machine()}; best of {repeats}"
    )
    print(
        f"{'regions':>8} {'what':<10}{'reliefperf':>12}{'plain numpy':>13}{'ratio':>7}{'memory':>10}"
    )
    for n_regions in SIZES:
        values = rng.normal(50, 15, (n_regions, N_INDICATORS)).round(1)
        np.testing.assert_array_equal(
            copeland_scores(values, weights), plain_copeland(values, weights)
        )
        np.testing.assert_allclose(
            outranking_matrix(values, weights), plain_matrix(values, weights), atol=1e-12
        )
        for name, ours, theirs in (
            ("copeland", copeland_scores, plain_copeland),
            ("matrix", outranking_matrix, plain_matrix),
            ("borda", borda_scores, None),
        ):

            def own(ours: Callable[..., object] = ours, values: Array = values) -> object:
                return ours(values, weights)

            took = fastest(own, repeats)
            line = f"{n_regions:>8} {name:<10}{took:>10.2f} s"
            if theirs is None:
                line += f"{'':>20}"
            else:
                plain = fastest(lambda f=theirs, v=values: f(v, weights), repeats)
                line += f"{plain:>11.2f} s{took / plain:>7.2f}"
            print(f"{line}{peak_memory(own):>7.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
