"""Weights from rotated principal components."""

import numpy as np
import pytest

from reliefperf.errors import InputError
from reliefperf.evaluation.weighting.pca import eigen, varimax
from tests.evaluation.weighting.helpers import said, weighed

RNG = np.random.default_rng(20080901)
COMMON = RNG.normal(size=(2, 60))
MIXED = np.array([[1, 0], [0.9, 0.1], [0.8, 0], [0, 1], [0.1, 0.9]]) @ COMMON
PARTS = 0.5 + 0.1 * (MIXED + 0.3 * RNG.normal(size=(5, 60)))


def varimax_criterion(loadings: np.ndarray) -> float:
    lengths = (loadings**2).sum(axis=1, keepdims=True)
    return float((loadings**2 / lengths).var(axis=0).sum())


def test_the_rotation_is_one_and_no_turn_of_two_factors_does_better() -> None:
    values, vectors = eigen(PARTS)
    loadings = vectors[:, :3] * np.sqrt(values[:3])
    turned = varimax(loadings)
    assert turned is not None
    assert turned @ turned.T == pytest.approx(loadings @ loadings.T)
    best = varimax_criterion(turned)
    assert best >= varimax_criterion(loadings)
    for angle in np.linspace(-0.2, 0.2, 9):
        for one, other in ((0, 1), (0, 2), (1, 2)):
            turn = np.eye(3)
            turn[[one, other], [one, other]] = np.cos(angle)
            turn[one, other], turn[other, one] = -np.sin(angle), np.sin(angle)
            assert varimax_criterion(turned @ turn) <= best + 1e-9


def test_children_of_a_factor_are_found_and_the_facts_say_which() -> None:
    found, _ = weighed(PARTS, "pca")
    own = [found.facts[f"factor of c{i}"] for i in range(1, 6)]
    assert own == [1, 1, 1, 2, 2]
    assert found.facts["factors"] == 2
    assert 0.8 < float(found.facts["variance_explained"]) < 1
    squares = np.array([float(found.facts[f"loading of c{i}"]) for i in range(1, 6)]) ** 2
    assert found.values == pytest.approx(squares / squares.sum())
    assert sum(float(found.facts[f"eigenvalue {i}"]) for i in range(1, 6)) == pytest.approx(5)


@pytest.mark.parametrize(
    ("options", "factors"),
    [
        ({}, 2),
        ({"factors": 4}, 4),
        ({"eigenvalue_above": 100}, 1),
        ({"variance_above": 0.01}, 5),
        ({"variance_above": 0.3}, 2),
        ({"eigenvalue_above": 1, "variance_above": 0.45}, 1),
    ],
)
def test_the_number_of_factors_follows_the_stated_rule(
    options: dict[str, object], factors: int
) -> None:
    assert weighed(PARTS, {"pca": True, **options})[0].facts["factors"] == factors


def test_the_direction_of_a_child_does_not_matter() -> None:
    found = weighed(PARTS, "pca")[0].values
    turned = weighed(PARTS * [[1], [-1], [1], [1], [1]], "pca")[0].values
    assert turned == pytest.approx(found)


def test_factors_that_cannot_be_told_apart_are_an_error() -> None:
    crossed = [[0, 1, 0, 1], [0, 0, 1, 1], [0, 1, 1, 0]]  # no correlation: three equal eigenvalues
    with pytest.raises(InputError, match="the next one has the same eigenvalue"):
        weighed(crossed, {"pca": True, "factors": 2})


def test_two_rules_for_the_number_or_too_many_factors_are_refused() -> None:
    assert said({"pca": True, "factors": 6}, ["a"] * 5)[0][0] == ("factors",)
    ((path, message),) = said({"pca": True, "factors": 2, "variance_above": 0.1}, ["a"] * 5)
    assert path == ("factors",)
    assert "either `factors` or" in message
    assert said({"pca": True, "factors": 5}, ["a"] * 5) == []
