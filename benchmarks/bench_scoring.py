"""Score 2,850 regions on 60 indicators in three levels, beside the same arithmetic on one matrix.

The bare side is what a person writes by hand in numpy for exactly this model: the whole matrix
normalised, clipped, multiplied by the weights. It has no levels, no ranks, no missing values and no
notes; `evaluate` has. Both give the same scores, which is checked. Large arrays make malloc ask the
system for memory each time, or not, as it happens: so the bare side of goalposts is also timed with
buffers that it keeps, the fastest that numpy can do. Run by hand:

    python benchmarks/bench_scoring.py [repeats]
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from timing import fastest

import reliefperf.scenarios.loading  # noqa: F401  (the rules register themselves)
from reliefperf.evaluation.evaluate import evaluate
from reliefperf.model.building import build_model
from reliefperf.model.document import parse_document
from reliefperf.model.environment import Environment
from reliefperf.model.model import Model

N_REGIONS = 2850
N_INDICATORS = 60
PER_GROUP, PER_PART = 5, 4
RULES = {
    "goalposts": "{goalposts: [20, 80]}",
    "deduct": "{deduct: 0.05, per: 2, below: 90}",
    "steps": "{steps: {at_least: [[90, 1], [75, 0.8], [60, 0.5], [40, 0.2]]}, otherwise: 0}",
    "per_unit": "{per_unit: 0.02, start: 10}",
    "ratio": "{ratio: 70}",
    "target": "{target: {at_least: 50}}",
    "minmax": "{minmax: higher}",
    "zscore": "{zscore: higher}",
    "compared": "{compared: higher, to: mean}",
    "rank": "{rank: higher}",
}
MIXED = ["goalposts", "deduct", "steps", "per_unit", "ratio", "target"]
Array = NDArray[np.float64]


def model_with(rules: list[str]) -> Model:
    """Three levels: parts of four groups, groups of five indicators, one point an indicator."""
    lines = ["model: bench", "variables:"]
    lines += [f"  x{i}: {{}}" for i in range(N_INDICATORS)]
    lines += ["evaluation:", f"  full_marks: {N_INDICATORS}", "  combine: sum", "  tree:"]
    for i in range(N_INDICATORS):
        if i % (PER_GROUP * PER_PART) == 0:
            lines += [f"    - id: part{i}", "      combine: sum", "      children:"]
        if i % PER_GROUP == 0:
            lines += [f"        - id: group{i}", "          combine: sum", "          children:"]
        rule = RULES[rules[i % len(rules)]]
        lines.append(f"            - {{id: i{i}, points: 1, value: x{i}, score: {rule}}}")
    return build_model(parse_document("\n".join(lines), "bench.yaml"), None)


def bare_goalposts(matrix: Array) -> Array:
    return np.clip((matrix - LOW) / (HIGH - LOW), 0.0, 1.0)


LOW, HIGH = np.full(N_INDICATORS, 20.0), np.full(N_INDICATORS, 80.0)
BUFFER = np.empty((N_REGIONS, N_INDICATORS))


def buffered_goalposts(matrix: Array) -> Array:
    np.subtract(matrix, LOW, out=BUFFER)
    np.divide(BUFFER, HIGH - LOW, out=BUFFER)
    return np.clip(BUFFER, 0.0, 1.0, out=BUFFER)


def bare_minmax(matrix: Array) -> Array:
    low = matrix.min(axis=0)
    return (matrix - low) / (matrix.max(axis=0) - low)


def bare_zscore(matrix: Array) -> Array:
    return (matrix - matrix.mean(axis=0)) / matrix.std(axis=0, ddof=1)


def bare_compared(matrix: Array) -> Array:
    return matrix / matrix.mean(axis=0)


def bare_rank(matrix: Array) -> Array:
    """Places with ties, each column by itself: `searchsorted` in its own sorted values."""
    points = np.empty_like(matrix)
    for column, values in enumerate(matrix.T):
        up_to = np.searchsorted(np.sort(values), values, side="right")
        points[:, column] = (up_to - 1) / (values.size - 1)
    return points


def bare_mixed(matrix: Array) -> Array:
    """The six rules on blocks of columns, each block at once."""
    points = np.empty_like(matrix)
    columns = [slice(place, None, len(MIXED)) for place in range(len(MIXED))]
    points[:, columns[0]] = np.clip((matrix[:, columns[0]] - 20.0) / 60.0, 0.0, 1.0)
    excess = np.maximum(90.0 - matrix[:, columns[1]], 0.0)
    points[:, columns[1]] = np.maximum(1.0 - 0.05 * excess / 2.0, 0.0)
    reached = np.searchsorted([40.0, 60.0, 75.0, 90.0], matrix[:, columns[2]], side="right")
    points[:, columns[2]] = np.array([0.0, 0.2, 0.5, 0.8, 1.0])[reached]
    points[:, columns[3]] = np.clip((matrix[:, columns[3]] - 10.0) * 0.02, 0.0, 1.0)
    points[:, columns[4]] = np.clip(matrix[:, columns[4]] / 70.0, 0.0, 1.0)
    points[:, columns[5]] = matrix[:, columns[5]] >= 50.0
    return points


def main(repeats: int = 30) -> None:
    matrix = np.random.default_rng(1).uniform(0, 100, (N_REGIONS, N_INDICATORS)).round(1)
    codes = tuple(f"{110000 + i}" for i in range(N_REGIONS))
    columns = {f"x{i}": np.ascontiguousarray(matrix[:, i]) for i in range(N_INDICATORS)}
    print(
        f"{N_REGIONS:,} regions x {N_INDICATORS} indicators in 3 levels; Python "
        f"{platform.python_version()}, numpy {np.__version__}, {platform.machine()}; best of {repeats}"
    )
    print(f"{'model':<12}{'reliefperf':>12}{'bare numpy':>12}{'ratio':>8}")
    weights = np.ones(N_INDICATORS)
    for name, rules, bare in (
        ("goalposts", ["goalposts"], bare_goalposts),
        ("  (buffers)", ["goalposts"], buffered_goalposts),
        ("mixed", MIXED, bare_mixed),
        ("minmax", ["minmax"], bare_minmax),
        ("zscore", ["zscore"], bare_zscore),
        ("compared", ["compared"], bare_compared),
        ("rank", ["rank"], bare_rank),
    ):
        model = model_with(rules)

        def score(model: Model = model) -> Array:
            return evaluate(model, Environment(codes, dict(columns)), codes).score

        def by_hand(bare: Callable[[Array], Array] = bare) -> Array:
            return bare(matrix) @ weights

        np.testing.assert_allclose(score(), by_hand(), rtol=1e-12)
        ours, theirs = fastest(score, repeats), fastest(by_hand, repeats)
        print(f"{name:<12}{ours * 1e3:>9.2f} ms{theirs * 1e3:>9.2f} ms{ours / theirs:>8.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
