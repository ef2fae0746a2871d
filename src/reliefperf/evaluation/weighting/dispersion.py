"""Weights from the spread of the values: standard deviation and coefficient of variation."""

from __future__ import annotations

from typing import Literal

import numpy as np

from reliefperf.evaluation.siblings import Siblings
from reliefperf.evaluation.weighting.base import weighting
from reliefperf.evaluation.weighting.observed import FromValues, Observed, refuse_negative
from reliefperf.model.environment import Array

Normalise = Literal["none", "min_max"]


def min_max(parts: Array) -> Array:
    """Each row from 0 (its least) to 1 (its greatest); no row is constant."""
    least = parts.min(axis=1, keepdims=True)
    return np.asarray((parts - least) / np.ptp(parts, axis=1, keepdims=True))


def deviation_weights(parts: Array, normalise: Normalise) -> Array:
    """Standard deviations over regions (n - 1), scaled to one; shape (n_children,)."""
    spread = (min_max(parts) if normalise == "min_max" else parts).std(axis=1, ddof=1)
    return np.asarray(spread / spread.sum())


def variation_weights(parts: Array) -> Array:
    """Standard deviation over mean, scaled to one; `parts` are not negative."""
    spread = parts.std(axis=1, ddof=1) / parts.mean(axis=1)
    return np.asarray(spread / spread.sum())


@weighting("standard_deviation")
class StandardDeviation(FromValues):
    """More weight for children whose values differ more between regions, by standard deviation.

    The values are the children's parts of full marks as they are, or each from its least to its
    greatest with `normalise: min_max`.

    Source: Diakoulaki, Mavrotas and Papayannakis, Computers & Operations Research 22 (1995)
    763-770; Jahan and Edwards, Materials & Design 49 (2013) 1000-1008.
    """

    standard_deviation: Literal[True] = True
    normalise: Normalise = "none"

    def _from_parts(
        self, seen: Observed, children: Siblings
    ) -> tuple[Array, dict[str, float | str]]:
        return deviation_weights(seen.parts, self.normalise), {}


@weighting("coefficient_of_variation")
class CoefficientOfVariation(FromValues):
    """More weight for children whose values differ more between regions relative to their mean.

    Negative values are refused: near a mean of zero the coefficient says nothing.
    """

    coefficient_of_variation: Literal[True] = True

    def _from_parts(
        self, seen: Observed, children: Siblings
    ) -> tuple[Array, dict[str, float | str]]:
        refuse_negative(self.key, seen, children)
        return variation_weights(seen.parts), {}
