"""What a pool's expressions say of the regions: eligibility, columns, groups, totals.

Weights and amounts are measured numbers (floats); from here on money is in fractions.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from reliefperf.allocation.naming import Naming, Words
from reliefperf.allocation.pool import Pool
from reliefperf.allocation.program import Ints, Mask
from reliefperf.allocation.ratios import Ratios
from reliefperf.errors import InputError
from reliefperf.evaluation.accountability import barred
from reliefperf.model.environment import Array, Environment
from reliefperf.model.expressions import Expr
from reliefperf.model.model import Model
from reliefperf.model.numbers import exact, short_fraction
from reliefperf.model.spec_allocation import ALONE, DivisorMethod, Leftover, PoolSpec

MOST_UNITS = 1e15
"""Amounts of this many smallest units and more have digits that a float does not hold."""


class PoolReader:
    """The values of one pool's expressions, exact and refused where they make no sense."""

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

    @property
    def step(self) -> Fraction:
        """The smallest amount of money."""
        return Fraction(str(self.allocation.smallest))

    def pool(
        self,
        eligible: Mask,
        groups: Ints,
        names: tuple[str, ...],
        totals: Sequence[Fraction | None],
        weights: Sequence[Fraction],
        entitlement: Sequence[Fraction],
    ) -> Pool:
        """A pool without limits on its totals, stages and notes."""
        return Pool(
            id=self.pool_id,
            spec=self.spec,
            eligible=eligible,
            groups=groups,
            group_names=names,
            totals=tuple(totals),
            weights=weights,
            entitlement=entitlement,
            rounding=self.rounding,
            leftover=self.leftover,
        )

    def refuse(self, key: str, en: str, zh: str) -> InputError:
        """The error of one of the pool's keys, with its place in the file and its period."""
        if self.env.period:
            en, zh = f"{self.env.period}: {en}", f"{self.env.period}：{zh}"
        return InputError(
            self.model.document.mistake(("allocation", "pools", self.pool_id, key), en, zh)
        )

    def nobody_shares(self) -> InputError:
        """The error of a total for which no region is eligible."""
        return self.refuse(
            "eligible",
            f"nobody shares pool '{self.pool_id}': no region is eligible",
            f"资金池“{self.pool_id}”无人可分：没有合格地区",
        )

    def _no_period_before(self, key: str) -> tuple[str, str]:
        """Why what looks back is missing where there is no period before; else empty."""
        stated = getattr(self.spec.scale_gains or self.spec, key, None)
        if not self.env.period or self.env.previous is not None or not self._looks_back(stated):
            return "", ""
        return (
            f" ({self.env.period} is the first period, in which previous(...) is missing)",
            f"（{self.env.period} 是首期，previous(...) 缺失）",
        )

    def eligibility(self) -> Mask:
        """Who shares the pool (n_regions,): what it states, less whom a decision bars."""
        return self._stated_eligibility() & ~barred(self.model, self.env, self.pool_id)

    def _stated_eligibility(self) -> Mask:
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

    def amounts_of(self, key: str, expr: Expr, eligible: Mask) -> Ratios:
        """A column of exact numbers, zero where not eligible; missing or negative is an error."""
        return self.checked(key, self.model.compiled(expr).full(self.env), eligible)

    def checked(self, key: str, values: Array, eligible: Mask) -> Ratios:
        """Values of a column (n_regions,) as exact numbers, refused as above."""
        lost = eligible & np.isnan(values)
        if lost.any():
            raise self._wrong_in(
                key,
                lost,
                ("is missing", "缺失"),
                (
                    "Complete the data, or say what holds: `eligible: not is_missing(x)` or "
                    "if_missing(x, 0)",
                    "请补全数据，或写明处理办法：eligible: not is_missing(x) 或 if_missing(x, 0)",
                ),
            )
        below = eligible & (values < 0)
        if below.any() and not self._may_be_negative(key):
            raise self._wrong_in(
                key,
                below,
                ("is negative", "为负"),
                (
                    "Correct the data or the formula, or say what holds: max(x, 0), or "
                    "`eligible: x >= 0`",
                    "请更正数据或公式，或写明处理办法：max(x, 0) 或 eligible: x >= 0",
                ),
                values,
            )
        if key not in ("weight", "bear"):
            for value in values[eligible].tolist():
                self._small_enough(key, value)
        return Ratios.measured(np.where(eligible, values, 0.0))

    def _wrong_in(
        self, key: str, wrong: Mask, what: Words, mends: Words, values: Array | None = None
    ) -> InputError:
        """The error of a column that is missing or negative in some regions, with its values there."""
        places = np.flatnonzero(wrong).tolist()
        naming = Naming.of(self.model, self.env)
        listed, listed_zh = naming.regions(self.env.codes[i] for i in places)
        why, why_zh = self._no_period_before(key) if values is None else ("", "")
        if values is not None:
            listed, listed_zh = naming.regions_with(
                (self.env.codes[i], f"{values[i]:,.6g}") for i in places
            )
        return self.refuse(
            key,
            f"{key} of pool '{self.pool_id}' {what[0]} in {len(places)} region(s): {listed}{why}. "
            f"{mends[0]}",
            f"资金池“{self.pool_id}”的 {key} 在 {len(places)} 个地区{what[1]}：{listed_zh}{why_zh}。"
            f"{mends[1]}",
        )

    def _may_be_negative(self, key: str) -> bool:
        """Whether a column may be below zero; with `bear` an `each` may, and amounts end at zero.

        Not one that is solved for its total: amounts that end at zero would no longer add up to it.
        """
        if key in ("bear", "weight"):
            return False
        ends_at_zero = key == "each" and self.spec.bear is not None and self.spec.solve is None
        return self.spec.negative == "allow" or ends_at_zero

    def tie_break(self, eligible: Mask) -> tuple[Fraction, ...] | None:
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
        if abs(value) / float(self.step) >= MOST_UNITS:
            said = f"{value:,.2f}".removesuffix(".00")
            raise self.refuse(
                key,
                f"{key} of pool '{self.pool_id}' is {said}: {MOST_UNITS:,.0f} of the smallest amount "
                "and more cannot be held exactly. Use a larger unit or a larger `smallest`",
                f"资金池“{self.pool_id}”的 {key} 为 {said}：达到最小单位的 {MOST_UNITS:,.0f} 倍及以上时"
                "无法精确表示。请改用更大的金额单位或 smallest",
            )

    def grouping(self, eligible: Mask) -> tuple[Ints, tuple[str, ...]]:
        """The group of each region (n_regions,), -1 where not eligible, and the groups' names."""
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
                raise self._not_one_number(key, inside, groups == group, name)
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

    def _looks_back(self, stated: object) -> bool:
        """Whether an expression, or a derived column that it names, uses previous(...)."""
        derived = self.model.spec.derived_exprs
        pending = [stated] if isinstance(stated, Expr) else []
        seen = set(derived)
        for expr in pending:
            if "previous" in expr.calls:
                return True
            pending += [derived[name] for name in sorted(expr.names & seen)]
            seen -= expr.names
        return False

    def _not_one_number(self, key: str, values: Array, inside: Mask, name: str) -> InputError:
        """The error of a total (or limit) that is missing somewhere, or differs by region."""
        codes = [self.env.codes[i] for i in np.flatnonzero(inside)] or list(self.env.codes[:1])
        if np.isnan(values).any():
            lost = [
                code for code, gone in zip(codes, np.isnan(values).tolist(), strict=True) if gone
            ]
            listed, listed_zh = Naming.of(self.model, self.env).regions(lost)
            why, why_zh = self._no_period_before(key)
            said = f"is missing in {len(lost)} region(s): {listed}{why}"
            said_zh = f"在 {len(lost)} 个地区缺失：{listed_zh}{why_zh}"
        else:
            ends = [int(np.argmin(values)), int(np.argmax(values))]
            (low, low_zh), (high, high_zh) = (
                Naming.of(self.model, self.env).regions([codes[i]]) for i in ends
            )
            least, most = (f"{float(values[i]):,.12g}" for i in ends)
            said = f"differs by region: {least} in {low}, {most} in {high} (total(x) adds up)"
            said_zh = f"因地区而异：{low_zh}为 {least}，{high_zh}为 {most}（合计请用 total(x)）"
        where_en = f" in group {name}" if name else ""
        where_zh = f"在组“{name}”内" if name else ""
        return self.refuse(
            key,
            f"{key} of pool '{self.pool_id}' must be one number{where_en}; it {said}",
            f"资金池“{self.pool_id}”的 {key} {where_zh}必须是同一个数，而它{said_zh}",
        )

    def totals(self, groups: Ints, names: Sequence[str]) -> list[Fraction]:
        """Each group's total, money: what the pool states, or its share of the budget."""
        if self.spec.amount is not None:
            return self.group_values("amount", self.spec.amount, groups, names)
        assert self.spec.share is not None
        stated = float(self.model.compiled(self.spec.share)(self.env).flat[0])
        share = short_fraction(exact(stated))
        budget = exact(float(self.env.columns["budget"].flat[0]))
        return [share * budget] * len(names)
