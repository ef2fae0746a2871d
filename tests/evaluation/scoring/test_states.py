"""Graded states: mechanism with document 2; without 1; neither 0 (graded rows of Chinese tables)."""

from tests.evaluation.scoring.helpers import mistakes, notes, points, reason

SCORE = "{states: {完善: 2, 有制度无落实: 1, 无: 0}}"


def test_each_state_earns_its_points() -> None:
    values = ["完善", "无", "有制度无落实", None]
    assert points(SCORE, values, full=2, kind="type: text") == [2, 0, 1, None]


def test_a_state_that_is_not_listed_is_missing_and_reported_unless_said_otherwise() -> None:
    assert points(SCORE, ["完 善"], kind="type: text") == [None]
    other = "{states: {a: 2}, otherwise: limit}"
    assert points(other, ["b"], kind="type: text") == [5]


def test_states_may_be_numbers() -> None:
    assert points("{states: {0: 5, 1: 3, 2.5: 1}}", [0, 1, 2.5, 3]) == [5, 3, 1, None]
    assert notes("{states: {0: 5}}", [0, 3]) == ["unknown-state"]


def test_states_must_be_of_the_kind_of_the_value() -> None:
    (mistake,) = mistakes("{states: {a: 1}}")
    assert "the states must be numbers: 'a'" in mistake.en
    (mistake,) = mistakes("{states: {1: 1}}", kind="type: text")
    assert "the states must be texts: 1" in mistake.en


def test_the_reason_quotes_the_state() -> None:
    assert reason(SCORE, "无", "zh", full=2, kind="type: text") == "状态为“无”，扣 2 分"
    said = reason(SCORE, "无", full=2, kind="type: text")
    assert said == "the state is '无': 2 points lost"
