"""A number that is solved for: the t for which the amounts of `each` add up to the pool's total.

The amounts must rise with t in every region, or fall in every region; with `rises: total` only
their sum must. Then t is enclosed by bisection between neighbouring floats, and the amounts are the point between those of both sides at
which they add up to the total: exact, whatever the order of rows. With `by` every group has its own
t; all groups are searched at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np

from reliefperf.allocation.pool import Pool, Solved
from reliefperf.allocation.pool_reading import PoolReader
from reliefperf.allocation.program import Ints, Mask
from reliefperf.allocation.ratios import Ratios
from reliefperf.allocation.solving_words import Tried, Words
from reliefperf.errors import Note
from reliefperf.model.environment import Array

FARTHEST = 60
"""Without a stated range t is sought as far as 2 ** 60 on both sides, and as near to 0 as 2 ** -60."""
MOST_HALVINGS = 400
"""After so many halvings the sides are as good as equal, though not neighbours (t next to 0)."""
NOISE = 1e-9
"""Amounts that differ by less than this part of them are equal but for the noise of floats."""
PART_OF_UNIT = 1e-6
"""So small a part of the smallest amount of money is noise too."""
JUMP = 0.01
"""A total that changes by more of the smallest amount between neighbouring floats has a step."""


def solved_pool(reader: PoolReader, eligible: Mask) -> Pool:
    """The pool whose entitlements are `each` at the number for which they come to the totals.

    Raises InputError where the formula is missing, negative, or rises and falls; InfeasibleError
    where no number gives a total. What nobody can take stays with `leftover: return`.
    """
    groups, names = reader.grouping(eligible)
    totals = reader.totals(groups, names)
    if not eligible.any() and any(totals) and reader.leftover == "redistribute":
        raise reader.nobody_shares()
    search = _Search(reader, groups, names, totals)
    amounts, values, notes = search.found()
    pool = reader.pool(eligible, groups, names, totals, amounts, amounts)
    return replace(pool, notes=tuple(notes), solved=Solved(search.name, tuple(values)))


class _Search(Words):
    def __init__(
        self, reader: PoolReader, groups: Ints, names: Sequence[str], totals: Sequence[Fraction]
    ) -> None:
        super().__init__(reader, groups, names, totals)
        self.wanted = np.array([float(total) for total in totals])
        self.members = [np.flatnonzero(groups == k) for k in range(len(names))]
        self.full = np.array([len(own) > 0 for own in self.members], dtype=bool)
        self.noise = PART_OF_UNIT * float(reader.step)

    # ------------------------------------------------------------ trying

    def at(self, numbers: float | Array) -> Tried:
        """The formula with a number in each group, nothing noted."""
        reader = self.reader
        per_group = np.broadcast_to(np.asarray(numbers, dtype=np.float64), self.wanted.shape)
        solved = Solved(self.name, tuple(per_group.tolist()))
        assert reader.spec.each is not None
        values = reader.model.compiled(reader.spec.each).full(solved.seen(reader.env, self.groups))
        if reader.spec.negative == "error":
            values = np.where((values < 0) & (values > -self.noise), 0.0, values)
        sums = np.array([math.fsum(values[own].tolist()) for own in self._summable(values)])
        return Tried(per_group, np.asarray(values, dtype=np.float64), sums)

    def _summable(self, values: Array) -> Iterator[Ints]:
        """Each group's places; fsum takes no infinities of both signs, which one NaN stands for."""
        for own in self.members:
            inside = values[own]
            if np.isinf(inside).any() and inside.max() == -inside.min():
                values[own] = np.nan
            yield own

    def _points(self) -> list[Tried]:
        """Points in ascending order that enclose every group's number where there is one."""
        if self.range is not None:
            points = [self.at(number) for number in self.range]
            for point in points:
                self.refuse_missing(point)
            self._check(points[0], points[1])
            return points
        points = [self.at(0.0), self.at(1.0)]
        missing = np.isnan(points[0].sums) & self.full
        if (missing & np.isnan(points[1].sums)).any():
            self.refuse_missing(points[1])
        self._check(*points)
        self._outwards(points, [2.0**k for k in range(1, FARTHEST + 1)])
        if missing.any() and not self._enclosed(points).all():
            zero = points.pop(0)
            self._outwards(points, [2.0**-k for k in range(1, FARTHEST + 1)])
            points.insert(0, zero)
        self._outwards(points, [-(2.0**k) for k in range(FARTHEST + 1)])
        return points

    def _outwards(self, points: list[Tried], numbers: Sequence[float]) -> None:
        """Add points on one side until every total is enclosed, or the formula is missing.

        Where it is missing the search closes in on the last number for which it is not.
        """
        up = numbers[0] > points[-1].at[0] if len(self.wanted) else True
        last = points[-1 if up else 0]
        for number in numbers:
            enclosed = self._enclosed(points)
            if enclosed.all():
                return
            tried = self.at(number)
            if np.isnan(tried.sums[~enclosed]).all():
                self._to_the_edge(points, last, tried, up=up)
                return
            self._add(points, tried, up=up)
            last = tried

    def _to_the_edge(self, points: list[Tried], last: Tried, lost: Tried, *, up: bool) -> None:
        """Add points between one where the formula is known and one where it is missing."""
        low, high = float(last.at[0]), float(lost.at[0])
        for _ in range(FARTHEST):
            enclosed = self._enclosed(points)
            if enclosed.all():
                return
            tried = self.at((low + high) / 2)
            if np.isnan(tried.sums[~enclosed]).any():
                high = float(tried.at[0])
            else:
                low = float(tried.at[0])
                self._add(points, tried, up=up)

    def _add(self, points: list[Tried], tried: Tried, *, up: bool) -> None:
        if up:
            points.append(tried)
            self._check(*points[-2:])
        else:
            points.insert(0, tried)
            self._check(*points[:2])

    def _enclosed(self, points: Sequence[Tried]) -> Mask:
        """Which groups (n_groups,) have their total between the sums at two of the points."""
        sums = np.array([point.sums for point in points])
        with np.errstate(invalid="ignore"):
            low, high = np.fmin.reduce(sums), np.fmax.reduce(sums)
            return np.asarray(~self.full | ((low <= self.wanted) & (self.wanted <= high)))

    def _check(self, first: Tried, second: Tried) -> None:
        """Refuse amounts of which some rise and some fall from one point to a higher one.

        Or sums that do, where only these must go one way.
        """
        if self.by_total:
            self._check_totals(first, second)
            return
        with np.errstate(invalid="ignore"):
            moved = second.amounts - first.amounts
            least = NOISE * np.maximum(np.abs(first.amounts), np.abs(second.amounts)) + self.noise
            signs = np.where(moved > least, 1.0, np.where(moved < -least, -1.0, 0.0))
        inside = np.flatnonzero((self.groups >= 0) & (signs != 0))
        new = inside[self.rising[self.groups[inside]] == 0]
        # written from the end, so that the first region of a group decides
        self.rising[self.groups[new][::-1]] = signs[new][::-1]
        wrong = inside[signs[inside] != self.rising[self.groups[inside]]]
        if wrong.size:
            raise self.turns(int(wrong[0]), int(self.groups[wrong[0]]), first, second)

    def _check_totals(self, first: Tried, second: Tried) -> None:
        inside = self.groups >= 0
        groups, count = self.groups[inside], len(self.wanted)
        before, after = (
            np.bincount(groups, weights=point.amounts[inside], minlength=count)
            for point in (first, second)
        )
        size = np.bincount(groups, weights=np.abs(second.amounts[inside]), minlength=count)
        with np.errstate(invalid="ignore"):
            moved, least = after - before, NOISE * size + self.noise
            signs = np.where(moved > least, 1.0, np.where(moved < -least, -1.0, 0.0))
        self.rising = np.where(self.rising == 0, signs, self.rising)
        wrong = np.flatnonzero((signs != 0) & (signs != self.rising))
        if wrong.size:
            group = int(wrong[0])
            sums = float(before[group]), float(after[group])
            raise self.total_turns(group, first, second, sums)

    # ------------------------------------------------------------ closing in

    def found(self) -> tuple[Ratios, list[float | None], list[Note]]:
        """The entitlements, each group's number (None where nobody shares), and what to say."""
        under, over, ends = self._sides(self._points())
        history = [(under.at, over.at)]
        for _ in range(MOST_HALVINGS):
            middle = under.at + (over.at - under.at) / 2
            moving = (middle != under.at) & (middle != over.at) & ~ends & self.full
            if not moving.any():
                break
            tried = self.at(np.where(moving, middle, under.at))
            self._check_between(under, tried, over, moving)
            rising = over.at > under.at
            # the least number that gives the total
            falls_short = np.where(rising, tried.sums < self.wanted, tried.sums <= self.wanted)
            under = self._moved(under, tried, moving & falls_short)
            over = self._moved(over, tried, moving & ~falls_short)
            history.append((under.at, over.at))
        return self._exactly(under, over, ends, history)

    def _sides(self, points: Sequence[Tried]) -> tuple[Tried, Tried, Mask]:
        """The points on both sides of each total, and which groups end at one (`ends`)."""
        places = {id(point): place for place, point in enumerate(points)}
        chosen = np.zeros((2, len(self.wanted)), dtype=np.int64)
        for group in np.flatnonzero(self.full).tolist():
            chosen[:, group] = [places[id(side)] for side in self._sides_of(points, group)]
        sides = []
        for of_group in chosen:
            side = points[0]
            for place in np.unique(of_group).tolist():
                side = self._moved(side, points[place], of_group == place)
            sides.append(side)
        return sides[0], sides[1], np.asarray(chosen[0] == chosen[1])

    def _sides_of(self, points: Sequence[Tried], group: int) -> tuple[Tried, Tried]:
        """The points on both sides of a group's total; the same one twice where it ends there."""
        wanted = self.wanted[group]
        known = [point for point in points if not math.isnan(point.sums[group])]
        # from 0 outwards, so that the number nearest to it stands for all that give the same
        by_size = sorted(known, key=lambda point: (abs(point.at[group]), -point.at[group]))
        for point in by_size:
            if point.sums[group] == wanted:
                return point, point
        for one, two in pairwise(known):
            if (
                min(one.sums[group], two.sums[group])
                < wanted
                < max(one.sums[group], two.sums[group])
            ):
                return (one, two) if one.sums[group] < two.sums[group] else (two, one)
        least = min(by_size, key=lambda point: float(point.sums[group]))
        most = max(by_size, key=lambda point: float(point.sums[group]))
        is_short = bool(wanted > most.sums[group])
        end = most if is_short else least
        if self._close(float(end.sums[group]), wanted):
            return end, end
        if is_short and self.reader.leftover in ("return", "reserve"):
            return end, end
        raise self.out_of_reach(group, end, most=is_short)

    def _moved(self, side: Tried, to: Tried, which: Mask) -> Tried:
        regions = which[self.groups] & (self.groups >= 0)
        return Tried(
            np.where(which, to.at, side.at),
            np.where(regions, to.amounts, side.amounts),
            np.where(which, to.sums, side.sums),
        )

    def _check_between(self, under: Tried, tried: Tried, over: Tried, moving: Mask) -> None:
        lost = np.isnan(tried.sums) & moving
        if lost.any():
            self.refuse_missing(self._moved(under, tried, lost))
        rising = (over.at > under.at)[self.groups]
        inside = moving[self.groups] & (self.groups >= 0)
        here = replace(tried, amounts=np.where(inside, tried.amounts, under.amounts))
        over = replace(over, amounts=np.where(inside, over.amounts, under.amounts))
        first, last = (
            replace(
                under,
                at=np.where(over.at > under.at, one.at, two.at),
                amounts=np.where(rising, one.amounts, two.amounts),
            )
            for one, two in ((under, over), (over, under))
        )
        self._check(first, here)
        self._check(here, last)

    # ------------------------------------------------------------ exact amounts

    def _exactly(
        self, under: Tried, over: Tried, ends: Mask, history: Sequence[tuple[Array, Array]]
    ) -> tuple[Ratios, list[float | None], list[Note]]:
        steps = [
            over.sums[k] - under.sums[k]
            > max(JUMP * float(self.reader.step), NOISE * self._size(over, k))
            for k in range(len(self.totals))
        ]
        below, above = self._bracketed(under, over, ends | np.array(steps, dtype=bool), history)
        entitlement = Ratios.over([0] * len(self.groups), 1)
        values: list[float | None] = []
        notes: list[Note] = []
        for group, total in enumerate(self.totals):
            if not self.full[group]:
                values.append(None)
                continue
            places = self.members[group].tolist()
            low, high = below[1].taken(places), above[1].taken(places)
            at = float(below[0][group]), float(above[0][group])
            if steps[group] and total not in (low.total(), high.total()):
                if self.reader.leftover not in ("return", "reserve"):
                    raise self.steps_over(group, under, over)
                amounts, value = low, at[0]
            else:
                amounts, part = _between(low, high, total)
                value = float(Fraction(at[0]) + part * (Fraction(at[1]) - Fraction(at[0])))
                if amounts.total() != total and self._close(float(amounts.total()), float(total)):
                    amounts = amounts.divided(amounts.total() / total)
            for i, top, bottom in zip(places, amounts.tops, amounts.bottoms, strict=True):
                entitlement.tops[i], entitlement.bottoms[i] = top, bottom
            values.append(value)
            notes.append(self.note(group, value, amounts.total()))
        return entitlement, values, notes

    def _bracketed(
        self, under: Tried, over: Tried, settled: Mask, history: Sequence[tuple[Array, Array]]
    ) -> tuple[tuple[Array, Ratios], tuple[Array, Ratios]]:
        """Both sides in exact amounts, taken further apart where those do not enclose the total.

        Amounts stand for decimals, and the digits that they lose may hide the last halvings.
        """
        sides = [(tried.at.copy(), self._taken(tried, self.groups >= 0)) for tried in (under, over)]
        back = 1
        while back < 2 * len(history):
            before = history[max(len(history) - 1 - back, 0)]
            back *= 2
            beyond = False
            for k, (at, amounts) in enumerate(sides):
                pairs = zip(self._sums(amounts), self.totals, strict=True)
                miss = [(have < total) if k else (have > total) for have, total in pairs]
                lost = np.array(miss, dtype=bool) & ~settled & self.full
                if lost.any():
                    beyond = True
                    at[lost] = before[k][lost]
                    self._replace(amounts, self.at(at), lost)
            if not beyond:
                break
        return sides[0], sides[1]

    def _taken(self, tried: Tried, which: Mask) -> Ratios:
        """The amounts of some regions as exact numbers, refused where they are none."""
        return self.reader.checked("each", tried.amounts, which)

    def _replace(self, amounts: Ratios, tried: Tried, lost: Mask) -> None:
        """Take the amounts of some groups from another point."""
        places = np.flatnonzero(lost[self.groups] & (self.groups >= 0)).tolist()
        part = Ratios.measured(tried.amounts[places])
        for i, top, bottom in zip(places, part.tops, part.bottoms, strict=True):
            amounts.tops[i], amounts.bottoms[i] = top, bottom

    def _sums(self, amounts: Ratios) -> list[Fraction]:
        return [
            amounts.taken(own.tolist()).total() if len(own) else Fraction(0) for own in self.members
        ]

    def _size(self, tried: Tried, group: int) -> float:
        return math.fsum(np.abs(tried.amounts[self.members[group]]).tolist())

    def _close(self, one: float, other: float) -> bool:
        """Whether two sums are equal but for noise; never where whole units could tell."""
        return abs(one - other) <= min(NOISE * abs(other), JUMP * float(self.reader.step))


def _between(low: Ratios, high: Ratios, total: Fraction) -> tuple[Ratios, Fraction]:
    """The amounts between two sides that add up to a total, and their part of the way from `low`.

    A side that comes to the total is taken as it is; so is the nearer where neither is beyond it.
    """
    least, most = low.total(), high.total()
    if most <= total:
        return high, Fraction(1)
    if least >= total:
        return low, Fraction(0)
    part = (total - least) / (most - least)
    (a, of_low), (b, of_high) = low.scaled(), high.scaled()
    keep, take = (part.denominator - part.numerator) * of_high, part.numerator * of_low
    tops = [keep * x + take * y for x, y in zip(a, b, strict=True)]
    return Ratios.over(tops, part.denominator * of_low * of_high), part
