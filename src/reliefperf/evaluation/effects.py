"""What moves a score beside the tree, region by region."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from reliefperf.model.decided import Decided
from reliefperf.model.environment import Array
from reliefperf.model.spec_evaluation import Adjustment


@dataclass(frozen=True)
class Ruling:
    """A decision by hand as it counted: the points before and after it, held or not."""

    row: Decided
    before: float
    after: float
    held: bool


@dataclass(frozen=True)
class Adjusted:
    """The effect of one adjustment: its points (n_regions,) and where it applies.

    `spec` is None for the effects of the limits on bonus and score, for rounding, and for decisions
    by hand, which have their `rulings` by the place of the region.
    """

    id: str
    spec: Adjustment | None
    points: Array
    applies: NDArray[np.bool_]
    rulings: dict[int, Ruling] = field(default_factory=dict)
