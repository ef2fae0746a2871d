"""What the rules share that compare a region with the others, or with those of its group.

Such a rule works in two steps: `compare` measures the others (least and greatest value, mean, place
among them) as columns, and `part_points` is plain arithmetic on a region's value and these columns.
The others are the regions of the same period, unless the model's `panel` says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from reliefperf.errors import Lang
from reliefperf.evaluation.scoring.base import (
    Array,
    Clip,
    Column,
    Environment,
    Given,
    ReasonRow,
    RuleError,
    ScoringRule,
    full_sentence,
    keep_missing,
    plain,
)
from reliefperf.evaluation.scoring.others import (
    GroupOthers,
    Others,
    Reference,
    RowOthers,
    labels_of,
    make_reference,
)
from reliefperf.model import numbers
from reliefperf.model.expressions import Expr
from reliefperf.model.spec_data import expression

Better = Literal["higher", "lower"]
Constant = Literal["error", "zero", "half", "full", "missing"]
PARTS = {"zero": 0.0, "half": 0.5, "full": 1.0, "missing": np.nan, "error": np.nan}
"""What each region gets, as a part of full marks, where all values are equal."""
SHOWN = 5
"""How many regions a message names."""


class Wrong(NamedTuple):
    """Where a comparison makes no sense, and why."""

    where: NDArray[np.bool_]
    en: str
    zh: str


class Outside(NamedTuple):
    """Where values lie beyond those compared with, and whether they count as the nearest of them."""

    where: NDArray[np.bool_]
    held: bool


class Relative(ScoringRule):
    """The base of the rules that compare regions."""

    compares: ClassVar[bool] = True

    by: Expr | None = expression(None, kind="any", description="compare within these groups")
    constant: Constant = "error"

    @property
    def takes_rows(self) -> bool:
        """Where all regions are compared with each other."""
        return self.is_arithmetic and self.by is None

    @property
    def reference_region(self) -> str | None:
        """The code of the one region that all are compared with, if the rule names one."""
        return None

    def compare(self, x: Array, others: Any, given: Given) -> dict[str, Array]:
        """The measures of the others that points and reason need, as columns (or rows)."""
        raise NotImplementedError

    def wrong(self, x: Array, given: Given, against: Given) -> Iterator[Wrong]:
        """Where the measures do not let regions be compared; these have no points in rows."""
        yield from ()

    def outside(self, x: Array, others: Others) -> tuple[Outside, ...]:
        """Where values lie beyond those of other periods, and whether they are held there."""
        return ()

    def _note_outside(self, x: Array, others: Others, env: Environment, label: str) -> None:
        for where, held in self.outside(x, others):
            en, zh = (
                ("is held at their end", "按边界值计") if held else ("counts as it is", "照实计分")
            )
            env.report(
                "outside-reference",
                label,
                f"a value beyond those of the periods compared with {en}",
                f"指标值超出所比较期别的范围，{zh}",
                where,
            )

    def part_points(self, x: Array, full: float, given: Given, against: Given) -> Array:
        """The points where the others differ."""
        raise NotImplementedError

    def against_rows(self, x: Array, given: Given) -> Given:
        """`given` with the measures of many indicators, x of shape (n_indicators, n_regions)."""
        others = RowOthers(x)
        return {**given, "against": {**self.compare(x, others, given), "flat": _flat(others)}}

    def against(
        self, x: Column, given: Given, env: Environment, reference: Reference | None, label: str
    ) -> Given:
        """`given` with the measures of one indicator's others.

        `reference` holds the values to compare with where they are not those of this period;
        `label` names the indicator in notes. Raises RuleError where regions cannot be compared.
        """
        x = env.full(np.asarray(x, dtype=float))
        others = _others(x, given["by"], env, reference)
        if self.reference_region is not None:
            given = {**given, "region_value": self._of_region(x, env, reference)}
        measures = self.compare(x, others, given)
        flat = _flat(others) & ~np.isnan(x)
        if flat.any():
            self._constant(flat, x, others, given["by"], env, label)
        for problem in self.wrong(x, given, measures):
            if (problem.where & ~flat).any():
                raise _refused(problem, env)
        if reference is not None:
            self._note_outside(x, others, env, label)
        _note_groups(x, others, given["by"], env, reference, label)
        return {**given, "against": {**measures, "flat": flat}}

    def _constant(
        self,
        flat: NDArray[np.bool_],
        x: Array,
        others: GroupOthers,
        by: Column | None,
        env: Environment,
        label: str,
    ) -> None:
        """The policy for values that are all equal: an error, or what the rule says, noted."""
        if self.constant == "error":
            first = int(np.flatnonzero(flat)[0])
            group, group_zh = "", ""
            if by is not None:
                name = labels_of(env.full(by))[first]
                group, group_zh = f" in the group '{name}'", f"（组“{name}”）"
            same = flat & (others.groups == others.groups[first])
            listed = _listed(same, env)
            value = plain(float(others.low[first]))
            raise RuleError(
                f"`{self.key}` compares regions, but there is only one value{group}: {value} in "
                f"{int(same.sum())} region(s) ({listed}); say what they get: `constant: zero`, "
                "`half`, `full` or `missing`",
                f"{self.key} 按地区间比较计分，但{group_zh}只有一个值：{value}，涉及 {int(same.sum())} 个地区"
                f"（{listed}）；请写明 constant: zero、half、full 或 missing",
            )
        got = {
            "zero": ("no points", "零分"),
            "half": ("half of the full marks", "一半分值"),
            "full": ("full marks", "满分"),
            "missing": ("no points at all: they are missing", "记为缺失"),
        }[self.constant]
        env.report(
            "no-spread",
            label,
            f"all values to compare are equal, so each region gets {got[0]}",
            f"可比较的值全部相等，各地区{got[1]}",
            flat,
        )

    def _of_region(self, x: Array, env: Environment, reference: Reference | None) -> Array:
        """The value of the region that the rule names; raises RuleError where there is none."""
        code = self.reference_region
        assert code is not None
        if reference is not None:
            value = reference.regions.get(code, np.nan)
        else:
            value = x[env.codes.index(code)] if code in env.codes else np.nan
        if value != value:
            raise RuleError(
                f"the reference region '{code}' has no value to compare with",
                f"参照地区“{code}”没有可比较的值",
            )
        return np.asarray(float(value))

    def points(self, x: Column, full: float, given: Given, env: Environment) -> Array:
        """The points of the comparison; where all values are equal what `constant` says."""
        x = np.asarray(x, dtype=float)
        if "against" not in given:  # an indicator that does not count is compared with nothing
            return np.full(x.shape, np.nan)
        against = given["against"]
        points = self.part_points(x, full, given, against)
        flat = against["flat"]
        if flat.any():
            # in rows they stay missing, so that the indicator is scored, and noted, by itself
            each = PARTS[self.constant] if x.ndim == 1 else np.nan
            points = np.where(flat, np.multiply(full, each), points)
        return keep_missing(points, x)

    def reason(self, row: ReasonRow, lang: Lang) -> str:
        """Quote the value and what it was compared with."""
        if row.given["against"]["flat"]:
            got = plain(row.points)
            if lang == "zh":
                return f"{row.shown}，可比较的值全部相等，得 {got} 分"
            return f"{row.shown}, as all values to compare: {got}"
        if row.has_full_marks:
            return full_sentence(row, lang)
        return self.comparison(row, row.given["against"], plain(row.points), lang)

    def comparison(self, row: ReasonRow, against: Given, got: str, lang: Lang) -> str:
        """The sentence where points were lost."""
        raise NotImplementedError


class Referring(Relative):
    """The base of those that may compare with the value of one region; `clip` says what is held."""

    region: str | None = None
    clip: Clip

    @property
    def may_exceed(self) -> bool:
        """Where values beyond full marks are not held."""
        return self.clip in ("none", "below")

    @property
    def takes_rows(self) -> bool:
        """Where no single region is the measure."""
        return super().takes_rows and self.region is None

    @property
    def reference_region(self) -> str | None:
        """The region whose value is the measure."""
        return self.region


def held_at_places(x: Array, others: Others) -> tuple[Outside, ...]:
    """For rules that count places: there is none before the first or after the last."""
    return (Outside((x < others.low) | (x > others.high), held=True),)


def _others(
    x: Array, by: Column | None, env: Environment, reference: Reference | None
) -> GroupOthers:
    if reference is not None:
        if reference.labels is None or by is None:
            return GroupOthers(reference, np.zeros(x.shape, dtype=np.int64))
        place = {label: number for number, label in enumerate(reference.labels)}
        found = [-1 if name is None else place.get(name, -1) for name in labels_of(env.full(by))]
        return GroupOthers(reference, np.array(found, dtype=np.int64))
    if by is None:
        groups = np.zeros(x.shape, dtype=np.int64)
        return GroupOthers(make_reference(x, groups, None, {}), groups)
    groups, count = env.groups(by)
    return GroupOthers(make_reference(x, groups, ("",) * count, {}), groups)


def _flat(others: Others) -> NDArray[np.bool_]:
    return numbers.equal(others.low, others.high)


def _note_groups(
    x: Array,
    others: GroupOthers,
    by: Column | None,
    env: Environment,
    reference: Reference | None,
    label: str,
) -> None:
    """Note regions that nothing can be compared with."""
    known = ~np.isnan(x)
    if by is not None:
        unknown = np.array([name is None for name in labels_of(env.full(by))])
        env.report(
            "no-group",
            label,
            "the group (by) is missing, so the points are",
            "分组（by）缺失，得分记为缺失",
            unknown & known,
        )
        known &= ~unknown
    if reference is not None:
        env.report(
            "no-reference",
            label,
            "the periods compared with have no value of the group, so the points are missing",
            "所比较的期别没有该组的值，得分记为缺失",
            known & np.isnan(others.low),
        )


def _refused(problem: Wrong, env: Environment) -> RuleError:
    count, listed = int(problem.where.sum()), _listed(problem.where, env)
    return RuleError(
        f"{problem.en}, in {count} region(s): {listed}",
        f"{problem.zh}，涉及 {count} 个地区：{listed}",
    )


def _listed(where: NDArray[np.bool_], env: Environment) -> str:
    codes = [env.codes[place] for place in np.flatnonzero(where)]
    return ", ".join(codes[:SHOWN]) + (", ..." if len(codes) > SHOWN else "")
