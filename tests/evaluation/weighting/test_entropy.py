"""Weights from entropy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.evaluation.weighting.entropy import divergences, entropy_weights
from tests.evaluation.weighting.helpers import weighed


def entropy_by_definition(values: list[float]) -> float:
    shares = np.array(values) / sum(values)
    shares = shares[shares > 0]
    return float(-(shares * np.log(shares)).sum() / np.log(len(values)))


@settings(deadline=None)
@given(st.lists(st.floats(0.0, 1), min_size=3, max_size=30).filter(lambda x: sum(x) > 0.01))
def test_it_is_one_less_the_entropy_of_the_shares(values: list[float]) -> None:
    found = divergences(np.array([values]))[0]
    assert found == pytest.approx(1 - entropy_by_definition(values), abs=1e-12)
    assert -1e-15 <= found <= 1 + 1e-12


def test_a_zero_has_no_entropy_of_its_own() -> None:
    assert divergences(np.array([[0.0, 1, 0]])) == pytest.approx([1])
    assert divergences(np.array([[0.0, 1, 1]])) == pytest.approx([1 - np.log(2) / np.log(3)])


def test_small_spreads_keep_their_digits() -> None:
    # near the mean one less the entropy is the squared spread: 3 times the spread, 9 times as much
    parts = 1 + 1e-8 * np.array([[-1.0, 0, 1], [-3, 0, 3]])
    assert entropy_weights(parts) == pytest.approx([0.1, 0.9], rel=1e-6)


def test_the_scale_does_not_matter_but_the_zero_does() -> None:
    parts = np.array([[0.2, 0.9, 0.4], [0.5, 0.6, 0.9]])
    wanted = weighed(parts, "entropy")[0].values
    assert weighed(parts * [[3], [0.1]], "entropy")[0].values == pytest.approx(wanted)
    raised = weighed(parts + np.array([[0.5], [0]]), "entropy")[0].values
    assert raised[0] < wanted[0]


def test_the_entropies_are_facts() -> None:
    found, _ = weighed([[0.2, 0.9, 0.4], [0, 1, 1]], "entropy")
    assert found.facts["entropy of c1"] == pytest.approx(entropy_by_definition([0.2, 0.9, 0.4]))
    assert found.facts["entropy of c2"] == pytest.approx(np.log(2) / np.log(3))
