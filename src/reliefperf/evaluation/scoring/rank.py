"""Points by place among the regions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from reliefperf.errors import Lang
from reliefperf.evaluation.scoring.base import (
    Array,
    Given,
    Literal_,
    ReasonRow,
    RuleMistake,
    plain,
    scoring_rule,
    within_full,
)
from reliefperf.evaluation.scoring.others import Others, Ties
from reliefperf.evaluation.scoring.relative import Better, Outside, Relative, held_at_places
from reliefperf.model.expressions import Expr
from reliefperf.model.spec_data import expression
from reliefperf.model.spec_evaluation import Surely


@scoring_rule("rank")
class RankPoints(Relative):
    """Full marks at rank 1, nothing (or `last`) at the last rank, linear between.

    With `ties: max` it is the percentile rank: the share of the other regions that are worse.

    Source: ranking rows of Chinese tables; rank factors as in the French DSU; COINr function n_prank.
    """

    rank: Better
    last: Expr = expression(lambda: Expr("0"), description="points of the last rank")
    ties: Ties = "min"

    def surely(self, number: Literal_) -> Surely | None:
        """What the last region gets; that some share the last place is nothing to build on."""
        last = number(self.last)
        if last is None or last > 0:
            return None
        return "negative" if last < 0 else "zero"

    def mistakes(self, full: float | None, number: Literal_) -> Iterator[RuleMistake]:
        """The last rank gets no more than full marks."""
        yield from within_full(("`last`", "last "), number(self.last), full, "last")

    def compare(self, x: Array, others: Any, given: Given) -> dict[str, Array]:
        """The place from the best, and the last place."""
        place, size = others.place(x, self.rank, self.ties)
        return {"place": place, "size": size}

    def outside(self, x: Array, others: Others) -> tuple[Outside, ...]:
        """Held at the first and at the last place."""
        return held_at_places(x, others)

    def part_points(self, x: Array, full: float, given: Given, against: Given) -> Array:
        """Points by rank."""
        place, size = against["place"], against["size"]
        part = (place - 1) / np.where(size > 1, size - 1, np.nan)
        return np.asarray(full + part * (given["last"] - full))

    def comparison(self, row: ReasonRow, against: Given, got: str, lang: Lang) -> str:
        """Quote the place."""
        place, size = plain(against["place"]), plain(against["size"])
        if lang == "zh":
            return f"{row.shown}，列第 {place} 名（末位为第 {size} 名），得 {got} 分"
        return f"{row.shown}, rank {place} of {size}: {got}"
