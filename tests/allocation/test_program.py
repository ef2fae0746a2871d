"""A program that does not fit together is refused before anything is solved."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from scipy import sparse

from reliefperf.allocation.program import (
    Deviation,
    Linear,
    Program,
    RowFamily,
    Shortfall,
    activity,
    exact,
)

ONE = np.array([1.0])


def family(soft: int | None = None, matrix: object = ((1.0, 1.0),)) -> RowFamily:
    return RowFamily("budget", ("total",), sparse.csr_array(np.array(matrix)), ONE, ONE, soft)


def program() -> Program:
    return Program(("a", "b"), np.zeros(2), np.ones(2), (family(),), (), np.ones(2))


def test_a_family_refuses_sides_and_names_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="names"):
        RowFamily("r", ("a", "b"), sparse.csr_array(np.ones((1, 2))), ONE, ONE)
    with pytest.raises(ValueError, match="length"):
        RowFamily("r", ("a",), sparse.csr_array(np.ones((1, 2))), np.ones(2), ONE)
    with pytest.raises(ValueError, match="not a number"):
        RowFamily("r", ("a",), sparse.csr_array(np.ones((1, 2))), np.array([np.nan]), ONE)
    with pytest.raises(ValueError, match="not finite"):
        RowFamily("r", ("a",), sparse.csr_array(np.array([[np.inf, 1.0]])), ONE, ONE)
    with pytest.raises(ValueError, match=r"\+infinity"):
        RowFamily("r", ("a",), sparse.csr_array(np.ones((1, 2))), np.array([np.inf]), ONE)
    with pytest.raises(ValueError, match="count from 1"):
        family(soft=0)


def test_every_column_needs_finite_uncrossed_bounds() -> None:
    with pytest.raises(ValueError, match="upper must be finite"):
        replace(program(), upper=np.array([1.0, np.inf]))
    with pytest.raises(ValueError, match=r"lower is above upper in \['b'\]"):
        replace(program(), lower=np.array([0.0, 2.0]))
    with pytest.raises(ValueError, match="targets does not have"):
        replace(program(), targets=np.ones(3))


def test_names_taken_twice_are_refused() -> None:
    with pytest.raises(ValueError, match="column names used more than once: a"):
        replace(program(), columns=("a", "a"))
    with pytest.raises(ValueError, match="tier names"):
        replace(program(), tiers=(Linear("cost", np.ones(2)), Linear("cost", np.ones(2))))


def test_soft_rules_are_never_given_up_in_silence() -> None:
    with pytest.raises(ValueError, match="Shortfall"):
        replace(program(), families=(family(soft=1),))
    assert replace(program(), families=(family(soft=1),), tiers=(Shortfall(),)).tiers


def test_families_and_tiers_must_have_the_program_s_columns() -> None:
    with pytest.raises(ValueError, match="do not have 2 columns"):
        replace(program(), families=(family(matrix=((1.0, 1.0, 1.0),)),))
    with pytest.raises(ValueError, match="tier 'd'"):
        replace(program(), tiers=(Deviation("d", np.ones(3), np.ones(3, dtype=bool)),))


def test_a_family_keeps_its_own_copy_of_the_matrix() -> None:
    matrix = sparse.csr_array(np.array([[1.0, 2.0]]))
    made = RowFamily("r", ("a",), matrix, ONE, ONE)
    matrix.data[:] = 9.0
    assert made.matrix.toarray().tolist() == [[1.0, 2.0]]


def test_activity_is_the_range_of_each_row() -> None:
    least, most = activity(
        sparse.csr_array(np.array([[2.0, -1.0]])), np.array([0.0, 1.0]), np.array([3.0, 4.0])
    )
    assert (least[0], most[0]) == (-4.0, 5.0)


def test_floats_are_taken_as_the_decimals_they_print_as() -> None:
    assert exact(0.3) == Fraction(3, 10)
    assert exact(np.float64(0.1)) == Fraction(1, 10)
    assert exact(Fraction(1, 3)) == Fraction(1, 3)
