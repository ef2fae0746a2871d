"""Methods of weighting the children of a node; importing this makes all of them known."""

from reliefperf.evaluation.weighting import equal
from reliefperf.evaluation.weighting.base import Weighting, Weights

__all__ = ["Weighting", "Weights", "equal"]
