"""Deductions for each step beyond a limit."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

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
    above_zero,
    full_sentence,
    plain,
    scoring_rule,
    with_unit,
)
from reliefperf.model.expressions import Expr
from reliefperf.model.refusing import refusal
from reliefperf.model.spec_data import expression


@scoring_rule("deduct")
class Deduct(ScoringRule):
    """Full marks less `deduct` points for each `per` units above or below a limit, not below `floor`.

    Both limits together make a band. `counting` says what part of a step counts: each whole step,
    each step started, or in proportion.

    Source: township tables after 民发〔2014〕21号 (1 point a case); county tables of 2017 (1 point
    for each 0.1 percentage point short of 100 %).
    """

    is_arithmetic: ClassVar[bool] = True

    deduct: Expr = expression()
    per: Expr = expression(lambda: Expr("1"))
    above: Expr | None = expression(None)
    below: Expr | None = expression(None)
    counting: Literal["proportional", "whole", "started"] = "proportional"
    floor: Expr = expression(lambda: Expr("0"))
    start: Expr | None = expression(None, description="points before deductions, if not full marks")
    title: str | None = Field(None, description="what a unit is called in the reason")

    @model_validator(mode="after")
    def _a_limit(self) -> Deduct:
        if self.above is None and self.below is None:
            raise refusal(
                "`deduct` needs `above` or `below`: the limit beyond which points are lost",
                "deduct 须写 above 或 below：超过或低于哪个界限扣分",
            )
        return self

    def _excess(self, x: Array, given: Given) -> Array:
        beyond = [x - given["above"]] if given["above"] is not None else []
        beyond += [given["below"] - x] if given["below"] is not None else []
        return np.asarray(reduce(np.maximum, beyond, 0.0))

    def mistakes(self, full: float | None, number: Literal_) -> Iterator[RuleMistake]:
        """`deduct` and `per` are above zero."""
        yield from above_zero("deduct", self.deduct, number)
        yield from above_zero("per", self.per, number)

    def points(self, x: Column, full: float, given: Given, env: Environment) -> Array:
        """Full marks less the deductions."""
        x = np.asarray(x, dtype=float)
        per = np.where(given["per"] > 0, given["per"], np.nan)
        steps = self._steps(self._excess(x, given) / per)
        start = full if given["start"] is None else given["start"]
        return np.asarray(np.maximum(start - given["deduct"] * steps, given["floor"]))

    def _steps(self, steps: Array) -> Array:
        if self.counting == "proportional":
            return steps
        # subtracting decimals leaves noise: 100 - 99.9 must be one step of 0.1, not 0.99999999
        whole = np.rint(steps)
        rounded = np.floor(steps) if self.counting == "whole" else np.ceil(steps)
        return np.asarray(np.where(np.abs(steps - whole) < 1e-9, whole, rounded))

    def reason(self, row: ReasonRow, lang: Lang) -> str:
        """Quote the value, the limit, the distance and the price of a step."""
        if row.has_full_marks:
            return full_sentence(row, lang)
        value = row.value if isinstance(row.value, float) else float("nan")
        given = row.given
        over = given["above"] is not None and value > given["above"]
        limit = given["above"] if over else given["below"]
        gap = plain(abs(value - limit)) if limit is not None else "—"
        each, per = plain(given["deduct"]), plain(given["per"])
        shown = with_unit(limit, row.unit)
        if lang == "zh":
            word = "高于" if over else "低于"
            return f"{row.shown}，{word}{shown}，差 {gap}，每 {per} 扣 {each} 分，扣 {row.lost} 分"
        word = "above" if over else "below"
        return f"{row.shown} is {gap} {word} {shown}; {each} points for each {per}: {row.lost} lost"
