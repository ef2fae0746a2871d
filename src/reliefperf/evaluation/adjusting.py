"""What stands outside the tree: bonuses, deductions, limits, vetoes and caps on the grade."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from reliefperf.evaluation.accountability import as_adjustments
from reliefperf.evaluation.decisions import decide_score
from reliefperf.evaluation.effects import Adjusted
from reliefperf.model.environment import Array, Environment
from reliefperf.model.expressions import Expr
from reliefperf.model.model import Model
from reliefperf.model.numbers import round_column
from reliefperf.model.spec_evaluation import Adjustment, EvaluationSpec


def adjust(
    model: Model,
    env: Environment,
    spec: EvaluationSpec,
    score: Array,
    full: float = np.inf,
    decided: Sequence[Adjusted] = (),
) -> tuple[Array, list[Adjusted]]:
    """The final score and every effect, in order: bonus, deduction, set, limits, rounding.

    `decided` are the decisions on indicators, which `score` holds already; those on the score come
    before its limits and do not lift it above `full`.
    """
    items = [*spec.adjustments, *as_adjustments(spec)]
    effects: list[Adjusted] = list(decided)
    start = score
    bonuses = np.zeros(score.shape)
    for item in items:
        if item.bonus is not None:
            applies, points = _effect(model, env, item, item.bonus)
            bonuses = bonuses + points
            effects.append(Adjusted(item.id, item, points, applies))
    score = score + bonuses
    if spec.bonus_limit is not None:
        limit = _limit(model, env, "bonus_limit", spec.bonus_limit, np.inf)
        excess = np.minimum(limit - bonuses, 0.0)
        effects.append(Adjusted("bonus_limit", None, excess, excess < 0))
        score = score + excess
    for item in items:
        if item.deduct is not None:
            applies, points = _effect(model, env, item, item.deduct)
            effects.append(Adjusted(item.id, item, -points, applies))
            score = score - points
    for item in items:
        if item.set_score is not None:
            applies = holds(model, env, item)
            stated = model.compiled(item.set_score).full(env)
            env.report(
                "score-missing",
                item.id,
                "the score to be set is missing, so the score is missing",
                "拟定得分缺失，得分记为缺失",
                applies & np.isnan(stated),
            )
            change = np.where(applies, stated - score, 0.0)
            effects.append(Adjusted(item.id, item, change, applies))
            score = score + change
    score, rulings = decide_score(env, spec.decisions, score, full)
    effects += rulings
    for name, expr, hold, none in (
        ("min_score", spec.min_score, np.maximum, -np.inf),
        ("max_score", spec.max_score, np.minimum, np.inf),
    ):
        if expr is not None:
            held = hold(score, _limit(model, env, name, expr, none))
            effects.append(Adjusted(name, None, held - score, held != score))
            score = held
    rounded = round_column(score, spec.decimals, spec.rounding)
    effects.append(Adjusted("rounding", None, rounded - score, rounded != score))
    for item in items:
        if item.veto or item.cap_grade is not None:
            effects.append(Adjusted(item.id, item, np.zeros(start.shape), holds(model, env, item)))
    return rounded, effects


def holds(model: Model, env: Environment, item: Adjustment) -> NDArray[np.bool_]:
    """Where the adjustment's condition holds; an unknown condition does not, and is noted."""
    condition = model.compiled(item.when).full(env)
    env.report(
        "condition-unknown",
        item.id,
        "the condition is missing, so the adjustment does not apply",
        "条件缺失，该调整项按不适用处理",
        np.isnan(condition),
    )
    return np.asarray(condition == 1)


def _limit(model: Model, env: Environment, name: str, expr: Expr, none: float) -> Array:
    """A limit by region; where it is missing there is none, which is noted."""
    limit = model.compiled(expr).full(env)
    unknown = np.isnan(limit)
    env.report(
        "limit-missing",
        name,
        "the limit is missing and so does not hold",
        "界限缺失，不作限制",
        unknown,
    )
    return np.where(unknown, none, limit)


def _effect(
    model: Model, env: Environment, item: Adjustment, amount: Expr
) -> tuple[NDArray[np.bool_], Array]:
    applies = holds(model, env, item)
    points = model.compiled(amount).full(env)
    unknown = applies & np.isnan(points)
    env.report(
        "adjustment-missing",
        item.id,
        "the points of the adjustment are missing and count as zero",
        "调整分缺失，按零分计",
        unknown,
    )
    return applies, np.where(applies & ~unknown, points, 0.0)
