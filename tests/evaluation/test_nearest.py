"""The nearest point of a polytope is feasible, and nearest."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from reliefperf.evaluation.nearest import dimensions, nearest_point


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 5), st.integers(0, 6), st.integers(0, 2**32 - 1))
def test_no_other_point_of_the_polytope_is_nearer(n_columns: int, n_rows: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    inside = generator.dirichlet(np.ones(n_columns))
    wanted = np.full(n_columns, 1 / n_columns)
    rows = np.vstack([-np.eye(n_columns), generator.normal(size=(n_rows, n_columns))])
    room = generator.uniform(0.01, 0.2, n_rows)
    limits = np.concatenate([np.zeros(n_columns), rows[n_columns:] @ inside + room])
    equal, equal_to = np.ones((1, n_columns)), np.ones(1)
    found = nearest_point(wanted, equal, equal_to, rows, limits)
    assert found is not None
    assert (rows @ found <= limits + 1e-10).all()
    assert found.sum() == pytest.approx(1.0, abs=1e-10)
    slsqp = minimize(
        lambda x: ((x - wanted) ** 2).sum(),
        inside,
        method="SLSQP",
        constraints=[
            {"type": "eq", "fun": lambda x: x.sum() - 1},
            {"type": "ineq", "fun": lambda x: limits - rows @ x},
        ],
    )
    assert ((found - wanted) ** 2).sum() <= slsqp.fun + 1e-7


def test_the_wanted_point_is_taken_where_it_is_allowed() -> None:
    wanted = np.array([0.25, 0.75])
    found = nearest_point(wanted, np.ones((1, 2)), np.ones(1), -np.eye(2), np.zeros(2))
    assert found is not None
    assert (found == wanted).all()


def test_there_is_no_point_of_an_empty_polytope() -> None:
    rows, limits = np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([0.4, 0.4])
    assert nearest_point(np.full(2, 0.5), np.ones((1, 2)), np.ones(1), rows, limits) is None
    same = np.array([[1.0, 1.0]])  # says the opposite of the equation
    assert nearest_point(np.full(2, 0.5), np.ones((1, 2)), np.ones(1), same, np.zeros(1)) is None


def test_dimensions_are_what_equations_leave() -> None:
    assert dimensions(np.ones((1, 3))) == 2
    assert dimensions(np.array([[1.0, 1.0], [2.0, 2.0]])) == 1
    assert dimensions(np.eye(2)) == 0
