"""Gaps are filled as the model says, and every filled cell is listed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.evaluation.treatment.treating import Treated
from tests.building import model_of, note_kinds, plain_list, run_on
from tests.evaluation.treatment.helpers import (
    cells_of,
    evaluation_of,
    mistakes_in,
    treated_by,
    values_by,
)

ZONES = ["east", "east", "west", "west", "west"]


def hows(treated: Treated) -> list[str]:
    return [cell.how[0] for cell in cells_of(treated)]


def test_mean_and_median_of_all_regions() -> None:
    values = [1, None, 2, 9]
    assert values_by({"impute": "mean"}, values) == [1, 4, 2, 9]
    assert values_by({"impute": "median"}, values) == [1, 2, 2, 9]
    assert hows(treated_by({"impute": "mean"}, {"x": values})) == ["mean of 3 regions"]


def test_mean_of_the_group_says_which_group_and_of_how_many() -> None:
    step = {"impute": "mean", "by": "zone"}
    treated = treated_by(step, {"x": [1, None, 2, 4, None]}, {"zone": ZONES})
    assert treated.values[0].tolist() == [1, 1, 2, 4, 3]
    assert [cell.how for cell in cells_of(treated)] == [
        ("mean of group east (1 regions)", "“east”组的均值（1 个地区）"),
        ("mean of group west (2 regions)", "“west”组的均值（2 个地区）"),
    ]


def test_a_group_without_any_value_stays_missing_and_is_noted() -> None:
    step = {"impute": "median", "by": "zone"}
    evaluation, env = evaluation_of([step], {"x": [None, None, 2, 4, 6]}, {"zone": ZONES})
    assert evaluation.treated is not None
    assert plain_list(evaluation.treated.values[0]) == [None, None, 2, 4, 6]
    assert note_kinds(env.notes)[0] == "not-imputed"
    assert "r1, r2" in env.notes[0].en


def test_a_region_without_a_group_stays_missing() -> None:
    step = {"impute": "mean", "by": "zone"}
    assert values_by(step, [None, 2, 3], {"zone": [None, "a", "a"]}) == [None, 2, 3]


def test_groups_can_be_numbers() -> None:
    treated = treated_by({"impute": "mean", "by": "class"}, {"x": [1, None]}, {"class": [2, 2]})
    assert hows(treated) == ["mean of group 2 (1 regions)"]


def test_regression_gives_the_value_on_the_line_and_records_fit_and_number() -> None:
    step = {"impute": "regression", "on": "size"}
    treated = treated_by(step, {"x": [3, 5, None, 9]}, {"size": [1, 2, 3, 4]})
    assert treated.values[0].tolist() == pytest.approx([3, 5, 7, 9])
    assert hows(treated) == ["regression: 1 + 2 × size (n 3, R2 1.000)"]


def test_regression_against_numpy() -> None:
    x, size = [3.0, 4.5, np.nan, 9.2, 7.7], [1.0, 2.5, 3.0, 4.0, 0.5]
    step = {"impute": "regression", "on": "size"}
    treated = treated_by(step, {"x": [3, 4.5, None, 9.2, 7.7]}, {"size": size})
    there = [0, 1, 3, 4]
    slope, start = np.polyfit(np.array(size)[there], np.array(x)[there], 1)
    assert treated.values[0][2] == pytest.approx(start + 3 * slope)


@pytest.mark.parametrize("size", [[1, 1, 3, 1], [1, 2, None, 4], [1, None, 3, None]])
def test_without_a_line_or_a_column_the_value_stays_missing(size: list[float | None]) -> None:
    step = {"impute": "regression", "on": "size"}
    assert values_by(step, [3, 5, None, 9], {"size": size}) == [3, 5, None, 9]


def test_a_constant_may_differ_by_region() -> None:
    treated = treated_by(
        {"impute": "constant", "value": "size / 2"}, {"x": [1, None]}, {"size": [4, 6]}
    )
    assert treated.values[0].tolist() == [1, 3]
    assert hows(treated) == ["constant 3"]


PANEL = """
model: t
language: en
data: {period: year}
variables: {x: {}, size: {}}
evaluation:
  combine: arithmetic
  treatment:
    - {denominate: size}
    - {impute: previous, periods: PERIODS}
  tree: [{id: i, value: x, score: as_is, missing: skip}]
"""
ROWS = {
    "region": ["A", "B", "A", "B", "C", "B", "A", "C"],
    "year": [2021, 2021, 2022, 2022, 2022, 2023, 2023, 2023],
    "x": [10, 20, None, 30, None, None, None, None],
    "size": [10, 10, 5, 10, 5, 5, 5, 5],
}


@pytest.mark.parametrize(("periods", "last"), [(1, [None, 3, None]), (2, [1, 3, None])])
def test_a_former_value_is_taken_as_it_was_treated_then(
    periods: int, last: list[float | None]
) -> None:
    run = run_on(model_of(PANEL.replace("PERIODS", str(periods))), ROWS)
    for period, expected in (("2022", [1, 3, None]), ("2023", last)):
        evaluation = run.periods[period].evaluation
        assert evaluation is not None
        assert evaluation.treated is not None
        assert plain_list(evaluation.treated.values[0]) == expected


def test_a_former_value_is_recorded_with_its_period() -> None:
    run = run_on(model_of(PANEL.replace("PERIODS", "2")), ROWS)
    filled = run.treatments[run.treatments["step"] == "impute"]
    assert filled[["period", "region", "how"]].to_numpy().tolist() == [
        ["2022", "A", "value of 2021, 1 period back"],
        ["2023", "A", "value of 2021, 2 periods back"],
        ["2023", "B", "value of 2022, 1 period back"],
    ]
    said = [note for note in run.notes if note.kind == "imputed"]
    assert len(said) == 2  # once a period, however often a later period looks back


@settings(deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.integers(-50, 50)), min_size=2, max_size=12),
    st.sampled_from(["mean", "median"]),
    st.randoms(use_true_random=False),
)
def test_filling_keeps_every_value_stays_between_them_and_needs_no_order(
    values: list[int | None], way: str, chance: object
) -> None:
    there = [value for value in values if value is not None]
    filled = values_by({"impute": way}, values)
    assert [f for f, v in zip(filled, values, strict=True) if v is not None] == there
    if there:
        assert all(min(there) <= value <= max(there) for value in filled)
    order = list(range(len(values)))
    chance.shuffle(order)  # type: ignore[attr-defined]
    assert values_by({"impute": way}, [values[i] for i in order]) == [filled[i] for i in order]


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ({"impute": "regression"}, "needs `on`"),
        ({"impute": "constant"}, "needs `value`"),
        ({"impute": "constant", "value": 0, "by": "zone"}, "`by` belongs to `impute: mean`"),
        ({"impute": "mean", "periods": 2}, "`periods` belongs to `impute: previous`"),
        ({"impute": "previous", "periods": 0}, "at least 1"),
        ({"impute": "mode"}, "mean"),
    ],
)
def test_a_step_that_cannot_be_is_refused_when_the_model_is_loaded(
    step: dict[str, object], words: str
) -> None:
    (mistake,) = mistakes_in(step)
    assert words in mistake.en
