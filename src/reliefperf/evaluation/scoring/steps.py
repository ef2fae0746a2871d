"""Points by interval, the ends stated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Strict, model_validator

from reliefperf.errors import Lang
from reliefperf.evaluation.scoring.base import (
    Array,
    Column,
    Environment,
    Given,
    Literal_,
    ReasonRow,
    RuleMistake,
    ScoringRule,
    full_sentence,
    in_points,
    keep_missing,
    plain,
    scoring_rule,
    surely_of,
    with_unit,
    within_full,
)
from reliefperf.model import numbers
from reliefperf.model.expressions import Expr
from reliefperf.model.refusing import refusal
from reliefperf.model.spec_data import Spec, expression
from reliefperf.model.spec_evaluation import Surely

StepList = list[Annotated[tuple[Expr, Expr], Strict(False)]]
_TESTS = {
    "at_least": numbers.at_least,
    "above": numbers.above,
    "at_most": numbers.at_most,
    "below": numbers.below,
}
_READINGS = tuple(_TESTS)


class Steps(Spec):
    """Pairs of limit and points; the key says which end of each interval belongs to it."""

    at_least: StepList | None = expression(None)
    above: StepList | None = expression(None)
    at_most: StepList | None = expression(None)
    below: StepList | None = expression(None)

    @model_validator(mode="after")
    def _one_reading(self) -> Steps:
        if sum(bool(getattr(self, name)) for name in _READINGS) != 1:
            raise refusal(
                "exactly one of at_least, above, at_most, below lists the steps",
                "at_least、above、at_most、below 须且只能写一个",
            )
        return self


@scoring_rule("steps")
class StepPoints(ScoringRule):
    """Points by interval. `at_least: [[90, 10], [80, 8]]`: 90 and more 10, 80 up to 90 8.

    `at_least` and `above` take the highest limit reached (passed), `at_most` and `below` the lowest
    limit not exceeded (not reached); `otherwise` is for values that reach none.

    Source: 42 USC 658a(b)(6); graded rows of Chinese tables.
    """

    is_arithmetic: ClassVar[bool] = True

    steps: Steps
    otherwise: Expr = expression(lambda: Expr("0"))
    unit: Literal["points", "percent"] = "points"

    def surely(self, number: Literal_) -> Surely | None:
        """What every step gives, if none is above zero."""
        pairs = [pair for reading in _READINGS for pair in getattr(self.steps, reading) or ()]
        return surely_of([*(number(points) for _, points in pairs), number(self.otherwise)])

    def mistakes(self, full: float | None, number: Literal_) -> Iterator[RuleMistake]:
        """No step gives more than full marks, no limit stands twice."""
        most = 100.0 if self.unit == "percent" else full
        for reading in _READINGS:
            seen: set[float] = set()
            for place, (limit, points) in enumerate(getattr(self.steps, reading) or ()):
                here = ("steps", reading, place)
                yield from within_full(("a step", "某一档"), number(points), most, *here)
                value = number(limit)
                if value is not None and value in seen:
                    shown = plain(value)
                    yield here, f"the limit {shown} stands twice", f"界限 {shown} 重复出现"
                seen |= set() if value is None else {value}
        what = ("`otherwise`", "otherwise ")
        yield from within_full(what, number(self.otherwise), most, "otherwise")

    def points(self, x: Column, full: float, given: Given, env: Environment) -> Array:
        """The points of each value's interval."""
        x = np.asarray(x, dtype=float)
        reading, pairs = self._pairs(given)
        reaches = _TESTS[reading]
        table = np.array(np.broadcast_arrays(*(cell for pair in pairs for cell in pair)))
        limits, values = table[::2], table[1::2]
        # the step that counts is tried last: the highest limit reached, the lowest not exceeded
        order = np.argsort(limits if reading in ("at_least", "above") else -limits, axis=0)
        limits = np.take_along_axis(limits, order, axis=0)
        values = np.take_along_axis(values, order, axis=0)
        points: Array = np.asarray(given["otherwise"], dtype=float)
        for limit, value in zip(limits, values, strict=True):
            points = np.where(reaches(x, limit), value, points)
        points = keep_missing(points, np.broadcast_to(limits.sum(axis=0), points.shape))
        if self.unit == "percent":
            points = points * full / 100
        return keep_missing(points, x)

    def _pairs(self, given: Given) -> tuple[str, list[Any]]:
        for reading in _READINGS:
            pairs = given["steps"][reading]
            if pairs:
                return reading, pairs
        raise AssertionError("steps without a reading")

    def reason(self, row: ReasonRow, lang: Lang) -> str:
        """Quote the step that was reached, and the next one."""
        if row.has_full_marks:
            return full_sentence(row, lang)
        reading, pairs = self._pairs(row.given)
        value = row.value if isinstance(row.value, float) else float("nan")
        limits = sorted(limit for limit, _ in pairs)
        if reading in ("at_least", "above"):
            missed = [
                limit
                for limit in limits
                if value < limit or (reading == "above" and value == limit)
            ]
            following = missed[0] if missed else None
        else:
            missed = [
                limit
                for limit in limits
                if value > limit or (reading == "below" and value == limit)
            ]
            following = missed[-1] if missed else None
        got = plain(row.points)
        if lang == "zh":
            more = f"，下一档为 {with_unit(following, row.unit)}" if following is not None else ""
            return f"{row.shown}，得 {got} 分，扣 {row.lost} 分{more}"
        more = (
            f"; the next step is {with_unit(following, row.unit)}" if following is not None else ""
        )
        return f"{row.shown} earns {got}, {in_points(row.lost)} lost{more}"
