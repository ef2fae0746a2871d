"""A program in whole numbers: bounds, and by how much amounts miss them."""

from fractions import Fraction

import numpy as np
import pytest
from scipy import sparse

from reliefperf.allocation.exact_program import ExactProgram
from reliefperf.allocation.exact_rows import in_money
from reliefperf.allocation.program import Program, RowFamily


def one_amount(low: float, high: float, size: float = 1.0) -> ExactProgram:
    """An amount that a floor asks to be at least `low` and a cap at most `high`."""
    row, open_end = sparse.csr_array(np.ones((1, 1))), np.array([np.inf])
    families = (
        RowFamily("floor", ("a",), row, np.array([low]), open_end),
        RowFamily("cap", ("a",), row, -open_end, np.array([high])),
    )
    everything = np.array([0.0]), np.array([size * 1000.0])
    return ExactProgram(Program(("a",), *everything, families, (), np.array([size])))


@pytest.mark.parametrize("amount", [50.0, 75.0, 100.0])
def test_no_amount_keeps_bounds_that_contradict_each_other(amount: float) -> None:
    excess, _ = one_amount(100.0, 50.0).violation(in_money(np.array([amount])))
    assert excess >= 25


def test_bounds_that_cross_by_noise_leave_the_amount_between() -> None:
    low, high = 100.00000001, 100.0
    problem = one_amount(low, high)
    assert problem.violation(in_money(np.array([100.000000005])))[0] == 0
    assert problem.violation(in_money(np.array([101.0])))[0] == Fraction("0.99999999")
