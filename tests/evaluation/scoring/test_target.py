"""All or nothing: target tables of budget performance self-evaluation (actual >= target)."""

from tests.evaluation.scoring.helpers import mistakes, points, reason


def test_the_limit_itself_meets_an_at_least_and_not_an_above() -> None:
    values = [4753, 4754, 4755, None]
    assert points("{target: {at_least: 4754}}", values) == [0, 10, 10, None]
    assert points("{target: {above: 4754}}", values) == [0, 0, 10, None]
    assert points("{target: {at_most: 4754}}", values) == [10, 10, 0, None]
    assert points("{target: {below: 4754}}", values) == [10, 0, 0, None]


def test_two_limits_make_a_band() -> None:
    assert points("{target: {at_least: 30, at_most: 40}}", [29.9, 30, 35, 40, 40.1]) == (
        [0, 10, 10, 10, 0]
    )


def test_binary_noise_does_not_miss_a_target() -> None:
    assert points("{target: {at_least: 0.3}}", [0.1 + 0.2]) == [10]
    assert points("{target: {at_most: 0.3}}", [0.1 + 0.2]) == [10]
    assert points("{target: {above: 0.3}}", [0.1 + 0.2]) == [0]


def test_the_limit_may_differ_by_region_and_be_missing() -> None:
    assert points("{target: {at_least: y}}", [5, 5, 5], y=[4, 6, None]) == [10, 0, None]


def test_the_reason_names_the_limit_and_the_distance() -> None:
    said = reason("{target: {at_least: 100}}", 99, unit="%")
    assert said == "99% is below the target of at least 100% by 1: no points, 10 lost"
    said = reason("{target: {at_least: 30, at_most: 40}}", 42, "zh")
    assert said == "42，高于上限40，超出 2，未达标不得分，扣 10 分"


def test_a_target_needs_a_limit() -> None:
    assert "a target needs" in mistakes("{target: {}}")[0].en
