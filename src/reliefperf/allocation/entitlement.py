"""What the formula alone gives: eligibility, weights, totals and entitlements, exactly.

Weights and formula amounts are measured numbers (floats); from here on money is in fractions, so
that shares of a total add up to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from reliefperf.allocation.bearing import STEP, carry, refuse_no_bearer
from reliefperf.allocation.ratios import Partial, Ratios
from reliefperf.allocation.rounding import round_each
from reliefperf.errors import InfeasibleError, InputError, Note
from reliefperf.evaluation.accountability import barred
from reliefperf.model.environment import Environment
from reliefperf.model.expressions import Expr
from reliefperf.model.model import Model
from reliefperf.model.numbers import RELATIVE, exact
from reliefperf.model.spec_allocation import ALONE, DivisorMethod, Leftover, PoolSpec

Ints = NDArray[np.int64]

MOST_UNITS = 1e15
"""Amounts of this many smallest units and more have digits that a float does not hold."""


@dataclass(frozen=True)
class Stage:
    """Amounts (one a region, money) after a named step of the explanation."""

    step: str
    amounts: Sequence[Fraction]


@dataclass(frozen=True)
class Pool:
    """One pool before any rule.

    `groups` (n_regions,) numbers the regions that share a total (-1: not eligible); `totals` has
    one amount a group, None where the total is what results. `entitlement` is what the formula
    alone gives; `stages` are steps between it and the amounts that the rules start from.
    """

    id: str
    spec: PoolSpec
    eligible: NDArray[np.bool_]
    groups: Ints
    group_names: tuple[str, ...]
    totals: tuple[Fraction | None, ...]
    limits: tuple[tuple[Fraction, Fraction], ...] | None
    weights: Sequence[Fraction]
    entitlement: Sequence[Fraction]
    rounding: str
    """A name of the language, or the expression of a divisor method."""
    leftover: Leftover
    stages: tuple[Stage, ...] = ()
    notes: tuple[Note, ...] = field(default=())
    tie_break: tuple[Fraction, ...] | None = None
    bear: Ratios | None = None
    """By what measure limits are carried; None: in proportion to `start`."""

    @property
    def start(self) -> Sequence[Fraction]:
        """The amounts that rules start from."""
        return self.stages[-1].amounts if self.stages else self.entitlement

    @property
    def nearest_to(self) -> Sequence[Fraction]:
        """What the amounts are to be nearest to, whatever the rules."""
        return self.start if self.bear is None else self.entitlement

    @property
    def carriers(self) -> Sequence[Fraction]:
        """In proportion to what money that a limit moves is carried."""
        return self.start if self.bear is None else self.bear


def make_pool(model: Model, env: Environment, pool_id: str, spec: PoolSpec) -> Pool:
    """Eligibility, weights and entitlements of one pool; earlier pools are columns of `env`.

    Raises InputError for missing or negative weights and amounts, and for a pool nobody shares.
    """
    allocation = model.spec.allocation
    assert allocation is not None
    maker = _Maker(model, env, pool_id, spec)
    eligible = maker.eligibility()
    if spec.kind == "formula":
        pool = maker.formula(eligible)
    elif spec.each is not None:
        pool = maker.stated(eligible)
    elif spec.kind == "shared":
        pool = maker.shared(eligible)
    else:
        pool = maker.gains(eligible)
    if spec.bear is not None:
        pool = maker.bearing(pool, spec.bear)
    return replace(pool, tie_break=maker.tie_break(eligible))


class _Maker:
    def __init__(self, model: Model, env: Environment, pool_id: str, spec: PoolSpec) -> None:
        self.model, self.env, self.pool_id, self.spec = model, env, pool_id, spec
        allocation = model.spec.allocation
        assert allocation is not None
        self.allocation = allocation
        self.rounding, self.rounding_is_stated = self._rounding()
        self.leftover: Leftover = spec.leftover or allocation.leftover

    def _rounding(self) -> tuple[str, bool]:
        """What the pool says, else what the allocation says where that fits the pool; if any does."""
        stated = self.spec.rounding
        if stated is None:
            stated = self.allocation.rounding
            of_all = "" if isinstance(stated, DivisorMethod) else stated
            if stated is None or (self.spec.kind == "formula" and of_all not in ALONE):
                return "half_up" if self.spec.kind == "formula" else "largest_remainder", False
            if self.spec.negative == "allow" and of_all not in ALONE:
                return "largest_remainder", False
        return stated.divisor if isinstance(stated, DivisorMethod) else stated, True

    def refuse(self, key: str, en: str, zh: str) -> InputError:
        return InputError(
            self.model.document.mistake(("allocation", "pools", self.pool_id, key), en, zh)
        )

    def eligibility(self) -> NDArray[np.bool_]:
        return self._stated_eligibility() & ~barred(self.model, self.env, self.pool_id)

    def _stated_eligibility(self) -> NDArray[np.bool_]:
        if self.spec.eligible is None:
            return np.ones(self.env.n_regions, dtype=bool)
        holds = self.model.compiled(self.spec.eligible).full(self.env)
        self.env.report(
            "not-eligible",
            self.pool_id,
            "eligibility is missing and counts as not eligible",
            "资格条件缺失，按不具备资格处理",
            np.isnan(holds),
        )
        return np.asarray(holds == 1)

    def amounts_of(self, key: str, expr: Expr, eligible: NDArray[np.bool_]) -> Ratios:
        """A column of exact numbers, zero where not eligible; missing or negative is an error."""
        values = self.model.compiled(expr).full(self.env)
        for wrong, en, zh in (
            (eligible & np.isnan(values), "is missing", "缺失"),
            (eligible & (values < 0) & (not self._may_be_negative(key)), "is negative", "为负"),
        ):
            if wrong.any():
                codes = [self.env.codes[i] for i in np.flatnonzero(wrong)]
                listed = ", ".join(codes[:10]) + (", ..." if len(codes) > 10 else "")
                raise self.refuse(
                    key,
                    f"{key} of pool '{self.pool_id}' {en} in {len(codes)} region(s): {listed}. "
                    "Complete the data, or say what holds: `eligible: not is_missing(x)`, "
                    "if_missing(x, 0) or max(x, 0)",
                    f"资金池“{self.pool_id}”的 {key} 在 {len(codes)} 个地区{zh}：{listed}。"
                    "请补全数据，或写明处理办法：eligible: not is_missing(x)、if_missing(x, 0) 或 max(x, 0)",
                )
        if key not in ("weight", "bear"):
            for value in values[eligible].tolist():
                self._small_enough(key, value)
        return Ratios.measured(np.where(eligible, values, 0.0))

    def _may_be_negative(self, key: str) -> bool:
        """Whether a column may be below zero; with `bear` an `each` may, and amounts end at zero."""
        if key in ("bear", "weight"):
            return False
        return self.spec.negative == "allow" or (key == "each" and self.spec.bear is not None)

    def tie_break(self, eligible: NDArray[np.bool_]) -> tuple[Fraction, ...] | None:
        """What settles equal remainders, the larger value first; None where the model says none."""
        if self.spec.tie_break is None:
            return None
        values = self.model.compiled(self.spec.tie_break).full(self.env)
        lost = eligible & np.isnan(values)
        if lost.any():
            code = self.env.codes[int(np.flatnonzero(lost)[0])]
            raise self.refuse(
                "tie_break",
                f"tie_break of pool '{self.pool_id}' is missing in region {code}",
                f"资金池“{self.pool_id}”的 tie_break 在地区 {code} 缺失",
            )
        return tuple(
            exact(value) if here else Fraction(0)
            for value, here in zip(values.tolist(), eligible.tolist(), strict=True)
        )

    def _small_enough(self, key: str, value: float) -> None:
        """Refuse an amount of more smallest units than a measured number holds exactly."""
        if abs(value) / float(Fraction(str(self.allocation.smallest))) >= MOST_UNITS:
            said = f"{value:,.2f}".removesuffix(".00")
            raise self.refuse(
                key,
                f"{key} of pool '{self.pool_id}' is {said}: {MOST_UNITS:,.0f} of the smallest amount "
                "and more cannot be held exactly. Use a larger unit or a larger `smallest`",
                f"资金池“{self.pool_id}”的 {key} 为 {said}：达到最小单位的 {MOST_UNITS:,.0f} 倍及以上时"
                "无法精确表示。请改用更大的金额单位或 smallest",
            )

    def grouping(self, eligible: NDArray[np.bool_]) -> tuple[Ints, tuple[str, ...]]:
        if self.spec.by is None:
            return np.where(eligible, 0, -1), ("",)
        labels = self.model.compiled(self.spec.by).full(self.env)
        groups, _ = self.env.groups(labels)
        lost = eligible & (groups < 0)
        if lost.any():
            code = self.env.codes[int(np.flatnonzero(lost)[0])]
            raise self.refuse(
                "by",
                f"pool '{self.pool_id}': region {code} has no group ({self.spec.by})",
                f"资金池“{self.pool_id}”：地区 {code} 没有分组（{self.spec.by}）",
            )
        used = sorted(set(groups[eligible].tolist()))
        names = []
        renumbered = np.full(groups.shape, -1, dtype=np.int64)
        for new, old in enumerate(used):
            members = np.flatnonzero(groups == old)
            names.append(str(labels[int(members[0])]))
            renumbered[members] = new
        return np.where(eligible, renumbered, -1), tuple(names)

    def group_values(
        self, key: str, expr: Expr, groups: Ints, names: Sequence[str]
    ) -> list[Fraction]:
        """An expression's one value in each group."""
        values = self.model.compiled(expr).full(self.env)
        found = []
        for group, name in enumerate(names):
            inside = values[groups == group] if (groups == group).any() else values[:1]
            first = float(inside[0])
            if first != first or not np.allclose(inside, first, rtol=1e-12, atol=0):
                where_en = f" in group {name}" if name else ""
                where_zh = f"在组“{name}”内" if name else ""
                raise self.refuse(
                    key,
                    f"{key} of pool '{self.pool_id}' must be one number{where_en}; it is missing or "
                    "differs by region",
                    f"资金池“{self.pool_id}”的 {key} {where_zh}必须是同一个数，而它缺失或因地区而异",
                )
            if first < 0 and not (key == "amount" and self.spec.negative == "allow"):
                back = key == "amount" and self.spec.weight is not None
                raise self.refuse(
                    key,
                    f"{key} of pool '{self.pool_id}' is {first:g}: less than nothing is left for it"
                    + (". Contributions are shared out with `negative: allow`" if back else ""),
                    f"资金池“{self.pool_id}”的 {key} 为 {first:g}：已没有可分配的金额"
                    + ("。如为各地区分摊上缴，请写 negative: allow" if back else ""),
                )
            self._small_enough(key, first)
            found.append(exact(first))
        return found

    def whole_if_noise(self, total: Fraction) -> Fraction:
        """A sum of formula amounts within their binary noise of whole units as those units."""
        step = Fraction(str(self.allocation.smallest))
        whole = round(total / step) * step
        noise = min(total * Fraction(RELATIVE) * 10, step / 100)
        return whole if abs(total - whole) <= noise else total

    def totals(self, groups: Ints, names: Sequence[str]) -> list[Fraction]:
        if self.spec.amount is not None:
            return self.group_values("amount", self.spec.amount, groups, names)
        assert self.spec.share is not None
        share = exact(float(self.model.compiled(self.spec.share)(self.env).flat[0]))
        budget = exact(float(self.env.columns["budget"].flat[0]))
        return [share * budget] * len(names)

    def shared(self, eligible: NDArray[np.bool_]) -> Pool:
        assert self.spec.weight is not None
        weights = self.amounts_of("weight", self.spec.weight, eligible)
        groups, names = self.grouping(eligible)
        totals = self.totals(groups, names)
        parts, _ = weights.scaled()
        entitlement = Ratios.over([0] * len(weights), 1)
        notes = []
        kept_totals: list[Fraction | None] = []
        for group, total in enumerate(totals):
            members = np.flatnonzero(groups == group).tolist()
            whole = sum(parts[i] for i in members)
            if whole == 0 and total:
                where_en = f" (group {names[group]})" if names[group] else ""
                where_zh = f"（组“{names[group]}”）" if names[group] else ""
                if self.leftover == "redistribute":
                    raise self.refuse(
                        "weight",
                        f"nobody shares pool '{self.pool_id}'{where_en}: no region is eligible with "
                        "a weight above zero. State `leftover: return` if the money may stay",
                        f"资金池“{self.pool_id}”{where_zh}无人可分：没有权重大于零的合格地区。"
                        "如允许余款退回，请写 leftover: return",
                    )
                notes.append(
                    Note(
                        "nobody",
                        f"nobody shares pool '{self.pool_id}'{where_en}",
                        f"资金池“{self.pool_id}”{where_zh}无人可分",
                        1,
                        self.pool_id,
                    )
                )
            sign = 1 if whole > 0 else -1
            top, bottom = total.numerator * sign, total.denominator * whole * sign
            for i in members if whole else ():
                entitlement.tops[i], entitlement.bottoms[i] = top * parts[i], bottom
            kept_totals.append(total)
        limits = None
        if self.spec.between is not None:
            low, high = (
                self.group_values("between", expr, groups, names) for expr in self.spec.between
            )
            limits = tuple(zip(low, high, strict=True))
            if any(least > most for least, most in limits):
                raise self.refuse(
                    "between",
                    "the first limit of `between` is above the second",
                    "between 的下限高于上限",
                )
            for group, (least, _) in enumerate(limits):
                if least > 0 and not any(
                    weights.tops[i] for i in np.flatnonzero(groups == group).tolist()
                ):
                    raise self.refuse(
                        "between",
                        f"pool '{self.pool_id}' must pay at least {float(least):,g}, but nobody "
                        "shares it: no region is eligible with a weight above zero",
                        f"资金池“{self.pool_id}”至少须支付 {float(least):,g}，但无人可分："
                        "没有权重大于零的合格地区",
                    )
        return Pool(
            self.pool_id,
            self.spec,
            eligible,
            groups,
            names,
            tuple(kept_totals),
            limits,
            weights,
            entitlement,
            self.rounding,
            self.leftover,
            notes=tuple(notes),
        )

    def stated(self, eligible: NDArray[np.bool_]) -> Pool:
        """Every region's own amount and a total that these need not add up to."""
        assert self.spec.each is not None
        amounts = self.amounts_of("each", self.spec.each, eligible)
        groups, names = self.grouping(eligible)
        totals = self.totals(groups, names)
        if not eligible.any() and any(totals) and self.leftover == "redistribute":
            raise self.refuse(
                "eligible",
                f"nobody shares pool '{self.pool_id}': no region is eligible",
                f"资金池“{self.pool_id}”无人可分：没有合格地区",
            )
        return Pool(
            self.pool_id,
            self.spec,
            eligible,
            groups,
            names,
            tuple(totals),
            None,
            amounts,
            amounts,
            self.rounding,
            self.leftover,
        )

    def bearing(self, pool: Pool, stated: Expr) -> Pool:
        """A pool with the measure by which limits are carried, and its own amounts at the total."""
        pool = replace(pool, bear=self.amounts_of("bear", stated, pool.eligible))
        groups = [np.flatnonzero(pool.groups == k).tolist() for k in range(len(pool.totals))]
        for group, members in enumerate(groups):
            refuse_no_bearer(self.refuse, self.env.codes, pool, group, members)
        if self.spec.each is None:
            return pool
        own = Ratios.of(pool.entitlement)
        may_fall = self.spec.negative == "allow"
        keeps = self.leftover in ("return", "reserve")
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
                self.refuse, self.env.codes, pool, group, members, low, Partial(none, none)
            ).amounts
            for i, top, bottom in zip(members, found.tops, found.bottoms, strict=True):
                tops[i], bottoms[i] = top, bottom
        amounts = Ratios(tops, bottoms)
        return replace(pool, stages=(Stage(STEP, amounts),))

    def formula(self, eligible: NDArray[np.bool_]) -> Pool:
        assert self.spec.each is not None
        amounts = self.amounts_of("each", self.spec.each, eligible)
        groups = np.where(eligible, 0, -1)
        stages: tuple[Stage, ...] = ()
        notes: tuple[Note, ...] = ()
        total: Fraction | None = None
        rounding = self.rounding
        if self.spec.limit is not None:
            total = limit = self.group_values("limit", self.spec.limit, groups, ("",))[0]
            asked = amounts.total()
            if not self.rounding_is_stated:
                # each amount by itself, unless that would pass the limit
                step = Fraction(str(self.allocation.smallest))
                if asked > limit or step * sum(round_each(amounts, step, "half_up")) > limit:
                    rounding = "largest_remainder"
            if asked > limit:
                if self.spec.over_limit == "error":
                    raise InfeasibleError(
                        self.model.document.mistake(
                            ("allocation", "pools", self.pool_id, "limit"),
                            f"the amounts of pool '{self.pool_id}' add up to {float(asked):,.2f}, "
                            f"{float(asked - limit):,.2f} more than its limit {float(limit):,.2f}; "
                            "`over_limit: scale` would reduce all in proportion",
                            f"资金池“{self.pool_id}”各地区金额合计 {float(asked):,.2f}，超过限额 "
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
                        self.pool_id,
                    ),
                )
        return Pool(
            self.pool_id,
            self.spec,
            eligible,
            groups,
            ("",),
            (total,),
            None,
            amounts,
            amounts,
            rounding,
            self.leftover,
            stages,
            notes,
        )

    def gains(self, eligible: NDArray[np.bool_]) -> Pool:
        """England's damping: G = f if X <= f, else f + s (X - f), s the same for a whole class."""
        assert self.spec.scale_gains is not None
        formula = self.amounts_of("formula", self.spec.scale_gains.formula, eligible)
        floors = self.amounts_of("floor", self.spec.scale_gains.floor, eligible)
        groups, names = self.grouping(eligible)
        totals: list[Fraction]
        if self.spec.amount is None and self.spec.share is None:
            totals = [Fraction(0)] * len(names)
            for i, group in enumerate(groups.tolist()):
                if group >= 0:
                    totals[group] += formula[i]
            totals = [self.whole_if_noise(total) for total in totals]
        else:
            totals = self.totals(groups, names)
        raised = [max(x, f) for x, f in zip(formula, floors, strict=True)]
        damped = list(raised)
        notes = []
        for group, (name, total) in enumerate(zip(names, totals, strict=True)):
            members = np.flatnonzero(groups == group).tolist()
            guaranteed = sum((floors[i] for i in members), Fraction(0))
            gains = sum((max(formula[i] - floors[i], Fraction(0)) for i in members), Fraction(0))
            if guaranteed > total:
                raise InfeasibleError(
                    self.model.document.mistake(
                        ("allocation", "pools", self.pool_id, "scale_gains"),
                        f"the floors{f' of {name}' if name else ''} add up to "
                        f"{float(guaranteed):,.2f}, {float(guaranteed - total):,.2f} more than the "
                        f"total {float(total):,.2f}",
                        f"{f'“{name}”的' if name else ''}保底金额合计 {float(guaranteed):,.2f}，"
                        f"超过总额 {float(total):,.2f} 达 {float(guaranteed - total):,.2f}",
                    )
                )
            scale = (total - guaranteed) / gains if gains else Fraction(0)
            if not gains and total > guaranteed and self.leftover == "redistribute":
                raise self.refuse(
                    "scale_gains",
                    f"nobody{f' of {name}' if name else ''} gains, so the rest of the total cannot "
                    "be given away; state `leftover: return`",
                    f"{f'“{name}”中' if name else ''}没有地区增长，余额无法分配；请写 leftover: return",
                )
            for i in members:
                damped[i] = floors[i] + scale * max(formula[i] - floors[i], Fraction(0))
            notes.append(
                Note(
                    "gains-scaled",
                    f"gains{f' of {name}' if name else ''} were scaled by {float(scale):.10f}",
                    f"{f'“{name}”的' if name else ''}增量按 {float(scale):.10f} 缩放",
                    1,
                    self.pool_id,
                )
            )
        return Pool(
            self.pool_id,
            self.spec,
            eligible,
            groups,
            names,
            tuple(totals),
            None,
            formula,
            formula,
            self.rounding,
            self.leftover,
            (Stage("floor", tuple(raised)), Stage("scaling", tuple(damped))),
            tuple(notes),
        )
