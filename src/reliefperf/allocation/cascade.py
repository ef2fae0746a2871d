"""One level of a cascade: the money of each region above shared out among those below it.

Each parent is an ordinary allocation on its own children, so that every rule holds among siblings.
Parents know nothing of one another: with several jobs they are settled in other processes, and the
results are put together by the parents' codes, so that they are the same however many work.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reliefperf.allocation.allocate import Allocation, allocate_period
from reliefperf.errors import InfeasibleError, InputError, Mistake, Note, ReliefperfError
from reliefperf.model.building import build_model
from reliefperf.model.document import Document
from reliefperf.model.environment import Column, Environment, as_column
from reliefperf.model.model import Model
from reliefperf.model.spec_cascade import received_name

CHUNKS_A_JOB = 4
"""Parents go to other processes in this many bundles a process: even loads, few messages."""


@dataclass(frozen=True)
class Holder:
    """A region with the money it holds: in all, and pool by pool."""

    code: str
    name: str
    total: Fraction
    pools: Mapping[str, Fraction]


@dataclass(frozen=True)
class Family:
    """A parent with its children: their environment and names, in the order of their codes."""

    parent: Holder
    env: Environment = field(repr=False)
    names: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True)
class Shared:
    """What came of one parent: the children's amounts, or what was wrong (then no amounts)."""

    parent: str
    allocation: Allocation | None = field(repr=False)
    notes: tuple[Note, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    infeasible: bool = False


@dataclass(frozen=True)
class LevelModel:
    """What another process needs to build a level's model again."""

    id: str
    document: Document = field(repr=False)
    folder: Path | None
    files: Mapping[str, str]


def part_of(env: Environment, places: Sequence[int]) -> Environment:
    """The environment of some of the regions, with the periods before; places are ascending."""
    chosen = np.asarray(places, dtype=np.int64)
    part = Environment(
        tuple(env.codes[place] for place in places),
        {name: _rows(values, chosen) for name, values in env.columns.items()},
        env.period,
        decided=env.decided,
    )
    if env.previous is not None and env.order is not None:
        before = env.order[chosen]
        kept = np.unique(before[before >= 0])
        part.previous = part_of(env.previous, kept.tolist())
        part.order = np.where(before >= 0, np.searchsorted(kept, before), -1)
    return part


def _rows(values: Column, chosen: NDArray[np.int64]) -> Column:
    return values if values.ndim == 0 else values[chosen]


def share_out(model: Model, level: str, family: Family, *, by_pool: bool) -> Shared:
    """Allocate a parent's money among its children; what is wrong is returned, not raised."""
    parent, env = family.parent, family.env
    if parent.code:
        for pool, amount in ((None, parent.total), *parent.pools.items()):
            env.columns[received_name(pool)] = as_column(float(amount))
    try:
        allocation = allocate_period(model, env, family.names)
        _check_sums(allocation, parent, by_pool=by_pool)
    except ReliefperfError as error:
        named = tuple(_of_parent(mistake, level, parent) for mistake in error.mistakes)
        return Shared(parent.code, None, (), named, isinstance(error, InfeasibleError))
    notes = tuple(_note_of_parent(note, level, parent) for note in env.notes)
    return Shared(parent.code, _amounts_only(allocation), notes)


def _amounts_only(a: Allocation) -> Allocation:
    """An allocation without its program, which thousands of parents would be too large with."""
    return Allocation(a.codes, a.names, a.period, a.unit, a.smallest, a.budget, a.pools)


def _check_sums(allocation: Allocation, parent: Holder, *, by_pool: bool) -> None:
    """No pool may pay more than the parent holds: for a pool that it got by itself, of that pool."""
    if not parent.code:
        return
    held = [("total", parent.total), *(parent.pools.items() if by_pool else ())]
    for pool, amount in held:
        paid = Fraction(allocation.total(pool))
        if paid > amount:
            raise InfeasibleError(
                Mistake.at(
                    f"pool '{pool}' pays {float(paid):,.10g} {allocation.unit}, "
                    f"{float(paid - amount):,.10g} more than it received",
                    f"资金池“{pool}”支付 {float(paid):,.10g} {allocation.unit}，超过上级下达数 "
                    f"{float(paid - amount):,.10g}",
                )
            )


def _of_parent(mistake: Mistake, level: str, parent: Holder) -> Mistake:
    en, zh = _place(level, parent)
    return replace(mistake, en=f"{en}: {mistake.en}", zh=f"{zh}：{mistake.zh}")


def _note_of_parent(note: Note, level: str, parent: Holder) -> Note:
    en, zh = _place(level, parent)
    return replace(note, en=f"{en}: {note.en}", zh=f"{zh}：{note.zh}")


def _place(level: str, parent: Holder) -> tuple[str, str]:
    if not parent.code:
        return f"level '{level}'", f"“{level}”级"
    name = " ".join(part for part in (parent.code, parent.name) if part)
    return f"level '{level}', parent {name}", f"“{level}”级，上级 {name}"


# The models of the levels in another process, built when first needed.
_sources: tuple[LevelModel, ...] = ()
_built: dict[int, Model] = {}


def _start(sources: tuple[LevelModel, ...]) -> None:
    global _sources  # noqa: PLW0603  (a process has no other way to keep what it was started with)
    import reliefperf.allocation.rules
    import reliefperf.evaluation.combining
    import reliefperf.evaluation.scoring
    import reliefperf.evaluation.treatment
    import reliefperf.evaluation.weighting  # noqa: F401  (the rules register themselves)

    _sources = sources


def _share_out_bundle(level: int, families: list[Family], by_pool: bool) -> list[Shared]:
    source = _sources[level]
    if level not in _built:
        _built[level] = build_model(source.document, source.folder, dict(source.files))
    return [share_out(_built[level], source.id, family, by_pool=by_pool) for family in families]


class Sharing:
    """Settles the parents of a level, here or in `jobs` other processes."""

    def __init__(
        self, models: Sequence[Model], sources: Sequence[LevelModel], jobs: int = 1
    ) -> None:
        self._models, self._sources = tuple(models), tuple(sources)
        self._jobs = max(1, jobs)
        self._pool: ProcessPoolExecutor | None = None

    def level(self, at: int, families: Sequence[Family], *, by_pool: bool) -> list[Shared]:
        """The results of a level's parents in the order of their codes.

        Raises InputError or InfeasibleError with what is wrong of every parent.
        """
        ordered = sorted(families, key=lambda family: family.parent.code)
        if self._jobs == 1 or len(ordered) == 1:
            source = self._sources[at]
            found = [share_out(self._models[at], source.id, f, by_pool=by_pool) for f in ordered]
        else:
            found = self._elsewhere(at, ordered, by_pool)
        _raise_all(found)
        return found

    def _elsewhere(self, at: int, families: list[Family], by_pool: bool) -> list[Shared]:
        if self._pool is None:
            # processes of their own start: a fork would copy the locks of the solver's threads
            self._pool = ProcessPoolExecutor(
                self._jobs, get_context("spawn"), _start, (self._sources,)
            )
        n_bundles = min(len(families), self._jobs * CHUNKS_A_JOB)
        bundles = [families[place::n_bundles] for place in range(n_bundles)]
        futures = [self._pool.submit(_share_out_bundle, at, bundle, by_pool) for bundle in bundles]
        found = [shared for future in futures for shared in future.result()]
        return sorted(found, key=lambda shared: shared.parent)

    def close(self) -> None:
        """Let the other processes go."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


@contextmanager
def sharing(models: Sequence[Model], sources: Sequence[LevelModel], jobs: int) -> Iterator[Sharing]:
    """Other processes for as long as a cascade needs them."""
    found = Sharing(models, sources, jobs)
    try:
        yield found
    finally:
        found.close()


def _raise_all(found: Sequence[Shared]) -> None:
    failed = [shared for shared in found if shared.mistakes]
    if not failed:
        return
    mistakes = tuple(mistake for shared in failed for mistake in shared.mistakes)
    if all(shared.infeasible for shared in failed):
        raise InfeasibleError(mistakes)
    raise InputError(mistakes)
