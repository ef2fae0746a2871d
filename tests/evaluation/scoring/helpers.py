"""One indicator scored by one rule."""

from __future__ import annotations

from typing import Any

from reliefperf.errors import Lang, Mistake
from reliefperf.evaluation.scoring.base import ReasonRow, ScoringRule, given_at
from tests.building import Values, evaluated, mistakes_of, model_of, plain_list

TEXT = """\
model: rule
language: en
parameters: {{limit: 5}}
variables: {{x: {{{kind}}}, y: {{}}, z: {{type: text}}}}
evaluation:
  scale: {full}
  combine: arithmetic
  tree:
    - {{id: i, value: x, unit: "{unit}", score: {score}, missing: score_missing}}
"""


def text_of(score: str, full: float = 10, unit: str = "", kind: str = "") -> str:
    return TEXT.format(score=score, full=full, unit=unit, kind=kind)


def points(score: str, x: Values, *, full: float = 10, kind: str = "", **more: Values) -> list[Any]:
    """The points of one indicator in each region; None where missing."""
    model = model_of(text_of(score, full, kind=kind))
    regions = [0] * len(x) if isinstance(x, list) else [0]
    columns: dict[str, Values] = {"x": x, "y": regions, "z": ["n"] * len(regions), **more}
    return plain_list(evaluated(model, columns)[0].values("i"))


def notes(score: str, x: Values, **more: Values) -> list[str]:
    """The kinds of notes that scoring leaves, without the missing policy's own."""
    model = model_of(text_of(score))
    _, env = evaluated(model, {"x": x, "y": x, "z": ["n"], **more})
    return [note.kind for note in env.notes if note.kind != "score-missing"]


def reason(
    score: str,
    x: float | str,
    lang: Lang = "en",
    *,
    full: float = 10,
    unit: str = "",
    kind: str = "",
    **more: Values,
) -> str:
    """The sentence of a single region."""
    model = model_of(text_of(score, full, unit, kind))
    columns: dict[str, Values] = {"x": [x], "y": [0], "z": ["n"], **more}
    indicator = evaluated(model, columns)[0].indicators["i"]
    rule = indicator.node.score
    assert isinstance(rule, ScoringRule)
    row = ReasonRow(
        x if isinstance(x, str) else float(x),
        float(indicator.points[0]),
        indicator.full_marks,
        unit,
        given_at(indicator.given, 0),
    )
    return rule.reason(row, lang)


def mistakes(score: str, **options: Any) -> list[Mistake]:
    """What is wrong with a rule."""
    return mistakes_of(text_of(score, **options))
