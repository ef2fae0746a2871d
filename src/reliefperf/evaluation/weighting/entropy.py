"""Weights from Shannon's entropy."""

from __future__ import annotations

from typing import Literal

import numpy as np

from reliefperf.evaluation.siblings import Siblings
from reliefperf.evaluation.weighting.base import weighting
from reliefperf.evaluation.weighting.observed import FromValues, Observed, refuse_negative
from reliefperf.model.environment import Array

SMALL = 1e-3
"""Below this distance from the mean a series is more exact than the logarithm."""


def divergences(parts: Array) -> Array:
    """One less the entropy of each row's shares of its sum, the greatest entropy being one.

    `parts`, shape (n_children, n_regions), are not negative; a zero adds nothing to the entropy
    (the limit of p log p). Result: (n_children,), from 0 (all regions equal) to 1. It is computed
    from the distances d from the mean as the mean of (1 + d) log(1 + d) - d, without the loss of
    digits that 1 - entropy has for small spreads.
    """
    away = parts / parts.mean(axis=1, keepdims=True) - 1
    logs = np.log1p(away, out=np.zeros_like(away), where=away > -1)
    exact = (1 + away) * logs - away
    series = away**2 * (1 / 2 - away / 6 + away**2 / 12 - away**3 / 20)
    terms = np.where(np.abs(away) < SMALL, series, exact)
    return np.asarray(terms.mean(axis=1) / np.log(parts.shape[1]))


def entropy_weights(parts: Array) -> Array:
    """One less the entropy, scaled to one; shape (n_children,)."""
    spread = divergences(parts)
    return np.asarray(spread / spread.sum())


@weighting("entropy")
class Entropy(FromValues):
    """More weight for children whose values differ more between regions, by Shannon's entropy.

    Each child's parts of full marks are divided by their sum over regions. That makes the weights
    depend on the zero of the scale: a child scored from 0.9 to 1 has little weight. Negative values
    are refused; a zero has no entropy of its own.

    Source: Shannon (1948); Hwang and Yoon, Multiple Attribute Decision Making (1981), ch. 3.
    """

    entropy: Literal[True] = True

    def _from_parts(
        self, seen: Observed, children: Siblings
    ) -> tuple[Array, dict[str, float | str]]:
        refuse_negative(self.key, seen, children)
        names = [name for name, there in zip(children.ids, seen.varying, strict=True) if there]
        found = 1 - divergences(seen.parts)
        facts: dict[str, float | str] = {
            f"entropy of {name}": float(value) for name, value in zip(names, found, strict=True)
        }
        return entropy_weights(seen.parts), facts
