"""Graded states: points by the word or number reported."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np

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
    scoring_rule,
    surely_of,
    within_full,
)
from reliefperf.model.expressions import Expr
from reliefperf.model.spec_data import expression
from reliefperf.model.spec_evaluation import Surely


@scoring_rule("states")
class States(ScoringRule):
    """Points by state; a state that is not listed gets `otherwise`, or counts as missing.

    Source: graded rows of Chinese tables (mechanism with document 2; without document 1; neither 0).
    """

    value_kind: ClassVar[Literal["number", "bool", "any"]] = "any"

    states: dict[str | int | float, Expr] = expression()
    otherwise: Expr | None = expression(None)

    def surely(self, number: Literal_) -> Surely | None:
        """What every state gives, if none is above zero."""
        rest = [] if self.otherwise is None else [self.otherwise]
        return surely_of([number(points) for points in (*self.states.values(), *rest)])

    def mistakes(self, full: float | None, number: Literal_) -> Iterator[RuleMistake]:
        """No state gives more than full marks."""
        for state, expr in self.states.items():
            what = (f"the state '{state}'", f"状态“{state}”")
            yield from within_full(what, number(expr), full, "states", state)
        what = ("`otherwise`", "otherwise ")
        yield from within_full(what, number(self.otherwise), full, "otherwise")

    def points(self, x: Column, full: float, given: Given, env: Environment) -> Array:
        """The points of each region's state."""
        listed = {_key(state): points for state, points in given["states"].items()}
        rest = given["otherwise"]
        points = np.full(env.n_regions, np.nan)
        unknown = np.zeros(env.n_regions, dtype=bool)
        for place, state in enumerate(env.full(x).tolist()):
            if state is None or state != state:
                continue
            found = listed.get(_key(state), rest)
            if found is None:
                unknown[place] = True
            else:
                points[place] = found[place] if np.ndim(found) else float(found)
        env.report(
            "unknown-state",
            ", ".join(map(str, self.states)),
            "a state that the rule does not list counts as missing",
            "状态不在规则所列范围内，按缺失处理",
            unknown,
        )
        return points

    def reason(self, row: ReasonRow, lang: Lang) -> str:
        """Quote the state."""
        if row.has_full_marks:
            return full_sentence(row, lang)
        if lang == "zh":
            return f"状态为“{row.shown}”，扣 {row.lost} 分"
        return f"the state is '{row.shown}': {in_points(row.lost)} lost"


def _key(state: object) -> str | float:
    return state if isinstance(state, str) else float(state)  # type: ignore[arg-type]
