"""Steps of data treatment, one a file; importing this makes all of them known."""

from reliefperf.evaluation.treatment.base import Outcome, Treatment, Values
from reliefperf.evaluation.treatment.cap import Cap
from reliefperf.evaluation.treatment.denominate import Denominate
from reliefperf.evaluation.treatment.impute import Impute
from reliefperf.evaluation.treatment.outliers import Outliers
from reliefperf.evaluation.treatment.screen import Screen
from reliefperf.evaluation.treatment.transform import Transform
from reliefperf.evaluation.treatment.winsorise import Winsorise

__all__ = [
    "Cap",
    "Denominate",
    "Impute",
    "Outcome",
    "Outliers",
    "Screen",
    "Transform",
    "Treatment",
    "Values",
    "Winsorise",
]
