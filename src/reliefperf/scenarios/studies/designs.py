"""Which variants a study computes: all combinations, a Sobol sample, or a random one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reliefperf.errors import InputError, Mistake
from reliefperf.model.environment import Array
from reliefperf.scenarios.studies.factors import ListedFactor
from reliefperf.scenarios.studies.loading import Plan

Rows = NDArray[np.int64]
MOST_CELLS = 200_000_000
"""Most values that a study keeps: variants x regions."""


@dataclass(frozen=True)
class DesignRows:
    """The variants of a design.

    `levels` has shape (n_variants, n_factors) and holds each combination once. `rows` says for each
    row of the design which variant it is, shape (n_rows,). `weights` are the parts of one that the
    variants have in ranges and shares, shape (n_variants,). `counted` are the rows that ranges are
    taken over: all but those of a Sobol design that differ from another in one factor.
    """

    method: str
    levels: Rows
    rows: Rows
    counted: Rows
    weights: Array

    @property
    def is_even(self) -> bool:
        """Whether every row of the design counts the same."""
        return self.method != "exact" or bool(np.ptp(self.weights) < 1e-15)


def make_design(plan: Plan, n_regions: int) -> DesignRows:
    """The design of a study; raises InputError where it is too large, or SALib is not there."""
    design = plan.spec.design
    sizes = plan.sizes()
    if design.method == "exact":
        count = int(np.prod([float(size) for size in sizes]))
        if count > design.limit:
            listed = " x ".join(str(size) for size in sizes)
            raise _too_large(
                plan,
                f"an exact design has {listed} = {count:,} variants, more than the limit "
                f"{design.limit:,}; take `method: sobol`, fewer levels or draws, or raise `limit`",
                f"exact 设计共有 {listed} = {count:,} 个方案，超过 limit {design.limit:,}；"
                "请改用 method: sobol，减少水平或抽样次数，或提高 limit",
            )
        levels = np.indices(sizes).reshape(len(sizes), -1).T.astype(np.int64)
        chances = [
            probabilities(plan, name, size) for name, size in zip(plan.factors, sizes, strict=True)
        ]
        weights = np.prod([chance[levels[:, at]] for at, chance in enumerate(chances)], axis=0)
        rows = np.arange(len(levels))
        made = DesignRows("exact", levels, rows, rows, weights)
    else:
        assert design.n is not None
        assert design.seed is not None
        if design.method == "sobol":
            points = _sobol_points(plan.factors, design.n, design.seed)
            step = len(plan.factors) + 2
            places = np.arange(len(points))
            counted = places[(places % step == 0) | (places % step == step - 1)]
        else:
            points = np.random.default_rng(design.seed).random((design.n, len(sizes)))
            counted = np.arange(design.n)
        drawn = np.empty(points.shape, dtype=np.int64)
        for at, (name, size) in enumerate(zip(plan.factors, sizes, strict=True)):
            own = design.method == "random" and plan.drawn(name) is not None
            drawn[:, at] = counted if own else _levels(plan, name, size, points[:, at])
        levels, rows = np.unique(drawn, axis=0, return_inverse=True)
        rows = rows.reshape(-1)
        weights = np.bincount(rows[counted], minlength=len(levels)) / len(counted)
        made = DesignRows(design.method, levels, rows, counted, weights)
    cells = len(made.levels) * n_regions
    if cells > MOST_CELLS:
        raise _too_large(
            plan,
            f"{len(made.levels):,} variants of {n_regions:,} regions are more than can be kept "
            f"({MOST_CELLS:,} values); take fewer",
            f"{len(made.levels):,} 个方案 × {n_regions:,} 个地区超过可保存的数量（{MOST_CELLS:,}），请减少",
        )
    return made


def probabilities(plan: Plan, name: str, size: int) -> Array:
    """The probabilities of a factor's levels."""
    item = plan.spec.factors[name]
    if isinstance(item, ListedFactor) and item.probabilities is not None:
        return np.array(item.probabilities)
    return np.full(size, 1 / size)


def _levels(plan: Plan, name: str, size: int, points: Array) -> Rows:
    """Points in [0, 1) as levels, each with its probability."""
    item = plan.spec.factors[name]
    if isinstance(item, ListedFactor) and item.probabilities is not None:
        ends = np.cumsum(item.probabilities)[:-1]
        return np.searchsorted(ends, points, side="right").astype(np.int64)
    return np.minimum(np.floor(points * size), size - 1).astype(np.int64)


def _sobol_points(names: Sequence[str], n: int, seed: int) -> Array:
    """Saltelli's sample without second order, n x (n_factors + 2) rows: A, each A with one of B, B."""
    try:
        from SALib.sample import sobol
    except ImportError:
        raise InputError(
            Mistake.at(
                "a Sobol design needs SALib, which is not installed: pip install "
                "'reliefperf[sensitivity]', or take an exact design",
                "sobol 设计需要 SALib，但尚未安装：pip install 'reliefperf[sensitivity]'，或改用 exact 设计",
            )
        ) from None
    problem: dict[str, Any] = {
        "num_vars": len(names),
        "names": list(names),
        "bounds": [[0.0, 1.0]] * len(names),
    }
    return np.asarray(sobol.sample(problem, n, calc_second_order=False, seed=seed))


def _too_large(plan: Plan, en: str, zh: str) -> InputError:
    return InputError(plan.document.mistake(("design",), en, zh))
