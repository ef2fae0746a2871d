"""A program in whole numbers, for exact checks: values, violations and bounds without rounding.

A bound is weak duality: for any multipliers of the rows, the least value of the objective less
multiplier x (row - its binding side), taken column by column over the columns' bounds, is at most
what any allowed amounts can reach.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from operator import mul

import numpy as np
from numpy.typing import NDArray

from reliefperf.allocation.exact_rows import (
    MONEY,
    Row,
    RowsOfFamily,
    down_all,
    exact_value,
    rows_of,
    up_all,
)
from reliefperf.allocation.float_program import FloatProgram
from reliefperf.allocation.folding import CROSSING_TOLERANCE
from reliefperf.allocation.program import (
    Coverage,
    Deviation,
    Floats,
    Linear,
    Program,
    Shortfall,
    exact,
)
from reliefperf.allocation.scaling import money_unit

type Places = NDArray[np.int64]

PRICE = 2**44
"""Multipliers are whole numbers of this part; any multipliers give a valid bound."""


@dataclass(eq=False)
class ExactObjective:
    """minimise costs @ x + sum over |x - targets| of the columns + shortfalls - size x coverage."""

    name: str
    costs: list[int] | None = None
    scale: int = 1
    targets: list[int] | None = None
    columns: list[int] = field(default_factory=list)
    priority: int | None = None
    needs: list[Fraction] | None = None


class ExactProgram:
    """A program in whole numbers: rows of several columns, bounds, objectives one a tier.

    Hard rows of one column are bounds. `common` is what coefficients are multiplied by.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.n = len(program.columns)
        self.lower, self.upper = down_all(program.lower), up_all(program.upper)
        values = {v for family in program.families for v in np.unique(family.matrix.data).tolist()}
        self.common = math.lcm(*(exact_value(v).denominator for v in values))
        self.rows: list[Row] = []
        self._same: dict[tuple[tuple[int, ...], tuple[int, ...]], int] = {}
        made = [rows_of(family, self.common) for family in program.families]
        self._stated = [(own.places, self._add(own)) for own in made]
        self._settle()
        self.objectives = list(self._objectives())
        self.float = FloatProgram(self, MONEY)

    def _add(self, own: RowsOfFamily) -> list[int]:
        """Add the rows of a family; returns the row here that each of its rows is."""
        for j, least, most in own.bounds:
            if least is not None and least > self.lower[j]:
                self.lower[j] = least
            if most is not None and most < self.upper[j]:
                self.upper[j] = most
        return [self._join(row) for row in own.rows]

    def _join(self, row: Row) -> int:
        """Add a row, unless it is a hard one with the left side of another; returns its place."""
        place = len(self.rows)
        if row.soft is None:
            place = self._same.setdefault((row.columns, row.coefficients), place)
        if place == len(self.rows):
            self.rows.append(row)
        else:
            same = self.rows[place]
            low, high = same.low, same.high
            if low is None or (row.low is not None and row.low > low):
                low = row.low
            if high is None or (row.high is not None and row.high < high):
                high = row.high
            self.rows[place] = Row(row.columns, row.coefficients, low, high, None)
        return place

    def _settle(self) -> None:
        """Bounds that cross by noise leave the room between, as when the program was solved.

        Those that cross by more stay as they are: then no amount keeps both.
        """
        least = int(money_unit(self.program) * MONEY)
        for j, (low, high) in enumerate(zip(self.lower, self.upper, strict=True)):
            if 0 < low - high <= CROSSING_TOLERANCE * max(least, min(abs(low), abs(high))):
                self.lower[j], self.upper[j] = high, low

    def prices(self, stated: Sequence[Floats]) -> Floats:
        """The price of every row (n_rows,) from those of the families' rows.

        Rules that say the same of the same amounts have one row together, with the sum of prices.
        """
        rows, families, indices = self._sources
        starts = np.cumsum([0, *(len(of_family) for of_family in stated)])
        flat = np.concatenate([np.zeros(0), *stated])[starts[families] + indices]
        return np.bincount(rows, weights=flat, minlength=len(self.rows))

    def source(self, row: int) -> tuple[int, int]:
        """The first family that states a row, and its place there."""
        families, places = self._first
        return int(families[row]), int(places[row])

    @cached_property
    def _first(self) -> tuple[Places, Places]:
        rows, families, places = self._sources
        _, first = np.unique(rows, return_index=True)
        return families[first], places[first]

    @cached_property
    def _sources(self) -> tuple[Places, Places, Places]:
        """For each stated row: the row here, its family, its place in the family."""
        rows = [row for _, own in self._stated for row in own]
        places = [place for own, _ in self._stated for place in own]
        families = np.repeat(np.arange(len(self._stated)), [len(own) for own, _ in self._stated])
        return np.array(rows, dtype=np.int64), families, np.array(places, dtype=np.int64)

    def _objectives(self) -> Iterator[ExactObjective]:
        for tier in self.program.tiers:
            match tier:
                case Shortfall():
                    families = {f.soft for f in self.program.families if f.soft is not None}
                    for priority in sorted(families):
                        alone = len(families) == 1
                        name = tier.name if alone else f"{tier.name}:{priority}"
                        yield ExactObjective(name, priority=priority)
                case Deviation():
                    used = np.flatnonzero(tier.columns).tolist()
                    wanted = down_all(tier.targets[used])
                    yield ExactObjective(tier.name, targets=wanted, columns=used)
                case Coverage():
                    used = np.flatnonzero(tier.columns & (tier.needs > 0)).tolist()
                    if used:
                        needs = [exact(v) for v in tier.needs[used].tolist()]
                        yield ExactObjective(tier.name, needs=needs, columns=used)
                case Linear():
                    costs = [exact_value(v) for v in tier.costs.tolist()]
                    scale = math.lcm(*{c.denominator for c in costs})
                    whole = [c.numerator * (scale // c.denominator) for c in costs]
                    yield ExactObjective(tier.name, costs=whole, scale=scale)

    def value(self, objective: ExactObjective, amounts: Sequence[int]) -> Fraction:
        """The objective's value in money at amounts (n,) in MONEY."""
        if objective.costs is not None:
            total = sum(c * x for c, x in zip(objective.costs, amounts, strict=True) if c)
            return Fraction(total, objective.scale * MONEY)
        if objective.targets is not None:
            pairs = zip(objective.columns, objective.targets, strict=True)
            return Fraction(sum(abs(amounts[j] - t) for j, t in pairs), MONEY)
        if objective.needs is not None:
            pairs_ = zip(objective.columns, objective.needs, strict=True)
            least = min(Fraction(amounts[j], MONEY) / need for j, need in pairs_)
            return -least * sum(objective.needs)
        short = 0
        for row in self.rows:
            if row.soft == objective.priority:
                short += self.excess(row, amounts)
        return Fraction(short, self.common * MONEY)

    def excess(self, row: Row, amounts: Sequence[int]) -> int:
        """By how much a row is missed, in common x MONEY."""
        value = sum(map(mul, row.coefficients, [amounts[j] for j in row.columns]))
        below = 0 if row.low is None else row.low * self.common - value
        above = 0 if row.high is None else value - row.high * self.common
        return max(below, above, 0)

    def violation(self, amounts: Sequence[int]) -> tuple[Fraction, str]:
        """The largest amount by which a hard limit is exceeded, and which."""
        worst, name = 0, ""
        for place, row in enumerate(self.rows):
            if row.soft is None and (by := self.excess(row, amounts)) > worst:
                number, index = self.source(place)
                family = self.program.families[number]
                worst, name = by, f"{family.rule}/{family.names[index]}"
        for j, (low, x, high) in enumerate(zip(self.lower, amounts, self.upper, strict=True)):
            by = max(low - x, x - high) * self.common
            if by > worst:
                worst, name = by, self.program.columns[j]
        return Fraction(worst, self.common * MONEY), name

    def bound(self, multipliers: Sequence[int], weights: Sequence[int], shares: Floats) -> Fraction:
        """What the weighted objectives (weights in PRICE) cannot go below, exactly, in money.

        `multipliers` (n_rows,) in PRICE, `shares` (n,) the multipliers of a coverage's columns.
        """
        by_priority = {
            o.priority: w
            for o, w in zip(self.objectives, weights, strict=True)
            if o.priority is not None
        }
        slopes = [0] * self.n  # in common x PRICE
        total = 0  # in common x PRICE x MONEY
        for row, wanted in zip(self.rows, multipliers, strict=True):
            price = wanted
            if row.soft is not None:
                most = by_priority[row.soft]
                price = max(-most, min(most, wanted))
            side = row.low if price > 0 else row.high
            if price and side is not None:
                total += price * side * self.common
                for j, c in zip(row.columns, row.coefficients, strict=True):
                    slopes[j] -= c * price
        spare = Fraction(0)
        bends: list[list[tuple[int, int]]] = [[] for _ in range(self.n)]
        lost = 0
        for objective, weight in zip(self.objectives, weights, strict=True):
            if not weight:
                continue
            if objective.costs is not None:
                for j, c in enumerate(objective.costs):
                    if c:
                        scaled = Fraction(c * weight * self.common, objective.scale)
                        slopes[j] += math.floor(scaled)
                        lost += int(scaled.denominator > 1) * max(
                            abs(self.lower[j]), abs(self.upper[j])
                        )
            elif objective.targets is not None:
                for j, t in zip(objective.columns, objective.targets, strict=True):
                    bends[j].append((weight, t))
            elif objective.needs is not None:
                size = sum(objective.needs)
                used = Fraction(0)
                for j, need in zip(objective.columns, objective.needs, strict=True):
                    share = math.floor(float(shares[j]) * PRICE)
                    if share > 0:
                        used += need * share
                        slopes[j] -= share * self.common
                ends = (
                    Fraction(self.upper[j], MONEY) / need
                    for j, need in zip(objective.columns, objective.needs, strict=True)
                )
                rest = weight * size - used
                if rest < 0:
                    return Fraction(-(10**30))
                spare += rest * min(ends)
        common = self.common
        for slope, low, high, of_column in zip(slopes, self.lower, self.upper, bends, strict=True):
            if not of_column:
                total += slope * (low if slope > 0 else high)
            elif len(of_column) == 1:
                ((weight, t),) = of_column
                w, x = common * weight, max(low, min(high, t))
                total += min(
                    slope * low + w * abs(low - t),
                    slope * x + w * abs(x - t),
                    slope * high + w * abs(high - t),
                )
            else:
                points = {low, high, *(max(low, min(high, t)) for _, t in of_column)}
                total += min(
                    slope * x + common * sum(w * abs(x - t) for w, t in of_column) for x in points
                )
        return Fraction(total - lost, self.common * PRICE * MONEY) - spare / PRICE
