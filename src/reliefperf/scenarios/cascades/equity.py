"""The equity of a cascade: measures for all regions of a level, and for those of each parent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from reliefperf.allocation.cascade import part_of
from reliefperf.allocation.paid import Allocation, PoolResult
from reliefperf.errors import Note
from reliefperf.scenarios.cascades.running import CascadeRun, LevelRun
from reliefperf.scenarios.results.cells import Row
from reliefperf.scenarios.results.equity import (
    GROUP_HEADER,
    HEADER,
    equity_notes,
    equity_tables,
    has_equity,
)
from reliefperf.scenarios.running import PeriodRun, Run

type Table = tuple[list[str], list[Row]]


def joined(level: LevelRun) -> Allocation:
    """The amounts of all regions of a level in the order of their codes, for tables.

    Budget and what is left are the sums over the parents; steps of rules and limits, which belong to
    one parent, are not in it.
    """
    parts = list(level.parents.values())
    placed = sorted(
        (code, at, i)
        for at, part in enumerate(parts)
        for i, code in enumerate(part.allocation.codes)
    )
    first = parts[0].allocation
    pools = {}
    for pool_id, result in first.pools.items():
        here = [part.allocation.pools[pool_id] for part in parts]
        pools[pool_id] = PoolResult(
            replace(
                result.pool,
                entitlement=tuple(here[at].pool.entitlement[i] for _, at, i in placed),
                stages=(),
            ),
            (),
            tuple(here[at].units[i] for _, at, i in placed),
            sum((one.left for one in here), Fraction(0)),
        )
    budgets = [part.allocation.budget for part in parts]
    return Allocation(
        tuple(code for code, _, _ in placed),
        tuple(parts[at].allocation.names[i] for _, at, i in placed),
        first.period,
        first.unit,
        first.smallest,
        None if None in budgets else sum((b for b in budgets if b is not None), Fraction(0)),
        pools,
    )


def has_level_equity(run: CascadeRun) -> bool:
    """Whether the model of any level asks for measures."""
    return any(has_equity(level.level.model) for level in run.levels)


def level_equity_tables(run: CascadeRun) -> tuple[Table, Table]:
    """The measures and the groups by level and parent; with an empty parent those of the level."""
    measures: list[Row] = []
    groups: list[Row] = []
    for level in run.levels:
        if not has_equity(level.level.model):
            continue
        for parent, part in _parts(level):
            (_, rows), (_, of_groups) = equity_tables(_run_of(level, part))
            measures += [(level.id, parent, *row) for row in rows]
            groups += [(level.id, parent, *row) for row in of_groups]
    lead = ["level", "parent"]
    return ([*lead, *HEADER], measures), ([*lead, *GROUP_HEADER], groups)


def level_equity_notes(level: LevelRun) -> list[Note]:
    """Which regions of a level its measures leave out."""
    if not has_equity(level.level.model):
        return []
    whole = next(part for _, part in _parts(level))
    return [
        replace(note, en=f"level '{level.id}': {note.en}", zh=f"“{level.id}”级：{note.zh}")
        for note in equity_notes(level.level.model, whole)
    ]


def _parts(level: LevelRun) -> Iterator[tuple[str, PeriodRun]]:
    """All regions of a level that were paid, then those of each parent where there are several."""
    env = level.run.last.env
    place = {code: i for i, code in enumerate(env.codes)}
    whole = joined(level)
    named = [("", whole)]
    if len(level.parents) > 1:
        named += [(code, received.allocation) for code, received in level.parents.items()]
    for code, allocation in named:
        places = [place[region] for region in allocation.codes]
        yield code, PeriodRun(part_of(env, places), None, allocation)


def _run_of(level: LevelRun, part: PeriodRun) -> Run:
    return Run(level.level.model, level.run.dataset, {"": part})
