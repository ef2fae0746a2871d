"""The results as tables: rows of plain values for files, and data frames for Python.

Points are decimals of six places whose rows add up to the score; money is decimal and its rows add
up to the amount.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from reliefperf.allocation.allocate import Allocation
from reliefperf.errors import Lang
from reliefperf.evaluation.evaluate import Evaluation
from reliefperf.evaluation.improving import Improved
from reliefperf.evaluation.scoring.base import ReasonRow, ScoringRule, given_at, plain
from reliefperf.model.model import Model
from reliefperf.model.numbers import ANY_SIZE, snap, to_places
from reliefperf.model.spec_data import in_language
from reliefperf.scenarios.results.contributions import Part, contributions, ordered_nodes
from reliefperf.scenarios.results.decision_words import decision_reason
from reliefperf.scenarios.running import PeriodRun, Run

if TYPE_CHECKING:
    import pandas as pd

POINT_PLACES = 6
MONEY_EXTRA_PLACES = 6
"""Decimals of entitlements and steps beyond those of the smallest amount."""

Cell = str | Decimal | float | int | None
Row = tuple[Cell, ...]

_STEP_WORDS: dict[str, dict[Lang, str]] = {
    "bonus_limit": {"zh": "加分超过上限的部分不计", "en": "bonuses beyond their limit"},
    "min_score": {"zh": "得分不低于下限", "en": "the score is held at its lower limit"},
    "max_score": {"zh": "得分不高于上限", "en": "the score is held at its upper limit"},
    "rounding": {"zh": "得分取整", "en": "rounding of the score"},
    "six_decimals": {"zh": "各行只写六位小数的尾差", "en": "the rows have six decimals"},
}


_MONEY_STEPS: dict[str, dict[Lang, str]] = {
    "entitlement": {"zh": "测算额", "en": "entitlement"},
    "limit": {"zh": "按限额压减", "en": "scaled to the limit"},
    "floor": {"zh": "保底", "en": "floor"},
    "scaling": {"zh": "增量缩放", "en": "scaling of gains"},
    "objectives": {"zh": "分配目标", "en": "objectives"},
    "limits": {"zh": "预算与总额限制", "en": "budget and totals"},
    "rounding": {"zh": "取整", "en": "rounding"},
    "not-eligible": {"zh": "不具备资格", "en": "not eligible"},
}


def step_word(step: str, lang: Lang) -> str:
    """A step of the explanation in words; a rule's id stays as it is."""
    return _MONEY_STEPS[step][lang] if step in _MONEY_STEPS else step


def number_text(value: float | Decimal | None, decimals: int | None = None) -> str:
    """A number for a file: empty where missing, no binary noise."""
    if value is None or value != value:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    if decimals is not None:
        return format(to_places(value, decimals), "f")
    if value == int(value) and abs(value) <= 2**53:
        return str(int(value))
    text = format(snap(float(value)), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _periods(run: Run) -> Iterator[tuple[tuple[str, ...], PeriodRun]]:
    """Each period with the cells that a panel's rows begin with."""
    panel = tuple(run.periods) != ("",)
    for period, result in run.periods.items():
        yield ((period,) if panel else ()), result


def _lead(run: Run) -> tuple[str, ...]:
    return () if tuple(run.periods) == ("",) else ("period",)


# ---------------------------------------------------------------- scores


def scores_table(run: Run) -> tuple[list[str], list[Row]]:
    """Header and rows: region, name, score, grade, rank, improvement if asked for, every node."""
    spec = run.model.spec.evaluation
    assert spec is not None
    header: list[str] = []
    rows: list[Row] = []
    for lead, result in _periods(run):
        evaluation = result.evaluation
        assert evaluation is not None
        nodes = list(ordered_nodes(evaluation))
        improved = evaluation.improved
        more = [] if improved is None else ["improvement", "improvement_grade", "improvement_rank"]
        header = [*_lead(run), "region", "name", "score", "grade", "rank", *more, *nodes]
        columns = [evaluation.values(node) for node in nodes]
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
                    *(number_text(column[i]) for column in columns),
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
    header = [*_lead(run), "region", "indicator", *raw, "value", "points", "full_marks", "reason"]
    if lang is None or lang == run.model.language:
        return header, run.points_rows
    return header, list(points_rows(run, lang))


def points_rows(run: Run, lang: Lang) -> Iterator[Row]:
    """The rows of the points table, with reasons in one language."""
    for lead, result in _periods(run):
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
    for i, code in enumerate(evaluation.codes):
        total = Decimal(0)
        known = True
        for part in parts:
            value = part.points[i]
            points = None if value != value else _places(value)
            if points is None:
                known = False
            else:
                total = ANY_SIZE.add(total, points)
            if part.kind == "indicator":
                yield (*lead, code, part.id, *_indicator_cells(evaluation, part, i, points, lang))
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
                    yield (*lead, code, part.id, None, points, None, reason)
            elif part.kind == "decision":
                ruling = adjustments[part.id].rulings.get(i)
                if ruling is not None:
                    yield (*lead, code, part.id, None, points, None, decision_reason(ruling, lang))
            elif points:
                node = part.id.removeprefix("combine").removeprefix(":")
                is_node = part.kind == "combination"
                words = evaluation.nodes[node].how.words if is_node else _STEP_WORDS[part.id]
                yield (*lead, code, part.id, None, points, None, words[lang])
        final = evaluation.score[i]
        if known and final == final:
            exact = snap(final) if spec.decimals is None else to_places(final, spec.decimals)
            rest = ANY_SIZE.subtract(exact, total)
            if rest:
                word = "six_decimals" if spec.decimals is None else "rounding"
                yield (*lead, code, "rounding", None, rest, None, _STEP_WORDS[word][lang])


def _places(value: float) -> Decimal:
    return _trim(to_places(value, POINT_PLACES))


def _trim(value: Decimal) -> Decimal:
    """The same number without trailing zeros, never in exponent form."""
    if value == value.to_integral_value():
        return ANY_SIZE.plus(to_places(value, 0))  # never -0
    return value.normalize(ANY_SIZE)


def _indicator_cells(
    evaluation: Evaluation, part: Part, i: int, points: Decimal | None, lang: Lang
) -> Row:
    indicator = evaluation.indicators[part.id]
    node = indicator.node
    raw = indicator.value[i]
    value: float | str | None = raw if isinstance(raw, str) or raw is None else float(raw)
    shown = value if isinstance(value, str) or value is None else number_text(value)
    full = part.full_marks[i]
    marks = None if full != full else _places(full)
    reason = _reason(evaluation, part.id, i, value, lang, node.unit)
    own = float(indicator.points[i])
    factor = full / indicator.full_marks if indicator.full_marks else 1.0
    if points and own and abs(factor - 1) > 1e-9:
        # under weights the rule speaks of the indicator's own marks; say how they count
        sign = "；" if lang == "zh" else "; "
        reason += f"{sign}{plain(own)} × {plain(factor)} = {plain(float(points))}"
    return shown, points, marks, reason


def _reason(
    evaluation: Evaluation,
    indicator_id: str,
    i: int,
    value: float | str | None,
    lang: Lang,
    unit: str,
) -> str:
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
        said = in_language(override.reason, lang, override.when.text)
        got = plain(float(indicator.points[i]))
        return f"适用例外（{said}），得 {got} 分" if zh else f"exception ({said}): {got}"
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
        unit,
        given_at(indicator.given, i),
    )
    return rule.reason(row, lang)


# ---------------------------------------------------------------- money


def money_places(allocation: Allocation) -> int:
    """Decimals of the smallest amount."""
    return max(0, -int(allocation.smallest.normalize().as_tuple().exponent))


def exact_money(value: Fraction, places: int) -> Decimal:
    """An amount as a decimal of so many places."""
    scale = 10**places
    whole = value * scale
    return Decimal(round(whole)).scaleb(-places)


def allocation_table(run: Run) -> tuple[list[str], list[Row]]:
    """Header and rows: region, pool, entitlement, amount; pool `total` last."""
    header = [*_lead(run), "region", "pool", "entitlement", "amount"]
    rows: list[Row] = []
    for lead, result in _periods(run):
        assert result.allocation is not None
        rows += allocation_rows(result.allocation, lead)
    return header, rows


def allocation_rows(allocation: Allocation, lead: tuple[str, ...]) -> Iterator[Row]:
    """The rows of one allocation, region by region; `lead` stands before each."""
    places = money_places(allocation)
    columns = [
        (
            pool,
            [exact_money(e, places + MONEY_EXTRA_PLACES) for e in allocation.entitlements(pool)],
            [amount.quantize(Decimal(1).scaleb(-places)) for amount in allocation.amounts(pool)],
        )
        for pool in (*allocation.pools, "total")
    ]
    for i, code in enumerate(allocation.codes):
        for pool, entitlements, amounts in columns:
            yield (*lead, code, pool, _trim(entitlements[i]), amounts[i])


def explanation_table(run: Run) -> tuple[list[str], list[Row]]:
    """Header and rows: region, pool, step, amount; the steps of a pool add up to its amount."""
    return [*_lead(run), "region", "pool", "step", "amount"], run.explanation_rows


def explanation_rows(run: Run) -> Iterator[Row]:
    """The rows of the explanation."""
    for lead, result in _periods(run):
        assert result.allocation is not None
        yield from explanation_of(result.allocation, lead)


def explanation_of(allocation: Allocation, lead: tuple[str, ...]) -> Iterator[Row]:
    """The rows of one allocation's explanation; `lead` stands before each."""
    places = money_places(allocation) + MONEY_EXTRA_PLACES
    ready = []
    for pool_id, result in allocation.pools.items():
        names = ["entitlement", *(stage.step for stage in result.stages)]
        levels = [result.pool.entitlement, *(stage.amounts for stage in result.stages)]
        columns = [[exact_money(value, places) for value in level] for level in levels]
        ready.append((pool_id, names, columns, allocation.amounts(pool_id), result.pool.eligible))
    for i, code in enumerate(allocation.codes):
        for pool_id, names, columns, amounts, eligible in ready:
            if not eligible[i]:
                yield (*lead, code, pool_id, "not-eligible", Decimal(0))
                continue
            before = Decimal(0)
            for name, column in zip(names, columns, strict=True):
                change = column[i] - before
                before = column[i]
                if change or name == "entitlement":
                    yield (*lead, code, pool_id, name, _trim(change))
            if amounts[i] != before:
                yield (*lead, code, pool_id, "rounding", _trim(amounts[i] - before))


# ---------------------------------------------------------------- data frames


def _frame(header: list[str], rows: Iterable[Row], numeric: Iterable[str]) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(list(rows), columns=header)
    for name in numeric:
        frame[name] = pd.to_numeric(frame[name].replace("", None))
    return frame


def scores_frame(run: Run) -> pd.DataFrame:
    """The scores with numbers as floats."""
    header, rows = scores_table(run)
    texts = {"period", "region", "name", "grade", "improvement_grade"}
    return _frame(header, rows, [name for name in header if name not in texts])


def points_frame(run: Run) -> pd.DataFrame:
    """The points as decimals, which add up exactly."""
    header, rows = points_table(run)
    return _frame(header, rows, [])


def allocation_frame(run: Run) -> pd.DataFrame:
    """Entitlements and amounts as decimals."""
    header, rows = allocation_table(run)
    return _frame(header, rows, [])


def explanation_frame(run: Run) -> pd.DataFrame:
    """The steps as decimals, which add up exactly."""
    header, rows = explanation_table(run)
    return _frame(header, rows, [])
