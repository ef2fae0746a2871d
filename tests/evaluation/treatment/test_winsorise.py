"""Values at an end are set to the next one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliefperf.errors import InputError
from reliefperf.evaluation.treatment.moments import shape_of
from reliefperf.evaluation.treatment.winsorise import winsorised_by_rule
from tests.evaluation.treatment.helpers import cells_of, mistakes_in, treated_by, values_by

TAIL = [1, 2, 3, 4, 5, 6, 8, 10, 15, 40]
LISTS = st.lists(st.integers(-30, 30) | st.integers(-2000, 2000), min_size=4, max_size=25)


def test_the_number_of_values_at_the_stated_end() -> None:
    step = {"winsorise": 2, "end": "highest"}
    assert values_by(step, [9, 1, 7, 5, 3]) == [5, 1, 5, 5, 3]
    assert values_by({**step, "end": "lowest"}, [9, 1, 7, 5, 3]) == [9, 5, 7, 5, 5]
    assert values_by({"winsorise": 1, "end": "both"}, [9, 1, 7, 5, 3]) == [7, 3, 7, 5, 3]


def test_by_default_it_is_the_end_to_which_the_values_are_skewed() -> None:
    assert values_by({"winsorise": 1}, TAIL)[-1] == 15
    assert values_by({"winsorise": 1}, [-value for value in TAIL])[-1] == -15


def test_a_moved_cell_names_the_rank_of_its_new_value() -> None:
    (cell,) = cells_of(treated_by({"winsorise": 1}, {"x": TAIL}))
    assert (cell.region, cell.before, cell.after) == (9, 40, 15)
    assert cell.how == ("winsorised to the 2nd highest value, 15", "缩尾至第 2 高的值 15")


def test_too_few_values_are_an_error_that_names_the_indicator() -> None:
    with pytest.raises(InputError, match="'i_x' has 2 values, too few to move 1"):
        values_by({"winsorise": 1}, [1, None, 2])


def test_the_rule_stops_as_soon_as_the_test_passes() -> None:
    after, ends = winsorised_by_rule(np.array(TAIL, dtype=float), 2, 3.5, 5)
    assert after.tolist() == [1, 2, 3, 4, 5, 6, 8, 10, 15, 15]
    assert ends == {"highest": 1}


def test_tied_values_move_together_even_beyond_the_most() -> None:
    x = np.array([*range(1, 21), 500, 500, 900], dtype=float)
    after, ends = winsorised_by_rule(x, 0.1, 0.1, 2)
    assert after[-3:].tolist() == [20, 20, 20]
    assert ends == {"highest": 3}


@given(LISTS)
def test_the_rule_sees_values_not_whether_more_is_better(values: list[int]) -> None:
    x = np.array(values, dtype=float)
    if abs(shape_of(x).skewness) < 1e-9:
        return  # at no skewness at all the upper end is taken
    after, _ = winsorised_by_rule(x, 1.5, 2, 4)
    mirrored, _ = winsorised_by_rule(-x, 1.5, 2, 4)
    if abs(shape_of(after).skewness) > 1e-9:
        assert mirrored.tolist() == (-after).tolist()


@given(LISTS)
def test_the_rule_changes_only_values_at_the_ends_and_never_their_order(values: list[int]) -> None:
    x = np.array(values, dtype=float)
    after, ends = winsorised_by_rule(x, 1, 1, 5)
    assert after.min() >= x.min()
    assert after.max() <= x.max()
    assert (np.diff(after[np.argsort(x, kind="stable")]) >= 0).all()
    assert (after != x).sum() <= sum(ends.values())
    assert set(after.tolist()) <= set(x.tolist())


@pytest.mark.parametrize(
    ("step", "words"),
    [({"winsorise": 0}, "at least 1"), ({"winsorise": 1, "end": "top"}, "highest")],
)
def test_a_step_that_cannot_be_is_refused_when_the_model_is_loaded(
    step: dict[str, object], words: str
) -> None:
    (mistake,) = mistakes_in(step)
    assert words in mistake.en
