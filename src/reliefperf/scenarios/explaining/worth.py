"""What a point is worth in money: to one region exactly, to all of them side by side.

The exact answer shares all money out again with that region's score changed; the table of all
regions moves one at a time on the curves of the pools.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from reliefperf.allocation.paid import Allocation
from reliefperf.errors import InputError
from reliefperf.model.environment import Array
from reliefperf.model.model import Model
from reliefperf.scenarios.explaining.moving_alone import amounts_alone
from reliefperf.scenarios.explaining.rescoring import (
    cut_offs,
    full_marks,
    grade_at,
    money_at,
    need_scores_and_money,
    score_step,
    sides,
)
from reliefperf.scenarios.running import PeriodRun


@dataclass(frozen=True)
class Worth:
    """A region's money with another score; amounts by pool, `total` last, money as paid."""

    code: str
    score: float
    other: float
    grade: str | None
    other_grade: str | None
    before: tuple[tuple[str, Decimal], ...]
    after: tuple[tuple[str, Decimal], ...]

    @property
    def gain(self) -> Decimal:
        """The difference of the totals."""
        return self.after[-1][1] - self.before[-1][1]


def worth_of_point(model: Model, period: PeriodRun, code: str, points: float = 1.0) -> list[Worth]:
    """One region's money with `points` more, and at the next cut-off above it; exact.

    No score is raised above the full marks (or above itself, if it is there). Raises InputError
    where the region has no score.
    """
    need_scores_and_money(model, period)
    assert period.evaluation is not None
    assert period.allocation is not None
    at = period.env.codes.index(code)
    score = float(period.evaluation.score[at])
    if math.isnan(score):
        raise InputError(
            model.document.mistake((), f"region {code} has no score", f"地区 {code} 没有得分")
        )
    most = full_marks(period)
    others = [min(score + points, most)] if score < most else []
    step = score_step(model)
    for values, inclusive in cut_offs(model, period.env):
        if not math.isnan(values[at]):
            _, edge = sides(float(values[at]), step, inclusive=inclusive)
            if edge > score + step / 2:
                others.append(edge)
    # the point itself first, then the nearest cut-off that is not the same score
    chosen = others[:1] if score < most else []
    edges = sorted(edge for edge in others[len(chosen) :] if edge <= most + step / 2)
    if edges and all(abs(edges[0] - other) > step / 2 for other in chosen):
        chosen.append(edges[0])
    return [_worth(model, period, at, other) for other in chosen]


def _worth(model: Model, period: PeriodRun, at: int, other: float) -> Worth:
    assert period.evaluation is not None
    assert period.allocation is not None
    money, grades = period.allocation, period.evaluation.grade
    changed = money_at(model, period, at, other)
    return Worth(
        money.codes[at],
        float(period.evaluation.score[at]),
        other,
        None if grades is None else grades[at],
        grade_at(model, period, at, other),
        tuple(_by_pool(money, at)),
        tuple(_by_pool(changed, at)),
    )


def _by_pool(money: Allocation, at: int) -> Iterator[tuple[str, Decimal]]:
    for pool in (*money.pools, "total"):
        yield pool, money.amounts(pool)[at]


def worth_of_points(
    model: Model, period: PeriodRun, points: float = 1.0
) -> tuple[Array, dict[str, Array], dict[str, Array]]:
    """For all regions at once: new scores, amounts now and amounts with `points` more, by pool.

    Scores end at the full marks. A region without a score keeps what it has. Raises NotAlone (see
    amounts_alone) and InputError.
    """
    need_scores_and_money(model, period)
    assert period.evaluation is not None
    score = period.evaluation.score
    raised = np.maximum(np.minimum(score + points, full_marks(period)), score)
    return raised, amounts_alone(model, period, score), amounts_alone(model, period, raised)
