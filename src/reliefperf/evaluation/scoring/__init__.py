"""Scoring rules, one a file; importing this package makes all of them known to the loader."""

from reliefperf.evaluation.scoring import (
    as_is,
    deduct,
    formula,
    goalposts,
    improvement,
    met,
    per_unit,
    piecewise,
    ratio,
    relative,
    states,
    steps,
    target,
)
from reliefperf.evaluation.scoring.base import ScoringRule

__all__ = [
    "ScoringRule",
    "as_is",
    "deduct",
    "formula",
    "goalposts",
    "improvement",
    "met",
    "per_unit",
    "piecewise",
    "ratio",
    "relative",
    "states",
    "steps",
    "target",
]
