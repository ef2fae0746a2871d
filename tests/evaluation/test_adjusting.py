"""Bonuses, deductions, set scores, limits, rounding: their order, and what is said of them."""

import pytest

from tests.building import Values, evaluated, mistakes_of, model_of, note_kinds, plain_list

MODEL = """\
model: m
variables: {{x: {{}}, y: {{}}}}
evaluation:
  scale: 100
  combine: arithmetic
  tree: [{{id: a, value: x, score: as_is}}]
  {more}
  grades: {{bands: [{{grade: good, at_least: 80}}, {{grade: fair, at_least: 60}}, {{grade: poor}}]}}
"""


def adjusted(
    more: str, x: Values, y: Values
) -> tuple[list[float | None], list[str | None], list[str]]:
    """Scores, grades and kinds of notes."""
    more = more.replace("\n", "\n  ")
    evaluation, env = evaluated(model_of(MODEL.format(more=more)), {"x": x, "y": y})
    assert evaluation.grade is not None
    return plain_list(evaluation.score), evaluation.grade.tolist(), note_kinds(env.notes)


def test_bonuses_are_limited_together_before_deductions() -> None:
    more = """\
adjustments:
  - {id: late, when: y > 3, deduct: 2}
  - {id: one, bonus: y}
  - {id: two, bonus: 2}
bonus_limit: 5"""
    assert adjusted(more, [70, 70, 70], [0, 2, 4])[0] == [72, 74, 73]


def test_a_set_score_replaces_everything_before_it_and_limits_hold_after_it() -> None:
    more = """\
adjustments:
  - {id: closed, when: y == 1, set_score: 0}
  - {id: one, bonus: 50}
min_score: 10
max_score: 100"""
    assert adjusted(more, [70, 30, 70], [0, 0, 1])[0] == [100, 80, 10]


def test_the_score_is_rounded_before_it_is_graded() -> None:
    assert adjusted("decimals: 1", [79.95, 79.94, 59.96], [0, 0, 0])[:2] == (
        [80, 79.9, 60],
        ["good", "fair", "fair"],
    )


@pytest.mark.parametrize(
    ("rounding", "expected"),
    [("half_up", 79.5), ("half_even", 79.4), ("down", 79.4), ("up", 79.5)],
)
def test_rounding_is_as_stated(rounding: str, expected: float) -> None:
    assert adjusted(f"decimals: 1\nrounding: {rounding}", [79.45], [0])[0] == [expected]


def test_a_veto_gives_the_last_grade_and_leaves_the_score() -> None:
    more = "adjustments: [{id: falsified, when: y > 0, veto: true}]"
    assert adjusted(more, [90, 90], [0, 1]) == ([90, 90], ["good", "poor"], [])


def test_a_cap_holds_the_grade_down_and_never_lifts_it() -> None:
    more = "adjustments: [{id: audit, when: y > 0, cap_grade: fair}]"
    assert adjusted(more, [90, 90, 50], [0, 1, 1])[1] == ["good", "fair", "poor"]


@pytest.mark.parametrize(
    ("more", "scores", "note"),
    [
        ("adjustments: [{id: i, when: y > 0, bonus: 5}]", [75, 70], "condition-unknown"),
        ("adjustments: [{id: i, bonus: y}]", [71, 70], "adjustment-missing"),
        ("adjustments: [{id: i, deduct: y}]", [69, 70], "adjustment-missing"),
        ("adjustments: [{id: i, set_score: y}]", [1, None], "score-missing"),
        ("adjustments: [{id: i, bonus: 5}]\nbonus_limit: y", [71, 75], "limit-missing"),
        ("min_score: 80 * y", [80, 70], "limit-missing"),
        ("max_score: 60 * y", [60, 70], "limit-missing"),
        ("adjustments: [{id: i, when: y > 0, veto: true}]", [70, 70], "condition-unknown"),
    ],
)
def test_what_is_missing_is_noted_and_does_not_apply(
    more: str, scores: list[float | None], note: str
) -> None:
    found, _, kinds = adjusted(more, [70, 70], [1, None])
    assert found == scores
    assert kinds == [note]


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ("{id: i}", "exactly one of bonus"),
        ("{id: i, bonus: 1, deduct: 1}", "exactly one of bonus"),
        ("{id: i, cap_grade: god}", "did you mean 'good'"),
        ("{id: a, bonus: 1}", "already names rows"),
        ("{id: rounding, bonus: 1}", "already names rows"),
        ("{id: bonus_limit, bonus: 1}", "already names rows"),
        ("{id: i, bonus: 1}, {id: i, bonus: 2}", "stands twice"),
        ("{id: i, bonus: missing_name}", "unknown name"),
    ],
)
def test_what_is_no_adjustment_is_refused(item: str, said: str) -> None:
    (mistake,) = mistakes_of(MODEL.format(more=f"adjustments: [{item}]"))
    assert said in mistake.en


def test_a_veto_needs_grades() -> None:
    text = MODEL.format(more="adjustments: [{id: i, veto: true}]")
    text = "\n".join(line for line in text.splitlines() if "grades" not in line)
    assert "a veto needs `grades`" in mistakes_of(text)[0].en
