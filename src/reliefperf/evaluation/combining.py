"""How the children of a node become one value.

Values are parts of full marks, shape (n_children, n_regions); a child that is skipped in a region
has `present` False there and its weight goes to its siblings.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reliefperf.model.environment import Array
from reliefperf.model.spec_evaluation import Mean, Power

Present = NDArray[np.bool_]


def combine(values: Array, weights: Array, present: Present | None, how: Mean | Power) -> Array:
    """The combined part of full marks, shape (n_regions,).

    `weights` has shape (n_children,). A missing value that is present makes the result missing. A
    geometric or harmonic mean with a zero is zero, with a negative value missing.
    """
    if present is None:
        shares = (weights / weights.sum())[:, None]
    else:
        values = np.where(present, values, 0.0)
        given = np.where(present, weights[:, None], 0.0)
        total = given.sum(axis=0)
        shares = np.divide(given, total, out=np.full(given.shape, np.nan), where=total > 0)
    if how in ("sum", "arithmetic"):
        return np.asarray((shares * values).sum(axis=0))
    if how == "product":
        # a child that is skipped multiplies by one; nothing at all makes no product
        counted = values if present is None else np.where(present, values, 1.0)
        nobody = np.isnan(shares).any(axis=0)
        return np.asarray(np.where(nobody, np.nan, counted.prod(axis=0)))
    if how in ("minimum", "maximum"):
        beyond = np.inf if how == "minimum" else -np.inf
        counted = values if present is None else np.where(present, values, beyond)
        best = counted.min(axis=0) if how == "minimum" else counted.max(axis=0)
        return np.asarray(np.where(np.isinf(best), np.nan, best))
    exponent = how.power if isinstance(how, Power) else {"geometric": 0.0, "harmonic": -1.0}[how]
    return _power_mean(values, shares, exponent)


def _power_mean(values: Array, shares: Array, exponent: float) -> Array:
    if exponent == 1:
        return np.asarray((shares * values).sum(axis=0))
    counts = np.broadcast_to(shares, values.shape) > 0
    negative = (counts & (values < 0)).any(axis=0)
    zero = (counts & (values == 0)).any(axis=0)
    unknown = (np.isnan(values) & counts).any(axis=0) | np.isnan(shares).any(axis=0)
    safe = np.where(counts & (values > 0), values, 1.0)
    if exponent == 0:
        mean = np.exp((shares * np.log(safe)).sum(axis=0))
        mean = np.where(zero, 0.0, mean)
    elif exponent < 0:
        mean = (shares * safe**exponent).sum(axis=0) ** (1 / exponent)
        mean = np.where(zero, 0.0, mean)
    else:
        kept = np.where(counts, np.maximum(values, 0.0), 0.0)
        kept = np.where(np.isnan(kept), 0.0, kept)
        peak = np.maximum(kept.max(axis=0), np.finfo(float).tiny)  # high powers must not overflow
        mean = peak * (shares * (kept / peak) ** exponent).sum(axis=0) ** (1 / exponent)
    return np.asarray(np.where(negative | unknown, np.nan, mean))
