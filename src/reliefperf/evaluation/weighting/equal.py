"""The same weight for every child."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from reliefperf.evaluation.siblings import Siblings
from reliefperf.evaluation.weighting.base import Weighting, Weights, weighting


@weighting("equal")
class Equal(Weighting):
    """The same weight for every child."""

    needs_values: ClassVar[bool] = False
    equal: Literal[True] = True

    def weights(self, children: Siblings) -> Weights:
        """One over the number of children."""
        n_children = len(children.ids)
        return Weights(np.full(n_children, 1 / n_children))
