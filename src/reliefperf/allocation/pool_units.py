"""The whole units of a pool that stands alone: they keep its limits and, where it has one, its total."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import cast

import numpy as np

from reliefperf.allocation import room
from reliefperf.allocation.bounds import Bounds
from reliefperf.allocation.divisors import divisor
from reliefperf.allocation.naming import Naming
from reliefperf.allocation.pool import Pool, Stage
from reliefperf.allocation.ratios import Ratios
from reliefperf.allocation.relaxing import amount_text
from reliefperf.allocation.remainders import (
    Mode,
    RoundingImpossible,
    beside,
    largest_remainder,
    ranks,
    round_each,
    with_difference,
)
from reliefperf.allocation.separate import claims_of, divides, keeps
from reliefperf.errors import InfeasibleError, InputError
from reliefperf.model.environment import Environment
from reliefperf.model.model import Model
from reliefperf.model.spec_allocation import ALONE


def whole_units(
    model: Model,
    env: Environment,
    pool: Pool,
    stages: tuple[Stage, ...],
    bounds: Bounds,
    smallest: Decimal,
    ties: str,
) -> tuple[tuple[int, ...], Fraction]:
    """Whole units of the smallest amount, within the limits, and the money left; none where the
    pool is not rounded.

    Raises InputError where a pool's total is not a whole number of units, InfeasibleError where
    the limits leave no room for whole units.
    """
    step = Fraction(smallest)
    amounts = Ratios.of(stages[-1].amounts if stages else pool.start)
    if not pool.is_rounded:
        return (), _not_shared(pool, amounts)
    quotas = amounts.divided(step)
    low, high = _in_units(bounds, step)
    keys = tie_keys(pool, ties if pool.spec.ties is None else pool.spec.ties)
    units = [0] * len(amounts)
    left = Fraction(0)
    for group, total in enumerate(pool.totals):
        members = np.flatnonzero(pool.groups == group).tolist()
        lows, highs = [low[i] for i in members], [high[i] for i in members]
        own_keys = [keys[i] for i in members]
        try:
            target = amounts.taken(members).total()
            if pool.rounding in ALONE:
                if pool.spec.difference is not None and target == total and total % step:
                    raise total_not_whole(model, pool, total, step, group)
                found = _one_by_one(pool, quotas.taken(members), lows, highs, own_keys)
            else:
                found = _Task(
                    pool,
                    quotas,
                    members,
                    _whole_total(model, pool, target, total, step, group),
                    None if total is None else total / step,
                    target == total and pool.leftover == "redistribute",
                    lows,
                    highs,
                    own_keys,
                ).units()
        except RoundingImpossible as error:
            en, zh = _what_is_short(model, env, pool, bounds, members, amounts, step)
            raise InfeasibleError(
                model.document.mistake(
                    ("allocation", "pools", pool.id),
                    f"in whole units of {smallest} the limits of pool '{pool.id}' leave no room "
                    f"for its total: {en or error}. A smaller `smallest` may help, or --relax",
                    f"以 {smallest} 为最小单位时，资金池“{pool.id}”的各项限额无法凑足总额"
                    f"{'：' + zh if zh else ''}。可改小 smallest，或用 --relax",
                )
            ) from None
        for i, unit in zip(members, found, strict=True):
            units[i] = unit
        if total is not None and pool.spec.kind != "formula":
            left += total - step * sum(found)
    return tuple(units), left


@dataclass(frozen=True)
class _Task:
    """The regions of a pool that share a total: their limits and keys (one a member), in units.

    `whole` is what they share out, `total` what the pool has; only a `stated` sum must be met.
    """

    pool: Pool
    quotas: Ratios
    members: list[int]
    whole: int
    total: Fraction | None
    stated: bool
    lows: Sequence[int]
    highs: Sequence[int | None]
    keys: Sequence[tuple[int, int]]

    def units(self) -> list[int]:
        """The whole units of each member.

        Who bears nothing of what limits move keeps to the units next to the amount, and so does
        everyone where nobody gets more than the entitlement; where floors then ask for more than
        there is some fall further. Raises RoundingImpossible where no units are left.
        """
        mine = self.quotas.taken(self.members)
        if divides(self.pool.rounding):
            claims = claims_of(self.pool, self.quotas).taken(self.members)
            whole = self._reached(self.lows, self.highs)
            return divisor(self.pool.rounding)(claims, whole, self.lows, self.highs, self.keys)
        low, high = self._near(mine)
        total = self.total
        pays_in = self.pool.spec.contributes and total is not None and total < 0
        try:
            return largest_remainder(mine, self._reached(low, high), low, high, self.keys)
        except RoundingImpossible:
            lows, highs = (low, self.highs) if pays_in else (self.lows, high)
            return largest_remainder(mine, self._reached(lows, highs), lows, highs, self.keys)

    def _near(self, mine: Ratios) -> tuple[list[int], list[int | None]]:
        """The limits, not beyond the units next to its amount for who keeps to them."""
        lows, highs = list(self.lows), list(self.highs)
        carriers = Ratios.of(self.pool.carriers).taken(self.members).tops
        all_keep = keeps(self.pool)
        for k, carrier in enumerate(carriers):
            if all_keep or not carrier:
                lows[k], highs[k] = beside(mine[k], lows[k], highs[k])
        return lows, highs

    def _reached(self, lows: Sequence[int], highs: Sequence[int | None]) -> int:
        """The sum to share out; one that is not stated goes where the limits let it be."""
        whole = self.whole
        if self.stated:
            return whole
        known = [high for high in highs if high is not None]
        if len(known) == len(highs):
            whole = min(whole, sum(known))
        whole = max(whole, sum(lows))
        if self.total is None:
            return whole
        within = math.floor(self.total) if self.total >= 0 else math.ceil(self.total)
        return min(whole, within) if self.total >= 0 else max(whole, within)


def _one_by_one(
    pool: Pool,
    quotas: Ratios,
    lows: Sequence[int],
    highs: Sequence[int | None],
    keys: Sequence[tuple[int, int]],
) -> list[int]:
    """Each amount rounded by itself within its limits; one takes the difference if the pool says so."""
    alone = round_each(quotas, Fraction(1), cast(Mode, pool.rounding))
    found = [_held(*one) for one in zip(alone, lows, highs, strict=True)]
    if pool.spec.difference is None:
        return found
    return with_difference(found, quotas, lows, highs, ranks(len(found), keys))


def _not_shared(pool: Pool, amounts: Ratios) -> Fraction:
    """What the amounts leave of the totals, in money."""
    if pool.spec.kind == "formula":
        return Fraction(0)
    left = Fraction(0)
    for group, total in enumerate(pool.totals):
        if total is not None:
            left += total - amounts.taken(np.flatnonzero(pool.groups == group).tolist()).total()
    return left


def _in_units(bounds: Bounds, step: Fraction) -> tuple[list[int], list[int | None]]:
    """The least and the most whole units of each region; None is no limit."""
    low = [-(-top // bottom) for top, bottom in bounds.low.divided(step).pairs()]
    for i, (top, bottom) in bounds.firm.items():
        low[i] = max(math.ceil(Fraction(top, bottom) / step), math.floor(bounds.low[i] / step))
    caps = Ratios(bounds.high.tops, [bottom or 1 for bottom in bounds.high.bottoms])
    ends = zip(caps.divided(step).pairs(), bounds.high.bottoms, strict=True)
    return low, [top // bottom if known else None for (top, bottom), known in ends]


def _what_is_short(
    model: Model,
    env: Environment,
    pool: Pool,
    bounds: Bounds,
    members: list[int],
    amounts: Ratios,
    step: Fraction,
) -> tuple[str, str]:
    """Which limits whole units cannot keep; empty where that is not known."""
    limits, naming = room.Limits(), Naming.of(model, env)
    (whole,) = round_each([amounts.taken(members).total()], step, "half_up")
    members = [i for i in members if pool.carriers[i].numerator or amounts.tops[i]]
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

    Amounts that leave some of it come to their sum rounded half up, but not to more than there is.
    """
    if total is not None and target == total and total % step:
        raise total_not_whole(model, pool, total, step, group)
    (nearest,) = round_each([target], step, "half_up")
    if total is None:
        return nearest
    if total < 0 and pool.spec.kind != "formula":
        return max(nearest, math.ceil(total / step))
    return min(nearest, math.floor(total / step))


def total_not_whole(
    model: Model, pool: Pool, total: Fraction, step: Fraction, group: int
) -> InputError:
    """The error for a total that whole units cannot add up to."""
    key, stated = "amount", pool.spec.amount
    if stated is None:
        key, stated = "share", pool.spec.share
    text = "..." if stated is None else stated.text
    if key == "share":
        text = f"{text} * budget" if text.replace(".", "").isalnum() else f"({text}) * budget"
    rounded = floored(text, amount_text(step))
    where = pool.group_names[group]
    return InputError(
        model.document.mistake(
            ("allocation", "pools", pool.id, key),
            f"the total of pool '{pool.id}'{f' (group {where})' if where else ''} is {amount_text(total)}, "
            f"not a whole number of the smallest amount {amount_text(step)}; round it, "
            f"`amount: {rounded}`, or state a smaller `smallest`",
            f"资金池“{pool.id}”{f'（组“{where}”）' if where else ''}总额为 {amount_text(total)}，"
            f"不是最小单位 {amount_text(step)} 的整数倍；请取整（amount: {rounded}）或改小 smallest",
        )
    )


def floored(expression: str, step: str) -> str:
    """How an expression is rounded down to whole steps."""
    if step == "1":
        return f"floor({expression})"
    whole = expression if expression.replace(".", "").isalnum() else f"({expression})"
    return f"{step} * floor({whole} / {step})"


def tie_keys(pool: Pool, ties: str) -> list[tuple[int, int]]:
    """Who comes first when remainders are equal: by weight if so stated, then by code."""
    sign = {"larger_weight": -1, "smaller_weight": 1}.get(ties)
    if pool.tie_break is None and sign is None:
        return [(0, place) for place in range(len(pool.weights))]
    first, _ = Ratios.of(pool.weights if pool.tie_break is None else pool.tie_break).scaled()
    sign = -1 if pool.tie_break is not None else sign
    assert sign is not None
    return [(sign * value, place) for place, value in enumerate(first)]
