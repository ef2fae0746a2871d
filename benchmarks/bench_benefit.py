"""Benefit of the doubt for 2,850 regions on 10 indicators, beside one scipy linprog a region.

Both solve the same programs: 2,850 rows a region, and 20 more where shares are bounded. scipy is
timed on evenly spread regions and scaled up to all, which the table says; the scores of those
regions must agree to 1e-9. Ours also proves each optimum and settles ties. Run by hand:

    python benchmarks/bench_benefit.py [regions solved by scipy]
"""

from __future__ import annotations

import platform
import sys
import time

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy.optimize import linprog

from reliefperf.evaluation.envelopment import best_weights

N_REGIONS, N_INDICATORS = 2850, 10
Array = NDArray[np.float64]


def one_program(parts: Array, region: int, least: Array, most: Array) -> float:
    own = parts[:, region]
    rows, limits = [parts.T], [np.ones(parts.shape[1])]
    if least.any() or (most < 1).any():
        rows += [np.diag(own) - np.outer(most, own), np.outer(least, own) - np.diag(own)]
        limits.append(np.zeros(2 * own.size))
    matrix, sides = np.vstack(rows), np.concatenate(limits)
    return float(-linprog(-own, A_ub=matrix, b_ub=sides, method="highs").fun)


def main(n_solved: int = 40) -> None:
    parts = np.random.default_rng(1).uniform(0.05, 1, (N_INDICATORS, N_REGIONS))
    chosen = np.linspace(0, N_REGIONS - 1, n_solved).astype(int)
    print(
        f"{N_REGIONS:,} regions x {N_INDICATORS} indicators; Python {platform.python_version()}, "
        f"scipy {scipy.__version__}, {platform.machine()}; scipy on {n_solved} regions, scaled up"
    )
    print(f"{'shares':<16}{'reliefperf':>12}{'scipy':>12}{'ratio':>8}{'largest gap':>14}")
    for name, low, high in (("free", 0.0, 1.0), ("0.03 to 0.4", 0.03, 0.4)):
        least, most = np.full(N_INDICATORS, low), np.full(N_INDICATORS, high)
        started = time.perf_counter()
        expected = [one_program(parts, region, least, most) for region in chosen.tolist()]
        theirs = (time.perf_counter() - started) / n_solved * N_REGIONS
        started = time.perf_counter()
        found = best_weights(parts, least, most)
        ours = time.perf_counter() - started
        np.testing.assert_allclose(found.scores[chosen], expected, rtol=0, atol=1e-9)
        ratio, gap = theirs / ours, found.gaps.max()
        print(f"{name:<16}{ours:>10.2f} s{theirs:>10.1f} s{ratio:>8.1f}{gap:>14.1e}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
