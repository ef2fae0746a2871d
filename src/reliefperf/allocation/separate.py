"""Pools that stand alone: rules are limits on single amounts, so each pool is settled exactly.

A shared pool is water-filled: amounts in proportion to the entitlements, held between the limits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import cast

import numpy as np

from reliefperf.allocation import room
from reliefperf.allocation.divisors import dhondt, sainte_lague
from reliefperf.allocation.entitlement import Pool, Stage
from reliefperf.allocation.rounding import (
    ExactRow,
    Mode,
    RoundingImpossible,
    largest_remainder,
    round_each,
)
from reliefperf.allocation.waterfill import waterfill
from reliefperf.errors import InfeasibleError, InputError
from reliefperf.model.environment import Environment
from reliefperf.model.model import Model
from reliefperf.model.spec_allocation import TOGETHER

DIVISORS = {"sainte_lague": sainte_lague, "dhondt": dhondt}
"""Roundings to a total other than by largest remainder."""

FAR_BELOW = -Fraction(10**18)
"""The low limit of amounts that may be negative: further below zero than any amount can be."""


@dataclass
class Bounds:
    """Limits on every region's amount with the rule that sets each; None is no limit."""

    low: list[Fraction]
    high: list[Fraction | None]
    low_rule: list[str]
    high_rule: list[str]

    @classmethod
    def open(cls, n_regions: int) -> Bounds:
        """No amount below zero, no cap."""
        return cls(
            [Fraction(0)] * n_regions, [None] * n_regions, [""] * n_regions, [""] * n_regions
        )

    def tighten(self, row: ExactRow) -> int | None:
        """Take in a row on a single amount; the region, if a limit of it has moved."""
        (i,), (factor,) = row.columns, row.coefficients
        low = None if row.lower is None else row.lower / factor
        high = None if row.upper is None else row.upper / factor
        moved = None
        if low is not None and low > self.low[i]:
            self.low[i], self.low_rule[i], moved = low, row.rule, i
        before = self.high[i]
        if high is not None and (before is None or high < before):
            self.high[i], self.high_rule[i], moved = high, row.rule, i
        return moved

    def hold(self, i: int, amount: Fraction) -> bool:
        """Whether an amount of a region is within its limits."""
        high = self.high[i]
        return self.low[i] <= amount and (high is None or amount <= high)


def settle(
    model: Model, env: Environment, pool: Pool, rules: Sequence[tuple[str, list[ExactRow]]]
) -> tuple[tuple[Stage, ...], Bounds]:
    """The amounts after each rule, in the stated order, and the limits that hold in the end.

    Raises InfeasibleError naming the rules at odds and by how much they miss.
    """
    bounds = Bounds.open(env.n_regions)
    if pool.spec.negative == "allow":
        bounds.low = [FAR_BELOW] * env.n_regions
    stages = list(pool.stages)
    amounts: tuple[Fraction, ...] | None = None
    for rule_id, rows in rules:
        moved = {place for row in rows if (place := bounds.tighten(row)) is not None}
        _refuse_crossed(model, env, pool, bounds)
        # The nearest point stays the nearest where the limits close in without touching it.
        if amounts is None or _keeps(pool) or not all(bounds.hold(i, amounts[i]) for i in moved):
            amounts = tuple(_amounts(model, env, pool, bounds))
        stages.append(Stage(rule_id, amounts))
    return tuple(stages), bounds


def _refuse_crossed(model: Model, env: Environment, pool: Pool, bounds: Bounds) -> None:
    crossed = [i for i, high in enumerate(bounds.high) if high is not None and high < bounds.low[i]]
    if not crossed:
        return
    i = crossed[0]
    low, high = bounds.low[i], bounds.high[i]
    assert high is not None
    more_en = f" (and {len(crossed) - 1} more regions)" if len(crossed) > 1 else ""
    more_zh = f"（另有 {len(crossed) - 1} 个地区）" if len(crossed) > 1 else ""
    one, other = bounds.low_rule[i] or "zero", bounds.high_rule[i]
    raise InfeasibleError(
        model.document.mistake(
            ("allocation", "pools", pool.id),
            f"region {env.codes[i]}: rule '{one}' needs at least {money(low)}, rule '{other}' allows "
            f"at most {money(high)}; they miss by {money(low - high)}{more_en}",
            f"地区 {env.codes[i]}：规则“{one}”至少需要 {money(low)}，规则“{other}”至多允许 "
            f"{money(high)}，相差 {money(low - high)}{more_zh}",
        )
    )


def _amounts(model: Model, env: Environment, pool: Pool, bounds: Bounds) -> list[Fraction]:
    """The point nearest to the entitlements within the limits, group by group."""
    start = pool.start
    result = [Fraction(0)] * len(start)
    for group, total in enumerate(pool.totals):
        members = np.flatnonzero(pool.groups == group).tolist()
        low = [bounds.low[i] for i in members]
        high = [bounds.high[i] for i in members]
        wanted = [start[i] for i in members]
        held = [
            max(low_i, want if high_i is None else min(want, high_i))
            for want, low_i, high_i in zip(wanted, low, high, strict=True)
        ]
        asked = sum(held, Fraction(0))
        if total is None or asked == total or (asked < total and _keeps(pool)):
            amounts: Sequence[Fraction] = held
        else:
            filled = waterfill(wanted, low, high, total)
            if filled.left < 0:
                raise _floors_too_high(model, env, pool, bounds, members, total, group)
            if filled.left > 0 and pool.leftover == "redistribute":
                raise _caps_too_low(model, pool, bounds, members, total, filled.left, group)
            amounts = filled.amounts
        for i, amount in zip(members, amounts, strict=True):
            result[i] = amount
    return result


def _keeps(pool: Pool) -> bool:
    """Whether nobody gets more than the entitlement where limits leave money over."""
    return pool.leftover in ("return", "reserve") or pool.spec.kind == "formula"


def _floors_too_high(
    model: Model,
    env: Environment,
    pool: Pool,
    bounds: Bounds,
    members: list[int],
    total: Fraction,
    group: int,
) -> InfeasibleError:
    rules = sorted({bounds.low_rule[i] for i in members} - {""})
    need = sum((bounds.low[i] for i in members), Fraction(0))
    named = ", ".join(f"'{rule}'" for rule in rules)
    named_zh = "、".join(f"“{rule}”" for rule in rules)
    where = pool.group_names[group]
    return InfeasibleError(
        model.document.mistake(
            ("allocation", "pools", pool.id),
            f"{'rule' if len(rules) == 1 else 'rules'} {named} need{'s' if len(rules) == 1 else ''} at least {money(need)} in all, but pool '{pool.id}'"
            f"{f' (group {where})' if where else ''} has {money(total)}: {money(need - total)} too "
            "little. Lower the floors or raise the pool",
            f"规则{named_zh}合计至少需要 {money(need)}，而资金池“{pool.id}”"
            f"{f'（组“{where}”）' if where else ''}只有 {money(total)}，差 {money(need - total)}。"
            "请降低保底或增加资金池",
        )
    )


def _caps_too_low(
    model: Model,
    pool: Pool,
    bounds: Bounds,
    members: list[int],
    total: Fraction,
    left: Fraction,
    group: int,
) -> InfeasibleError:
    rules = sorted({bounds.high_rule[i] for i in members} - {""})
    named = ", ".join(f"'{rule}'" for rule in rules)
    named_zh = "、".join(f"“{rule}”" for rule in rules)
    where = pool.group_names[group]
    return InfeasibleError(
        model.document.mistake(
            ("allocation", "pools", pool.id),
            f"{'rule' if len(rules) == 1 else 'rules'} {named} leave{'s' if len(rules) == 1 else ''} {money(left)} of pool '{pool.id}'"
            f"{f' (group {where})' if where else ''} (total {money(total)}) that no region may "
            "take. Raise the caps, or state `leftover: redistribute_then_return`",
            f"规则{named_zh}使资金池“{pool.id}”{f'（组“{where}”）' if where else ''}"
            f"（总额 {money(total)}）有 {money(left)} 无人可得。"
            "请提高上限，或写 leftover: redistribute_then_return",
        )
    )


def whole_units(
    model: Model,
    env: Environment,
    pool: Pool,
    stages: tuple[Stage, ...],
    bounds: Bounds,
    smallest: Decimal,
    ties: str,
) -> tuple[tuple[int, ...], Fraction]:
    """Whole units of the smallest amount, within the limits, and the money left.

    Raises InputError where a pool's total is not a whole number of units, InfeasibleError where
    the limits leave no room for whole units.
    """
    step = Fraction(smallest)
    amounts = stages[-1].amounts if stages else pool.start
    low = [math.ceil(value / step) for value in bounds.low]
    high = [None if value is None else math.floor(value / step) for value in bounds.high]
    keys = tie_keys(pool, ties if pool.spec.ties is None else pool.spec.ties)
    units = [0] * len(amounts)
    left = Fraction(0)
    for group, total in enumerate(pool.totals):
        members = np.flatnonzero(pool.groups == group).tolist()
        here = [amounts[i] for i in members]
        if pool.rounding in TOGETHER:
            target = sum(here, Fraction(0))
            whole = _whole_total(model, pool, target, total, step, group)
            try:
                share_out = DIVISORS.get(pool.rounding, largest_remainder)
                found = share_out(
                    [amount / step for amount in here],
                    whole,
                    [low[i] for i in members],
                    [high[i] for i in members],
                    [keys[i] for i in members],
                )
            except (RoundingImpossible, ValueError) as error:
                en, zh = _what_is_short(env, pool, bounds, members, whole, step)
                raise InfeasibleError(
                    model.document.mistake(
                        ("allocation", "pools", pool.id),
                        f"in whole units of {smallest} the limits of pool '{pool.id}' leave no room "
                        f"for its total: {en or error}. A smaller `smallest` may help, or --relax",
                        f"以 {smallest} 为最小单位时，资金池“{pool.id}”的各项限额无法凑足总额"
                        f"{'：' + zh if zh else ''}。可改小 smallest，或用 --relax",
                    )
                ) from None
        else:
            alone = round_each(here, step, cast(Mode, pool.rounding))
            found = [_held(unit, low[i], high[i]) for unit, i in zip(alone, members, strict=True)]
        for i, unit in zip(members, found, strict=True):
            units[i] = unit
        if total is not None:
            left += total - step * sum(found)
    return tuple(units), left


def _what_is_short(
    env: Environment, pool: Pool, bounds: Bounds, members: list[int], whole: int, step: Fraction
) -> tuple[str, str]:
    """Which limits whole units cannot keep; empty where that is not known."""
    limits = room.Limits()
    for i in members:
        limits.tighten(i, bounds.low[i], bounds.low_rule[i], bounds.high[i], bounds.high_rule[i])
    return (
        room.crossed(limits, env.codes, step)
        or room.short_total(limits, members, whole, whole, step, pool.id)
        or ("", "")
    )


def _held(unit: int, low: int, high: int | None) -> int:
    held = max(unit, low)
    return held if high is None else min(held, high)


def _whole_total(
    model: Model, pool: Pool, target: Fraction, total: Fraction | None, step: Fraction, group: int
) -> int:
    """How many units are shared out; a total that is not a whole number of units is refused."""
    if total is not None and target == total and total % step:
        raise total_not_whole(model, pool, total, step, group)
    return math.floor(target / step)


def total_not_whole(
    model: Model, pool: Pool, total: Fraction, step: Fraction, group: int
) -> InputError:
    """The error for a total that whole units cannot add up to."""
    key = "amount" if pool.spec.amount is not None else "share"
    where = pool.group_names[group]
    return InputError(
        model.document.mistake(
            ("allocation", "pools", pool.id, key),
            f"the total of pool '{pool.id}'{f' (group {where})' if where else ''} is {money(total)}, "
            f"not a whole number of the smallest amount {money(step)}; round it, e.g. floor(...), or "
            "state a smaller `smallest`",
            f"资金池“{pool.id}”{f'（组“{where}”）' if where else ''}总额为 {money(total)}，"
            f"不是最小单位 {money(step)} 的整数倍；请取整（如 floor(...)）或改小 smallest",
        )
    )


def tie_keys(pool: Pool, ties: str) -> list[tuple[Fraction, int]]:
    """Who comes first when remainders are equal: by weight if so stated, then by code."""
    if pool.tie_break is not None:
        return [(-value, place) for place, value in enumerate(pool.tie_break)]
    sign = {"larger_weight": -1, "smaller_weight": 1}.get(ties)
    if sign is None:
        same = Fraction(0)
        return [(same, place) for place in range(len(pool.weights))]
    return [(sign * weight, place) for place, weight in enumerate(pool.weights)]


def money(amount: Fraction) -> str:
    """An amount for a message."""
    return f"{float(amount):,.6f}".rstrip("0").rstrip(".")
