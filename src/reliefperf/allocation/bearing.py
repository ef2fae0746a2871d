"""Who carries a difference: the amounts of a pool that says by what measure limits are carried.

Amounts are clip(entitlement + level x bear, low, high), one level for all who share a total.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from reliefperf.allocation.ratios import Partial, Ratios
from reliefperf.allocation.waterfill import Filled, carried
from reliefperf.errors import InputError

if TYPE_CHECKING:
    from reliefperf.allocation.pool import Pool

STEP = "bear"
"""The step of the explanation that takes what entitlements miss the pool's total by."""

type Refuse = Callable[[str, str, str], InputError]
"""The error of a pool's key with its words in English and Chinese."""


def carry(
    refuse: Refuse,
    codes: Sequence[str],
    pool: Pool,
    group: int,
    members: Sequence[int],
    low: Partial,
    high: Partial,
) -> Filled:
    """The amounts of a group's members, in their order; `low`, `high` have one value a member.

    Raises InputError where the total cannot be met because the members that could move bear nothing.
    """
    total = pool.totals[group]
    assert total is not None
    assert pool.bear is not None
    bear = pool.bear.taken(members)
    filled = carried(Ratios.of(pool.entitlement).taken(members), bear, low, high, total)
    if not filled.left or (filled.left > 0 and pool.leftover != "redistribute"):
        return filled
    ends = low if filled.left < 0 else high
    able = [
        codes[i]
        for i, w, amount, end in zip(members, bear.tops, filled.amounts, ends, strict=True)
        if not w and amount != end
    ]
    if able:
        raise _nobody(refuse, pool, group, able, filled.left)
    return filled


def refuse_no_bearer(
    refuse: Refuse, codes: Sequence[str], pool: Pool, group: int, members: Sequence[int]
) -> None:
    """Raise InputError where nobody who shares a total bears anything."""
    assert pool.bear is not None
    if members and not any(pool.bear.tops[i] for i in members):
        raise _nobody(refuse, pool, group, [codes[i] for i in members], None)


def _nobody(
    refuse: Refuse, pool: Pool, group: int, able: Sequence[str], left: Fraction | None
) -> InputError:
    listed = ", ".join(able[:10]) + (", ..." if len(able) > 10 else "")
    name = pool.group_names[group]
    where_en, where_zh = (f" (group {name})", f"（组“{name}”）") if name else ("", "")
    miss_en = "" if left is None else f" {float(abs(left)):,g} must still be carried, but"
    miss_zh = "" if left is None else f"尚有 {float(abs(left)):,g} 须分担，但"
    return refuse(
        "bear",
        f"pool '{pool.id}'{where_en}:{miss_en} bear is 0 for everybody who could carry a difference, "
        f"in {len(able)} region(s): {listed}. Give them a bear above zero, or other limits",
        f"资金池“{pool.id}”{where_zh}：{miss_zh}可以分担差额的 {len(able)} 个地区 bear 均为 0：{listed}。"
        "请给出大于零的 bear，或修改限额",
    )
