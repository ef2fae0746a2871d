"""The least budget that reaches a goal, in whole units of money, by sharing the money out anew.

Amounts before whole units rise with the budget where pools are settled alone; paid amounts may fall
by a unit all the same, because another region's remainder comes first. So the search bisects on
what rounding could give at most, which rises too, and tries every budget from there on until one
reaches the goal: no smaller one does. Elsewhere it bisects on what is paid; where there are few
budgets below the answer each of them is tried, else some.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from reliefperf.allocation.allocate import Allocation
from reliefperf.errors import InfeasibleError, Mistake
from reliefperf.scenarios.inverse.budgets import Budgets, Tried
from reliefperf.scenarios.inverse.goals import Goal, most_units, units_of

MOST_IN_A_ROW = 400
"""So many budgets are tried one after the other before the search settles for less than proof."""

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
    """No budget that was tried reaches the goal; `most` is the largest that could be paid."""

    def __init__(self, mistake: Mistake, most: Tried) -> None:
        super().__init__(mistake)
        self.most = most


def least_budget(budgets: Budgets, goal: Goal) -> LeastBudget:
    """The least budget of the budgets' steps at which the goal is met.

    Raises Unreachable (exit status 3) where none is found, SolverError.
    """
    search = _Search(budgets, goal)
    place, proved, above = search.place()
    # the answer and its neighbour once more, from the start
    found = budgets.run(budgets.budget(place))
    below = budgets.run(budgets.budget(place - 1)) if place > 0 else None
    assert found.allocation is not None
    assert goal.met(units_of(found.allocation))
    assert below is None or below.allocation is None or not goal.met(units_of(below.allocation))
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
        place = self._first(self.met)
        while True:
            if place <= MOST_IN_A_ROW:
                return next(p for p in range(place + 1) if self.met(p)), True, None
            lower = [place * i // SAMPLES for i in range(SAMPLES)]
            earlier = next((p for p in lower if self.met(p)), None)
            if earlier is None:
                return place, False, -1
            if earlier == 0:
                return 0, True, None
            nearest = max((p for p in lower if p < earlier), default=-1)
            place = self._bisected(self.met, nearest, earlier)

    def met(self, place: int) -> bool:
        """Whether the budget at a place can be paid and reaches the goal."""
        found = self.budgets.at(place).allocation
        return found is not None and self.goal.met(units_of(found))

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
        while below < self.budgets.last:
            place = min(below + width, self.budgets.last)
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
        return None if found is None else sum(units_of(found))

    def _unreachable(self, place: int) -> Unreachable:
        most = self.budgets.at(place)
        unit = self.budgets.spec.unit
        shown = f"{float(most.budget):,.10g}"
        after = self.budgets.at(place + 1) if place < self.budgets.last else None
        en = f"no budget reaches it: from {shown} {unit} on no more money finds a region that may take it"
        zh = f"任何预算都达不到：预算达到 {shown} {unit} 以后，再增加的资金已无地区可得"
        if after is not None and after.why is not None:
            en = f"no budget reaches it: {shown} {unit} is the most that can be paid. Beyond it: "
            zh = f"任何预算都达不到：最多只能支付 {shown} {unit}。再多则："
            en += after.why.mistakes[0].en
            zh += after.why.mistakes[0].zh
        return Unreachable(Mistake.at(en, zh, file=self.budgets.model.source), most)
