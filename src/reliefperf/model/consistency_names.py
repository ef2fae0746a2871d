"""What rules are called and which pools they name: no name of the results, no pool twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from reliefperf.errors import suggestion
from reliefperf.model.document import Path_
from reliefperf.model.spec_allocation import AllocationRule, AllocationSpec, PoolSpec

Found = tuple[Path_, str, str]
"""Where, and what is wrong in English and Chinese."""

Words = tuple[str, str]
"""English and Chinese."""

TOTAL = "total"
"""What a rule names all pools together by."""

RESERVED_RULES: dict[str, Words] = {
    "entitlement": ("the amount before any rule", "各项规则之前的测算额"),
    "objectives": ("what the objectives move", "分配目标引起的变动"),
    "limits": ("what budget and totals move", "预算与总额引起的变动"),
    "rules": ("what all rules together move", "全部规则引起的变动"),
    "rounding": ("what rounding moves", "取整引起的变动"),
    "not-eligible": ("a region without a part in the pool", "不具备资金池资格的地区"),
    "budget": ("the budget itself", "预算本身"),
    "region totals": ("the sums of each region's pools", "各地区资金池合计"),
    "near the amounts": ("the whole units next to an amount", "与金额相邻的整单位"),
    "goal asked for": ("what `reach` and `budget` ask for", "反推（reach、budget）所提的要求"),
}
"""Names in results and messages, and of what; a rule of that name could not be told from it."""

RESERVED_STARTS: dict[str, Words] = {
    "pool ": ("the total of a pool", "资金池的总额"),
    "objective ": ("the value of an objective", "分配目标的数值"),
}
"""The same for how names begin."""

STEPS_OF_POOLS: dict[str, tuple[str, Words]] = {
    "limit": ("limit", ("the scaling of a pool to its `limit`", "资金池按 limit 的压减")),
    "bear": ("bear", ("what `bear` carries in a pool", "资金池按 bear 分担的差额")),
    "floor": ("scale_gains", ("the floor of `scale_gains`", "scale_gains 的保底")),
    "scaling": ("scale_gains", ("the scaling of `scale_gains`", "scale_gains 的增量缩放")),
}
"""Steps of the explanation that only pools with a certain key have: step, key, of what."""


def name_mistakes(spec: AllocationSpec, is_cut: Callable[[str], bool]) -> Iterator[Found]:
    """Every rule with a reserved id, and every list of pools with one that cannot stand there.

    `is_cut` says whether a pool was left out for another mistake.
    """
    for place, rule in enumerate(spec.rules):
        means = _means(rule.id, spec)
        if means is not None:
            en, zh = means
            yield (
                ("rules", place, "id"),
                f"'{rule.id}' is what results and messages call {en}; give the rule another id",
                f"结果和提示中“{rule.id}”指{zh}；请为规则另取编号",
            )
        for field in ("pool", "to"):
            named = getattr(rule, field, None)
            yield from _named(spec, named, ("rules", place, field), [*spec.pools, TOTAL], is_cut)
        yield from _compared(spec, rule, ("rules", place))
    for place, one in enumerate(spec.objectives):
        path: Path_ = ("objectives", place, "pool")
        yield from _named(spec, one.pool, path, list(spec.pools), is_cut)


def _means(name: str, spec: AllocationSpec) -> Words | None:
    """What a rule's id stands for already; None where it is free."""
    if name in STEPS_OF_POOLS:
        key, words = STEPS_OF_POOLS[name]
        return words if any(_states(pool, key) for pool in spec.pools.values()) else None
    begins = (words for start, words in RESERVED_STARTS.items() if name.startswith(start))
    return RESERVED_RULES.get(name) or next(begins, None)


def _states(pool: PoolSpec, key: str) -> bool:
    return getattr(pool, key) is not None


def _named(
    spec: AllocationSpec,
    named: str | list[str] | None,
    path: Path_,
    known: list[str],
    is_cut: Callable[[str], bool],
) -> Iterator[Found]:
    """Names of pools that are unknown, stand twice, or stand in a list and mean all pools."""
    listed = [named] if isinstance(named, str) else named or []
    for name in dict.fromkeys(listed):
        if name == TOTAL and TOTAL in known:
            if not isinstance(named, str):
                yield (
                    path,
                    "`total` is the sum of all pools and stands alone, not in a list: "
                    f"{path[-1]}: total",
                    f"total 指各资金池合计，须单独写，不放在列表中：{path[-1]}: total",
                )
        elif name not in spec.pools and not is_cut(name):
            en, zh = suggestion(name, known)
            yield path, f"'{name}' is not a pool{en}", f"“{name}”不是资金池{zh}"
        elif listed.count(name) > 1:
            yield (
                path,
                f"pool '{name}' stands twice and would count twice; name it once",
                f"资金池“{name}”重复出现，会重复计算；请只写一次",
            )


def _compared(spec: AllocationSpec, rule: AllocationRule, path: Path_) -> Iterator[Found]:
    """A ratio compares two different sums of pools."""
    sides = [getattr(rule, field, None) for field in ("pool", "to")]
    if None in sides:
        return
    one, other = (_pools(spec, side) for side in sides)
    if one == other:
        yield (
            (*path, "to"),
            "`pool` and `to` are the same money; name what it is to be compared with",
            "pool 与 to 为同一笔资金；请写明与哪个资金池比较",
        )


def _pools(spec: AllocationSpec, named: str | list[str] | None) -> set[str]:
    if named == TOTAL:
        return set(spec.paid_pools)
    return {named} if isinstance(named, str) else set(named or ())
