"""The table of findings: what was found where and when, and which period it falls in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reliefperf.data.dataset import Dataset
from reliefperf.data.dates import Span, span_of
from reliefperf.data.reading import normal
from reliefperf.data.regions import Regions
from reliefperf.data.register import Register
from reliefperf.errors import Note, suggestion
from reliefperf.model.environment import Array
from reliefperf.model.spec_rulebook import STATUSES, FindingsSpec, Status, findings_key


@dataclass(frozen=True)
class Finding:
    """One case. `substantiated` is None while nothing is said; `period` None outside all periods."""

    row: int
    region: str
    kind: str
    date: str
    substantiated: bool | None
    source: str
    text: str
    period: str | None

    def is_counted(self, kind: str, status: Status) -> bool:
        """Whether the case is of a kind ('' for any) and of a status."""
        if kind and kind != self.kind:
            return False
        if status == "all":
            return True
        wanted = {"substantiated": True, "unsubstantiated": False, "pending": None}[status]
        return self.substantiated is wanted


@dataclass(frozen=True)
class Findings:
    """All cases in the order of the file, and what is to be said of the file."""

    kinds: tuple[str, ...]
    rows: tuple[Finding, ...]
    notes: tuple[Note, ...]

    def columns(self, period: str, codes: Sequence[str]) -> Mapping[str, Array]:
        """How many cases each region has in a period, by kind and status: columns (n_regions,)."""
        place = {code: at for at, code in enumerate(codes)}
        found: dict[str, Array] = {}
        here = [row for row in self.rows if row.period == period and row.region in place]
        for status in STATUSES:
            for kind in ("", *self.kinds):
                column = np.zeros(len(codes))
                for row in here:
                    if row.is_counted(kind, status):
                        column[place[row.region]] += 1
                found[findings_key(kind, status)] = column
        return found


def read_findings(
    spec: FindingsSpec, folder: Path, dataset: Dataset, regions: Regions | None = None
) -> Findings:
    """Read the table that the model names.

    Raises InputError with all mistakes at once: unknown regions and kinds, texts that are no dates,
    dates too inexact for the periods of the data. Cases outside every period are noted.
    """
    table = Register(folder, spec.file, "findings", spec.sheet, spec.encoding)
    cells = {
        key: table.cells(str(getattr(spec, key)), key=key)
        for key in ("region", "kind", "date", "substantiated", "source", "period", "text")
        if getattr(spec, key) is not None
    }
    table.settle(spec.ignore, [str(getattr(spec, key)) for key in cells])
    codes = table.regions(cells["region"], spec.region, dataset, regions)
    kinds = table.texts(cells["kind"], spec.kind)
    _check_kinds(table, spec, kinds)
    dates = table.dates(cells["date"], spec.date)
    held = table.truths(cells["substantiated"], spec.substantiated)
    sources = table.texts(cells["source"], spec.source)
    table.needed(sources, spec.source, "the source is empty", "来源为空")
    texts = [""] * len(codes)
    if spec.text is not None:
        texts = table.texts(cells["text"], spec.text)
    periods: list[str | None]
    if spec.period is not None:
        periods = list(table.periods(cells["period"], spec.period, dataset))
    else:
        periods = _by_date(table, spec, dates, dataset)
    table.found.raise_if_any()
    columns = (table.lines, codes, kinds, dates, held, sources, texts, periods)
    rows = tuple(Finding(*row) for row in zip(*columns, strict=True))
    return Findings(spec.kind_names, rows, (*table.said, *_notes(rows, dataset, spec.file)))


def _check_kinds(table: Register, spec: FindingsSpec, kinds: Sequence[str]) -> None:
    for line, kind in zip(table.lines, kinds, strict=True):
        if kind not in spec.kind_names:
            en, zh = suggestion(kind, spec.kind_names)
            table.found.add(
                f"'{kind}' is not a kind of findings that the model declares{en}",
                f"“{kind}”不是模型声明的问题类型{zh}",
                row=line,
                column=normal(spec.kind),
            )


def _by_date(
    table: Register, spec: FindingsSpec, dates: Sequence[str], dataset: Dataset
) -> list[str | None]:
    """The period that each date falls in: the one that holds every day that the date can mean."""
    if dataset.periods == ("",):
        return [""] * len(dates)
    spans: dict[str, Span] = {}
    for period in dataset.periods:
        span = span_of(period)
        if span is None:
            table.found.add(
                f"the period '{period}' of the data is no time of the calendar: name with "
                "findings.period the column that says which period a finding belongs to",
                f"数据的期别“{period}”不是日历时间：请用 findings.period 写明期别所在的列",
            )
            return [None] * len(dates)
        spans[period] = span
    found: list[str | None] = []
    for line, date in zip(table.lines, dates, strict=True):
        span = span_of(date)
        inside = [p for p, (first, last) in spans.items() if span and first <= span[0] <= last]
        whole = [p for p in inside if span and span[1] <= spans[p][1]]
        touched = [p for p, (first, last) in spans.items() if span and span[0] <= last >= first]
        touched = [p for p in touched if span and spans[p][0] <= span[1]]
        if touched and not whole:
            table.found.add(
                f"'{date}' is not exact enough: it may fall in or outside {', '.join(touched[:3])}",
                f"日期“{date}”不够具体：无法确定是否属于 {', '.join(touched[:3])}",
                row=line,
                column=normal(spec.date),
            )
        found.append(whole[0] if whole else None)
    return found


def _notes(rows: Sequence[Finding], dataset: Dataset, file: str) -> list[Note]:
    notes = []
    here = {(code, period) for period, table in dataset.tables.items() for code in table.codes}
    seen: dict[tuple[object, ...], int] = {}
    twice = []
    for row in rows:
        same = (row.region, row.kind, row.date, row.substantiated, row.source, row.text)
        if same in seen:
            twice.append(row.row)
        seen.setdefault(same, row.row)
    for kind, listed, en, zh in (
        (
            "finding-outside",
            [row.row for row in rows if row.period is None],
            "findings outside every period of the data count nowhere",
            "日期不在数据任何一期内的问题不计入",
        ),
        (
            "finding-outside",
            [r.row for r in rows if r.period is not None and (r.region, r.period) not in here],
            "findings of regions that have no row in their period count nowhere",
            "该期没有数据行的地区，其问题不计入",
        ),
        (
            "finding-pending",
            [row.row for row in rows if row.substantiated is None],
            "findings that are neither substantiated nor refuted do not count as substantiated",
            "尚未查实的问题不按查实计",
        ),
        (
            "finding-twice",
            twice,
            "findings that agree in every cell with one before them; each counts",
            "与前面某行完全相同的问题；均计入",
        ),
    ):
        if listed:
            shown = ", ".join(map(str, listed[:10])) + (", ..." if len(listed) > 10 else "")
            notes.append(
                Note(kind, f"{en}: rows {shown}", f"{zh}：第 {shown} 行", len(listed), file)
            )
    return notes
