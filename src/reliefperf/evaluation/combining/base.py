"""What a way of combining is: fields that are its schema, and arithmetic on matrices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from reliefperf.errors import Lang
from reliefperf.evaluation.siblings import Mask, Siblings
from reliefperf.model.environment import Array
from reliefperf.model.spec_evaluation import AGGREGATORS, AggregatorSpec

aggregator = AGGREGATORS.add


class Aggregator(AggregatorSpec):
    """The base of everything that `combine` can name.

    `words` says in the points table what makes a result differ from the arithmetic mean.
    """

    words: ClassVar[Mapping[Lang, str]] = {
        "zh": "合成方式（非算术平均）带来的差额",
        "en": "difference made by the way of combining (not an arithmetic mean)",
    }

    def combine(self, children: Siblings, shares: Array) -> Array:
        """The combined part of full marks, shape (n_regions,).

        `shares` are the weights as parts of one, shape (n_children, 1) or (n_children, n_regions),
        zero where a child was skipped and NaN where all were. A missing part makes the result
        missing. Raises InputError, made by `children.refuse`, for what cannot be combined.
        """
        raise NotImplementedError


def shares_of(weights: Array, present: Mask | None) -> Array:
    """Weights as parts of one in every region; those of skipped children go to their siblings.

    `weights` has shape (n_children,) or (n_children, n_regions).
    """
    if weights.ndim == 1:
        if present is None:
            return np.asarray((weights / weights.sum())[:, None])
        weights = weights[:, None]
    given = weights if present is None else np.where(present, weights, 0.0)
    total = given.sum(axis=0)
    empty = np.full(given.shape, np.nan)
    return np.asarray(np.divide(given, total, out=empty, where=total > 0))


def used_parts(children: Siblings, shares: Array) -> Array:
    """The parts with zero where a child does not count: skipped, or without weight."""
    parts = children.parts
    if children.present is not None:
        parts = np.where(children.present, parts, 0.0)
    return parts if shares.all() else np.where(shares == 0, 0.0, parts)
