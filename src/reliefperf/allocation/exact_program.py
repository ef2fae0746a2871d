"""A program in whole numbers, for exact checks: values, violations and bounds without rounding.

A bound is weak duality: for any multipliers of the rows, the least value of the objective less
multiplier x (row - its binding side), taken column by column over the columns' bounds, is at most
what any allowed amounts can reach.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from reliefperf.allocation.float_program import FloatProgram
from reliefperf.allocation.folding import CROSSING_TOLERANCE
from reliefperf.allocation.program import (
    Coverage,
    Deviation,
    Floats,
    Linear,
    Program,
    RowFamily,
    Shortfall,
    exact,
)
from reliefperf.allocation.scaling import money_unit

type Places = NDArray[np.int64]

PLACES = 20
MONEY = 10**PLACES
"""Money is counted in this part of its unit; sides are rounded to it, away from the middle."""

_DIGITS = Context(prec=400)

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


@dataclass(eq=False)
class _Row:
    columns: list[int]
    coefficients: list[int]
    low: int | None
    high: int | None
    soft: int | None
    sources: list[tuple[int, int]]


class ExactProgram:
    """A program in whole numbers: rows of several columns, bounds, objectives one a tier.

    Hard rows of one column are bounds. `common` is what coefficients are multiplied by.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.n = len(program.columns)
        self.lower = [down(v) for v in program.lower.tolist()]
        self.upper = [up(v) for v in program.upper.tolist()]
        values = {v for family in program.families for v in np.unique(family.matrix.data).tolist()}
        coefficients = {v: exact(v) for v in values}
        self.common = math.lcm(*(c.denominator for c in coefficients.values()))
        self._whole = {
            v: c.numerator * (self.common // c.denominator) for v, c in coefficients.items()
        }
        self.rows: list[_Row] = []
        self._same: dict[tuple[int, ...], _Row] = {}
        for number, family in enumerate(program.families):
            self._add(number, family)
        self._settle()
        self.objectives = list(self._objectives())
        self.float = FloatProgram(self, MONEY)

    def _add(self, number: int, family: RowFamily) -> None:
        data = [self._whole[v] for v in family.matrix.data.tolist()]
        columns, starts = family.matrix.indices.tolist(), family.matrix.indptr.tolist()
        sides = zip(family.lower.tolist(), family.upper.tolist(), strict=True)
        for i, (low, high) in enumerate(sides):
            part = slice(starts[i], starts[i + 1])
            n_terms = starts[i + 1] - starts[i]
            if n_terms == 1 and family.soft is None:
                self._tighten(columns[starts[i]], data[starts[i]], low, high)
            elif n_terms:
                row = _Row(
                    columns[part],
                    data[part],
                    down(low) if math.isfinite(low) else None,
                    up(high) if math.isfinite(high) else None,
                    family.soft,
                    [(number, i)],
                )
                self._join(row)

    def _join(self, row: _Row) -> None:
        key = (*row.columns, *row.coefficients)
        same = self._same.get(key) if row.soft is None else None
        if same is None:
            self.rows.append(row)
            if row.soft is None:
                self._same[key] = row
            return
        same.sources += row.sources
        same.low = max((v for v in (same.low, row.low) if v is not None), default=None)
        same.high = min((v for v in (same.high, row.high) if v is not None), default=None)

    def _tighten(self, j: int, coefficient: int, low: float, high: float) -> None:
        least, most = (low, high) if coefficient > 0 else (high, low)
        if math.isfinite(least):
            side = _exact(least)
            money = side.numerator * self.common * MONEY
            self.lower[j] = max(self.lower[j], money // (side.denominator * coefficient))
        if math.isfinite(most):
            side = _exact(most)
            money = side.numerator * self.common * MONEY
            self.upper[j] = min(self.upper[j], -(-money // (side.denominator * coefficient)))

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

    @cached_property
    def _sources(self) -> tuple[Places, Places, Places]:
        """For each stated row: the row here, its family, its place in the family."""
        found = [(i, *source) for i, row in enumerate(self.rows) for source in row.sources]
        table = np.array(found, dtype=np.int64).reshape(-1, 3)
        return table[:, 0], table[:, 1], table[:, 2]

    def _objectives(self) -> Iterator[ExactObjective]:
        for tier in self.program.tiers:
            match tier:
                case Shortfall():
                    priorities = sorted({row.soft for row in self.rows if row.soft is not None})
                    families = {f.soft for f in self.program.families if f.soft is not None}
                    for priority in sorted(families | set(priorities)):
                        yield ExactObjective(f"{tier.name}:{priority}", priority=priority)
                case Deviation():
                    used = np.flatnonzero(tier.columns).tolist()
                    wanted = [down(v) for v in tier.targets[used].tolist()]
                    yield ExactObjective(tier.name, targets=wanted, columns=used)
                case Coverage():
                    used = np.flatnonzero(tier.columns & (tier.needs > 0)).tolist()
                    if used:
                        needs = [exact(v) for v in tier.needs[used].tolist()]
                        yield ExactObjective(tier.name, needs=needs, columns=used)
                case Linear():
                    costs = [_exact(v) for v in tier.costs.tolist()]
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

    def excess(self, row: _Row, amounts: Sequence[int]) -> int:
        """By how much a row is missed, in common x MONEY."""
        value = sum(c * amounts[j] for j, c in zip(row.columns, row.coefficients, strict=True))
        below = 0 if row.low is None else row.low * self.common - value
        above = 0 if row.high is None else value - row.high * self.common
        return max(below, above, 0)

    def violation(self, amounts: Sequence[int]) -> tuple[Fraction, str]:
        """The largest amount by which a hard limit is exceeded, and which."""
        worst, name = 0, ""
        for row in self.rows:
            if row.soft is None and (by := self.excess(row, amounts)) > worst:
                number, index = row.sources[0]
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


def in_money(amounts: Floats) -> list[int]:
    """Amounts (n,) as the decimals they print as, in MONEY."""
    return [down(value) for value in amounts.tolist()]


def down(value: float) -> int:
    """The decimal that a float prints as, in MONEY, rounded down."""
    return _whole(value, ROUND_FLOOR)


def up(value: float) -> int:
    """The decimal that a float prints as, in MONEY, rounded up."""
    return _whole(value, ROUND_CEILING)


@lru_cache(maxsize=2**18)
def _exact(value: float) -> Fraction:
    return exact(value)


@lru_cache(maxsize=2**18)
def _whole(value: float, rounding: str) -> int:
    return int(_DIGITS.scaleb(Decimal(repr(value)), PLACES).to_integral_value(rounding, _DIGITS))
