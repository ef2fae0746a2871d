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
    gap_with_unit,
    in_points,
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
    title: str | None = Field(None, description="what a unit is called in Chinese reasons")

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
        if limit is None or (value >= limit and not over):  # `start` is below full marks
            got = plain(row.points)
            return (
                f"{row.shown}，起评分 {got} 分" if lang == "zh" else f"{row.shown}: {got} to start"
            )
        gap = abs(value - limit)
        shown, unit = with_unit(limit, row.unit), self.title or row.unit
        each, step = plain(given["deduct"]), gap_with_unit(given["per"], unit, lang)
        step += " " if lang == "zh" and step[-1].isascii() else ""
        counted = float(self._steps(np.asarray(gap / given["per"])))
        ends = self._from_start(row, given["deduct"] * counted, lang)
        if lang == "zh":
            part = {"started": f"（不足 {step}的按 {step}计）"}.get(self.counting, "")
            price = f"每{'满' if self.counting == 'whole' else ''} {step}扣 {each} 分{part}，{ends}"
            if over and limit == 0:  # cases, each of which costs: what they lie above goes unsaid
                return f"{row.shown}，{price}"
            word, far = ("高于", "超出") if over else ("低于", "差")
            return f"{row.shown}，{word}{shown}，{far} {gap_with_unit(gap, unit, lang)}，{price}"
        word = "above" if over else "below"
        kind = {"whole": "full ", "started": "begun "}.get(self.counting, "")
        price = f"{in_points(each)} for each {kind}{step}: {ends}"
        return f"{row.shown} is {plain(gap)} {word} {shown}; {price}"

    def _from_start(self, row: ReasonRow, deducted: float, lang: Lang) -> str:
        """What is lost; also from what, and where the floor ends it."""
        start = row.full_marks if row.given["start"] is None else row.given["start"]
        floor, zh = row.given["floor"], lang == "zh"
        ended = start - deducted < floor - 1e-9
        words = ""
        if ended and floor == 0:
            words = "（扣完为止）" if zh else " (no more to lose)"
        elif ended:
            words = f"（最低得 {plain(floor)} 分）" if zh else f" (never below {plain(floor)})"
        if row.given["start"] is None:
            return (f"扣 {row.lost} 分" if zh else f"{row.lost} lost") + words
        lost, got = plain(start - row.points), plain(row.points)
        if zh:
            return f"由起评分 {plain(start)} 分扣 {lost} 分{words}，得 {got} 分"
        return f"{lost} lost{words} from {plain(start)}: {got}"
