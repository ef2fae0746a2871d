"""Scores and points as tables: rows of plain values for files, and data frames for Python.

Points are decimals of six places whose rows add up to the score.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from reliefperf.errors import Lang
from reliefperf.evaluation.evaluate import Evaluation
from reliefperf.evaluation.improving import Improved
from reliefperf.evaluation.scoring.base import Given, ReasonRow, ScoringRule, given_at, plain
from reliefperf.model.environment import Array
from reliefperf.model.model import Model
from reliefperf.model.numbers import ANY_SIZE, snap, to_places
from reliefperf.model.spec_data import in_language
from reliefperf.scenarios.results.cells import (
    Cell,
    Row,
    by_period,
    frame_of,
    leading,
    number_text,
    number_texts,
)
from reliefperf.scenarios.results.contributions import Part, contributions, ordered_nodes
from reliefperf.scenarios.results.decision_words import decision_reason
from reliefperf.scenarios.results.score_words import ScoreWords
from reliefperf.scenarios.running import Run

if TYPE_CHECKING:
    import pandas as pd

POINT_PLACES = 6

_STEP_WORDS: dict[str, dict[Lang, str]] = {
    "min_score": {"zh": "得分不低于下限", "en": "the score is held at its lower limit"},
    "max_score": {"zh": "得分不高于上限", "en": "the score is held at its upper limit"},
    "six_decimals": {"zh": "各行只写六位小数的尾差", "en": "the rows have six decimals"},
}


def scores_table(run: Run) -> tuple[list[str], list[Row]]:
    """Header and rows: region, name, score, grade, rank, improvement if asked for, every node."""
    spec = run.model.spec.evaluation
    assert spec is not None
    header: list[str] = []
    rows: list[Row] = []
    for lead, result in by_period(run):
        evaluation = result.evaluation
        assert evaluation is not None
        nodes = list(ordered_nodes(evaluation))
        improved = evaluation.improved
        more = [] if improved is None else ["improvement", "improvement_grade", "improvement_rank"]
        header = [*leading(run), "region", "name", "score", "grade", "rank", *more, *nodes]
        columns = [number_texts(evaluation.values(node)) for node in nodes]
        for i, code in enumerate(evaluation.codes):
            rows.append(
                (
                    *lead,
                    code,
                    evaluation.names[i],
                    number_text(evaluation.score[i], spec.decimals),
                    None if evaluation.grade is None else evaluation.grade[i],
                    number_text(evaluation.rank[i]),
                    *_improvement_cells(run.model, improved, i),
                    *(column[i] for column in columns),
                )
            )
    return header, rows


def _improvement_cells(model: Model, improved: Improved | None, i: int) -> Row:
    spec = model.spec.evaluation
    if improved is None or spec is None or spec.improvement is None:
        return ()
    return (
        number_text(improved.values[i], spec.improvement.decimals),
        None if improved.grade is None else improved.grade[i],
        number_text(improved.rank[i]),
    )


def points_table(run: Run, lang: Lang | None = None) -> tuple[list[str], list[Row]]:
    """Header and rows: region, indicator, value, points, full marks, reason.

    Where the model treats the data, the value before treatment stands in `raw`. The rows in the model's language are kept with the run, since several files need them.
    """
    raw = ["raw"] if _is_treated(run) else []
    header = [*leading(run), "region", "indicator", *raw, "value", "points", "full_marks", "reason"]
    if lang is None or lang == run.model.language:
        return header, run.points_rows
    return header, list(points_rows(run, lang))


def points_rows(run: Run, lang: Lang) -> Iterator[Row]:
    """The rows of the points table, with reasons in one language."""
    for lead, result in by_period(run):
        evaluation = result.evaluation
        assert evaluation is not None
        rows = _points_of(run.model, evaluation, lead, lang)
        yield from rows if evaluation.treated is None else _with_raw(rows, evaluation, len(lead))


def _is_treated(run: Run) -> bool:
    evaluation = run.last.evaluation
    return evaluation is not None and evaluation.treated is not None


def _with_raw(rows: Iterator[Row], evaluation: Evaluation, at: int) -> Iterator[Row]:
    """The rows with the value before treatment; `at` is the place of the region's code in them."""
    assert evaluation.treated is not None
    place = {code: i for i, code in enumerate(evaluation.codes)}
    for row in rows:
        before = evaluation.treated.raw_of(str(row[at + 1]))
        shown: Cell = None
        if before is not None:
            shown = number_text(before[place[str(row[at])]])
        elif str(row[at + 1]) in evaluation.indicators:
            shown = row[at + 2]  # a text: not treated
        yield (*row[: at + 2], shown, *row[at + 2 :])


def _points_of(
    model: Model, evaluation: Evaluation, lead: tuple[str, ...], lang: Lang
) -> Iterator[Row]:
    parts = contributions(evaluation)
    adjustments = {effect.id: effect for effect in evaluation.effects}
    spec = model.spec.evaluation
    assert spec is not None
    said = ScoreWords(model, evaluation, lang)
    rounded = [_places_of(part.points) for part in parts]
    cells = [
        _indicator_column(said, part, points) if part.kind == "indicator" else []
        for part, points in zip(parts, rounded, strict=True)
    ]
    for i, code in enumerate(evaluation.codes):
        total = Decimal(0)
        for part, column, shown in zip(parts, rounded, cells, strict=True):
            points = column[i]
            if points is not None:
                total = ANY_SIZE.add(total, points)
            if part.kind == "indicator":
                yield (*lead, code, part.id, *shown[i])
            elif part.kind == "adjustment":
                effect = adjustments[part.id]
                if effect.applies[i]:
                    assert effect.spec is not None
                    title = in_language(effect.spec.title, lang, effect.id)
                    basis = in_language(effect.spec.basis, lang)
                    reason = f"{title}（{basis}）" if basis and lang == "zh" else title
                    if basis and lang == "en":
                        reason = f"{title} ({basis})"
                    if effect.spec.veto:
                        reason += "：一票否决" if lang == "zh" else ": veto, the lowest grade"
                    if effect.spec.cap_grade is not None:
                        cap = effect.spec.cap_grade
                        reason += (
                            f"：等次不高于{cap}" if lang == "zh" else f": grade not above {cap}"
                        )
                    reason = said.adjustment(effect.spec, reason)
                    yield (*lead, code, part.id, None, points, None, reason)
            elif part.kind == "decision":
                ruling = adjustments[part.id].rulings.get(i)
                if ruling is not None:
                    yield (*lead, code, part.id, None, points, None, decision_reason(ruling, lang))
            elif points:
                node = part.id.removeprefix("combine").removeprefix(":")
                is_node = part.kind == "combination"
                if part.id == "bonus_limit":
                    why = said.bonus_limit(i)
                else:
                    why = (evaluation.nodes[node].words if is_node else _STEP_WORDS[part.id])[lang]
                if is_node and (scored := evaluation.nodes[node].scored) is not None:
                    why += ("：" if lang == "zh" else ": ") + scored.reason(i, lang)
                yield (*lead, code, part.id, None, points, None, why)
        final = evaluation.score[i]
        if final == final:
            exact = snap(final) if spec.decimals is None else to_places(final, spec.decimals)
            rest = ANY_SIZE.subtract(exact, total)
            if rest:
                why = (
                    said.rounding()
                    if spec.decimals is not None
                    else _STEP_WORDS["six_decimals"][lang]
                )
                yield (*lead, code, "rounding", None, rest, None, why)


def _places_of(values: Array) -> list[Decimal | None]:
    """Each value of a column to POINT_PLACES; equal values are rounded once."""
    known: dict[float, Decimal | None] = {}
    found = []
    for value in values.tolist():
        if value not in known:  # NaN never is
            known[value] = None if value != value else _trim(to_places(value, POINT_PLACES))
        found.append(known[value])
    return found


def _trim(value: Decimal) -> Decimal:
    """The same number without trailing zeros, never in exponent form."""
    if value == value.to_integral_value():
        return ANY_SIZE.plus(to_places(value, 0))  # never -0
    return value.normalize(ANY_SIZE)


def _indicator_column(said: ScoreWords, part: Part, points: Sequence[Decimal | None]) -> list[Row]:
    """The cells of an indicator for every region; regions alike in all that is said share them."""
    evaluation = said.evaluation
    indicator = evaluation.indicators[part.id]
    treated = evaluation.treated
    given, varying = _constant(indicator.given)
    alike: list[Sequence[object]] = [
        _bits(column)
        for column in (
            indicator.value,
            indicator.points,
            part.points,
            part.full_marks,
            *varying,
            indicator.present,
            indicator.overridden,
            indicator.filled,
            None if treated is None else treated.regions_out,
        )
        if column is not None
    ]
    marks = _places_of(part.full_marks)
    known: dict[tuple[object, ...], Row] = {}
    found = []
    for i, key in enumerate(zip(*alike, strict=True)):
        cells = known.get(key)
        if cells is None:
            own = given_at(indicator.given, i) if varying else given
            shown, reason = _value_and_reason(said, part, i, points[i], own)
            cells = known[key] = (shown, points[i], marks[i], reason)
        found.append(cells)
    return found


def _bits(column: np.ndarray[Any, Any]) -> Sequence[object]:
    """A column's values as what tells them apart: the bits of a float, so that -0 is not 0."""
    if column.dtype == np.float64:
        return cast("list[object]", np.ascontiguousarray(column).view(np.int64).tolist())
    # 1 and True and 1.0 are one key of a dictionary
    return [(type(item), item) for item in column.tolist()]


def _constant(given: Given) -> tuple[Given, list[np.ndarray[Any, Any]]]:
    """A rule's fields for any region, and those of its columns that differ from region to region."""
    varying: list[np.ndarray[Any, Any]] = []
    pending: list[Any] = [given]
    while pending:
        item = pending.pop()
        if isinstance(item, np.ndarray) and item.ndim:
            varying.append(item)
        elif isinstance(item, dict):
            pending += item.values()
        elif isinstance(item, list):
            pending += item
    return {} if varying else given_at(given, 0), varying


def _value_and_reason(
    said: ScoreWords, part: Part, i: int, points: Decimal | None, given: Given
) -> tuple[str | None, str]:
    evaluation, lang = said.evaluation, said.lang
    indicator = evaluation.indicators[part.id]
    raw = indicator.value[i]
    value: float | str | None = raw if isinstance(raw, str) or raw is None else float(raw)
    shown = value if isinstance(value, str) or value is None else number_text(value)
    reason = _reason(said, part.id, i, value, given)
    own, full = float(indicator.points[i]), part.full_marks[i]
    factor = full / indicator.full_marks if indicator.full_marks else 1.0
    if points and own and abs(factor - 1) > 1e-9:
        # under weights the rule speaks of the indicator's own marks; say how they count
        sign = "；" if lang == "zh" else "; "
        reason += f"{sign}{plain(own)} × {plain(factor)} = {plain(float(points))}"
    return shown, reason


def _reason(
    said: ScoreWords, indicator_id: str, i: int, value: float | str | None, given: Given
) -> str:
    evaluation, lang = said.evaluation, said.lang
    indicator = evaluation.indicators[indicator_id]
    node = indicator.node
    zh = lang == "zh"
    treated = evaluation.treated
    if treated is not None and treated.regions_out[i]:
        return "地区因数据不足被筛除，不计分" if zh else "region screened out: no score"
    if treated is not None and indicator_id in treated.indicators_out:
        return (
            "指标被筛除，权重由同级指标承担"
            if zh
            else "indicator screened out: its weight went to its siblings"
        )
    if indicator.present is not None and not indicator.present[i]:
        return (
            "缺失，略过并由同级指标承担权重"
            if zh
            else "missing: skipped, its weight went to its siblings"
        )
    if indicator.overridden is not None and indicator.overridden[i] >= 0:
        override = node.override[int(indicator.overridden[i])]
        why = in_language(override.reason, lang, override.when.text)
        got = plain(float(indicator.points[i]))
        return f"适用例外（{why}），得 {got} 分" if zh else f"exception ({why}): {got}"
    missing = value is None or value != value
    if missing and node.missing == "zero":
        return "缺失，按零分计" if zh else "missing: scored zero"
    if missing and indicator.filled is not None and indicator.filled[i]:
        return "缺失，以组内均值代替" if zh else "missing: the mean of the group was used"
    if indicator.points[i] != indicator.points[i]:
        return "缺失，得分无法计算" if zh else "missing: no score"
    rule = node.score
    assert isinstance(rule, ScoringRule)
    row = ReasonRow(
        None if missing else value,
        float(indicator.points[i]),
        indicator.full_marks,
        node.unit,
        given,
    )
    return rule.reason(row, lang) + ("" if row.has_full_marks else said.computed(rule, given))


def scores_frame(run: Run) -> pd.DataFrame:
    """The scores with numbers as floats."""
    header, rows = scores_table(run)
    texts = {"period", "region", "name", "grade", "improvement_grade"}
    return frame_of(header, rows, [name for name in header if name not in texts])


def points_frame(run: Run) -> pd.DataFrame:
    """The points as decimals, which add up exactly."""
    header, rows = points_table(run)
    return frame_of(header, rows)
