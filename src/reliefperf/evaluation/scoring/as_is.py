"""The value itself is the points."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from reliefperf.errors import Lang
from reliefperf.evaluation.scoring.base import (
    Array,
    Column,
    Environment,
    Given,
    ReasonRow,
    ScoringRule,
    full_sentence,
    keep_missing,
    scoring_rule,
)


@scoring_rule("as_is")
class AsIs(ScoringRule):
    """The value counts as points, without any change unless `clip` is set.

    Source: published rates used as they are, as in Brazil's IGD-M (factor 1).
    """

    is_arithmetic: ClassVar[bool] = True

    as_is: Literal[True]
    clip: bool = False

    @property
    def may_exceed(self) -> bool:
        """Yes, unless `clip` is set."""
        return not self.clip

    def points(self, x: Column, full: float, given: Given, env: Environment) -> Array:
        """The value; with `clip` held between 0 and full marks."""
        x = np.asarray(x, dtype=float)
        return keep_missing(np.clip(x, 0.0, full), x) if self.clip else x

    def reason(self, row: ReasonRow, lang: Lang) -> str:
        """Say that the value counts as it is."""
        if row.has_full_marks:
            return full_sentence(row, lang)
        return f"{row.shown}，按原值计分" if lang == "zh" else f"{row.shown} counts as it is"
