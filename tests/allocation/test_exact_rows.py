"""The rows of a rule in whole numbers: sides outwards, made once, the same for every program."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from reliefperf.allocation.exact_program import ExactProgram
from reliefperf.allocation.exact_rows import MONEY, down_all, in_money, rows_of, up_all
from reliefperf.allocation.program import Program, RowFamily

amounts = st.one_of(st.floats(-1e9, 1e9), st.decimals(0, 10**6, places=7).map(float))


@given(st.lists(amounts, max_size=6))
def test_amounts_are_the_decimals_they_print_as(values: list[float]) -> None:
    column = np.array(values, dtype=np.float64)
    printed = [Decimal(repr(value)) * MONEY for value in values]
    assert in_money(column) == [math.floor(one) for one in printed]
    assert down_all(column) == [math.floor(one) for one in printed]
    assert up_all(column) == [math.ceil(one) for one in printed]


def family(*rows: list[float], low: float, high: float, soft: int | None = None) -> RowFamily:
    names = tuple(f"r{i}" for i in range(len(rows)))
    sides = np.full(len(rows), low), np.full(len(rows), high)
    return RowFamily("rule", names, sparse.csr_array(np.array(rows)), *sides, soft)


def test_rows_of_one_amount_are_bounds_unless_they_are_soft() -> None:
    found = rows_of(family([3.0, 0.0], [1.0, -1.0], low=1.0, high=2.0), 1)
    assert found.bounds == [(0, MONEY // 3, -(-2 * MONEY // 3))]
    (row,) = found.rows
    assert (row.columns, row.coefficients, row.low, row.high) == ((0, 1), (1, -1), MONEY, 2 * MONEY)
    assert found.places == [1]
    soft = rows_of(family([3.0, 0.0], low=1.0, high=2.0, soft=1), 1)
    assert not soft.bounds
    assert soft.rows[0].soft == 1


def test_a_negative_multiple_turns_the_sides_round() -> None:
    ((column, least, most),) = rows_of(family([-2.0], low=-6.0, high=3.0), 1).bounds
    assert (column, Fraction(least, MONEY), Fraction(most, MONEY)) == (0, Fraction(-3, 2), 3)


def test_a_family_is_made_once_for_each_common_denominator() -> None:
    one = family([1.0, 0.5], low=0.0, high=1.0)
    assert rows_of(one, 2) is rows_of(one, 2)
    assert rows_of(one, 2).rows[0].coefficients == (2, 1)
    assert rows_of(one, 4).rows[0].coefficients == (4, 2)


@pytest.mark.parametrize("turned", [False, True])
def test_rules_that_say_the_same_of_the_same_amounts_share_a_row(*, turned: bool) -> None:
    pair = [family([1.0, 1.0], low=1.0, high=9.0), family([1.0, 1.0], low=2.0, high=math.inf)]
    pair = pair[::-1] if turned else pair
    size = np.array([10.0, 10.0])
    problem = ExactProgram(Program(("a", "b"), 0 * size, size, tuple(pair), (), size))
    (row,) = problem.rows
    assert (row.low, row.high) == (2 * MONEY, 9 * MONEY)
    assert problem.source(0) == (0, 0)
    assert problem.prices([np.array([3.0]), np.array([4.0])]).tolist() == [7.0]
    # what a program makes of shared rows does not change them for another
    alone = ExactProgram(Program(("a", "b"), 0 * size, size, (pair[0],), (), size))
    assert alone.rows[0] is rows_of(pair[0], 1).rows[0]
    assert (alone.rows[0].low == MONEY) != turned
