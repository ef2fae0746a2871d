"""What ties amounts to one another beyond each pool's own total, so that a program is needed."""

from __future__ import annotations

from reliefperf.allocation.rules.base import TOTAL
from reliefperf.model.spec_allocation import SINGLE, AllocationRule, AllocationSpec

OWN_OBJECTIVES = ("change", "coverage", "performance")
"""Objectives that are wanted before nearness to the entitlements."""


def what_ties(spec: AllocationSpec) -> str | None:
    """The first objective, pool or rule that ties amounts beyond each pool's own total."""
    n_pools = len(spec.paid_pools)
    found: list[str] = [one.name for one in spec.objectives if one.name in OWN_OBJECTIVES]
    found += [f"{pool_id}.between" for pool_id, pool in spec.pools.items() if pool.between]
    found += [
        rule.id for rule in spec.rules if spec.speaks_of_money(rule) and ties_amounts(rule, n_pools)
    ]
    return found[0] if found else None


def has_own_objectives(spec: AllocationSpec) -> bool:
    """Whether something is wanted before nearness to the entitlements."""
    return any(one.name in OWN_OBJECTIVES for one in spec.objectives)


def speaks_of_totals(spec: AllocationSpec) -> bool:
    """Whether an objective is about the total of each region."""
    return any(one.name in ("change", "coverage") for one in spec.objectives)


def ties_amounts(rule: AllocationRule, n_pools: int) -> bool:
    """Whether a rule ties several amounts together, or may give way."""
    named = getattr(rule, "pool", None)
    names = [named] if isinstance(named, str) else list(named or [TOTAL])
    of_one = n_pools == 1 or (len(names) == 1 and names[0] != TOTAL)
    return rule.key not in SINGLE or rule.soft is not None or not of_one


def speaks_of(rule: AllocationRule, pool_id: str) -> bool:
    """Whether a rule on single amounts speaks of a pool (the only one, if it names none)."""
    named = getattr(rule, "pool", None)
    return named in (None, TOTAL, pool_id, [pool_id])
