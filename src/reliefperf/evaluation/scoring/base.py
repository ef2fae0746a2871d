"""What a scoring rule is: fields that are its schema, arithmetic on arrays, and a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import BaseModel

from reliefperf.errors import Lang
from reliefperf.model.environment import Array, Column, Environment
from reliefperf.model.expressions import Expr
from reliefperf.model.model import Model
from reliefperf.model.registry import RuleSpec
from reliefperf.model.spec_evaluation import SCORING, Surely

Given = Mapping[str, Any]
"""A rule's fields with every expression computed: columns of shape (n_regions,) or ()."""

Literal_ = Callable[[Expr | None], float | None]
"""The value of an expression that is a number as written, else None."""
RuleMistake = tuple[tuple[Any, ...], str, str]
"""Where in the rule, and what is wrong in English and Chinese."""

scoring_rule = SCORING.add

Clip = Literal["both", "above", "below", "none"]
"""On which side values beyond the ends are held."""


@dataclass(frozen=True)
class ReasonRow:
    """One region's indicator, as a reason needs it; `given` holds the rule's fields for it."""

    value: float | str | None
    points: float
    full_marks: float
    unit: str
    given: Given

    @property
    def shown(self) -> str:
        """The value with its unit."""
        return with_unit(self.value, self.unit)

    @property
    def lost(self) -> str:
        """The points lost."""
        return plain(self.full_marks - self.points)

    @property
    def has_full_marks(self) -> bool:
        """Whether the points are the full marks."""
        return abs(self.full_marks - self.points) <= 1e-9 * max(1.0, abs(self.full_marks))

    @property
    def is_above(self) -> bool:
        """Whether there are more points than full marks."""
        return self.points > self.full_marks and not self.has_full_marks


class RuleError(Exception):
    """What a rule cannot score, said in both languages without the name of the indicator."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.en = en
        self.zh = zh


class ScoringRule(RuleSpec):
    """The base of scoring rules."""

    value_kind: ClassVar[Literal["number", "bool", "any"]] = "number"
    is_arithmetic: ClassVar[bool] = False
    """Whether `points` also takes many indicators as rows: x (n_indicators, n_regions), the fields
    and `full` (n_indicators, 1)."""

    compares: ClassVar[bool] = False
    """Whether points depend on the values of other regions, so that `given` holds `against`."""

    @property
    def takes_rows(self) -> bool:
        """Whether the rule as written is one of plain arithmetic on rows."""
        return self.is_arithmetic

    @property
    def may_exceed(self) -> bool:
        """Whether the rule as written may give more than full marks."""
        return False

    def surely(self, number: Literal_) -> Surely | None:
        """What the rule is certain to give to some region wherever values differ.

        Some ways of combining cannot take it, so that a model is refused when it is loaded. None
        where it depends on the data: that is judged when they are there.
        """
        return None

    def mistakes(self, full: float | None, number: Literal_) -> Iterator[RuleMistake]:
        """What the numbers written in the rule cannot be; `full` is None where it is not known."""
        yield from ()

    def against(
        self, x: Column, given: Given, env: Environment, reference: Any, label: str
    ) -> Given:
        """`given` with the measures of the other regions, for a rule that compares."""
        return given

    def against_rows(self, x: Array, given: Given) -> Given:
        """`given` with these measures for many indicators, x of shape (n_indicators, n_regions)."""
        return given

    def points(self, x: Column, full: float, given: Given, env: Environment) -> Array:
        """Points of every region, shape (n_regions,); NaN where `x` is missing."""
        raise NotImplementedError

    def reason(self, row: ReasonRow, lang: Lang) -> str:
        """One sentence that quotes the numbers and the rule."""
        raise NotImplementedError


def compute_fields(rule: BaseModel, model: Model, env: Environment) -> dict[str, Any]:
    """The fields of a rule (or another spec) with every expression computed."""
    return {name: _compute(getattr(rule, name), model, env) for name in type(rule).model_fields}


def _compute(part: Any, model: Model, env: Environment) -> Any:
    if isinstance(part, Expr):
        return model.compiled(part)(env)
    if isinstance(part, BaseModel):
        return compute_fields(part, model, env)
    if isinstance(part, list | tuple):
        return [_compute(item, model, env) for item in part]
    if isinstance(part, dict):
        return {key: _compute(item, model, env) for key, item in part.items()}
    return part


def given_at(given: Any, place: int) -> Any:
    """The computed fields as they are for one region: plain numbers and texts."""
    if isinstance(given, np.ndarray):
        item = given[place] if given.ndim else given[()]
        return item if isinstance(item, str) or item is None else float(item)
    if isinstance(given, dict):
        return {key: given_at(item, place) for key, item in given.items()}
    if isinstance(given, list):
        return [given_at(item, place) for item in given]
    return given


def plain(number: float | None, decimals: int = 6) -> str:
    """A number as people write it: no binary noise, no trailing zeros."""
    if number is None or number != number:
        return "—"
    text = f"{number:.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def in_points(number: str) -> str:
    """A number of points as an English sentence has it: `1 point`, `2 points`."""
    return f"{number} point" if number in ("1", "-1") else f"{number} points"


def with_unit(value: float | str | None, unit: str) -> str:
    """A value with its unit, as `26.0%` or `12 件`."""
    if value is None:
        return "—"
    if isinstance(value, str):
        return value
    joint = "" if unit in ("", "%") or not unit.isascii() else " "
    return plain(value) + joint + unit


def gap_with_unit(value: float | None, unit: str, lang: Lang) -> str:
    """A distance with its unit; in Chinese that of percentages is 个百分点."""
    if lang == "zh":
        return f"{plain(value)} 个百分点" if unit == "%" else with_unit(value, unit)
    return plain(value)


def keep_missing(points: Array, x: Column) -> Array:
    """The points, missing where the value is."""
    missing = np.isnan(np.asarray(x, dtype=float))
    return np.asarray(np.where(missing, np.nan, points)) if missing.any() else np.asarray(points)


def above_zero(
    name: str, expr: Expr | None, number: Literal_, *path: str | int
) -> Iterator[RuleMistake]:
    """A number of the rule that must be above zero."""
    value = number(expr)
    if value is not None and not value > 0:
        yield (
            path or (name,),
            f"`{name}` must be above zero, this is {plain(value)}",
            f"{name} 须大于零，这里是 {plain(value)}",
        )


def within_full(
    what: tuple[str, str], points: float | None, full: float | None, *path: Any
) -> Iterator[RuleMistake]:
    """Points that a rule names must not exceed the full marks."""
    if points is not None and full is not None and points > full * (1 + 1e-9):
        yield (
            path,
            f"{what[0]} gives {plain(points)} points, but full marks are {plain(full)}",
            f"{what[1]}为 {plain(points)} 分，但满分为 {plain(full)} 分",
        )


def surely_of(points: Sequence[float | None]) -> Surely | None:
    """What a rule is certain to give that gives one of these points; None where one is unknown."""
    known = [point for point in points if point is not None]
    if not known or len(known) < len(points):
        return None
    if max(known) < 0:
        return "negative"
    return None if any(known) else "zero"


def posts_differ(posts: tuple[Expr, Expr], number: Literal_) -> Iterator[RuleMistake]:
    """Two goalposts must not be the same value."""
    low, high = map(number, posts)
    if low is not None and low == high:
        yield (
            ("goalposts",),
            f"the goalposts are equal ({plain(low)}): there is no way between them",
            f"两个目标值相同（{plain(low)}），无法在其间计分",
        )


def full_sentence(row: ReasonRow, lang: Lang) -> str:
    """What is said where nothing was lost, or more than full marks were given."""
    if row.is_above:
        got, full = plain(row.points), plain(row.full_marks)
        if lang == "zh":
            return f"{row.shown}，得 {got} 分，高于满分 {full} 分"
        return f"{row.shown}: {in_points(got)}, above the full marks of {full}"
    return f"{row.shown}，满分" if lang == "zh" else f"{row.shown}: full marks"


__all__ = [
    "Array",
    "Column",
    "Environment",
    "Given",
    "Literal_",
    "ReasonRow",
    "RuleError",
    "RuleMistake",
    "ScoringRule",
    "above_zero",
    "compute_fields",
    "full_sentence",
    "gap_with_unit",
    "given_at",
    "keep_missing",
    "plain",
    "posts_differ",
    "scoring_rule",
    "surely_of",
    "with_unit",
    "within_full",
]
