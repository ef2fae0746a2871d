"""Deductions: 1 point a case (after 民发〔2014〕21号); 1 point for each 0.1 point short of 100 % (2017)."""

import pytest

from tests.evaluation.scoring.helpers import mistakes, points, reason


def test_each_wrongful_case_costs_a_point_down_to_nothing() -> None:
    assert points("{deduct: 1, above: 0}", [0, 1, 2.5, 6, 9, None], full=6) == (
        [6, 5, 3.5, 0, 0, None]
    )


def test_each_tenth_of_a_point_below_a_hundred_percent_costs_one() -> None:
    found = points("{deduct: 1, per: 0.1, below: 100}", [100, 99.9, 99.85, 99, 101], full=4)
    assert found == pytest.approx([4, 3, 2.5, 0, 4])


@pytest.mark.parametrize(
    ("counting", "expected"),
    [
        ("proportional", [4, 2.5, 2, 1.5, 4]),
        ("whole", [4, 3, 2, 2, 4]),
        ("started", [4, 2, 2, 1, 4]),
    ],
)
def test_whole_and_started_steps(counting: str, expected: list[float]) -> None:
    score = f"{{deduct: 1, per: 2, above: 10, counting: {counting}}}"
    assert points(score, [10, 13, 14, 15, 9], full=4) == expected


def test_noise_neither_completes_nor_starts_a_step() -> None:
    for counting in ("whole", "started"):
        score = f"{{deduct: 1, per: 0.1, below: 100, counting: {counting}}}"
        assert points(score, [99.9, 99.8, 99.7], full=4) == [3, 2, 1]


def test_both_limits_make_a_band() -> None:
    # 1 point for each 2 percentage points outside 30 to 40 %
    score = "{deduct: 1, per: 2, below: 30, above: 40}"
    assert points(score, [26, 30, 35, 40, 41, 60], full=3) == [1, 3, 3, 3, 2.5, 0]


def test_floor_and_start_replace_nothing_and_full_marks() -> None:
    assert points("{deduct: 1, above: 0, floor: -2}", [3, 20], full=2) == [-1, -2]
    assert points("{deduct: 1, above: 0, start: 8}", [0, 3], full=10) == [8, 5]


def test_a_step_of_nothing_makes_the_points_missing() -> None:
    assert points("{deduct: 1, above: 0, per: y}", [1, 1], y=[0, 2]) == [None, 9.5]


def test_a_missing_limit_makes_the_points_missing() -> None:
    assert points("{deduct: 1, above: y}", [1, 1], y=[None, 0]) == [None, 9]


def test_the_reason_quotes_value_limit_and_price() -> None:
    said = reason("{deduct: 1, per: 0.1, below: 100}", 99.8, full=4, unit="%")
    assert said == "99.8% is 0.2 below 100%; 1 point for each 0.1: 2 lost"
    said = reason("{deduct: 1, above: 0}", 2, "zh", full=6, unit="件")
    assert said == "2件，每 1件扣 1 分，扣 2 分"
    assert reason("{deduct: 1, above: 0}", 0) == "0: full marks"


def test_a_chinese_reason_has_the_units_of_distance_and_step() -> None:
    said = reason("{deduct: 0.5, below: 30, above: 40}", 28.5, "zh", unit="%")
    assert said == "28.5%，低于30%，差 1.5 个百分点，每 1 个百分点扣 0.5 分，扣 0.75 分"
    said = reason("{deduct: 0.5, below: 30, above: 40}", 42, "zh", unit="%")
    assert said == "42%，高于40%，超出 2 个百分点，每 1 个百分点扣 0.5 分，扣 1 分"
    assert reason("{deduct: 1, below: 5}", 3, "zh") == "3，低于5，差 2，每 1 扣 1 分，扣 2 分"
    assert "每 1户扣" in reason("{deduct: 1, below: 5, title: 户}", 3, "zh")


def test_a_reason_says_how_parts_of_a_step_count() -> None:
    started, whole = (f"{{deduct: 1, above: 1, counting: {how}}}" for how in ("started", "whole"))
    said = reason(started, 2.5, "zh", unit="%")
    assert said == (
        "2.5%，高于1%，超出 1.5 个百分点，每 1 个百分点扣 1 分（不足 1 个百分点的按 1 个百分点计），扣 2 分"
    )
    assert reason(started, 2.5) == "2.5 is 1.5 above 1; 1 point for each begun 1: 2 lost"
    assert reason(whole, 2.5, "zh", unit="天").endswith("每满 1天扣 1 分，扣 1 分")
    assert reason(whole, 2.5) == "2.5 is 1.5 above 1; 1 point for each full 1: 1 lost"


def test_a_reason_says_where_the_floor_ended_the_deduction() -> None:
    assert reason("{deduct: 2, above: 0}", 6, "zh", unit="户") == (
        "6户，每 1户扣 2 分，扣 10 分（扣完为止）"
    )
    assert reason("{deduct: 2, above: 0}", 5, "zh").endswith("扣 10 分")
    assert reason("{deduct: 2, above: 0}", 6).endswith("10 lost (no more to lose)")
    assert reason("{deduct: 2, above: 0, floor: 4}", 6, "zh").endswith("扣 6 分（最低得 4 分）")


def test_a_reason_says_from_what_points_were_deducted() -> None:
    score = "{deduct: 1, above: 0, start: 8}"
    assert reason(score, 3, "zh", unit="次") == "3次，每 1次扣 1 分，由起评分 8 分扣 3 分，得 5 分"
    assert reason(score, 3) == "3 is 3 above 0; 1 point for each 1: 3 lost from 8: 5"
    assert reason(score, 0, "zh") == "0，起评分 8 分"
    assert reason(score, 0) == "0: 8 to start"


def test_a_deduction_needs_a_limit() -> None:
    assert "`above` or `below`" in mistakes("{deduct: 1}")[0].en
