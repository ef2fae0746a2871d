"""Equations in products of rows, also of rows that depend on each other."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from reliefperf.allocation import equations
from reliefperf.allocation.entries import Entries

ROWS = np.array([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0]])


@pytest.mark.parametrize("few", [0, equations.FEW])
def test_a_few_corrections_solve_equations_that_agree(
    monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(equations, "FEW", few)
    square, solve = equations.products(Entries.of(sparse.csr_array(ROWS)), 1e-8)
    wanted = ROWS @ np.array([1.0, 2.0, 3.0, 4.0])
    solved = np.zeros(3)
    for _ in range(5):
        solved = solved + solve(wanted - square @ solved)
    assert square @ solved == pytest.approx(wanted, abs=1e-12)


def test_rows_of_nothing_are_no_equations() -> None:
    nothing = Entries(*(np.zeros(0, dtype=np.int64),) * 2, np.zeros(0), 2, 3)
    _, solve = equations.products(nothing, 1e-8)
    assert np.isfinite(solve(np.zeros(2))).all()
