"""The whole units of a pool that stands alone: they keep its limits and, where it has one, its total."""

from __future__ import annotations

import math
from collections.abc import Sequence
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
from reliefperf.allocation.rounding import (
    Mode,
    RoundingImpossible,
    largest_remainder,
    round_each,
)
from reliefperf.allocation.separate import claims_of, divides
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
            f"the total of pool '{pool.id}'{f' (group {where})' if where else ''} is {amount_text(total)}, "
            f"not a whole number of the smallest amount {amount_text(step)}; round it, e.g. floor(...), or "
            "state a smaller `smallest`",
            f"资金池“{pool.id}”{f'（组“{where}”）' if where else ''}总额为 {amount_text(total)}，"
            f"不是最小单位 {amount_text(step)} 的整数倍；请取整（如 floor(...)）或改小 smallest",
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
