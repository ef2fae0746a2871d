"""Rows of programs, written as they stand in a test."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from reliefperf.allocation.program import RowFamily


def family(
    rule: str, rows: ArrayLike, low: list[float], high: list[float], soft: int | None = None
) -> RowFamily:
    names = tuple(str(i) for i in range(len(low)))
    matrix = sparse.csr_array(np.asarray(rows, dtype=float))
    return RowFamily(rule, names, matrix, np.array(low), np.array(high), soft)
