"""A count, points a unit, and a cap."""

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
    above_zero,
    full_sentence,
    gap_with_unit,
    in_points,
    plain,
    scoring_rule,
    with_unit,
)
from reliefperf.model.expressions import Expr
from reliefperf.model.spec_data import expression


@scoring_rule("per_unit")
class PerUnit(ScoringRule):
    """So many points for each unit beyond `start`, at most full marks, never below zero.

    Source: 0.5 per department matched, at most 2 (township tables after 民发〔2014〕21号).
    """

    is_arithmetic: ClassVar[bool] = True

    per_unit: Expr = expression()
    start: Expr = expression(lambda: Expr("0"))

    def mistakes(self, full: float | None, number: Literal_) -> Iterator[RuleMistake]:
        """`per_unit` is above zero."""
        yield from above_zero("per_unit", self.per_unit, number)

    def points(self, x: Column, full: float, given: Given, env: Environment) -> Array:
        """Points by count."""
        x = np.asarray(x, dtype=float)
        return np.asarray(np.clip((x - given["start"]) * given["per_unit"], 0.0, full))

    def reason(self, row: ReasonRow, lang: Lang) -> str:
        """Quote count and points a unit."""
        if row.has_full_marks:
            return full_sentence(row, lang)
        each = plain(row.given["per_unit"])
        if lang == "zh":
            step, start = gap_with_unit(1, row.unit, lang), row.given["start"]
            step += " " if step[-1].isascii() else ""
            beyond = f"超出{with_unit(start, row.unit)}的部分" if start else ""
            price = f"{beyond}每 {step}得 {each} 分"
            return f"{row.shown}，{price}，得 {plain(row.points)} 分，扣 {row.lost} 分"
        return f"{row.shown} at {in_points(each)} each: {plain(row.points)}, {in_points(row.lost)} lost"
