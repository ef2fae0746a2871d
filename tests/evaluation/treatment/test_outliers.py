"""The rule against outliers: winsorise, else transform, and say what remains."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.errors import InputError
from reliefperf.evaluation.treatment.moments import shape_of
from tests.building import note_kinds, plain_list
from tests.evaluation.treatment.helpers import (
    cells_of,
    evaluation_of,
    mistakes_in,
    remarks_of,
    treated_by,
    values_by,
)

TAIL = [1, 2, 3, 4, 5, 6, 8, 10, 15, 40]
STUBBORN = [float(value) for value in [*range(1, 31), 10**3, 10**4, 10**5, 10**6]]
RULE = {"outliers": "winsorise"}


def test_an_indicator_within_the_limits_is_left_as_it_is() -> None:
    treated = treated_by(RULE, {"x": list(range(20))})
    assert list(treated.cells()) == []


def test_winsorising_as_far_as_needed_is_recorded_cell_and_story() -> None:
    treated = treated_by(RULE, {"x": TAIL})
    assert treated.values[0].tolist() == [*TAIL[:-1], 15]
    (cell,) = cells_of(treated)
    assert cell.how[0] == "winsorised to the 2nd highest value, 15"
    assert remarks_of(treated) == [
        "skewness 2.472, kurtosis 6.638 (limits 2, 3.5); "
        "1 value winsorised: skewness 0.736, kurtosis -0.693"
    ]


def test_what_still_fails_is_transformed_from_the_values_before() -> None:
    step = {**RULE, "most": 1}
    treated = treated_by(step, {"x": STUBBORN})
    low, high = min(STUBBORN), max(STUBBORN)
    expected = [math.log(value - low + 0.01 * (high - low)) for value in STUBBORN]
    assert treated.values[0].tolist() == pytest.approx(expected)
    assert all(cell.how[0].startswith("log_shifted") for cell in cells_of(treated))


def test_what_fails_after_that_is_recorded_as_such() -> None:
    evaluation, env = evaluation_of([{**RULE, "most": 1}], {"x": STUBBORN})
    assert evaluation.treated is not None
    assert remarks_of(evaluation.treated)[0].endswith("still beyond the limits")
    assert note_kinds(env.notes) == ["outliers-remain"]
    assert env.notes[0].place == "i_x"


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ({**RULE, "most": 1, "otherwise": "none"}, [*STUBBORN[:-1], 10**5]),
        ({"outliers": "transform", "otherwise": "log"}, [math.log(value) for value in STUBBORN]),
        (
            {**RULE, "most": 1, "otherwise": "boxcox", "lambda": 0},
            [math.log(value) for value in STUBBORN],
        ),
    ],
)
def test_the_second_treatment_is_the_one_named(
    step: dict[str, object], expected: list[float]
) -> None:
    assert values_by(step, STUBBORN) == pytest.approx(expected)


def test_a_form_that_cannot_be_taken_is_an_error_that_names_indicator_and_region() -> None:
    step = {"outliers": "transform", "otherwise": "log"}
    with pytest.raises(InputError, match=r"'i_x' in 1 region\(s\) \(r1\)"):
        values_by(step, [0, *STUBBORN[1:]])


def test_an_indicator_with_its_own_treatment_is_left_to_it() -> None:
    columns = {"x": TAIL, "y": TAIL, "z": TAIL}
    more = {"y": {"treat": [{"transform": "log"}]}, "z": {"treat": []}}
    treated = treated_by(RULE, columns, more=more)
    assert treated.values[0].tolist() == [*TAIL[:-1], 15]
    assert treated.values[1].tolist() == pytest.approx([math.log(value) for value in TAIL])
    assert treated.values[2].tolist() == TAIL


def test_its_own_treatment_stands_where_the_rule_stands() -> None:
    steps = [{"denominate": "size"}, RULE, {"cap": [None, 0.5]}]
    more = {"x": {"treat": [{"transform": "log_from_one"}]}}
    treated = treated_by(steps, {"x": [2, 4]}, {"size": [2, 2]}, more=more)
    assert [step.id for step in treated.steps] == ["denominate", "transform", "outliers", "cap"]
    assert treated.values[0].tolist() == [0, 0.5]


def test_own_treatment_needs_no_step_of_the_evaluation() -> None:
    more = {"x": {"treat": [{"transform": "log_from_one"}, {"cap": [None, 0.5]}]}}
    treated = treated_by([], {"x": [1, 2], "y": [1, 2]}, more=more)
    assert treated.values.tolist() == [[0, 0.5], [1, 2]]


def test_too_few_values_are_not_tested_and_that_is_said() -> None:
    evaluation, env = evaluation_of([RULE], {"x": [1, 2, 3000, None]})
    assert note_kinds(env.notes)[0] == "outliers-untested"
    assert evaluation.treated is not None
    assert plain_list(evaluation.treated.values[0]) == [1, 2, 3000, None]


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 20) | st.integers(0, 5000), min_size=5, max_size=25),
    st.integers(1, 6),
    st.randoms(use_true_random=False),
)
def test_treated_values_pass_or_are_said_to_fail_in_any_order_of_regions(
    values: list[int], most: int, chance: object
) -> None:
    step = {**RULE, "most": most}
    treated = treated_by(step, {"x": values})
    after = treated.values[0]
    fails = shape_of(after).has_outliers(2, 3.5)
    assert fails == any("still beyond" in said for said in remarks_of(treated))
    order = list(range(len(values)))
    chance.shuffle(order)  # type: ignore[attr-defined]
    shuffled = treated_by(step, {"x": [values[i] for i in order]})
    assert shuffled.values[0].tolist() == after[order].tolist()


@settings(deadline=None)
@given(st.lists(st.integers(0, 20) | st.integers(0, 5000), min_size=5, max_size=25))
def test_a_treatment_never_turns_two_regions_round(values: list[int]) -> None:
    after = treated_by(RULE, {"x": values}).values[0]
    x = np.array(values, dtype=float)
    assert (np.diff(after[np.argsort(x, kind="stable")]) >= 0).all()


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ({"outliers": "drop"}, "winsorise"),
        ({**RULE, "most": 0}, "at least 1"),
        ({**RULE, "skewness": 0}, "more than 0"),
        ({**RULE, "otherwise": "boxcox"}, "needs `lambda`"),
        ({**RULE, "lambda": 1}, "belongs to `boxcox`"),
        ({"outliers": "transform", "otherwise": "none"}, "needs a form"),
        ({**RULE, "indicators": ["i_z"]}, "'i_z' is not an indicator or node"),
        ({**RULE, "besides": ["m"]}, "'m' is not an indicator or node"),
    ],
)
def test_a_step_that_cannot_be_is_refused_when_the_model_is_loaded(
    step: dict[str, object], words: str
) -> None:
    (mistake,) = mistakes_in(step)
    assert words in mistake.en
