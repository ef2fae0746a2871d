"""How evenly money falls: textbook measures on plain arrays, weighted by people.

Regions stand for their people: `people` (n,) are the weights, `amounts` (n,) what each region gets.
Where several regions tie in the order of a curve they count as one step, so that their order says
nothing. Values tie that agree to 12 significant digits: 0.1 * people / people is the same for all.

Sources: Gini (1912); Theil (1967), with his decomposition over groups; Kakwani, Wagstaff and van
Doorslaer (1997), "Socioeconomic inequalities in health: measurement, computation, and statistical
inference", Journal of Econometrics 77 (concentration index of grouped data).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reliefperf.allocation.program import Floats, Ints
from reliefperf.model.numbers import equal


@dataclass(frozen=True, eq=False)
class Curve:
    """Cumulated shares of people and of money, both (n_steps + 1,), from (0, 0) to (1, 1).

    The index is one less twice the area under the curve: 0 on the diagonal, above 0 where money
    goes to the end of the order, below 0 where it goes to its beginning.
    """

    people: Floats
    money: Floats

    @property
    def index(self) -> float:
        """The Gini coefficient of a Lorenz curve, the concentration index of another order."""
        width = np.diff(self.people)
        return float(1 - (width * (self.money[1:] + self.money[:-1])).sum())


@dataclass(frozen=True)
class Theil:
    """Theil's T and its two parts, which add up to it."""

    total: float
    within: float
    between: float


def lorenz(amounts: Floats, people: Floats) -> Curve:
    """Money against people in order of money per head; its index is the Gini coefficient."""
    _require(amounts, people)
    return concentration(amounts, people, amounts / people)


def concentration(amounts: Floats, people: Floats, by: Floats) -> Curve:
    """Money against people in ascending order of `by` (n,), such as fiscal capacity per head.

    Raises ValueError for an empty set, for nobody, or for no money at all.
    """
    _require(amounts, people)
    step = steps(by)
    shares = [np.bincount(step, weights=column) for column in (people, amounts)]
    cumulated = [np.concatenate([[0.0], np.cumsum(share / share.sum())]) for share in shares]
    return Curve(cumulated[0], cumulated[1])


def steps(by: Floats) -> Ints:
    """The step (n,) of each value in ascending order, from 0; equal to 12 digits is one step."""
    order = np.argsort(by, kind="stable")
    ranked = by[order]
    found = np.zeros(by.size, dtype=np.int64)
    found[order[1:]] = np.cumsum(~equal(ranked[1:], ranked[:-1]))
    return found


def theil(amounts: Floats, people: Floats, groups: Ints | None = None) -> Theil:
    """Theil's T of money per head: sum of money shares times ln(money share / people share).

    `groups` (n,) numbers the group of each region; without them everything lies between regions.
    A region without money adds nothing.
    """
    _require(amounts, people)
    money, heads = amounts / amounts.sum(), people / people.sum()
    total = _entropy(money, heads)
    if groups is None:
        return Theil(total, 0.0, total)
    of_groups = [np.bincount(groups, weights=column) for column in (money, heads)]
    between = _entropy(*of_groups)
    within = 0.0
    for group, share in enumerate(of_groups[0].tolist()):
        if share > 0:
            here = groups == group
            within += share * _entropy(money[here] / share, heads[here] / of_groups[1][group])
    return Theil(total, within, between)


def _entropy(money: Floats, people: Floats) -> float:
    some = money > 0
    return float((money[some] * np.log(money[some] / people[some])).sum())


def _require(amounts: Floats, people: Floats) -> None:
    if not amounts.size or not (people > 0).all():
        raise ValueError("every region needs people")
    if (amounts < 0).any() or not amounts.sum() > 0:
        raise ValueError("amounts must not be negative, and some money must be paid")
