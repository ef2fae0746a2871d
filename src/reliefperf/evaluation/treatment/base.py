"""What a step of data treatment is: fields that are its schema, and a change of a matrix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from reliefperf.errors import InputError
from reliefperf.evaluation.siblings import Mask
from reliefperf.model.document import Path_
from reliefperf.model.environment import Array, Environment
from reliefperf.model.model import Model
from reliefperf.model.spec_evaluation import TREATMENTS, TreatmentSpec

treatment = TREATMENTS.add
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Values:
    """The values of all indicators on their way from the data to the scoring rules.

    `x` has shape (n_indicators, n_regions), NaN where missing. `regions_out` and `indicators_out`
    mark what a screening step took out; those count nowhere from then on.
    """

    ids: tuple[str, ...]
    x: Array
    regions_out: Mask
    indicators_out: Mask
    model: Model
    env: Environment

    def refuse(self, path: Path_, en: str, zh: str) -> InputError:
        """The error to raise, at the place of a step in the model."""
        return InputError(self.model.document.mistake(path, en, zh))


@dataclass(frozen=True)
class Outcome:
    """What a step made of the values.

    `x` has the shape of the values given. `how` says in (English, Chinese) what was done to an
    indicator, by its place; `regions_out` and `indicators_out` mark what the step takes out, with
    `why` by region or indicator code.
    """

    x: Array
    how: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    regions_out: Mask | None = None
    indicators_out: Mask | None = None
    why: Mapping[str, tuple[str, str]] = field(default_factory=dict)


class Treatment(TreatmentSpec):
    """The base of treatment steps."""

    def apply(self, values: Values, places: Places, path: Path_) -> Outcome:
        """Treat the indicators at `places`; raises InputError, made by `values.refuse`."""
        raise NotImplementedError
