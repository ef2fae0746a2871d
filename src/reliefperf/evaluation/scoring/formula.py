"""Points from an expression of the modeller's own."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from reliefperf.errors import Lang
from reliefperf.evaluation.scoring.base import (
    Array,
    Column,
    Environment,
    Given,
    Literal_,
    ReasonRow,
    ScoringRule,
    full_sentence,
    plain,
    scoring_rule,
    surely_of,
)
from reliefperf.model.expressions import Expr
from reliefperf.model.spec_data import expression
from reliefperf.model.spec_evaluation import Surely


@scoring_rule("formula")
class Formula(ScoringRule):
    """The expression gives the points; it sees `value` and `full_marks`; held to 0..full unless said.

    For rules that no other key says.
    """

    value_kind: ClassVar[Literal["number", "bool", "any"]] = "any"

    formula: Expr = expression()
    clip: bool = True

    @property
    def may_exceed(self) -> bool:
        """Only without `clip`."""
        return not self.clip

    def surely(self, number: Literal_) -> Surely | None:
        """What a formula gives that is a number."""
        points = number(self.formula)
        return surely_of([max(points, 0.0) if self.clip and points is not None else points])

    def points(self, x: Column, full: float, given: Given, env: Environment) -> Array:
        """What the expression gives."""
        points = np.asarray(given["formula"], dtype=float)
        return np.clip(points, 0.0, full) if self.clip else points

    def reason(self, row: ReasonRow, lang: Lang) -> str:
        """Quote the expression."""
        if row.has_full_marks:
            return full_sentence(row, lang)
        got = plain(row.points)
        if lang == "zh":
            return f"{row.shown}，按公式 {self.formula.text} 得 {got} 分"
        return f"{row.shown}: {self.formula.text} gives {got}"
