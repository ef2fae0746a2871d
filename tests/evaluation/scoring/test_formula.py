"""Points from an expression of the modeller's own."""

from tests.evaluation.scoring.helpers import mistakes, points, reason


def test_the_expression_sees_value_and_full_marks() -> None:
    found = points("{formula: full_marks * (value / 10) ** 2}", [5, 10, 20, None])
    assert found == [2.5, 10, 10, None]


def test_without_clip_it_may_leave_the_range() -> None:
    assert points("{formula: value - 20, clip: false}", [5, 40]) == [-15, 20]


def test_a_text_may_be_looked_at() -> None:
    score = """{formula: "where(value == 'a', 10, limit)"}"""
    assert points(score, ["a", "b", None], kind="type: text") == [10, 5, None]


def test_the_value_before_is_not_kept() -> None:
    (mistake,) = mistakes("{formula: value - previous(value)}")
    assert "is not kept for the period after" in mistake.en


def test_the_reason_quotes_the_expression() -> None:
    assert reason("{formula: value + 1}", 3) == "3: value + 1 gives 4"
