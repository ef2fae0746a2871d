"""What a row of points.csv says beside its rule: formulas of adjustments, and where limits come from.

A reason quotes numbers. Where a number is computed, a mean of all regions or a target of its own,
the reader is told of what; and a bonus of nine points says of which counts it is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reliefperf.errors import Lang
from reliefperf.evaluation.evaluate import Evaluation
from reliefperf.evaluation.scoring.base import Given, ScoringRule, plain
from reliefperf.model.expressions import Expr
from reliefperf.model.model import Model
from reliefperf.model.numbers import Rounding
from reliefperf.model.spec_data import Spec, in_language
from reliefperf.model.spec_evaluation import Adjustment
from reliefperf.scenarios.results.titling import column_titles, titled

_ROUNDINGS: dict[Rounding, str] = {
    "half_up": "四舍五入",
    "half_even": "四舍六入五成双",
    "down": "舍去尾数",
    "up": "进位",
}
_QUOTED_ANYWAY = ("formula", "improvement")
"""Fields whose own sentence says what they are."""


class ScoreWords:
    """Sentences on the score of one model in one language."""

    def __init__(self, model: Model, evaluation: Evaluation, lang: Lang) -> None:
        assert model.spec.evaluation is not None
        self.spec, self.evaluation, self.lang = model.spec.evaluation, evaluation, lang
        nodes = {
            one: in_language(indicator.node.title, lang, one)
            for one, indicator in evaluation.indicators.items()
        }
        self.names = {**nodes, **column_titles(model, lang)}
        self._fields: dict[int, list[tuple[str, Expr | Spec]]] = {}  # by id: the model keeps them

    def _say(self, en: str, zh: str) -> str:
        return zh if self.lang == "zh" else en

    def adjustment(self, item: Adjustment, reason: str) -> str:
        """`reason`, and the formula of its points where they are no plain number."""
        expr = next((x for x in (item.bonus, item.deduct, item.set_score) if x is not None), None)
        if expr is None or not (expr.names or expr.calls):
            return reason
        return f"{reason}{self._say(': ', '：')}{titled(expr.text, self.names, self.lang)}"

    def bonus_limit(self, i: int) -> str:
        """What all bonuses of a region come to, and the limit that they pass."""
        given = cut = 0.0
        for effect in self.evaluation.effects:
            if effect.id == "bonus_limit":
                cut = float(effect.points[i])
            elif effect.spec is not None and effect.spec.bonus is not None:
                given += float(effect.points[i])
        total, limit = plain(given), plain(given + cut)
        return self._say(
            f"bonuses of {total} in all, beyond their limit of {limit}",
            f"加分合计 {total} 分，超过上限 {limit} 分的部分不计",
        )

    def rounding(self) -> str:
        """How the score is rounded."""
        decimals, how = self.spec.decimals, _ROUNDINGS[self.spec.rounding]
        zh = f"得分保留 {decimals} 位小数" if decimals else "得分取整数"
        return self._say("rounding of the score", f"{zh}（{how}）")

    def computed(self, rule: ScoringRule, given: Given) -> str:
        """In brackets, each number of a rule that is computed, and from what; '' if none is."""
        found = {
            plain(value): titled(expr.text, self.names, self.lang)
            for expr, value in self._computed(rule, given)
        }
        if not found:
            return ""
        if self.lang == "zh":
            return f"（其中 {'，'.join(f'{value} 为 {text}' for value, text in found.items())}）"
        return f" ({'; '.join(f'{value} is {text}' for value, text in found.items())})"

    def _computed(self, rule: Spec, given: Mapping[str, object]) -> Iterator[tuple[Expr, float]]:
        """Expressions in a rule's fields that look something up, with what they came to."""
        fields = self._fields.get(id(rule))
        if fields is None:
            fields = self._fields[id(rule)] = _looking_up(rule)
        for name, field in fields:
            value = given.get(name)
            if isinstance(field, Expr):
                if isinstance(value, float) and value == value:
                    yield field, value
            elif isinstance(value, dict):
                yield from self._computed(field, value)


def _looking_up(rule: Spec) -> list[tuple[str, Expr | Spec]]:
    """The fields of a rule that are expressions with names, or have fields of their own."""
    found: list[tuple[str, Expr | Spec]] = []
    for name in type(rule).model_fields:
        field = getattr(rule, name)
        if isinstance(field, Spec) or (
            isinstance(field, Expr) and field.names and name not in _QUOTED_ANYWAY
        ):
            found.append((name, field))
    return found
