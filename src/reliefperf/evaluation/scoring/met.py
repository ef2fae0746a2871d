"""Present or absent: full marks where a condition holds."""

from __future__ import annotations

from collections.abc import Iterator
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
    RuleMistake,
    ScoringRule,
    in_points,
    keep_missing,
    scoring_rule,
    within_full,
)
from reliefperf.model.expressions import Expr
from reliefperf.model.spec_data import expression


@scoring_rule("met")
class Met(ScoringRule):
    """Full marks where the value (a condition, or a count above zero) holds, else `otherwise`.

    Source: present/absent rows of township tables after 民发〔2014〕21号 (document issued: 2 or 0).
    """

    value_kind: ClassVar[Literal["number", "bool", "any"]] = "bool"

    met: Literal[True]
    otherwise: Expr = expression(lambda: Expr("0"))

    def mistakes(self, full: float | None, number: Literal_) -> Iterator[RuleMistake]:
        """`otherwise` gives no more than full marks."""
        what = ("`otherwise`", "otherwise ")
        yield from within_full(what, number(self.otherwise), full, "otherwise")

    def points(self, x: Column, full: float, given: Given, env: Environment) -> Array:
        """Full marks or `otherwise`."""
        holds = np.asarray(x, dtype=float)
        return keep_missing(np.where(holds > 0, full, given["otherwise"]), holds)

    def reason(self, row: ReasonRow, lang: Lang) -> str:
        """Say whether it is met."""
        holds = isinstance(row.value, float) and row.value > 0
        if lang == "zh":
            return "符合要求，满分" if holds else f"不符合要求，扣 {row.lost} 分"
        return "met: full marks" if holds else f"not met: {in_points(row.lost)} lost"
