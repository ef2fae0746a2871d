"""What follows in money from a pool's total or the budget, and so is held where that has a price.

A price is about one right-hand side alone. A group's share of a fixed total, the total of a pool
that is a part of another's, a limit stated as a part of the budget are amounts of their own in the
program, which a price holds as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from reliefperf.allocation.effects import Standing
from reliefperf.allocation.paid import Allocation
from reliefperf.allocation.rules.base import TOTAL, AmountRule
from reliefperf.allocation.rules.group_share import GroupShare
from reliefperf.model.expressions import Expr
from reliefperf.model.model import Model, expressions_in
from reliefperf.model.spec_allocation import AllocationSpec, PoolSpec

Held = Literal["totals", "limits"]

BUDGET = "budget"
_NO_LIMITS = ("where", "by", "group_share", "order")
"""Fields of rules that say of whom a limit is, or in what order, not how large it is."""


def following(
    model: Model, allocation: Allocation, standing: Standing, pool_id: str | None
) -> tuple[Held, ...]:
    """Whether totals and limits follow from a pool's total, or from the budget where it is None."""
    spec = model.spec.allocation
    assert spec is not None
    start = BUDGET if pool_id is None else pool_id
    moved = {start}
    for name, pool in spec.pools.items():
        shares = pool.share is not None and BUDGET in moved
        if shares or (name != start and _names(model, _stated(pool)) & moved):
            moved.add(name)
    made_of = set() if pool_id is None else _names(model, _stated(spec.pools[pool_id]))
    if pool_id is not None and spec.pools[pool_id].share is not None:
        made_of.add(BUDGET)
    causes = moved | made_of & {BUDGET, *model.spec.parameters}
    held: list[Held] = ["totals"] if len(moved) > 1 else []
    reduced = {
        one.rule
        for result in allocation.pools.values()
        for one in result.reductions
        if one.pool in moved and one.part < 1
    }
    for rule in spec.rules:
        if isinstance(rule, AmountRule) and standing.rows.get(rule.id):
            limits = [e for path, e, _ in expressions_in(rule) if path[0] not in _NO_LIMITS]
            if (
                rule.id in reduced
                or _names(model, limits) & causes
                or _is_share(rule, spec, standing, moved)
            ):
                return (*held, "limits")
    return tuple(held)


def _stated(pool: PoolSpec) -> list[Expr]:
    """The expressions that make a pool's total."""
    stated = (pool.amount, pool.limit, *(pool.between or ()))
    return [expr for expr in stated if expr is not None]


def _names(model: Model, exprs: list[Expr]) -> set[str]:
    return {name for expr in exprs for name in model.names_behind(expr)}


def _is_share(rule: AmountRule, spec: AllocationSpec, standing: Standing, moved: set[str]) -> bool:
    """Whether a group's limit is a share of fixed totals, one of which moves.

    A share of totals that are not fixed compares amounts with amounts, so that it moves with them.
    """
    if not isinstance(rule, GroupShare) or moved.isdisjoint(_pools_of(rule, spec)):
        return False
    return any(
        row.name.endswith((" at_least", " at_most"))
        and (row.lower or row.upper)
        and all(c == 1 for c in row.coefficients)
        for row in standing.rows[rule.id]
    )


def _pools_of(rule: GroupShare, spec: AllocationSpec) -> Iterator[str]:
    if rule.pool is None or rule.pool == TOTAL:
        yield from spec.paid_pools
    elif isinstance(rule.pool, str):
        yield rule.pool
    else:
        yield from rule.pool
