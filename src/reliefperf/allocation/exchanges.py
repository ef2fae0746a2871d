"""Whether single units, moved or exchanged, would come nearer while every row holds: exactly.

A step is one unit more or less of one amount, or of two amounts that share a row of few (such as a
region's own rows): four steps for two amounts. Every step and every two steps together are looked at:
single units, exchanges between two amounts, cycles over two pools and two regions. A step that a row
forbids can only go together with one that gives way in that very row; steps forbidden by the same
rows are one class, so that not all pairs need trying.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import scipy

from reliefperf.allocation.nearness import GRID, Nearness
from reliefperf.allocation.program import Floats, Ints, Mask
from reliefperf.allocation.repair import Whole

type Change = list[tuple[int, int]]
"""Amounts, by column, and the units that each gets more (or, below 0, less)."""

_SMALL_ROW = 8
_MOST_TWOS = 20_000
_RARE = 128
_AT_ONCE = 20_000
_MOST_PAIRS = 2_000_000
_HALF = 2**40
_NOISE = 1e-12


class Exchanges:
    """The steps between units (n,) that keep to rows on several amounts and to limits on single ones.

    `alike` numbers amounts that may end at most one unit apart; a step never parts them further.
    """

    def __init__(
        self, rows: Sequence[Whole], nearness: Nearness, alike: Sequence[int] | None = None
    ) -> None:
        self._near = nearness
        self._rows = [row for row in rows if len(row.columns) > 1]
        n = nearness.quotas.size
        self._of_column: list[list[tuple[int, int]]] = [[] for _ in range(n)]
        for i, row in enumerate(self._rows):
            for j, c in zip(row.columns, row.coefficients, strict=True):
                self._of_column[j].append((i, c))
        self._alike: dict[int, list[int]] = defaultdict(list)
        self._class = nearness.quotas.tolist() if alike is None else list(alike)
        for j, number in enumerate(self._class):
            self._alike[number].append(j)
        self._make_steps(n)

    def nearer(
        self, units: Sequence[int], least: Sequence[int], most: Sequence[int]
    ) -> Change | None:
        """One step, or two together, from units that keep all rows to nearer ones; None if none is.

        `least` and `most` (n,) bound the units.
        """
        self._units = list(units)
        self._values = [row.value(self._units) for row in self._rows]
        now, first = np.array(self._units), np.array(least)
        self._price(now, now - 1 >= first, now + 1 <= np.array(most))
        room = zip(self._rows, self._values, strict=True)
        sides = [
            (
                np.inf if row.high is None else float(row.high - value),
                np.inf if row.low is None else float(value - row.low),
            )
            for row, value in room
        ]
        self._up, self._down = np.array(sides).reshape(-1, 2).T
        forbids = self._forbids(self._effects.indices, self._effects.data)
        count = np.bincount(self._step[forbids], minlength=self._cost.size)
        free = np.flatnonzero(self._may & (count == 0) & self._gains(self._cost, self._key))
        for step in self._sorted(free).tolist():
            if change := self._confirmed(step):
                return change
        for pairs in self._pairs(forbids, count):
            if change := self._first(*pairs):
                return change
        return None

    def _make_steps(self, n: int) -> None:
        """One unit more or less of each amount, then of both of two amounts that share a small row."""
        twos: set[tuple[int, int]] = set()
        for size in range(2, _SMALL_ROW + 1):
            found = {
                (x, y)
                for row in self._rows
                if len(row.columns) == size
                for x in row.columns
                for y in row.columns
                if x < y
            }
            if len(twos | found) > _MOST_TWOS:
                break
            twos |= found
        ends = np.array(sorted(twos), dtype=np.int64).reshape(-1, 2)
        one = np.repeat(np.arange(n), 2)
        self._first_of = np.concatenate([one, np.repeat(ends[:, 0], 4)])
        self._second_of = np.concatenate([np.full(2 * n, -1), np.repeat(ends[:, 1], 4)])
        k = ends.shape[0]
        self._sign = np.concatenate([np.tile([1, -1], n), np.tile([1, 1, -1, -1], k)])
        self._other_sign = np.concatenate([np.zeros(2 * n, int), np.tile([1, -1, 1, -1], k)])
        lengths = np.array([len(own) for own in self._of_column], dtype=np.int64)
        starts = np.cumsum(lengths) - lengths
        terms = [term for own in self._of_column for term in own]
        rows = np.array([i for i, _ in terms], dtype=np.int64)
        by = np.array([float(c) for _, c in terms])

        def entries(steps: Ints, columns: Ints, signs: Ints) -> tuple[Ints, Ints, Floats]:
            sizes = lengths[columns]
            ends = np.cumsum(sizes)
            at = np.arange(sizes.sum()) + np.repeat(starts[columns] - ends + sizes, sizes)
            return np.repeat(steps, sizes), rows[at], by[at] * np.repeat(signs, sizes)

        every = np.arange(self._first_of.size)
        two = every[2 * n :]
        parts = (
            entries(every, self._first_of, self._sign),
            entries(two, self._second_of[two], self._other_sign[two]),
        )
        step, row, effect = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        shape = (every.size, len(self._rows))
        effects = scipy.sparse.csr_array((effect, (step, row)), shape=shape)
        effects.sum_duplicates()
        effects.eliminate_zeros()
        self._effects: Any = effects
        self._step = np.repeat(every, np.diff(effects.indptr))

    def _price(self, now: Ints, may_fall: Mask, may_rise: Mask) -> None:
        """What each step costs: distance and squares in one number, then places."""
        gap = now * GRID - self._near.quotas
        far = _HALF // 8
        price = np.array(
            [
                (np.abs(gap + sign * GRID) - np.abs(gap)) * _HALF
                + np.clip(2 * sign * gap + GRID, -far, far)
                for sign in (-1, 1)
            ]
        )
        may = np.array([may_fall, may_rise])
        sides = (self._sign > 0).astype(int), (self._other_sign > 0).astype(int)
        two = self._second_of >= 0
        self._cost = price[sides[0], self._first_of] + np.where(
            two, price[sides[1], self._second_of], 0
        )
        self._may = may[sides[0], self._first_of] & (~two | may[sides[1], self._second_of])
        logs = self._near.logs
        self._key = self._sign * logs[self._first_of] + np.where(
            two, self._other_sign * logs[self._second_of], 0.0
        )

    @staticmethod
    def _gains(cost: Ints, key: Floats) -> Mask:
        found: Mask = (cost < 0) | ((cost == 0) & (key < -_NOISE))
        return found

    def _forbids(self, rows: Ints, effects: Floats) -> Mask:
        found: Mask = (effects > self._up[rows]) | (-effects > self._down[rows])
        return found

    def _sorted(self, steps: Ints) -> Ints:
        return steps[np.lexsort((steps, self._key[steps], self._cost[steps]))]

    def _pairs(self, forbids: Mask, count: Ints) -> Iterator[tuple[Ints, Ints]]:
        """Pairs of steps that could go together, one of which a row forbids by itself."""
        touching = self._effects.tocsc()
        sizes = np.diff(touching.indptr)
        at, rows = self._step[forbids], self._effects.indices[forbids]
        rarest = np.full(self._cost.size, -1)
        order = np.lexsort((rows, sizes[rows], at))
        firsts = np.unique(at[order], return_index=True)
        rarest[firsts[0]] = rows[order][firsts[1]]
        able = self._may & (count > 0)
        rare = able & (sizes[rarest] <= _RARE)
        lone = np.flatnonzero(rare)
        for part in range(0, lone.size, _AT_ONCE):
            own = lone[part : part + _AT_ONCE]
            n_each = sizes[rarest[own]]
            ends = np.cumsum(n_each)
            here = np.arange(n_each.sum()) + np.repeat(
                touching.indptr[rarest[own]] - ends + n_each, n_each
            )
            yield np.repeat(own, n_each), touching.indices[here].astype(np.int64)
        yield from self._by_class(forbids, able & ~rare, touching)

    def _by_class(self, forbids: Mask, able: Mask, touching: Any) -> Iterator[tuple[Ints, Ints]]:
        """The same for steps that rows of many amounts forbid, class by class, nearest first."""
        chosen = forbids & able[self._step]
        sides = 2 * self._effects.indices[chosen] + (self._effects.data[chosen] > 0)
        forbidden: dict[int, list[int]] = defaultdict(list)
        for step, side in zip(self._step[chosen].tolist(), sides.tolist(), strict=True):
            forbidden[step].append(side)
        classes: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for step, own in forbidden.items():
            classes[tuple(sorted(own))].append(step)
        members = {own: self._sorted(np.array(steps)) for own, steps in sorted(classes.items())}
        gives: dict[int, Mask] = {}

        def gives_way(side: int) -> Mask:
            if side not in gives:
                row, up = divmod(side, 2)
                span = slice(touching.indptr[row], touching.indptr[row + 1])
                opposite = (touching.data[span] < 0) == bool(up)
                gives[side] = np.zeros(self._cost.size, dtype=bool)
                gives[side][touching.indices[span][opposite]] = True
            return gives[side]

        def that_give(steps: Ints, own: tuple[int, ...]) -> Ints:
            for side in own:
                steps = steps[gives_way(side)[steps]]
            return steps

        tried = 0
        names = list(members)
        for k, one in enumerate(names):
            for two in names[k + 1 :]:
                if not self._hopeful(members[one], members[two]):
                    continue
                a, b = that_give(members[one], two), that_give(members[two], one)
                if not self._hopeful(a, b):
                    continue
                sizes = np.searchsorted(self._cost[b], -self._cost[a], side="right")
                for part in _parts(sizes, _AT_ONCE):
                    each = sizes[part]
                    ends = np.cumsum(each)
                    yield (
                        np.repeat(a[part], each),
                        b[np.arange(each.sum()) - np.repeat(ends - each, each)],
                    )
                    tried += int(each.sum())
                    if tried > _MOST_PAIRS:
                        return

    def _hopeful(self, a: Ints, b: Ints) -> bool:
        """Whether the best of both would come nearer together."""
        if not (a.size and b.size):
            return False
        cost, key = self._cost[a[0]] + self._cost[b[0]], self._key[a[0]] + self._key[b[0]]
        return bool(cost < 0 or (cost == 0 and key < -_NOISE))

    def _first(self, a: Ints, b: Ints) -> Change | None:
        """The best of pairs of steps that come nearer, part no twins, and keep every row."""
        cost, key = self._cost[a] + self._cost[b], self._key[a] + self._key[b]
        fits = self._may[a] & self._may[b] & self._gains(cost, key)
        for one in (self._first_of, self._second_of):
            for two in (self._first_of, self._second_of):
                fits &= (one[a] != two[b]) | (one[a] < 0)
        a, b, cost, key = a[fits], b[fits], cost[fits], key[fits]
        if not a.size:
            return None
        both = self._effects[a] + self._effects[b]
        pair = np.repeat(np.arange(a.size), np.diff(both.indptr))
        wrong = np.bincount(pair[self._forbids(both.indices, both.data)], minlength=a.size)
        order = np.lexsort((b, a, key, cost))
        for k in order[wrong[order] == 0].tolist():
            if change := self._confirmed(int(a[k]), int(b[k])):
                return change
        return None

    def _confirmed(self, *steps: int) -> Change | None:
        """What the steps change, in exact numbers; None where a row or twins forbid it."""
        change: dict[int, int] = {}
        for step in steps:
            change[int(self._first_of[step])] = int(self._sign[step])
            if self._second_of[step] >= 0:
                change[int(self._second_of[step])] = int(self._other_sign[step])
        moved: dict[int, int] = defaultdict(int)
        for j, by in change.items():
            for i, c in self._of_column[j]:
                moved[i] += c * by
        for i, by in moved.items():
            row, value = self._rows[i], self._values[i] + by
            if (row.low is not None and value < row.low) or (
                row.high is not None and value > row.high
            ):
                return None
        for j, by in change.items():
            own = self._units[j] + by
            for k in self._alike[self._class[j]]:
                if abs(self._units[k] + change.get(k, 0) - own) > 1:
                    return None
        cost = sum(int(self._cost[step]) for step in steps)
        if cost == 0 and not self._near.comes_first(change.items()):
            return None
        return sorted(change.items())


def _parts(sizes: Ints, most: int) -> Iterator[slice]:
    """Runs of places whose sizes add up to about `most`, up to the first size of 0."""
    end = int(np.argmin(sizes > 0)) if not (sizes > 0).all() else sizes.size
    start = 0
    while start < end:
        total, stop = 0, start
        while stop < end and (total == 0 or total + int(sizes[stop]) <= most):
            total += int(sizes[stop])
            stop += 1
        yield slice(start, stop)
        start = stop
