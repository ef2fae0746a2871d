"""A pool before any rule: who shares what total, and what the formula alone gives each region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from reliefperf.allocation.program import Ints, Mask
from reliefperf.allocation.ratios import Ratios
from reliefperf.errors import Note
from reliefperf.model.spec_allocation import Leftover, PoolSpec


@dataclass(frozen=True)
class Stage:
    """Amounts (one a region, money) after a named step of the explanation."""

    step: str
    amounts: Sequence[Fraction]


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
