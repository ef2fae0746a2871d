"""The least score, and the least change of indicators, that bring a region a stated amount.

Each score is tried by the whole chain: score, grade, rank, weights, rules, whole units. Between two
cut-offs money follows the score steadily, so that each piece between them is looked at by itself:
its ends and some scores within, then bisection. Other regions' scores stay as they are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from reliefperf.allocation.allocate import allocate_period
from reliefperf.errors import InfeasibleError, InputError, Mistake
from reliefperf.evaluation.evaluate import evaluate
from reliefperf.model.model import Model, expressions_in
from reliefperf.scenarios.explaining.lifting import Lift, Step, lift_to_score
from reliefperf.scenarios.explaining.rescoring import (
    cut_offs,
    full_marks,
    grade_at,
    money_at,
    need_scores_and_money,
    score_step,
    sides,
)
from reliefperf.scenarios.explaining.trials import Trials
from reliefperf.scenarios.explaining.without import copy_of
from reliefperf.scenarios.running import PeriodRun

SAMPLES = 8
"""Scores within a piece that are tried where not all of them are."""

FEW = 60
"""Where so few scores lie below an answer, each of them is tried."""


@dataclass(frozen=True)
class Reached:
    """A region's least score for an amount; `before` what it has, `after` what it gets with it.

    `proved`: every smaller score above the region's own was tried, to `step`. `below` is what one
    step less pays, None where that is the score it has. `lift` has the ways there by indicators,
    `paid` the money that the whole chain pays with the cheapest of them; None without a way.
    """

    code: str
    asked: Fraction
    score: float
    grade: str | None
    before: Decimal
    least: float
    least_grade: str | None
    after: Decimal
    below: Decimal | None
    step: float
    proved: bool
    n_tried: int
    lift: Lift
    paid: Decimal | None


class OutOfReach(InfeasibleError):
    """No score that was tried brings the amount; `most` is the largest amount, at `score`."""

    def __init__(self, mistake: Mistake, most: Decimal, score: float) -> None:
        super().__init__(mistake)
        self.most, self.score = most, score


def reach(model: Model, period: PeriodRun, code: str, amount: Fraction) -> Reached:
    """The least score of a region, not below its own, that brings it an amount.

    Raises OutOfReach (exit status 3) where no score up to full marks was found to, InputError for a
    region without a score.
    """
    need_scores_and_money(model, period)
    search = _Scores(model, period, code, amount)
    place, proved = search.least()
    money = period.allocation
    assert money is not None
    assert period.evaluation is not None
    least = search.score_of(place)
    # the answer and its neighbour once more, from the start
    after = search.paid_anew(least)
    assert after is not None
    assert after >= amount
    below = search.paid_anew(search.score_of(place - 1)) if place > search.own + 1 else None
    lift = Lift(search.grade, None, search.score)
    if place > search.own:
        lift = lift_to_score(model, period, code, least)
    return Reached(
        code,
        amount,
        search.score,
        search.grade,
        money.amounts("total")[search.at],
        least,
        grade_at(model, period, search.at, least),
        after,
        below,
        search.step,
        proved,
        search.n_tried,
        lift,
        _paid_with(model, period, search.at, lift.together or lift.singles[:1]),
    )


def _paid_with(model: Model, period: PeriodRun, at: int, steps: tuple[Step, ...]) -> Decimal | None:
    """What the whole chain pays a region with other values of its indicators; None where it cannot."""
    if not steps:
        return None
    trials = Trials(model, period, at, 0)
    columns = {}
    for step in steps:
        column = trials.raw(step.indicator).copy()
        column[at] = step.after
        columns[step.indicator] = column
    env = copy_of(period.env)
    assert period.evaluation is not None
    evaluate(model, env, period.evaluation.names, columns)
    assert period.allocation is not None
    # where rules gave way for the amounts that are paid, they may give way here too
    relax = period.allocation.relax
    try:
        paid = allocate_period(model, env, period.evaluation.names, relax=relax, by_step=False)
        return paid.amounts("total")[at]
    except InfeasibleError:
        return None


class _Scores:
    """The scores of one region in steps: place p is the score p x step, its own at or below `own`."""

    def __init__(self, model: Model, period: PeriodRun, code: str, amount: Fraction) -> None:
        assert period.evaluation is not None
        assert period.allocation is not None
        self.model, self.period, self.amount = model, period, amount
        self.at = period.env.codes.index(code)
        self.code = code
        self.score = float(period.evaluation.score[self.at])
        if math.isnan(self.score):
            raise InputError(
                model.document.mistake((), f"region {code} has no score", f"地区 {code} 没有得分")
            )
        grades = period.evaluation.grade
        self.grade = None if grades is None else grades[self.at]
        self.step = score_step(model)
        self.digits = max(0, round(-math.log10(self.step)) + 1)
        self.own = math.floor(self.score / self.step + 1e-6)
        self.last = max(math.floor(full_marks(period) / self.step + 1e-6), self.own)
        self.n_tried = 0
        self._kept: dict[int, Decimal | None] = {
            self.own: period.allocation.amounts("total")[self.at]
        }

    def score_of(self, place: int) -> float:
        """The score at a place."""
        return self.score if place == self.own else round(place * self.step, self.digits)

    def paid(self, place: int) -> Decimal | None:
        """What the region is paid with the score at a place; None where the rules cannot hold."""
        if place not in self._kept:
            self._kept[place] = self.paid_anew(self.score_of(place))
        return self._kept[place]

    def paid_anew(self, score: float) -> Decimal | None:
        """The same for a score, by sharing all money out anew."""
        self.n_tried += 1
        try:
            return money_at(self.model, self.period, self.at, score).amounts("total")[self.at]
        except InfeasibleError:
            return None

    def met(self, place: int) -> bool:
        """Whether the score at a place brings the amount."""
        paid = self.paid(place)
        return paid is not None and paid >= self.amount

    def least(self) -> tuple[int, bool]:
        """The answer's place, and whether all below it were tried. Raises OutOfReach."""
        if self.met(self.own):
            return self.own, True
        starts = [place for place in sorted(self._starts()) if self.own < place <= self.last]
        starts = sorted({*starts, self.own + 1}) if self.last > self.own else []
        # a region with full marks has nothing above its own score to try
        ends = [*starts[1:], self.last + 1] if starts else []
        for first, after in zip(starts, ends, strict=True):
            found = self._within(first, after - 1)
            if found is not None:
                return self._settled(found)
        raise self._out_of_reach()

    def _starts(self) -> set[int]:
        """Where pieces begin: cut-offs, and others' scores where ranks or quotas matter."""
        found = set()
        for values, inclusive in cut_offs(self.model, self.period.env):
            value = float(values[self.at])
            if not math.isnan(value):
                found.add(round(sides(value, self.step, inclusive=inclusive)[1] / self.step))
        if self._is_ranked():
            assert self.period.evaluation is not None
            for i, score in enumerate(self.period.evaluation.score.tolist()):
                if i != self.at and not math.isnan(score):
                    place = round(score / self.step)
                    found |= {place, place + 1}
        return found

    def _is_ranked(self) -> bool:
        spec = self.model.spec
        assert spec.evaluation is not None
        grades = spec.evaluation.grades
        quotas = grades is not None and any(band.quota is not None for band in grades.bands)
        exprs = [*spec.derived_exprs.values(), *(e for _, e, _ in expressions_in(spec.allocation))]
        return quotas or any(
            "rank" in expr.names or ("rank" in expr.calls and "score" in expr.names)
            for expr in exprs
        )

    def _within(self, first: int, last: int) -> int | None:
        """The first place of a piece that brings the amount, as far as its samples show."""
        tried = sorted({first + (last - first) * i // SAMPLES for i in range(SAMPLES + 1)})
        below = first - 1
        for place in tried:
            if self.met(place):
                return self._bisected(below, place)
            below = place
        return None

    def _bisected(self, below: int, place: int) -> int:
        while place - below > 1:
            middle = (below + place) // 2
            if self.met(middle):
                place = middle
            else:
                below = middle
        return place

    def _settled(self, place: int) -> tuple[int, bool]:
        """The answer after trying the scores below it, all of them where they are few.

        In whole units an amount may fall by a unit as the score rises, so some are always tried.
        """
        nearest = max(self.own + 1, place - FEW)
        earlier = next((p for p in range(nearest, place) if self.met(p)), place)
        if nearest == self.own + 1:
            return earlier, True
        return self._settled(earlier) if earlier < place else (place, False)

    def _out_of_reach(self) -> OutOfReach:
        known = [(paid, -place) for place, paid in self._kept.items() if paid is not None]
        most, place = max(known)
        score = self.score_of(-place)
        assert self.period.allocation is not None
        unit = self.period.allocation.unit
        asked = f"{float(self.amount):,.10g}"
        return OutOfReach(
            self.model.document.mistake(
                ("allocation",),
                f"no score up to {self.score_of(self.last):g} brings {self.code} {asked} {unit}: the "
                f"most is {most:,f} {unit}, at a score of {score:g}",
                f"得分直到 {self.score_of(self.last):g}，{self.code} 都得不到 {asked} {unit}："
                f"最多为 {most:,f} {unit}（得分 {score:g} 时）",
            ),
            most,
            score,
        )
