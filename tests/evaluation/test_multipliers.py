"""Each region's program is solved to its proof, in any order, and a failure is an error."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from reliefperf.errors import SolverError
from reliefperf.evaluation.multipliers import GAP, MultiplierSolver, Programs


def programs(parts: Any) -> Programs:
    """Best weights without bounds."""
    n_regions, n_columns = parts.shape
    return Programs(
        peers=parts,
        limits=np.ones(n_regions),
        objectives=parts,
        own=np.zeros((n_regions, 0, n_columns)),
        own_limits=np.zeros(0),
        own_equal=np.zeros(0, bool),
        free=np.zeros(n_columns, bool),
    )


def random_parts() -> Any:
    return np.random.default_rng(3).uniform(0.1, 1, (60, 4))


def test_prices_prove_that_no_multipliers_give_more() -> None:
    parts = random_parts()
    solver = MultiplierSolver(programs(parts))
    for region in range(len(parts)):
        found = solver.solve(region)
        assert found.gap <= GAP
        # peers mixed by their prices reach the region in every column, at the cost of its value
        mixed = found.prices @ parts[found.binding]
        assert (mixed >= parts[region] - 1e-9).all()
        assert found.prices.sum() == pytest.approx(found.value, abs=1e-9)
        assert (parts @ found.point <= 1 + 1e-9).all()


def test_values_do_not_depend_on_the_order_of_the_questions() -> None:
    parts = random_parts()
    forward, backward = MultiplierSolver(programs(parts)), MultiplierSolver(programs(parts))
    up = [forward.solve(region).value for region in range(60)]
    down = [backward.solve(region).value for region in reversed(range(60))]
    np.testing.assert_allclose(up, down[::-1], rtol=0, atol=1e-9)


def test_a_program_without_an_optimum_is_an_error() -> None:
    parts = random_parts()
    never = replace(
        programs(parts),
        own=np.ones((60, 1, 4)),
        own_limits=np.array([-1.0]),
        own_equal=np.array([False]),
    )
    with pytest.raises(SolverError, match="region 1 ended with no optimum"):
        MultiplierSolver(never).solve(0)
