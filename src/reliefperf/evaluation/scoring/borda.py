"""Points by the number of regions that are worse."""

from __future__ import annotations

from typing import Any

import numpy as np

from reliefperf.errors import Lang
from reliefperf.evaluation.scoring.base import (
    Array,
    Given,
    Literal_,
    ReasonRow,
    plain,
    scoring_rule,
)
from reliefperf.evaluation.scoring.others import Others, Ties
from reliefperf.evaluation.scoring.relative import Better, Outside, Relative, held_at_places
from reliefperf.model.expressions import Expr
from reliefperf.model.spec_data import expression
from reliefperf.model.spec_evaluation import Surely


@scoring_rule("borda")
class Borda(Relative):
    """`start` points for the worst region and one more for each region that is worse, no limits.

    `start: 0` is the Borda count, `start: 1` the rank counted from the worst end.

    Source: OECD/JRC Handbook (2008), section 5 (ranking); COINr functions n_borda and n_rank.
    """

    borda: Better
    start: Expr = expression(lambda: Expr("0"), description="points of the worst region")
    ties: Ties = "min"

    @property
    def may_exceed(self) -> bool:
        """Always: the points count regions."""
        return True

    def surely(self, number: Literal_) -> Surely | None:
        """What the worst region gets, if ties take the lower place."""
        start = number(self.start)
        if start is None or start > 0 or self.ties in ("max", "average"):
            return None
        return "negative" if start < 0 else "zero"

    def compare(self, x: Array, others: Any, given: Given) -> dict[str, Array]:
        """The place from the worst end, and the last place."""
        place, size = others.place(x, "lower" if self.borda == "higher" else "higher", self.ties)
        return {"place": place, "size": size}

    def outside(self, x: Array, others: Others) -> tuple[Outside, ...]:
        """Held at the first and at the last place."""
        return held_at_places(x, others)

    def part_points(self, x: Array, full: float, given: Given, against: Given) -> Array:
        """One point a place."""
        return np.asarray(given["start"] + against["place"] - 1)

    def comparison(self, row: ReasonRow, against: Given, got: str, lang: Lang) -> str:
        """Quote the place."""
        place, size = plain(against["place"]), plain(against["size"])
        if lang == "zh":
            return f"{row.shown}，自最差起列第 {place}（共 {size}），得 {got} 分"
        return f"{row.shown}, place {place} of {size} from the worst: {got}"
