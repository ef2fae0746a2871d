"""The formulas of a pool: what they alone give each region, in fractions that add up to totals.

Five kinds: a total shared by weights, each region's own amount with a total, a formula with a number
that follows from its total, each region's own amount by itself, and gains over guarantees scaled to a
total.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from reliefperf.allocation.bearing import STEP as BEAR
from reliefperf.allocation.bearing import carry, refuse_no_bearer
from reliefperf.allocation.pool import Pool, Stage
from reliefperf.allocation.pool_reading import PoolReader
from reliefperf.allocation.program import Ints, Mask
from reliefperf.allocation.ratios import Partial, Ratios
from reliefperf.allocation.rounding import round_each
from reliefperf.allocation.solving_for import solved_pool
from reliefperf.errors import InfeasibleError, Note
from reliefperf.model.environment import Environment
from reliefperf.model.expressions import Expr
from reliefperf.model.model import Model
from reliefperf.model.numbers import RELATIVE
from reliefperf.model.spec_allocation import PoolSpec


def make_pool(model: Model, env: Environment, pool_id: str, spec: PoolSpec) -> Pool:
    """Eligibility, weights and entitlements of one pool; earlier pools are columns of `env`.

    Raises InputError for missing or negative weights and amounts, and for a pool nobody shares.
    """
    reader = PoolReader(model, env, pool_id, spec)
    eligible = reader.eligibility()
    if spec.kind == "formula":
        pool = _by_itself(reader, eligible)
    elif spec.solve is not None:
        pool = solved_pool(reader, eligible)
    elif spec.each is not None:
        pool = _stated(reader, eligible)
    elif spec.kind == "shared":
        pool = _shared(reader, eligible)
    else:
        pool = _gains(reader, eligible)
    if spec.bear is not None:
        pool = _bearing(reader, pool, spec.bear)
    return replace(pool, tie_break=reader.tie_break(eligible))


def _shared(reader: PoolReader, eligible: Mask) -> Pool:
    assert reader.spec.weight is not None
    weights = reader.amounts_of("weight", reader.spec.weight, eligible)
    groups, names = reader.grouping(eligible)
    totals = reader.totals(groups, names)
    parts, _ = weights.scaled()
    entitlement = Ratios.over([0] * len(weights), 1)
    notes = []
    for group, total in enumerate(totals):
        members = np.flatnonzero(groups == group).tolist()
        whole = sum(parts[i] for i in members)
        if whole == 0 and total:
            where_en = f" (group {names[group]})" if names[group] else ""
            where_zh = f"（组“{names[group]}”）" if names[group] else ""
            if reader.leftover == "redistribute":
                raise reader.refuse(
                    "weight",
                    f"nobody shares pool '{reader.pool_id}'{where_en}: no region is eligible with "
                    "a weight above zero. State `leftover: return` if the money may stay",
                    f"资金池“{reader.pool_id}”{where_zh}无人可分：没有权重大于零的合格地区。"
                    "如允许余款退回，请写 leftover: return",
                )
            notes.append(
                Note(
                    "nobody",
                    f"nobody shares pool '{reader.pool_id}'{where_en}",
                    f"资金池“{reader.pool_id}”{where_zh}无人可分",
                    1,
                    reader.pool_id,
                )
            )
        sign = 1 if whole > 0 else -1
        top, bottom = total.numerator * sign, total.denominator * whole * sign
        for i in members if whole else ():
            entitlement.tops[i], entitlement.bottoms[i] = top * parts[i], bottom
    pool = reader.pool(eligible, groups, names, totals, weights, entitlement)
    return replace(pool, limits=_between(reader, groups, names, weights), notes=tuple(notes))


def _between(
    reader: PoolReader, groups: Ints, names: Sequence[str], weights: Ratios
) -> tuple[tuple[Fraction, Fraction], ...] | None:
    """The least and the most that each group's total may be; None if the pool states none."""
    if reader.spec.between is None:
        return None
    low, high = (
        reader.group_values("between", expr, groups, names) for expr in reader.spec.between
    )
    limits = tuple(zip(low, high, strict=True))
    if any(least > most for least, most in limits):
        raise reader.refuse(
            "between",
            "the first limit of `between` is above the second",
            "between 的下限高于上限",
        )
    for group, (least, _) in enumerate(limits):
        if least > 0 and not any(weights.tops[i] for i in np.flatnonzero(groups == group).tolist()):
            raise reader.refuse(
                "between",
                f"pool '{reader.pool_id}' must pay at least {float(least):,g}, but nobody "
                "shares it: no region is eligible with a weight above zero",
                f"资金池“{reader.pool_id}”至少须支付 {float(least):,g}，但无人可分："
                "没有权重大于零的合格地区",
            )
    return limits


def _stated(reader: PoolReader, eligible: Mask) -> Pool:
    """Every region's own amount and a total that these need not add up to."""
    assert reader.spec.each is not None
    amounts = reader.amounts_of("each", reader.spec.each, eligible)
    groups, names = reader.grouping(eligible)
    totals = reader.totals(groups, names)
    if not eligible.any() and any(totals) and reader.leftover == "redistribute":
        raise reader.nobody_shares()
    return reader.pool(eligible, groups, names, totals, amounts, amounts)


def _bearing(reader: PoolReader, pool: Pool, stated: Expr) -> Pool:
    """A pool with the measure by which limits are carried, and its own amounts at the total."""
    pool = replace(pool, bear=reader.amounts_of("bear", stated, pool.eligible))
    groups = [np.flatnonzero(pool.groups == k).tolist() for k in range(len(pool.totals))]
    for group, members in enumerate(groups):
        refuse_no_bearer(reader.refuse, reader.env.codes, pool, group, members)
    if reader.spec.each is None or reader.spec.solve is not None:
        return pool
    own = Ratios.of(pool.entitlement)
    may_fall = reader.spec.negative == "allow"
    keeps = reader.leftover in ("return", "reserve")
    tops, bottoms = list(own.tops), list(own.bottoms)
    if not may_fall:
        tops = [max(top, 0) for top in tops]
    for group, members in enumerate(groups):
        total = pool.totals[group]
        assert total is not None
        asked = Ratios(tops, bottoms).taken(members).total()
        if asked == total or (asked < total and keeps):
            continue
        none = [0] * len(members)
        low = Partial(none, none if may_fall else [1] * len(members))
        found = carry(
            reader.refuse, reader.env.codes, pool, group, members, low, Partial(none, none)
        ).amounts
        for i, top, bottom in zip(members, found.tops, found.bottoms, strict=True):
            tops[i], bottoms[i] = top, bottom
    amounts = Ratios(tops, bottoms)
    return replace(pool, stages=(Stage(BEAR, amounts),))


def _by_itself(reader: PoolReader, eligible: Mask) -> Pool:
    assert reader.spec.each is not None
    amounts = reader.amounts_of("each", reader.spec.each, eligible)
    groups = np.where(eligible, 0, -1)
    stages: tuple[Stage, ...] = ()
    notes: tuple[Note, ...] = ()
    total: Fraction | None = None
    rounding = reader.rounding
    if reader.spec.limit is not None:
        total = limit = reader.group_values("limit", reader.spec.limit, groups, ("",))[0]
        asked = amounts.total()
        if not reader.rounding_is_stated:
            # each amount by itself, unless that would pass the limit
            step = reader.step
            if asked > limit or step * sum(round_each(amounts, step, "half_up")) > limit:
                rounding = "largest_remainder"
        if asked > limit:
            if reader.spec.over_limit == "error":
                raise InfeasibleError(
                    reader.model.document.mistake(
                        ("allocation", "pools", reader.pool_id, "limit"),
                        f"the amounts of pool '{reader.pool_id}' add up to {float(asked):,.2f}, "
                        f"{float(asked - limit):,.2f} more than its limit {float(limit):,.2f}; "
                        "`over_limit: scale` would reduce all in proportion",
                        f"资金池“{reader.pool_id}”各地区金额合计 {float(asked):,.2f}，超过限额 "
                        f"{float(limit):,.2f} 达 {float(asked - limit):,.2f}；"
                        "写 over_limit: scale 可按比例压减",
                    )
                )
            scaled = tuple(amount * limit / asked for amount in amounts)
            stages = (Stage("limit", scaled),)
            notes = (
                Note(
                    "scaled",
                    f"the amounts were scaled by {float(limit / asked):.8f} to the limit",
                    f"各地区金额按 {float(limit / asked):.8f} 压减至限额",
                    1,
                    reader.pool_id,
                ),
            )
    pool = reader.pool(eligible, groups, ("",), (total,), amounts, amounts)
    return replace(pool, rounding=rounding, stages=stages, notes=notes)


def _gains(reader: PoolReader, eligible: Mask) -> Pool:
    """England's damping: G = f if X <= f, else f + s (X - f), s the same for a whole class."""
    assert reader.spec.scale_gains is not None
    formula = reader.amounts_of("formula", reader.spec.scale_gains.formula, eligible)
    floors = reader.amounts_of("floor", reader.spec.scale_gains.floor, eligible)
    groups, names = reader.grouping(eligible)
    totals: list[Fraction]
    if reader.spec.amount is None and reader.spec.share is None:
        totals = [Fraction(0)] * len(names)
        for i, group in enumerate(groups.tolist()):
            if group >= 0:
                totals[group] += formula[i]
        totals = [_whole_if_noise(total, reader.step) for total in totals]
    else:
        totals = reader.totals(groups, names)
    raised = [max(x, f) for x, f in zip(formula, floors, strict=True)]
    damped = list(raised)
    notes = []
    for group, (name, total) in enumerate(zip(names, totals, strict=True)):
        members = np.flatnonzero(groups == group).tolist()
        guaranteed = sum((floors[i] for i in members), Fraction(0))
        gains = sum((max(formula[i] - floors[i], Fraction(0)) for i in members), Fraction(0))
        if guaranteed > total:
            raise InfeasibleError(
                reader.model.document.mistake(
                    ("allocation", "pools", reader.pool_id, "scale_gains"),
                    f"the floors of pool '{reader.pool_id}'{f' (group {name})' if name else ''} add up to "
                    f"{float(guaranteed):,.2f}, {float(guaranteed - total):,.2f} more than the "
                    f"total {float(total):,.2f}",
                    f"资金池“{reader.pool_id}”{f'（组“{name}”）' if name else ''}保底金额合计 {float(guaranteed):,.2f}，"
                    f"超过总额 {float(total):,.2f} 达 {float(guaranteed - total):,.2f}",
                )
            )
        scale = (total - guaranteed) / gains if gains else Fraction(0)
        if not gains and total > guaranteed and reader.leftover == "redistribute":
            raise reader.refuse(
                "scale_gains",
                f"nobody gains in pool '{reader.pool_id}'{f' (group {name})' if name else ''}, so "
                "the rest of the total cannot be given away; state `leftover: return`",
                f"资金池“{reader.pool_id}”{f'（组“{name}”）' if name else ''}没有地区增长，余额无法分配；"
                "请写 leftover: return",
            )
        for i in members:
            damped[i] = floors[i] + scale * max(formula[i] - floors[i], Fraction(0))
        notes.append(
            Note(
                "gains-scaled",
                f"gains{f' of {name}' if name else ''} were scaled by {float(scale):.10f}",
                f"{f'“{name}”的' if name else ''}增量按 {float(scale):.10f} 缩放",
                1,
                reader.pool_id,
            )
        )
    pool = reader.pool(eligible, groups, names, totals, formula, formula)
    stages = (Stage("floor", tuple(raised)), Stage("scaling", tuple(damped)))
    return replace(pool, stages=stages, notes=tuple(notes))


def _whole_if_noise(total: Fraction, step: Fraction) -> Fraction:
    """A sum of formula amounts within their binary noise of whole units as those units."""
    whole = round(total / step) * step
    noise = min(total * Fraction(RELATIVE) * 10, step / 100)
    return whole if abs(total - whole) <= noise else total
