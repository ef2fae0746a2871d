"""Points along straight lines between given points."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import numpy as np
from pydantic import Field, Strict, model_validator

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
    in_points,
    keep_missing,
    plain,
    scoring_rule,
    surely_of,
    with_unit,
    within_full,
)
from reliefperf.model.fractions import Number
from reliefperf.model.refusing import refusal
from reliefperf.model.spec_evaluation import Surely
from reliefperf.model.tables import Outside, piecewise_line


@scoring_rule("piecewise")
class Piecewise(ScoringRule):
    """Straight lines between pairs of value and points; `outside` says what holds beyond them.

    Source: rank factors and sliding scales, as in the French DSU (4 down to 0.5).
    """

    piecewise: list[Annotated[tuple[Number, Number], Strict(False)]] = Field(min_length=2)
    outside: Outside = "clamp"

    @model_validator(mode="after")
    def _distinct(self) -> Piecewise:
        xs = [x for x, _ in self.piecewise]
        if len(set(xs)) != len(xs):
            raise refusal("two points stand at the same value", "有两个点的取值相同")
        return self

    @property
    def may_exceed(self) -> bool:
        """Only where the lines are extended."""
        return self.outside == "extend"

    def surely(self, number: Literal_) -> Surely | None:
        """What every point gives, if none is above zero and the lines end there."""
        return None if self.may_exceed else surely_of([height for _, height in self.piecewise])

    def mistakes(self, full: float | None, number: Literal_) -> Iterator[RuleMistake]:
        """No point lies above full marks, unless the lines go on beyond them."""
        if not self.may_exceed:
            for place, (_, height) in enumerate(self.piecewise):
                yield from within_full(("a point", "折点"), height, full, "piecewise", place)

    def points(self, x: Column, full: float, given: Given, env: Environment) -> Array:
        """The height of the line."""
        x = np.asarray(x, dtype=float)
        pairs = sorted(self.piecewise)
        xs, ys = np.array([a for a, _ in pairs]), np.array([b for _, b in pairs])
        return keep_missing(piecewise_line(x, xs, ys, self.outside), x)

    def reason(self, row: ReasonRow, lang: Lang) -> str:
        """Quote the value and the ends of the line on which it lies, each with its points."""
        if row.has_full_marks or row.is_above:
            return full_sentence(row, lang)
        value = row.value if isinstance(row.value, float) else float("nan")
        pairs, zh = sorted(self.piecewise), lang == "zh"
        ends = [
            f"{with_unit(x, row.unit)}（{plain(y)} 分）"
            if zh
            else f"{with_unit(x, row.unit)} ({plain(y)})"
            for x, y in pairs
        ]
        place = sum(x < value for x, _ in pairs)
        if 0 < place < len(ends):
            low, high = ends[place - 1 : place + 1]
            where = f"在{low}与{high}之间按直线计分" if zh else f"between {low} and {high}"
        else:
            beyond, end = place > 0, ends[min(place, len(ends) - 1)]
            where = f"{'高' if beyond else '不高'}于{end}" if zh else f"at or beyond the end {end}"
        got = plain(row.points)
        if zh:
            return f"{row.shown}，{where}，得 {got} 分，扣 {row.lost} 分"
        return f"{row.shown}, {where}: {got}, {in_points(row.lost)} lost"
