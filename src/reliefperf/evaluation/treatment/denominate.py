"""Values divided by the size of a region."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import numpy as np
from pydantic import Field

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
from reliefperf.model.document import Path_
from reliefperf.model.expressions import Expr
from reliefperf.model.spec_data import expression

FiniteNonZero = Annotated[float, Field(allow_inf_nan=False)]


@treatment("denominate")
class Denominate(Treatment):
    """Values divided by a column, so that large and small regions can be compared.

    `denominate` is one denominator, or a mapping from indicators (or nodes) to theirs; `times` is a
    factor on the quotient. Where a denominator is missing or zero the value is missing.

    Source: OECD/JRC Handbook (2008), section 1.2; COINr 1.1.14, `Denominate`.
    """

    denominate: Expr | dict[str, Expr] = expression(
        description="the denominator, or denominators by indicator or node"
    )
    times: FiniteNonZero = Field(1.0, description="factor on the quotient")

    def mistakes(self, number: NumberOf) -> Iterator[StepMistake]:
        """A factor or denominator of zero, a mapping beside a selection."""
        if self.times == 0:
            yield ("times",), "a factor of zero makes every value zero", "系数为零会使数值全为零"
        if isinstance(self.denominate, dict):
            if self.indicators is not None or self.besides:
                yield (
                    ("denominate",),
                    "denominators by indicator already say which indicators are meant: leave out "
                    "`indicators` and `besides`",
                    "按指标列出的分母已说明涉及哪些指标：请去掉 indicators、besides",
                )
        elif number(self.denominate) == 0:
            yield ("denominate",), "the denominator is zero", "分母为零"

    def nodes_named(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Those of the mapping too."""
        yield from super().nodes_named()
        if isinstance(self.denominate, dict):
            for name in self.denominate:
                yield ("denominate", name), name

    def apply(self, values: Values, places: Places, path: Path_) -> Outcome:
        """Divide; what a denominator leaves without a value is noted."""
        by_place: dict[int, Expr] = {}
        if isinstance(self.denominate, dict):
            # nodes before the indicators below them, so that the nearer name counts
            named = sorted(self.denominate, key=lambda name: -len(values.members[name]))
            for name in named:
                by_place |= {int(place): self.denominate[name] for place in values.members[name]}
        else:
            by_place = {int(place): self.denominate for place in places}
        x = values.x.copy()
        how: dict[int, Said] = {}
        how_cells: dict[tuple[int, int], Said] = {}
        factor = "" if self.times == 1 else f" × {short(self.times)}"
        for place, by in by_place.items():
            size = np.asarray(values.model.compiled(by).full(values.env), dtype=float)
            usable = ~np.isnan(size) & (size != 0)
            quotient = np.full(size.shape, np.nan)
            np.divide(x[place], size, out=quotient, where=usable)
            lost = ~np.isnan(x[place]) & ~usable & ~values.regions_out
            x[place] = quotient if self.times == 1 else quotient * self.times
            how[place] = (f"divided by {by.text}{factor}", f"除以 {by.text}{factor}")
            if lost.any():
                values.env.report(
                    "no-denominator",
                    values.ids[place],
                    f"the denominator {by.text} is missing or zero, so the value is missing",
                    f"分母 {by.text} 缺失或为零，指标值记为缺失",
                    lost,
                )
                for region in np.flatnonzero(lost):
                    zero = size[region] == 0
                    how_cells[place, int(region)] = (
                        f"the denominator {by.text} is {'zero' if zero else 'missing'}",
                        f"分母 {by.text} {'为零' if zero else '缺失'}",
                    )
        return Outcome(x, how, how_cells)
