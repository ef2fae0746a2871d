"""All or nothing against a target."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from reliefperf.errors import Lang
from reliefperf.evaluation.scoring.base import (
    Array,
    Column,
    Environment,
    Given,
    ReasonRow,
    ScoringRule,
    full_sentence,
    gap_with_unit,
    in_points,
    keep_missing,
    scoring_rule,
    with_unit,
)
from reliefperf.model import numbers
from reliefperf.model.expressions import Expr
from reliefperf.model.refusing import refusal
from reliefperf.model.spec_data import Spec, expression

Bools = NDArray[np.bool_]

_WORDS = {
    "at_least": ("is below the target of at least", "低于目标"),
    "above": ("is not above the limit of", "未超过"),
    "at_most": ("is above the target of at most", "高于上限"),
    "below": ("is not below the limit of", "未低于"),
}


class Limits(Spec):
    """Which values meet the target; two limits make a band."""

    at_least: Expr | None = expression(None)
    above: Expr | None = expression(None)
    at_most: Expr | None = expression(None)
    below: Expr | None = expression(None)

    @model_validator(mode="after")
    def _any(self) -> Limits:
        if all(getattr(self, name) is None for name in _WORDS):
            raise refusal(
                "a target needs at_least, above, at_most or below",
                "target 须写 at_least、above、at_most、below 中至少一个",
            )
        return self


def meets(x: Array, limits: Given) -> dict[str, Array]:
    """For each limit stated, where it is kept (1, 0 or NaN)."""
    tests: dict[str, Callable[[Array], Bools]] = {
        "at_least": lambda limit: numbers.at_least(x, limit),
        "above": lambda limit: numbers.above(x, limit),
        "at_most": lambda limit: numbers.at_most(x, limit),
        "below": lambda limit: numbers.below(x, limit),
    }
    kept: dict[str, Array] = {}
    for name, test in tests.items():
        limit = limits[name]
        if limit is not None:
            kept[name] = keep_missing(keep_missing(test(limit).astype(float), x), limit)
    return kept


@scoring_rule("target")
class Target(ScoringRule):
    """Full marks where every limit is kept, else nothing.

    Source: target tables of budget performance self-evaluation (actual >= target, actual <= ceiling),
    and "all or nothing" rows (100 % full; one person short: 0).
    """

    is_arithmetic: ClassVar[bool] = True

    target: Limits

    def points(self, x: Column, full: float, given: Given, env: Environment) -> Array:
        """Full marks or zero."""
        x = np.asarray(x, dtype=float)
        kept = np.minimum.reduce(list(meets(x, given["target"]).values()))
        return np.asarray(full * kept)

    def reason(self, row: ReasonRow, lang: Lang) -> str:
        """Name the first limit that is not kept."""
        if row.has_full_marks:
            return full_sentence(row, lang)
        limits = row.given["target"]
        value = row.value if isinstance(row.value, float) else float("nan")
        for name, (en, zh) in _WORDS.items():
            limit = limits[name]
            if limit is None:
                continue
            one = dict.fromkeys(_WORDS) | {name: np.asarray(limit)}
            if meets(np.asarray(value), one)[name] != 1:
                gap = gap_with_unit(abs(value - limit), row.unit, lang)
                shown = with_unit(limit, row.unit)
                if lang == "zh":
                    far = "超出" if name in ("at_most", "below") else "差"
                    return f"{row.shown}，{zh}{shown}，{far} {gap}，未达标不得分，扣 {row.lost} 分"
                return f"{row.shown} {en} {shown} by {gap}: no points, {row.lost} lost"
        return f"扣 {row.lost} 分" if lang == "zh" else f"{in_points(row.lost)} lost"
