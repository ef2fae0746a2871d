"""Intervals of a run as a table."""

from __future__ import annotations

from reliefperf.scenarios.results.intervals import has_samples, intervals_table
from tests.building import model_of, run_on

MODEL = """\
model: sampled
data: {region: code, period: year}
variables: {wrong: {}, checked: {}}
evaluation:
  combine: arithmetic
  tree:
    - {id: share, value: wrong / checked, missing: skip, sample: {size: checked}, score: {goalposts: [0, 1]}}
"""


def test_every_period_and_region_with_a_value_has_its_interval() -> None:
    model = model_of(MODEL)
    rows = {"code": ["a", "b"] * 2, "year": [2022, 2022, 2023, 2023]}
    run = run_on(model, {**rows, "wrong": [1, None, 2, 0], "checked": [10, 10, 20, 5]})
    header, table = intervals_table(run)
    assert has_samples(model)
    assert header == ["period", "region", "indicator", "value", "low", "high", "level", "method"]
    assert [row[:4] for row in table] == [
        ("2022", "a", "share", "0.1"),
        ("2023", "a", "share", "0.1"),
        ("2023", "b", "share", "0"),
    ]


def test_a_model_without_samples_has_none() -> None:
    assert not has_samples(model_of(MODEL.replace("sample: {size: checked}, ", "")))
    assert not has_samples(model_of("model: x"))
