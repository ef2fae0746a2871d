"""Comparison with the others: OECD/JRC Handbook on Constructing Composite Indicators (2008)."""

import math

import pytest

from tests.evaluation.scoring.helpers import mistakes, notes, points, reason

GROUPS = ["n", "n", "n", "s"]


def test_minmax_gives_nothing_to_the_worst_and_full_marks_to_the_best() -> None:
    assert points("{minmax: higher}", [2, 4, 6, None]) == [0, 5, 10, None]
    assert points("{minmax: lower}", [2, 4, 6, None]) == [10, 5, 0, None]


def test_minmax_of_equal_values_is_missing() -> None:
    assert points("{minmax: higher}", [3, 3]) == [None, None]


def test_minmax_compares_within_groups() -> None:
    assert points("{minmax: higher, by: z}", [2, 4, 6, 9], z=GROUPS) == [0, 5, 10, None]


def test_zscore_has_a_mean_and_a_spread_of_its_own() -> None:
    # values 1, 2, 3: mean 2, standard deviation (n - 1) 1
    assert points("{zscore: higher}", [1, 2, 3]) == [-1, 0, 1]
    assert points("{zscore: lower, mean: 50, sd: 10}", [1, 2, 3]) == [60, 50, 40]
    assert points("{zscore: higher}", [1, 3]) == [
        pytest.approx(-math.sqrt(0.5)),
        pytest.approx(math.sqrt(0.5)),
    ]


def test_rank_gives_full_marks_to_the_first_and_last_to_the_last() -> None:
    assert points("{rank: higher}", [9, 7, 5, None]) == [10, 5, 0, None]
    assert points("{rank: lower, last: 4}", [9, 7, 5]) == [4, 7, 10]


def test_rank_says_how_ties_count() -> None:
    values = [9, 7, 7, 5]
    third = 10 / 3
    assert points("{rank: higher}", values) == pytest.approx([10, 2 * third, 2 * third, 0])
    assert points("{rank: higher, ties: max}", values) == pytest.approx([10, third, third, 0])
    assert points("{rank: higher, ties: average}", values) == pytest.approx([10, 5, 5, 0])


def test_the_only_region_of_a_group_is_first() -> None:
    assert points("{rank: higher, by: z}", [2, 4, 6, 1], z=GROUPS) == [0, 5, 10, 10]


def test_percentile_counts_the_place_from_the_worst_end() -> None:
    assert points("{percentile: higher}", [1, 2, 3, 4]) == [2.5, 5, 7.5, 10]
    assert points("{percentile: lower}", [1, 2, 2, 4]) == [10, 5, 5, 2.5]


def test_the_reason_names_the_rule() -> None:
    assert reason("{percentile: higher}", 3) == "3: full marks"
    assert reason("{zscore: higher, mean: 4, sd: 0}", 3) == "3, as a standard score: —"


def test_better_is_higher_or_lower() -> None:
    (mistake,) = mistakes("{rank: up}")
    assert mistake.en == "expected one of higher, lower, found 'up'"


def test_no_spread_in_the_group_is_reported() -> None:
    assert "no-spread" in notes("{minmax: higher}", [3, 3])
    assert "no-spread" in notes("{zscore: lower}", [3, 3])
