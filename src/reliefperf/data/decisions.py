"""The table of adjustments by hand: who changed what, why, and when it was decided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reliefperf.data.cells import Cell, is_blank
from reliefperf.data.columns import Cells, convert
from reliefperf.data.dataset import Dataset
from reliefperf.data.reading import normal
from reliefperf.data.regions import Regions
from reliefperf.data.register import Register
from reliefperf.errors import Note, suggestion
from reliefperf.model.decided import Decided
from reliefperf.model.environment import Environment
from reliefperf.model.model import Model
from reliefperf.model.spec_data import PARTS
from reliefperf.model.spec_rulebook import DecisionsSpec

SCORE = "score"


@dataclass(frozen=True)
class Decisions:
    """All decisions in the order of the file, and what is to be said of the file."""

    rows: tuple[Decided, ...]
    notes: tuple[Note, ...]

    def of(self, period: str) -> tuple[Decided, ...]:
        """The decisions on a period."""
        return tuple(row for row in self.rows if row.period == period)


def read_decisions(
    model: Model, spec: DecisionsSpec, folder: Path, dataset: Dataset, regions: Regions | None
) -> Decisions:
    """Read the table that the model names.

    Raises InputError with all mistakes at once: unknown regions, periods and targets, a change and
    a value in one row or neither, values that their variable does not allow, and rows that do not
    say why, by whom and when.
    """
    assert model.spec.evaluation is not None
    table = Register(folder, spec.file, "evaluation.decisions", spec.sheet, spec.encoding)
    panel = dataset.periods != ("",)
    optional = {"change", "value", *(() if panel else ("period",))}
    names = [*("region", "period", "target", "change", "value", "reason", "decided_by", "date")]
    cells = {
        key: table.cells(getattr(spec, key), key=key, needed=key not in optional) for key in names
    }
    table.settle(spec.ignore, [getattr(spec, key) for key in names])
    codes = table.regions(cells["region"], spec.region, dataset, regions)
    periods = table.periods(cells["period"], spec.period, dataset)
    targets = table.texts(cells["target"], spec.target)
    reasons = table.texts(cells["reason"], spec.reason)
    table.needed(reasons, spec.reason, "the reason is empty", "没有写理由")
    units = table.texts(cells["decided_by"], spec.decided_by)
    en, zh = "it is not said which unit or post decided", "没有写决定的单位或岗位"
    table.needed(units, spec.decided_by, en, zh)
    dates = table.dates(cells["date"], spec.date)
    changes = table.numbers(cells["change"], spec.change)
    _check_targets(table, model, spec, targets, changes, cells["value"])
    values = _values(table, model, spec, targets, cells["value"])
    _check_regions(table, spec, codes, periods, dataset)
    _refuse_twice(table, spec, codes, periods, targets, values)
    table.found.raise_if_any()
    columns = (table.lines, codes, periods, targets, changes, values, reasons, units, dates)
    rows = tuple(Decided(spec.file, *row) for row in zip(*columns, strict=True))
    return Decisions(rows, table.said)


def _check_targets(
    table: Register,
    model: Model,
    spec: DecisionsSpec,
    targets: Sequence[str],
    changes: Sequence[float | None],
    values: Sequence[Cell],
) -> None:
    assert model.spec.evaluation is not None
    nodes = list(model.spec.evaluation.nodes())
    indicators = {node.id for node in nodes if node.value is not None}
    groups = {node.id for node in nodes} - indicators
    variables = model.spec.variables
    for line, target, change, value in zip(table.lines, targets, changes, values, strict=True):

        def wrong(heading: str, en: str, zh: str, line: int = line) -> None:
            table.found.add(en, zh, row=line, column=normal(heading))

        of_points = target in indicators or target == SCORE
        if target in groups:
            wrong(
                spec.target,
                f"'{target}' is a group: decide on one of its indicators, or on the score",
                f"“{target}”是分组：请对其中的指标或总分作出决定",
            )
        elif not of_points and target not in variables:
            en, zh = suggestion(target, [*indicators, SCORE, *variables])
            wrong(
                spec.target,
                f"'{target}' is no indicator, variable or 'score'{en}",
                f"“{target}”不是指标、变量或 score{zh}",
            )
        elif of_points and (change is None or not is_blank(value)):
            wrong(
                spec.change,
                f"'{target}' has points: write them under {spec.change}, and nothing under "
                f"{spec.value}",
                f"“{target}”是分值：只在 {spec.change} 列写增减的分，{spec.value} 列留空",
            )
        elif not of_points and (change is not None or is_blank(value)):
            wrong(
                spec.value,
                f"'{target}' is a variable: write its correct value under {spec.value}, and "
                f"nothing under {spec.change}",
                f"“{target}”是变量：只在 {spec.value} 列写更正后的值，{spec.change} 列留空",
            )


def _values(
    table: Register,
    model: Model,
    spec: DecisionsSpec,
    targets: Sequence[str],
    cells: Sequence[Cell],
) -> list[float | str | None]:
    """The corrected values, each read as the data are read of its variable."""
    values: list[float | str | None] = []
    for line, target, cell in zip(table.lines, targets, cells, strict=True):
        variable = model.spec.variables.get(target)
        if variable is None or is_blank(cell):
            values.append(None)
            continue
        plain = variable.model_copy(
            update={**dict.fromkeys(PARTS), "column": None, "missing": "error"}
        )
        read = convert(Cells(normal(spec.value), [cell], [line]), plain, table.found)
        table.notes += read.notes
        values.append(read.values.tolist()[0])
    return values


def _check_regions(
    table: Register,
    spec: DecisionsSpec,
    codes: Sequence[str],
    periods: Sequence[str],
    dataset: Dataset,
) -> None:
    for line, code, period in zip(table.lines, codes, periods, strict=True):
        known = {code for one in dataset.tables.values() for code in one.codes}
        if period in dataset.tables and code in known and code not in dataset.tables[period].codes:
            table.found.add(
                f"{code} has no row in {period}",
                f"{code} 在 {period} 没有数据行",
                row=line,
                column=normal(spec.period),
            )


def _refuse_twice(
    table: Register,
    spec: DecisionsSpec,
    codes: Sequence[str],
    periods: Sequence[str],
    targets: Sequence[str],
    values: Iterable[float | str | None],
) -> None:
    """A value can be corrected once; points can be changed by several decisions."""
    seen: dict[tuple[str, str, str], int] = {}
    for line, code, period, target, value in zip(
        table.lines, codes, periods, targets, values, strict=True
    ):
        if value is None:
            continue
        key = (code, period, target)
        if key in seen:
            table.found.add(
                f"row {seen[key]} corrects '{target}' of {code} already; keep one of the two",
                f"第 {seen[key]} 行已更正 {code} 的“{target}”；请只留一行",
                row=line,
                column=normal(spec.target),
            )
        seen.setdefault(key, line)


def correct(env: Environment) -> None:
    """Put the corrected values of variables in place of the reported ones."""
    place = {code: at for at, code in enumerate(env.codes)}
    for row in env.decided:
        if row.value is not None:
            column = np.array(env.columns[row.target])
            column[place[row.region]] = row.value
            env.columns[row.target] = column
