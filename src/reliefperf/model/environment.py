"""What expressions are computed on: named columns over regions, one period at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from reliefperf.errors import Note
from reliefperf.model.decided import Decided

Kind = Literal["number", "bool", "text"]
Array = NDArray[np.float64]
"""Numbers and truth values, missing as NaN; truth is 1, 0 or NaN."""
Column = NDArray[Any]
"""A column over regions, shape (n_regions,) or () for one value; texts are str or None."""

NOTE_REGIONS = 5
"""How many regions a note names before it says '...'."""

ELEMENTWISE_NOTES = ("division-by-zero", "not-defined")
"""Notes on one region's own value: without interest where that value is not used."""


@dataclass
class Environment:
    """The columns of one period, and the period before.

    `order` says for each region its place in `previous`, or -1 where it did not exist.
    Not frozen: each stage of a run adds the columns that it computes.
    """

    codes: tuple[str, ...]
    columns: dict[str, Column]
    period: str = ""
    previous: Environment | None = None
    order: NDArray[np.int64] | None = None
    notes: list[Note] = field(default_factory=list)
    decided: tuple[Decided, ...] = ()
    """The adjustments by hand of the period."""
    references: Any = field(default=None, repr=False)
    """What indicators are compared with where that is not this period (`evaluation.reference`)."""
    _groups: dict[int, tuple[Column, NDArray[np.int64], int]] = field(
        default_factory=dict, repr=False
    )
    _used: NDArray[np.bool_] | None = field(default=None, repr=False)

    @property
    def n_regions(self) -> int:
        """How many regions there are."""
        return len(self.codes)

    def full(self, value: Column) -> Column:
        """The value as a column of shape (n_regions,)."""
        return np.broadcast_to(value, (self.n_regions,)) if value.ndim == 0 else value

    def report(self, kind: str, label: str, en: str, zh: str, where: NDArray[np.bool_]) -> None:
        """Note what happened in the regions marked in `where`; says nothing where none is."""
        if where.ndim == 0:
            where = np.broadcast_to(where, (self.n_regions,))
        if self._used is not None and kind in ELEMENTWISE_NOTES:
            where = where & self._used
        count = int(np.count_nonzero(where))
        if not count:
            return
        names = [self.codes[i] for i in np.flatnonzero(where)[:NOTE_REGIONS]]
        more = ", ..." if count > len(names) else ""
        listed = ", ".join(names) + more
        period = f"{self.period}: " if self.period else ""
        period_zh = f"{self.period}：" if self.period else ""
        self.notes.append(
            Note(
                kind,
                f"{period}{en} in {count} region(s): {listed}",
                f"{period_zh}{zh}，涉及 {count} 个地区：{listed}",
                count,
                label,
            )
        )

    @contextmanager
    def used_only(self, where: NDArray[np.bool_]) -> Iterator[None]:
        """While a branch is computed for everybody, note only what matters where it is used."""
        before = self._used
        self._used = self.full(where) if before is None else before & self.full(where)
        try:
            yield
        finally:
            self._used = before

    def groups(self, column: Column) -> tuple[NDArray[np.int64], int]:
        """Number the groups of a column: (n_regions,) indices, -1 where it is missing; and count."""
        column = self.full(column)
        cached = self._groups.get(id(column))
        if cached is not None and cached[0] is column:
            return cached[1], cached[2]
        if column.dtype == object:
            known = np.array([value is not None for value in column], dtype=bool)
            texts = np.array([value if value is not None else "" for value in column], dtype=str)
        else:
            known = ~np.isnan(column.astype(float))
            texts = column
        indices = np.full(self.n_regions, -1, dtype=np.int64)
        labels, inverse = np.unique(texts[known], return_inverse=True)
        indices[known] = inverse
        self._groups[id(column)] = (column, indices, len(labels))
        return indices, len(labels)


def link(current: Environment, previous: Environment | None) -> None:
    """Let `current` see `previous`, region by region."""
    current.previous = previous
    if previous is None:
        current.order = None
        return
    places = {code: place for place, code in enumerate(previous.codes)}
    current.order = np.array([places.get(code, -1) for code in current.codes], dtype=np.int64)


def as_column(value: float | str | bool) -> Column:
    """One value as a column of shape ()."""
    if isinstance(value, str):
        text = np.empty((), dtype=object)
        text[()] = value
        return text
    return np.asarray(float(value))


def text_column(values: Iterable[str | None]) -> NDArray[np.object_]:
    """Texts as a column."""
    listed = list(values)
    column = np.empty(len(listed), dtype=object)
    column[:] = listed
    return column


Columns = Mapping[str, Column]
