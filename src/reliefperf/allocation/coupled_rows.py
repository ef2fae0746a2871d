"""Coupled pools: amounts as columns, and the rows of totals, budget and rules, exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from reliefperf.allocation import rounding
from reliefperf.allocation.pool import Pool
from reliefperf.allocation.program import (
    ONE,
    Program,
    RowFamily,
    Solution,
)
from reliefperf.allocation.reducing import reduce_short
from reliefperf.allocation.relaxing import (
    Relaxation,
    priorities,
)
from reliefperf.allocation.rounding import ExactRow
from reliefperf.allocation.rules.base import AmountRule, Ground
from reliefperf.allocation.tying import speaks_of_totals
from reliefperf.model.environment import Environment
from reliefperf.model.model import Model

if TYPE_CHECKING:
    from reliefperf.allocation.answers import Answers
    from reliefperf.allocation.choosing import Granted

COPY_NOISE = Fraction(1, 10**12)
"""The part by which a second copy of a sum is wider: its totals are rounded in floats."""

REGION_TOTALS = "region totals"
"""The rule whose rows say that a region's total is the sum of its amounts."""


class CoupledRows:
    """Amounts of all pools as columns, with the rows of totals, budget and rules."""

    def __init__(
        self,
        model: Model,
        env: Environment,
        pools: Mapping[str, Pool],
        rules: Sequence[AmountRule],
        budget: Fraction | None,
        smallest: Decimal,
        answers: Answers | None = None,
        relaxing: bool = False,
        granted: Granted | None = None,
    ) -> None:
        self.model, self.env, self.pools = model, env, pools
        self.relaxing = relaxing
        self.relaxations: list[Relaxation] = []
        self.answers = answers
        self.programs: dict[int, Program] = {}  # as they were solved: rules may give way after
        self.solved: dict[int, Solution] = {}
        self._made: dict[int, tuple[object, Program]] = {}
        self._families: dict[tuple[str, int | None, int], tuple[Sequence[ExactRow], RowFamily]] = {}
        self.rounded: rounding.Rounded | None = None
        self.budget, self.step = budget, Fraction(smallest)
        spec = model.spec.allocation
        assert spec is not None
        self.spec = spec
        self.columns: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.int64]]] = {}
        self.names: list[str] = []
        start: list[Fraction] = []
        near: list[Fraction] = []
        for pool_id, pool in pools.items():
            places = np.full(env.n_regions, -1, dtype=np.int64)
            for i in np.flatnonzero(pool.groups >= 0).tolist():
                places[i] = len(self.names)
                self.names.append(f"{pool_id}:{env.codes[i]}")
                start.append(pool.start[i])
                near.append(pool.nearest_to[i])
            self.columns[pool_id] = places
        self.start, self.nearest_to = tuple(start), tuple(near)
        self.n_amounts = len(start)
        giving = {rule.id for rule in rules if rule.soft is not None}
        if relaxing:
            may = priorities(spec, rules)
            giving |= {rule.id for rule in rules if may[rule.id] is not None}
        fixed = self._fixed_totals()
        self.ground = Ground(
            model, env, self.columns, fixed, pools, frozenset(giving), granted or {}
        )
        stated = [(rule, rule.rows(self.ground)) for rule in rules]
        self.rules, self.reductions = reduce_short(stated, pools, self.columns, self.step)
        self.stated = self.rules
        budget_rows = self._budget_rows()
        self.fixed = [*self._total_rows(), *budget_rows]
        self.fixed_are_totals = not budget_rows and all(p.limits is None for p in pools.values())
        self.totals = self._region_totals() if speaks_of_totals(spec) else []
        self._refuse()

    def _refuse(self) -> None:
        """Raise InputError for what cannot be, before any solving; the rows alone refuse nothing."""

    # ------------------------------------------------------------ rows

    def _fixed_totals(self) -> dict[str, Fraction]:
        """What each pool pays in any case; pools whose total may move are not in it."""
        return {
            pool_id: sum((total for total in pool.totals if total is not None), Fraction(0))
            for pool_id, pool in self.pools.items()
            if pool.spec.kind != "formula"
            and pool.limits is None
            and pool.leftover == "redistribute"
            and (pool.groups >= 0).any()
        }

    def _total_rows(self) -> list[ExactRow]:
        rows = []
        for pool_id, pool in self.pools.items():
            for group, total in enumerate(pool.totals):
                columns = self._columns_of(pool_id, group)
                if total is None or not columns:
                    continue
                if pool.limits is not None:
                    low, high = pool.limits[group]
                elif pool.leftover == "redistribute" and pool.spec.kind != "formula":
                    low = high = total
                elif pool.bear is not None and pool.spec.negative == "allow":
                    low, high = None, total  # own amounts below zero may add up to less
                else:
                    low, high = sorted((Fraction(0), total))
                name = pool.group_names[group] or "total"
                ones = (ONE,) * len(columns)
                rows.append(ExactRow(f"pool {pool_id}", name, columns, ones, low, high))
        return rows

    def _columns_of(self, pool_id: str, group: int) -> tuple[int, ...]:
        members = self.pools[pool_id].groups == group
        return tuple(self.columns[pool_id][members].tolist())

    def _budget_rows(self) -> list[ExactRow]:
        if self.budget is None or self._totals_keep_budget():
            return []
        return [self._sum_at_most(self.budget)]

    def _sum_at_most(self, budget: Fraction) -> ExactRow:
        everything = tuple(range(self.n_amounts))
        ones = (ONE,) * self.n_amounts
        return ExactRow("budget", "budget", everything, ones, None, budget)

    @cached_property
    def implied(self) -> list[ExactRow]:
        """The budget's row where the pools' own totals imply it, so that it is no row of a program."""
        stands = any(row.rule == "budget" for row in self.fixed)
        if self.budget is None or stands:
            return []
        return [self._sum_at_most(self.budget * (1 + COPY_NOISE))]

    def _totals_keep_budget(self) -> bool:
        """Whether the pools' own totals imply the budget.

        Then its row would be a second copy of their sum, equal up to rounding noise, which a solver
        may take for a contradiction.
        """
        most = Fraction(0)
        for pool in self.pools.values():
            for group, total in enumerate(pool.totals):
                if total is None:
                    return False
                most += total if pool.limits is None else pool.limits[group][1]
        assert self.budget is not None
        return most <= self.budget

    def _region_totals(self) -> list[ExactRow]:
        """A column for each region's total, for objectives that speak of totals."""
        rows = []
        for i, code in enumerate(self.env.codes):
            parts = [int(places[i]) for places in self.columns.values() if places[i] >= 0]
            place = len(self.names)
            self.names.append(f"total:{code}")
            terms = (*([ONE] * len(parts)), Fraction(-1))
            rows.append(
                ExactRow(REGION_TOTALS, code, (*parts, place), terms, Fraction(0), Fraction(0))
            )
        return rows
