"""Parents that received less than nothing: their children would have nothing to share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from reliefperf.allocation.cascade import Holder
from reliefperf.errors import InputError
from reliefperf.scenarios.cascades.loading import Cascade


def refuse_contributors(
    cascade: Cascade,
    at: int,
    parents: Iterable[str],
    holders: Mapping[str, Holder],
    level_of: Mapping[str, str],
) -> None:
    """Raise InputError naming every parent of the level at place `at` that holds less than nothing.

    `level_of` gives the level at which each region got what it holds.
    """
    level = cascade.levels[at]
    money = level.model.spec.allocation
    assert money is not None
    mistakes = []
    for holder in (holders[code] for code in parents):
        if holder.total >= 0:
            continue
        name = " ".join(part for part in (holder.code, holder.name) if part)
        taken = [pool for pool, amount in holder.pools.items() if amount < 0]
        listed = ", ".join(f"'{pool}' {_shown(holder.pools[pool])}" for pool in taken)
        listed_zh = "、".join(f"“{pool}” {_shown(holder.pools[pool])}" for pool in taken)
        upper = level_of[holder.code]
        mistakes.append(
            cascade.document.mistake(
                ("levels", at),
                f"level '{level.id}', parent {name}: it received {_shown(holder.total)} "
                f"{money.unit} at level '{upper}', less than nothing ({listed}), so that nothing "
                "can come down from it. A pool to which regions contribute is settled at its own "
                "level: take it out of the models of this cascade and run it by itself",
                f"“{level.id}”级，上级 {name}：其在“{upper}”级所得为 {_shown(holder.total)} "
                f"{money.unit}，小于零（{listed_zh}），无资金可下达。须由地区上缴的资金池应在本级结清："
                "请将其移出本逐级分配的各级模型，单独计算",
            )
        )
    if mistakes:
        raise InputError(mistakes)


def _shown(amount: Fraction) -> str:
    return f"{float(amount):,.10g}"
