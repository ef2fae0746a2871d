"""Completion rates of Chinese budget performance tables; ratio to a benchmark."""

import pytest

from tests.evaluation.scoring.helpers import notes, points, reason


def test_a_completion_rate_earns_its_part_up_to_full_marks() -> None:
    assert points("{ratio: 2}", [0, 1, 1.5, 2, 3, None], full=3) == [0, 1.5, 2.25, 3, 3, None]


def test_cap_and_floor_are_parts_of_full_marks() -> None:
    assert points("{ratio: 10, cap: 1.2, floor: 0.3}", [1, 11, 20]) == [3, 11, 12]


def test_where_less_is_better_the_ratio_is_turned_round() -> None:
    found = points("{ratio: 10, lower_is_better: true}", [5, 10, 20, 0])
    assert found == [10, 10, 5, 10]


def test_a_target_of_zero_is_missing_and_reported() -> None:
    assert points("{ratio: y}", [1, 1, 0], y=[0, 2, 0]) == [None, 5, None]
    assert notes("{ratio: y - 1}", [1]) == ["division-by-zero"]


def test_a_missing_target_is_missing() -> None:
    assert points("{ratio: y}", [1], y=[None]) == [None]


def test_thirds_are_not_rounded() -> None:
    assert points("{ratio: 3}", [1], full=1) == [pytest.approx(1 / 3, rel=1e-15)]


def test_the_reason_quotes_value_and_target() -> None:
    said = reason("{ratio: 30}", 26, full=3, unit="%")
    assert said == "26% against a target of 30%: 86.67 % of the marks, 0.4 lost"
