"""Ways of combining the children of a node; importing this makes all of them known."""

from reliefperf.evaluation.combining import extremes, means, outranking, penalties, trimmed
from reliefperf.evaluation.combining.base import Aggregator, shares_of

__all__ = ["Aggregator", "extremes", "means", "outranking", "penalties", "shares_of", "trimmed"]
