"""The parents of a level settled here and, where that pays, in other processes as well.

Results are put together by the parents' codes, so that they are the same however many work. Starting
a process and sending regions to it and amounts back costs time; levels too small to win it back are
settled here alone, whatever number of processes is asked for.
"""

from __future__ import annotations

import copyreg
import io
import pickle
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from multiprocessing import get_context
from typing import Any

from reliefperf.allocation.answers import Answers
from reliefperf.allocation.cascade import (
    Details,
    Family,
    Holder,
    LevelModel,
    Shared,
    part_of,
    share_out,
)
from reliefperf.allocation.coupled import Coupled
from reliefperf.allocation.relaxing import Relax
from reliefperf.errors import InfeasibleError, InputError
from reliefperf.model.building import build_model
from reliefperf.model.environment import Environment
from reliefperf.model.model import Model
from reliefperf.model.spec_allocation import PoolSpec

BUNDLES = 8
"""Parents are put into this many bundles a process: even loads, few messages."""

LEAST_REGIONS = 20_000
"""Regions of a level from which on other processes are used, where shares are exact: then what they
take off this one is three times the second that a process needs to start (docs/decisions/009)."""

LEAST_PROGRAMS = 500
"""Parents of a level from which on they are used where each needs a linear program; as above."""

PRELOADED = (
    "reliefperf.allocation.sharing",
    "reliefperf.allocation.rules",
    "reliefperf.evaluation.combining",
    "reliefperf.evaluation.scoring",
    "reliefperf.evaluation.treatment",
    "reliefperf.evaluation.weighting",
    "reliefperf.scenarios.cascades.running",
)
"""What every process needs: imported once, by the process that the others are forked from."""


@dataclass(frozen=True)
class Kin:
    """A parent and the places of its children in the level's environment, ascending."""

    parent: Holder
    places: tuple[int, ...]
    answers: Answers | None = field(default=None, repr=False)

    def family(self, env: Environment, names: Sequence[str]) -> Family:
        """The parent with its children's own environment."""
        chosen = tuple(names[place] for place in self.places)
        return Family(self.parent, part_of(env, self.places), chosen, self.answers)


class Sharing[Found]:
    """Settles the parents of a level, here and in up to `jobs` - 1 other processes.

    `always` uses them however small a level is.
    """

    def __init__(
        self,
        models: Sequence[Model],
        sources: Sequence[LevelModel],
        jobs: int = 1,
        details: Details[Found] | None = None,
        *,
        relax: Relax = "never",
        always: bool = False,
    ) -> None:
        self._models, self._sources = tuple(models), tuple(sources)
        self._jobs, self._details, self._always = max(1, jobs), details, always
        self._relax: Relax = relax
        self._pool: ProcessPoolExecutor | None = None

    def level(
        self, at: int, env: Environment, names: Sequence[str], kin: Sequence[Kin], *, by_pool: bool
    ) -> list[Shared[Found]]:
        """The results of a level's parents in the order of their codes.

        Raises InputError or InfeasibleError with what is wrong of every parent.
        """
        ordered = sorted(kin, key=lambda one: one.parent.code)
        job = _Job(self._sources[at].id, by_pool, self._details, self._relax)
        if self.pays(at, ordered):
            found = self._together(at, job, env, names, ordered)
        else:
            found = job.settle(self._models[at], env, names, ordered)
        _raise_all(found, job.level)
        return found

    def pays(self, at: int, kin: Sequence[Kin]) -> bool:
        """Whether a level is large enough for other processes."""
        if self._jobs == 1 or len(kin) < 2:
            return False
        spec = self._models[at].spec.allocation
        assert spec is not None
        if self._always:
            return True
        if Coupled.needed(spec):
            return len(kin) >= LEAST_PROGRAMS
        return sum(len(one.places) for one in kin) >= LEAST_REGIONS

    def _together(
        self, at: int, job: _Job[Found], env: Environment, names: Sequence[str], kin: list[Kin]
    ) -> list[Shared[Found]]:
        pool = self._started()
        bundles = _bundles(kin, self._jobs * BUNDLES)
        futures = [pool.submit(_settle_elsewhere, at, job, *_cut(env, names, b)) for b in bundles]
        found: list[Shared[Found]] = []
        waiting: list[Future[bytes]] = []
        # from the end, where nobody has begun, this process does its part as well
        for future, bundle in zip(reversed(futures), reversed(bundles), strict=True):
            if future.cancel():
                found += job.settle(self._models[at], env, names, bundle)
            else:
                waiting.append(future)
        for future in waiting:
            found += _received(future.result(), self._models[at])
        return sorted(found, key=lambda shared: shared.parent)

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # not forked from here: a fork would copy the locks of the solver's threads
            try:
                context = get_context("forkserver")
                context.set_forkserver_preload(list(PRELOADED))
            except ValueError:  # not on this system
                context = get_context("spawn")  # type: ignore[assignment]
            self._pool = ProcessPoolExecutor(self._jobs - 1, context, _start, (self._sources,))
        return self._pool

    def close(self) -> None:
        """Let the other processes go."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


@contextmanager
def sharing[Found](
    models: Sequence[Model],
    sources: Sequence[LevelModel],
    jobs: int,
    details: Details[Found] | None = None,
    *,
    relax: Relax = "never",
    always: bool = False,
) -> Iterator[Sharing[Found]]:
    """Other processes for as long as a cascade needs them."""
    found = Sharing(models, sources, jobs, details, relax=relax, always=always)
    try:
        yield found
    finally:
        found.close()


@dataclass(frozen=True)
class _Job[Found]:
    """How the parents of a level are settled; goes to the other processes with every bundle."""

    level: str
    by_pool: bool
    details: Details[Found] | None
    relax: Relax

    def settle(
        self, model: Model, env: Environment, names: Sequence[str], kin: Sequence[Kin]
    ) -> list[Shared[Found]]:
        return [
            share_out(
                model,
                self.level,
                one.family(env, names),
                by_pool=self.by_pool,
                details=self.details,
                relax=self.relax,
            )
            for one in kin
        ]


def _bundles(kin: Sequence[Kin], most: int) -> list[list[Kin]]:
    """Bundles of about the same number of regions, the same for the same parents."""
    n_bundles = min(len(kin), most)
    bundles: list[list[Kin]] = [[] for _ in range(n_bundles)]
    by_size = sorted(kin, key=lambda one: (-len(one.places), one.parent.code))
    for place, one in enumerate(by_size):
        there = place % (2 * n_bundles)
        bundles[min(there, 2 * n_bundles - 1 - there)].append(one)
    return bundles


def _cut(
    env: Environment, names: Sequence[str], kin: Sequence[Kin]
) -> tuple[Environment, list[str], list[Kin]]:
    """The regions of a bundle alone, so that others need not be sent."""
    places = sorted(place for one in kin for place in one.places)
    now = {place: number for number, place in enumerate(places)}
    moved = [replace(one, places=tuple(now[place] for place in one.places)) for one in kin]
    return part_of(env, places), [names[place] for place in places], moved


# ------------------------------------------------------------ the other processes

_sources: tuple[LevelModel, ...] = ()
_built: dict[int, Model] = {}
"""The models of the levels in another process, built when first needed."""


def _start(sources: tuple[LevelModel, ...]) -> None:
    global _sources  # noqa: PLW0603  (a process has no other way to keep what it was started with)
    from importlib import import_module

    for name in PRELOADED:
        import_module(name)  # the rules register themselves
    _sources = sources


def _settle_elsewhere(
    at: int, job: _Job[Any], env: Environment, names: Sequence[str], kin: Sequence[Kin]
) -> bytes:
    if at not in _built:
        source = _sources[at]
        _built[at] = build_model(source.document, source.folder, dict(source.files))
    return _sent(job.settle(_built[at], env, names, kin))


def _sent(found: Sequence[Shared[Any]]) -> bytes:
    """Results as bytes, with fractions as two whole numbers and without the pools' definitions."""
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer, protocol=5)
    pickler.dispatch_table = copyreg.dispatch_table | {
        Fraction: lambda value: (Fraction, (value.numerator, value.denominator)),
        PoolSpec: lambda _: (type(None), ()),
    }
    pickler.dump(list(found))
    return buffer.getvalue()


def _received(content: bytes, model: Model) -> list[Shared[Any]]:
    """Results from bytes, with the pools' definitions of the model."""
    spec = model.spec.allocation
    assert spec is not None
    found: list[Shared[Any]] = pickle.loads(content)
    for shared in found:
        if shared.allocation is not None:
            made = shared.allocation
            for pool_id, result in (*made.pools.items(), *made.calculated.items()):
                object.__setattr__(result.pool, "spec", spec.pools[pool_id])
    return found


def _raise_all(found: Sequence[Shared[Any]], level: str) -> None:
    failed = [shared for shared in found if shared.mistakes]
    if not failed:
        return
    mistakes = tuple(mistake for shared in failed for mistake in shared.mistakes)
    if all(shared.infeasible for shared in failed):
        error = InfeasibleError(mistakes)
        rows = [(level, one.parent, *row) for one in failed for row in one.remedy[1:]]
        header = next((one.remedy[0] for one in failed if one.remedy), ())
        error.remedy = (("level", "parent", *header), *rows) if rows else ()
        raise error
    raise InputError(mistakes)
