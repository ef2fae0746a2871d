"""The tables of the rule book: claims, consequences, decisions by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from reliefperf.data.findings import Finding
from reliefperf.errors import Lang
from reliefperf.evaluation.accountability import counted_by
from reliefperf.evaluation.evaluate import Evaluation
from reliefperf.evaluation.scoring.base import plain
from reliefperf.model.claimed import SCORE, claimed_nodes
from reliefperf.model.environment import Array, Column, Environment
from reliefperf.model.model import Model
from reliefperf.model.spec_data import in_language
from reliefperf.model.spec_rulebook import Consequence, consequence_key, part_key
from reliefperf.scenarios.results.cells import Cell, Row, by_period, frame_of, leading, number_text
from reliefperf.scenarios.running import PeriodRun, Run

if TYPE_CHECKING:
    import pandas as pd

Table = tuple[list[str], list[Row]]

RULEBOOK_TEXTS = (
    *("period", "region", "name", "item", "of", "consequence", "title", "effect", "detail"),
    *("cases", "basis", "responsible", "target", "reason", "decided_by", "date"),
)
"""Columns of these tables that hold texts, never numbers."""
CHOICE: dict[Lang, str] = {"zh": "建模者选择", "en": "modeller's choice"}
"""What stands for a legal basis where the model states none."""


def has_claims(model: Model) -> bool:
    """Whether a variable has parts, or an indicator claimed points."""
    evaluation = model.spec.evaluation
    return any(variable.has_parts for variable in model.spec.variables.values()) or (
        evaluation is not None and any(node.claimed is not None for node in evaluation.nodes())
    )


def has_consequences(model: Model) -> bool:
    """Whether the model says what follows from what."""
    return model.spec.evaluation is not None and bool(model.spec.evaluation.consequences)


def has_decisions(model: Model) -> bool:
    """Whether the model names a table of decisions."""
    return model.spec.evaluation is not None and model.spec.evaluation.decisions is not None


def rulebook_tables(run: Run) -> dict[str, Table]:
    """The tables that the model gives rise to, by the name of their file."""
    found: dict[str, Table] = {}
    if has_claims(run.model):
        found["claims"] = claims_table(run)
    if has_consequences(run.model):
        found["consequences"] = consequences_table(run)
    if has_decisions(run.model):
        found["decisions"] = decisions_table(run)
    return found


# ---------------------------------------------------------------- claims


def claims_table(run: Run) -> Table:
    """Header and rows: region, item, of, self, verified, final, difference (final - self).

    `of` says whether the item is a variable's `value` or an indicator's `points`; the points that
    were verified are those that the rules give, and stand under `final`.
    """
    header = [*leading(run), "region", "item", "of", "self", "verified", "final", "difference"]
    rows: list[Row] = []
    variables = [(k, v) for k, v in run.model.spec.variables.items() if v.has_parts]
    for lead, result in by_period(run):
        env = result.env
        for i, code in enumerate(env.codes):
            for name, variable in variables:
                parts = [
                    _at(env.columns.get(part_key(part, name)), i) for part in ("self", "verified")
                ]
                final = _at(env.columns[name], i)
                first = parts[0] if variable.self is not None else parts[1]
                rows.append(
                    (
                        *(*lead, code, name, "value"),
                        *(_cell(part) for part in (*parts, final)),
                        _difference(first, final),
                    )
                )
            if result.evaluation is not None:
                rows += _claimed_points(run.model, result, result.evaluation, lead, i)
    return header, rows


def _claimed_points(
    model: Model, result: PeriodRun, evaluation: Evaluation, lead: tuple[str, ...], i: int
) -> Iterator[Row]:
    spec = model.spec.evaluation
    assert spec is not None
    known = claimed_nodes(spec)
    ids = [node.id for node in spec.nodes() if node.id in known]
    for name in [*ids, *([SCORE] if SCORE in known else [])]:
        claimed = _at(result.env.columns[part_key("claimed", name)], i)
        computed = evaluation.tree_score if name == SCORE else evaluation.values(name)
        points = _at(computed, i)
        cells = (_cell(claimed), None, _cell(points), _difference(claimed, points))
        yield (*lead, evaluation.codes[i], name, "points", *cells)


def _at(column: Column | None, i: int) -> float | str | None:
    if column is None:
        return None
    value = column[i]
    if value is None or isinstance(value, str):
        return value
    return None if value != value else float(value)


def _cell(value: float | str | None) -> str | None:
    return value if value is None or isinstance(value, str) else number_text(value)


def _difference(first: float | str | None, final: float | str | None) -> str | None:
    if isinstance(first, float) and isinstance(final, float):
        return number_text(final - first)
    return None


# ---------------------------------------------------------------- consequences


def consequences_table(run: Run, lang: Lang | None = None) -> Table:
    """Header and rows, one a region and consequence that applies.

    `findings` is how many findings its condition counts (empty where it counts none), and `cases`
    says which: row of the file, date, source.
    """
    lang = lang or run.model.language
    names = ("region", "name", "consequence", "title", "effect", "detail", "findings", "cases")
    header = [*leading(run), *names, "basis", "responsible"]
    rows: list[Row] = []
    for lead, result in by_period(run):
        evaluation = result.evaluation
        assert evaluation is not None
        deducted = {effect.id: -effect.points for effect in evaluation.effects}
        for i, code in enumerate(evaluation.codes):
            for one in evaluation.imposed:
                if not one.applies[i]:
                    continue
                item = one.spec
                cases = _cases(run, result.env, item, code)
                rows.append(
                    (
                        *(*lead, code, evaluation.names[i], item.id),
                        in_language(item.title, lang, item.id),
                        item.effect,
                        _detail(item, deducted, i),
                        None if cases is None else str(len(cases)),
                        "" if cases is None else _listed(run.model, cases, lang),
                        in_language(item.basis, lang, CHOICE[lang]),
                        in_language(item.responsible, lang),
                    )
                )
    return header, rows


def _detail(item: Consequence, deducted: dict[str, Array], i: int) -> str:
    """What an effect says beyond its name: the grade, the points, the pools."""
    if item.grade is not None:
        return item.grade
    if item.points is not None:
        return plain(float(deducted[item.id][i]))
    return ", ".join(item.pools)


def _cases(run: Run, env: Environment, item: Consequence, code: str) -> list[Finding] | None:
    """The findings that a consequence rests on in a region, in the order of the file.

    Where its condition looks at another consequence that applies, those of that one too. None where
    it looks at neither.
    """
    counted = counted_by(item)
    findings = run.casebook.findings
    evaluation = run.model.spec.evaluation
    if not counted or findings is None or evaluation is None:
        return None
    others = {other.id: other for other in evaluation.consequences}
    found: dict[int, Finding] = {}
    for one in counted:
        then = _periods_back(env, one.back)
        if then is None or code not in then.codes:
            continue
        if one.consequence:
            applies = then.columns[consequence_key(one.consequence)][then.codes.index(code)]
            below = _cases(run, then, others[one.consequence], code) if applies == 1 else None
            found |= {row.row: row for row in below or ()}
            continue
        for row in findings.rows:
            here = row.region == code and row.period == then.period
            if here and row.is_counted(one.kind, one.status):
                found[row.row] = row
    return [found[row] for row in sorted(found)]


def _periods_back(env: Environment, back: int) -> Environment | None:
    then: Environment | None = env
    for _ in range(back):
        then = then.previous if then is not None else None
    return then


def _listed(model: Model, cases: list[Finding], lang: Lang) -> str:
    """Row, date, kind and source of each case."""
    spec = model.spec.findings
    assert spec is not None
    joint, end = ("，", "；") if lang == "zh" else (", ", "; ")
    rows = [
        (
            f"第 {case.row} 行" if lang == "zh" else f"row {case.row}",
            *(case.date, spec.title_of(case.kind, lang), case.source),
        )
        for case in cases
    ]
    return end.join(joint.join(row) for row in rows)


# ---------------------------------------------------------------- decisions


def decisions_table(run: Run) -> Table:
    """Header and rows: region, target, before, after, reason, decided_by, date.

    Points before and after are those of the target itself; a value before is the reported one.
    """
    names = ("region", "target", "before", "after", "reason", "decided_by", "date")
    header = [*leading(run), *names]
    rows: list[Row] = []
    for lead, result in by_period(run):
        assert result.evaluation is not None
        rulings = {
            ruling.row.row: ruling
            for effect in result.evaluation.effects
            for ruling in effect.rulings.values()
        }
        table = run.dataset.tables[result.env.period]
        place = {code: at for at, code in enumerate(table.codes)}
        for row in result.env.decided:
            before: Cell
            after: Cell
            if row.row in rulings:
                ruling = rulings[row.row]
                before, after = _cell(ruling.before), _cell(ruling.after)
            elif row.change is None:
                before = _cell(_at(np.asarray(table.columns[row.target]), place[row.region]))
                after = _cell(row.value)
            else:
                continue
            rows.append(
                (
                    *(*lead, row.region, row.target, before, after),
                    *(row.reason, row.decided_by, row.date),
                )
            )
    return header, rows


# ---------------------------------------------------------------- data frames


def claims_frame(run: Run) -> pd.DataFrame:
    """The claims as they stand in claims.csv."""
    return frame_of(*claims_table(run))


def consequences_frame(run: Run) -> pd.DataFrame:
    """The consequences as they stand in consequences.csv."""
    return frame_of(*consequences_table(run))


def decisions_frame(run: Run) -> pd.DataFrame:
    """The decisions as they stand in decisions.csv."""
    return frame_of(*decisions_table(run))
