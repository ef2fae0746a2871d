"""Limits of rules that cannot be meant: below what a pool can pay, or a percentage for a part."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from reliefperf.model.document import Path_
from reliefperf.model.expressions import Expr
from reliefperf.model.spec_allocation import AllocationRule, AllocationSpec

MOST_KEPT = 10
"""The greatest multiple of last year's amount that a region can sensibly be sure to keep."""
MOST_GROWTH = 50
"""From here on a multiple of last year's amount is taken for a percentage."""


_MULTIPLES = {
    "hold_harmless": ("last year's amount", "上年金额", "0.95"),
    "growth_limit": ("last year's amount", "上年金额", "1.3"),
    "matching": ("a region's own money", "自有资金", "2"),
}
"""Rules whose number is a multiple: of what, in English and Chinese, and a number that can be meant."""


def limit_mistakes(
    spec: AllocationSpec, number: Callable[[Expr | None], float | None]
) -> Iterator[tuple[Path_, str, str]]:
    """Where a limit cannot be meant: path below `allocation`, English, Chinese.

    `number` gives the value of an expression that is a number, else None.
    """
    for place, rule in enumerate(spec.rules):
        here: Path_ = ("rules", place)
        floor = number(getattr(rule, "floor", None))
        if rule.key == "floor" and floor is not None and floor < 0 and not _below(spec, rule):
            yield (
                (*here, "floor"),
                f"no pool here pays less than 0, so a floor of {floor:g} says nothing; a pool that "
                "may take money back says `negative: allow`",
                f"此处的资金池不会低于 0，下限 {floor:g} 不起作用；可收回资金的资金池须写 negative: allow",
            )
        for key, (what, what_zh, example) in _MULTIPLES.items():
            times = number(getattr(rule, key, None))
            if times is not None and times < 0 and not _below(spec, rule):
                yield (
                    (*here, key),
                    f"{times:g} times {what} is less than nothing, and no pool here pays less than "
                    f"0; write a number from 0, such as {key}: {example}",
                    f"{what_zh}的 {times:g} 倍为负，而此处的资金池不会低于 0；"
                    f"请写不小于 0 的数，例如 {key}: {example}",
                )
        for key, most in (("hold_harmless", MOST_KEPT), ("growth_limit", MOST_GROWTH)):
            times = number(getattr(rule, key, None))
            if times is not None and times >= most:
                yield (
                    (*here, key),
                    f"{times:g} times last year's amount; is {times / 100:g} meant ({times:g}%)?",
                    f"这是上年金额的 {times:g} 倍；是否想写 {times / 100:g}（即 {times:g}%）？",
                )


def _below(spec: AllocationSpec, rule: AllocationRule) -> bool:
    """Whether one of the pools that a rule speaks of may pay less than nothing."""
    named = getattr(rule, "pool", None)
    listed = [named] if isinstance(named, str) else named or ["total"]
    pools = spec.pools if "total" in listed else {name: spec.pools.get(name) for name in listed}
    return any(pool is None or pool.negative == "allow" for pool in pools.values())
