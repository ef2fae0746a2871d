"""Exact checks of recorded amounts, without a solver: limits, tiers, whole units.

A tier is proved by weak duality. For any multipliers of the rows, the least value of the objective
less multiplier x (row - its binding side), taken column by column over the columns' bounds, is at
most what any allowed amounts can reach. The multipliers are the recorded prices; a later tier adds
"no earlier objective gets worse" with a multiple of that tier's own multipliers, found by search,
which mends prices that belong to the narrowed program. Whatever multipliers are used the bound
holds, so the search is in floats and the bound itself in whole numbers, rounded to the safe side.
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
from scipy import sparse

from reliefperf.allocation.program import (
    Coverage,
    Deviation,
    Floats,
    Linear,
    Program,
    RowFamily,
    Shortfall,
    Solution,
    exact,
)

type Places = NDArray[np.int64]

PLACES = 20
MONEY = 10**PLACES
"""Money is counted in this part of its unit; sides are rounded to it, away from the middle."""

_DIGITS = Context(prec=400)

PRICE = 2**44
"""Multipliers are whole numbers of this part; any multipliers give a valid bound."""

MULTIPLES = (0.0, *(2.0**k for k in range(-2, 15)))
"""Multiples of an earlier tier's multipliers that are tried."""


@dataclass(frozen=True)
class Gap:
    """How far a tier may be from its best: nothing allowed is better by more than `gap` money.

    `reached` is the tier's exact value at the recorded amounts (shortfall and deviation in money, a
    coverage times the sum of the needs, with the sign of a minimum).
    """

    tier: str
    reached: Fraction
    gap: Fraction


@dataclass(eq=False)
class _Objective:
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
        self.objectives = list(self._objectives())
        self.float = _FloatProgram(self)

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
        # sides that cross by noise become one point, as they did when the program was solved
        if self.lower[j] > self.upper[j]:
            self.lower[j], self.upper[j] = self.upper[j], self.lower[j]

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

    def _objectives(self) -> Iterator[_Objective]:
        for tier in self.program.tiers:
            match tier:
                case Shortfall():
                    priorities = sorted({row.soft for row in self.rows if row.soft is not None})
                    families = {f.soft for f in self.program.families if f.soft is not None}
                    for priority in sorted(families | set(priorities)):
                        yield _Objective(f"{tier.name}:{priority}", priority=priority)
                case Deviation():
                    used = np.flatnonzero(tier.columns).tolist()
                    wanted = [down(v) for v in tier.targets[used].tolist()]
                    yield _Objective(tier.name, targets=wanted, columns=used)
                case Coverage():
                    used = np.flatnonzero(tier.columns & (tier.needs > 0)).tolist()
                    if used:
                        needs = [exact(v) for v in tier.needs[used].tolist()]
                        yield _Objective(tier.name, needs=needs, columns=used)
                case Linear():
                    costs = [exact(v) for v in tier.costs.tolist()]
                    scale = math.lcm(*{c.denominator for c in costs})
                    whole = [c.numerator * (scale // c.denominator) for c in costs]
                    yield _Objective(tier.name, costs=whole, scale=scale)

    def value(self, objective: _Objective, amounts: Sequence[int]) -> Fraction:
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


class _FloatProgram:
    """The same bound in floats, to find good multiples with."""

    def __init__(self, program: ExactProgram) -> None:
        n_rows = len(program.rows)
        starts = np.cumsum([0, *(len(row.columns) for row in program.rows)])
        columns = [j for row in program.rows for j in row.columns]
        data = [c / program.common for row in program.rows for c in row.coefficients]
        self.matrix = sparse.csr_array(
            (np.array(data, dtype=np.float64), np.array(columns, dtype=np.int64), starts),
            shape=(n_rows, program.n),
        )
        self.transposed = sparse.csr_array(self.matrix.T)
        self.low = np.array([-np.inf if r.low is None else r.low / MONEY for r in program.rows])
        self.high = np.array([np.inf if r.high is None else r.high / MONEY for r in program.rows])
        self.soft = np.array([r.soft or 0 for r in program.rows], dtype=np.int64)
        self.lower = np.array([v / MONEY for v in program.lower])
        self.upper = np.array([v / MONEY for v in program.upper])
        self.objectives = program.objectives
        self.targets = {
            k: np.array([t / MONEY for t in o.targets])
            for k, o in enumerate(program.objectives)
            if o.targets is not None
        }
        self.costs = {
            k: np.array([c / o.scale for c in o.costs])
            for k, o in enumerate(program.objectives)
            if o.costs is not None
        }

    def bound(self, multipliers: Floats, weights: Floats) -> tuple[float, Floats]:
        """The bound in money and the shares (n,) of the columns of a coverage."""
        y = multipliers.copy()
        for k, objective in enumerate(self.objectives):
            if objective.priority is not None:
                mine = self.soft == objective.priority
                y[mine] = np.clip(y[mine], -weights[k], weights[k])
        y[(y > 0) & np.isneginf(self.low)] = 0.0
        y[(y < 0) & np.isposinf(self.high)] = 0.0
        up, down = y > 0, y < 0
        total = float(y[up] @ self.low[up] + y[down] @ self.high[down])
        slopes = -(self.transposed @ y)
        for k, costs in self.costs.items():
            slopes = slopes + weights[k] * costs
        points = [self.lower, self.upper]
        bends = []
        for k, targets in self.targets.items():
            if weights[k]:
                wide = np.full(self.lower.size, np.nan)
                wide[self.objectives[k].columns] = targets
                bends.append((weights[k], wide))
                points.append(
                    np.where(np.isnan(wide), self.lower, np.clip(wide, self.lower, self.upper))
                )
        places = np.sort(np.stack(points), axis=0)
        heights = slopes * places
        for weight, wide in bends:
            heights = heights + weight * np.nan_to_num(np.abs(places - wide))
        shares = np.zeros(self.lower.size)
        for k, objective in enumerate(self.objectives):
            if objective.needs is not None and weights[k]:
                needs = np.array([float(need) for need in objective.needs])
                used = np.array(objective.columns)
                size = float(weights[k]) * float(needs.sum())
                shares[used] = _shares(places[:, used], heights[:, used], needs, size)
                heights = heights - shares * places
        return total + float(heights.min(axis=0).sum()), shares


def _shares(places: Floats, heights: Floats, needs: Floats, size: float) -> Floats:
    """Shares (k,) >= 0 with sum of needs x shares = size that make the bound greatest.

    `places`, `heights` (m, k): the corners of each column's convex function. What a share costs
    goes up as it moves the column's least point from corner to corner, so the cheapest come first.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.diff(heights, axis=0) / np.diff(places, axis=0)
    slope = np.maximum(np.where(np.isfinite(slope), slope, 0.0), 0.0)
    slope = np.maximum.accumulate(slope, axis=0)
    ends = np.vstack([slope, np.full((1, needs.size), np.inf)])
    starts = np.vstack([np.zeros((1, needs.size)), slope])
    with np.errstate(invalid="ignore"):
        room = (ends - starts) * needs
    order = np.argsort((places / needs).ravel(), kind="stable")
    room_in_order = np.minimum(room.ravel()[order], size)
    before = np.concatenate([[0.0], np.cumsum(room_in_order)[:-1]])
    given = np.clip(size - before, 0.0, room_in_order)
    flat = np.zeros(room.size)
    flat[order] = given
    return np.asarray(flat.reshape(room.shape).sum(axis=0) / needs * (1 - 1e-13))


def tier_gaps(problem: ExactProgram, solution: Solution) -> list[Gap]:
    """For each tier how much better any amounts could be that keep all rules and earlier tiers."""
    amounts = in_money(solution.amounts)
    n_tiers = len(problem.objectives)
    if len(solution.prices) != n_tiers:
        raise ValueError(f"{len(solution.prices)} tiers recorded, the program has {n_tiers}")
    values = [problem.value(objective, amounts) for objective in problem.objectives]
    floats = np.array([float(v) for v in values])
    known: list[tuple[Floats, Floats]] = []
    gaps = []
    for k, objective in enumerate(problem.objectives):
        size = float(sum(objective.needs)) if objective.needs is not None else 1.0
        sign = -size if objective.needs is not None else 1.0
        prices = solution.prices[k]
        raw = sign * problem.prices(prices)
        weights = np.zeros(n_tiers)
        weights[k] = 1.0
        best = _mended(problem.float, raw, weights, known, floats)
        known.append(best)
        multipliers, weights = best
        whole_weights = [round(w * PRICE) for w in weights.tolist()]
        _, shares = problem.float.bound(multipliers, weights)
        bound = problem.bound(
            [round(y * PRICE) for y in multipliers.tolist()], whole_weights, shares
        )
        reached = sum(
            (Fraction(w, PRICE) * v for w, v in zip(whole_weights, values, strict=True)),
            Fraction(0),
        )
        # targets were rounded to a part of MONEY
        slip = Fraction(len(objective.columns), MONEY) * math.ceil(float(weights.sum()))
        gaps.append(Gap(objective.name, values[k], reached - bound + slip))
    return gaps


def _mended(
    program: _FloatProgram,
    raw: Floats,
    weights: Floats,
    known: Sequence[tuple[Floats, Floats]],
    values: Floats,
) -> tuple[Floats, Floats]:
    """The raw prices plus the multiples of earlier tiers' multipliers with the least gap."""

    def gap(chosen: Sequence[float]) -> tuple[float, Floats, Floats]:
        y = raw + sum((a * known[i][0] for i, a in enumerate(chosen)), np.zeros(raw.size))
        w = weights + sum((a * known[i][1] for i, a in enumerate(chosen)), np.zeros(weights.size))
        return float(w @ values) - program.bound(y, w)[0], y, w

    chosen = [0.0] * len(known)
    best = gap(chosen)
    still = 1e-9 * (1.0 + float(np.abs(values).sum()))
    # coordinate by coordinate the search may get stuck, so it starts from the best common multiple
    for first in MULTIPLES if len(known) > 1 else ():
        for later in (first, 1.0):
            trial = [first, *[later] * (len(known) - 1)]
            found = gap(trial)
            if found[0] < best[0] - still and best[0] > still:
                best, chosen = found, trial
    for _ in range(2):
        for i in reversed(range(len(known))):
            for multiple in MULTIPLES:
                trial = [*chosen[:i], multiple, *chosen[i + 1 :]]
                found = gap(trial)
                # large multiples make much of noise, so that a small gap is not made smaller
                if found[0] < best[0] - still and best[0] > still:
                    best, chosen = found, trial
    return best[1], best[2]


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
