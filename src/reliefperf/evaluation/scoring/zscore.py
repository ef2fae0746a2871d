"""Distance from the mean in standard deviations."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from reliefperf.errors import Lang
from reliefperf.evaluation.scoring.base import (
    Array,
    Given,
    Literal_,
    ReasonRow,
    scoring_rule,
    with_unit,
)
from reliefperf.evaluation.scoring.relative import Better, Relative
from reliefperf.model.expressions import Expr
from reliefperf.model.spec_data import expression
from reliefperf.model.spec_evaluation import Surely


@scoring_rule("zscore")
class ZScore(Relative):
    """`mean` + `sd` x standard score (n - 1), in points, without limits.

    Source: OECD/JRC Handbook (2008), section 5 (standardisation); COINr function n_zscore.
    """

    is_arithmetic: ClassVar[bool] = True

    zscore: Better
    mean: Expr = expression(lambda: Expr("0"))
    sd: Expr = expression(lambda: Expr("1"))

    @property
    def may_exceed(self) -> bool:
        """Always: a standard score has no limits."""
        return True

    def surely(self, number: Literal_) -> Surely | None:
        """Some region lies below the mean."""
        mean = number(self.mean)
        return "negative" if mean is not None and mean <= 0 else None

    def compare(self, x: Array, others: Any, given: Given) -> dict[str, Array]:
        """Mean and standard deviation of the others."""
        return {"mean": others.mean, "sd": others.sd}

    def part_points(self, x: Array, full: float, given: Given, against: Given) -> Array:
        """The standard score, moved and stretched."""
        sign = 1.0 if self.zscore == "higher" else -1.0
        spread = np.where(against["sd"] > 0, against["sd"], np.nan)
        return np.asarray(given["mean"] + given["sd"] * (sign * (x - against["mean"]) / spread))

    def comparison(self, row: ReasonRow, against: Given, got: str, lang: Lang) -> str:
        """Quote mean and standard deviation."""
        mean, sd = (with_unit(against[name], row.unit) for name in ("mean", "sd"))
        if lang == "zh":
            return f"{row.shown}，组内均值 {mean}，标准差 {sd}，按标准分得 {got} 分"
        return f"{row.shown} against a mean of {mean} with standard deviation {sd}: {got}"
