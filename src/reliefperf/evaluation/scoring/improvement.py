"""Improvement on an earlier value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import numpy as np
from pydantic import Strict

from reliefperf.errors import Lang
from reliefperf.evaluation.scoring.base import (
    Array,
    Clip,
    Column,
    Environment,
    Given,
    Literal_,
    ReasonRow,
    RuleMistake,
    ScoringRule,
    full_sentence,
    in_points,
    plain,
    posts_differ,
    scoring_rule,
    with_unit,
)
from reliefperf.evaluation.scoring.goalposts import between_posts
from reliefperf.model.expressions import Expr
from reliefperf.model.spec_data import expression


@scoring_rule("improvement")
class Improvement(ScoringRule):
    """Points for the change since `improvement` (usually `previous(...)`), between goalposts.

    With `relative` the change is a part of the earlier value. A negative second post rewards a
    decrease. An improvement that overrides another rule is written as `override` on the indicator.

    Source: improvement clauses such as 42 USC 658a(b)(6)(A)(iii).
    """

    improvement: Expr = expression(description="the value to improve on")
    goalposts: Annotated[tuple[Expr, Expr], Strict(False)] = expression()
    clip: Clip = "both"
    relative: bool = False

    def _change(self, x: Array, before: Array) -> Array:
        change = np.asarray(x - before)
        if not self.relative:
            return change
        nothing = np.full(change.shape, np.nan)
        return np.asarray(np.divide(change, np.abs(before), out=nothing, where=before != 0))

    @property
    def may_exceed(self) -> bool:
        """Where values above the second post are not held."""
        return self.clip in ("none", "below")

    def mistakes(self, full: float | None, number: Literal_) -> Iterator[RuleMistake]:
        """The posts differ."""
        yield from posts_differ(self.goalposts, number)

    def points(self, x: Column, full: float, given: Given, env: Environment) -> Array:
        """Full marks times the part of the way between the posts."""
        x = np.asarray(x, dtype=float)
        low, high = given["goalposts"]
        change = self._change(x, np.broadcast_to(given["improvement"], x.shape))
        return full * between_posts(change, low, high, self.clip)

    def reason(self, row: ReasonRow, lang: Lang) -> str:
        """Quote both values."""
        if row.has_full_marks or row.is_above:
            return full_sentence(row, lang)
        before = with_unit(row.given["improvement"], row.unit)
        if lang == "zh":
            return f"由 {before} 变为 {row.shown}，得 {plain(row.points)} 分，扣 {row.lost} 分"
        return f"from {before} to {row.shown}: {plain(row.points)}, {in_points(row.lost)} lost"
