"""What the budget takes from pools that would pay more, where rules gave way.

Pools that nothing ties together pay what their own rules make of them; that this may come to more
than the budget is refused. Under a relaxation they are one program, which keeps the budget: amounts
of a formula, and totals that may be left over, are then less than the pool by itself would pay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from reliefperf.allocation.pool_units import whole_units
from reliefperf.allocation.program import ExactRow
from reliefperf.allocation.ratios import Ratios
from reliefperf.allocation.relaxing import Relaxation, RuleRows
from reliefperf.allocation.separate import settle
from reliefperf.allocation.tying import what_ties
from reliefperf.errors import InfeasibleError

if TYPE_CHECKING:
    from reliefperf.allocation.coupled_program import CoupledProgram
    from reliefperf.allocation.pool import Pool

BUDGET = "budget"
"""The rule that a relaxation names where the budget alone cuts a pool; its row is the pool."""


def budget_cuts(
    coupled: CoupledProgram,
    rules: RuleRows,
    amounts: Sequence[Fraction],
    paid: Sequence[Fraction] | None = None,
) -> list[Relaxation]:
    """By how much pools fall short of what they would pay by themselves under `rules`.

    `rules` are those that gave way; `amounts` are those before whole units, `paid` those after, if
    they are known. The limit is what the pool would pay. Empty where the pools together would keep
    the budget, or where something ties them, so that a plain run keeps the budget as well.
    """
    if coupled.budget is None or what_ties(coupled.spec) is not None:
        return []
    if not any(row.rule == BUDGET for row in coupled.fixed):
        return []
    own = {pool_id: _by_itself(coupled, pool, rules) for pool_id, pool in coupled.pools.items()}
    if any(money is None for money in own.values()):
        return []
    last = 0 if paid is None else 1
    sums = [sum(money[place] for money in own.values() if money) for place in range(last + 1)]
    if max(sums) <= coupled.budget:
        return []
    found = []
    for pool_id, money in own.items():
        assert money is not None
        columns = [c for c in coupled.columns[pool_id].tolist() if c >= 0]
        before = money[0] - sum((amounts[c] for c in columns), Fraction(0))
        limit, now = money[0], amounts
        if paid is not None:
            limit, now = money[1], paid
        by = limit - sum((now[c] for c in columns), Fraction(0))
        if max(before, by) >= coupled.step / 1000:
            by, before = max(by, Fraction(0)), max(before, Fraction(0))
            found.append(Relaxation(BUDGET, pool_id, "low", limit, by, before, 0))
    return found


def _by_itself(
    coupled: CoupledProgram, pool: Pool, rules: RuleRows
) -> tuple[Fraction, Fraction] | None:
    """What a pool alone would pay, before and after whole units; None where rules still clash."""
    region = {int(column): i for i, column in enumerate(coupled.columns[pool.id]) if column >= 0}
    rows: list[tuple[str, list[ExactRow]]] = []
    for rule, of_rule in rules:
        mine = [row for row in of_rule if row.columns and row.columns[0] in region]
        rows.append((rule.id, [replace(row, columns=(region[row.columns[0]],)) for row in mine]))
    smallest = Decimal(str(coupled.spec.smallest))
    try:
        stages, bounds = settle(coupled.model, coupled.env, pool, rows)
        units, _ = whole_units(
            coupled.model, coupled.env, pool, stages, bounds, smallest, coupled.spec.ties
        )
    except InfeasibleError:
        return None
    amounts = Ratios.of(stages[-1].amounts if stages else pool.start)
    members = np.flatnonzero(pool.groups >= 0).tolist()
    return amounts.taken(members).total(), coupled.step * sum(units)
