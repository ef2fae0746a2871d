"""The least budget that reaches a goal, in whole units of money, by sharing the money out anew.

Amounts before whole units rise with the budget where pools are settled alone; paid amounts may fall
by a unit all the same, because another region's remainder comes first. So the search bisects on
what rounding could give at most, which rises too, and tries every budget from there on until one
reaches the goal: no smaller one does.

Elsewhere one program over all budgets says below which none can reach the goal, whatever is shared
out how; that budget is tried first, and if it does it is the answer. Else the search goes on above
it by what is paid, between two budgets where a straight line would meet the goal; where there are
few budgets between that bound and the answer each of them is tried, else some.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from reliefperf.allocation.diagnosis import Infeasibility, describe
from reliefperf.allocation.naming import Naming
from reliefperf.allocation.paid import Allocation
from reliefperf.allocation.solve import Infeasible
from reliefperf.errors import InfeasibleError, Mistake, SolverError
from reliefperf.scenarios.inverse.all_budgets import GOAL, AllBudgets
from reliefperf.scenarios.inverse.budgets import Budgets, Tried
from reliefperf.scenarios.inverse.goals import Goal, most_units

MOST_IN_A_ROW = 400
"""So many budgets are tried one after the other before the search settles for less than proof."""

GOAL_WORDS = ("what is asked", "所提要求")
"""What messages call the rule that stands for the goal."""

SAMPLES = 4
"""Budgets below an answer that are tried where not all of them are."""


@dataclass(frozen=True)
class LeastBudget:
    """The least budget that reaches a goal.

    `proved`: no smaller budget reaches it. Else the one a `step` below does not, and nothing is
    known of those between `above` and it that were not tried. `below` is what the budget one step
    less comes to, None where the answer is the least budget there is.
    """

    budget: Fraction
    present: Fraction
    step: Fraction
    proved: bool
    above: Fraction | None
    allocation: Allocation
    below: Tried | None
    n_tried: int

    @property
    def extra(self) -> Fraction:
        """What is needed beyond the present budget; below 0 where less would do."""
        return self.budget - self.present


class Unreachable(InfeasibleError):
    """No budget that was tried reaches the goal; `most` is the largest that could be paid.

    `proved`: none does, because the rules do not allow it; else not every budget was tried.
    """

    def __init__(self, mistake: Mistake, most: Tried, *, proved: bool) -> None:
        super().__init__(mistake)
        self.most, self.proved = most, proved


def least_budget(budgets: Budgets, goal: Goal) -> LeastBudget:
    """The least budget of the budgets' steps at which the goal is met.

    Raises Unreachable (exit status 3) where none is found, SolverError.
    """
    search = _Search(budgets, goal)
    place, proved, above = search.place()
    # the answer and its neighbour once more, from the start
    found = budgets.run(budgets.budget(place))
    below = budgets.run(budgets.budget(place - 1)) if place > 0 else None
    met = found.allocation is not None and goal.met(found.allocation.units("total"))
    if not met or (
        below is not None
        and below.allocation is not None
        and goal.met(below.allocation.units("total"))
    ):
        raise SolverError(
            Mistake.at(
                f"a budget of {found.budget} meets the goal in one solve and not in another: the "
                "amounts stand within the solver's noise of it. Ask for a little less or more",
                f"预算为 {found.budget} 时，两次求解对是否达到目标的结论不同：金额处于求解器误差范围内。"
                "请把目标略微调低或调高",
            )
        )
    assert found.allocation is not None
    return LeastBudget(
        found.budget,
        budgets.present,
        budgets.step,
        proved,
        None if above is None else budgets.budget(above),
        found.allocation,
        below,
        budgets.n_tried,
    )


class _Search:
    def __init__(self, budgets: Budgets, goal: Goal) -> None:
        self.budgets, self.goal = budgets, goal
        self.all = AllBudgets.of(budgets)
        self.highest = budgets.last

    def place(self) -> tuple[int, bool, int | None]:
        """The answer's place, whether it is proved, and the place above which it was sought."""
        if not self.budgets.rising:
            return self._by_trying()
        first = self._first(self.could)
        for place in range(first, first + MOST_IN_A_ROW):
            if self.met(place):
                return place, True, None
            if self.budgets.at(place).allocation is None:
                raise self._unreachable(place - 1)
        below, place = self._first_from(self.met, first + MOST_IN_A_ROW - 1)
        return self._bisected(self.met, below, place), False, first - 1 if first else None

    def _by_trying(self) -> tuple[int, bool, int | None]:
        lowest = self._lowest()
        if self.met(lowest):
            return lowest, True, None
        place = self._first_above(lowest)
        while True:
            if place - lowest <= MOST_IN_A_ROW:
                return next(p for p in range(lowest, place + 1) if self.met(p)), True, None
            lower = [lowest + (place - lowest) * i // SAMPLES for i in range(SAMPLES)]
            earlier = next((p for p in lower if self.met(p)), None)
            if earlier is None:
                return place, False, lowest - 1
            nearest = max(p for p in lower if p < earlier)
            place = self._crossed(nearest, earlier)

    def _lowest(self) -> int:
        """The least place that could reach the goal at all. Raises Unreachable where none could."""
        if self.all is None:
            return 0
        first, step = self.budgets.first, self.budgets.step
        most = self.all.most()
        if most is not None:
            self.highest = math.floor((most - first) / step)
        try:
            lowest = max(0, math.ceil((self.all.least(self.goal) - first) / step))
        except Infeasible as error:
            raise self._not_allowed(error.infeasibility) from None
        if lowest > self.highest:
            raise self._unreachable(self.highest)
        return lowest

    def _first_above(self, lowest: int) -> int:
        """A place above one that does not do, found as if what is paid followed a straight line."""
        now = self.budgets.place
        if lowest < now and self.met(now):
            return self._crossed(lowest, now)
        return self._crossed(*self._first_from(self.met, max(now, lowest)))

    def _crossed(self, below: int, place: int) -> int:
        """The place above `below`, that does not do, where the goal comes to be met.

        Between a place that does not do and one that does, the next try is where a straight line
        would meet the goal, then its neighbour, then the middle.
        """
        turn, met = 0, True
        while place - below > 1:
            low, high = self.spare(below), self.spare(place)
            middle = (below + place) // 2
            if low is not None and high is not None and turn % 3 == 0:
                middle = below + -(low * (place - below) // (high - low))
            elif turn % 3 == 1:
                # the last try ended on the side that moved
                middle = place - 1 if met else below + 1
            middle = min(max(middle, below + 1), place - 1)
            met = self.met(middle)
            below, place = (below, middle) if met else (middle, place)
            turn += 1
        return place

    def spare(self, place: int) -> int | None:
        """Whole units by which a budget goes beyond the goal; below 0 where it does not reach it."""
        found = self.budgets.at(place).allocation
        return None if found is None else self.goal.spare(found.units("total"))

    def met(self, place: int) -> bool:
        """Whether the budget at a place can be paid and reaches the goal."""
        found = self.budgets.at(place).allocation
        return found is not None and self.goal.met(found.units("total"))

    def could(self, place: int) -> bool:
        """Whether it could if every region's amount were rounded up as far as can be."""
        found = self.budgets.at(place).allocation
        return found is not None and self.goal.met(most_units(found))

    def _first(self, holds: Callable[[int], bool]) -> int:
        """The first place at which something holds that goes on to hold as the budget rises."""
        now = self.budgets.place
        if holds(now):
            return self._bisected(holds, -1, now)
        return self._bisected(holds, *self._first_from(holds, now))

    def _first_from(self, holds: Callable[[int], bool], start: int) -> tuple[int, int]:
        """A place where it does not hold and one above where it does, from `start` upwards."""
        below, width = start, max(1, start // 32)
        paid = self._paid(start)
        while below < self.highest:
            place = min(below + width, self.highest)
            if holds(place):
                return below, place
            if self.budgets.at(place).allocation is None:
                return self._before_the_end(holds, below, place)
            now_paid = self._paid(place)
            if now_paid == paid and place > 2 * (start + 1):
                raise self._unreachable(place)
            paid = now_paid
            below, width = place, 2 * width
        raise self._unreachable(below)

    def _before_the_end(
        self, holds: Callable[[int], bool], below: int, above: int
    ) -> tuple[int, int]:
        """Between a budget that can be paid and one too large, one where it holds."""
        start = below
        while above - below > 1:
            middle = (below + above) // 2
            if holds(middle):
                return start, middle
            if self.budgets.at(middle).allocation is None:
                above = middle
            else:
                start = below = middle
        raise self._unreachable(below)

    def _bisected(self, holds: Callable[[int], bool], below: int, place: int) -> int:
        while place - below > 1:
            middle = (below + place) // 2
            if holds(middle):
                place = middle
            else:
                below = middle
        return place

    def _paid(self, place: int) -> int | None:
        found = self.budgets.at(place).allocation
        return None if found is None else sum(found.units("total"))

    def _not_allowed(self, why: Infeasibility) -> Unreachable:
        """The rules themselves are at odds with the goal, whatever the budget."""
        ends = self.highest < self.budgets.last
        most = self.budgets.at(self.highest if ends else self.budgets.place)
        unit = self.budgets.spec.unit
        naming = Naming.of(self.budgets.model, self.budgets.period.env)
        asked = replace(naming, titles={**naming.titles, GOAL: GOAL_WORDS})
        en, zh = describe(_as_stated(why), unit, asked)
        for stated, words in zip(asked.stated(GOAL), GOAL_WORDS, strict=True):
            en, zh = en.replace(stated, words), zh.replace(stated, words)
        en, zh = f"no budget reaches it, because of the rules. {en}", f"原因在于规则。{zh}"
        if ends and most.allocation is not None:
            shown = f"{float(most.budget):,.10g}"
            en = f"under the rules at most {shown} {unit} can be paid in all, and {en}"
            zh = f"各项规则下最多只能支付 {shown} {unit}，任何预算都达不到，{zh}"
        else:
            zh = f"任何预算都达不到，{zh}"
        codes = _regions(why)
        if codes:
            of_en, of_zh = naming.regions(codes)
            en, zh = f"{en} Regions: {of_en}.", f"{zh}涉及地区：{of_zh}。"
        return Unreachable(Mistake.at(en, zh, file=self.budgets.model.source), most, proved=True)

    def _unreachable(self, place: int) -> Unreachable:
        most = self.budgets.at(place)
        unit = self.budgets.spec.unit
        shown = f"{float(most.budget):,.10g}"
        proved = self.budgets.rising
        tried_en, tried_zh = ("no budget reaches it", "任何预算都达不到")
        if not proved:
            tried_en, tried_zh = ("no budget that was tried reaches it", "试算过的预算都达不到")
        en = f"{tried_en}: from {shown} {unit} on no more money finds a region that may take it"
        zh = f"{tried_zh}：预算达到 {shown} {unit} 以后，再增加的资金已无地区可得"
        if place < self.budgets.last:
            why = self.budgets.run(self.budgets.budget(place + 1)).why
            if why is not None:
                en = f"{tried_en}: {shown} {unit} is the most that can be paid. Beyond it: "
                zh = f"{tried_zh}：最多只能支付 {shown} {unit}。再多则："
                en += why.mistakes[0].en
                zh += why.mistakes[0].zh
        return Unreachable(Mistake.at(en, zh, file=self.budgets.model.source), most, proved=proved)


def _as_stated(why: Infeasibility) -> Infeasibility:
    """The same with the rules' amounts as they are stated, without how often each counts."""
    rules = tuple(
        odd if odd.stated is None else replace(odd, amount=odd.stated, stated=None, times=None)
        for odd in why.rules
    )
    return replace(why, rules=rules)


def _regions(why: Infeasibility) -> list[str]:
    """The regions whose part of the goal is at odds with a rule."""
    rows = [row for odd in why.rules if odd.rule == GOAL for row in odd.rows]
    return list(dict.fromkeys(row.removeprefix(f"{GOAL}/").partition(":")[0] for row in rows))
