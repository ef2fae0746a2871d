"""One indicator: missing policies, overrides, decimals. Nothing is silent."""

import pytest

from reliefperf.errors import InputError
from reliefperf.scenarios.results.points import points_table
from tests.building import (
    Values,
    evaluated,
    mistakes_of,
    model_of,
    note_kinds,
    plain_list,
    run_on,
)

TREE = """\
model: m
parameters: {{half: 0.5}}
variables: {{x: {{}}, y: {{}}, zone: {{type: text}}}}
evaluation:
  scale: 10
  combine: arithmetic
  tree:
    - {{id: a, value: x / y, score: as_is, {more}}}
    - {{id: b, value: y, score: as_is}}
"""
COLUMNS: dict[str, Values] = {
    "x": [8, 2, None, 6],
    "y": [2, 1, 4, 0],
    "zone": ["n", "n", "n", "s"],
}


def score(more: str) -> tuple[list[float | None], list[float | None], list[str]]:
    """Points of `a`, scores, and kinds of notes."""
    evaluation, env = evaluated(model_of(TREE.format(more=more)), COLUMNS)
    return plain_list(evaluation.values("a")), plain_list(evaluation.score), note_kinds(env.notes)


def test_error_is_the_default_and_names_indicator_regions_and_place() -> None:
    with pytest.raises(InputError) as caught:
        score("decimals: 2")
    (mistake,) = caught.value.mistakes
    assert "indicator 'a' has no points in 2 region(s): r3, r4" in mistake.en
    assert "指标“a”" in mistake.zh
    assert (mistake.file, mistake.line) == ("model.yaml", 8)


@pytest.mark.parametrize(
    ("policy", "points", "scores", "note"),
    [
        ("missing: zero", [4, 2, 0, 0], [3, 1.5, 2, 0], "zero"),
        ("missing: skip", [4, 2, None, None], [3, 1.5, 4, 0], "skipped"),
        ("missing: score_missing", [4, 2, None, None], [3, 1.5, None, None], "score-missing"),
    ],
)
def test_each_policy_does_what_it_says_and_leaves_a_note(
    policy: str, points: list[float | None], scores: list[float | None], note: str
) -> None:
    found_points, found_scores, kinds = score(policy)
    assert found_points == points
    assert found_scores == pytest.approx(scores)
    assert kinds == ["division-by-zero", note]


def test_group_mean_fills_what_the_group_knows_and_says_so() -> None:
    points, scores, kinds = score("missing: group_mean, group: zone")
    assert points == [4, 2, 3, None]  # the mean of 4 and 2; zone s has no value at all
    assert scores == pytest.approx([3, 1.5, 3.5, None])
    assert kinds == ["division-by-zero", "group-mean", "score-missing"]


def test_group_mean_and_group_go_together() -> None:
    for more in ("missing: group_mean", "group: zone"):
        (mistake,) = mistakes_of(TREE.format(more=more))
        assert "go together" in mistake.en


def test_the_first_override_that_holds_gives_the_points() -> None:
    override = (
        "missing: zero, override: ["
        "{when: value >= 4, points: full_marks}, {when: x >= 2, points: half, reason: low}]"
    )
    evaluation, env = evaluated(model_of(TREE.format(more=override)), COLUMNS)
    assert plain_list(evaluation.values("a")) == [10, 0.5, 0, 0.5]
    overridden = evaluation.indicators["a"].overridden
    assert overridden is not None
    assert overridden.tolist() == [0, 1, -1, 1]
    assert note_kinds(env.notes).count("condition-unknown") == 2


def test_points_are_rounded_half_up_where_said() -> None:
    more = "missing: zero, decimals: 0"
    evaluation, _ = evaluated(model_of(TREE.format(more=more)), {**COLUMNS, "y": [3, 0.8, 1, 1]})
    assert plain_list(evaluation.values("a")) == [3, 3, 0, 6]  # 2.667 and 2.5


def test_a_text_can_only_be_scored_as_a_text() -> None:
    text = TREE.format(more="missing: zero").replace("value: x / y", "value: zone")
    (mistake,) = mistakes_of(text)
    assert mistake.en == "'as_is' scores a number, this gives a text; score texts with `states`"
    assert mistake.line == 8


def test_a_text_has_no_mean() -> None:
    more = "missing: group_mean, group: zone"
    text = TREE.format(more=more).replace(
        "value: x / y, score: as_is", "value: zone, score: {states: {n: 1}}"
    )
    (mistake,) = mistakes_of(text)
    assert "no mean" in mistake.en


@pytest.mark.parametrize(
    "rule",
    [
        "{steps: {at_least: [[5, y]]}}",
        "{states: {9: y}}",
        "{deduct: 1 - y, above: 8}",
        "{deduct: 1, above: 99, start: y}",
        "{formula: 1}\n      override: [{when: x > 0, points: y}]",
        "as_is\n      override: [{when: x > 0, points: y}]",
        "{met: true, otherwise: y}",
    ],
)
def test_points_above_full_marks_are_held_there_with_a_note(rule: str) -> None:
    text = f"""\
model: m
variables: {{x: {{}}, y: {{}}}}
evaluation:
  scale: 6
  combine: arithmetic
  tree:
    - id: a
      value: {"0 * x" if "met" in rule else "x"}
      score: {rule}
"""
    evaluation, env = evaluated(model_of(text), {"x": [9], "y": [8]})
    assert plain_list(evaluation.score) == [6]
    assert note_kinds(env.notes) == ["held-at-full"]


@pytest.mark.parametrize(
    "rule",
    [
        *("as_is", "{formula: value, clip: false}", "{goalposts: [0, 6], clip: none}"),
        *("{piecewise: [[0, 0], [1, 1]], outside: extend}", "{ratio: 6, cap: 2}"),
        "{improvement: 0 * x, goalposts: [0, 6], clip: below}",
    ],
)
def test_more_than_full_marks_where_the_rule_says_so_is_not_called_full_marks(rule: str) -> None:
    text = f"""\
model: m
language: en
variables: {{x: {{}}}}
evaluation:
  scale: 6
  combine: arithmetic
  tree: [{{id: a, value: x, score: {rule}}}]
"""
    run = run_on(model_of(text), {"region": ["A"], "x": [9]})
    ((_, _, _, points, _, reason),) = points_table(run, "en")[1]
    assert points == 9
    assert "9" in str(reason)
    assert ": full marks" not in str(reason)
    assert "lost" not in str(reason)


def test_the_error_of_missing_points_quotes_what_was_noted() -> None:
    text = """\
        model: m
        variables: {x: {type: text}}
        evaluation:
          scale: 6
          combine: arithmetic
          tree: [{id: a, value: x, score: {states: {yes: 6, no: 0}}}]
    """
    with pytest.raises(InputError) as caught:
        evaluated(model_of(text.replace("yes", "'yes'").replace("no:", "'no':")), {"x": ["maybe"]})
    assert "a state that the rule does not list counts as missing" in str(caught.value)
