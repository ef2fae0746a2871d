"""The budgets at which other rules begin to bind, and the range over which the same ones do.

A pool that is settled alone is a level: amounts are clip(level x weight, low, high), or
clip(entitlement + level x bear, low, high) where each region has its own amount. A limit begins
or ceases to bind where the level passes low / weight or high / weight; the total there is a sum of
fractions, and the budget that gives this total is one too. So all break points are exact.

Elsewhere the set of limits that hold with equality is compared at two budgets. The budgets with the
same set are an interval where limits follow from the budget in a straight line, since a mixture of
two answers with the same set is the answer in between. Its end is found by bisection, to a step.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np

from reliefperf.allocation.allocate import Allocation
from reliefperf.allocation.bounds import Bounds
from reliefperf.allocation.effects import Standing, standing_of
from reliefperf.allocation.pool import Pool
from reliefperf.allocation.program import Floats
from reliefperf.allocation.relaxing import value_of
from reliefperf.scenarios.inverse.budgets import Budgets, Line

Change = Literal["binds", "frees", "short", "least", "most", "left"]
"""As the budget rises: a limit begins to bind, ceases to; below it the pools pay more than the budget,
the lows cost more than there is; above it the caps leave no room; money is left over from there on."""

NOISE = Fraction(1, 1000)
"""Part of the smallest amount by which a program's amount may miss a limit that it stands at."""


@dataclass(frozen=True, order=True)
class Break:
    """What changes at a budget. `exact`: at this very budget; else between `after` and it."""

    budget: Fraction
    pool: str
    rule: str
    region: str
    change: Change
    exact: bool
    after: Fraction


@dataclass(frozen=True)
class Range:
    """Break points in order, and the range around the present budget without any.

    `low` and `high` are None where no break point lies on that side, as far as was looked. Where
    the present budget is itself a break point, `low` and `high` are the present budget; not so where
    it is the least that can be paid: then the range begins with it. `looked` is how far up budgets
    were looked at, None where there was no need to.
    """

    present: Fraction
    breaks: tuple[Break, ...]
    low: Fraction | None
    high: Fraction | None
    exact: bool
    looked: Fraction | None = None


def range_of(budgets: Budgets, most: int = 12) -> Range:
    """The range around the present budget, and up to `most` budgets with breaks on either side.

    Raises SolverError.
    """
    if budgets.simple:
        found = sorted(one for one in _exact(budgets) if one.budget >= 0)
        short = _short(budgets, found)
        lows = [one.budget for one in found if one.change == "least"]
        if short is not None and short.budget >= max(lows, default=short.budget):
            found = [short, *(one for one in found if one.budget >= short.budget)]
    else:
        found = sorted([*_tried(budgets, -1, most), *_tried(budgets, 1, most)])
    return _around(budgets, found, most)


def _around(budgets: Budgets, found: list[Break], most: int) -> Range:
    present = budgets.present
    below = [one for one in found if _last(one) < present]
    above = [one for one in found if one.budget > present]
    at = [one for one in found if one.budget <= present <= _last(one)]
    low = max((one.budget for one in below), default=None)
    high = min((_last(one) if not one.exact else one.budget for one in above), default=None)
    if any(one.change != "short" for one in at):
        low = high = present
    elif at:
        low = present
    nearest = sorted({one.budget for one in below}, reverse=True)[:most]
    farthest = sorted({one.budget for one in above})[:most]
    kept = {*nearest, *farthest, *(one.budget for one in at)}
    chosen = tuple(one for one in found if one.budget in kept)
    exact = budgets.simple and all(one.exact for one in chosen)
    looked = None if budgets.simple else budgets.budget(_farthest(budgets))
    return Range(present, chosen, low, high, exact, looked)


def _last(one: Break) -> Fraction:
    """The greatest budget that is still before a break."""
    return one.budget if one.exact else one.after


# ---------------------------------------------------------------- pools settled alone


def _exact(budgets: Budgets) -> Iterator[Break]:
    for pool_id, result in budgets.now.pools.items():
        lines = budgets.lines[pool_id] or ()
        bounds = Bounds.open(len(budgets.now.codes))
        for _, rows in budgets.now.settled[pool_id]:
            bounds.take(rows)
        for group, line in enumerate(lines):
            if line.slope > 0 and result.pool.totals[group] is not None:
                members = np.flatnonzero(result.pool.groups == group).tolist()
                yield from _Group(budgets, result.pool, bounds, members, line).breaks()


def _short(budgets: Budgets, found: Sequence[Break]) -> Break | None:
    """The least budget that pays all pools together; None where every budget does.

    Below the first budget at which money is left over every pool pays its total: the sum of totals
    is a straight line. Elsewhere pools pay less, and budgets are tried.
    """
    start, slope = Fraction(0), Fraction(0)
    for pool_id, result in budgets.now.pools.items():
        lines = budgets.lines[pool_id] or ()
        moving = {group: line for group, line in enumerate(lines) if line.slope > 0}
        start += sum((line.start for line in moving.values()), Fraction(0))
        slope += sum((line.slope for line in moving.values()), Fraction(0))
        paid = zip(result.units, result.pool.groups.tolist(), strict=True)
        start += sum(units for units, group in paid if group not in moving) * budgets.smallest
    if start <= 0:
        return None
    pools = " + ".join(budgets.now.pools)
    left = min((one.budget for one in found if one.change == "left"), default=None)
    exact = None if slope >= 1 else start / (1 - slope)
    if exact is not None and exact <= budgets.present and (left is None or exact <= left):
        before = math.ceil((exact - budgets.first) / budgets.step) - 1
        if before < 0 or budgets.at(before).allocation is None:
            return Break(exact, pools, "", "", "short", True, exact)
    low, high = -1, budgets.place
    while high - low > 1:  # a larger budget is paid too: totals rise by no more than it does
        middle = (low + high) // 2
        if budgets.at(middle).allocation is None:
            low = middle
        else:
            high = middle
    if low < 0:
        return None
    return Break(budgets.budget(high), pools, "", "", "short", False, budgets.budget(low))


@dataclass(frozen=True)
class _Group:
    """The regions that share a total, as a function of their level."""

    budgets: Budgets
    pool: Pool
    bounds: Bounds
    members: list[int]
    line: Line

    @property
    def keeps(self) -> bool:
        """Whether nobody gets more than the entitlement because others are capped."""
        return self.pool.leftover in ("return", "reserve")

    def breaks(self) -> Iterator[Break]:
        if self.pool.bear is not None:
            yield from self._carried(self.pool.bear)
            return
        weights, low, high = self.pool.weights, self.bounds.low, self.bounds.high
        whole = sum((weights[i] for i in self.members), Fraction(0))
        lows = sum((low[i] for i in self.members), Fraction(0))
        if lows > 0 or self.line.start < 0:
            yield self._at(lows, self._named_lows() if lows else "", "", "least")
        if not whole:
            return
        passing = self._passing()
        fixed, slope = lows, Fraction(0)
        over: Fraction | None = None
        for at, i, change in passing:
            if self.keeps and over is None:
                over = self._over(at, fixed, slope, whole)
            total = fixed + at * slope
            rule = self.bounds.high_rule[i] if change == "binds" else self.bounds.low_rule[i]
            if rule:
                asked = max(total, at * whole) if self.keeps else total
                yield self._at(asked, rule, self.budgets.now.codes[i], change)
            if change == "binds":
                limit = high[i]
                assert limit is not None
                fixed, slope = fixed + limit, slope - weights[i]
            else:
                fixed, slope = fixed - low[i], slope + weights[i]
        if self.keeps:
            over = self._over(None, fixed, slope, whole) if over is None else over
            if over:
                yield self._at(over * whole, "", "", "left")
        elif not slope:
            named = ", ".join(sorted({self.bounds.high_rule[i] for i in self.members} - {""}))
            ends: Change = "most" if self.pool.leftover == "redistribute" else "left"
            yield self._at(fixed, named, "", ends)

    def _carried(self, bear: Sequence[Fraction]) -> Iterator[Break]:
        """The same where amounts are clip(entitlement + level x bear, low, high)."""
        base, low, high = self.pool.entitlement, self.bounds.low, self.bounds.high
        fixed, slope = Fraction(0), Fraction(0)
        passing: list[tuple[Fraction, int, Change]] = []
        for i in self.members:
            most = high[i]
            if not bear[i]:
                fixed += max(low[i], base[i] if most is None else min(base[i], most))
                continue
            fixed += low[i]
            if most is None or low[i] < most:
                passing.append(((low[i] - base[i]) / bear[i], i, "frees"))
                if most is not None:
                    passing.append(((most - base[i]) / bear[i], i, "binds"))
        if fixed > 0 or self.line.start < 0:
            yield self._at(fixed, self._named_lows() if fixed else "", "", "least")
        for level, i, change in _in_order(passing):
            if self.keeps and level > 0:
                break
            binds = change == "binds"
            rule = self.bounds.high_rule[i] if binds else self.bounds.low_rule[i]
            if rule:
                yield self._at(fixed + level * slope, rule, self.budgets.now.codes[i], change)
            end = high[i] if binds else low[i]
            assert end is not None
            way = -1 if binds else 1
            fixed, slope = fixed + way * (base[i] - end), slope + way * bear[i]
        if self.keeps:
            yield self._at(fixed, "", "", "left")
        elif not slope:
            named = ", ".join(sorted({self.bounds.high_rule[i] for i in self.members} - {""}))
            ends: Change = "most" if self.pool.leftover == "redistribute" else "left"
            yield self._at(fixed, named, "", ends)

    def _named_lows(self) -> str:
        return ", ".join(sorted({self.bounds.low_rule[i] for i in self.members} - {""}))

    def _passing(self) -> list[tuple[Fraction, int, Change]]:
        """The levels at which a region leaves its low or comes to its high, in order."""
        found: list[tuple[Fraction, int, Change]] = []
        for i in self.members:
            weight, low, high = self.pool.weights[i], self.bounds.low[i], self.bounds.high[i]
            if weight and (high is None or low < high):
                found.append((low / weight, i, "frees"))
                if high is not None:
                    found.append((high / weight, i, "binds"))
        return _in_order(found)

    def _over(
        self, last: Fraction | None, fixed: Fraction, slope: Fraction, whole: Fraction
    ) -> Fraction | None:
        """The level before `last` at which entitlements within their limits fall behind the total.

        They are fixed + slope x level, the total is level x whole, and slope is at most whole: so
        money is left over from there on for good.
        """
        if slope == whole:
            return None
        level = fixed / (whole - slope)
        return level if last is None or level < last else None

    def _at(self, total: Fraction, rule: str, region: str, change: Change) -> Break:
        budget = self.line.budget_for(total)
        return Break(budget, self.pool.id, rule, region, change, True, budget)


def _in_order(passing: list[tuple[Fraction, int, Change]]) -> list[tuple[Fraction, int, Change]]:
    """By level; at one level a region leaves its low before any comes to its high."""
    return sorted(passing, key=lambda one: (one[0], one[2] == "binds", one[1]))


# ---------------------------------------------------------------- by trying


def _farthest(budgets: Budgets) -> int:
    """The last place that is looked at."""
    return min(budgets.last, 4 * budgets.place + 1000)


def _tried(budgets: Budgets, way: Literal[-1, 1], most: int) -> Iterator[Break]:
    """The next breaks on one side of the present budget, to a step."""
    place, seen = budgets.place, 0
    farthest = 0 if way < 0 else _farthest(budgets)
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
    slack = float(budgets.smallest * NOISE)
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


def binding_at(budgets: Budgets, place: int) -> frozenset[tuple[str, str, str]] | None:
    """Pool, rule and name of each limit that holds with equality at a place; None if unpayable."""
    standing = budgets.standing(place)
    return None if standing is None else _bound(budgets.now, standing)


def binding(allocation: Allocation) -> frozenset[tuple[str, str, str]]:
    """Pool, rule and name of each limit that the amounts before whole units stand at."""
    return _bound(allocation, standing_of(allocation))


def _bound(allocation: Allocation, standing: Standing) -> frozenset[tuple[str, str, str]]:
    slack = Fraction(allocation.smallest) * NOISE if standing.solution is not None else Fraction(0)
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
