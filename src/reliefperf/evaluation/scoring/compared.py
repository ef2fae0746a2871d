"""The ratio to, or the relative difference from, a measure of the group."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from reliefperf.errors import Lang
from reliefperf.evaluation.scoring.base import (
    Array,
    Clip,
    Given,
    Literal_,
    ReasonRow,
    plain,
    scoring_rule,
    with_unit,
)
from reliefperf.evaluation.scoring.relative import Better, Referring, Wrong
from reliefperf.model.refusing import refusal
from reliefperf.model.spec_evaluation import Surely

Measure = Literal["mean", "median", "best", "worst"]
WORDS = {"mean": "均值", "median": "中位数", "best": "最优值", "worst": "最差值"}


@scoring_rule("compared")
class Compared(Referring):
    """Full marks x value / measure, or with `gives: difference` x (value - measure) / measure.

    The measure is the `mean` (unless said), `median`, `best` or `worst` of the group, or the value
    of one `region`. Where less is better the ratio is measure / value and the difference changes
    its sign. Nothing is held unless `clip` says so.

    Source: OECD/JRC Handbook (2008), section 5 (distance to a reference); COINr function n_fracmax.
    """

    is_arithmetic: ClassVar[bool] = True

    compared: Better
    to: Measure | None = None
    region: str | None = Field(None, description="the region whose value is the measure")
    gives: Literal["ratio", "difference"] = "ratio"
    clip: Clip = "none"

    @model_validator(mode="after")
    def _one_measure(self) -> Compared:
        if self.to is not None and self.region is not None:
            raise refusal(
                "`to` or `region` says what is compared with, not both", "to 与 region 只能写一个"
            )
        return self

    def surely(self, number: Literal_) -> Surely | None:
        """Some region lies below the mean, or is the worst."""
        if self.gives == "ratio" or self.region is not None or self.to == "median":
            return None
        held = self.clip in ("both", "below")
        return "zero" if held or self.to == "worst" else "negative"

    def compare(self, x: Array, others: Any, given: Given) -> dict[str, Array]:
        """The measure of the others."""
        measure = given.get("region_value")
        if measure is None:
            ends = ("high", "low") if self.compared == "higher" else ("low", "high")
            name = {"best": ends[0], "worst": ends[1]}.get(self.to or "mean", self.to or "mean")
            measure = getattr(others, name)
        return {"measure": np.where(measure > 0, measure, np.nan), "found": measure}

    def wrong(self, x: Array, given: Given, against: Given) -> Iterator[Wrong]:
        """A measure at or below zero would turn the order round; so would a value for a ratio."""
        found = np.broadcast_to(against["found"], x.shape)
        yield Wrong(
            (found <= 0) & ~np.isnan(x),
            "`compared` divides by a measure that is not above zero here; use minmax, zscore or rank",
            "compared 所除的比较值不大于零；请改用 minmax、zscore 或 rank",
        )
        if self.compared == "lower" and self.gives == "ratio":
            yield Wrong(
                x <= 0,
                "`compared: lower` divides by the value, which is not above zero here; "
                "use `gives: difference`, minmax or rank",
                "compared: lower 以指标值为除数，而这里不大于零；请改用 gives: difference、minmax 或 rank",
            )

    def part_points(self, x: Array, full: float, given: Given, against: Given) -> Array:
        """The ratio or difference, held as stated, times full marks."""
        measure = against["measure"]
        if self.gives == "difference":
            part = x / measure - 1 if self.compared == "higher" else 1 - x / measure
        elif self.compared == "higher":
            part = x / measure
        else:
            part = measure / np.where(x > 0, x, np.nan)
        if self.clip in ("both", "above"):
            part = np.minimum(part, 1.0)
        if self.clip in ("both", "below"):
            part = np.maximum(part, 0.0)
        return np.asarray(full * part)

    def comparison(self, row: ReasonRow, against: Given, got: str, lang: Lang) -> str:
        """Quote the measure and how far the value is from it."""
        measure = with_unit(against["measure"], row.unit)
        value = row.value if isinstance(row.value, float) else float("nan")
        percent = plain(100 * value / against["measure"], 2)
        to = self.to or "mean"
        if lang == "zh":
            what = WORDS[to] if self.region is None else f"参照地区 {self.region}"
            return f"{row.shown}，{what} {measure}，为其 {percent}%，得 {got} 分"
        what = f"the {to}" if self.region is None else f"region {self.region}"
        return f"{row.shown} is {percent} % of {what}, {measure}: {got}"
