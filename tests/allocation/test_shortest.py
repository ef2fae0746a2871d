"""The polish of the shortest vector: binding limits as equations, corrected until consistent."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from reliefperf.allocation.shortest import Shortest, _Binding, _settled


def test_a_row_whose_columns_were_all_taken_to_bind_lets_one_go() -> None:
    """On a national program the interior point left three columns at limits that miss their row."""
    half = np.sqrt(0.5)
    problem = Shortest(
        sparse.csr_array(np.array([[half, half]])),
        np.array([half]),
        np.array([half]),
        np.zeros(2),
        np.ones(2),
    )
    nobody_free = _Binding(np.array([1]), np.array([-1, -1]), np.zeros(1), np.zeros(2))
    point = _settled(problem, nobody_free, 1e-9)
    assert point is not None
    np.testing.assert_allclose(point, [0.5, 0.5], atol=1e-12)
