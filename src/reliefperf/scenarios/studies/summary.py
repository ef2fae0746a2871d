"""What the variants come to for each region: ranges, shares of grades, and what moves them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reliefperf.model.environment import Array
from reliefperf.scenarios.studies.designs import DesignRows
from reliefperf.scenarios.studies.indices import Indices, exact_indices, sobol_indices
from reliefperf.scenarios.studies.running import Results

LOW, HIGH = 0.05, 0.95
BLOCK = 256


@dataclass(frozen=True)
class Range:
    """The range of one output by region over the variants that did not fail, shape (n_regions,)."""

    nominal: Array
    mean: Array
    median: Array
    q05: Array
    q95: Array
    min: Array
    max: Array


def ranges(values: Array, nominal: Array, design: DesignRows, failed: NDArray[np.bool_]) -> Range:
    """The range of `values`, shape (n_variants, n_regions).

    Quantiles are numpy's `linear` over the rows of the design; where its variants have unequal
    probabilities, the least value whose share of probability is reached (`inverted_cdf`).
    """
    n_regions = values.shape[1]
    made = {name: np.full(n_regions, np.nan) for name in ("mean", "median", "q05", "q95")}
    even = design.is_even
    rows = design.rows[design.counted] if even else np.arange(len(design.levels))
    rows = rows[~failed[rows]]
    weights = design.weights[rows]
    for start in range(0, n_regions, BLOCK):
        block = slice(start, min(start + BLOCK, n_regions))
        part = values[rows, block]
        if even:
            quantiles = np.quantile(part, [0.5, LOW, HIGH], axis=0)
            made["mean"][block] = part.mean(axis=0)
        else:
            known = np.nan_to_num(part)
            quantiles = np.quantile(
                known, [0.5, LOW, HIGH], axis=0, weights=weights, method="inverted_cdf"
            )
            quantiles = np.where(np.isnan(part).any(axis=0), np.nan, quantiles)
            made["mean"][block] = weights @ part / weights.sum()
        made["median"][block], made["q05"][block], made["q95"][block] = quantiles
    seen = values[np.unique(rows)]
    return Range(nominal, **made, min=seen.min(axis=0), max=seen.max(axis=0))


def grade_shares(
    grade: Array, n_grades: int, design: DesignRows, failed: NDArray[np.bool_]
) -> Array:
    """The share of variants in each grade, shape (n_grades, n_regions)."""
    weights = np.where(failed, 0.0, design.weights)
    weights = weights / weights.sum()
    return np.array([weights @ (grade == place) for place in range(n_grades)]).reshape(
        n_grades, grade.shape[1]
    )


@dataclass(frozen=True)
class Computed:
    """Indices of some outputs, or why there are none; `basis` says what they are computed of."""

    indices: Indices | None
    basis: tuple[str, str]


def sensitivity(
    values: Array,
    design: DesignRows,
    results: Results,
    policy: str,
    seed: int | None = None,
) -> Computed:
    """Indices of `values`, shape (n_variants, n_outputs).

    Where variants failed, none under the policy `refuse`; under `completed` those of an exact
    design over the variants that did not fail, of a Sobol design over the base points all of whose
    variants did not.
    """
    if design.method == "random":
        return Computed(
            None,
            (
                "a random design has no indices: take an exact or a Sobol one",
                "random 设计不计算敏感性指数：请用 exact 或 sobol",
            ),
        )
    failed = results.failed
    if failed.any() and policy == "refuse":
        return Computed(
            None,
            (
                f"{int(failed.sum())} of {len(failed)} variants failed: no indices "
                "(`failures: completed` computes them of the others)",
                f"{len(failed)} 个方案中有 {int(failed.sum())} 个失败，不计算敏感性指数"
                "（写 failures: completed 则按其余方案计算）",
            ),
        )
    if design.method == "exact":
        kept = np.flatnonzero(~failed)
        said = (
            (f"all {len(failed)} variants", f"全部 {len(failed)} 个方案")
            if len(kept) == len(failed)
            else (
                f"the {len(kept)} of {len(failed)} variants that did not fail",
                f"{len(failed)} 个方案中未失败的 {len(kept)} 个",
            )
        )
        return Computed(
            exact_indices(values[kept], design.levels[kept], design.weights[kept]), said
        )
    n_factors = design.levels.shape[1]
    rows = design.rows.reshape(-1, n_factors + 2)
    whole = rows[~failed[rows].any(axis=1)]
    said = (
        f"{len(whole)} of {len(rows)} base points of the sample",
        f"样本 {len(rows)} 个基点中的 {len(whole)} 个",
    )
    if len(whole) < 2:
        return Computed(None, said)
    return Computed(sobol_indices(values[whole], n_factors, seed), said)
