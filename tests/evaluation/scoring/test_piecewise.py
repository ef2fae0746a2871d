"""Straight lines: rank factors as in the French DSU, 4 at rank 1 down to 0.5 at the last rank."""

import pytest

from tests.evaluation.scoring.helpers import mistakes, points, reason


def test_the_rank_factor_of_the_dsu() -> None:
    # 697 eligible towns: rank 1 gets 4, rank 697 gets 0.5, those between in proportion
    found = points("{piecewise: [[1, 4], [697, 0.5]]}", [1, 697, 349, None], full=4)
    assert found == [4, 0.5, pytest.approx(2.25), None]


@pytest.mark.parametrize(
    ("outside", "expected"),
    [("clamp", [0, 5, 10]), ("extend", [-5, 5, 15]), ("missing", [None, 5, None])],
)
def test_what_holds_beyond_the_points(outside: str, expected: list[float | None]) -> None:
    score = f"{{piecewise: [[10, 10], [0, 0]], outside: {outside}}}"
    assert points(score, [-5, 5, 15]) == expected


def test_the_ends_themselves_are_inside_even_with_noise() -> None:
    score = "{piecewise: [[0, 0], [0.3, 1]], outside: missing}"
    assert points(score, [0, 0.3, 0.1 + 0.2]) == [0, 1, pytest.approx(1)]


def test_two_points_at_one_place_are_refused() -> None:
    assert "two points stand at the same value" in mistakes("{piecewise: [[1, 2], [1, 3]]}")[0].en
    assert "at least one" in mistakes("{piecewise: [[1, 2]]}")[0].en


def test_the_reason_quotes_value_and_points() -> None:
    assert (
        reason("{piecewise: [[0, 0], [10, 10]]}", 4)
        == "4, between 0 (0) and 10 (10): 4, 6 points lost"
    )
    said = reason("{piecewise: [[0, 20], [1, 18], [5, 0]]}", 3, "zh", full=20, unit="%")
    assert said == "3%，在1%（18 分）与5%（0 分）之间按直线计分，得 9 分，扣 11 分"
    said = reason("{piecewise: [[0, 20], [5, 0]]}", 8, "zh", full=20, unit="%")
    assert said == "8%，高于5%（0 分），得 0 分，扣 20 分"
