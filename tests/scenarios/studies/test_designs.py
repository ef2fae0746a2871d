"""Which variants a design has."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from reliefperf.errors import InputError
from reliefperf.scenarios.studies.designs import make_design
from tests.scenarios.studies.building import factors, plan_of

TWO = """
how: {choose: evaluation.combine, among: [arithmetic, {power: 0.5}], probabilities: [0.8, 0.2]}
out: {leave_out: each}
"""


def test_an_exact_design_has_every_combination_once(tmp_path) -> None:
    design = make_design(plan_of(tmp_path, factors(TWO)), 5)
    assert len(design.levels) == len(np.unique(design.levels, axis=0)) == 8
    assert design.weights.sum() == pytest.approx(1)
    assert design.weights[design.levels[:, 0] == 0].sum() == pytest.approx(0.8)
    assert not design.is_even


def test_a_design_beyond_its_limit_is_refused_with_the_number(tmp_path) -> None:
    plan = plan_of(tmp_path, factors(TWO, design="{limit: 7}"))
    with pytest.raises(InputError, match=r"2 x 4 = 8 variants.*limit 7"):
        make_design(plan, 5)


def test_a_sobol_design_differs_in_one_factor_at_a_time(tmp_path) -> None:
    plan = plan_of(tmp_path, factors(TWO, design="{method: sobol, n: 64, seed: 3}"))
    design = make_design(plan, 5)
    rows = design.levels[design.rows].reshape(64, 4, 2)
    assert np.array_equal(rows[:, 1, 1], rows[:, 0, 1])
    assert np.array_equal(rows[:, 1, 0], rows[:, 3, 0])
    assert np.array_equal(rows[:, 2, 0], rows[:, 0, 0])
    assert np.array_equal(rows[:, 2, 1], rows[:, 3, 1])
    assert design.weights.sum() == pytest.approx(1)
    assert len(design.counted) == 128
    first = design.weights[design.levels[:, 0] == 0].sum()
    assert first == pytest.approx(0.8, abs=0.05)


def test_a_random_design_gives_each_variant_a_draw_of_its_own(tmp_path) -> None:
    text = factors(
        "how: {choose: evaluation.combine, among: [arithmetic, {power: 0.5}]}\n"
        "w: {weights: rank_ordered, seed: 2, draws: 3}",
        design="{method: random, n: 50, seed: 3}",
    )
    design = make_design(plan_of(tmp_path, text), 5)
    assert sorted(design.levels[:, 1].tolist()) == list(range(50))


def test_the_same_seed_gives_the_same_design(tmp_path) -> None:
    for method in ("sobol", "random"):
        plans = [
            plan_of(tmp_path, factors(TWO, design=f"{{method: {method}, n: 32, seed: {seed}}}"))
            for seed in (1, 1, 2)
        ]
        one, same, other = (make_design(plan, 5) for plan in plans)
        assert np.array_equal(one.levels[one.rows], same.levels[same.rows])
        assert not np.array_equal(one.levels[one.rows], other.levels[other.rows])


def test_without_salib_a_sobol_design_says_how_to_get_it(tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "SALib.sample", None)
    plan = plan_of(tmp_path, factors(TWO, design="{method: sobol, n: 64, seed: 3}"))
    with pytest.raises(InputError, match=r"reliefperf\[sensitivity\]"):
        make_design(plan, 5)
