"""Steps in order, on the indicators they name, with a record of every change."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.model.environment import Array
from tests.building import evaluated, model_of, note_kinds
from tests.evaluation.treatment.helpers import cells_of, evaluation_of, treated_by

COLUMNS = {"x": [1.0, np.nan, 3], "y": [10.0, 20, 900], "z": [np.nan, 2.0, 2]}
ROWS = st.tuples(
    st.none() | st.integers(0, 99), st.none() | st.integers(0, 99), st.sampled_from("ab")
)
STEPS = st.lists(
    st.sampled_from(
        [
            {"impute": "mean"},
            {"impute": "median", "indicators": ["i_z"]},
            {"cap": [None, 2.5], "besides": ["i_y"]},
            {"transform": "log_from_one"},
            {"denominate": 2},
            {"cap": [1, None]},
        ]
    ),
    max_size=4,
)


def test_steps_are_done_in_the_order_of_the_file() -> None:
    steps = [{"denominate": 10}, {"cap": [None, 5]}]
    assert treated_by(steps, {"x": [20, 80]}).values[0].tolist() == [2, 5]
    assert treated_by(steps[::-1], {"x": [20, 80]}).values[0].tolist() == [0.5, 0.5]


def test_indicators_are_chosen_by_their_id_or_by_a_node_above() -> None:
    columns = {"x": [4], "y": [4], "z": [4]}
    for chosen, expected in (
        ({"indicators": ["n"]}, [2, 2, 2]),
        ({"indicators": ["i_x", "i_y"]}, [2, 2, 4]),
        ({"indicators": ["n"], "besides": ["i_x"]}, [4, 2, 2]),
        ({"besides": ["n"]}, [4, 4, 4]),
    ):
        assert treated_by({"denominate": 2, **chosen}, columns).values[:, 0].tolist() == expected


def test_a_model_without_steps_is_not_treated() -> None:
    text = """
    model: t
    variables: {x: {}}
    evaluation: {tree: [{id: i, value: x, score: as_is}]}
    """
    assert evaluated(model_of(text), {"x": [1]})[0].treated is None


def test_a_text_is_not_treated_and_scores_as_before() -> None:
    text = """
    model: t
    variables: {x: {}, s: {type: text}}
    evaluation:
      combine: arithmetic
      treatment: [{denominate: 2}]
      tree:
        - {id: i, value: x, score: as_is}
        - {id: j, value: s, score: {states: {good: 10, bad: 0}}}
    """
    evaluation, _ = evaluated(model_of(text), {"x": [10, 20], "s": ["good", "bad"]})
    assert evaluation.values("i").tolist() == [5, 10]
    assert evaluation.values("j").tolist() == [10, 0]


@settings(deadline=None)
@given(STEPS.filter(bool))
def test_every_value_that_differs_from_the_raw_one_has_its_rows(
    steps: list[dict[str, object]],
) -> None:
    treated = treated_by(steps, COLUMNS)
    value = {
        (name, region): treated.raw[place, region]
        for place, name in enumerate(treated.ids)
        for region in range(3)
    }
    for cell in cells_of(treated):
        assert cell.region is not None
        assert value[cell.indicator, cell.region] == pytest.approx(cell.before, nan_ok=True)
        assert cell.how[0] and cell.how[1]
        value[cell.indicator, cell.region] = cell.after
    for place, name in enumerate(treated.ids):
        for region in range(3):
            assert value[name, region] == pytest.approx(treated.values[place, region], nan_ok=True)


def test_a_result_beyond_every_number_is_missing_noted_and_recorded() -> None:
    evaluation, env = evaluation_of([{"transform": "boxcox", "lambda": 20}], {"x": [1, 2, 1e30]})
    assert evaluation.treated is not None
    assert np.isnan(evaluation.treated.values[0]).tolist() == [False, False, True]
    assert note_kinds(env.notes)[0] == "not-defined"
    assert cells_of(evaluation.treated)[-1].how[0] == "the result is beyond 1e308: missing"


def test_what_is_divided_by_next_to_nothing_is_missing_too() -> None:
    treated = treated_by({"denominate": "size"}, {"x": [1e300, 1]}, {"size": [1e-300, 1]})
    assert np.isnan(treated.values[0]).tolist() == [True, False]


def test_stages_are_found_by_the_id_of_their_step() -> None:
    steps = [{"id": "half", "denominate": 2}, {"cap": [None, 3]}]
    treated = treated_by(steps, {"x": [4, 8]})
    assert treated.after("half").tolist() == [[2, 4]]
    assert treated.after("cap").tolist() == [[2, 3]]
    with pytest.raises(KeyError):
        treated.after("whole")


@settings(deadline=None)
@given(st.lists(ROWS, min_size=2, max_size=10), st.randoms(use_true_random=False))
def test_the_order_of_regions_changes_no_value_and_no_row(
    rows: list[tuple[int | None, int | None, str]], chance: object
) -> None:
    steps = [
        {"screen": "regions", "at_least": 0.5},
        {"impute": "median", "by": "zone"},
        {"impute": "regression", "on": "y", "indicators": ["i_x"]},
        {"outliers": "winsorise", "skewness": 0.5, "kurtosis": 0.1, "most": 2},
    ]

    def made(order: list[int]) -> tuple[Array, list[tuple[str, str, int, str]]]:
        x, y, zone = ([rows[i][place] for i in order] for place in range(3))
        treated = treated_by(steps, {"x": x, "y": y}, {"zone": zone})
        back = np.argsort(order)
        cells = [
            (cell.step, cell.indicator, order[cell.region], cell.how[0])
            for cell in cells_of(treated)
            if cell.region is not None
        ]
        return treated.values[:, back], sorted(cells)

    order = list(range(len(rows)))
    values, cells = made(order)
    chance.shuffle(order)  # type: ignore[attr-defined]
    again, cells_again = made(order)
    assert again == pytest.approx(values, rel=1e-12, nan_ok=True)
    assert cells_again == cells


def test_a_part_of_the_regions_keeps_its_own_record() -> None:
    steps = [{"screen": "regions", "at_least": 1, "below": "i_y"}, {"impute": "mean"}]
    columns = {"x": [1, None, 5, None], "y": [1, 1, 1, None]}
    whole = treated_by(steps, columns)
    part = whole.of_regions(np.array([3, 1]))
    assert part.values[0].tolist()[1] == 3
    assert part.regions_out.tolist() == [True, False]
    assert [(cell.step, cell.indicator, cell.region) for cell in part.cells()] == [
        ("screen", "", 0),
        ("impute", "i_x", 1),
    ]
