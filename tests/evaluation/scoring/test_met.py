"""Present or absent: township tables after 民发〔2014〕21号 (document issued: 2 or 0)."""

from tests.evaluation.scoring.helpers import mistakes, points, reason


def test_a_document_that_was_issued_earns_its_two_points() -> None:
    assert points("met", [1, 0, 3, None], full=2) == [2, 0, 2, None]


def test_a_negative_count_does_not_hold() -> None:
    assert points("met", [-1]) == [0]


def test_otherwise_may_be_more_than_nothing() -> None:
    assert points("{met: true, otherwise: limit - 4}", [0, 1], full=2) == [1, 2]


def test_the_reason_says_whether_it_is_met() -> None:
    assert reason("met", 1) == "met: full marks"
    assert reason("met", 0) == "not met: 10 points lost"
    assert reason("met", 0, "zh") == "不符合要求，扣 10 分"


def test_met_can_only_be_true() -> None:
    (mistake,) = mistakes("{met: false}")
    assert "expected true" in mistake.en


def test_a_text_is_not_a_condition() -> None:
    (mistake,) = mistakes("met", kind="type: text")
    assert "score texts with `states`" in mistake.en
