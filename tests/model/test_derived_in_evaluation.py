"""Derived columns over nodes and the score: known to adjustments and grades that come after them."""

import numpy as np
import pytest

from reliefperf.evaluation.linear import NotLinear, linear_tree
from reliefperf.scenarios.explaining.moving_alone import NotAlone, amounts_alone
from reliefperf.scenarios.explaining.rescoring import rescored
from tests.building import evaluated, mistakes_of, model_of, note_kinds, run_on

COLUMNS = {"x": [80.0, 60.0, 40.0, 20.0], "y": [80.0, 50.0, 60.0, 20.0]}
REWARD = """\
    model: reward
    language: en
    variables: {x: {}, y: {}}
    derived:
      spread: abs(first - second)
      even: spread <= quantile(spread, 0.5)
      reward: where(even and both >= mean(both), 5, 0)
      top: quantile(score, 0.75)
    evaluation:
      scale: 100
      tree:
        - id: both
          points: 100
          combine: arithmetic
          children:
            - {id: first, value: x, score: as_is}
            - {id: second, value: y, score: as_is}
      adjustments: [{id: reward, bonus: reward}]
      max_score: 100
      grades: {bands: [{grade: A, at_least: top}, {grade: B}]}
      rank: {by: even}
"""


def test_a_bonus_may_use_a_derived_column_over_nodes() -> None:
    evaluation, _ = evaluated(model_of(REWARD), COLUMNS)
    assert evaluation.score == pytest.approx([85, 55, 50, 20])


def test_a_band_may_use_a_derived_column_over_the_final_score() -> None:
    evaluation, env = evaluated(model_of(REWARD), COLUMNS)
    assert env.columns["top"] == pytest.approx(62.5)
    assert evaluation.grade is not None
    assert evaluation.grade.tolist() == ["A", "B", "B", "B"]


def test_ranks_may_be_within_groups_that_nodes_make() -> None:
    evaluation, _ = evaluated(model_of(REWARD), COLUMNS)
    assert evaluation.rank.tolist() == [1, 1, 2, 2]


def test_each_is_computed_once_so_that_a_note_stands_once() -> None:
    text = REWARD.replace("spread: abs(first - second)", "spread: abs(first - second) / (x - 20)")
    _, env = evaluated(model_of(text), COLUMNS)
    assert note_kinds(env.notes).count("division-by-zero") == 1


def test_with_another_score_what_follows_from_it_follows_anew() -> None:
    model = model_of(REWARD)
    evaluation, env = evaluated(model, COLUMNS)
    changed = rescored(model, env, evaluation, np.array([10.0, 55.0, 50.0, 20.0]))
    assert changed.columns["grade"].tolist() == ["B", "A", "B", "B"]


def test_other_weights_would_change_what_nodes_make() -> None:
    model = model_of(REWARD)
    evaluation, env = evaluated(model, COLUMNS)
    found = linear_tree(model, env, evaluation)
    assert isinstance(found, NotLinear)
    assert "'reward' sets the score, or depends on it" in found.en


@pytest.mark.parametrize("limit", ["top", "quantile(score, 0.75)"])
def test_a_band_whose_end_moves_with_the_scores_is_no_fixed_limit(limit: str) -> None:
    text = REWARD.replace("at_least: top", f"at_least: '{limit}'").replace(
        "adjustments: [{id: reward, bonus: reward}]", "adjustments: []"
    )
    model = model_of(text.replace("      rank: {by: even}\n", ""))
    evaluation, env = evaluated(model, COLUMNS)
    tree = linear_tree(model, env, evaluation)
    assert not isinstance(tree, NotLinear)
    assert isinstance(tree.grades, NotLinear)


def test_the_worth_of_a_point_is_not_told_alone_where_a_band_looks_at_all_scores() -> None:
    text = """\
        model: m
        variables: {x: {}}
        evaluation:
          tree: [{id: a, points: 10, value: x, score: as_is}]
          grades: {bands: [{grade: A, at_least: "quantile(score, 0.5)"}, {grade: B}]}
        allocation: {unit: yuan, pools: {p: {amount: 10, eligible: grade == 'A', weight: 1}}}
    """
    model = model_of(text)
    run = run_on(model, {"region": ["a", "b", "c"], "x": [7.0, 1.0, 3.0]})
    assert run.last.evaluation is not None
    with pytest.raises(NotAlone, match="looks at the scores"):
        amounts_alone(model, run.last, run.last.evaluation.score)


@pytest.mark.parametrize(
    ("derived", "place", "why"),
    [
        ("late: score / 2", "adjustments: [{id: b, bonus: late}]", "nodes alone is known here"),
        ("late: where(grade == 'A', 1, 0)", "max_score: late", "nodes alone is known here"),
        ("late: where(grade == 'A', 1, 0)", "rank: {by: late}", "nodes and the score alone"),
        ("late: 2 * rank", "improvement: {of: late}", "nodes and the score alone"),
    ],
)
def test_what_is_known_later_is_refused_with_what_may_be_used(
    derived: str, place: str, why: str
) -> None:
    text = f"""\
        model: m
        variables: {{x: {{}}}}
        derived: {{{derived.replace(": ", ': "', 1)}"}}
        evaluation:
          tree: [{{id: a, points: 10, value: x, score: as_is}}]
          {place}
          grades: {{bands: [{{grade: A, at_least: 5}}, {{grade: B}}]}}
    """
    assert [why in mistake.en for mistake in mistakes_of(text)].count(True) == 1


def test_a_column_over_the_grade_is_still_known_to_the_money() -> None:
    text = """\
        model: m
        variables: {x: {}}
        derived: {good: "grade == 'A' and half > 2", half: score / 2}
        evaluation:
          tree: [{id: a, points: 10, value: x, score: as_is}]
          adjustments: [{id: more, bonus: 1}]
          grades: {bands: [{grade: A, at_least: 5}, {grade: B}]}
        allocation: {unit: yuan, pools: {p: {amount: 10, eligible: good, weight: half}}}
    """
    run = run_on(model_of(text), {"region": ["a", "b"], "x": [7.0, 1.0]})
    assert run.last.allocation is not None
    assert run.last.allocation.amounts("p") == [10, 0]
    assert run.last.env.columns["half"].tolist() == [4, 1]
