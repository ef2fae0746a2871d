"""Money for one period: entitlements, then the rules one after the other, then whole units.

Where no rule ties pools or regions to one another, each pool is settled on its own and in order,
exactly, so that a later pool can share out what earlier ones left. Else all pools are one linear
program. In both cases the amounts after the rules are the ones nearest to the entitlements.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from reliefperf.allocation.answers import Answers
from reliefperf.allocation.budget import budget_of, check_budget, note_left
from reliefperf.allocation.choosing import Granted, chosen
from reliefperf.allocation.coupled import Coupled
from reliefperf.allocation.differences import (
    RoundedOver,
    refuse_overpaid,
)
from reliefperf.allocation.entitlement import make_pool
from reliefperf.allocation.paid import Allocation, PoolResult
from reliefperf.allocation.pool import Pool
from reliefperf.allocation.pool_units import whole_units
from reliefperf.allocation.ratios import Ratios, sum_of
from reliefperf.allocation.reducing import reduce_short
from reliefperf.allocation.relaxation_words import offered, relaxation_notes
from reliefperf.allocation.relaxing import Relax, refuse_order
from reliefperf.allocation.rounding import ExactRow
from reliefperf.allocation.rules.base import AmountRule, Ground
from reliefperf.allocation.separate import settle
from reliefperf.allocation.tying import speaks_of, what_ties
from reliefperf.data.environments import compute_derived
from reliefperf.errors import InfeasibleError, InputError, Note, SolverError
from reliefperf.model.environment import Environment
from reliefperf.model.model import Model, expressions_in
from reliefperf.model.spec_allocation import AllocationSpec

if TYPE_CHECKING:
    from reliefperf.allocation.warm import Warm


def allocate_period(
    model: Model,
    env: Environment,
    names: tuple[str, ...],
    answers: Answers | None = None,
    relax: Relax = "never",
    *,
    by_step: bool = True,
    reasons: bool = True,
    warm: Warm | None = None,
) -> Allocation:
    """Allocate one period; adds the amounts to `env` for what comes after.

    `answers`, if given, stand in for the solver. Where the rules cannot all hold, `relax` says
    whether the cheapest relaxation is left alone, added to the error, or applied. Without `by_step`
    the amounts after each single rule are left out: the same money from a quarter of the solving.
    Without `reasons` an error does not seek which rules of a program are at odds. `warm` has starts
    for the solver from periods like this one, and keeps those found.

    Raises InputError for data that allow no entitlement, InfeasibleError where rules are at odds,
    SolverError where the solver gives no answer that can be trusted.
    """
    how = _How(by_step, reasons, warm)
    if answers is not None:
        return _allocate(model, env, names, answers, how, relaxing=answers.relaxed)
    columns, notes = dict(env.columns), list(env.notes)
    try:
        return _allocate(model, env, names, None, how, relaxing=False)
    except RoundedOver:
        raise
    except InfeasibleError as error:
        env.columns.clear()
        env.columns.update(columns)
        env.notes[:] = notes
        if relax == "never":
            raise
        if relax == "offer":
            raise _offered(model, env, error) from None
        refuse_order(model, error)
    return _allocate(model, env, names, None, how, relaxing=True)


@dataclass(frozen=True)
class _How:
    """How much is computed beside the amounts, and from where the solver starts."""

    by_step: bool
    reasons: bool
    warm: Warm | None


def _offered(model: Model, env: Environment, error: InfeasibleError) -> InfeasibleError:
    """The error with the cheapest relaxation, where there is one."""
    notes = list(env.notes)
    try:
        refuse_order(model, error)
        program = program_of(model, env, relaxing=True)
        items = program.cheapest() or program.cheapest_in_units()
    except InfeasibleError as worse:
        return worse
    except SolverError as stopped:
        return InfeasibleError([*error.mistakes, *stopped.mistakes])
    finally:
        env.notes[:] = notes
    return offered(model, env, error, items)


def program_of(model: Model, env: Environment, *, relaxing: bool = False) -> Coupled:
    """The program of a period whose pools are one, unsolved; their entitlements go into `env`.

    Raises what allocate_period raises before any solving.
    """
    spec = model.spec.allocation
    assert spec is not None
    begun = _begin(model, env, coupled=True)
    return Coupled(
        model,
        env,
        begun.pools,
        rules_on_money(spec),
        begun.budget,
        begun.smallest,
        relaxing=relaxing,
    )


@dataclass(frozen=True)
class _Begun:
    """A period's pools in order, with the money of those that are settled by themselves.

    `pools` are those that are paid, `results` their money where no program is needed, `calculated`
    the pools that are not paid; `rows` are those of the rules of every pool that is settled.
    """

    budget: Fraction | None
    smallest: Decimal
    pools: dict[str, Pool] = field(default_factory=dict)
    results: dict[str, PoolResult] = field(default_factory=dict)
    calculated: dict[str, PoolResult] = field(default_factory=dict)
    rows: dict[str, list[tuple[str, Sequence[ExactRow]]]] = field(default_factory=dict)


def _begin(model: Model, env: Environment, *, coupled: bool) -> _Begun:
    """Make the pools and settle what needs no program; `coupled` ones are the program's."""
    spec = model.spec.allocation
    assert spec is not None
    begun = _Begun(budget_of(model, env), Decimal(str(spec.smallest)))
    for pool_id, pool_spec in spec.pools.items():
        pool = make_pool(model, env, pool_id, pool_spec)
        env.notes.extend(pool.notes)
        if coupled:
            env.notes.extend(_before_rules(model, spec, pool_id))
        if pool_spec.paid:
            begun.pools[pool_id] = pool
        if coupled and pool_spec.paid:
            env.columns[pool_id] = Ratios.of(pool.start).floats()
        else:
            result, begun.rows[pool_id] = _settle_alone(model, env, pool, begun.smallest)
            (begun.results if pool_spec.paid else begun.calculated)[pool_id] = result
        compute_derived(model, env, pool_id)
    return begun


def _before_rules(model: Model, spec: AllocationSpec, pool_id: str) -> Iterator[Note]:
    """Say that a pool looks at the entitlements of earlier ones, as these are settled together."""
    named: set[str] = set()
    for _, expr, _ in expressions_in(spec.pools[pool_id]):
        named |= model.names_behind(expr) & spec.paid_pools.keys()
    before = [one for one in spec.pools if one in named and one != pool_id]
    if before:
        ties = what_ties(spec)
        why_en = f"'{ties}' ties the pools" if ties else "under --relax"
        why_zh = f"“{ties}”使各资金池相互联系" if ties else "使用 --relax 时"
        yield Note(
            "before-rules",
            f"pool '{pool_id}' is worked out from the entitlements of {', '.join(before)}, not from "
            f"what they pay: {why_en}, so that all are settled together",
            f"资金池“{pool_id}”按“{'、'.join(before)}”的测算额（而非实付额）计算：{why_zh}，各资金池须一并算定",
            1,
            f"allocation.pools.{pool_id}",
        )


def _allocate(
    model: Model,
    env: Environment,
    names: tuple[str, ...],
    answers: Answers | None,
    how: _How,
    *,
    relaxing: bool,
) -> Allocation:
    spec = model.spec.allocation
    assert spec is not None
    coupled = relaxing or Coupled.needed(spec)
    if coupled:
        _refuse_moving(model, spec)
    begun = _begin(model, env, coupled=coupled)
    budget, smallest, results = begun.budget, begun.smallest, begun.results
    program = None
    if coupled:
        rules = rules_on_money(spec)

        def make(own: Answers | None, granted: Granted) -> Coupled:
            made = Coupled(model, env, begun.pools, rules, budget, smallest, own, relaxing, granted)
            made.reasons, made.warm = how.reasons, how.warm
            return made

        program = chosen(make, env, answers)
        results = program.results(by_step=how.by_step)
        if relaxing:
            env.notes.extend(relaxation_notes(model, env, program.relaxations))
    refuse_overpaid(model, env, results.values(), Fraction(smallest), spec.unit)
    check_budget(model, env, results, budget, smallest)
    for pool_id, result in results.items():
        env.columns[pool_id] = _floats(result.units, smallest)
        note_left(env, result, Fraction(smallest), spec.unit)
    for result in begun.calculated.values():
        note_left(env, result, Fraction(smallest), spec.unit)
    allocation = Allocation(
        env.codes,
        names,
        env.period,
        spec.unit,
        smallest,
        budget,
        results,
        program,
        begun.rows,
        begun.calculated,
    )
    together = [
        sum(of_region) for of_region in zip(*(r.units for r in results.values()), strict=True)
    ]
    env.columns["amount"] = _floats(together, smallest)
    entitled = sum_of([pool.entitlement for pool in begun.pools.values()])
    env.columns["entitlement"] = entitled.floats()
    compute_derived(model, env, 2)
    return allocation


def rules_on_money(spec: AllocationSpec) -> list[AmountRule]:
    """The rules on what is paid, in order."""
    rules = [rule for rule in spec.rules if isinstance(rule, AmountRule)]
    return [rule for rule in rules if spec.speaks_of_money(rule)]


def _settle_alone(
    model: Model, env: Environment, pool: Pool, smallest: Decimal
) -> tuple[PoolResult, list[tuple[str, Sequence[ExactRow]]]]:
    """A pool's money and the rows of its rules; its amounts are a column of `env` from here on."""
    spec = model.spec.allocation
    assert spec is not None
    own = {pool.id: np.where(pool.eligible, np.arange(env.n_regions), -1)}
    ground = Ground(model, env, own, {}, {pool.id: pool})
    stated = [
        (rule, rule.rows(ground))
        for rule in spec.rules
        if isinstance(rule, AmountRule)
        and speaks_of(rule, pool.id)
        and spec.speaks_of_money(rule) == pool.spec.paid
    ]
    kept, reductions = reduce_short(stated, {pool.id: pool}, own, Fraction(smallest))
    rows = [(rule.id, of_rule) for rule, of_rule in kept]
    stages, bounds = settle(model, env, pool, rows)
    units, left = whole_units(model, env, pool, stages, bounds, smallest, spec.ties)
    result = PoolResult(pool, stages, units, left, tuple(reductions))
    env.columns[pool.id] = (
        _floats(units, smallest) if pool.is_rounded else Ratios.of(result.before_units).floats()
    )
    return result, rows


def _refuse_moving(model: Model, spec: AllocationSpec) -> None:
    """Refuse a limit made of a pool's amounts where that pool is not settled before.

    Raises InputError naming the rule, the pool, and what ties the pools together.
    """
    for place, rule in enumerate(spec.rules):
        for key, expr, _ in expressions_in(rule):
            named = sorted(model.names_behind(expr) & spec.paid_pools.keys())
            if not named:
                continue
            ties = what_ties(spec)
            why_en = f"'{ties}' ties the pools" if ties else "--relax looks at all pools at once"
            why_zh = f"“{ties}”使各资金池相互联系" if ties else "--relax 须同时考虑各资金池"
            raise InputError(
                model.document.mistake(
                    ("allocation", "rules", place, *key),
                    f"rule '{rule.id}' limits by what pool '{named[0]}' pays, which must be settled "
                    f"before; but {why_en}. Write that rule or objective for single pools in order, "
                    f"or compare the pools with `ratio: 0.3, pool: ..., to: {named[0]}`",
                    f"规则“{rule.id}”的限额取决于资金池“{named[0]}”的实付金额，须先算定该池；但{why_zh}。"
                    f"请将其改写为依次针对单个资金池的规则，或用 ratio: 0.3, pool: …, to: {named[0]}",
                )
            )


def _floats(units: Sequence[int], smallest: Decimal) -> NDArray[np.float64]:
    """Whole units as the nearest floats (n,) of their money."""
    top, bottom = smallest.as_integer_ratio()
    return np.array([unit * top / bottom for unit in units], dtype=np.float64)
