"""The ratio to a target, with a cap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

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
    full_sentence,
    keep_missing,
    plain,
    scoring_rule,
    with_unit,
)
from reliefperf.model.expressions import Expr
from reliefperf.model.spec_data import expression


@scoring_rule("ratio")
class Ratio(ScoringRule):
    """Full marks x value / target, held between `floor` and `cap` (as parts of full marks).

    With `lower_is_better` the ratio is target / value.

    Source: completion rates of Chinese budget performance tables; "ratio to a benchmark" rows.
    """

    is_arithmetic: ClassVar[bool] = True

    ratio: Expr = expression(description="the target")
    cap: Expr = expression(lambda: Expr("1"))
    floor: Expr = expression(lambda: Expr("0"))
    lower_is_better: bool = False

    @property
    def may_exceed(self) -> bool:
        """As far as `cap` lets it."""
        return True

    def mistakes(self, full: float | None, number: Literal_) -> Iterator[RuleMistake]:
        """The target is not zero."""
        if number(self.ratio) == 0:
            yield ("ratio",), "the target of a ratio cannot be zero", "比率的目标值不能为零"

    def points(self, x: Column, full: float, given: Given, env: Environment) -> Array:
        """Full marks times the ratio."""
        x, target = np.asarray(x, dtype=float), np.asarray(given["ratio"], dtype=float)
        top, bottom = (target, x) if self.lower_is_better else (x, target)
        # where less is better, nothing at all is as good as can be
        of_zero = np.where(top > 0, np.inf, np.nan) if self.lower_is_better else np.nan
        zero = bottom == 0
        reached = np.where(zero, of_zero, top / np.where(zero, 1.0, bottom))
        env.report(
            "division-by-zero",
            "ratio",
            "the ratio to a target of zero is missing",
            "目标值为零，比率记为缺失",
            zero & np.isnan(reached) & ~np.isnan(x),
        )
        clipped = np.minimum(np.maximum(reached, given["floor"]), given["cap"])
        return keep_missing(full * clipped, x)

    def reason(self, row: ReasonRow, lang: Lang) -> str:
        """Quote value and target."""
        if row.has_full_marks or row.is_above:
            return full_sentence(row, lang)
        target = with_unit(row.given["ratio"], row.unit)
        done = plain(100 * row.points / row.full_marks, 2) if row.full_marks else "—"
        if lang == "zh":
            return f"{row.shown}，目标 {target}，按 {done}% 计分，扣 {row.lost} 分"
        return f"{row.shown} against a target of {target}: {done} % of the marks, {row.lost} lost"
