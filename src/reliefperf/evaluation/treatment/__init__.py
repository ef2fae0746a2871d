"""Steps of data treatment, one a file; importing this makes all of them known."""

from reliefperf.evaluation.treatment.base import Outcome, Treatment, Values

__all__ = ["Outcome", "Treatment", "Values"]
