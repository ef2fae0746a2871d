"""What a program comes to: its own words where its answer cannot be trusted."""

from __future__ import annotations

import pytest

from reliefperf.errors import SolverError
from tests.allocation.paying import pay

FAR_APART = """
variables: {form: {}, flr: {}, need: {}}
allocation:
  unit: yuan
  budget: 100000000000
  objectives: [shortfall, {name: coverage, within: 0.05}]
  need: %s
  pools: {grant: {scale_gains: {formula: form, floor: flr}, amount: 98436545963}}
"""
REGIONS = {
    "form": [4893793969.91, 12601744676, 2371781230.07, 2948073517.1, 2966026715.73, 2545957291],
    "flr": [979176579.4, 3503336872.1, 11474331337.81, 9389323075.9, 5748715196, 9927319296.6],
    "need": [19922884797, 25028487160.52, 0, 26514941206, 2457912455, 32288395334],
}


def test_needs_too_far_apart_for_the_solver_are_named_with_what_to_change():
    with pytest.raises(SolverError) as stopped:
        pay(FAR_APART % "need + 1", **REGIONS)
    assert stopped.value.exit_status == 2
    said = stopped.value.text("en")
    assert "objective 'coverage': the need of 006 is 32,288,395,335 times that of 003" in said
    assert "State all needs in the same unit" in said
    assert "请用同一单位填写各地需求" in stopped.value.text("zh")


def test_a_need_of_zero_leaves_the_region_out():
    run = pay(FAR_APART % "need", **REGIONS)
    assert run.last.allocation is not None
    assert run.last.allocation.total() == 98436545963
