"""Between the worst and the best of the group."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field, Strict, model_validator

from reliefperf.errors import Lang
from reliefperf.evaluation.scoring.base import (
    Array,
    Clip,
    Given,
    Literal_,
    ReasonRow,
    RuleMistake,
    scoring_rule,
    with_unit,
    within_full,
)
from reliefperf.evaluation.scoring.goalposts import between_posts
from reliefperf.evaluation.scoring.others import Others
from reliefperf.evaluation.scoring.relative import Better, Outside, Referring, Wrong
from reliefperf.model.expressions import Expr
from reliefperf.model.refusing import refusal
from reliefperf.model.spec_data import expression
from reliefperf.model.spec_evaluation import Surely


@scoring_rule("minmax")
class MinMax(Referring):
    """Nothing for the worst region, full marks for the best, linear between.

    `range: [1, 100]` gives other points at both ends. `full_at` puts a target, and `region` the
    value of one region, in place of the best; `clip` says on which side values beyond the ends are
    held (`both` unless said), which only happens with these, or under a panel's base period.

    Source: OECD/JRC Handbook (2008), section 5 (min-max, distance to a reference); COINr functions
    n_minmax, n_dist2max, n_dist2targ and n_dist2ref.
    """

    is_arithmetic: ClassVar[bool] = True

    minmax: Better
    range: Annotated[tuple[Expr, Expr], Strict(False)] | None = expression(
        None, description="points of the worst and of the best"
    )
    full_at: Expr | None = expression(
        None, description="the value that gets the points of the best"
    )
    region: str | None = Field(None, description="the region whose value stands for the best")
    clip: Clip = "both"

    @model_validator(mode="after")
    def _one_end(self) -> MinMax:
        if self.full_at is not None and self.region is not None:
            raise refusal(
                "`full_at` or `region` stands for the best, not both",
                "full_at 与 region 只能写一个",
            )
        return self

    def surely(self, number: Literal_) -> Surely | None:
        """What the worst region gets: nothing, or the low end of the range."""
        low = 0.0 if self.range is None else number(self.range[0])
        return None if low is None or low > 0 else "negative" if low < 0 else "zero"

    def mistakes(self, full: float | None, number: Literal_) -> Iterator[RuleMistake]:
        """The points of both ends lie within full marks and differ."""
        if self.range is None:
            return
        low, high = map(number, self.range)
        for place, points in enumerate((low, high)):
            yield from within_full(("the range", "range "), points, full, "range", place)
        if low is not None and low == high:
            yield (
                ("range",),
                "both ends of the range are equal: every region would get the same",
                "range 两端相同，各地区得分将全部一样",
            )

    def compare(self, x: Array, others: Any, given: Given) -> dict[str, Array]:
        """The value that gets the least points, and the one that gets the most."""
        low, high = others.low, others.high
        worst, best = (low, high) if self.minmax == "higher" else (high, low)
        end = given.get("region_value", given["full_at"])
        if end is None:
            return {"worst": worst, "best": best}
        end = np.broadcast_to(end, np.broadcast_shapes(np.shape(end), worst.shape))
        turned = end <= worst if self.minmax == "higher" else end >= worst
        return {"worst": worst, "best": np.where(turned, np.nan, end), "end": end}

    def outside(self, x: Array, others: Others) -> tuple[Outside, ...]:
        """Beyond the worst, and beyond the best where that is an end."""
        below, above = Outside(x < others.low, True), Outside(x > others.high, True)
        worse, better = (below, above) if self.minmax == "higher" else (above, below)
        worse = worse._replace(held=self.clip in ("both", "below"))
        better = better._replace(held=self.clip in ("both", "above"))
        return (worse,) if self.full_at is not None or self.region is not None else (worse, better)

    def wrong(self, x: Array, given: Given, against: Given) -> Iterator[Wrong]:
        """A target that is no better than the worst value leaves no way between them."""
        if "end" not in against:
            return
        what, what_zh = (
            ("`full_at`", "full_at ")
            if self.region is None
            else (
                f"the value of the reference region '{self.region}'",
                f"参照地区“{self.region}”的值",
            )
        )
        no_way = np.isnan(against["best"]) & ~np.isnan(against["end"] + against["worst"])
        yield Wrong(
            no_way & ~np.isnan(x),
            f"{what} is no better than the worst value of the group, so there is no way between",
            f"{what_zh}不优于组内最差值，无法在其间计分",
        )

    def part_points(self, x: Array, full: float, given: Given, against: Given) -> Array:
        """The points at the region's part of the way from worst to best."""
        part = between_posts(x, against["worst"], against["best"], self.clip)
        if given["range"] is None:
            return np.multiply(part, full, out=part)
        low, high = given["range"]
        return np.asarray(low + part * (high - low))

    def comparison(self, row: ReasonRow, against: Given, got: str, lang: Lang) -> str:
        """Quote worst and best."""
        worst, best = (with_unit(against[name], row.unit) for name in ("worst", "best"))
        if self.full_at is not None:
            best_en, best_zh = f"the target {best}", f"目标值 {best}"
        elif self.region is not None:
            best_en, best_zh = (
                f"{best} of region {self.region}",
                f"参照地区 {self.region} 的 {best}",
            )
        else:
            best_en, best_zh = f"the best, {best}", f"最优值 {best}"
        if lang == "zh":
            return f"{row.shown}，最差值 {worst}，{best_zh}，按极差标准化得 {got} 分"
        return f"{row.shown} between the worst, {worst}, and {best_en}: {got}"
