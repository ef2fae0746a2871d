"""Money where one region at a time has another score, without sharing anything out again.

That can be done where every pool is settled alone and nothing looks at the scores of others: each
pool is a curve, on which one region at a time is moved. Amounts are before whole units.
"""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np

from reliefperf.allocation.alone import Shares, changed_alone
from reliefperf.allocation.bounds import Bounds
from reliefperf.allocation.budget import budget_of
from reliefperf.allocation.coupled import Coupled
from reliefperf.allocation.entitlement import make_pool
from reliefperf.allocation.paid import Allocation
from reliefperf.allocation.pool import Pool
from reliefperf.allocation.reducing import reduce_short
from reliefperf.allocation.rules.base import AmountRule, Ground
from reliefperf.allocation.tying import speaks_of
from reliefperf.data.environments import compute_derived
from reliefperf.model.environment import Array
from reliefperf.model.expressions import Expr
from reliefperf.model.functions import FUNCTIONS
from reliefperf.model.model import Model, expressions_in
from reliefperf.scenarios.explaining.rescoring import rescored
from reliefperf.scenarios.running import PeriodRun

FROM_SCORES = frozenset(
    {"score", "grade", "rank", "improvement", "improvement_grade", "improvement_rank"}
)
"""Columns that follow from the score."""


class NotAlone(Exception):
    """Regions cannot be looked at one by one; `en` and `zh` say why."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.en, self.zh = en, zh


def amounts_alone(model: Model, period: PeriodRun, score: Array) -> dict[str, Array]:
    """Each region's amounts (n_regions,) by pool and `total`, if it alone had its new score.

    Before whole units. Raises NotAlone where a region's money depends on others' scores in another
    way than by sharing the totals.
    """
    spec = model.spec.allocation
    assert spec is not None
    assert period.evaluation is not None
    assert period.allocation is not None
    _refuse_dependence(model)
    env = rescored(model, period.env, period.evaluation, score)
    budget_of(model, env)
    rules = [rule for rule in spec.rules if isinstance(rule, AmountRule)]
    result: dict[str, Array] = {}
    for pool_id, pool_spec in spec.pools.items():
        pool = make_pool(model, env, pool_id, pool_spec)
        now = period.allocation.pools[pool_id].pool
        everyone = {pool_id: np.where(pool.eligible, np.arange(env.n_regions), -1)}
        ground = Ground(model, env, everyone, {}, {pool_id: pool})
        stated = [(rule, rule.rows(ground)) for rule in rules if speaks_of(rule, pool_id)]
        step = Fraction(period.allocation.smallest)
        kept, _ = reduce_short(stated, {pool_id: pool}, everyone, step)
        after, before = Bounds.open(env.n_regions), Bounds.open(env.n_regions)
        for bounds, given in ((after, kept), (before, period.allocation.settled[pool_id])):
            for _, rows in given:
                bounds.take(rows)
        result[pool_id] = _alone(now, before, pool, after)
        env.columns[pool_id] = result[pool_id]
        compute_derived(model, env, pool_id)
    result["total"] = np.sum(list(result.values()), axis=0)
    return result


def _alone(now: Pool, before: Bounds, then: Pool, after: Bounds) -> Array:
    """Amounts of one pool; a region that enters a group nobody was in has its total to itself."""
    old, new = _shares(now, before), _shares(then, after)
    if now.spec.kind == "formula":
        return new.amounts(np.ones(new.weights.size))
    amounts = np.zeros(new.weights.size)
    numbers = {name: number for number, name in enumerate(now.group_names)}
    renamed = np.array([numbers.get(name, -1) for name in then.group_names] + [-1])
    groups = np.where(now.groups >= 0, now.groups, renamed[then.groups])
    for group, total in enumerate(now.totals):
        members = np.flatnonzero(groups == group)
        if members.size and total is not None:
            amounts[members] = changed_alone(
                _part(old, members),
                _part(new, members),
                float(total),
                keeps=now.leftover in ("return", "reserve"),
            )
    for i in np.flatnonzero((then.groups >= 0) & (groups < 0)).tolist():
        total = then.totals[int(then.groups[i])]
        assert total is not None
        amounts[i] = np.clip(float(total), new.low[i], new.high[i])
    return np.where(then.groups >= 0, amounts, 0.0)


def _shares(pool: Pool, bounds: Bounds) -> Shares:
    """Weights and limits of a pool's regions; who has no part in it gets nothing."""
    inside = pool.groups >= 0
    weights = np.array([float(value) for value in pool.weights])
    low = np.array([float(value) for value in bounds.low])
    high = np.array([math.inf if value is None else float(value) for value in bounds.high])
    return Shares(
        np.where(inside, weights, 0.0), np.where(inside, low, 0.0), np.where(inside, high, 0.0)
    )


def _part(shares: Shares, members: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> Shares:
    return Shares(shares.weights[members], shares.low[members], shares.high[members])


def _refuse_dependence(model: Model) -> None:
    """Raise NotAlone unless each region's weight and limits follow from its own score alone."""
    allocation, evaluation = model.spec.allocation, model.spec.evaluation
    assert allocation is not None
    assert evaluation is not None
    if Coupled.needed(allocation):
        raise NotAlone(
            "rules tie the pools to one another, so that every region needs a program of its own",
            "规则把各资金池联系在一起，每个地区都须单独求解",
        )
    if evaluation.grades is not None and any(b.quota is not None for b in evaluation.grades.bands):
        raise NotAlone(
            "grades have quotas, so that one region's score moves the grades of others",
            "等次有名额限制，一地得分变化会影响他人等次",
        )
    moved = {*FROM_SCORES, *allocation.pools, "amount", "entitlement"}
    derived = model.spec.derived_exprs
    for _ in derived:
        moved |= {name for name, expr in derived.items() if expr.names & moved}
    graded = [expr for _, expr, _ in expressions_in(evaluation.grades)]
    exprs = [*derived.values(), *graded, *_of_money(model)]
    across = [
        expr
        for expr in exprs
        if expr.names & moved and any(FUNCTIONS[name].across for name in expr.calls & {*FUNCTIONS})
    ]
    if across or any(expr.names & {"rank", "improvement_rank"} for expr in exprs):
        named = across[0].text if across else "rank"
        raise NotAlone(
            f"'{named}' looks at the scores or amounts of all regions",
            f"“{named}”取决于各地区的得分或金额",
        )
    if len(allocation.paid_pools) < len(allocation.pools):
        raise NotAlone(
            "a pool is a step of the calculation that others look at",
            "有资金池是供其他资金池引用的计算步骤",
        )
    if any(model.names_behind(expr) & allocation.pools.keys() for expr in _of_rules(model)):
        raise NotAlone(
            "the limits of a rule follow from what other pools pay",
            "有规则的限额取决于其他资金池的实付金额",
        )
    kinds = {pool.kind for pool in allocation.pools.values()}
    if any(pool.contributes for pool in allocation.pools.values()):
        raise NotAlone("a pool may share out contributions", "有资金池可能分摊上缴金额")
    if "gains" in kinds or any(pool.limit is not None for pool in allocation.pools.values()):
        raise NotAlone(
            "a pool scales gains, or formula amounts to a limit",
            "有资金池按比例缩放增量或压减公式金额",
        )
    if any(pool.bear is not None for pool in allocation.pools.values()):
        raise NotAlone(
            "a pool states by `bear` who carries what limits move",
            "有资金池用 bear 写明限额引起的差额由谁分担",
        )
    if any(pool.solve is not None for pool in allocation.pools.values()):
        raise NotAlone(
            "a pool solves for a number that moves with everybody's amounts",
            "有资金池须求解一个随各地区金额变动的数",
        )
    if any(rule.key == "minimum_grant" for rule in allocation.rules):
        raise NotAlone(
            "a minimum grant lets regions fall out by what others would get",
            "最低拨付额规则使退出与否取决于其他地区",
        )
    stated = [pool.by for pool in allocation.pools.values() if pool.by is not None]
    stated += [expr for pool in allocation.pools.values() for expr in _totals_of(pool)]
    if any(expr.names & moved for expr in stated):
        raise NotAlone(
            "groups or totals of pools follow from scores or earlier pools",
            "资金池的分组或总额取决于得分或在前的资金池",
        )


def _of_rules(model: Model) -> list[Expr]:
    allocation = model.spec.allocation
    assert allocation is not None
    return [expr for rule in allocation.rules for _, expr, _ in expressions_in(rule)]


def _of_money(model: Model) -> list[Expr]:
    return [expr for _, expr, _ in expressions_in(model.spec.allocation)]


def _totals_of(pool: object) -> list[Expr]:
    return [expr for key in ("amount", "share") if (expr := getattr(pool, key)) is not None]


def before_units(amount: float, allocation: Allocation) -> Decimal:
    """An amount before whole units, to two decimals more than the smallest amount."""
    smallest = Fraction(allocation.smallest) / 100
    return Decimal(round(Fraction(amount) / smallest)) * allocation.smallest / 100
