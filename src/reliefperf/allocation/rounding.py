"""Exact money: fractional amounts become whole units that add up and keep every hard rule.

Alone a region is rounded half up, half even, down or up. Together, regions share a pool by the
largest remainder (Hamilton's method), within whole-unit limits. Several pools under common rules
need `controlled_rounding`: largest remainder for each pool, an exact check of every row, and where
a row is broken a small integer program whose answer is checked exactly again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from reliefperf.allocation.exchanges import Change, Exchanges
from reliefperf.allocation.nearness import Nearness
from reliefperf.allocation.program import ExactRow, exact, exact_rows
from reliefperf.allocation.remainders import (
    Mode,
    RoundingImpossible,
    beside,
    largest_remainder,
    ranks,
    round_each,
)
from reliefperf.allocation.repair import Limits, Mended, Whole, apart, mend, tightened, twin_classes

__all__ = [
    "ExactRow",
    "Mode",
    "Rounded",
    "RoundingImpossible",
    "Total",
    "controlled_rounding",
    "exact_rows",
    "largest_remainder",
    "round_each",
]

_SLIP = Fraction(1, 1000)
"""A sum of quotas this little below a whole number of units still counts as that number."""

_MOST_STEPS = 100_000


@dataclass(frozen=True)
class Total:
    """Columns whose units must add up to something from `least_units` to `most_units`.

    Within these they come to `wanted` units if limits let them, else to the sum rounded half up.
    """

    columns: tuple[int, ...]
    least_units: int
    most_units: int
    wanted: int | None = None


@dataclass(frozen=True)
class Rounded:
    """Whole units (n,); the rows that largest remainder broke and the repair mended; and the rows
    that cannot hold in whole units (empty if all is well). `unequal` lists the twins, as columns,
    that the rows force more than one unit apart. `stopped` says why it is not known that no others
    are nearer, in the solver's words; else it is empty."""

    units: tuple[int, ...]
    repaired: tuple[ExactRow, ...] = ()
    broken: tuple[ExactRow, ...] = ()
    unequal: tuple[tuple[int, ...], ...] = ()
    stopped: str = ""


class Task:
    """Amounts (n,) that become whole units under rows and totals; see controlled_rounding.

    `plain` are the units of the largest remainder within the limits, `before` the rows, by place,
    that these break. Raises RoundingImpossible if a total is out of reach within the limits.
    """

    def __init__(
        self,
        amounts: Sequence[Fraction | float],
        rows: Sequence[ExactRow],
        totals: Sequence[Total],
        *,
        unit: Fraction = Fraction(1),
        low_units: Sequence[int | None] | None = None,
        high_units: Sequence[int | None] | None = None,
        tie_keys: Sequence[Any] | None = None,
    ) -> None:
        self.quotas = [exact(amount) / unit for amount in amounts]
        self.rank = ranks(len(self.quotas), tie_keys)
        self.limits: Limits = (
            list(low_units or [min(0, math.floor(quota)) for quota in self.quotas]),
            list(high_units or [None] * len(self.quotas)),
        )
        self.rows = [Whole.of(row, unit) for row in rows]
        self.sums = [Whole.total(t.columns, t.least_units, t.most_units) for t in totals]
        units = [math.floor(quota + Fraction(1, 2)) for quota in self.quotas]
        within = tightened(self.limits, self.rows)
        for total in totals:
            shares = _share(total, self.quotas, self.limits, within, self.rank)
            for j, share in zip(total.columns, shares, strict=True):
                units[j] = share
        self.plain = units
        self.before = self.missed(units)

    @cached_property
    def nearness(self) -> Nearness:
        """What makes units nearer than others."""
        return Nearness.of(self.quotas, self.rank)

    @cached_property
    def twins(self) -> list[int]:
        """A class number for each amount; those that nothing tells apart share one."""
        return twin_classes(self.quotas, self.limits, [*self.rows, *self.sums])

    def missed(self, units: Sequence[int]) -> list[int]:
        """The rows, by place, that units do not keep."""
        return [i for i, row in enumerate(self.rows) if not row.holds(units)]

    @cached_property
    def exchanges(self) -> Exchanges:
        """The steps of single units and exchanges between units that keep rows and totals."""
        return Exchanges([*self.rows, *self.sums], self.nearness)

    def nearer(self, units: Sequence[int]) -> Change | None:
        """A step from units that keep every row to nearer ones, no further off than these."""
        low, high = tightened(self.limits, [*self.rows, *self.sums])
        return self.exchanges.nearer(units, *self.nearness.reach(units, low, high))


def controlled_rounding(
    amounts: Sequence[Fraction | float],
    rows: Sequence[ExactRow],
    totals: Sequence[Total],
    *,
    unit: Fraction = Fraction(1),
    low_units: Sequence[int | None] | None = None,
    high_units: Sequence[int | None] | None = None,
    tie_keys: Sequence[Any] | None = None,
    twins: Sequence[int] | None = None,
) -> Rounded:
    """Round amounts (n,) in money to whole units that keep the totals and every row.

    The limits (n,) are those no rule may break, such as the columns' own bounds; without low_units
    no amount falls below 0. Rows of one column become limits too. Each total is shared by
    largest remainder within them: its quotas' sum rounded half up, moved into the total's range;
    columns of no total go to the nearest unit. If a row is then broken,
    an integer program looks for units that keep all totals, limits and rows and are nearest to the
    amounts (see reliefperf.allocation.nearness; ties by key, then position), first near the
    amounts, then further off; no step of single units and no exchange then comes nearer. `twins`
    (n,) gives columns that must end at most one unit apart the same number; without it
    those are the columns that quotas, limits and rows cannot tell apart. Every row is checked
    exactly. What cannot be mended is returned as `broken`, exceeded by as little as possible.
    Raises RoundingImpossible if a total is out of reach within the limits, SolverError if the
    search stops before it is known whether any units keep the rows.
    """
    task = Task(
        amounts,
        rows,
        totals,
        unit=unit,
        low_units=low_units,
        high_units=high_units,
        tie_keys=tie_keys,
    )
    if not task.before:
        return Rounded(tuple(task.plain))
    twins = task.twins if twins is None else twins
    limits = zip(*task.limits, strict=True)
    own = [Whole.total((j,), low, high) for j, (low, high) in enumerate(limits)]
    wider = {j for i in task.before for j in rows[i].columns}
    mended = mend(task.nearness, wider, task.rows, [*task.sums, *own], twins)
    mended = Mended(task.plain) if mended is None else mended
    units = mended.units
    after = set(task.missed(units))
    if not (after or mended.settled):
        units = _polished(task, units)
    return Rounded(
        tuple(units),
        tuple(rows[i] for i in task.before if i not in after),
        tuple(rows[i] for i in sorted(after)),
        tuple(tuple(same) for same in apart(units, twins)),
        mended.stopped,
    )


def _polished(task: Task, units: Sequence[int]) -> list[int]:
    """Units that no step brings nearer."""
    units = list(units)
    for _ in range(_MOST_STEPS):
        change = task.nearer(units)
        if change is None:
            break
        for j, by in change:
            units[j] += by
    return units


def _share(
    total: Total, quotas: list[Fraction], limits: Limits, tightened: Limits, rank: list[int]
) -> list[int]:
    """Largest remainder within the tightened limits or, if they leave no room, within the given."""

    mine = [quotas[j] for j in total.columns]
    wanted = total.wanted
    if wanted is None:
        whole = sum(mine, start=Fraction(0))
        (wanted,) = round_each([whole + (_SLIP if whole > 0 else -_SLIP)], Fraction(1), "half_up")
    wanted = max(total.least_units, min(wanted, total.most_units))

    def within(low: list[int | None], high: list[int | None], *, near: bool = False) -> list[int]:
        sides = ([side[j] for j in total.columns] for side in (low, high, rank))
        lows, highs, ranks = sides
        if near:
            pairs = [beside(*one) for one in zip(mine, lows, highs, strict=True)]
            lows, highs = [low for low, _ in pairs], [high for _, high in pairs]
        # A total with room goes where the limits let it; a fixed one is out of reach or not.
        reach = wanted
        if None not in lows:
            reach = max(reach, min(sum(x for x in lows if x is not None), total.most_units))
        if None not in highs:
            reach = min(reach, max(sum(x for x in highs if x is not None), total.least_units))
        return largest_remainder(mine, reach, lows, highs, ranks)

    try:
        if total.least_units < total.most_units:
            return within(*tightened, near=True)
    except RoundingImpossible:
        pass
    try:
        return within(*tightened)
    except RoundingImpossible:
        return within(*limits)
