"""Where a region is strong and where it is weak, against the regions of its group.

Points are compared as parts of full marks and told in the region's own full marks, since these may
differ where an indicator was skipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from pathlib import Path
from statistics import median
from typing import Literal, get_args

from reliefperf.data.regions import Regions
from reliefperf.errors import InputError, Lang, Mistake
from reliefperf.evaluation.scoring.base import plain
from reliefperf.model.spec_data import RegionsSpec
from reliefperf.scenarios.own_files import INPUTS
from reliefperf.scenarios.run_folder import RunFolder

Against = Literal["top", "parent", "grade", "all"]
AGAINST: tuple[Against, ...] = get_args(Against)
FEWEST = 3
"""A group of fewer regions says nothing."""
TOLERANCE = 1e-9
"""Parts of full marks nearer than this are level: points in files have six decimals."""


@dataclass(frozen=True)
class Group:
    """The regions that one is compared with, itself among them, and what they are called."""

    en: str
    zh: str
    codes: frozenset[str]


@dataclass(frozen=True)
class Standing:
    """One indicator of a region against its group.

    `mean` and `median` are the group's, the region itself included, in the region's own full marks.
    Of the `others` in the group `below` have less and `above` have more.
    """

    indicator: str
    points: float
    full_marks: float
    mean: float
    median: float
    below: int
    above: int
    others: int

    @property
    def difference(self) -> float:
        """Points above the group's mean."""
        return self.points - self.mean

    @property
    def quantile(self) -> float:
        """The share of the others that have less, those level with it counted half."""
        return (self.below + (self.others - self.below - self.above) / 2) / self.others

    def sentence(self, lang: Lang) -> str:
        """The standing in words, with its numbers."""
        got, full, mean = (
            plain(round(self.points, 2)),
            plain(round(self.full_marks, 2)),
            plain(round(self.mean, 2)),
        )
        better = self.difference > 0
        counted = self.below if better else self.above
        if lang == "zh":
            word = "高于" if better else "低于"
            than = (
                "全部其他地区"
                if counted == self.others
                else f" {_percent(counted, self.others)} 的其他地区"
            )
            return f"得 {got}/{full} 分，{word}平均 {mean} 分，{word}{than}"
        word = "above" if better else "below"
        than = (
            "all the others"
            if counted == self.others
            else f"{_percent(counted, self.others)} of the others"
        )
        return f"{got} of {full} points, {word} the mean of {mean} and {word} {than}"


def standings(
    rows: Iterable[Mapping[str, str]], region: str, group: Iterable[str]
) -> tuple[Standing, ...]:
    """Each indicator of a region against a group, in the order of the rows of one period.

    `rows` are those of points.csv. Adjustments and indicators without points are left out, and so
    are those that fewer than two others of the group have points for.
    """
    members = {*group, region}
    parts: dict[str, dict[str, float]] = {}
    own: dict[str, tuple[float, float]] = {}
    for row in rows:
        if row["region"] not in members or not row["points"] or not row.get("full_marks"):
            continue
        points, full = float(row["points"]), float(row["full_marks"])
        if full > 0:
            parts.setdefault(row["indicator"], {})[row["region"]] = points / full
            if row["region"] == region:
                own[row["indicator"]] = points, full
    found = []
    for indicator, (points, full) in own.items():
        known = parts[indicator]
        others = [part for code, part in known.items() if code != region]
        if len(known) < FEWEST:
            continue
        found.append(
            Standing(
                indicator,
                points,
                full,
                full * fsum(known.values()) / len(known),
                full * median(known.values()),
                sum(part < points / full - TOLERANCE for part in others),
                sum(part > points / full + TOLERANCE for part in others),
                len(others),
            )
        )
    return tuple(found)


def strengths(found: Sequence[Standing], most: int = 3) -> list[Standing]:
    """Where a region is above the mean and above at least half of the others, the most first."""
    good = [s for s in found if s.difference > TOLERANCE and 2 * s.below >= s.others]
    return sorted(good, key=lambda s: (-round(s.difference, 9), -s.quantile))[:most]


def weaknesses(found: Sequence[Standing], most: int = 3) -> list[Standing]:
    """Where a region is below the mean and below at least half of the others, the most first."""
    bad = [s for s in found if s.difference < -TOLERANCE and 2 * s.above >= s.others]
    return sorted(bad, key=lambda s: (round(s.difference, 9), s.quantile))[:most]


def group_of(
    run: RunFolder, region: str, period: str = "", against: Against | None = None
) -> Group | None:
    """The group of a region: those below the same division, those of the same grade, or all.

    `top` is the highest division above the region, `parent` the nearest. By default it is the
    highest that has at least three regions of the run, else all; None where even these are fewer.
    Raises InputError where a group was asked for and is not known or too small.
    """
    rows = [row for row in run.scores if row.get("period", "") == period]
    codes = [row["region"] for row in rows]
    everyone = Group("all regions", "全部地区", frozenset(codes))
    if against == "all" or (against is None and len(codes) < FEWEST):
        found: Group | None = everyone
    elif against == "grade":
        found = _same_grade(rows, region)
    else:
        found = _below_division(run, region, codes, "parent" if against == "parent" else "top")
        if against is None and (found is None or len(found.codes) < FEWEST):
            found = everyone
    if found is not None and len(found.codes) >= FEWEST:
        return found
    if against is None:
        return None
    raise _no_group(run, region, against, found)


def _same_grade(rows: Sequence[Mapping[str, str]], region: str) -> Group | None:
    grade = next((row.get("grade", "") for row in rows if row["region"] == region), "")
    if not grade:
        return None
    codes = frozenset(row["region"] for row in rows if row.get("grade") == grade)
    return Group(f"the regions with the grade {grade}", f"{grade}等次的地区", codes)


def _below_division(
    run: RunFolder, region: str, codes: Sequence[str], which: Literal["top", "parent"]
) -> Group | None:
    """The run's regions below the division above a region; None where the model knows of none."""
    regions = _regions(run)
    if regions is None or region not in regions:
        return None
    place = -1 if which == "top" else 0
    above = regions.ancestors(region)
    if not above:
        return None
    division = above[place]
    same = frozenset(
        code
        for code in codes
        if code in regions and division in regions.ancestors(code)[place:][:1]
    )
    name = regions.name(division)
    return Group(f"the regions of {name}", f"{name}各地区", same)


def _regions(run: RunFolder) -> Regions | None:
    """The table of regions that the run's model names."""
    definition = run.record.get("definition")
    stated = definition.get("regions") if isinstance(definition, dict) else None
    if not isinstance(stated, dict):
        return None
    return Regions.from_spec(RegionsSpec.model_validate(stated), Path(run.folder) / INPUTS)


def _no_group(run: RunFolder, region: str, against: Against, found: Group | None) -> InputError:
    why, why_zh = {
        "top": ("the run knows of no division above it", "运行结果中没有其上级区划"),
        "parent": ("the run knows of no division above it", "运行结果中没有其上级区划"),
        "grade": ("it has no grade", "该地区没有等次"),
        "all": ("the run has too few regions", "运行结果中的地区过少"),
    }[against]
    if found is not None:
        why = f"only {len(found.codes)} region(s) in the group, at least {FEWEST} are needed"
        why_zh = f"组内只有 {len(found.codes)} 个地区，至少需要 {FEWEST} 个"
    return InputError(
        Mistake.at(
            f"'{region}' cannot be compared with the group `{against}`: {why}",
            f"无法将“{region}”与 {against} 组比较：{why_zh}",
            file=str(run.folder),
        )
    )


def _percent(count: int, of: int) -> str:
    """A share in whole per cent, 0 or 100 only where it is exactly that."""
    share = round(100 * count / of)
    return f"{share if count in (0, of) else max(1, min(99, share))}%"
