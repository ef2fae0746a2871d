"""Breaks found by trying, where pools are one program.

The set of limits that hold with equality is compared at two budgets. The budgets with the same set
are an interval where limits follow from the budget in a straight line, since a mixture of two
answers with the same set is the answer in between. Its end is found by bisection, to a step.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Literal

import numpy as np

from reliefperf.allocation.effects import Standing, standing_of
from reliefperf.allocation.paid import Allocation
from reliefperf.allocation.program import Floats
from reliefperf.allocation.relaxing import value_of
from reliefperf.scenarios.inverse.breaks import Break
from reliefperf.scenarios.inverse.budgets import Budgets

NOISE = Fraction(1, 1000)
"""Part of the smallest amount by which a program's amount may miss a limit that it stands at."""


def last_looked_at(budgets: Budgets) -> int:
    """The last place that is looked at."""
    return min(budgets.last, 4 * budgets.place + 1000)


def tried_breaks(budgets: Budgets, way: Literal[-1, 1], most: int) -> Iterator[Break]:
    """The next breaks on one side of the present budget, to a step."""
    place, seen = budgets.place, 0
    farthest = 0 if way < 0 else last_looked_at(budgets)
    while place != farthest and seen < most:
        nearest = _first_other(budgets, place, way, farthest)
        if nearest is None:
            return
        before, after = (nearest, nearest + 1) if way < 0 else (nearest - 1, nearest)
        yield from _between(budgets, before, after)
        seen += 1
        if binding_at(budgets, nearest) is None:
            return
        place = nearest


def _first_other(budgets: Budgets, place: int, way: int, farthest: int) -> int | None:
    """The nearest place on one side where other limits bind; None if none as far as is looked.

    Amounts follow the budget in a straight line as long as the same limits bind: one more step says
    where the next limit is met, and the place before it is tried. A limit that ceases to bind
    before that is met when coming back from beyond.
    """
    here = binding_at(budgets, place)
    same, width = place, 1
    while same != farthest:
        other = max(same - width, farthest) if way < 0 else min(same + width, farthest)
        if binding_at(budgets, other) != here:
            return _narrowed(budgets, same, other, way)
        ahead = _until_met(budgets, same, other)
        if ahead is not None and ahead > width:
            width = ahead - width
        elif ahead is None or width > 1:
            width *= 2
        same = other
    return None


def _narrowed(budgets: Budgets, same: int, other: int, way: int) -> int:
    """The nearest place to `same`, on the side of `other`, where other limits bind than at `same`."""
    here = binding_at(budgets, same)

    def tried(place: int) -> None:
        nonlocal same, other
        if abs(other - same) > 1:
            place = min(max(place, min(same, other) + 1), max(same, other) - 1)
            if binding_at(budgets, place) == here:
                same = place
            else:
                other = place

    while abs(other - same) > 1:
        beyond = other
        tried(other - way)
        if (
            other != beyond
            and binding_at(budgets, other) == binding_at(budgets, beyond) is not None
        ):
            ahead = _until_met(budgets, beyond, other)
            if ahead is not None:
                tried(beyond - way * ahead)
                # one on either side of where the limit is met
                tried(other - way)
                tried(same + way)
        tried((same + other) // 2)
    return other


def _until_met(budgets: Budgets, start: int, other: int) -> int | None:
    """How many places from `start` towards `other` the next limit is met; None if none ever is."""
    first, second = _gaps(budgets, start), _gaps(budgets, other)
    if first.shape != second.shape:
        return None
    slack = float(slack_of(budgets.now))
    closing = (first > slack) & (second < first) & np.isfinite(first)
    if not closing.any():
        return None
    steps = (first[closing] - slack) / (first[closing] - second[closing]) * abs(other - start)
    return int(np.floor(min(steps.min(), 1e15)))


def _gaps(budgets: Budgets, place: int) -> Floats:
    """How far the amounts at a place are from every side of every limit, in money."""
    standing = budgets.standing(place)
    assert standing is not None
    amounts = [float(amount) for amount in standing.amounts]
    found = [math.inf if standing.solution is None else amount for amount in amounts]
    for row in [*(row for own in standing.rows.values() for row in own), *standing.totals]:
        if row.lower == row.upper:
            continue
        value = sum(
            amounts[j] * float(c) for j, c in zip(row.columns, row.coefficients, strict=True)
        )
        found.append(math.inf if row.lower is None else value - float(row.lower))
        found.append(math.inf if row.upper is None else float(row.upper) - value)
    return np.array(found)


def _between(budgets: Budgets, before: int, after: int) -> Iterator[Break]:
    """What changes from one place to the next."""
    low, high = binding_at(budgets, before), binding_at(budgets, after)
    start, end = budgets.budget(before), budgets.budget(after)
    if low is None or high is None:
        yield Break(end, "", "", "", "least" if low is None else "most", False, start)
        return
    for pool, rule, region in sorted(high - low):
        yield Break(end, pool, rule, region, "binds", False, start)
    for pool, rule, region in sorted(low - high):
        yield Break(end, pool, rule, region, "frees", False, start)


def slack_of(allocation: Allocation) -> Fraction:
    """The money by which amounts of a program may miss a limit that they stand at.

    Where rules gave way their limits are whole units, a unit from the amounts at most.
    """
    return Fraction(allocation.smallest) * (NOISE if allocation.relax == "never" else 1)


def binding_at(budgets: Budgets, place: int) -> frozenset[tuple[str, str, str]] | None:
    """Pool, rule and name of each limit that holds with equality at a place; None if unpayable."""
    standing = budgets.standing(place)
    return None if standing is None else _bound(budgets.now, standing)


def binding(allocation: Allocation) -> frozenset[tuple[str, str, str]]:
    """Pool, rule and name of each limit that the amounts before whole units stand at."""
    return _bound(allocation, standing_of(allocation))


def _bound(allocation: Allocation, standing: Standing) -> frozenset[tuple[str, str, str]]:
    slack = slack_of(allocation) if standing.solution is not None else Fraction(0)
    found: set[tuple[str, str, str]] = set()
    rows = [row for own in standing.rows.values() for row in own]
    for row in [*rows, *(row for row in standing.totals if row.lower != row.upper)]:
        value = value_of(row, standing.amounts)
        if any(side is not None and abs(value - side) <= slack for side in (row.lower, row.upper)):
            pools = dict.fromkeys(standing.columns[column][0] for column in row.columns)
            found.add((" + ".join(pools), row.rule, row.name))
    for (pool, i), amount in zip(standing.columns, standing.amounts, strict=True):
        if standing.solution is not None and amount <= slack:
            found.add((pool, "", allocation.codes[i]))
    return frozenset(found)
