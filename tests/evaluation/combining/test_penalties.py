"""Means with a penalty for imbalance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliefperf.errors import InputError
from tests.building import combined_parts, evaluated, mistakes_of, model_of, plain_list, siblings_of

NAN = float("nan")


def combined(values: list[float], how: object, weights: list[float] | None = None, **more: object):  # type: ignore[no-untyped-def]
    present = more.get("present")
    mask = None if present is None else np.array(present)[:, None]
    siblings = siblings_of(np.array(values, dtype=float)[:, None], mask)
    return plain_list(combined_parts(siblings, how, weights))[0]


def test_the_mean_less_the_deviation_times_the_coefficient_of_variation() -> None:
    # mean 1.0, standard deviation 0.1 over the number of children: 1 - 0.1 x 0.1
    assert combined([0.9, 1.1], "mazziotta_pareto") == pytest.approx(0.99, rel=1e-14)
    how = {"mazziotta_pareto": True, "penalty": "positive"}
    assert combined([0.9, 1.1], how) == pytest.approx(1.01, rel=1e-14)
    how = {"mazziotta_pareto": True, "deviation": "sample"}
    assert combined([0.9, 1.1], how) == pytest.approx(0.98, rel=1e-14)


def test_weights_enter_both_mean_and_deviation() -> None:
    # mean 0.8 x 1 + 0.2 x 2 = 1.2, variance 0.8 x 0.04 + 0.2 x 0.64 = 0.16
    found = combined([1, 2], "mazziotta_pareto", [80, 20])
    assert found == pytest.approx(1.2 - 0.16 / 1.2, rel=1e-14)


def test_the_index_of_2011_from_standard_scores() -> None:
    text = """\
    model: mpi
    variables: {x: {}, y: {}}
    evaluation:
      scale: 100
      combine: mazziotta_pareto
      tree:
        - {id: a, value: x, score: {zscore: higher, mean: 100, sd: 10 * sqrt(3 / 2)}}
        - {id: b, value: y, score: {zscore: higher, mean: 100, sd: 10 * sqrt(3 / 2)}}
    """
    x, y = np.array([1.0, 2.0, 6.0]), np.array([9.0, 1.0, 2.0])
    evaluation, _ = evaluated(model_of(text), {"x": x.tolist(), "y": y.tolist()})
    # the published steps: z with mean 100 and deviation 10 (divided by n), then M - S cv
    z = np.array([100 + 10 * (v - v.mean()) / v.std() for v in (x, y)])
    expected = z.mean(axis=0) - z.std(axis=0) ** 2 / z.mean(axis=0)
    assert evaluation.score == pytest.approx(expected, rel=1e-12)


def test_the_adjusted_index_of_2016_from_goalposts() -> None:
    text = """\
    model: ampi
    variables: {x: {}, y: {}}
    parameters: {low: 0, high: 60}
    evaluation:
      scale: 100
      combine: mazziotta_pareto
      tree:
        - {id: a, value: x, score: {formula: 70 + 60 * (value - low) / (high - low), clip: false}}
        - {id: b, value: y, score: {formula: 70 + 60 * (value - low) / (high - low), clip: false}}
    """
    evaluation, _ = evaluated(model_of(text), {"x": [30, 60], "y": [30, 20]})
    # 100 and 100; 130 and 90: mean 110, deviation 20
    assert evaluation.score == pytest.approx([100, 110 - 20 * 20 / 110], rel=1e-14)


def test_a_negative_value_is_an_error_that_names_indicator_and_region() -> None:
    with pytest.raises(InputError, match=r"negative value: 'c1' in 1 region\(s\) \(r1\)"):
        combined([-0.1, 0.5], "mazziotta_pareto")


@pytest.mark.parametrize("how", ["mazziotta_pareto", {"mean_min": True, "alpha": 0.5}])
def test_missing_makes_missing_and_skipped_does_not_count(how: object) -> None:
    assert combined([NAN, 0.5, 0.7], how) is None
    whole = combined([0.5, 0.7], how)
    assert combined([NAN, 0.5, 0.7], how, present=[False, True, True]) == pytest.approx(whole)
    assert combined([NAN, 0.5], how, present=[False, True]) == pytest.approx(0.5)
    assert combined([NAN, NAN], how, present=[False, False]) is None


def test_all_at_zero_is_zero() -> None:
    assert combined([0, 0], "mazziotta_pareto") == 0


def test_one_child_left_has_no_imbalance() -> None:
    how = {"mazziotta_pareto": True, "deviation": "sample"}
    assert combined([NAN, 0.4], how, present=[False, True]) == pytest.approx(0.4)


def test_mean_min_runs_from_mean_to_minimum() -> None:
    values = [0.2, 0.5, 0.8]
    assert combined(values, {"mean_min": True, "alpha": 0}) == pytest.approx(0.5)
    assert combined(values, "mean_min") == pytest.approx(0.2)
    # 0.5 - 0.5 x (sqrt(0.3^2 + 0.4^2) - 0.4)
    how = {"mean_min": True, "alpha": 0.5, "beta": 0.4}
    assert combined(values, how) == pytest.approx(0.45, rel=1e-14)


TREE = """\
model: m
variables: {{x: {{}}, y: {{}}}}
evaluation:
  combine: {how}
  tree:
    - {{id: a, value: x, score: as_is{more}}}
    - {{id: b, value: y, score: as_is{more}}}
"""


def test_mean_min_takes_no_weights_and_its_options_have_limits() -> None:
    assert "takes no weights" in mistakes_of(TREE.format(how="mean_min", more=", weight: 50"))[0].en
    for option in ("alpha: 1.1", "alpha: -0.1", "beta: -1"):
        assert mistakes_of(TREE.format(how=f"{{mean_min: true, {option}}}", more=""))


PARTS = st.lists(st.floats(0.01, 1), min_size=2, max_size=6)


@given(PARTS, st.floats(0, 1), st.floats(0, 3))
def test_penalised_means_lie_between_minimum_and_mean(
    values: list[float], alpha: float, beta: float
) -> None:
    found = combined(values, {"mean_min": True, "alpha": alpha, "beta": beta})
    assert min(values) - 1e-9 <= found <= np.mean(values) + 1e-9
    assert combined(values, "mazziotta_pareto") <= np.mean(values) + 1e-12


@given(PARTS, st.floats(0.1, 100))
def test_the_penalty_does_not_depend_on_the_unit(values: list[float], factor: float) -> None:
    many = combined([factor * value for value in values], "mazziotta_pareto")
    assert many == pytest.approx(factor * combined(values, "mazziotta_pareto"), rel=1e-9)


@given(st.floats(0.01, 1), st.integers(2, 6))
def test_balance_costs_nothing(value: float, number: int) -> None:
    for how in ("mazziotta_pareto", {"mean_min": True, "alpha": 0.7, "beta": 0.1}):
        assert combined([value] * number, how) == pytest.approx(value, rel=1e-12)
