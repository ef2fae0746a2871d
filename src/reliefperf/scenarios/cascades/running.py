"""Running a cascade: scores level by level, then the money from the top down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from reliefperf.allocation.answers import Answers
from reliefperf.allocation.cascade import Holder, LevelModel, Shared
from reliefperf.allocation.certificate import Recorded
from reliefperf.allocation.paid import Allocation
from reliefperf.allocation.relaxing import Relax, Relaxation
from reliefperf.allocation.sharing import Kin, Sharing, sharing
from reliefperf.data.dataset import Dataset
from reliefperf.data.environments import compute_derived
from reliefperf.errors import InputError, Mistake, Note
from reliefperf.model.spec_cascade import received_name
from reliefperf.scenarios.cascades.contributing import refuse_contributors
from reliefperf.scenarios.cascades.details import Kept, kept, kept_and_proved
from reliefperf.scenarios.cascades.holding import SHOWN, Ties, tie
from reliefperf.scenarios.cascades.loading import Cascade, Level, load_cascade
from reliefperf.scenarios.cascades.rolling import roll_up
from reliefperf.scenarios.results.cells import frame_of
from reliefperf.scenarios.running import Run, read_data, regions_of, run_model

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Received:
    """What one parent received, and what its children were paid of it, in money.

    `pools` has received and paid by pool where the parent's pools come down one by one.
    """

    parent: str
    name: str
    received: Fraction | None
    allocation: Allocation = field(repr=False)
    pools: Mapping[str, Fraction]
    kept: Kept = field(default_factory=Kept, repr=False)

    @property
    def paid(self) -> Fraction:
        """All that the children are paid."""
        return Fraction(self.allocation.total())

    @property
    def left(self) -> Fraction:
        """What no child got."""
        return Fraction(0) if self.received is None else self.received - self.paid


@dataclass(frozen=True)
class LevelRun:
    """One level: the run that scored it, and the allocations of its parents by their codes.

    The first level has the one parent ''. `stay` are its regions that hold money of a level above,
    `childless` the regions above that keep theirs.
    """

    level: Level
    run: Run
    parents: Mapping[str, Received]
    stay: tuple[str, ...] = ()
    childless: tuple[str, ...] = ()
    notes: tuple[Note, ...] = field(default=(), repr=False)

    @property
    def id(self) -> str:
        """The level's name."""
        return self.level.id

    @property
    def gave_way(self) -> list[Relaxation]:
        """The rows of rules that gave way at any parent."""
        return [item for part in self.parents.values() for item in part.kept.gave_way]

    def total(self, pool: str = "total") -> Fraction:
        """What the regions of the level are paid, from a pool or from all."""
        return sum((Fraction(p.allocation.total(pool)) for p in self.parents.values()), Fraction(0))


@dataclass(frozen=True)
class CascadeRun:
    """The results of a cascade, from the top down."""

    cascade: Cascade
    levels: tuple[LevelRun, ...]

    @cached_property
    def notes(self) -> tuple[Note, ...]:
        """Everything that was done without being asked, level by level."""
        from reliefperf.scenarios.cascades.equity import level_equity_notes

        return tuple(
            dict.fromkeys(
                note for level in self.levels for note in (*level.notes, *level_equity_notes(level))
            )
        )

    @property
    def is_synthetic(self) -> bool:
        """Whether the data of any level are made up."""
        return any(level.run.is_synthetic for level in self.levels)

    @property
    def unit(self) -> str:
        """The unit of all amounts."""
        return next(iter(self.levels[0].parents.values())).allocation.unit

    @property
    def allocation(self) -> pd.DataFrame:
        """One row a level, region and pool: entitlement and amount (Decimal)."""
        from reliefperf.scenarios.cascades.tables import allocation_table

        return frame_of(*allocation_table(self))

    @property
    def explanation(self) -> pd.DataFrame:
        """One row a level, region, pool and step; rows add up to the amount."""
        from reliefperf.scenarios.cascades.tables import explanation_table

        return frame_of(*explanation_table(self))

    @property
    def parents(self) -> pd.DataFrame:
        """One row a level and parent: what it received, what its children got, what is left."""
        from reliefperf.scenarios.cascades.tables import parents_table

        return frame_of(*parents_table(self))

    def write(self, folder: str | Path) -> Path:
        """Write everything into a new folder; see `reliefperf run`."""
        from reliefperf.reports.cascade import write_cascade

        return write_cascade(self, Path(folder))

    def __repr__(self) -> str:
        parts = [f"{level.id} {len(level.run.last.env.codes)}" for level in self.levels]
        label = ", SYNTHETIC DATA" if self.is_synthetic else ""
        return f"<CascadeRun of {self.cascade.name}: {' -> '.join(parts)}{label}>"


type AnswersByLevel = Mapping[str, Mapping[str, Answers]]
"""Recorded answers by level and parent."""


def run_cascade(
    target: Cascade | str | Path,
    data: Mapping[str, pd.DataFrame | Dataset] | None = None,
    *,
    jobs: int = 1,
    answers: AnswersByLevel | None = None,
    relax: Relax = "never",
) -> CascadeRun:
    """Run a cascade, the parents of a level in `jobs` processes; the results are the same.

    `data` gives tables by level in place of the files that the cascade names. `answers`, by level
    and parent, stand in for the solver: then it is never asked, and every amount is proved. `relax`
    says what is done where the rules of a parent cannot all hold, as for a single model.

    Raises InputError for bad data and for children without parents and the like, InfeasibleError
    with every parent whose rules cannot all hold, NotRecorded where answers do not fit.
    """
    cascade = target if isinstance(target, Cascade) else load_cascade(target)
    datasets = _datasets(cascade, data or {})
    runs = [
        run_model(level.model, dataset, scenario=level.scenario, allocation=False)
        for level, dataset in zip(cascade.levels, datasets, strict=True)
    ]
    _same_period(cascade, runs)
    models = [level.model for level in cascade.levels]
    sources = [
        LevelModel(level.id, level.model.document, level.model.folder, level.model.files)
        for level in cascade.levels
    ]
    details = kept if answers is None else kept_and_proved
    with sharing(models, sources, jobs, details, relax=relax) as shares:
        return CascadeRun(cascade, _downward(cascade, runs, shares, answers))


def _datasets(cascade: Cascade, data: Mapping[str, pd.DataFrame | Dataset]) -> list[Dataset]:
    found: dict[str, Dataset] = {}
    levels = cascade.levels
    for place in reversed(range(len(levels))):
        level = levels[place]
        given = data.get(level.id)
        if isinstance(given, Dataset):
            found[level.id] = given
        elif given is None and level.spec.roll_up is not None:
            below = levels[place + 1]
            found[level.id] = roll_up(level, below, found[below.id])
        else:
            found[level.id] = read_data(level.alone, level.data if given is None else given)
    return [found[level.id] for level in levels]


def _same_period(cascade: Cascade, runs: Sequence[Run]) -> None:
    last = {run.dataset.periods[-1] for run in runs}
    if len(last) > 1:
        listed = ", ".join(
            f"{level.id} {run.dataset.periods[-1] or '(none)'}"
            for level, run in zip(cascade.levels, runs, strict=True)
        )
        raise InputError(
            Mistake.at(
                f"a cascade pays one period, the last of every level, but they differ: {listed}",
                f"逐级分配只算各级的最后一期，而各级不一致：{listed}",
                file=cascade.document.file,
            )
        )


def _downward(
    cascade: Cascade, runs: Sequence[Run], shares: Sharing[Kept], answers: AnswersByLevel | None
) -> tuple[LevelRun, ...]:
    holders: dict[str, Holder] = {}
    level_of: dict[str, str] = {}
    done: list[LevelRun] = []
    for at, (level, run) in enumerate(zip(cascade.levels, runs, strict=True)):
        env, names = run.last.env, run.dataset.tables[run.last.env.period].names
        if run.last.evaluation is None:
            compute_derived(level.model, env, 1)
        ties = _ties(cascade, at, run, holders)
        if at:
            refuse_contributors(cascade, at, ties.children, holders, level_of)
        own = None if answers is None else answers.get(level.id, {})
        kin = [
            Kin(
                _fitting(level, holders[code]) if at else Holder("", "", Fraction(0), {}),
                places,
                # a parent without recorded answers has an empty record, never a solver
                None if own is None else own.get(code, Recorded({})),
            )
            for code, places in ties.children.items()
        ]
        before = len(env.notes)
        found = shares.level(at, env, names, kin, by_pool=level.by_pool)
        parents = {shared.parent: _received(level, shared, holders) for shared in found}
        _back_to_level(level, run, ties, parents)
        notes = [*_of_level(level, run, before), *(n for shared in found for n in shared.notes)]
        notes += _staying(level, ties, holders)
        done.append(LevelRun(level, run, parents, ties.stay, ties.childless, tuple(notes)))
        for code, received in parents.items():
            holders.pop(code, None)
            held = holders_of(received.allocation)
            holders |= held
            level_of |= dict.fromkeys(held, level.id)
    return tuple(done)


def _ties(cascade: Cascade, at: int, run: Run, holders: Mapping[str, Holder]) -> Ties:
    env = run.last.env
    if not at:
        return Ties({"": tuple(range(env.n_regions))}, (), ())
    level, upper = cascade.levels[at], cascade.levels[at - 1]
    above = {code: holder.name for code, holder in holders.items()}
    return tie(level, run.dataset, env, regions_of(level.model), above, upper.id)


def _fitting(level: Level, holder: Holder) -> Holder:
    """The parent; where pools come down one by one it must hold them."""
    money = level.model.spec.allocation
    assert money is not None
    if level.by_pool and set(money.paid_pools) != set(holder.pools):
        raise InputError(
            Mistake.at(
                f"level '{level.id}' receives pool by pool, but its parent {holder.code} holds money "
                f"of other pools ({', '.join(holder.pools)}), since it stands higher up; state "
                "`receives: total`",
                f"“{level.id}”级逐池下达，但其上级 {holder.code} 处于更高一级，所持资金池不同"
                f"（{', '.join(holder.pools)}）；请写 receives: total",
            )
        )
    return holder


def _received(level: Level, shared: Shared[Kept], holders: Mapping[str, Holder]) -> Received:
    allocation = shared.allocation
    assert allocation is not None and shared.details is not None
    if not shared.parent:
        return Received("", "", allocation.budget, allocation, {}, shared.details)
    parent = holders[shared.parent]
    pools = parent.pools if level.by_pool else {}
    return Received(parent.code, parent.name, parent.total, allocation, dict(pools), shared.details)


def holders_of(allocation: Allocation) -> dict[str, Holder]:
    """The regions of an allocation with the money they hold, by code."""
    pools = {pool: allocation.amounts(pool) for pool in allocation.pools}
    total = allocation.amounts("total")
    return {
        code: Holder(
            code,
            allocation.names[i],
            Fraction(total[i]),
            {pool: Fraction(amounts[i]) for pool, amounts in pools.items()},
        )
        for i, code in enumerate(allocation.codes)
    }


def _back_to_level(level: Level, run: Run, ties: Ties, parents: Mapping[str, Received]) -> None:
    """Put the amounts into the level's own environment, for columns that come after the money."""
    env = run.last.env
    money = level.model.spec.allocation
    assert money is not None
    columns = {
        name: np.full(env.n_regions, np.nan)
        for name in (*money.pools, "amount", "entitlement", "budget")
    }
    for code, places in ties.children.items():
        here = list(places)
        allocation = parents[code].allocation
        for pool in money.pools:
            columns[pool][here] = [float(amount) for amount in allocation.amounts(pool)]
        columns["amount"][here] = [float(amount) for amount in allocation.amounts("total")]
        columns["entitlement"][here] = [float(e) for e in allocation.entitlements("total")]
        if allocation.budget is not None:
            columns["budget"][here] = float(allocation.budget)
        received = parents[code]
        sums: list[tuple[str | None, Fraction | None]] = [(None, received.received)]
        for part, amount in (*sums, *received.pools.items()):
            name = received_name(part)
            if code and amount is not None:
                columns.setdefault(name, np.full(env.n_regions, np.nan))[here] = float(amount)
    env.columns |= columns
    compute_derived(level.model, env, 2)


def _of_level(level: Level, run: Run, before: int) -> list[Note]:
    """What was noted before the money, with the level named."""
    first = [*run.dataset.notes, *run.casebook.notes]
    for period in run.periods.values():
        notes = period.env.notes
        first += notes[:before] if period is run.last else notes
    return [
        replace(note, en=f"level '{level.id}': {note.en}", zh=f"“{level.id}”级：{note.zh}")
        for note in dict.fromkeys(first)
    ]


def _staying(level: Level, ties: Ties, holders: Mapping[str, Holder]) -> list[Note]:
    """Regions whose money does not come down at this level."""
    notes = []
    for kind, codes, en, zh in (
        (
            "stays",
            ties.stay,
            "already hold money of a level above",
            "在上一级已得到资金，本级不再分配",
        ),
        (
            "childless",
            ties.childless,
            "have nobody below them and keep it",
            "没有下级，资金留在本级",
        ),
    ):
        if codes:
            held = sum((holders[code].total for code in codes), Fraction(0))
            listed = ", ".join(codes[:SHOWN]) + (", ..." if len(codes) > SHOWN else "")
            notes.append(
                Note(
                    kind,
                    f"level '{level.id}': {len(codes)} region(s) {en}, {float(held):,.10g} in all: "
                    f"{listed}",
                    f"“{level.id}”级：{len(codes)} 个地区{zh}，合计 {float(held):,.10g}：{listed}",
                    len(codes),
                )
            )
    return notes
