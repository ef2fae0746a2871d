"""Weights from spread and conflict between children."""

from __future__ import annotations

from typing import Literal

import numpy as np

from reliefperf.evaluation.siblings import Siblings
from reliefperf.evaluation.weighting.base import weighting
from reliefperf.evaluation.weighting.dispersion import Normalise, min_max
from reliefperf.evaluation.weighting.observed import FromValues, Observed
from reliefperf.model.environment import Array

COLLINEAR = 1e-12
"""A correlation nearer to one than this is one but for binary noise."""


def information(parts: Array, normalise: Normalise) -> Array:
    """Standard deviation (n - 1) times the sum of 1 - correlation, shape (n_children,)."""
    values = min_max(parts) if normalise == "min_max" else parts
    conflict = 1 - np.asarray(np.corrcoef(values))
    conflict = np.where(np.abs(conflict) < COLLINEAR, 0.0, conflict)
    return np.asarray(values.std(axis=1, ddof=1) * conflict.sum(axis=1))


@weighting("critic")
class Critic(FromValues):
    """More weight for children that differ between regions and go along with few others (CRITIC).

    The values go from each child's least to its greatest over the regions, as in the source, or are
    the parts of full marks as they are with `normalise: none`. Children that all rise and fall
    together leave nothing to weigh by: an error.

    Source: Diakoulaki, Mavrotas and Papayannakis, Computers & Operations Research 22 (1995) 763-770.
    """

    critic: Literal[True] = True
    normalise: Normalise = "min_max"

    def _from_parts(
        self, seen: Observed, children: Siblings
    ) -> tuple[Array, dict[str, float | str]]:
        if len(seen.parts) == 1:
            return np.ones(1), {}
        found = information(seen.parts, self.normalise)
        if not found.any():
            names = [name for name, there in zip(children.ids, seen.varying, strict=True) if there]
            listed, listed_zh = ", ".join(names), "、".join(names)
            raise children.refuse(
                f"`critic` cannot weigh {listed}: their correlations are all 1",
                f"{listed_zh}两两完全相关，critic 无法赋权",
            )
        return found / found.sum(), {}
