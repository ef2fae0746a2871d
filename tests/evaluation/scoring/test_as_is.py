"""Published rates used as they are, as in Brazil's IGD-M (factor 1)."""

from tests.evaluation.scoring.helpers import points, reason


def test_the_value_is_the_points() -> None:
    assert points("as_is", [87.5, -3, 120, None], full=100) == [87.5, -3, 120, None]


def test_clip_holds_it_between_nothing_and_full_marks() -> None:
    score = "{as_is: true, clip: true}"
    assert points(score, [87.5, -3, 120, None], full=100) == [87.5, 0, 100, None]


def test_the_reason_says_so() -> None:
    assert reason("as_is", 87.5, full=100, unit="%") == "87.5% counts as it is"
    assert reason("as_is", 87.5, "zh", full=100, unit="%") == "87.5%，按原值计分"
