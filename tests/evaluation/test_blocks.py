"""Indicators scored together get what each would get alone, to the last bit."""

import pytest

from reliefperf.evaluation import blocks
from tests.building import Values, evaluated, model_of, note_kinds, plain_list


def test_the_same_indicators_score_the_same_together_and_alone() -> None:
    # together they are one block; a rule with an override, or a missing cell, is scored alone
    rules = [
        "{deduct: 1, above: 2}",
        "{goalposts: [0, 7]}",
        "{ratio: 3}",
        "{target: {at_least: 3}}",
        "{steps: {at_least: [[1, 2], [5, 9]]}}",
        "{per_unit: 0.7}",
    ]
    for rule in rules:
        text = f"""\
model: m
variables: {{x: {{}}, y: {{}}, z: {{}}}}
evaluation:
  scale: 10
  combine: arithmetic
  tree:
    - {{id: a, value: x, score: {rule}, missing: zero}}
    - {{id: b, value: y, score: {rule}, missing: zero}}
    - {{id: c, value: x, score: {rule}, missing: zero, override: [{{when: x > 99, points: 1}}]}}
    - {{id: d, value: z, score: {rule}, missing: zero}}
"""
        columns: dict[str, Values] = {
            "x": [0.3, 2, 5.1, 9],
            "y": [1, 1, 1, 1],
            "z": [0.3, None, 5.1, 9],
        }
        evaluation, env = evaluated(model_of(text), columns)
        alone = plain_list(evaluation.values("c"))
        assert plain_list(evaluation.values("a")) == alone
        assert plain_list(evaluation.values("d")) == [alone[0], 0, alone[2], alone[3]]
        assert note_kinds(env.notes) == ["zero"]


def test_fields_may_differ_by_indicator_and_by_region(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    model = """\
        model: m
        parameters: {p: 4, q: {value: 3}}
        variables: {x: {}, y: {}}
        evaluation:
          combine: sum
          tree:
            - {id: a, points: 5, value: x, score: {goalposts: [0, 8]}}
            - {id: b, points: p, value: y, score: {goalposts: [y - 1, p]}}
            - {id: c, points: 2, value: x + y, score: {goalposts: [q, 2 * x], clip: none}}
            - {id: d, points: 1, value: x, score: {goalposts: [-1, 12], clip: none}}
    """
    columns: dict[str, Values] = {"x": [1, 2, 7, 6.5], "y": [0.5, 3, 3, 1]}
    together = evaluated(model_of(model), columns)[0]
    monkeypatch.setattr(blocks, "SMALLEST", 99)
    alone = evaluated(model_of(model), columns)[0]
    for node in "abcd":
        assert plain_list(together.values(node)) == plain_list(alone.values(node))
    assert plain_list(together.values("b"))[0] == 4 * (0.5 + 0.5) / 4.5


def test_a_missing_cell_is_noted_once_though_it_was_looked_at_twice() -> None:
    text = """\
        model: m
        variables: {x: {}, y: {}}
        evaluation:
          combine: arithmetic
          scale: 10
          tree:
            - {id: a, value: x / y, score: {ratio: 2}, missing: zero}
            - {id: b, value: x, score: {ratio: y}, missing: skip}
    """
    evaluation, env = evaluated(model_of(text), {"x": [1, 2], "y": [0, 4]})
    assert plain_list(evaluation.score) == [0, 3.75]
    assert note_kinds(env.notes) == ["division-by-zero", "zero", "division-by-zero", "skipped"]


@pytest.mark.parametrize(
    "rule",
    [
        *(
            "as_is",
            "{ratio: y}",
            "{ratio: y, lower_is_better: true}",
            "{deduct: 1, per: y, above: 0}",
        ),
        *("{goalposts: [0, y]}", "{per_unit: y}", "{target: {at_least: y}}"),
        "{steps: {at_least: [[y, 2]]}}",
    ],
)
def test_nothing_by_nothing_in_a_block_is_treated_as_it_is_alone(
    monkeypatch: pytest.MonkeyPatch, rule: str
) -> None:
    text = f"""\
model: m
variables: {{x: {{}}, y: {{}}}}
evaluation:
  scale: 10
  combine: arithmetic
  tree:
    - {{id: a, value: x, score: {rule}, missing: zero}}
    - {{id: b, value: x, score: {rule}, missing: zero}}
"""
    columns: dict[str, Values] = {"x": [0, None, 3, 0], "y": [0, 2, None, 5]}
    together, env = evaluated(model_of(text), columns)
    monkeypatch.setattr(blocks, "SMALLEST", 99)
    alone, other = evaluated(model_of(text), columns)
    assert plain_list(together.score) == plain_list(alone.score)
    assert set(note_kinds(env.notes)) == set(note_kinds(other.notes))


def test_a_rule_in_a_block_is_held_at_full_marks_with_a_note() -> None:
    text = """\
        model: m
        variables: {x: {}}
        evaluation:
          scale: 6
          combine: arithmetic
          tree:
            - {id: a, value: x, score: {steps: {at_least: [[5, x]]}}}
            - {id: b, value: x, score: {steps: {at_least: [[5, x / 2]]}}}
    """
    evaluation, env = evaluated(model_of(text), {"x": [5, 8]})
    assert plain_list(evaluation.values("a")) == [5, 6]
    assert plain_list(evaluation.values("b")) == [2.5, 4]
    assert note_kinds(env.notes) == ["held-at-full"]
