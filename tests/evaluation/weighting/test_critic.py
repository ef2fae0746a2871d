"""Weights by CRITIC."""

import numpy as np
import pytest

from reliefperf.errors import InputError
from tests.evaluation.weighting.helpers import weighed

PARTS = np.array([[0.0, 0.5, 1.0, 0.5], [0.5, 1.0, 0.5, 0.0], [0.1, 0.6, 0.3, 0.2]])


def test_by_hand_spread_times_conflict() -> None:
    found = weighed(PARTS[:2], {"critic": True, "normalise": "none"})[0].values
    assert found == pytest.approx([0.5, 0.5])  # same spread, one conflict
    parts = PARTS[:2] * [[1], [0.5]]
    found = weighed(parts, {"critic": True, "normalise": "none"})[0].values
    assert found == pytest.approx([2 / 3, 1 / 3])
    assert weighed(parts, "critic")[0].values == pytest.approx([0.5, 0.5])


def test_scale_and_zero_do_not_matter_where_values_are_normalised() -> None:
    found = weighed(PARTS, "critic")[0].values
    assert weighed(PARTS * 3 + [[0], [1], [2]], "critic")[0].values == pytest.approx(found)


def test_a_copy_of_a_child_shares_its_weight() -> None:
    found = weighed(np.vstack([PARTS, PARTS[0]]), "critic")[0].values
    assert found[0] == pytest.approx(found[3])
    assert found[0] < weighed(PARTS, "critic")[0].values[0]


def test_children_that_all_go_together_are_an_error() -> None:
    parts = np.vstack([PARTS[0], PARTS[0] * 0.3 + 0.1, PARTS[0] * 0.7])
    with pytest.raises(InputError, match="cannot weigh c1, c2, c3: their correlations are all 1"):
        weighed(parts, "critic")
