"""A pool before any rule: who shares what total, and what the formula alone gives each region."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from reliefperf.allocation.program import Ints, Mask
from reliefperf.allocation.ratios import Ratios
from reliefperf.errors import Note
from reliefperf.model.environment import Array, Environment
from reliefperf.model.spec_allocation import UNROUNDED, Leftover, PoolSpec


@dataclass(frozen=True)
class Stage:
    """Amounts (one a region, money) after a named step of the explanation."""

    step: str
    amounts: Sequence[Fraction]


@dataclass(frozen=True)
class Solved:
    """The number that a pool was solved for: its name, and its value in each group.

    None where nobody shares a group's total.
    """

    name: str
    values: tuple[float | None, ...]

    def column(self, groups: Ints) -> Array:
        """Each region's number (n_regions,), or () where there is one for all.

        A region without a group has that of the first.
        """
        values = [math.nan if value is None else value for value in self.values] or [math.nan]
        return np.array(values)[np.maximum(groups, 0)] if len(values) > 1 else np.array(values[0])

    def seen(self, env: Environment, groups: Ints) -> Environment:
        """The environment with the number as a column, and notes of its own."""
        return replace(env, columns={**env.columns, self.name: self.column(groups)}, notes=[])


@dataclass(frozen=True)
class Pool:
    """One pool before any rule.

    `groups` (n_regions,) numbers the regions that share a total (-1: not eligible); `totals` has
    one amount a group, None where the total is what results. `entitlement` is what the formula
    alone gives; `stages` are steps between it and the amounts that the rules start from.
    """

    id: str
    spec: PoolSpec
    eligible: Mask
    groups: Ints
    group_names: tuple[str, ...]
    totals: tuple[Fraction | None, ...]
    weights: Sequence[Fraction]
    entitlement: Sequence[Fraction]
    rounding: str
    """A name of the language, or the expression of a divisor method."""
    leftover: Leftover
    limits: tuple[tuple[Fraction, Fraction], ...] | None = None
    """The least and the most of each total, where these are limits only."""
    stages: tuple[Stage, ...] = ()
    notes: tuple[Note, ...] = ()
    tie_break: tuple[Fraction, ...] | None = None
    bear: Ratios | None = None
    """By what measure limits are carried; None: in proportion to `start`."""
    solved: Solved | None = None
    """The number in `each` that follows from the totals."""

    @property
    def is_rounded(self) -> bool:
        """Whether its amounts become whole units."""
        return self.rounding != UNROUNDED

    @property
    def start(self) -> Sequence[Fraction]:
        """The amounts that rules start from."""
        return self.stages[-1].amounts if self.stages else self.entitlement

    @property
    def nearest_to(self) -> Sequence[Fraction]:
        """What the amounts are to be nearest to, whatever the rules."""
        return self.start if self.bear is None else self.entitlement

    @property
    def carriers(self) -> Sequence[Fraction]:
        """In proportion to what money that a limit moves is carried."""
        return self.start if self.bear is None else self.bear
