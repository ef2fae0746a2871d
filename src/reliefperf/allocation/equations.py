"""Equations in the products of a matrix's rows with each other, which may depend on one another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy

from reliefperf.allocation.entries import Entries
from reliefperf.allocation.program import Floats

FEW = 60
"""Equations of up to so many rows are solved as a full matrix."""


def products(rows: Entries, ridge: float) -> tuple[Any, Callable[[Floats], Floats]]:
    """The products of rows with each other, and what solves equations with them, nearly.

    Rows may depend on each other (pool totals and region totals); `ridge` times the largest product
    on the diagonal and a few corrections solve such equations as long as they agree.
    """
    if rows.n_rows <= FEW and rows.n_rows * rows.n_columns <= FEW**2:
        dense = rows.dense()
        square: Any = dense @ dense.T
        size = ridge * (float(square.diagonal().max(initial=0.0)) or 1.0)
        inverse = np.linalg.inv(square + size * np.eye(rows.n_rows))
        return square, lambda rest: np.asarray(inverse @ rest)
    from scipy.sparse.linalg import splu

    matrix = rows.matrix()
    square = scipy.sparse.csc_array(matrix @ matrix.T)
    size = ridge * (float(square.diagonal().max()) or 1.0)
    factor = splu(scipy.sparse.csc_array(square + size * scipy.sparse.eye_array(rows.n_rows)))
    return square, lambda rest: np.asarray(factor.solve(rest))
