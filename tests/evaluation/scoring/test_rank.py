"""Points by place: ranking rows of rule books, percentile ranks of COINr."""

import pytest

from tests.evaluation.scoring.helpers import mistakes, points
from tests.evaluation.scoring.reasons import reasons


def test_full_marks_for_the_first_and_last_for_the_last() -> None:
    assert points("{rank: higher}", [9, 7, 5, None]) == [10, 5, 0, None]
    assert points("{rank: lower, last: 4}", [9, 7, 5]) == [4, 7, 10]


def test_the_rule_says_how_ties_count() -> None:
    third = 10 / 3
    x = [9, 7, 7, 5]
    assert points("{rank: higher}", x) == pytest.approx([10, 2 * third, 2 * third, 0])
    assert points("{rank: higher, ties: max}", x) == pytest.approx([10, third, third, 0])
    assert points("{rank: higher, ties: average}", x) == pytest.approx([10, 5, 5, 0])
    assert points("{rank: higher, ties: dense}", x) == pytest.approx([10, 5, 5, 0])
    assert points("{rank: lower, ties: dense}", x) == pytest.approx([0, 5, 5, 10])


def test_binary_noise_ties() -> None:
    assert points("{rank: higher}", [0.1 + 0.2, 0.3, 1.0]) == [5, 5, 10]


def test_the_last_rank_gets_no_more_than_full_marks() -> None:
    (mistake,) = mistakes("{rank: higher, last: 11}")
    assert mistake.en == "`last` gives 11 points, but full marks are 10"


def test_the_reason_quotes_the_place() -> None:
    assert reasons("{rank: higher}", [9, 7, 5])[1] == "7, rank 2 of 3: 5"
    assert reasons("{rank: higher}", [9, 7, 5], "zh")[1] == "7，列第 2 名（末位为第 3 名），得 5 分"
