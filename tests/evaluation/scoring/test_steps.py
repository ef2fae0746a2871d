"""Intervals: 42 USC 658a(b)(6) (paternity: at least 80 % gives 100 %, 50 to 51 % gives 60 %)."""

import pytest

from tests.evaluation.scoring.helpers import mistakes, points, reason

FEDERAL = "{steps: {at_least: [[80, 100], [79, 98], [78, 96], [50, 60]]}, unit: percent}"


def test_the_applicable_percentage_of_the_statute() -> None:
    assert points(FEDERAL, [85, 80, 79.99, 79, 78.5, 50, 49.9, None], full=1) == (
        [1, 1, 0.98, 0.98, 0.96, 0.6, 0, None]
    )


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        ("at_least", [-1, 5, 5, 8, 8]),
        ("above", [-1, -1, 5, 5, 8]),
        ("at_most", [5, 5, 8, 8, -1]),
        ("below", [5, 8, 8, -1, -1]),
    ],
)
def test_the_key_says_which_end_belongs_to_an_interval(reading: str, expected: list[float]) -> None:
    score = f"{{steps: {{{reading}: [[10, 5], [20, 8]]}}, otherwise: -1}}"
    assert points(score, [9, 10, 15, 20, 21]) == expected


def test_the_order_of_the_pairs_does_not_matter() -> None:
    one = "{steps: {at_most: [[5, 3], [12, 1], [8, 2]]}}"
    assert points(one, [4, 5, 6, 8, 9, 12, 13], full=3) == [3, 3, 2, 2, 1, 1, 0]


def test_noise_does_not_move_a_value_over_an_end() -> None:
    assert points("{steps: {at_least: [[0.3, 1]]}}", [0.1 + 0.2, 0.3 - 1e-16]) == [1, 1]
    assert points("{steps: {above: [[0.3, 1]]}}", [0.1 + 0.2]) == [0]


def test_limits_and_points_may_differ_by_region() -> None:
    score = "{steps: {at_least: [[y, 8], [0, limit]]}}"
    assert points(score, [3, 3, 3], y=[2, 4, None]) == [8, 5, None]


def test_points_may_be_missing_only_where_they_count() -> None:
    assert points("{steps: {at_least: [[2, y]]}}", [3, 1], y=[None, None]) == [None, 0]


def test_the_reason_names_the_next_step() -> None:
    score = "{steps: {at_least: [[90, 10], [80, 8]]}}"
    assert reason(score, 85) == "85 earns 8, 2 points lost; the next step is 90"
    score = "{steps: {at_most: [[5, 10], [8, 6]]}}"
    assert reason(score, 7, "zh") == "7，得 6 分，扣 4 分，下一档为 5"


def test_exactly_one_reading_is_stated() -> None:
    for steps in ("{}", "{at_least: []}", "{at_least: [[1, 2]], above: [[3, 4]]}"):
        (mistake,) = mistakes(f"{{steps: {steps}}}")
        assert "exactly one of at_least" in mistake.en
