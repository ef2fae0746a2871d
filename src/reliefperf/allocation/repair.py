"""Rows over whole units, the twins among their columns, and the repair of rows that rounding broke.

Twins are columns that quotas, limits and rows cannot tell apart. They must end at most one unit
apart, or regions with the same data would be treated unequally.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import mul

import numpy as np
import scipy

from reliefperf.allocation.nearness import Nearness
from reliefperf.allocation.program import ONE, ExactRow, Floats, SparseRows

type Limits = tuple[list[int | None], list[int | None]]

_TWIN_ROUNDS = 8


@dataclass(frozen=True)
class Whole:
    """A row over units with whole coefficients and whole sides; a side of None is open."""

    columns: tuple[int, ...]
    low: int | None
    high: int | None
    coefficients: tuple[int, ...]

    @classmethod
    def total(cls, columns: Sequence[int], low: int | None, high: int | None) -> Whole:
        """The plain sum of the columns."""
        return cls(tuple(columns), low, high, (1,) * len(columns))

    @classmethod
    def of(cls, row: ExactRow, unit: Fraction) -> Whole:
        """An exact row made whole: the sides rounded inwards are as strict as the exact ones."""
        tops: tuple[int, ...] = (1,) * len(row.columns)
        bottom = common = 1
        if row.coefficients != (ONE,) * len(row.columns):
            bottom = math.lcm(*(c.denominator for c in row.coefficients))
            tops = tuple(c.numerator * (bottom // c.denominator) for c in row.coefficients)
            common = math.gcd(*tops) or 1
        low, high = row.lower, row.upper
        if len(tops) == 1 and tops[0] < 0:
            common, low, high = -common, high, low
        # a side times bottom / common / unit, rounded inwards
        top, down = bottom * unit.denominator, common * unit.numerator
        return cls(
            row.columns,
            None if low is None else -(-low.numerator * top // (low.denominator * down)),
            None if high is None else high.numerator * top // (high.denominator * down),
            tuple(c // common for c in tops) if common != 1 else tops,
        )

    def value(self, units: Sequence[int]) -> int:
        """The row's value for these units."""
        return sum(map(mul, self.coefficients, [units[j] for j in self.columns]))

    def holds(self, units: Sequence[int]) -> bool:
        """Whether the row holds; as good as the exact row, whose sides lie between whole numbers."""
        value = self.value(units)
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


def tightened(limits: Limits, rows: Iterable[Whole]) -> Limits:
    """The limits with those of the rows of one column."""
    low, high = list(limits[0]), list(limits[1])
    for row in rows:
        if row.coefficients == (1,):
            j = row.columns[0]
            low[j] = max((x for x in (low[j], row.low) if x is not None), default=None)
            high[j] = min((x for x in (high[j], row.high) if x is not None), default=None)
    return low, high


def twin_classes(quotas: Sequence[Fraction], limits: Limits, rows: Sequence[Whole]) -> list[int]:
    """A class number for each column; columns that nothing tells apart share one.

    By colour refinement, exactly: columns start alike if quota and limits are equal and stay alike
    while they stand with equal coefficients in rows that are alike.
    """
    columns = _numbered(list(zip(quotas, *limits, strict=True)))
    # A column that is alone in its class stays so, and splits nobody but the rows it stands in.
    sizes = Counter(columns)
    alike = {j for j, number in enumerate(columns) if sizes[number] > 1}
    lines = [i for i, row in enumerate(rows) if not alike.isdisjoint(row.columns)]
    of_column: dict[int, list[tuple[int, int]]] = {j: [] for j in alike}
    for k, i in enumerate(lines):
        for j, c in zip(rows[i].columns, rows[i].coefficients, strict=True):
            if j in of_column:
                of_column[j].append((c, k))
    classes = _numbered([(rows[i].low, rows[i].high) for i in lines])
    count = 0
    while count < (count := len(set(columns)) + len(set(classes))):
        classes = _numbered(
            [
                (
                    own,
                    *sorted(zip(row.coefficients, [columns[j] for j in row.columns], strict=True)),
                )
                for own, row in ((classes[k], rows[i]) for k, i in enumerate(lines))
            ]
        )
        keys: list[Hashable] = list(columns)
        for j, terms in of_column.items():
            keys[j] = (columns[j], *sorted((c, classes[k]) for c, k in terms))
        columns = _numbered(keys)
    return columns


def apart(units: Sequence[int], twins: Sequence[int]) -> list[list[int]]:
    """The classes of twins whose units differ by more than one, each as its columns."""
    classes: dict[int, list[int]] = defaultdict(list)
    for j, number in enumerate(twins):
        classes[number].append(j)
    return [
        same
        for same in classes.values()
        if len(same) > 1 and max(units[j] for j in same) - min(units[j] for j in same) > 1
    ]


@dataclass(frozen=True)
class Mended:
    """Units (n,) that keep the rows; `stopped` says why others may be nearer, where that is unknown,
    `settled` is whether a linear program proves that none are."""

    units: list[int]
    stopped: str = ""
    settled: bool = False


def mend(
    nearness: Nearness,
    wider: Collection[int],
    elastic: Sequence[Whole],
    fixed: Sequence[Whole],
    twins: Sequence[int],
) -> Mended | None:
    """The nearest units (n,) that keep the rows, twins at most one unit apart.

    Where no units keep them all, `elastic` rows give way by as little as possible; twins are left
    further apart rather than a row broken. None if the `fixed` rows alone cannot hold. The order
    of amounts and rows makes no difference: amounts stand by their places, rows by what they say.
    """
    order = np.argsort(nearness.places, kind="stable").tolist()
    place = {j: k for k, j in enumerate(order)}
    near = Nearness(nearness.quotas[order], nearness.places[order])
    wide = {place[j] for j in wider}
    giving, firm = (_sorted(rows, place) for rows in (elastic, fixed))
    alike = [twins[j] for j in order]
    together: list[list[int]] = []
    best: Mended | None = None
    for _ in range(_TWIN_ROUNDS):
        found = _nearest(near, wide, giving, firm, together)
        if found is None:
            break
        if best is not None and _exceeded(giving, found.units) > _exceeded(giving, best.units):
            break
        best = found
        new = apart(found.units, alike)
        if not new:
            break
        together += new
    if best is None:
        return None
    units = [best.units[place[j]] for j in range(len(order))]
    return Mended(units, best.stopped, best.settled)


def _nearest(
    near: Nearness,
    wider: Collection[int],
    elastic: Sequence[Whole],
    fixed: Sequence[Whole],
    together: Sequence[Sequence[int]],
) -> Mended | None:
    """The integer program over moves from the whole parts, whose sides are exact.

    Each class in `together` gets a column of its own, its least unit, that costs nothing.
    """
    n = near.quotas.size
    base = near.base.tolist()
    base += [base[same[0]] for same in together]
    rows = [*elastic, *fixed]
    for k, same in enumerate(together):
        rows += [Whole((j, n + k), 0, 1, (1, -1)) for j in same]
    far = np.zeros(len(base), dtype=bool)
    far[list(wider)] = True
    for k, same in enumerate(together):
        far[n + k] = far[list(same)].any()
    # The solver is loaded only where rounding needs one.
    from reliefperf.allocation.units import Goal, nearest_units

    search = nearest_units(Goal(near.parts, near.logs), far, *as_arrays(rows, base), len(elastic))
    if search.moves is None:
        return None
    moves = zip(base, search.moves.tolist(), strict=True)
    return Mended([b + move for b, move in moves][:n], search.stopped, search.settled)


def _sorted(rows: Iterable[Whole], place: Mapping[int, int]) -> list[Whole]:
    """Rows on amounts by their places, each once, in an order of their own."""
    found = set()
    for row in rows:
        terms = sorted(zip((place[j] for j in row.columns), row.coefficients, strict=True))
        columns, coefficients = zip(*terms, strict=True) if terms else ((), ())
        found.add(Whole(columns, row.low, row.high, coefficients))
    return sorted(found, key=_what_it_says)


def _what_it_says(row: Whole) -> tuple[object, ...]:
    low, high = row.low, row.high
    return (row.columns, row.coefficients, low is None, low or 0, high is None, high or 0)


def _exceeded(rows: Iterable[Whole], units: Sequence[int]) -> int:
    """By how much the rows are missed in all."""
    total = 0
    for row in rows:
        value = row.value(units)
        total += 0 if row.low is None else max(row.low - value, 0)
        total += 0 if row.high is None else max(value - row.high, 0)
    return total


def as_arrays(rows: Sequence[Whole], base: Sequence[int]) -> tuple[SparseRows, Floats, Floats]:
    """The rows as arrays over the moves from `base`."""
    data = [c for row in rows for c in row.coefficients]
    columns = np.array([j for row in rows for j in row.columns], dtype=np.int32)
    starts = np.cumsum([0, *(len(row.columns) for row in rows)])
    at = [row.value(base) for row in rows]
    low = [-math.inf if r.low is None else float(r.low - v) for r, v in zip(rows, at, strict=True)]
    high = [
        math.inf if r.high is None else float(r.high - v) for r, v in zip(rows, at, strict=True)
    ]
    return (
        scipy.sparse.csr_array(
            (np.array(data, dtype=np.float64), columns, starts), shape=(len(rows), len(base))
        ),
        np.array(low, dtype=np.float64),
        np.array(high, dtype=np.float64),
    )


def _numbered(keys: Sequence[Hashable]) -> list[int]:
    numbers: dict[Hashable, int] = {}
    return [numbers.setdefault(key, len(numbers)) for key in keys]
