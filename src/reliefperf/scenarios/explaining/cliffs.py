"""Cliffs: regions that stand near a cut-off, and the money on both sides of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from reliefperf.errors import InfeasibleError
from reliefperf.model.model import Model
from reliefperf.scenarios.explaining.moving_alone import NotAlone, amounts_alone, before_units
from reliefperf.scenarios.explaining.rescoring import (
    cut_offs,
    grade_at,
    money_at,
    need_scores_and_money,
    score_step,
    sides,
)
from reliefperf.scenarios.running import PeriodRun


@dataclass(frozen=True)
class Cliff:
    """A region within reach of a cut-off, and its money on both sides.

    `exact`: as paid, by sharing all money out again; else before whole units, by the curves of the
    pools. An amount is None where neither could be computed, an exact one where the rules cannot all
    hold with that score.
    """

    code: str
    name: str
    score: float
    cut_off: float
    below: float
    at: float
    grade_below: str | None
    grade_at: str | None
    money_below: Decimal | None
    money_at: Decimal | None
    exact: bool

    @property
    def drop(self) -> Decimal | None:
        """What stands on the edge."""
        if self.money_at is None or self.money_below is None:
            return None
        return self.money_at - self.money_below


def cliffs(
    model: Model,
    period: PeriodRun,
    reach: float,
    *,
    most: int = 20,
    only: Sequence[str] | None = None,
) -> list[Cliff]:
    """Every region whose score is within `reach` points of a cut-off, the nearest first.

    The money on both sides is exact for the `most` nearest, by sharing everything out again twice;
    the others have it before whole units where the pools are settled alone, else not at all. `only`
    limits the answer to some regions. Raises InputError.
    """
    need_scores_and_money(model, period)
    assert period.evaluation is not None
    score, step = period.evaluation.score, score_step(model)
    near: list[tuple[float, int, float, float, float]] = []
    for values, inclusive in cut_offs(model, period.env):
        for i in np.flatnonzero(np.abs(score - values) <= reach * (1 + 1e-9)).tolist():
            if only is None or period.env.codes[i] in only:
                below, at = sides(float(values[i]), step, inclusive=inclusive)
                near.append((abs(float(score[i] - values[i])), i, float(values[i]), below, at))
    near.sort()
    low = _alone_if_possible(model, period, [(i, below) for _, i, _, below, _ in near[most:]])
    high = _alone_if_possible(model, period, [(i, at) for _, i, _, _, at in near[most:]])
    return [
        _cliff(model, period, one, place, (low, high), exact=place < most)
        for place, one in enumerate(near)
    ]


def _cliff(
    model: Model,
    period: PeriodRun,
    one: tuple[float, int, float, float, float],
    place: int,
    fast: tuple[dict[tuple[int, float], Decimal], dict[tuple[int, float], Decimal]],
    *,
    exact: bool,
) -> Cliff:
    _, i, cut_off, below, at = one
    evaluation = period.evaluation
    assert evaluation is not None
    money: list[Decimal | None]
    if exact:
        money = [_paid_or_not(model, period, i, side) for side in (below, at)]
    else:
        money = [found.get((i, side)) for found, side in zip(fast, (below, at), strict=True)]
    return Cliff(
        evaluation.codes[i],
        evaluation.names[i],
        float(evaluation.score[i]),
        cut_off,
        below,
        at,
        grade_at(model, period, i, below),
        grade_at(model, period, i, at),
        money[0],
        money[1],
        exact,
    )


def _paid_or_not(model: Model, period: PeriodRun, at: int, score: float) -> Decimal | None:
    """One region's money with a score; None where the rules cannot all hold with it."""
    try:
        return money_at(model, period, at, score).amounts("total")[at]
    except InfeasibleError:
        return None


def _alone_if_possible(
    model: Model, period: PeriodRun, wanted: Sequence[tuple[int, float]]
) -> dict[tuple[int, float], Decimal]:
    """Amounts of regions at other scores by the curves of the pools; {} where that cannot be done.

    A region near two cut-offs is looked at in two rounds.
    """
    assert period.evaluation is not None
    assert period.allocation is not None
    found: dict[tuple[int, float], Decimal] = {}
    pending = list(dict.fromkeys(wanted))
    while pending:
        scores, taken = period.evaluation.score.copy(), {}
        rest: list[tuple[int, float]] = []
        for i, score in pending:
            if i in taken:
                rest.append((i, score))
            else:
                taken[i] = score
                scores[i] = score
        try:
            amounts = amounts_alone(model, period, scores)["total"]
        except NotAlone:
            return {}
        for i, score in taken.items():
            found[i, score] = before_units(float(amounts[i]), period.allocation)
        pending = rest
    return found
