"""Studies: many variants of one evaluation, and how far scores, ranks, grades and money move."""

from reliefperf.scenarios.studies import factors  # noqa: F401  (the factors register themselves)
from reliefperf.scenarios.studies.studying import Study, study

__all__ = ["Study", "study"]
