"""A count: 0.5 a department matched, at most 2 (township tables after 民发〔2014〕21号)."""

from tests.evaluation.scoring.helpers import points, reason


def test_departments_earn_half_a_point_each_up_to_two() -> None:
    assert points("{per_unit: 0.5}", [0, 1, 3, 4, 9, None], full=2) == [0, 0.5, 1.5, 2, 2, None]


def test_only_what_lies_beyond_the_start_counts() -> None:
    assert points("{per_unit: 2, start: 3}", [2, 3, 4, 100], full=10) == [0, 0, 2, 10]


def test_a_negative_count_earns_nothing() -> None:
    assert points("{per_unit: 2}", [-3]) == [0]


def test_the_reason_quotes_count_and_points() -> None:
    said = reason("{per_unit: 0.5}", 3, full=2, unit="department")
    assert said == "3 department at 0.5 points each: 1.5, 0.5 points lost"
    assert reason("{per_unit: 0.5}", 3, "zh", full=2) == "3，每 1 得 0.5 分，得 1.5 分，扣 0.5 分"
    said = reason("{per_unit: 0.5, start: 2}", 4, "zh", unit="个")
    assert said == "4个，超出2个的部分每 1个得 0.5 分，得 1 分，扣 9 分"
