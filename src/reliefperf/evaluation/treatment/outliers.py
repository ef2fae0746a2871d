"""The rule against outliers by skewness and kurtosis."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from reliefperf.evaluation.treatment.base import (
    NumberOf,
    Outcome,
    Places,
    Remark,
    Said,
    StepMistake,
    Treatment,
    Values,
    short,
    treatment,
)
from reliefperf.evaluation.treatment.forms import Form
from reliefperf.evaluation.treatment.moments import Shape, known, shape_of
from reliefperf.evaluation.treatment.transform import Lambda, in_form, lambda_mistakes
from reliefperf.evaluation.treatment.winsorise import moved, winsorised_by_rule
from reliefperf.model.document import Path_

LEAST = 4
"""Fewer values have no kurtosis."""
Limit = Annotated[float, Field(gt=0)]


@treatment("outliers")
class Outliers(Treatment):
    """Indicators that are both skewed and heavy-tailed are winsorised, else transformed.

    An indicator passes where |skewness| is below its limit or the excess kurtosis is below its own.
    Both are the sample-adjusted moments (e1071 type 2, as in spreadsheets). One that does not pass
    is winsorised value by value, at the end to which it is skewed, until it passes or `most` values
    are moved (tied ones move together, so the last move may go beyond `most`). If it still does not
    pass, the values from before are taken again and brought into the form that `otherwise` names
    (see `transform`), or kept winsorised where that is `none`. What then still does not pass is
    recorded. `outliers: transform` goes to `otherwise` at once. Higher or lower is better makes no
    difference: the rule sees values, not points.

    An indicator that states `treat:` is treated by that in place of this step.

    Source: OECD/JRC COIN Tool; COINr 1.1.14, `Treat` with `winsorise`, `log_CT` and
    `check_SkewKurt`; the limits of 2 and 3.5 are theirs.
    """

    outliers: Literal["winsorise", "transform"]
    skewness: Limit = Field(2.0, description="limit of the absolute skewness")
    kurtosis: Limit = Field(3.5, description="limit of the excess kurtosis")
    most: Annotated[int, Field(ge=1)] = Field(5, description="most values to winsorise")
    otherwise: Form | Literal["none"] = "log_shifted"
    exponent: Lambda | None = Field(None, alias="lambda", description="boxcox: the exponent")

    def mistakes(self, number: NumberOf) -> Iterator[StepMistake]:
        """Nothing to do, or Box-Cox without its lambda."""
        for where, en, zh in lambda_mistakes(self.otherwise, self.exponent):
            yield where or ("otherwise",), en, zh
        if self.outliers == "transform" and self.otherwise == "none":
            yield (
                ("otherwise",),
                "`outliers: transform` needs a form in `otherwise`",
                "outliers: transform 须在 otherwise 写明变换形式",
            )

    def apply(self, values: Values, places: Places, path: Path_) -> Outcome:
        """Raises InputError for values that have no form as `otherwise` names it."""
        x = values.x.copy()
        how: dict[int, Said] = {}
        how_cells: dict[tuple[int, int], Said] = {}
        remarks: list[Remark] = []
        for place in map(int, places[~values.indicators_out[places]]):
            before = values.counted[place]
            if len(known(before)) < LEAST:
                self._say_untested(values, place, len(known(before)), remarks)
                continue
            first = shape_of(before)
            if not self._fails(first):
                continue
            did: list[Said] = []
            after = before
            if self.outliers == "winsorise":
                after, ends = winsorised_by_rule(before, self.skewness, self.kurtosis, self.most)
                did.append(_winsorised(sum(ends.values()), shape_of(after)))
                for end in ends:
                    beyond = after < before if end == "highest" else after > before
                    level = float(after[beyond][0])
                    rank = int(
                        (before > level).sum() if end == "highest" else (before < level).sum()
                    )
                    said = moved(values, place, end, rank + 1, level)
                    how_cells |= {(place, int(i)): said for i in np.flatnonzero(beyond)}
            if self._fails(shape_of(after)) and self.otherwise != "none":
                for region in np.flatnonzero(before != after):
                    how_cells.pop((place, int(region)), None)
                after, how[place] = in_form(values, place, self.otherwise, self.exponent, path)
                did.append(
                    _in_form(how[place], shape_of(np.where(np.isnan(before), np.nan, after)))
                )
            x[place] = np.where(np.isnan(before), x[place], after)
            last = shape_of(np.where(np.isnan(before), np.nan, x[place]))
            remarks.append(Remark(place, None, self._story(first, did, last)))
            if self._fails(last):
                values.note("outliers-remain", place, *self._remaining(last))
        return Outcome(x, how, how_cells, remarks=tuple(remarks))

    def _fails(self, shape: Shape) -> bool:
        return shape.has_outliers(self.skewness, self.kurtosis)

    def _story(self, first: Shape, did: list[Said], last: Shape) -> Said:
        """What was found and done, for the record of the indicator."""
        limits = f"{short(self.skewness)}, {short(self.kurtosis)}"
        en = [f"{_moments(first)} (limits {limits})", *(said[0] for said in did)]
        zh = [f"{_moments_zh(first)}（界限 {limits}）", *(said[1] for said in did)]
        if self._fails(last):
            en.append("still beyond the limits")
            zh.append("仍超出界限")
        return "; ".join(en), "；".join(zh)

    def _remaining(self, shape: Shape) -> Said:
        return (
            f"outliers remain after treatment: {_moments(shape)}, limits "
            f"{short(self.skewness)} and {short(self.kurtosis)}",
            f"处理后仍有离群值：{_moments_zh(shape)}，界限 {short(self.skewness)} 与 {short(self.kurtosis)}",
        )

    def _say_untested(self, values: Values, place: int, count: int, remarks: list[Remark]) -> None:
        said = (
            f"not tested for outliers: {count} values, at least {LEAST} are needed",
            f"未作离群检验：只有 {count} 个值，至少需要 {LEAST} 个",
        )
        remarks.append(Remark(place, None, said))
        values.note("outliers-untested", place, *said)


def _moments(shape: Shape) -> str:
    return f"skewness {shape.skewness:.3f}, kurtosis {shape.kurtosis:.3f}"


def _moments_zh(shape: Shape) -> str:
    return f"偏度 {shape.skewness:.3f}，峰度 {shape.kurtosis:.3f}"


def _winsorised(count: int, shape: Shape) -> Said:
    plural = "s" if count > 1 else ""
    return (
        f"{count} value{plural} winsorised: {_moments(shape)}",
        f"缩尾 {count} 个值：{_moments_zh(shape)}",
    )


def _in_form(said: Said, shape: Shape) -> Said:
    return f"{said[0]}: {_moments(shape)}", f"{said[1]}：{_moments_zh(shape)}"
