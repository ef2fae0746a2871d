"""Regions or indicators with too little data, or too many zeros, taken out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from reliefperf.evaluation.siblings import Mask
from reliefperf.evaluation.treatment.base import (
    NumberOf,
    Outcome,
    Places,
    Remark,
    Said,
    StepMistake,
    Treatment,
    Values,
    treatment,
)
from reliefperf.model.document import Path_
from reliefperf.model.environment import Array

Share = Annotated[float, Field(ge=0, le=1)]
NOISE = 1e-12


@treatment("screen")
class Screen(Treatment):
    """Regions, or indicators, with too small a share of values that are there, or that are not zero.

    `at_least` is the least share of values that are there, `not_zero` the least share of values
    other than zero among those. The shares are taken over all indicators (or those chosen by
    `indicators` and `besides`) of a region; with `below`, at each node named, and every one must
    reach the limit. A region that is screened out gets no score and counts in no comparison; the
    weight of an indicator that is screened out goes to its siblings.

    Source: COINr 1.1.14, `Screen`, which knows only regions.
    """

    screen: Literal["regions", "indicators"]
    at_least: Share | None = Field(None, description="least share of values that are there")
    not_zero: Share | None = Field(None, description="least share of values other than zero")
    below: str | list[str] | None = Field(None, description="at this node, or at each of these")

    def mistakes(self, number: NumberOf) -> Iterator[StepMistake]:
        """No limit, or a node for the screening of indicators."""
        if self.at_least is None and self.not_zero is None:
            yield (
                ("screen",),
                "`screen` needs a limit: `at_least` (share of values that are there) or `not_zero`",
                "screen 须写明界限：at_least（有值的比重）或 not_zero（非零值的比重）",
            )
        if self.below is not None and self.screen == "indicators":
            yield (
                ("below",),
                "`below` belongs to the screening of regions; choose indicators with `indicators`",
                "below 只用于筛查地区；筛查指标请用 indicators 选择",
            )

    def nodes_named(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Those of `below` too."""
        yield from super().nodes_named()
        if isinstance(self.below, str):
            yield ("below",), self.below
        else:
            for place, name in enumerate(self.below or ()):
                yield ("below", place), name

    def apply(self, values: Values, places: Places, path: Path_) -> Outcome:
        """Mark what falls short of a limit; the values stay as they are."""
        places = places[~values.indicators_out[places]]
        if self.screen == "indicators":
            return self._indicators(values, places)
        nodes: list[str | None] = [None]
        if self.below is not None:
            nodes = [self.below] if isinstance(self.below, str) else [*self.below]
        out = np.zeros(values.env.n_regions, dtype=bool)
        remarks: list[Remark] = []
        for node in nodes:
            chosen = places if node is None else np.intersect1d(places, values.members[node])
            short, why = self._short(values.x[chosen], "indicators", "个指标", node)
            short &= ~values.regions_out
            remarks += [Remark(None, i, why[i]) for i in np.flatnonzero(short).tolist()]
            out |= short
        values.env.report(
            "screened",
            "regions",
            "there is too little data, or there are too many zeros; no score",
            "数据过少或零值过多，不计分",
            out,
        )
        return Outcome(values.x, regions_out=out, remarks=tuple(remarks))

    def _indicators(self, values: Values, places: Places) -> Outcome:
        short, why = self._short(values.x[places][:, ~values.regions_out].T, "regions", "个地区")
        out = np.zeros(len(values.ids), dtype=bool)
        out[places[short]] = True
        remarks = []
        for at in np.flatnonzero(short).tolist():
            place, (en, zh) = int(places[at]), why[at]
            remarks.append(Remark(place, None, (en, zh)))
            values.note("screened", place, en, zh)
        return Outcome(values.x, indicators_out=out, remarks=tuple(remarks))

    def _short(
        self, x: Array, of_en: str, of_zh: str, node: str | None = None
    ) -> tuple[Mask, dict[int, Said]]:
        """Which columns of a matrix fall short of a limit, and why."""
        there = ~np.isnan(x)
        total, count = len(x), there.sum(axis=0)
        zeros = (x == 0).sum(axis=0)
        at = f" below {node}" if node else ""
        at_zh = f"{node} 下" if node else ""
        out_en = "no score" if self.screen == "regions" else "screened out"
        out_zh = "不计分" if self.screen == "regions" else "剔除"
        out = np.zeros(x.shape[1], dtype=bool)
        why: dict[int, Said] = {}
        if self.at_least is not None and total:
            out |= count / total < self.at_least - NOISE
            for i in np.flatnonzero(out).tolist():
                share = f"{count[i] / total:.1%}"
                why[i] = (
                    f"values in {count[i]} of {total} {of_en}{at} ({share}), "
                    f"fewer than {self.at_least:.4g}: {out_en}",
                    f"{at_zh}{total} {of_zh}中 {count[i]} 个有值（{share}），"
                    f"低于 {self.at_least:.4g}：{out_zh}",
                )
        if self.not_zero is not None:
            few = (count > 0) & (1 - zeros / np.maximum(count, 1) < self.not_zero - NOISE)
            for i in np.flatnonzero(few & ~out).tolist():
                why[i] = (
                    f"{zeros[i]} of {count[i]} values{at} are zero, other than zero "
                    f"{1 - zeros[i] / count[i]:.1%}, fewer than {self.not_zero:.4g}: {out_en}",
                    f"{at_zh}{count[i]} 个值中 {zeros[i]} 个为零，非零占 "
                    f"{1 - zeros[i] / count[i]:.1%}，低于 {self.not_zero:.4g}：{out_zh}",
                )
            out |= few
        return out, why
