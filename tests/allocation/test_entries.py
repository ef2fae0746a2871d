"""The entries of a matrix do what the sparse matrix does."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import sparse

from reliefperf.allocation.entries import Entries, stacked

whole = st.integers(-3, 3).map(float)
matrices = arrays.arrays(
    np.float64, st.tuples(st.integers(1, 5), st.integers(1, 6)), elements=whole
)


@given(full=matrices, data=st.data())
def test_products_sums_and_choices_are_those_of_the_matrix(
    full: np.ndarray, data: st.DataObject
) -> None:
    entries = Entries.of(sparse.csr_array(full))
    n_rows, n_columns = full.shape
    values = data.draw(arrays.arrays(np.float64, n_columns, elements=whole))
    assert entries.times(values).tolist() == (full @ values).tolist()
    assert entries.counts.tolist() == (full != 0).sum(axis=1).tolist()
    assert entries.by_column(entries.data).tolist() == full.sum(axis=0).tolist()
    assert (entries.matrix().toarray() == full).all()
    assert (entries.dense() == full).all()
    assert (stacked([entries, entries]).dense() == np.vstack([full, full])).all()
    assert entries.sizes(np.abs(values)).tolist() == (np.abs(full) @ np.abs(values)).tolist()
    of_rows = data.draw(arrays.arrays(np.float64, n_rows, elements=whole))
    assert entries.across(of_rows).tolist() == (of_rows @ full).tolist()
    rows = data.draw(arrays.arrays(np.bool_, n_rows))
    columns = data.draw(arrays.arrays(np.bool_, n_columns))
    part = entries.of_rows(rows).of_columns(columns)
    assert part.n_rows == rows.sum()
    assert (part.matrix().toarray() == full[rows][:, columns]).all()


def test_open_sides_leave_a_row_open_only_where_it_has_an_entry() -> None:
    matrix = sparse.csr_array(np.array([[1.0, 0.0], [1.0, -2.0], [0.0, 0.0]]))
    lower, upper = np.array([1.0, 0.0]), np.array([3.0, np.inf])
    least, most = Entries.of(matrix).activity(lower, upper)
    assert least.tolist() == [1.0, -np.inf, 0.0]
    assert most.tolist() == [3.0, 3.0, 0.0]


def test_stored_zeros_are_no_entries() -> None:
    matrix = sparse.csr_array((np.array([0.0, 2.0]), np.array([0, 1]), np.array([0, 2])), (1, 2))
    assert Entries.of(matrix).columns.tolist() == [1]
    _, most = Entries.of(matrix).activity(np.zeros(2), np.array([np.inf, 1.0]))
    assert most.tolist() == [2.0]
