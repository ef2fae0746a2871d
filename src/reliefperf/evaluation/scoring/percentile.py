"""Points by percentile, or by classes of percentiles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from reliefperf.errors import Lang
from reliefperf.evaluation.scoring.base import (
    Array,
    Environment,
    Given,
    Literal_,
    ReasonRow,
    RuleMistake,
    plain,
    scoring_rule,
)
from reliefperf.evaluation.scoring.others import Others
from reliefperf.evaluation.scoring.relative import Better, Outside, Relative, held_at_places
from reliefperf.evaluation.scoring.steps import StepPoints, Steps
from reliefperf.model.expressions import Expr
from reliefperf.model.spec_data import expression


@scoring_rule("percentile")
class PercentilePoints(Relative):
    """Full marks x (place from the worst end, ties at the lower place) / number of regions.

    With `steps` the percentile (0 to 100) gives points by class: a categorical scale.

    Source: OECD/JRC Handbook (2008), section 5 (percentiles; categorical scales).
    """

    percentile: Better
    steps: Steps | None = None
    otherwise: Expr = expression(lambda: Expr("0"))

    def mistakes(self, full: float | None, number: Literal_) -> Iterator[RuleMistake]:
        """No class gives more than full marks."""
        if self.steps is not None:
            yield from self._classes(self.steps).mistakes(full, number)

    def _classes(self, steps: Steps) -> StepPoints:
        return StepPoints(steps=steps, otherwise=self.otherwise)

    def compare(self, x: Array, others: Any, given: Given) -> dict[str, Array]:
        """The place from the worst end, and how many there are."""
        place, size = others.place(x, "lower" if self.percentile == "higher" else "higher", "min")
        return {"place": place, "size": size}

    def outside(self, x: Array, others: Others) -> tuple[Outside, ...]:
        """Held at the first and at the last place."""
        return held_at_places(x, others)

    def part_points(self, x: Array, full: float, given: Given, against: Given) -> Array:
        """Points by percentile."""
        part = against["place"] / against["size"]
        if self.steps is None:
            return np.asarray(full * part)
        nowhere = Environment(("",) * len(x), {})
        return self._classes(self.steps).points(100 * part, full, given, nowhere)

    def comparison(self, row: ReasonRow, against: Given, got: str, lang: Lang) -> str:
        """Quote the percentile."""
        place, size = plain(against["place"]), plain(against["size"])
        percent = plain(100 * against["place"] / against["size"], 1)
        if lang == "zh":
            return (
                f"{row.shown}，自最差起第 {place}，共 {size} 个地区，百分位 {percent}，得 {got} 分"
            )
        return f"{row.shown}, place {place} of {size} from the worst, percentile {percent}: {got}"
