"""Sensitivity indices: which part of an output's variance each factor accounts for.

First order: Var(E[Y | factor]) / Var(Y). Total: E[Var(Y | all other factors)] / Var(Y). Both are
missing where the output does not vary. Source: Saltelli et al. (2010), Computer Physics
Communications 181, for the Sobol estimators; Jansen (1999) for the total one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reliefperf.model.environment import Array

RESAMPLES = 200
FLAT = 1e-12
"""An output whose standard deviation is less than this part of its size does not vary."""


@dataclass(frozen=True)
class Indices:
    """Indices of several outputs, shape (n_factors, n_outputs); NaN where there is no variance.

    `first_error` and `total_error` are half-widths of 95 % intervals from resampling; None where
    the indices are exact.
    """

    variance: Array
    first: Array
    total: Array
    first_error: Array | None = None
    total_error: Array | None = None


def exact_indices(y: Array, levels: NDArray[np.int64], weights: Array) -> Indices:
    """Indices over listed variants with known probabilities.

    `y` has shape (n_variants, n_outputs), `levels` (n_variants, n_factors), `weights` (n_variants,)
    adding up to any number above zero. Where not every combination is there, the indices are those
    of the distribution on what is there.
    """
    weights = weights / weights.sum()
    mean = weights @ y
    centred = y - mean
    variance = weights @ centred**2
    n_factors = levels.shape[1]
    first = np.empty((n_factors, y.shape[1]))
    total = np.empty_like(first)
    for at in range(n_factors):
        first[at] = _between(centred, levels[:, [at]], weights)
        total[at] = variance - _between(centred, np.delete(levels, at, axis=1), weights)
    flat = np.sqrt(variance) <= FLAT * np.maximum(np.abs(y).max(axis=0), 1e-300)
    divisor = np.where(flat, np.nan, variance)
    return Indices(np.where(flat, 0.0, variance), first / divisor, np.maximum(total, 0.0) / divisor)


def _between(centred: Array, keys: NDArray[np.int64], weights: Array) -> Array:
    """The variance of the conditional means given the keys, by output."""
    if keys.shape[1] == 0:
        return np.zeros(centred.shape[1])
    _, groups = np.unique(keys, axis=0, return_inverse=True)
    groups = groups.reshape(-1)
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
    mass = np.add.reduceat(weights[order], starts)
    sums = np.add.reduceat((weights[:, None] * centred)[order], starts, axis=0)
    return np.asarray((sums**2 / mass[:, None]).sum(axis=0))


def sobol_indices(y: Array, n_factors: int, seed: int | None = None) -> Indices:
    """Estimates from a Saltelli sample, `y` of shape (n, n_factors + 2, n_outputs).

    With a seed the base points are resampled for the half-widths.
    """
    scale = y.reshape(-1, y.shape[2])
    spread = scale.std(axis=0)
    flat = spread <= FLAT * np.maximum(np.abs(scale).max(axis=0), 1e-300)
    y = (y - scale.mean(axis=0)) / np.where(flat, 1.0, spread)
    variance, first, total = _estimate(y, n_factors, flat)
    own = np.where(flat, 0.0, variance * spread**2)
    if seed is None:
        return Indices(own, first, total)
    random = np.random.default_rng(seed)
    samples = [
        _estimate(y[random.integers(0, len(y), len(y))], n_factors, flat) for _ in range(RESAMPLES)
    ]
    reach = 1.959963984540054
    errors = [reach * np.std([part[at] for part in samples], axis=0, ddof=1) for at in (1, 2)]
    return Indices(own, first, total, *errors)


def _estimate(y: Array, n_factors: int, flat: NDArray[np.bool_]) -> tuple[Array, Array, Array]:
    a, mixed, b = y[:, 0], y[:, 1 : n_factors + 1], y[:, -1]
    variance = np.concatenate([a, b]).var(axis=0)
    divisor = np.where(flat | (variance == 0), np.nan, variance)
    first = (b[:, None] * (mixed - a[:, None])).mean(axis=0) / divisor
    total = 0.5 * ((a[:, None] - mixed) ** 2).mean(axis=0) / divisor
    return variance, first, total
