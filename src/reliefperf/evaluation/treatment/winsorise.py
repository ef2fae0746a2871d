"""The highest or lowest values brought to the next one."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from reliefperf.evaluation.treatment.base import (
    Outcome,
    Places,
    Said,
    Treatment,
    Values,
    ordinal,
    short,
    treatment,
)
from reliefperf.evaluation.treatment.moments import known, shape_of
from reliefperf.model.document import Path_
from reliefperf.model.environment import Array

End = Literal["highest", "lowest"]


def moved(values: Values, place: int, end: End, rank: int, level: float) -> Said:
    """What is said of cells brought to the value of a rank."""
    word = "高" if end == "highest" else "低"
    which = f"{ordinal(rank)} {end}" if rank > 1 else end
    return (
        f"winsorised to the {which} value, {short(level)}",
        f"缩尾至第 {rank} {word}的值 {short(level)}",
    )


def winsorised_by_rule(
    x: Array, skewness: float, kurtosis: float, most: int
) -> tuple[Array, dict[End, int]]:
    """Values moved, one by one, until the test of both moments passes or `most` are moved.

    At the end to which the values are skewed, the greatest (or least) value is set to the next one,
    together with all that are tied with it; hence the last move may go beyond `most`. Returns the
    values, shape (n_regions,), and how many were moved at each end. COINr 1.1.14, `winsorise`.
    """
    x = x.copy()
    ends: dict[End, int] = {}
    while sum(ends.values()) < most:
        shape = shape_of(x)
        if not shape.has_outliers(skewness, kurtosis):
            break
        end: End = "highest" if shape.skewness >= 0 else "lowest"
        values = known(x)
        peak = values[-1] if end == "highest" else values[0]
        at_peak = x == peak
        n_tied = int(at_peak.sum())
        x[at_peak] = values[-n_tied - 1] if end == "highest" else values[n_tied]
        ends[end] = n_tied
    return x, ends


@treatment("winsorise")
class Winsorise(Treatment):
    """A given number of values at an end set to the next one.

    With `winsorise: 2` and `end: highest` the two highest values become the third highest. By
    default it is the end to which the values are skewed.

    Source: OECD/JRC Handbook (2008), section 5.3.
    """

    winsorise: Annotated[int, Field(ge=1)] = Field(description="how many values at an end")
    end: Literal["highest", "lowest", "both", "skewed"] = "skewed"

    def apply(self, values: Values, places: Places, path: Path_) -> Outcome:
        """Raises InputError where fewer values are left than are needed."""
        x = values.x.copy()
        how_cells: dict[tuple[int, int], Said] = {}
        for place in map(int, places[~values.indicators_out[places]]):
            there = known(values.counted[place])
            if len(there) < 2 * self.winsorise + 1:
                raise values.refuse(
                    path,
                    f"indicator '{values.ids[place]}' has {len(there)} values, too few to move "
                    f"{self.winsorise} of them",
                    f"指标“{values.ids[place]}”只有 {len(there)} 个值，不足以缩尾 {self.winsorise} 个",
                )
            for end in self._ends(there):
                rank = self.winsorise + 1
                level = there[-rank] if end == "highest" else there[rank - 1]
                beyond = values.counted[place] > level
                if end == "lowest":
                    beyond = values.counted[place] < level
                x[place] = np.where(beyond, level, x[place])
                said = moved(values, place, end, rank, level)
                how_cells |= {(place, int(i)): said for i in np.flatnonzero(beyond)}
        return Outcome(x, how_cells=how_cells)

    def _ends(self, there: Array) -> tuple[End, ...]:
        if self.end == "both":
            return ("highest", "lowest")
        if self.end == "skewed":
            return ("lowest",) if shape_of(there).skewness < 0 else ("highest",)
        return (self.end,)
