"""Exact breaks of pools that are settled alone.

Such a pool is a level: amounts are clip(level x weight, low, high), or
clip(entitlement + level x bear, low, high) where each region has its own amount. A limit begins
or ceases to bind where the level passes low / weight or high / weight; the total there is a sum of
fractions, and the budget that gives this total is one too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from reliefperf.allocation.bounds import Bounds
from reliefperf.allocation.pool import Pool
from reliefperf.scenarios.inverse.breaks import Break, Change
from reliefperf.scenarios.inverse.budgets import Budgets, Line


def level_breaks(budgets: Budgets) -> Iterator[Break]:
    """The breaks of every pool, not in order."""
    for pool_id, result in budgets.now.pools.items():
        lines = budgets.lines[pool_id] or ()
        bounds = Bounds.open(len(budgets.now.codes))
        for _, rows in budgets.now.settled[pool_id]:
            bounds.take(rows)
        for group, line in enumerate(lines):
            if line.slope > 0 and result.pool.totals[group] is not None:
                members = np.flatnonzero(result.pool.groups == group).tolist()
                yield from _Group(budgets, result.pool, bounds, members, line).breaks()


def least_paid(budgets: Budgets, found: Sequence[Break]) -> Break | None:
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
