"""Every value that was changed between the file and the rules: cleaned, treated, filled, held.

One row a cell, in the order of what was done: cleaning of the file (step `data`, whose indicator is
the heading of the column), the steps of treatment, gaps (step `missing`), and points held at full
marks (step `held`, whose before and after are points). Rows on a whole indicator have no region,
those on a whole region no indicator.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from reliefperf.errors import Lang
from reliefperf.evaluation.evaluate import Evaluation
from reliefperf.evaluation.indicators import Indicator
from reliefperf.evaluation.scoring.base import plain
from reliefperf.scenarios.results.cells import number_text
from reliefperf.scenarios.results.contributions import ordered_nodes
from reliefperf.scenarios.running import Run

if TYPE_CHECKING:
    import pandas as pd

Cells = tuple[str, ...]
HEADER = ["region", "indicator", "step", "before", "after", "how"]

_GAPS: dict[str, dict[Lang, str]] = {
    "zero": {"zh": "缺失，按零分计", "en": "missing: scored zero"},
    "skip": {
        "zh": "缺失，略过并由同级指标承担权重",
        "en": "missing: skipped, its weight goes to its siblings",
    },
    "group_mean": {"zh": "缺失，无组内均值可填，不计分", "en": "missing, no group mean: no score"},
    "score_missing": {"zh": "缺失，不计分", "en": "missing: no score"},
}


def treatments_table(run: Run, lang: Lang | None = None) -> tuple[list[str], list[Cells]]:
    """Header and rows: region, indicator, step, before, after, how; in a panel period first."""
    rows = list(treatment_rows(run, lang or run.model.language))
    if tuple(run.periods) == ("",):
        return HEADER, [row[1:] for row in rows]
    return ["period", *HEADER], rows


def treatment_rows(run: Run, lang: Lang) -> Iterator[Cells]:
    """The rows, each with its period."""
    for change in run.dataset.cells:
        how = change.zh if lang == "zh" else change.en
        yield (
            change.period,
            change.region,
            change.column,
            "data",
            change.before,
            change.after,
            how,
        )
    for period, result in run.periods.items():
        if result.evaluation is not None:
            for row in _of_evaluation(result.evaluation, lang):
                yield (period, *row)


def _of_evaluation(evaluation: Evaluation, lang: Lang) -> Iterator[Cells]:
    codes = evaluation.codes
    out = np.zeros(len(codes), dtype=bool)
    if evaluation.treated is not None:
        out = evaluation.treated.regions_out
        for cell in evaluation.treated.cells():
            yield (
                "" if cell.region is None else codes[cell.region],
                cell.indicator,
                cell.step,
                number_text(cell.before),
                number_text(cell.after),
                cell.how[lang == "zh"],
            )
    for name in ordered_nodes(evaluation):
        if name in evaluation.indicators:
            for place, row in _of_indicator(evaluation.indicators[name], lang):
                if not out[place]:
                    yield (codes[place], name, *row)


def _of_indicator(indicator: Indicator, lang: Lang) -> Iterator[tuple[int, Cells]]:
    """What the indicator's own policy filled or dropped, and where its points were held."""
    if indicator.used is not None and indicator.filled is not None:
        said = "缺失，以组内均值代替" if lang == "zh" else "missing: the mean of the group is used"
        for place in np.flatnonzero(indicator.filled).tolist():
            yield place, ("missing", "", number_text(indicator.used[place]), said)
    if indicator.gaps is not None:
        said = _GAPS[indicator.node.missing][lang]
        for place in np.flatnonzero(indicator.gaps).tolist():
            before = indicator.value[place]
            shown = before or "" if indicator.value.dtype == object else number_text(before)
            yield place, ("missing", str(shown), "", said)
    if indicator.held is not None:
        full = plain(indicator.full_marks)
        said = f"points held at full marks, {full}" if lang == "en" else f"按满分 {full} 计"
        for place in np.flatnonzero(~np.isnan(indicator.held)).tolist():
            points = number_text(indicator.held[place])
            yield place, ("held", points, number_text(indicator.full_marks), said)


def treatments_frame(run: Run) -> pd.DataFrame:
    """The rows with the texts as they stand in treatments.csv."""
    import pandas as pd

    header, rows = treatments_table(run)
    return pd.DataFrame(rows, columns=header)
