"""Goalposts: from the value that earns nothing to the value that earns full marks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar

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
    plain,
    posts_differ,
    scoring_rule,
    with_unit,
)
from reliefperf.model.expressions import Expr
from reliefperf.model.spec_data import expression


def between_posts(x: Array, zero_at: Array, full_at: Array, clip: Clip) -> Array:
    """(x - zero_at) / (full_at - zero_at), held to 0..1 on the sides that `clip` names."""
    width = np.asarray(full_at - zero_at, dtype=float)
    part = np.asarray(x - zero_at, dtype=float)
    apart = (width != 0) & np.isfinite(width)
    np.divide(part, np.where(apart, width, np.nan), out=part)  # in place: twice as fast
    if clip in ("both", "above"):
        np.minimum(part, 1.0, out=part)
    if clip in ("both", "below"):
        np.maximum(part, 0.0, out=part)
    return part


@scoring_rule("goalposts")
class Goalposts(ScoringRule):
    """Linear from nothing at the first post to full marks at the second.

    `[20, 85]`: 20 earns nothing, 85 full marks; `[500, 0]`: less is better. `clip` says on which
    side values beyond the posts are held (`both` unless said).

    Source: UNDP, Human Development Report 2021/22, technical note 1.
    """

    is_arithmetic: ClassVar[bool] = True

    goalposts: Annotated[tuple[Expr, Expr], Strict(False)] = expression()
    clip: Clip = "both"

    @property
    def may_exceed(self) -> bool:
        """Where values above the second post are not held."""
        return self.clip in ("none", "below")

    def mistakes(self, full: float | None, number: Literal_) -> Iterator[RuleMistake]:
        """The posts differ."""
        yield from posts_differ(self.goalposts, number)

    def points(self, x: Column, full: float, given: Given, env: Environment) -> Array:
        """Full marks times the part of the way."""
        x = np.asarray(x, dtype=float)
        low, high = given["goalposts"]
        part = between_posts(x, low, high, self.clip)
        return np.multiply(part, full, out=part)

    def reason(self, row: ReasonRow, lang: Lang) -> str:
        """Quote the value and the posts."""
        if row.has_full_marks:
            return full_sentence(row, lang)
        low, high = (with_unit(post, row.unit) for post in row.given["goalposts"])
        got = plain(row.points)
        if lang == "zh":
            return f"{row.shown}，零分值 {low}，满分值 {high}，得 {got} 分"
        return f"{row.shown} between {low} (nothing) and {high} (full marks): {got}"
