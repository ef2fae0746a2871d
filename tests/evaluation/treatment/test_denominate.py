"""Values divided by the size of a region."""

import pytest

from tests.building import note_kinds, plain_list
from tests.evaluation.treatment.helpers import cells_of, evaluation_of, mistakes_in, treated_by


def test_chosen_indicators_are_divided_and_the_others_stay() -> None:
    step = {"denominate": "size", "indicators": ["i_x"], "times": 1000}
    treated = treated_by(step, {"x": [1, 4], "y": [1, 4]}, {"size": [2, 8]})
    assert treated.values.tolist() == [[500, 500], [1, 4]]


def test_a_mapping_gives_each_indicator_its_own_denominator() -> None:
    step = {"denominate": {"i_x": "size", "i_y": "area * 2"}}
    treated = treated_by(step, {"x": [1, 4], "y": [1, 4]}, {"size": [2, 8], "area": [1, 1]})
    assert treated.values.tolist() == [[0.5, 0.5], [0.5, 2]]


def test_of_a_node_and_an_indicator_below_it_the_indicators_denominator_counts() -> None:
    step = {"denominate": {"i_x": "size", "n": "area"}}
    treated = treated_by(step, {"x": [4], "y": [4]}, {"size": [2], "area": [8]})
    assert treated.values.tolist() == [[2], [0.5]]


@pytest.mark.parametrize(("size", "word"), [(0, "zero"), (None, "missing")])
def test_without_a_denominator_the_value_is_missing_and_noted(size: float, word: str) -> None:
    step = {"denominate": "size"}
    evaluation, env = evaluation_of([step], {"x": [1, 4]}, {"size": [2, size]})
    assert evaluation.treated is not None
    assert plain_list(evaluation.treated.values[0]) == [0.5, None]
    assert "no-denominator" in note_kinds(env.notes)
    (_, lost) = cells_of(evaluation.treated)
    assert lost.how[0] == f"the denominator size is {word}"


def test_every_quotient_is_recorded_with_its_denominator() -> None:
    treated = treated_by({"denominate": "size", "times": 100}, {"x": [1]}, {"size": [4]})
    (cell,) = cells_of(treated)
    assert (cell.before, cell.after) == (1, 25)
    assert cell.how == ("divided by size × 100", "除以 size × 100")


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ({"denominate": "size", "times": 0}, "every value zero"),
        ({"denominate": 0}, "the denominator is zero"),
        ({"denominate": {"i_x": "size"}, "indicators": ["i_x"]}, "leave out"),
        ({"denominate": {"i_xx": "size"}}, "did you mean 'i_x'"),
        ({"denominate": "sise"}, "sise"),
        ({"denominate": {"i_x": "sise"}}, "sise"),
    ],
)
def test_a_step_that_cannot_be_is_refused_when_the_model_is_loaded(
    step: dict[str, object], words: str
) -> None:
    (mistake,) = mistakes_in(step)
    assert words in mistake.en
