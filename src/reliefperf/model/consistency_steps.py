"""What a model says of pools that are a step of the calculation (`paid: false`)."""

from __future__ import annotations

from collections.abc import Iterator

from reliefperf.model.document import Path_
from reliefperf.model.spec_allocation import SINGLE, AllocationRule, AllocationSpec

Found = tuple[Path_, str, str]
"""Where, and what is wrong in English and Chinese."""


def step_mistakes(spec: AllocationSpec) -> Iterator[Found]:
    """Every rule, objective and order of relaxation that takes a step of the calculation for money."""
    if not spec.paid_pools:
        yield (
            ("pools",),
            "no pool is paid: a calculation step (`paid: false`) is there for other pools",
            "没有发放的资金池：计算步骤（paid: false）是供其他资金池引用的",
        )
    for place, rule in enumerate(spec.rules):
        yield from _of_rule(spec, rule, ("rules", place))
    for place, one in enumerate(spec.objectives):
        for name in _steps(spec, one.pool):
            yield (
                ("objectives", place, "pool"),
                f"pool '{name}' is a calculation step, not paid: objectives look at money",
                f"资金池“{name}”为计算步骤，不发放：目标只针对资金",
            )
    of_steps = {r.id for r in spec.rules if r.soft is None and not spec.speaks_of_money(r)}
    for place, entry in enumerate(spec.relax or ()):
        for name in [entry] if isinstance(entry, str) else entry:
            if name in of_steps:
                yield (
                    ("relax", place),
                    f"'{name}' is about a calculation step, which never gives way",
                    f"“{name}”针对计算步骤，不能放宽",
                )


def _of_rule(spec: AllocationSpec, rule: AllocationRule, path: Path_) -> Iterator[Found]:
    """A rule on a step speaks of that pool alone, limits single amounts, and is hard."""
    for field in ("pool", "to"):
        wanted = getattr(rule, field, None)
        steps = _steps(spec, wanted)
        if not steps:
            continue
        step = steps[0]
        alone = isinstance(wanted, str) or len(wanted or ()) == 1
        if field == "to" or not alone or rule.key not in SINGLE:
            yield (
                (*path, field),
                f"pool '{step}' is a calculation step, not paid: a rule on it names it alone and is "
                f"one of {', '.join(SINGLE)}. To limit money by it, write it in the limit: "
                f"`cap: 0.3 * {step}, pool: ...`",
                f"资金池“{step}”为计算步骤，不发放：针对它的规则须单独写明它，且为 {'、'.join(SINGLE)} 之一。"
                f"要用它限制资金，请把它写进限额：cap: 0.3 * {step}, pool: …",
            )
        elif rule.soft is not None:
            yield (
                (*path, "soft"),
                f"pool '{step}' is a calculation step, not paid: a rule on it is hard",
                f"资金池“{step}”为计算步骤，不发放：针对它的规则只能是硬性规则",
            )


def _steps(spec: AllocationSpec, named: str | list[str] | None) -> list[str]:
    """The steps of the calculation among the pools that are named."""
    names = [named] if isinstance(named, str) else named or []
    return [name for name in names if name in spec.pools and not spec.pools[name].paid]
