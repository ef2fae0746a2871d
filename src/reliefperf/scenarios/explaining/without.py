"""Who pays for a rule: the money shared out again without it, and the difference by region."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from reliefperf.allocation.allocate import allocate_period
from reliefperf.allocation.paid import Allocation
from reliefperf.allocation.relaxing import Relax
from reliefperf.errors import InputError, Mistake, suggestion
from reliefperf.model.environment import Environment
from reliefperf.model.expressions import Expr
from reliefperf.model.model import Model, expressions_in
from reliefperf.model.spec_allocation import AllocationRule
from reliefperf.scenarios.running import PeriodRun


@dataclass(frozen=True)
class GroupChange:
    """The regions of a group together: money with and without the rule, winners and losers."""

    group: str
    with_rule: Decimal
    without: Decimal
    winning: int
    losing: int


@dataclass(frozen=True)
class Without:
    """What a rule is worth to each region: amounts with it less amounts without it.

    `gains` has one value a region in the order of `codes`, for all pools together; `by_pool` the
    same for each pool. `groups` are in order of name; the column `grouping` tells them apart.
    """

    rule: AllocationRule
    codes: tuple[str, ...]
    names: tuple[str, ...]
    unit: str
    with_rule: tuple[Decimal, ...]
    without: tuple[Decimal, ...]
    by_pool: Mapping[str, tuple[Decimal, ...]]
    grouping: str
    groups: tuple[GroupChange, ...]

    @property
    def gains(self) -> list[Decimal]:
        """What each region has more with the rule; negative where it pays for it."""
        return [a - b for a, b in zip(self.with_rule, self.without, strict=True)]

    @property
    def moved(self) -> Decimal:
        """What all winners gain by the rule."""
        return sum((gain for gain in self.gains if gain > 0), Decimal(0))

    @property
    def net(self) -> Decimal:
        """What is paid more in all because of the rule: 0 where the totals are fixed."""
        return sum(self.gains, Decimal(0))

    def ordered(self) -> list[int]:
        """Places of the regions that it moves, the largest change first."""
        gains = self.gains
        return sorted(
            (i for i, gain in enumerate(gains) if gain), key=lambda i: (-abs(gains[i]), i)
        )


def without_rule(
    model: Model, period: PeriodRun, rule_id: str, *, relax: Relax | None = None
) -> Without:
    """Share the money of a period out again without one rule; scores and all else stay.

    `relax` is how the period was computed, where its program is no longer at hand.
    Earlier periods stay as they were paid, with the rule: see `looks_back_at_money`.

    Raises InputError where the model has no such rule, or the period no money; InfeasibleError or
    SolverError where the money cannot be shared without it.
    """
    spec = model.spec.allocation
    if spec is None or period.allocation is None:
        raise InputError(
            model.document.mistake(
                (), "the model has no section `allocation`", "模型没有 allocation 部分"
            )
        )
    found = [rule for rule in spec.rules if rule.id == rule_id]
    if not found:
        en, zh = suggestion(rule_id, [rule.id for rule in spec.rules])
        listed = ", ".join(rule.id for rule in spec.rules) or "—"
        raise InputError(
            Mistake.at(
                f"the model has no rule '{rule_id}' on amounts{en} (rules: {listed})",
                f"模型没有资金规则“{rule_id}”{zh}（规则：{listed}）",
                file=model.source,
            )
        )
    changed = spec.model_copy(update={"rules": [rule for rule in spec.rules if rule.id != rule_id]})
    fewer = replace(model, spec=model.spec.model_copy(update={"allocation": changed}), _kept={})
    other = allocate_period(
        fewer,
        copy_of(period.env),
        period.allocation.names,
        relax=period.allocation.relax if relax is None else relax,
        by_step=False,
        warm=period.warm,
    )
    grouping, groups = _groups(model, period, period.allocation, other)
    mine = period.allocation
    return Without(
        found[0],
        mine.codes,
        mine.names,
        mine.unit,
        tuple(mine.amounts("total")),
        tuple(other.amounts("total")),
        {
            pool: tuple(a - b for a, b in zip(mine.amounts(pool), other.amounts(pool), strict=True))
            for pool in mine.pools
        },
        grouping,
        groups,
    )


def looks_back_at_money(model: Model) -> bool:
    """Whether the money of a period follows from that of an earlier one.

    Then a rule may have moved what this period looks back at, which `without_rule` leaves as paid.
    """
    spec = model.spec.allocation
    if spec is None:
        return False
    money = {"amount", "entitlement", *spec.pools}
    derived = model.spec.derived_exprs
    for _ in derived:  # one may name another that stands after it
        money |= {name for name, expr in derived.items() if expr.names & money}
    return any(
        function == "previous"
        and any(isinstance(node, ast.Name) and node.id in money for node in ast.walk(call))
        for _, expr, _ in expressions_in(model.spec)
        for function, call in expr.call_nodes()
    )


def copy_of(env: Environment) -> Environment:
    """The same columns, to be changed apart; notes are not carried over."""
    copied = Environment(env.codes, dict(env.columns), env.period, env.previous, env.order)
    copied.decided, copied.references = env.decided, env.references
    return copied


def _groups(
    model: Model, period: PeriodRun, first: Allocation, second: Allocation
) -> tuple[str, tuple[GroupChange, ...]]:
    """Totals by the first grouping that the model speaks of; ("", ()) where it has none."""
    by = _grouping(model)
    if by is None:
        return "", ()
    labels = period.env.full(model.compiled(by)(period.env))
    groups, count = period.env.groups(labels)
    sums = [[Decimal(0), Decimal(0)] for _ in range(count)]
    moves = [[0, 0] for _ in range(count)]
    names = [""] * count
    pairs = zip(first.amounts("total"), second.amounts("total"), strict=True)
    for i, (one, other) in enumerate(pairs):
        group = int(groups[i])
        if group < 0:
            continue
        names[group] = str(labels[i])
        sums[group][0] += one
        sums[group][1] += other
        moves[group][0] += one > other
        moves[group][1] += one < other
    return by.text, tuple(
        GroupChange(name, total[0], total[1], moved[0], moved[1])
        for name, total, moved in zip(names, sums, moves, strict=True)
    )


def _grouping(model: Model) -> Expr | None:
    """The groups of a rule, of a pool, of the ranks, of the grades: the first that is stated."""
    allocation, evaluation = model.spec.allocation, model.spec.evaluation
    assert allocation is not None
    stated = [getattr(rule, "group_share", None) for rule in allocation.rules]
    stated += [pool.by for pool in allocation.pools.values()]
    if evaluation is not None:
        stated.append(evaluation.rank.by)
        stated.append(evaluation.grades.by if evaluation.grades is not None else None)
    return next((by for by in stated if by is not None), None)
