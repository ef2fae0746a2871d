"""Missing values filled, each with a row in the record."""

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
    Said,
    StepMistake,
    Treatment,
    Values,
    short,
    treatment,
)
from reliefperf.evaluation.treatment.moments import known
from reliefperf.model.document import Path_
from reliefperf.model.environment import Array
from reliefperf.model.expressions import Expr
from reliefperf.model.spec_data import expression

_BELONG = {
    "by": ("mean", "median"),
    "periods": ("previous",),
    "on": ("regression",),
    "value": ("constant",),
}
"""Which option belongs to which ways of filling."""
LEAST_FOR_A_LINE = 3

Filled = tuple[Array, dict[int, Said]]
"""Values for every region, NaN where there is none, and where they come from by region."""


@treatment("impute")
class Impute(Treatment):
    """Missing values filled with the mean or median, a former value, a regression or a constant.

    - `mean`, `median`: of all regions that have a value, or `by` group. A group in which nobody has
      one stays missing.
    - `previous`: the region's own value up to `periods` periods back, the latest that is there, as
      it stood before this step in that period (so never a filled one).
    - `regression`: least squares of the indicator `on` a column, over the regions that have both.
    - `constant`: `value`.

    What stays missing is noted, and treated as the indicator's `missing:` says.

    Source: OECD/JRC Handbook (2008), section 3; COINr 1.1.14, `i_mean_grp`, `i_median_grp`.
    """

    impute: Literal["mean", "median", "previous", "regression", "constant"]
    by: Expr | None = expression(None, kind="any", description="mean, median: of which group")
    periods: Annotated[int, Field(ge=1, le=20)] | None = Field(
        None, description="previous: how many periods back at most, 1 if not said"
    )
    on: Expr | None = expression(None, description="regression: on which column")
    value: Expr | None = expression(None, description="constant: which")

    def mistakes(self, number: NumberOf) -> Iterator[StepMistake]:
        """An option of another way of filling, or one that is lacking."""
        for key, ways in _BELONG.items():
            if getattr(self, key) is not None and self.impute not in ways:
                yield (
                    (key,),
                    f"`{key}` belongs to `impute: {ways[0]}`, not to `{self.impute}`",
                    f"{key} 用于 impute: {ways[0]}，不用于 {self.impute}",
                )
        for key, way in (("on", "regression"), ("value", "constant")):
            if getattr(self, key) is None and self.impute == way:
                yield (
                    ("impute",),
                    f"`impute: {way}` needs `{key}`",
                    f"impute: {way} 须写 {key}",
                )

    def apply(self, values: Values, places: Places, path: Path_) -> Outcome:
        """Fill the gaps of each indicator by itself; raises nothing."""
        x = values.x.copy()
        counted = values.counted
        how_cells: dict[tuple[int, int], Said] = {}
        for place in places[~values.indicators_out[places]]:
            gaps = np.isnan(x[place]) & ~values.regions_out
            if not gaps.any():
                continue
            found, why = self._found(values, int(place), counted[place], gaps)
            filled = gaps & ~np.isnan(found)
            x[place] = np.where(filled, found, x[place])
            how_cells |= {(int(place), int(i)): why[int(i)] for i in np.flatnonzero(filled)}
            name = values.ids[place]
            values.env.report(
                "imputed",
                name,
                f"a missing value was filled ({self.impute})",
                f"缺失值已填补（{_WORDS[self.impute]}）",
                filled,
            )
            values.env.report(
                "not-imputed",
                name,
                f"there is nothing to fill a missing value with ({self.impute}); it stays missing",
                f"没有可用于填补缺失值的数据（{_WORDS[self.impute]}），仍为缺失",
                gaps & ~filled,
            )
        return Outcome(x, how_cells=how_cells)

    def _found(self, values: Values, place: int, x: Array, gaps: Mask) -> Filled:
        if self.impute == "previous":
            return self._carried(values, place)
        if self.impute == "regression":
            return self._on_line(values, x)
        if self.impute == "constant":
            assert self.value is not None
            constant = np.array(values.model.compiled(self.value).full(values.env), dtype=float)
            said = {
                int(i): (f"constant {short(constant[i])}", f"常数 {short(constant[i])}")
                for i in np.flatnonzero(gaps)
            }
            return constant, said
        return self._middle(values, x, gaps)

    def _middle(self, values: Values, x: Array, gaps: Mask) -> Filled:
        """The mean or median of all, or of each group that has a gap."""
        found, said = np.full(x.shape, np.nan), dict[int, Said]()
        word = _WORDS[self.impute]
        take = np.mean if self.impute == "mean" else np.median
        if self.by is None:
            groups, labels = np.zeros(x.shape, dtype=np.int64), None
        else:
            labels = values.model.compiled(self.by).full(values.env)
            groups, _ = values.env.groups(labels)
        for group in np.unique(groups[gaps]):
            here = groups == group
            there = known(x[here])
            if group < 0 or not len(there):
                continue
            found[here] = take(there)
            if labels is None:
                sentence = (
                    f"{self.impute} of {len(there)} regions",
                    f"{len(there)} 个地区的{word}",
                )
            else:
                label = _label(labels[here][0])
                sentence = (
                    f"{self.impute} of group {label} ({len(there)} regions)",
                    f"“{label}”组的{word}（{len(there)} 个地区）",
                )
            said |= dict.fromkeys(np.flatnonzero(here & gaps).tolist(), sentence)
        return found, said

    def _carried(self, values: Values, place: int) -> Filled:
        """The latest value of the periods before."""
        n_regions = values.env.n_regions
        found, said = np.full(n_regions, np.nan), dict[int, Said]()
        at = np.arange(n_regions)
        now = values
        for back in range(1, (self.periods or 1) + 1):
            before = now.earlier()
            order = now.env.order
            if before is None or order is None:
                break
            at = np.where(at >= 0, order[at], -1)
            old = np.where(at >= 0, before.x[place][at], np.nan)
            new = np.isnan(found) & ~np.isnan(old)
            found[new] = old[new]
            period = before.env.period
            ago = f"{back} period{'s' if back > 1 else ''} back"
            sentence = (f"value of {period}, {ago}", f"取 {period} 的值（前推 {back} 期）")
            said |= dict.fromkeys(np.flatnonzero(new).tolist(), sentence)
            now = before
        return found, said

    def _on_line(self, values: Values, x: Array) -> Filled:
        """The value on the line of least squares; nothing where there is no line."""
        assert self.on is not None
        on = np.asarray(values.model.compiled(self.on).full(values.env), dtype=float)
        both = ~np.isnan(x) & ~np.isnan(on)
        n = int(both.sum())
        if n < LEAST_FOR_A_LINE or np.ptp(on[both]) == 0:
            return np.full(x.shape, np.nan), {}
        in_order = np.lexsort((x[both], on[both]))  # so that the order of regions changes nothing
        there, of = x[both][in_order], on[both][in_order]
        middle, level = of.mean(), there.mean()
        slope = ((of - middle) * (there - level)).sum() / ((of - middle) ** 2).sum()
        found = level + slope * (on - middle)
        spread = ((there - level) ** 2).sum()
        rest = ((there - level - slope * (of - middle)) ** 2).sum()
        fit = f", R2 {1 - rest / spread:.3f}" if spread > 0 else ""
        line = f"{short(level - slope * middle)} + {short(slope)} × {self.on.text}"
        line = line.replace("+ -", "- ")
        sentence = (
            f"regression: {line} (n {n}{fit})",
            f"回归：{line}（n {n}{fit.replace(', ', '，')}）",
        )
        return found, dict.fromkeys(range(len(x)), sentence)


_WORDS = {
    "mean": "均值",
    "median": "中位数",
    "previous": "上期值",
    "regression": "回归",
    "constant": "常数",
}


def _label(value: object) -> str:
    return value if isinstance(value, str) else f"{float(value):g}"  # type: ignore[arg-type]
