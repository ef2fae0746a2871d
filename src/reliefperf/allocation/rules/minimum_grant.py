"""The minimum grant: nothing, or at least so much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from reliefperf.allocation.naming import Naming
from reliefperf.allocation.pool import Pool
from reliefperf.allocation.rounding import ExactRow
from reliefperf.allocation.rules.base import (
    TOTAL,
    AmountRule,
    Ground,
    Pools,
    allocation_rule,
    pool_words,
)
from reliefperf.errors import InfeasibleError, InputError, Lang
from reliefperf.model.expressions import Expr
from reliefperf.model.spec_allocation import AllocationSpec
from reliefperf.model.spec_data import expression


@allocation_rule("minimum_grant")
class MinimumGrant(AmountRule):
    """A region's amount is nothing or at least `minimum_grant`.

    Who gets nothing is decided by the entitlements alone, before all other rules. `drop: together`
    (the standard): every region whose entitlement is below the minimum. `drop: smallest`: the one
    that reaches the smallest part of its minimum, equal ones together, then the shares are taken
    anew, until everybody left reaches the minimum; more regions keep a grant. What those without a
    grant would have had is shared by the others in proportion to their weights, or stays where the
    pool's `leftover` returns it or the pool is a formula. The amounts of those left only rise by
    this, so that all of them reach the minimum.

    A contribution is below every minimum of zero or more: who would pay in pays nothing. A minimum
    below zero says how much a region pays in at most; nobody falls out for it.

    A soft rule whose choice is not kept gives way in it: a region that was to get nothing and that
    rules which come first give at least its minimum keeps a grant, and the money is shared anew.

    Where nobody reaches it and the money may not stay, there is no such choice. A rule that may
    give way (`soft`, or under `--relax`) then lets nobody fall out (`together`), or not the last
    ones (`smallest`), and they may get less than their minimum.

    Source: 20 USC 2352(c) as in 120 Stat. 731 (2006): no institution receives less than $50,000,
    amounts not distributed for this are redistributed to the others; Brazil's IGD-SUAS, where the
    money stays.
    """

    minimum_grant: Expr = expression()
    drop: Literal["together", "smallest"] = "together"
    pool: Pools = None

    def rows(self, ground: Ground) -> list[ExactRow]:
        """One row a region: amount = 0, or amount >= minimum."""
        pools = [ground.made[pool_id] for pool_id in ground.pools(self.pool)]
        wanted = ground.exact(self.minimum_grant)
        applies = ground.where(self)
        places = np.stack([ground.columns[pool.id] for pool in pools])
        applies &= (places >= 0).any(axis=0)
        ground.env.report(
            "rule-not-applied",
            self.id,
            "the minimum is missing, so the rule does not apply",
            "最低拨付额缺失，该规则不适用",
            applies & np.array([limit is None for limit in wanted]),
        )
        least = {
            i: limit
            for i in np.flatnonzero(applies).tolist()
            if (limit := wanted[i]) is not None and limit > 0
        }
        out = self._together(pools, least)
        if self.drop == "smallest":
            out = self._smallest(ground, pools, least)
        granted = ground.granted.get(self.id, frozenset())
        stays = {i for i in out if ground.env.codes[i] in granted}
        out -= stays | self._kept_all_the_same(ground, pools, least, out - stays)
        staying = np.zeros(ground.env.n_regions, dtype=bool)
        staying[sorted(stays)] = True
        ground.env.report(
            "minimum-grant-kept",
            self.id,
            "the entitlement is below the minimum grant, but rules that come first give the region "
            "at least as much, so that it keeps a grant",
            "测算额低于最低拨付额，但更优先的规则使其所得不低于该额，故仍予拨付",
            staying,
        )
        dropped = np.zeros(ground.env.n_regions, dtype=bool)
        dropped[[i for i in sorted(out) if any(pool.start[i] for pool in pools)]] = True
        ground.env.report(
            "minimum-grant",
            self.id,
            "the entitlement is below the minimum grant and the region gets nothing",
            "测算额低于最低拨付额，不予拨付",
            dropped,
        )
        rows = self._without_contributions(ground, pools, places, applies, wanted)
        for i, limit in least.items():
            chosen = tuple(int(column) for column in places[:, i] if column >= 0)
            low, high = (Fraction(0), Fraction(0)) if i in out else (limit, None)
            ones = (Fraction(1),) * len(chosen)
            rows.append(ExactRow(self.id, ground.env.codes[i], chosen, ones, low, high))
        return rows

    def granted_all_the_same(
        self,
        ground: Ground,
        rows: Sequence[ExactRow],
        amounts: NDArray[np.float64],
        step: Fraction,
    ) -> frozenset[str]:
        """The regions that `rows` give nothing and `amounts` at least the minimum, in whole units."""
        places = {code: i for i, code in enumerate(ground.env.codes)}
        wanted = ground.exact(self.minimum_grant)
        found = set()
        for row in rows:
            limit = wanted[places[row.name]]
            if row.upper == 0 and row.lower == 0 and limit is not None and limit > 0:
                paid = float(amounts[list(row.columns)].sum())
                if paid > max(float(limit - step), float(step)):
                    found.add(row.name)
        return frozenset(found)

    def _without_contributions(
        self,
        ground: Ground,
        pools: Sequence[Pool],
        places: NDArray[np.int64],
        applies: NDArray[np.bool_],
        wanted: Sequence[Fraction | None],
    ) -> list[ExactRow]:
        """A minimum of zero or below bounds amounts that may be negative: amount >= minimum."""
        if all(pool.spec.negative != "allow" for pool in pools):
            return []
        rows = []
        for i in np.flatnonzero(applies).tolist():
            limit = wanted[i]
            if limit is not None and limit <= 0:
                chosen = tuple(int(column) for column in places[:, i] if column >= 0)
                ones = (Fraction(1),) * len(chosen)
                rows.append(ExactRow(self.id, ground.env.codes[i], chosen, ones, limit, None))
        return rows

    def _together(self, pools: Sequence[Pool], least: Mapping[int, Fraction]) -> set[int]:
        """Every region whose entitlement is below its minimum."""
        nothing = Fraction(0)
        return {
            i for i, limit in least.items() if sum((p.start[i] for p in pools), nothing) < limit
        }

    def _smallest(
        self, ground: Ground, pools: Sequence[Pool], least: Mapping[int, Fraction]
    ) -> set[int]:
        """The regions that fall out one after the other while the others' shares rise.

        A share rises in proportion, so that the order of falling out is known from the start.
        """
        if len(pools) != 1:
            raise InputError(
                ground.model.document.mistake(
                    ("allocation", "rules"),
                    f"rule '{self.id}': `drop: smallest` speaks of one pool; name it with `pool`",
                    f"规则“{self.id}”：drop: smallest 只能针对一个资金池，请用 pool 指明",
                )
            )
        (pool,) = pools
        if pool.bear is not None:
            raise InputError(
                ground.model.document.mistake(
                    ("allocation", "rules"),
                    f"rule '{self.id}': `drop: smallest` follows shares that rise in proportion to "
                    f"the entitlements; pool '{pool.id}' has `bear`. Write `drop: together`",
                    f"规则“{self.id}”：drop: smallest 以份额按测算额比例增加为前提，而资金池“{pool.id}”"
                    "写有 bear；请写 drop: together",
                )
            )
        if not _shares_again(pool):
            return self._together(pools, least)
        out: set[int] = set()
        for group, total in enumerate(pool.totals):
            members = np.flatnonzero(pool.groups == group).tolist()
            left = sum((pool.start[i] for i in members), Fraction(0))
            reach = sorted((pool.start[i] / least[i], i) for i in members if i in least)
            for part, alike in groupby(reach, key=lambda item: item[0]):
                if total is None or not left or part * total / left >= 1:
                    break
                gone = [i for _, i in alike]
                out.update(gone)
                left -= sum((pool.start[i] for i in gone), Fraction(0))
        return out

    def _kept_all_the_same(
        self,
        ground: Ground,
        pools: Sequence[Pool],
        least: Mapping[int, Fraction],
        out: set[int],
    ) -> set[int]:
        """Who may not fall out, since a total must be given away and nobody is left to take it.

        Raises InfeasibleError for a rule that may not give way.
        """
        kept: set[int] = set()
        for pool in pools:
            for group, total in enumerate(pool.totals):
                had = [i for i in np.flatnonzero(pool.groups == group).tolist() if pool.start[i]]
                if not total or not had or not out.issuperset(had) or not _shares_again(pool):
                    continue
                if self.id not in ground.giving:
                    raise self._nobody(ground, pools, pool, group, had)
                if self.drop == "smallest":
                    most = max(pool.start[i] / least[i] for i in had)
                    had = [i for i in had if pool.start[i] / least[i] == most]
                kept.update(had)
        staying = np.zeros(ground.env.n_regions, dtype=bool)
        staying[sorted(kept)] = True
        ground.env.report(
            "minimum-grant-kept",
            self.id,
            "nobody reaches the minimum grant, so that the region keeps a grant that may be smaller",
            "没有地区达到最低拨付额，该地区仍予拨付，金额可低于最低拨付额",
            staying,
        )
        return kept

    def _nobody(
        self, ground: Ground, pools: Sequence[Pool], pool: Pool, group: int, had: Sequence[int]
    ) -> InfeasibleError:
        total, name = pool.totals[group], pool.group_names[group]
        start = {i: sum((one.start[i] for one in pools), Fraction(0)) for i in had}
        most = max(had, key=lambda i: start[i])
        en = f" (group {name})" if name else ""
        zh = f"（组“{name}”）" if name else ""
        naming = Naming.of(ground.model, ground.env)
        (rule_en, rule_zh), (pool_en, pool_zh) = naming.rule(self.id), naming.rule(pool.id)
        most_en, most_zh = naming.region(ground.env.codes[most])
        of_en, of_zh = f" of {float(total or 0):,.2f}", f"，总额 {float(total or 0):,.2f}"
        which_en, which_zh, what_en, what_zh = "", "", "entitlement", "测算额"
        if len(pools) > 1:
            listed = [naming.rule(one.id) for one in pools]
            which_en = f" on the sum of pools {' + '.join(one for one, _ in listed)}"
            which_zh = f"（按资金池{'、'.join(one for _, one in listed)}合计）"
            what_en, what_zh = "sum of entitlements", "测算额合计"
            of_en = of_zh = ""
        smallest = self.drop == "smallest" or len(pools) > 1 or pool.bear is not None
        way_en = "" if smallest else "state `drop: smallest`, "
        way_zh = "" if smallest else "写 drop: smallest、"
        return InfeasibleError(
            ground.model.document.mistake(
                ("allocation", "rules"),
                f"rule {rule_en}: nobody in pool {pool_en}{en} reaches the minimum grant{which_en}; "
                f"the largest {what_en} is {float(start[most]):,.2f} (region "
                f"{most_en}){of_en}. Lower the minimum, "
                f"{way_en}state `leftover: return` if the money may stay, or let the rule give way "
                "with --relax",
                f"规则{rule_zh}：资金池{pool_zh}{zh}中没有地区达到最低拨付额{which_zh}；最大{what_zh}为 "
                f"{float(start[most]):,.2f}（地区 {most_zh}）{of_zh}。请降低最低拨付额、{way_zh}"
                "在余款可退回时写 leftover: return，或用 --relax 放宽该规则",
            )
        )

    def sentence(self, lang: Lang) -> str:
        """What the rule says, without what becomes of the money that is freed."""
        return self._sentence(lang, "", smallest=self.drop == "smallest")

    def sentence_in(self, allocation: AllocationSpec, lang: Lang) -> str:
        """What the rule says, and what becomes of the money that is freed in each of its pools."""
        if self.pool is None or self.pool == TOTAL:
            names = list(allocation.paid_pools)
        else:
            names = [self.pool] if isinstance(self.pool, str) else list(self.pool)
        alike: dict[str, list[str]] = {}
        for name in names:
            spec = allocation.pools[name]
            left = "" if spec.kind == "formula" else spec.leftover or allocation.leftover
            alike.setdefault(left, []).append(name)
        said = [
            _FREED[left][lang == "zh"]
            if len(alike) == 1
            else _in_pools(pools, _FREED[left][lang == "zh"], lang)
            for left, pools in alike.items()
        ]
        shares = not alike.keys().isdisjoint(("redistribute", "redistribute_then_return"))
        freed = ("，" if lang == "zh" else ", ").join(said)
        return self._sentence(lang, freed, smallest=shares and self.drop == "smallest")

    def _sentence(self, lang: Lang, freed: str, *, smallest: bool) -> str:
        words = pool_words(self.pool, lang)
        if lang == "zh":
            how = "由小到大逐个退出" if smallest else "测算额不足者一并不拨"
            how += f"，{freed}" if freed else ""
            return f"{words}或为零，或不低于 {self.minimum_grant}（{how}）"
        how = (
            "the smallest falls out first, until all left reach it"
            if smallest
            else "all with a smaller entitlement get nothing"
        )
        how += f"; {freed}" if freed else ""
        return f"{words}: nothing or at least {self.minimum_grant} ({how})"


_FREED: dict[str, tuple[str, str]] = {
    "redistribute": ("the others share what is freed", "余款由其他地区按比例分享"),
    "redistribute_then_return": (
        "the others share what is freed, and what nobody can take is returned",
        "余款由其他地区按比例分享，仍无人可得的收回",
    ),
    "return": ("what is freed is returned", "余款收回"),
    "reserve": ("what is freed is kept in reserve", "余款留作预备"),
    "": ("what is freed is not paid out", "余款不再拨付"),
}
"""What becomes of what those without a grant would have had, by `leftover`; '' for a formula pool."""


def _in_pools(pools: Sequence[str], said: str, lang: Lang) -> str:
    """What holds in some of the pools of a rule only."""
    words = pool_words(pools[0] if len(pools) == 1 else pools, lang)
    return f"{words}的{said}" if lang == "zh" else f"in {words} {said}"


def _shares_again(pool: Pool) -> bool:
    """Whether what some do not get goes to the others."""
    return pool.spec.kind != "formula" and pool.leftover not in ("return", "reserve")
