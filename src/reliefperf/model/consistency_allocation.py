"""What the allocation of a model must agree on with itself: shares, rules, objectives, `relax`."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from reliefperf.errors import suggestion
from reliefperf.model.checker import TOLERANCE, Checker
from reliefperf.model.consistency_limits import limit_mistakes
from reliefperf.model.consistency_names import name_mistakes
from reliefperf.model.consistency_steps import step_mistakes
from reliefperf.model.document import Path_
from reliefperf.model.spec_allocation import AllocationSpec


class AllocationChecker(Checker):
    """Checks of one allocation."""

    def check(self, spec: AllocationSpec) -> None:
        """Keep every mistake."""
        path: Path_ = ("allocation",)
        try:
            smallest = Decimal(str(spec.smallest))
        except InvalidOperation:
            smallest = Decimal(0)
        if not smallest.is_finite() or smallest <= 0:
            self.wrong(
                (*path, "smallest"),
                f"'{spec.smallest}' is not an amount above zero, such as 1 or '0.01'",
                f"“{spec.smallest}”不是大于零的金额，例如 1 或 '0.01'",
            )
        shares = 0.0
        for name, pool in spec.pools.items():
            here = (*path, "pools", name)
            if pool.share is not None:
                if spec.budget is None and self.whole((*path, "budget")):
                    self.wrong(
                        (*here, "share"),
                        "a share needs `budget`: the share of what?",
                        "写了 share 就须有 budget（占什么的比重？）",
                    )
                share = self.number(pool.share)
                if share is not None and not 0 <= share <= 1:
                    self.wrong(
                        (*here, "share"),
                        f"a share lies between 0 and 1, this is {share:g}",
                        f"比重应在 0 与 1 之间，这里是 {share:g}",
                    )
                shares += (share or 0.0) if pool.paid else 0.0
        if shares > 1 + TOLERANCE:
            self.wrong(
                (*path, "pools"),
                f"the shares of the pools add up to {shares:g}, more than the budget",
                f"各资金池比重合计 {shares:g}，超过预算",
            )
        for where, en, zh in (*step_mistakes(spec), *limit_mistakes(spec, self.number)):
            if self.whole((*path, *where)):
                self.wrong((*path, *where), en, zh)
        self.unique("rules", [rule.id for rule in spec.rules], path)
        for where, en, zh in name_mistakes(spec, lambda name: self.is_cut((*path, "pools", name))):
            self.wrong((*path, *where), en, zh)
        self._reducible_rules(spec, path)
        wanted_first = [objective.name for objective in spec.objectives]
        for place, one in enumerate(spec.objectives):
            if one.name in wanted_first[:place]:
                self.wrong(
                    (*path, "objectives", place),
                    f"objective '{one.name}' stands twice",
                    f"目标 {one.name} 重复出现",
                )
        self._relaxed(spec, (*path, "relax"))
        for objective, needed in (("change", spec.previous_amount), ("coverage", spec.need)):
            if objective in wanted_first and needed is None:
                key = "previous_amount" if objective == "change" else "need"
                self.wrong(
                    (*path, "objectives"),
                    f"objective '{objective}' needs `{key}`",
                    f"目标 {objective} 须写 {key}",
                )

    def _relaxed(self, spec: AllocationSpec, path: Path_) -> None:
        """Every name in `relax` is a hard rule, and named once."""
        hard = [rule.id for rule in spec.rules if rule.soft is None]
        seen: set[str] = set()
        for place, entry in enumerate(spec.relax or ()):
            for name in [entry] if isinstance(entry, str) else entry:
                en, zh = suggestion(name, hard)
                if name not in hard:
                    known = name in {rule.id for rule in spec.rules}
                    self.wrong(
                        (*path, place),
                        f"'{name}' is soft and gives way anyway"
                        if known
                        else f"'{name}' is not a rule{en}",
                        f"“{name}”是软性规则，本可放宽" if known else f"“{name}”不是规则{zh}",
                    )
                elif name in seen:
                    self.wrong((*path, place), f"'{name}' is named twice", f"“{name}”重复出现")
                seen.add(name)

    def _reducible_rules(self, spec: AllocationSpec, path: Path_) -> None:
        """A guarantee that is reduced where money is short is a hard rule on one pool."""
        for place, rule in enumerate(spec.rules):
            if getattr(rule, "if_short", None) is None:
                continue
            here = (*path, "rules", place, "if_short")
            named = getattr(rule, "pool", None)
            one = isinstance(named, str) and named != "total"
            one = one or (isinstance(named, list) and len(named) == 1) or len(spec.pools) == 1
            if not one:
                self.wrong(
                    here,
                    "`if_short` needs to know which total is short: name one pool, e.g. "
                    f"pool: {next(iter(spec.pools))}",
                    f"if_short 须知道哪个总额不足：请写明一个资金池，例如 pool: {next(iter(spec.pools))}",
                )
            if rule.soft is not None:
                self.wrong(
                    here,
                    "a soft rule is missed where it cannot hold; write either `soft` or `if_short`",
                    "软性规则无法满足时即不满足；soft 与 if_short 只能写一个",
                )
