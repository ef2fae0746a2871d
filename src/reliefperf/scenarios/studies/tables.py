"""The results of a study as tables: headers and rows of plain values, None where there is none."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from reliefperf.errors import Lang
from reliefperf.evaluation.sampling import IntervalRow
from reliefperf.model.environment import Array
from reliefperf.model.spec_study import Output
from reliefperf.scenarios.results.cells import Row
from reliefperf.scenarios.results.intervals import INTERVAL_COLUMNS
from reliefperf.scenarios.studies.studying import Study
from reliefperf.scenarios.studies.summary import Computed, Range

PARTS = ("mean", "median", "q05", "q95", "min", "max")
Table = tuple[list[str], list[Row]]


def plain_number(value: float) -> float | None:
    """A number as a cell has it: None for none."""
    return None if np.isnan(value) else float(value)


def variants_table(study: Study) -> Table:
    """One row a variant: number, levels, weight in the design, mean rank shift, why it failed."""
    design, results = study.design, study.results
    lang = study.plan.model.language
    reasons = {f.variant: _reason(f.en, f.zh, lang) for f in results.failures}
    header = ["variant", *study.plan.factors, "weight", "mean_rank_shift", "failed"]
    rows: list[Row] = [
        (
            str(place + 1),
            *_labels(study, place),
            float(design.weights[place]),
            plain_number(results.shift[place]),
            reasons.get(place),
        )
        for place in range(len(design.levels))
    ]
    return header, rows


def failures_table(study: Study) -> Table:
    """One row a failed variant: its levels, what kind of failure, and the reason twice."""
    header = ["variant", *study.plan.factors, "kind", "reason_en", "reason_zh"]
    rows: list[Row] = [
        (str(f.variant + 1), *_labels(study, f.variant), f.kind, f.en, f.zh)
        for f in study.results.failures
    ]
    return header, rows


def regions_table(study: Study) -> Table:
    """One row a region: ranges of rank, score and money, the grade and how sure it is."""
    header = ["region", "name"]
    columns: list[list[float | str | None]] = [list(study.codes), list(study.names)]
    outputs: list[Output] = ["rank", "score"]
    if study.results.amount is not None:
        outputs.append("amount")
    for output in outputs:
        found = study.range_of(output)
        header.append(output)
        columns.append(_cells(found.nominal))
        for part in PARTS:
            header.append(f"{output}_{part}")
            columns.append(_cells(_part(found, part)))
    if study.grades:
        header += ["grade", "same_grade", "within_reach", *(f"share_{g}" for g in study.grades)]
        near = set(study.within_reach)
        grade = [None if p != p else study.grades[int(p)] for p in study.nominal.grade.tolist()]
        columns.append(list(grade))
        columns.append(_cells(study.same_grade))
        columns.append(["yes" if code in near else "no" for code in study.codes])
        columns += [_cells(share) for share in study.shares]
    return header, list(zip(*columns, strict=True))


def indices_table(study: Study) -> Table:
    """One row an output, region and factor; the region is empty for the mean rank shift."""
    header = ["output", "region", "factor", "first", "total", "first_error", "total_error", "why"]
    rows: list[Row] = []
    lang = study.plan.model.language
    if "mean_rank_shift" in study.plan.spec.outputs:
        rows += _index_rows(study, "mean_rank_shift", [""], study.summary_indices, lang)
    for output, computed in study.regional_indices.items():
        rows += _index_rows(study, output, study.codes, computed, lang)
    return header, rows


def intervals_table(intervals: Iterable[IntervalRow]) -> Table:
    """One row an indicator and region: value, limits, level and method."""
    rows: list[Row] = [
        (row.region, row.indicator, row.value, row.low, row.high, row.level, row.method)
        for row in intervals
    ]
    return list(INTERVAL_COLUMNS), rows


def reversals_table(study: Study) -> Table:
    """One row a region left out: pairs in an order before, pairs turned round, one of them."""
    header = ["left_out", "name", "pairs", "reversed", "before", "after", "failed"]
    lang = study.plan.model.language
    rows: list[Row] = [
        (
            item.region,
            item.name,
            item.pairs,
            item.reversed,
            *(item.example or (None, None)),
            None if item.failed is None else _reason(*item.failed, lang),
        )
        for item in study.leavings
    ]
    return header, rows


def _labels(study: Study, variant: int) -> list[str]:
    levels = study.design.levels[variant].tolist()
    return [
        study.plan.label(name, place)
        for name, place in zip(study.plan.factors, levels, strict=True)
    ]


def _cells(column: Array) -> list[float | str | None]:
    return [plain_number(value) for value in column.tolist()]


def _part(found: Range, part: str) -> Array:
    values: Array = getattr(found, part)
    return values


def _reason(en: str, zh: str, lang: Lang) -> str:
    return zh if lang == "zh" else en


def _index_rows(
    study: Study, output: str, regions: Iterable[str], computed: Computed, lang: Lang
) -> list[Row]:
    rows: list[Row] = []
    found = computed.indices
    flat = _reason("the output does not vary", "该结果没有变动", lang)
    for place, region in enumerate(regions):
        for at, name in enumerate(study.plan.factors):
            if found is None:
                rows.append(
                    (output, region, name, None, None, None, None, _reason(*computed.basis, lang))
                )
                continue
            first, total = (
                plain_number(found.first[at, place]),
                plain_number(found.total[at, place]),
            )
            errors = [
                None if part is None else plain_number(part[at, place])
                for part in (found.first_error, found.total_error)
            ]
            rows.append(
                (output, region, name, first, total, *errors, flat if first is None else None)
            )
    return rows
