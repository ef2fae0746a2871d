"""One parent of a cascade: the money of a region shared out among those below it.

Each parent is an ordinary allocation on its own children, so that every rule holds among siblings.
Parents know nothing of one another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reliefperf.allocation.allocate import allocate_period
from reliefperf.allocation.answers import Answers
from reliefperf.allocation.certificate import NotRecorded
from reliefperf.allocation.paid import Allocation
from reliefperf.allocation.relaxing import Relax
from reliefperf.errors import InfeasibleError, Mistake, Note, ReliefperfError
from reliefperf.model.document import Document
from reliefperf.model.environment import Column, Environment, as_column
from reliefperf.model.model import Model
from reliefperf.model.spec_cascade import received_name

type Details[Found] = Callable[[Model, Environment, Allocation, Answers | None], Found]
"""What is kept of one parent beyond the amounts, made while its program is still at hand."""


@dataclass(frozen=True)
class Holder:
    """A region with the money it holds: in all, and pool by pool."""

    code: str
    name: str
    total: Fraction
    pools: Mapping[str, Fraction]


@dataclass(frozen=True)
class Family:
    """A parent with its children: their environment and names, in the order of their codes.

    `answers`, if given, stand in for the solver.
    """

    parent: Holder
    env: Environment = field(repr=False)
    names: tuple[str, ...] = field(repr=False)
    answers: Answers | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Shared[Found]:
    """What came of one parent: the children's amounts, or what was wrong (then no amounts)."""

    parent: str
    allocation: Allocation | None = field(repr=False)
    details: Found | None = field(default=None, repr=False)
    notes: tuple[Note, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    infeasible: bool = False
    remedy: tuple[tuple[str, ...], ...] = ()
    """The cheapest relaxation of an infeasible parent, if it was asked for; see InfeasibleError."""


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


def tell_received(env: Environment, parent: Holder) -> None:
    """Make what the parent holds, in all and by pool, known to the expressions of its children."""
    for pool, amount in ((None, parent.total), *parent.pools.items()):
        env.columns[received_name(pool)] = as_column(float(amount))


def share_out[Found](
    model: Model,
    level: str,
    family: Family,
    *,
    by_pool: bool,
    details: Details[Found] | None = None,
    relax: Relax = "never",
) -> Shared[Found]:
    """Allocate a parent's money among its children; what is wrong is returned, not raised.

    `relax` is that of allocate_period.

    Raises NotRecorded, with the parent named, where answers are given but do not fit.
    """
    parent, env = family.parent, family.env
    if parent.code:
        tell_received(env, parent)
    try:
        allocation = allocate_period(model, env, family.names, family.answers, relax)
        _check_sums(allocation, parent, by_pool=by_pool)
    except NotRecorded as error:
        raise error.within(*_place(level, parent)) from None
    except ReliefperfError as error:
        named = tuple(_of_parent(mistake, level, parent) for mistake in error.mistakes)
        infeasible = isinstance(error, InfeasibleError)
        remedy = error.remedy if isinstance(error, InfeasibleError) else ()
        return Shared(parent.code, None, None, (), named, infeasible, remedy)
    notes = tuple(_note_of_parent(note, level, parent) for note in env.notes)
    found = None if details is None else details(model, env, allocation, family.answers)
    return Shared(parent.code, _amounts_only(allocation), found, notes)


def _amounts_only(a: Allocation) -> Allocation:
    """An allocation without its program, which thousands of parents would be too large with."""
    return replace(a, program=None, settled={})


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
