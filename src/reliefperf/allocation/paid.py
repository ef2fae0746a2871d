"""What one period pays: the amounts of every pool, with the steps that lead to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from reliefperf.allocation.pool import Pool, Stage
from reliefperf.allocation.ratios import Ratios, sum_of
from reliefperf.allocation.reducing import Reduction
from reliefperf.allocation.relaxing import Relax
from reliefperf.allocation.rounding import ExactRow

if TYPE_CHECKING:
    from reliefperf.allocation.coupled import Coupled


@dataclass(frozen=True)
class PoolResult:
    """One pool's money: `units` are whole numbers of the smallest amount, one a region.

    A step of the calculation that is not rounded has none. `stages` lead from the entitlement to
    the amounts before rounding; `left` is what stays undistributed, in money.
    """

    pool: Pool
    stages: tuple[Stage, ...]
    units: tuple[int, ...]
    left: Fraction
    reductions: tuple[Reduction, ...] = ()
    """Guarantees that the pool could not pay in full."""

    @property
    def before_units(self) -> Sequence[Fraction]:
        """The amounts after all rules, before whole units: money, one a region."""
        return self.stages[-1].amounts if self.stages else self.pool.start


@dataclass(frozen=True)
class Allocation:
    """Amounts of one period by region and pool, in whole units of `smallest` (in `unit`)."""

    codes: tuple[str, ...]
    names: tuple[str, ...]
    period: str
    unit: str
    smallest: Decimal
    budget: Fraction | None
    pools: Mapping[str, PoolResult] = field(repr=False)
    """The pools of money."""
    program: Coupled | None = field(default=None, repr=False)
    settled: Mapping[str, Sequence[tuple[str, Sequence[ExactRow]]]] = field(
        default_factory=dict, repr=False
    )
    """The rows of the rules on each pool that was settled alone; columns are places of regions."""
    calculated: Mapping[str, PoolResult] = field(default_factory=dict, repr=False)
    """Pools that are only a step of the calculation (`paid: false`); no sum has them."""

    @property
    def relax(self) -> Relax:
        """How rules that cannot all hold were dealt with, for a computation of the same kind."""
        return "apply" if self.program is not None and self.program.relaxing else "never"

    def amounts(self, pool: str) -> list[Decimal]:
        """What is paid from a pool (or `total`), one a region, exact.

        Amounts of a step that is not rounded have 28 digits.
        """
        if pool in self.calculated and not self.calculated[pool].pool.is_rounded:
            exact = self.calculated[pool].before_units
            return [Decimal(one.numerator) / Decimal(one.denominator) for one in exact]
        return [unit * self.smallest for unit in self.units(pool)]

    def units(self, pool: str) -> list[int]:
        """The same in whole units of `smallest`."""
        if pool != "total":
            return list(self._result(pool).units)
        return [sum(own) for own in zip(*(p.units for p in self.pools.values()), strict=True)]

    def before_units(self, pool: str) -> list[Fraction]:
        """The amounts of a pool (or `total`) before whole units: money, one a region."""
        if pool != "total":
            return list(self._result(pool).before_units)
        return list(sum_of([result.before_units for result in self.pools.values()]))

    def entitlements(self, pool: str) -> Ratios:
        """What the formula alone gives, one a region."""
        if pool == "total":
            return sum_of([result.pool.entitlement for result in self.pools.values()])
        return Ratios.of(self._result(pool).pool.entitlement)

    def total(self, pool: str = "total") -> Decimal:
        """All that is paid from a pool, or from all."""
        return sum(self.amounts(pool), Decimal(0))

    def steps(self, pool: str) -> list[str]:
        """The steps of the explanation of a pool, without entitlement and rounding."""
        return [stage.step for stage in self._result(pool).stages]

    def _result(self, pool: str) -> PoolResult:
        return self.pools[pool] if pool in self.pools else self.calculated[pool]
