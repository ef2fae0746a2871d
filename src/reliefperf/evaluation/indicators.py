"""One indicator: its value, its points, and what is done where something is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reliefperf.errors import InputError, Note
from reliefperf.evaluation.scoring.base import Given, RuleError, ScoringRule, compute_fields
from reliefperf.evaluation.siblings import Mask
from reliefperf.evaluation.source import Source
from reliefperf.model.document import Path_, dotted
from reliefperf.model.environment import Array, Column, Environment
from reliefperf.model.expressions import Expr
from reliefperf.model.functions import FUNCTIONS
from reliefperf.model.model import Model, expressions_in
from reliefperf.model.numbers import round_column
from reliefperf.model.spec_evaluation import NodeSpec


@dataclass(frozen=True)
class Indicator:
    """What one indicator came to: shapes (n_regions,).

    `present` is False where the indicator was skipped; `overridden` is the place of the override
    that gave the points, or -1. `value` is the value after treatment, `used` the value with gaps
    filled by a group's mean, None where there were none; `held` gives the points of the rule where
    they were held at full marks, NaN elsewhere, None where none were;
    `gaps` marks where `missing` says what holds, since there were no points, None where there were.
    """

    node: NodeSpec
    full_marks: float
    value: Column
    points: Array
    present: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] | None
    given: Given
    overridden: np.ndarray[tuple[int, ...], np.dtype[np.int64]] | None
    filled: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] | None
    used: Column | None = None
    held: Array | None = None
    gaps: Mask | None = None


@dataclass(frozen=True)
class Begun:
    """An indicator's value and the fields of its rule, computed (and noted) already."""

    value: Column
    given: Given


def constant(model: Model, env: Environment, expr: Expr) -> float:
    """The value of an expression that is the same in every region; raises InputError for none."""
    value = float(model.compiled(expr)(env))
    if value != value:
        raise InputError(
            model.document.mistake(
                path_of(model, expr),
                f"'{expr.text}' has no value",
                f"“{expr.text}”没有值",
            )
        )
    return value


def full_marks_of(model: Model, env: Environment, expr: Expr | None, scale: float) -> float:
    """The full marks that a node states, else the scale; raises InputError for none above zero."""
    full = scale if expr is None else constant(model, env, expr)
    if not full > 0:
        raise InputError(
            model.document.mistake(
                path_of(model, expr or model.spec.evaluation.scale),  # type: ignore[union-attr]
                f"full marks must be above zero, this is {full:g}",
                f"分值须大于零，这里是 {full:g}",
            )
        )
    return full


def score_indicator(
    model: Model,
    env: Environment,
    node: NodeSpec,
    full: float,
    source: Source,
    begun: Begun | None = None,
) -> Indicator:
    """Compute an indicator, or finish one that is begun.

    Raises InputError where a value is missing that must not be.
    """
    assert isinstance(node.score, ScoringRule)
    said = len(env.notes)
    value = begun.value if begun is not None else source.value_of(node)
    out = source.regions_out
    given_value, filled = fill_value(model, env, node, value, out)
    env.columns["value"] = given_value
    env.columns["full_marks"] = np.asarray(full)
    given = begun.given if begun is not None else compute_fields(node.score, model, env)
    if node.score.compares and not source.is_out(node.id):
        given = _against(model, env, node, node.score, given_value, given)
    points = env.full(node.score.points(given_value, full, given, env))
    overridden = None
    if node.override:
        points, overridden = _override(model, env, node, points)
    del env.columns["value"], env.columns["full_marks"]
    points = round_column(within_numbers(env, node.id, points), node.decimals, "half_up")
    by_rule = points
    points = _hold(env, node, points, full, overridden)
    used = None if filled is None else given_value
    held = None if points is by_rule else np.where(points < by_rule, by_rule, np.nan)
    if out is not None and out.any():
        points = np.where(out, np.nan, points)
    if source.is_out(node.id):
        nowhere = np.zeros(env.n_regions, dtype=bool)
        return Indicator(node, full, value, points, nowhere, given, overridden, filled)
    gaps = np.isnan(points) if out is None else np.isnan(points) & ~out
    points, present = _missing(model, env, node, points, env.notes[said:], gaps)
    return Indicator(
        node,
        full,
        value,
        points,
        present,
        given,
        overridden,
        filled,
        used,
        held,
        gaps if gaps.any() else None,
    )


def _against(
    model: Model, env: Environment, node: NodeSpec, rule: ScoringRule, x: Column, given: Given
) -> Given:
    """The fields of a rule that compares regions, with the measures of the others."""
    reference = None if env.references is None else env.references.of[node.id]
    try:
        return rule.against(x, given, env, reference, node.id)
    except RuleError as problem:
        period = f" ({env.period})" if env.period else ""
        raise InputError(
            model.document.mistake(
                (*path_of(model, node.value)[:-1], "score"),
                f"indicator '{node.id}'{period}: {problem.en}",
                f"指标“{node.id}”{period}：{problem.zh}",
            )
        ) from None


def fill_value(
    model: Model, env: Environment, node: NodeSpec, value: Column, out: Mask | None = None
) -> tuple[Column, np.ndarray[tuple[int, ...], np.dtype[np.bool_]] | None]:
    """The value with gaps filled by the group's mean, if the model says so; not in regions `out`."""
    if node.missing != "group_mean" or value.dtype == object:
        return value, None
    assert node.group is not None
    gaps = np.isnan(value)
    if out is not None:
        gaps &= ~out
    if not gaps.any():
        return value, None
    by = model.compiled(node.group).full(env)
    quiet = Environment(env.codes, {}, env.period)
    means = FUNCTIONS["mean"].run(quiet, node.id, [value], {"by": by})
    filled = gaps & ~np.isnan(means)
    env.report(
        "group-mean",
        node.id,
        "a missing value was filled with the mean of the group",
        "缺失值以所在组的均值填补",
        filled,
    )
    return np.where(gaps, means, value), filled


def _override(
    model: Model, env: Environment, node: NodeSpec, points: Array
) -> tuple[Array, np.ndarray[tuple[int, ...], np.dtype[np.int64]]]:
    """The first override whose condition holds gives the points."""
    chosen = np.full(env.n_regions, -1, dtype=np.int64)
    for place, override in enumerate(node.override):
        holds = model.compiled(override.when).full(env)
        env.report(
            "condition-unknown",
            node.id,
            "the condition of an override is missing; it does not apply",
            "覆盖条件缺失，按不适用处理",
            np.isnan(holds),
        )
        applies = (chosen < 0) & (holds == 1)
        points = np.where(applies, model.compiled(override.points).full(env), points)
        chosen[applies] = place
    return points, chosen


def above_full(
    points: Array, full: Array | float
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Where the points are more than full marks, binary noise apart."""
    return np.asarray(points > np.asarray(full) * (1 + 1e-9))


def _hold(
    env: Environment,
    node: NodeSpec,
    points: Array,
    full: float,
    overridden: np.ndarray[tuple[int, ...], np.dtype[np.int64]] | None,
) -> Array:
    """The points held at full marks, where the rule does not say that they may be more."""
    above = above_full(points, full)
    if isinstance(node.score, ScoringRule) and node.score.may_exceed:
        above = above & (overridden >= 0) if overridden is not None else np.zeros_like(above)
    if not above.any():
        return points
    env.report(
        "held-at-full",
        node.id,
        f"the rule gives more than full marks ({full:g}), so the points are held at full marks",
        f"按规则得分超过满分（{full:g}），按满分计",
        above,
    )
    return np.asarray(np.where(above, full, points))


def _missing(
    model: Model,
    env: Environment,
    node: NodeSpec,
    points: Array,
    notes: Sequence[Note],
    gaps: Mask,
) -> tuple[Array, np.ndarray[tuple[int, ...], np.dtype[np.bool_]] | None]:
    """Apply the model's policy in the regions of `gaps`, where no points could be given."""
    if not gaps.any():
        return points, None
    if node.missing == "error":
        codes = [env.codes[place] for place in np.flatnonzero(gaps)]
        shown = ", ".join(codes[:10]) + (", ..." if len(codes) > 10 else "")
        period = f" ({env.period})" if env.period else ""
        here = dotted(path_of(model, node.value)[:-1]) + "."
        about = [note for note in env.notes if note.place.startswith(here) or note in notes]
        said = f" ({'; '.join(note.en for note in about[:3])})" if about else ""
        said_zh = f"（{'；'.join(note.zh for note in about[:3])}）" if about else ""
        raise InputError(
            model.document.mistake(
                path_of(model, node.value),
                f"indicator '{node.id}' has no points in {len(codes)} region(s){period}: {shown}; "
                f"its value, or something its rule needs, is missing{said}. "
                "Complete the data, or state `missing:` on the indicator (zero, skip, group_mean, "
                "score_missing)",
                f"指标“{node.id}”在 {len(codes)} 个地区无法计分{period}：{shown}；"
                f"指标值或计分所需的数据缺失{said_zh}。"
                "请补全数据，或在该指标写明 missing（zero、skip、group_mean、score_missing）",
            )
        )
    if node.missing == "zero":
        env.report("zero", node.id, "a missing value scored zero", "缺失值按零分计", gaps)
        return np.where(gaps, 0.0, points), None
    if node.missing == "skip":
        env.report(
            "skipped",
            node.id,
            "the indicator was skipped and its weight went to its siblings",
            "指标缺失而略过，权重由同级指标承担",
            gaps,
        )
        return points, ~gaps
    env.report(
        "score-missing",
        node.id,
        "the indicator is missing, so the score is missing",
        "指标缺失，得分记为缺失",
        gaps,
    )
    return points, None


def within_numbers(env: Environment, node_id: str, points: Array) -> Array:
    """The points of a node; missing, and noted, where they are too large for a number."""
    beyond = np.isinf(points)
    if not beyond.any():
        return points
    env.report(
        "not-defined",
        node_id,
        "points beyond 1e308 are missing",
        "得分超过 1e308，记为缺失",
        beyond,
    )
    return np.where(beyond, np.nan, points)


def path_of(model: Model, expr: Expr | None) -> Path_:
    """Where an expression of the evaluation stands."""
    for path, other, _ in expressions_in(model.spec.evaluation, ("evaluation",)):
        if other is expr:
            return path
    return ("evaluation",)
