"""A group scored once its children are combined: what they came to is the value of a rule.

For systems that rank, normalise or convert the sub-scores before these combine: an index of ranks
of sums of ranks, a domain brought to an exponential scale, the best sub-score made full marks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reliefperf.errors import InputError, Lang
from reliefperf.evaluation.indicators import above_full
from reliefperf.evaluation.scoring.base import (
    Given,
    ReasonRow,
    RuleError,
    ScoringRule,
    compute_fields,
    given_at,
)
from reliefperf.model.document import Path_
from reliefperf.model.environment import Array, Environment
from reliefperf.model.model import Model


@dataclass(frozen=True)
class GroupScore:
    """How a rule scored what a group came to: `values` before, `points` after, (n_regions,)."""

    rule: ScoringRule
    values: Array
    points: Array
    full_marks: float
    given: Given

    def reason(self, place: int, lang: Lang) -> str:
        """The rule's sentence on one region."""
        value, points = float(self.values[place]), float(self.points[place])
        own = given_at(self.given, place)
        return self.rule.reason(ReasonRow(value, points, self.full_marks, "", own), lang)


def score_group(
    model: Model,
    env: Environment,
    node_id: str,
    path: Path_,
    rule: ScoringRule,
    values: Array,
    full_marks: float,
) -> GroupScore:
    """The points that a rule gives for what a group came to, `values` (n_regions,).

    Held at full marks, and noted, where the rule does not say that they may be more; missing, and
    noted, where the rule gives none for a value.

    Raises InputError, at `path`, where the rule cannot score these values.
    """
    env.columns |= {"value": values, "full_marks": np.asarray(full_marks)}
    given: Given = compute_fields(rule, model, env)
    if rule.compares:
        try:
            given = rule.against(values, given, env, None, node_id)
        except RuleError as problem:
            period = f" ({env.period})" if env.period else ""
            raise InputError(
                model.document.mistake(
                    path,
                    f"group '{node_id}'{period}: {problem.en}",
                    f"分组“{node_id}”{period}：{problem.zh}",
                )
            ) from None
    points = np.asarray(env.full(rule.points(values, full_marks, given, env)), dtype=float)
    del env.columns["value"], env.columns["full_marks"]
    env.report(
        "score-missing",
        node_id,
        "`rescale` gives no points for what the children combine to",
        "rescale 未给下级合成值任何分数，记为缺失",
        np.isnan(points) & ~np.isnan(values),
    )
    above = above_full(points, full_marks)
    if rule.may_exceed or not above.any():
        return GroupScore(rule, values, points, full_marks, given)
    env.report(
        "held-at-full",
        node_id,
        f"`rescale` gives more than full marks ({full_marks:g}), so they are held at full marks",
        f"rescale 所得超过满分（{full_marks:g}），按满分计",
        above,
    )
    held = np.where(above, full_marks, points)
    return GroupScore(rule, values, held, full_marks, given)
