"""Estimates from samples: limits as published, draws that agree with them, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from reliefperf.errors import InputError
from reliefperf.evaluation.sampling import (
    estimates,
    interval_rows,
    proportion_interval,
    random_of,
)
from tests.building import environment, mistakes_of, model_of

MODEL = """\
model: sampled
variables: {{wrong: {{}}, checked: {{}}, mood: {{}}, error: {{}}, kind: {{type: text}}}}
evaluation:
  combine: arithmetic
  tree:
    - {{id: share, value: {value}, sample: {sample}, score: {{goalposts: [0, 1]}}}}
"""


def model(value: str = "wrong / checked", sample: str = "{size: checked}"):
    return model_of(MODEL.format(value=value, sample=sample))


@given(st.integers(1, 200), st.floats(0, 1), st.floats(0.5, 0.99))
def test_limits_are_those_of_scipy(size: int, part: float, level: float) -> None:
    hits = round(part * size)
    for method, theirs in (("wilson", "wilson"), ("clopper_pearson", "exact")):
        low, high = proportion_interval(
            np.array([float(hits)]), np.array([float(size)]), method, level
        )
        expected = stats.binomtest(hits, size).proportion_ci(level, method=theirs)
        assert low[0] == pytest.approx(expected.low, abs=1e-9)
        assert high[0] == pytest.approx(expected.high, abs=1e-9)


@pytest.mark.parametrize("method", ["wilson", "clopper_pearson", "normal", "beta"])
def test_limits_hold_the_share_and_stay_between_nothing_and_all(method) -> None:
    size = np.full(21, 20.0)
    hits = np.arange(21.0)
    low, high = proportion_interval(hits, size, method, 0.9)
    assert np.all((low >= 0) & (low <= hits / size + 1e-12))
    assert np.all((high <= 1) & (high >= hits / size - 1e-12))
    assert np.allclose(low[::-1], 1 - high)


def test_jeffreys_limits_are_quantiles_of_the_distribution_that_is_drawn_from() -> None:
    low, high = proportion_interval(np.array([7.0]), np.array([30.0]), "beta", 0.95)
    assert low[0] == pytest.approx(stats.beta(7.5, 23.5).ppf(0.025))
    assert high[0] == pytest.approx(stats.beta(7.5, 23.5).ppf(0.975))
    made = model(sample="{size: checked, method: beta}")
    env = environment({"wrong": [7.0] * 4000, "checked": [30.0] * 4000})
    (estimate,) = estimates(made, env)
    drawn = estimate.draw(random_of(1, 0, "share"))
    assert np.mean((drawn >= low[0]) & (drawn <= high[0])) == pytest.approx(0.95, abs=0.02)


def test_a_proportion_may_be_a_count_or_a_percentage() -> None:
    env = environment({"wrong": [3.0], "checked": [50.0]})
    limits = []
    for value, of, whole in (
        ("wrong / checked", "1", 1.0),
        ("100 * wrong / checked", "100", 100.0),
        ("wrong", "checked", 50.0),
    ):
        (row,) = interval_rows(model(value, f"{{size: checked, of: {of}}}"), env)
        limits.append((row.low / whole, row.high / whole))
    assert limits[0] == pytest.approx(limits[1])
    assert limits[0] == pytest.approx(limits[2])


def test_a_standard_error_gives_a_normal_interval() -> None:
    env = environment({"mood": [80.0, None], "error": [2.0, 1.0]})
    (row,) = interval_rows(model("mood", "{standard_error: error, level: 0.9}"), env)
    assert (row.region, row.method, row.level) == ("r1", "standard_error", 0.9)
    assert row.high - row.value == pytest.approx(2 * stats.norm.ppf(0.95))
    assert row.value - row.low == pytest.approx(2 * stats.norm.ppf(0.95))


def test_a_missing_value_has_no_interval_and_stays_missing_in_a_draw() -> None:
    env = environment({"wrong": [None, 1.0], "checked": [None, 10.0]})
    (estimate,) = estimates(model(), env)
    assert [row.region for row in interval_rows(model(), env)] == ["r2"]
    drawn = estimate.draw(random_of(1, 0, "share"))
    assert np.isnan(drawn[0])
    assert 0 <= drawn[1] <= 1


@pytest.mark.parametrize(
    ("value", "sample", "columns", "said"),
    [
        (
            "wrong / checked",
            "{size: checked}",
            {"wrong": [1, 9], "checked": [5, 5]},
            "no proportion",
        ),
        ("wrong", "{size: checked}", {"wrong": [0, 1], "checked": [5, 0]}, "not above zero"),
        ("mood", "{standard_error: error}", {"mood": [1, 2], "error": [1, -1]}, "negative"),
    ],
)
def test_a_sample_that_cannot_be_is_refused_with_indicator_and_region(
    value, sample, columns, said
) -> None:
    with pytest.raises(InputError, match=f"'share'.*{said}.*r2") as caught:
        list(interval_rows(model(value, sample), environment(columns)))
    assert "r1" not in caught.value.text("en")
    assert "share" in caught.value.text("zh")


def test_a_text_has_no_sample() -> None:
    text = MODEL.format(value="kind", sample="{size: checked}").replace(
        "{goalposts: [0, 1]}", "{states: {a: 1}}"
    )
    with pytest.raises(InputError, match="is a text"):
        list(interval_rows(model_of(text), environment({"kind": ["a"], "checked": [3]})))


@pytest.mark.parametrize("sample", ["{}", "{size: checked, standard_error: error}"])
def test_a_sample_states_its_size_or_an_error_and_not_both(sample) -> None:
    (mistake,) = mistakes_of(MODEL.format(value="mood", sample=sample))
    assert "either `size`" in mistake.en


def test_the_draw_of_an_indicator_does_not_depend_on_the_others() -> None:
    assert random_of(3, 7, "a").random() == random_of(3, 7, "a").random()
    assert random_of(3, 7, "a").random() != random_of(3, 8, "a").random()
    assert random_of(3, 7, "a").random() != random_of(3, 7, "b").random()
