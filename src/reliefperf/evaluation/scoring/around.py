"""Three classes: below, about at, and above the mean of the group."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Strict

from reliefperf.errors import Lang
from reliefperf.evaluation.scoring.base import (
    Array,
    Given,
    Literal_,
    ReasonRow,
    RuleMistake,
    keep_missing,
    scoring_rule,
    with_unit,
    within_full,
)
from reliefperf.evaluation.scoring.relative import Relative, Wrong
from reliefperf.model import numbers
from reliefperf.model.expressions import Expr
from reliefperf.model.spec_data import expression

Three = Annotated[tuple[Expr, Expr, Expr], Strict(False)]


@scoring_rule("around")
class Around(Relative):
    """The first of three `points` below the mean by more than `band`, the last above it, else the second.

    `band` is a part of the mean (or median): 0.2 is 20 %; values at its ends count as within.

    Source: OECD/JRC Handbook (2008), section 5 (indicators above or below the mean).
    """

    is_arithmetic: ClassVar[bool] = True

    around: Literal["mean", "median"]
    band: Expr = expression(description="half the width of the band, as a part of the mean")
    marks: Three = expression(description="points below, within and above the band")

    def mistakes(self, full: float | None, number: Literal_) -> Iterator[RuleMistake]:
        """The band is not negative and no class gives more than full marks."""
        band = number(self.band)
        if band is not None and band < 0:
            yield ("band",), "the band cannot be negative", "band 不能为负"
        for place, points in enumerate(self.marks):
            yield from within_full(("a class", "某一类"), number(points), full, "marks", place)

    def compare(self, x: Array, others: Any, given: Given) -> dict[str, Array]:
        """Both ends of the band."""
        middle = getattr(others, self.around)
        used = np.where(middle > 0, middle, np.nan)
        band = given["band"]
        return {"found": middle, "from": used * (1 - band), "to": used * (1 + band)}

    def wrong(self, x: Array, given: Given, against: Given) -> Iterator[Wrong]:
        """A band as a part of the mean needs a mean above zero."""
        yield Wrong(
            (against["found"] <= 0) & ~np.isnan(x),
            f"the band is a part of the {self.around}, which is not above zero here",
            "band 按均值（中位数）的比例计，而这里不大于零",
        )

    def part_points(self, x: Array, full: float, given: Given, against: Given) -> Array:
        """The points of the class."""
        below, within, above = given["marks"]
        is_above = numbers.above(x, against["to"])
        points = np.where(
            is_above, above, np.where(numbers.below(x, against["from"]), below, within)
        )
        return keep_missing(points, x + against["from"])

    def comparison(self, row: ReasonRow, against: Given, got: str, lang: Lang) -> str:
        """Quote the band."""
        low, high = (with_unit(against[name], row.unit) for name in ("from", "to"))
        value = row.value if isinstance(row.value, float) else float("nan")
        if lang == "zh":
            what = (
                "高于" if value > against["to"] else "低于" if value < against["from"] else "处于"
            )
            return f"{row.shown} {what}均值区间 {low} 至 {high}，得 {got} 分"
        what = (
            "above" if value > against["to"] else "below" if value < against["from"] else "within"
        )
        return f"{row.shown} is {what} {low} to {high} about the {self.around}: {got}"
