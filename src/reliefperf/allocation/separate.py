"""Pools that stand alone: rules are limits on single amounts, so each pool is settled exactly.

A shared pool is water-filled: amounts in proportion to the entitlements, held between the limits.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import cast

import numpy as np

from reliefperf.allocation import room
from reliefperf.allocation.bearing import carry
from reliefperf.allocation.contributing import contributions, keep_signs
from reliefperf.allocation.crossing import Crossing, crossing_words
from reliefperf.allocation.divisors import divisor
from reliefperf.allocation.naming import Naming
from reliefperf.allocation.pool import Pool, Stage
from reliefperf.allocation.program import ExactRow, LimitRows
from reliefperf.allocation.ratios import Partial, Ratios
from reliefperf.allocation.rounding import (
    Mode,
    RoundingImpossible,
    largest_remainder,
    round_each,
)
from reliefperf.allocation.waterfill import Filled, waterfill
from reliefperf.errors import InfeasibleError, InputError
from reliefperf.model.environment import Environment
from reliefperf.model.model import Model
from reliefperf.model.spec_allocation import ALONE

FAR_BELOW = -(10**18)
"""The low limit of amounts that may be negative: further below zero than any amount can be."""


@dataclass(frozen=True)
class Bounds:
    """Limits on every region's amount with the rule that sets each; None is no limit."""

    low: Ratios
    high: Partial
    low_rule: list[str]
    high_rule: list[str]
    firm: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Of regions whose low is rounded down to whole units: the low that none may fall below."""

    @classmethod
    def open(cls, n_regions: int, *, negative: bool = False) -> Bounds:
        """No cap, and no amount below zero unless it may be `negative`."""
        least = FAR_BELOW if negative else 0
        nothing = [""] * n_regions
        low = Ratios.over([least] * n_regions, 1)
        return cls(low, Partial([0] * n_regions, [0] * n_regions), nothing, list(nothing))

    def tighten(self, row: ExactRow) -> int | None:
        """Take in a row on a single amount; the region, if a limit of it has moved."""
        (i,), (factor,) = row.columns, row.coefficients
        low = None if row.lower is None else row.lower / factor
        high = None if row.upper is None else row.upper / factor
        raised = low is not None and self._raise(
            i, low.numerator, low.denominator, row.rule, row.rounds_down
        )
        lowered = high is not None and self._lower(i, high.numerator, high.denominator, row.rule)
        return i if raised or lowered else None

    def take(self, rows: Sequence[ExactRow]) -> list[int]:
        """Take in a rule's rows on single amounts; the regions of which a limit has moved."""
        if not isinstance(rows, LimitRows):
            return [place for row in rows if (place := self.tighten(row)) is not None]
        moved: list[int] = []
        for side, move in ((rows.lower, self._raise), (rows.upper, self._lower)):
            if side is not None:
                ends = zip(rows.columns, side.tops, side.bottoms, strict=True)
                moved += [
                    i for i, top, bottom in ends if bottom and move(i, top, bottom, rows.rule)
                ]
        return moved

    def _raise(self, i: int, top: int, bottom: int, rule: str, rounds_down: bool = False) -> bool:
        if i in self.firm and not rounds_down and top * self.firm[i][1] > self.firm[i][0] * bottom:
            self.firm[i] = top, bottom
        if top * self.low.bottoms[i] <= self.low.tops[i] * bottom:
            return False
        if rounds_down:
            self.firm.setdefault(i, (self.low.tops[i], self.low.bottoms[i]))
        else:
            self.firm.pop(i, None)
        self.low.tops[i], self.low.bottoms[i], self.low_rule[i] = top, bottom, rule
        return True

    def _lower(self, i: int, top: int, bottom: int, rule: str) -> bool:
        before = self.high.bottoms[i]
        if before and top * before >= self.high.tops[i] * bottom:
            return False
        self.high.tops[i], self.high.bottoms[i], self.high_rule[i] = top, bottom, rule
        return True

    def hold(self, places: Iterable[int], amounts: Ratios) -> bool:
        """Whether the amounts of these regions are within their limits."""
        low, high = self.low, self.high
        for i in places:
            top, bottom = amounts.tops[i], amounts.bottoms[i]
            if low.tops[i] * bottom > top * low.bottoms[i]:
                return False
            if high.bottoms[i] and top * high.bottoms[i] > high.tops[i] * bottom:
                return False
        return True

    def crossed(self) -> list[int]:
        """The regions whose limits leave them no amount."""
        low, high = self.low, self.high
        ends = zip(low.tops, low.bottoms, high.tops, high.bottoms, strict=True)
        return [i for i, (a, b, c, d) in enumerate(ends) if d and c * b < a * d]


def settle(
    model: Model, env: Environment, pool: Pool, rules: Sequence[tuple[str, Sequence[ExactRow]]]
) -> tuple[tuple[Stage, ...], Bounds]:
    """The amounts after each rule, in the stated order, and the limits that hold in the end.

    Raises InfeasibleError naming the rules at odds and by how much they miss.
    """
    bounds = Bounds.open(env.n_regions, negative=pool.spec.negative == "allow")
    if pool.spec.contributes:
        keep_signs(pool, bounds)
    stages = list(pool.stages)
    amounts: Ratios | None = None
    for rule_id, rows in rules:
        moved = bounds.take(rows)
        _refuse_crossed(model, env, pool, bounds)
        # The nearest point stays the nearest where the limits close in without touching it.
        if amounts is None or _keeps(pool) or not bounds.hold(moved, amounts):
            amounts = _amounts(model, env, pool, bounds)
        stages.append(Stage(rule_id, amounts))
    return tuple(stages), bounds


def _refuse_crossed(model: Model, env: Environment, pool: Pool, bounds: Bounds) -> None:
    crossed = bounds.crossed()
    if not crossed:
        return
    found = []
    for i in crossed:
        low, high = bounds.low[i], bounds.high[i]
        assert high is not None
        found.append(
            Crossing(env.codes[i], pool.id, low, bounds.low_rule[i], high, bounds.high_rule[i])
        )
    raise InfeasibleError(
        model.document.mistake(
            ("allocation", "pools", pool.id), *crossing_words(found, Naming.of(model, env))
        )
    )


def _amounts(model: Model, env: Environment, pool: Pool, bounds: Bounds) -> Ratios:
    """The point nearest to the entitlements within the limits, group by group."""
    start = Ratios.of(pool.nearest_to)
    result = Ratios.over([0] * len(start), 1)
    for group, total in enumerate(pool.totals):
        members = np.flatnonzero(pool.groups == group).tolist()
        low, high = bounds.low.taken(members), bounds.high.taken(members)
        wanted = start.taken(members)
        held = _between(wanted, low, high)
        asked = held.total()
        pays_in = pool.spec.contributes and total is not None and total < 0
        if total is None or asked == total or ((asked < total) != pays_in and _keeps(pool)):
            amounts = held
        else:
            if pool.bear is not None:
                filled = _carried(model, env, pool, group, members, low, high)
            else:
                filled = (contributions if pays_in else waterfill)(wanted, low, high, total)
            if pays_in and (filled.left < 0 or (filled.left and pool.leftover == "redistribute")):
                raise _contributions_miss(
                    model, env, pool, bounds, members, total, filled.left, group
                )
            if filled.left < 0:
                raise _floors_too_high(model, env, pool, bounds, members, total, group)
            if filled.left > 0 and pool.leftover == "redistribute":
                raise _caps_too_low(model, env, pool, bounds, members, total, filled.left, group)
            amounts = filled.amounts
        for i, top, bottom in zip(members, amounts.tops, amounts.bottoms, strict=True):
            result.tops[i], result.bottoms[i] = top, bottom
    return result


def _carried(
    model: Model,
    env: Environment,
    pool: Pool,
    group: int,
    members: list[int],
    low: Ratios,
    high: Partial,
) -> Filled:
    """The amounts of a group of a pool that says by what measure limits are carried."""
    known = [
        0 if top <= FAR_BELOW * bottom else bottom
        for top, bottom in zip(low.tops, low.bottoms, strict=True)
    ]

    def refuse(key: str, en: str, zh: str) -> InputError:
        return InputError(model.document.mistake(("allocation", "pools", pool.id, key), en, zh))

    return carry(refuse, env.codes, pool, group, members, Partial(low.tops, known), high)


def _between(wanted: Ratios, low: Ratios, high: Partial) -> Ratios:
    """The amounts that are wanted, moved inside their limits."""
    tops, bottoms = [], []
    for a, b, c, d, e, f in zip(
        wanted.tops, wanted.bottoms, low.tops, low.bottoms, high.tops, high.bottoms, strict=True
    ):
        top, bottom = (a, b) if not f or a * f <= e * b else (e, f)
        if top * d < c * bottom:
            top, bottom = c, d
        tops.append(top)
        bottoms.append(bottom)
    return Ratios(tops, bottoms)


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
    need = bounds.low.taken(members).total()
    naming = Naming.of(model, env)
    (named, named_zh), (pool_en, pool_zh) = naming.rules(rules), naming.rule(pool.id)
    where = pool.group_names[group]
    return InfeasibleError(
        model.document.mistake(
            ("allocation", "pools", pool.id),
            f"{'rule' if len(rules) == 1 else 'rules'} {named} need{'s' if len(rules) == 1 else ''} at least {money(need)} in all, but pool {pool_en}"
            f"{f' (group {where})' if where else ''} has {money(total)}: {money(need - total)} too "
            "little. Lower the floors or raise the pool",
            f"规则{named_zh}合计至少需要 {money(need)}，而资金池{pool_zh}"
            f"{f'（组“{where}”）' if where else ''}只有 {money(total)}，差 {money(need - total)}。"
            "请降低保底或增加资金池",
        )
    )


def _contributions_miss(
    model: Model,
    env: Environment,
    pool: Pool,
    bounds: Bounds,
    members: list[int],
    total: Fraction,
    left: Fraction,
    group: int,
) -> InfeasibleError:
    """Contributions of which some may be paid by nobody, or caps that ask for more than them."""
    of = bounds.low_rule if left > 0 else bounds.high_rule
    rules = sorted({of[i] for i in members} - {""})
    naming = Naming.of(model, env)
    (named, named_zh), (pool_en, pool_zh) = naming.rules(rules), naming.rule(pool.id)
    name = pool.group_names[group]
    where, where_zh = (f" (group {name})", f"（组“{name}”）") if name else ("", "")
    if left > 0:
        en = (
            f"the floors of {named} leave {money(left)} of the {money(-total)} that pool "
            f"{pool_en}{where} takes in, which no region may pay. Lower the floors, or state "
            "`leftover: redistribute_then_return`"
        )
        zh = (
            f"规则{named_zh}的下限使资金池{pool_zh}{where_zh}应上缴的 {money(-total)} 中有 "
            f"{money(left)} 无人可缴。请降低下限，或写 leftover: redistribute_then_return"
        )
    else:
        en = (
            f"the caps of {named} ask for {money(-total - left)} in all, but pool {pool_en}{where} "
            f"takes in {money(-total)}: {money(-left)} too much. Raise the caps"
        )
        zh = (
            f"规则{named_zh}的上限要求合计上缴 {money(-total - left)}，而资金池{pool_zh}{where_zh}"
            f"只收 {money(-total)}，多 {money(-left)}。请提高上限"
        )
    return InfeasibleError(model.document.mistake(("allocation", "pools", pool.id), en, zh))


def _caps_too_low(
    model: Model,
    env: Environment,
    pool: Pool,
    bounds: Bounds,
    members: list[int],
    total: Fraction,
    left: Fraction,
    group: int,
) -> InfeasibleError:
    rules = sorted({bounds.high_rule[i] for i in members} - {""})
    naming = Naming.of(model, env)
    (named, named_zh), (pool_en, pool_zh) = naming.rules(rules), naming.rule(pool.id)
    where = pool.group_names[group]
    return InfeasibleError(
        model.document.mistake(
            ("allocation", "pools", pool.id),
            f"{'rule' if len(rules) == 1 else 'rules'} {named} leave{'s' if len(rules) == 1 else ''} {money(left)} of pool {pool_en}"
            f"{f' (group {where})' if where else ''} (total {money(total)}) that no region may "
            "take. Raise the caps, or state `leftover: redistribute_then_return`",
            f"规则{named_zh}使资金池{pool_zh}{f'（组“{where}”）' if where else ''}"
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
    amounts = Ratios.of(stages[-1].amounts if stages else pool.start)
    quotas = amounts.divided(step)
    low = [-(-top // bottom) for top, bottom in bounds.low.divided(step).pairs()]
    for i, (top, bottom) in bounds.firm.items():
        low[i] = max(math.ceil(Fraction(top, bottom) / step), math.floor(bounds.low[i] / step))
    caps = Ratios(bounds.high.tops, [bottom or 1 for bottom in bounds.high.bottoms])
    high = [
        top // bottom if known else None
        for (top, bottom), known in zip(
            caps.divided(step).pairs(), bounds.high.bottoms, strict=True
        )
    ]
    keys = tie_keys(pool, ties if pool.spec.ties is None else pool.spec.ties)
    units = [0] * len(amounts)
    left = Fraction(0)
    for group, total in enumerate(pool.totals):
        members = np.flatnonzero(pool.groups == group).tolist()
        if pool.rounding not in ALONE:
            lows, highs = [low[i] for i in members], [high[i] for i in members]
            target = amounts.taken(members).total()
            whole = _whole_total(model, pool, target, total, step, group)
            if target != total or pool.leftover != "redistribute":
                whole = _within_reach(whole, lows, highs, total, step)
            claims, share_out = quotas, largest_remainder
            if divides(pool.rounding):
                claims, share_out = claims_of(pool, quotas), divisor(pool.rounding)
            try:
                found = share_out(
                    claims.taken(members), whole, lows, highs, [keys[i] for i in members]
                )
            except (RoundingImpossible, ValueError) as error:
                en, zh = _what_is_short(model, env, pool, bounds, members, whole, step)
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
            alone = round_each(amounts.taken(members), step, cast(Mode, pool.rounding))
            found = [_held(unit, low[i], high[i]) for unit, i in zip(alone, members, strict=True)]
        for i, unit in zip(members, found, strict=True):
            units[i] = unit
        if total is not None and pool.spec.kind != "formula":
            left += total - step * sum(found)
    return tuple(units), left


def divides(rounding: str) -> bool:
    """Whether a rounding is a divisor method."""
    return rounding != "largest_remainder" and rounding not in ALONE


def claims_of(pool: Pool, quotas: Ratios) -> Ratios:
    """What a divisor method divides: the entitlements before any rule, within whose limits it stays.

    With `bear` limits are not carried in proportion, and the amounts themselves are divided.
    """
    return quotas if pool.bear is not None else Ratios.of(pool.start)


def _within_reach(
    whole: int,
    lows: Sequence[int],
    highs: Sequence[int | None],
    total: Fraction | None,
    step: Fraction,
) -> int:
    """A sum that is not stated, moved to where the limits of single amounts let it be."""
    known = [high for high in highs if high is not None]
    if len(known) == len(highs):
        whole = min(whole, sum(known))
    whole = max(whole, sum(lows))
    if total is None:
        return whole
    return (
        min(whole, math.floor(total / step)) if total >= 0 else max(whole, math.ceil(total / step))
    )


def _what_is_short(
    model: Model,
    env: Environment,
    pool: Pool,
    bounds: Bounds,
    members: list[int],
    whole: int,
    step: Fraction,
) -> tuple[str, str]:
    """Which limits whole units cannot keep; empty where that is not known."""
    limits, naming = room.Limits(), Naming.of(model, env)
    for i in members:
        limits.tighten(i, bounds.low[i], bounds.low_rule[i], bounds.high[i], bounds.high_rule[i])
    return (
        room.crossed(limits, env.codes, step, naming)
        or room.short_total(limits, members, whole, whole, step, pool.id, naming)
        or ("", "")
    )


def _held(unit: int, low: int, high: int | None) -> int:
    held = max(unit, low)
    return held if high is None else min(held, high)


def _whole_total(
    model: Model, pool: Pool, target: Fraction, total: Fraction | None, step: Fraction, group: int
) -> int:
    """How many units are shared out; a total that is not a whole number of units is refused.

    The amounts of a formula pool come to their sum rounded half up, but not to more than a limit.
    """
    if total is not None and target == total and total % step:
        raise total_not_whole(model, pool, total, step, group)
    if pool.spec.kind == "formula":
        (nearest,) = round_each([target], step, "half_up")
        return nearest if total is None else min(nearest, math.floor(total / step))
    return math.trunc(target / step)


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


def tie_keys(pool: Pool, ties: str) -> list[tuple[int, int]]:
    """Who comes first when remainders are equal: by weight if so stated, then by code."""
    sign = {"larger_weight": -1, "smaller_weight": 1}.get(ties)
    if pool.tie_break is None and sign is None:
        return [(0, place) for place in range(len(pool.weights))]
    first, _ = Ratios.of(pool.weights if pool.tie_break is None else pool.tie_break).scaled()
    sign = -1 if pool.tie_break is not None else sign
    assert sign is not None
    return [(sign * value, place) for place, value in enumerate(first)]


def money(amount: Fraction) -> str:
    """An amount for a message."""
    return f"{float(amount):,.6f}".rstrip("0").rstrip(".")
