"""Who stands below whom: the children of each region that holds money, level by level."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reliefperf.data.dataset import Dataset
from reliefperf.data.regions import Regions
from reliefperf.errors import InputError, Mistake
from reliefperf.model.environment import Environment
from reliefperf.scenarios.cascades.loading import Level

SHOWN = 10
"""How many regions a message names before it says '...'."""


@dataclass(frozen=True)
class Ties:
    """The places of the children of each parent in a level's data, and who keeps its money.

    `stay` are regions of this level's data that already hold money of a level above, so that
    nothing comes down to them here; `childless` are regions above with nobody below them.
    """

    children: Mapping[str, tuple[int, ...]]
    stay: tuple[str, ...]
    childless: tuple[str, ...]


def tie(
    level: Level,
    dataset: Dataset,
    env: Environment,
    regions: Regions | None,
    above: Mapping[str, str],
    upper: str,
) -> Ties:
    """Find the parent of every region of a level among the regions `above` (code: name).

    Raises InputError with every child without a parent, and every parent without children unless
    it may keep its money.
    """
    children: dict[str, list[int]] = {}
    stay: list[str] = []
    lost: list[Mistake] = []
    table = dataset.tables[env.period]
    stated = env.columns[level.spec.parent] if level.spec.parent is not None else None
    for place, code in enumerate(env.codes):
        if code in above:
            stay.append(code)
            continue
        chain: tuple[str, ...]
        if stated is not None:
            chain = (stated[place],) if stated[place] else ()
        else:
            chain = regions.ancestors(code) if regions is not None and code in regions else ()
        parent = next((one for one in chain if one in above), None)
        if parent is None:
            lost.append(_orphan(level, dataset, code, int(table.rows[place]), chain, upper))
        else:
            children.setdefault(parent, []).append(place)
    held = {*children, *stay}
    childless = tuple(sorted(code for code in above if code not in held))
    if childless and level.spec.without_children == "error":
        listed = ", ".join(f"{code} {above[code]}".strip() for code in childless[:SHOWN])
        listed += ", ..." if len(childless) > SHOWN else ""
        lost.append(
            Mistake.at(
                f"{len(childless)} region(s) of level '{upper}' have nobody below them at level "
                f"'{level.id}': {listed}. Complete the data, or state `without_children: keep`",
                f"“{upper}”级有 {len(childless)} 个地区在“{level.id}”级没有下级：{listed}。"
                "请补全数据，或写 without_children: keep（资金留在本级）",
                file=dataset.source,
            )
        )
    if lost:
        raise InputError(lost)
    return Ties({code: tuple(rows) for code, rows in children.items()}, tuple(stay), childless)


def _orphan(
    level: Level, dataset: Dataset, code: str, row: int, chain: tuple[str, ...], upper: str
) -> Mistake:
    name = f"region {code}"
    if level.spec.parent is not None and not chain:
        en = f"{name} of level '{level.id}' has no parent: '{level.spec.parent}' is empty"
        zh = f"“{level.id}”级地区 {code} 没有上级：“{level.spec.parent}”为空"
    elif chain:
        listed = ", ".join(chain)
        en = (
            f"{name} of level '{level.id}' has no parent: none of {listed} is among the regions of "
            f"level '{upper}'; is a level missing, or a row there?"
        )
        zh = f"“{level.id}”级地区 {code} 没有上级：“{upper}”级中没有 {listed}；是否缺了一级或缺一行？"
    else:
        en = f"{name} of level '{level.id}' has no parent: the table of regions names none"
        zh = f"“{level.id}”级地区 {code} 没有上级：区划表中没有写"
    return Mistake.at(en, zh, file=dataset.source, line=row, column="")
