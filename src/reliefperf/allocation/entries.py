"""A sparse matrix as plain arrays of its entries, row by row.

Every operation of a sparse matrix checks and copies it. On the dozens of entries that a parent with
ten children has that takes a hundred times as long as the arithmetic; plain arrays do not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

type _Floats = NDArray[np.float64]
type _Ints = NDArray[np.int64]
type _Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Entries:
    """Entries `data` at `rows` (ascending) and `columns`, none of them zero."""

    rows: _Ints
    columns: _Ints
    data: _Floats
    n_rows: int
    n_columns: int

    @classmethod
    def of(cls, matrix: Any) -> Entries:
        """The entries of a sparse matrix in rows."""
        n_rows, n_columns = matrix.shape
        rows = np.repeat(np.arange(n_rows), np.diff(matrix.indptr))
        found = cls(rows, matrix.indices.astype(np.int64), matrix.data, n_rows, n_columns)
        return found if found.data.all() else found.only(found.data != 0)

    def only(self, chosen: _Mask) -> Entries:
        """Some of the entries, in a matrix of the same shape."""
        return Entries(
            self.rows[chosen],
            self.columns[chosen],
            self.data[chosen],
            self.n_rows,
            self.n_columns,
        )

    def of_rows(self, kept: _Mask) -> Entries:
        """Some of the rows (n_rows,), numbered anew."""
        here = kept[self.rows]
        rows = (np.cumsum(kept) - 1)[self.rows[here]]
        return Entries(rows, self.columns[here], self.data[here], int(kept.sum()), self.n_columns)

    def of_columns(self, kept: _Mask) -> Entries:
        """Some of the columns (n_columns,), numbered anew."""
        here = kept[self.columns]
        columns = (np.cumsum(kept) - 1)[self.columns[here]]
        return Entries(self.rows[here], columns, self.data[here], self.n_rows, int(kept.sum()))

    def with_parts(self, parts: Mapping[int, _Ints]) -> Entries:
        """The columns that are sums of others replaced by these.

        Below stand rows of their own that say so: sum of the parts - column, in the order of `parts`.
        """
        if not parts:
            return self
        sums = np.array(list(parts), dtype=np.int64)
        number = np.full(self.n_columns, -1)
        number[sums] = np.arange(sums.size)
        own = number[self.columns] < 0
        terms = [(self.rows[own], self.columns[own], self.data[own])]
        for at in np.flatnonzero(~own).tolist():
            columns = parts[int(self.columns[at])]
            terms.append(
                (
                    np.full(columns.size, self.rows[at]),
                    columns,
                    np.full(columns.size, self.data[at]),
                )
            )
        for k, (column, columns) in enumerate(parts.items()):
            row = np.full(columns.size + 1, self.n_rows + k)
            terms.append((row, np.append(columns, column), np.append(np.ones(columns.size), -1.0)))
        rows, columns, data = (np.concatenate(arrays) for arrays in zip(*terms, strict=True))
        places, same = np.unique(rows * self.n_columns + columns, return_inverse=True)
        summed = np.bincount(same, data, places.size)
        n_rows = self.n_rows + sums.size
        found = Entries(
            places // self.n_columns, places % self.n_columns, summed, n_rows, self.n_columns
        )
        return found.only(summed != 0)

    def times_all(self, factor: float) -> Entries:
        """Every entry times a factor other than 0."""
        return self.scaled(lambda one: factor * one.data)

    def times(self, values: _Floats) -> _Floats:
        """The value of each row (n_rows,) for values (n_columns,) of the columns."""
        return self.by_row(self.data * values[self.columns])

    def sizes(self, values: _Floats) -> _Floats:
        """What the terms of each row (n_rows,) come to without their signs, for values >= 0."""
        return self.by_row(np.abs(self.data) * values[self.columns])

    def across(self, values: _Floats) -> _Floats:
        """The value of each column (n_columns,) for values (n_rows,) of the rows."""
        # numpy counts in whole numbers where there are no entries
        return self.by_column(self.data * values[self.rows]).astype(np.float64, copy=False)

    def by_row(self, terms: _Floats) -> _Floats:
        """One term an entry, summed by row (n_rows,)."""
        return np.bincount(self.rows, terms, self.n_rows)

    def by_column(self, terms: _Floats) -> _Floats:
        """One term an entry, summed by column (n_columns,)."""
        return np.bincount(self.columns, terms, self.n_columns)

    def scaled(self, change: Callable[[Entries], _Floats]) -> Entries:
        """The same places with other numbers."""
        return Entries(self.rows, self.columns, change(self), self.n_rows, self.n_columns)

    @property
    def counts(self) -> _Ints:
        """How many entries each row has (n_rows,)."""
        return np.bincount(self.rows, minlength=self.n_rows)

    def activity(self, lower: _Floats, upper: _Floats) -> tuple[_Floats, _Floats]:
        """The least and the greatest value of each row (n_rows,) for lower <= x <= upper."""
        low, high = self.data * lower[self.columns], self.data * upper[self.columns]
        positive = self.data > 0
        return (
            self.by_row(np.where(positive, low, high)),
            self.by_row(np.where(positive, high, low)),
        )

    def dense(self) -> _Floats:
        """The entries as a full matrix (n_rows, n_columns)."""
        found = np.zeros((self.n_rows, self.n_columns))
        found[self.rows, self.columns] = self.data
        return found

    def matrix(self) -> Any:
        """The entries as a sparse matrix in rows."""
        starts = np.concatenate([[0], np.cumsum(self.counts)])
        return scipy.sparse.csr_array(
            (self.data, self.columns, starts), shape=(self.n_rows, self.n_columns)
        )


def stacked(parts: Sequence[Entries]) -> Entries:
    """Rows on the same columns, one part below the other."""
    starts = np.cumsum([0, *(part.n_rows for part in parts)]).tolist()
    return Entries(
        np.concatenate([part.rows + at for part, at in zip(parts, starts, strict=False)]),
        np.concatenate([part.columns for part in parts]),
        np.concatenate([part.data for part in parts]),
        starts[-1],
        parts[0].n_columns,
    )
