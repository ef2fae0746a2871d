"""The sentences of several regions that are compared with each other."""

from __future__ import annotations

from reliefperf.errors import Lang
from reliefperf.evaluation.scoring.base import ReasonRow, ScoringRule, given_at
from tests.building import Values, evaluated, model_of
from tests.evaluation.scoring.helpers import text_of


def reasons(
    score: str, x: list[float], lang: Lang = "en", *, full: float = 10, unit: str = ""
) -> list[str]:
    """One sentence a region."""
    columns: dict[str, Values] = {"x": x, "y": 0, "z": ["n"] * len(x)}
    indicator = evaluated(model_of(text_of(score, full, unit)), columns)[0].indicators["i"]
    rule = indicator.node.score
    assert isinstance(rule, ScoringRule)
    return [
        rule.reason(
            ReasonRow(
                float(value),
                float(indicator.points[place]),
                indicator.full_marks,
                unit,
                given_at(indicator.given, place),
            ),
            lang,
        )
        for place, value in enumerate(x)
    ]
