"""Improvement on an earlier value: clauses such as 42 USC 658a(b)(6)(A)(iii)."""

from tests.evaluation.scoring.helpers import points, reason


def test_points_follow_the_change() -> None:
    score = "{improvement: y, goalposts: [0, 10]}"
    assert points(score, [50, 55, 62, 40, None, 5], y=[50, 50, 50, 50, 50, None]) == (
        [0, 5, 10, 0, None, None]
    )


def test_a_relative_change_is_a_part_of_the_old_value() -> None:
    score = "{improvement: y, goalposts: [0, 0.2], relative: true}"
    assert points(score, [110, 5, -5], y=[100, 0, -10]) == [5, None, 10]


def test_a_decrease_is_rewarded_by_a_negative_post() -> None:
    assert points("{improvement: y, goalposts: [0, -4]}", [8, 12], y=[10, 10]) == [5, 0]


def test_the_reason_quotes_both_values() -> None:
    said = reason("{improvement: y, goalposts: [0, 10]}", 55, unit="%", y=[50])
    assert said == "from 50% to 55%: 5, 5 points lost"
