"""Methods of weighting the children of a node; importing this makes all of them known."""

from reliefperf.evaluation.weighting import (
    ahp,
    benefit_of_doubt,
    best_worst,
    critic,
    dispersion,
    entropy,
    equal,
    pca,
)
from reliefperf.evaluation.weighting.base import Weighting, Weights

__all__ = [
    "Weighting",
    "Weights",
    "ahp",
    "benefit_of_doubt",
    "best_worst",
    "critic",
    "dispersion",
    "entropy",
    "equal",
    "pca",
]
