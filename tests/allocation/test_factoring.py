"""Entitlements by factor: the parts add up, and are the logarithmic means of the definition."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.allocation.factoring import factored, split_one, whole_parts
from reliefperf.scenarios.results.rules import factors_rows
from tests.allocation.paying import pay

MODEL = """
variables: {n: {missing: error}, d: {missing: error}, s: {missing: error}}
parameters: {k: 3}
derived: {load: n * d / s}
allocation:
  unit: yuan
  budget: 1200
  pools: {g: {share: 1, weight: "WEIGHT"}}
"""


def run_of(weight: str, **columns):
    return pay(MODEL.replace("WEIGHT", weight), **columns)


COLUMNS = {"n": [10, 20, 30], "d": [1, 2, 0.5], "s": [1, 0.8, 0.5]}


def test_two_factors_by_hand():
    # weights 10, 40, 15 of 65; usual n = 20, usual d = 65 / 60
    run = run_of("n * d", **COLUMNS)
    rows = list(factors_rows(run.model, run.last))
    entitlement, equal = 1200 * 40 / 65, 400
    mean = (entitlement - equal) / math.log(entitlement / equal)
    second = {row[2]: row[5] for row in rows if row[0] == "002"}
    assert second["equal-share"] == 400
    assert float(second["n"]) == pytest.approx(mean * math.log(20 / 20), abs=1e-6)
    assert float(second["d"]) == pytest.approx(mean * math.log(2 / (65 / 60)), abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 50), st.integers(0, 9), st.integers(1, 9)), min_size=2, max_size=6
    )
)
def test_the_parts_add_up_to_the_entitlement_exactly(rows):
    rows = [(7, 3, 2), *rows]
    run = run_of(
        "n * d / s * k",
        n=[r[0] for r in rows],
        d=[r[1] for r in rows],
        s=[r[2] for r in rows],
    )
    assert run.last.allocation is not None
    by_region: dict[str, Decimal] = {}
    for code, _, _, _, _, amount in factors_rows(run.model, run.last):
        assert isinstance(amount, Decimal)
        by_region[str(code)] = by_region.get(str(code), Decimal(0)) + amount
    for code, entitlement in zip(
        run.last.allocation.codes, run.last.allocation.entitlements("g"), strict=True
    ):
        assert by_region[code] == Decimal(round(entitlement * 10**6)).scaleb(-6)


def test_a_factor_that_is_the_same_everywhere_brings_nothing():
    run = run_of("n * d", n=[1, 2, 3], d=[2, 2, 2], s=[1, 1, 1])
    found = factored(run.model, run.last.env, run.last.allocation.pools["g"].pool)
    assert found is not None
    assert found.factors == ("n", "d")
    np.testing.assert_allclose(found.parts[1], 0, atol=1e-9)


def test_a_derived_column_is_looked_up_and_divisors_are_factors():
    run = run_of("load", **COLUMNS)
    found = factored(run.model, run.last.env, run.last.allocation.pools["g"].pool)
    assert found is not None
    assert found.factors == ("n", "d", "1 / s")


@pytest.mark.parametrize("weight", ["n", "n + d", "k * n", "max(n, d)"])
def test_a_weight_that_is_no_product_is_not_split(weight):
    run = run_of(weight, **COLUMNS)
    assert factored(run.model, run.last.env, run.last.allocation.pools["g"].pool) is None


def test_a_factor_of_zero_takes_the_whole_distance():
    assert split_one(0.0, 6.0, [0.0, 5.0, 0.0]) == [-3.0, 0.0, -3.0]


def test_near_the_reference_the_split_is_no_noise():
    parts = split_one(100.0, 100.0, [1.1, 1 / 1.1])
    assert parts == pytest.approx([100 * math.log(1.1), -100 * math.log(1.1)])


def test_what_roundings_leave_goes_to_the_largest_part():
    share, parts = whole_parts([0.4, 0.4, -3.2], 1.0, Fraction(-14, 10), 0)
    assert (share, parts) == (1, [0, 0, -2])
