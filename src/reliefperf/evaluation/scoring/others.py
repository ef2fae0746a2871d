"""What a region is compared with: the others of its group, in this period or in those stated."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from reliefperf.model import numbers
from reliefperf.model.environment import Array, Column

Ties = Literal["min", "max", "average", "dense"]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Reference:
    """The known values of an indicator, ascending within each group.

    Those of group g stand from `starts[g]` to `starts[g + 1]`; `labels` name the groups (None where
    there is one only); `regions` gives the value of a region by its code, where it has just one.
    """

    values: Array
    starts: Places
    labels: tuple[str, ...] | None
    regions: Mapping[str, float]


def make_reference(
    x: Array,
    groups: Places,
    labels: tuple[str, ...] | None,
    regions: Mapping[str, float],
) -> Reference:
    """Sort values, shape (n_values,), by group and size; -1 is no group, NaN no value."""
    count = 1 if labels is None else len(labels)
    known = ~np.isnan(x) & (groups >= 0)
    x, groups = x[known], groups[known]
    if count == 1:
        return Reference(np.sort(x), np.array([0, x.size]), labels, regions)
    order = np.lexsort((x, groups))
    starts = np.searchsorted(groups[order], np.arange(count + 1))
    return Reference(x[order], starts, labels, regions)


class Others(Protocol):
    """Measures of the others, as columns that stand beside the regions' own values."""

    @property
    def low(self) -> Array:
        """The least value."""

    @property
    def high(self) -> Array:
        """The greatest value."""

    @property
    def mean(self) -> Array:
        """The arithmetic mean."""

    @property
    def sd(self) -> Array:
        """The standard deviation with n - 1."""

    @property
    def median(self) -> Array:
        """The middle value."""


@dataclass(frozen=True)
class GroupOthers:
    """The others of each region by group; measures have shape (n_regions,), NaN without any other.

    `groups` gives each region's group in the reference, -1 where it has none there.
    """

    reference: Reference
    groups: Places

    @cached_property
    def sizes(self) -> Array:
        """How many values each group has, shape (n_groups,)."""
        return np.diff(self.reference.starts).astype(float)

    @cached_property
    def size(self) -> Array:
        """How many values the region's group has."""
        return self._spread(self.sizes)

    @cached_property
    def low(self) -> Array:
        """The least value."""
        return self._each(lambda v: float(v[0]))

    @cached_property
    def high(self) -> Array:
        """The greatest value."""
        return self._each(lambda v: float(v[-1]))

    @cached_property
    def mean(self) -> Array:
        """The arithmetic mean."""
        return self._each(_mean)

    @cached_property
    def sd(self) -> Array:
        """The standard deviation with n - 1; NaN for a single value."""
        return self._each(_deviation)

    @cached_property
    def median(self) -> Array:
        """The middle value."""
        return self._each(lambda v: float(v[(v.size - 1) // 2] / 2 + v[v.size // 2] / 2))

    def place(
        self, x: Array, better: Literal["higher", "lower"], ties: Ties
    ) -> tuple[Array, Array]:
        """Each value's place from the best, and the last place there is, shapes (n_regions,).

        Values equal to 12 significant digits tie. A value that is not among the others takes the
        place it would have, at most the last.
        """
        empty = np.full(x.shape, np.nan)
        below, up_to, size = empty, empty.copy(), self.size
        if ties == "dense":
            size = empty.copy()
        for group, places in self._members(~np.isnan(x)):
            members = places[np.argsort(x[places])]  # the search is faster in order
            wanted, values = x[members], self._of(group)
            noise = numbers.RELATIVE * np.abs(wanted)
            low = np.searchsorted(values, wanted - noise, side="left")
            high = np.searchsorted(values, wanted + noise, side="right")
            if ties == "dense":
                # the place of each value among the distinct ones; the last entry counts these
                blocks = np.append(0, np.cumsum(~numbers.equal(values[1:], values[:-1])))
                blocks = np.append(blocks, blocks[-1] + 1)
                low, high, size[members] = blocks[low], blocks[high], blocks[-1]
            below[members], up_to[members] = low, high
        ahead = below if better == "lower" else size - up_to
        first, last = ahead + 1, ahead + np.maximum(up_to - below, 1)
        chosen = {"max": last, "average": (first + last) / 2}.get(ties, first)
        return np.minimum(chosen, size), size

    def _of(self, group: int) -> Array:
        starts = self.reference.starts
        return self.reference.values[starts[group] : starts[group + 1]]

    def _members(self, known: NDArray[np.bool_]) -> list[tuple[int, Places]]:
        """The places of the known regions of each group that has values."""
        order = np.flatnonzero(known & (self.groups >= 0))
        if len(self.sizes) > 1:
            order = order[np.argsort(self.groups[order], kind="stable")]
        cuts = np.searchsorted(self.groups[order], np.arange(len(self.sizes) + 1))
        return [
            (group, order[cuts[group] : cuts[group + 1]])
            for group in np.flatnonzero((np.diff(cuts) > 0) & (self.sizes > 0)).tolist()
        ]

    def _each(self, measure: Callable[[Array], float]) -> Array:
        measured = [measure(self._of(g)) if n else math.nan for g, n in enumerate(self.sizes)]
        return self._spread(np.array(measured, dtype=float))

    def _spread(self, measures: Array) -> Array:
        """One number a group as a column."""
        return np.asarray(np.where(self.groups >= 0, measures[self.groups], np.nan))


@dataclass(frozen=True)
class RowOthers:
    """All regions compared with each other on many indicators at once.

    `x` has shape (n_indicators, n_regions), measures (n_indicators, 1); a gap makes them NaN.
    """

    x: Array

    @cached_property
    def low(self) -> Array:
        """The least value."""
        return np.asarray(self.x.min(axis=1, keepdims=True))

    @cached_property
    def high(self) -> Array:
        """The greatest value."""
        return np.asarray(self.x.max(axis=1, keepdims=True))

    @cached_property
    def mean(self) -> Array:
        """The arithmetic mean."""
        return _known(self.x.mean(axis=1, keepdims=True))

    @cached_property
    def sd(self) -> Array:
        """The standard deviation with n - 1."""
        if self.x.shape[1] < 2:
            return np.full((len(self.x), 1), np.nan)
        return _known(self.x.std(axis=1, ddof=1, keepdims=True, mean=self.mean))

    @cached_property
    def median(self) -> Array:
        """The middle value."""
        return _known(np.median(self.x, axis=1, keepdims=True))


def _known(measure: Any) -> Array:
    """A measure, missing where it is too large for a number."""
    return np.asarray(np.where(np.isfinite(measure), measure, np.nan))


def _sum(values: Array) -> float:
    """The sum without binary noise; NaN where it is too large for a number."""
    try:
        total = math.fsum(values.tolist())
    except OverflowError:
        return math.nan
    return total if math.isfinite(total) else math.nan


def _mean(values: Array) -> float:
    return _sum(values) / values.size


def _deviation(values: Array) -> float:
    if values.size < 2:
        return math.nan
    squares = (values - _mean(values)) ** 2
    return math.sqrt(_sum(squares) / (values.size - 1))


def labels_of(column: Column) -> list[str | None]:
    """The labels of groups as texts, None where missing."""
    return [None if cell is None or cell != cell else _label(cell) for cell in column.tolist()]


def _label(cell: Any) -> str:
    return cell if isinstance(cell, str) else f"{cell:.12g}"
