"""Weights from standard deviation and coefficient of variation."""

import numpy as np
import pytest

from tests.evaluation.weighting.helpers import weighed

PARTS = np.array([[0.0, 0.5, 1.0], [0.4, 0.5, 0.6]])


def test_by_hand() -> None:
    assert weighed(PARTS, "standard_deviation")[0].values == pytest.approx([5 / 6, 1 / 6])
    how = {"standard_deviation": True, "normalise": "min_max"}
    assert weighed(PARTS, how)[0].values == pytest.approx([0.5, 0.5])
    moved = PARTS + np.array([[0.5], [0]])  # means 1 and 0.5: half the coefficient
    assert weighed(moved, "coefficient_of_variation")[0].values == pytest.approx([5 / 7, 2 / 7])


def test_a_shift_changes_no_standard_deviation_and_a_scale_no_coefficient() -> None:
    found = weighed(PARTS, "standard_deviation")[0].values
    assert weighed(PARTS + 7, "standard_deviation")[0].values == pytest.approx(found)
    found = weighed(PARTS, "coefficient_of_variation")[0].values
    scaled = weighed(PARTS * [[3], [0.2]], "coefficient_of_variation")[0].values
    assert scaled == pytest.approx(found)
