"""Regions and indicators with too little data are taken out, and said so."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.building import note_kinds, plain_list
from tests.evaluation.treatment.helpers import (
    evaluation_of,
    mistakes_in,
    remarks_of,
    treated_by,
)

CELLS = st.tuples(*[st.none() | st.integers(0, 30)] * 3)
COLUMNS = {"x": [1, None, 3, 4], "y": [10, None, 0, 40], "z": [5, 6, 0, 8]}


def test_a_region_with_too_little_data_has_no_score_and_no_rank() -> None:
    step = {"screen": "regions", "at_least": 0.5}
    evaluation, env = evaluation_of([step], COLUMNS)
    assert np.isnan(evaluation.score).tolist() == [False, True, False, False]
    assert np.isnan(evaluation.rank).tolist() == [False, True, False, False]
    assert "screened" in note_kinds(env.notes)
    assert evaluation.treated is not None
    assert remarks_of(evaluation.treated) == [
        "values in 1 of 3 indicators (33.3%), fewer than 0.5: no score"
    ]


def test_the_share_at_the_limit_is_enough() -> None:
    columns = {
        name: [None if i < place else 1.0 for i in range(10)]
        for place, name in enumerate("abcdefghij")
    }
    treated = treated_by({"screen": "regions", "at_least": 0.9}, columns)
    there = [sum(row[i] is not None for row in columns.values()) / 10 for i in range(10)]
    assert treated.regions_out.tolist() == [share < 0.9 for share in there]


def test_zeros_are_counted_among_the_values_that_are_there() -> None:
    step = {"screen": "regions", "not_zero": 0.5}
    treated = treated_by(step, COLUMNS)
    assert treated.regions_out.tolist() == [False, False, True, False]
    assert remarks_of(treated) == [
        "2 of 3 values are zero, other than zero 33.3%, fewer than 0.5: no score"
    ]


def test_availability_can_be_asked_at_single_nodes() -> None:
    step = {"screen": "regions", "at_least": 1, "below": ["i_x", "i_z"]}
    treated = treated_by(step, COLUMNS)
    assert treated.regions_out.tolist() == [False, True, False, False]
    assert "below i_x" in remarks_of(treated)[0]
    assert not treated_by({**step, "below": "i_z"}, COLUMNS).regions_out.any()


def test_a_region_screened_out_counts_in_no_comparison() -> None:
    step = {"screen": "regions", "at_least": 1, "below": "i_x"}
    more = {"y": {"score": {"minmax": "higher"}}}
    evaluation, _ = evaluation_of(
        [step], {"x": [None, 1, 1, 1], "y": [1000, 0, 50, 100]}, more=more
    )
    assert plain_list(evaluation.values("i_y")) == [None, 0, 50, 100]


@pytest.mark.parametrize("missing", ["error", "zero", "skip", "score_missing"])
def test_the_policy_for_gaps_is_not_asked_in_regions_screened_out(missing: str) -> None:
    step = {"screen": "regions", "at_least": 0.6}
    more = {name: {"missing": missing} for name in COLUMNS}
    evaluation, env = evaluation_of([step], COLUMNS, more=more)
    assert np.isnan(evaluation.score).tolist() == [False, True, False, False]
    assert note_kinds(env.notes) == ["screened"]


def test_a_group_mean_or_an_exception_gives_no_points_to_a_region_screened_out() -> None:
    step = {"screen": "regions", "at_least": 1}
    more = {
        "x": {"missing": "group_mean", "group": 1},
        "y": {"override": [{"when": "True", "points": 7}]},
    }
    evaluation, _ = evaluation_of([step], {"x": [1, None], "y": [1, 2]}, more=more)
    assert np.isnan(evaluation.values("i_x")).tolist() == [False, True]
    assert np.isnan(evaluation.values("i_y")).tolist() == [False, True]


def test_the_weight_of_an_indicator_screened_out_goes_to_its_siblings() -> None:
    step = {"screen": "indicators", "at_least": 0.8}
    evaluation, env = evaluation_of([step], COLUMNS)
    assert evaluation.treated is not None
    assert evaluation.treated.indicators_out == {"i_x", "i_y"}
    assert evaluation.score.tolist() == COLUMNS["z"]
    assert note_kinds(env.notes) == ["screened", "screened"]
    assert remarks_of(evaluation.treated)[0] == (
        "values in 3 of 4 regions (75.0%), fewer than 0.8: screened out"
    )


def test_what_is_screened_out_counts_nowhere_in_later_steps() -> None:
    steps = [
        {"screen": "regions", "at_least": 1, "below": "i_z"},
        {"impute": "mean", "indicators": ["i_x"]},
        {"screen": "indicators", "at_least": 1},
    ]
    columns = {"x": [1, 3, None, 100], "y": [None, 1, 1, 1], "z": [1, 1, 1, None]}
    treated = treated_by(steps, columns)
    assert plain_list(treated.value_of("i_x")) == [1, 3, 2, None]
    assert treated.indicators_out == {"i_y"}


@settings(deadline=None)
@given(st.lists(CELLS, min_size=3, max_size=9), st.sampled_from([0.5, 0.6, 1]))
def test_the_others_score_as_if_a_region_screened_out_were_not_there(
    rows: list[tuple[float | None, ...]], limit: float
) -> None:
    steps = [
        {"screen": "regions", "at_least": limit},
        {"impute": "mean"},
        {"outliers": "winsorise", "skewness": 0.5, "kurtosis": 0.1, "most": 2},
    ]
    more = {name: {"score": {"rank": "higher", "constant": "zero"}} for name in "xyz"}

    def scores(chosen: list[tuple[float | None, ...]]) -> list[float | None]:
        columns = dict(zip("xyz", zip(*chosen, strict=True), strict=True))
        evaluation, _ = evaluation_of(steps, columns, more=more)
        return plain_list(evaluation.score)

    kept = [sum(cell is not None for cell in row) / 3 >= limit for row in rows]
    found = scores(rows)
    assert [score for score, stays in zip(found, kept, strict=True) if not stays] == [
        None
    ] * kept.count(False)
    if any(kept):
        alone = scores([row for row, stays in zip(rows, kept, strict=True) if stays])
        assert [score for score, stays in zip(found, kept, strict=True) if stays] == alone


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ({"screen": "regions"}, "needs a limit"),
        (
            {"screen": "indicators", "at_least": 0.5, "below": "n"},
            "belongs to the screening of regions",
        ),
        ({"screen": "regions", "at_least": 1.5}, "at most 1"),
        ({"screen": "regions", "at_least": 0.5, "below": "i_z"}, "not an indicator or node"),
        ({"screen": "regions", "at_least": 0.5, "below": ["n", "m"]}, "'m'"),
        ({"screen": "rows", "at_least": 0.5}, "regions"),
    ],
)
def test_a_step_that_cannot_be_is_refused_when_the_model_is_loaded(
    step: dict[str, object], words: str
) -> None:
    (mistake,) = mistakes_in(step)
    assert words in mistake.en
