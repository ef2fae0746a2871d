"""Values held between two limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
from pydantic import Strict

from reliefperf.evaluation.treatment.base import (
    NumberOf,
    Outcome,
    Places,
    Said,
    StepMistake,
    Treatment,
    Values,
    short,
    treatment,
)
from reliefperf.evaluation.treatment.moments import known
from reliefperf.model.document import Path_
from reliefperf.model.expressions import Expr
from reliefperf.model.spec_data import expression


@treatment("cap")
class Cap(Treatment):
    """Values below the low limit set to it, and those above the high limit to that one.

    The limits are values, or with `of: percentiles` percentiles of the indicator (0 to 100, linear
    between points, as the function `quantile`). `null` leaves a side open.
    """

    cap: Annotated[tuple[Expr | None, Expr | None], Strict(False)] = expression(
        constant=True, description="the low and the high limit"
    )
    of: Literal["values", "percentiles"] = "values"

    def mistakes(self, number: NumberOf) -> Iterator[StepMistake]:
        """Limits that cross, that lie beyond 0 and 100, or that are not there."""
        low, high = map(number, self.cap)
        if self.cap == (None, None):
            yield ("cap",), "neither limit is stated", "两个界限都没有写"
        if low is not None and high is not None and not low < high:
            yield (
                ("cap",),
                f"the low limit ({low:g}) must lie below the high one ({high:g})",
                f"下限（{low:g}）须小于上限（{high:g}）",
            )
        for place, limit in enumerate((low, high)):
            if self.of == "percentiles" and limit is not None and not 0 <= limit <= 100:
                yield (
                    ("cap", place),
                    f"a percentile lies between 0 and 100, this is {limit:g}",
                    f"百分位数应在 0 与 100 之间，这里是 {limit:g}",
                )

    def apply(self, values: Values, places: Places, path: Path_) -> Outcome:
        """Hold the values of each indicator by itself."""
        x = values.x.copy()
        limits = [
            None if limit is None else float(values.model.compiled(limit)(values.env))
            for limit in self.cap
        ]
        how_cells: dict[tuple[int, int], Said] = {}
        for place in map(int, places[~values.indicators_out[places]]):
            there = known(values.counted[place])
            for limit, is_low in zip(limits, (True, False), strict=True):
                if limit is None or not len(there):
                    continue
                of_en, of_zh = "", ""
                level = limit
                if self.of == "percentiles":
                    level = float(np.quantile(there, limit / 100))
                    of_en, of_zh = f" (percentile {short(limit)})", f"（第 {short(limit)} 百分位）"
                beyond = values.counted[place] < level if is_low else values.counted[place] > level
                x[place] = np.where(beyond, level, x[place])
                en, zh = ("low", "下限") if is_low else ("high", "上限")
                said = (
                    f"held at the {en} limit {short(level)}{of_en}",
                    f"按{zh} {short(level)}{of_zh} 计",
                )
                how_cells |= {(place, int(i)): said for i in np.flatnonzero(beyond)}
        return Outcome(x, how_cells=how_cells)
