"""Wide and long tables to the same shape: a record for each region and period, cells by variable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reliefperf.data.cells import Cell, is_blank
from reliefperf.data.changes import CellChange
from reliefperf.data.columns import Cells
from reliefperf.data.headings import Headings, expected_heading
from reliefperf.data.keys import Keys, read_codes, read_names, read_periods, settle_names
from reliefperf.data.mistakes import Mistakes, shown
from reliefperf.data.reading import RawTable, normal
from reliefperf.data.regions import Regions
from reliefperf.errors import Note, suggestion
from reliefperf.model.spec_data import DataSpec, Variable


@dataclass(frozen=True)
class Records:
    """One record for each region and period: its keys, its first row, its cells by variable.

    A variable that the file does not have is not in `columns`.
    """

    codes: Sequence[str]
    names: Sequence[str]
    periods: Sequence[str]
    lines: Sequence[int]
    columns: Mapping[str, Cells]
    notes: tuple[Note, ...]
    changes: tuple[CellChange, ...]


@dataclass(frozen=True)
class _Keyed:
    codes: list[str]
    names: list[str]
    periods: list[str]
    notes: tuple[Note, ...]
    changes: tuple[CellChange, ...]


def wide_records(
    raw: RawTable,
    variables: Mapping[str, Variable],
    spec: DataSpec,
    found: Mistakes,
    *,
    regions: Regions | None,
    level: str | None,
) -> Records:
    """One row is one region (and period), one column one variable."""
    headings = Headings(raw, found)
    keys = _key_columns(headings, spec)
    at: dict[str, int] = {}
    for key, variable in variables.items():
        place = headings.claim(
            variable.column or key,
            needed=variable.absent == "error",
            key=f"variables.{key}",
            unit=variable.unit,
        )
        if place is not None:
            at[key] = place
    headings.settle(spec.ignore, [expected_heading(*pair) for pair in variables.items()])
    keyed = _read_keys(raw, spec, keys, found, regions, level)
    seen: dict[tuple[str, str], int] = {}
    for code, period, line in zip(keyed.codes, keyed.periods, raw.lines, strict=True):
        _refuse_twice(seen, (code, period), line, spec.region, found)
    columns = {
        key: Cells(normal(raw.headings[place]), [row[place] for row in raw.rows], raw.lines)
        for key, place in at.items()
    }
    notes = (*headings.notes, *keyed.notes)
    return Records(
        keyed.codes, keyed.names, keyed.periods, raw.lines, columns, notes, keyed.changes
    )


def long_records(
    raw: RawTable,
    variables: Mapping[str, Variable],
    spec: DataSpec,
    found: Mistakes,
    *,
    regions: Regions | None,
    level: str | None,
) -> Records:
    """One row is one value: region, period, variable, value."""
    headings = Headings(raw, found)
    keys = _key_columns(headings, spec)
    which = headings.claim(spec.variable, key="data.variable")
    what = headings.claim(spec.value, key="data.value")
    wanted = [spec.region, spec.period or "", spec.variable, spec.value]
    headings.settle(spec.ignore, [heading for heading in wanted if heading])
    keyed = _read_keys(raw, spec, keys, found, regions, level)
    if which is None or what is None:
        return Records(keyed.codes, keyed.names, keyed.periods, raw.lines, {}, (), ())
    known = {expected_heading(*pair): pair[0] for pair in variables.items()}
    ignored: dict[str, int] = {}
    records: dict[tuple[str, str], int] = {}
    seen: dict[tuple[str, ...], int] = {}
    values: dict[str, dict[int, tuple[Cell, int]]] = {}
    first: list[int] = []
    for at, (row, line) in enumerate(zip(raw.rows, raw.lines, strict=True)):
        code, period = keyed.codes[at], keyed.periods[at]
        if (code, period) not in records:
            records[code, period] = len(records)
            first.append(at)
        heading = normal(str(row[which])) if not is_blank(row[which]) else ""
        if heading not in known:
            _refuse_variable(heading, line, known, spec, ignored, found)
            continue
        _refuse_twice(seen, (code, period, heading), line, spec.region, found)
        values.setdefault(known[heading], {})[records[code, period]] = (row[what], line)
    columns = {}
    for heading, key in known.items():
        if key in values:
            places = [values[key].get(at, (None, raw.lines[one])) for at, one in enumerate(first)]
            columns[key] = Cells(heading, [cell for cell, _ in places], [one for _, one in places])
        elif variables[key].absent == "error":
            en, zh = suggestion(heading, ignored) if ignored else ("", "")
            found.add(
                f"no row has the variable '{heading}'{en}",
                f"没有变量“{heading}”的数据行{zh}",
                row=raw.header_line,
                column=normal(spec.variable),
                key=f"variables.{key}",
            )
    notes = (*headings.notes, *keyed.notes, *_ignored_notes(ignored))
    return Records(
        [keyed.codes[at] for at in first],
        [keyed.names[at] for at in first],
        [keyed.periods[at] for at in first],
        [raw.lines[at] for at in first],
        columns,
        notes,
        keyed.changes,
    )


type _KeyPlaces = tuple[int | None, int | None, int | None]


def _key_columns(headings: Headings, spec: DataSpec) -> _KeyPlaces:
    """The positions of region, name and period; a name is needed only if the model names it."""
    region = headings.claim(spec.region, key="data.region")
    name = period = None
    if spec.name is not None:
        needed = "name" in spec.model_fields_set
        name = headings.claim(spec.name, needed=needed, key="data.name")
    if spec.period is not None:
        period = headings.claim(spec.period, key="data.period")
    return region, name, period


def _read_keys(
    raw: RawTable,
    spec: DataSpec,
    places: _KeyPlaces,
    found: Mistakes,
    regions: Regions | None,
    level: str | None,
) -> _Keyed:
    region, name, period = places
    blank = Keys([""] * len(raw.rows))

    def column(place: int) -> list[Cell]:
        return [row[place] for row in raw.rows]

    names = blank
    if name is not None:
        names = read_names(column(name), raw.lines, normal(raw.headings[name]), found)
    codes, periods = blank, blank
    if region is not None:
        heading = normal(raw.headings[region])
        cells = column(region)
        codes = read_codes(
            cells, names.values, raw.lines, heading, found, regions=regions, level=level
        )
    if period is not None:
        periods = read_periods(column(period), raw.lines, normal(raw.headings[period]), found)
    settled, notes = settle_names(codes.values, names.values, raw.lines, regions)
    changes = tuple(
        CellChange(
            raw.lines[at],
            normal(raw.headings[place]),
            codes.values[at],
            periods.values[at],
            change.before,
            change.after,
            change.kinds,
        )
        for place, keys in ((region, codes), (name, names), (period, periods))
        if place is not None
        for at, change in keys.changes.items()
    )
    notes = [*codes.notes, *names.notes, *periods.notes, *notes]
    return _Keyed(codes.values, settled, periods.values, tuple(notes), changes)


def _refuse_twice[Key: tuple[str, ...]](
    seen: dict[Key, int], key: Key, line: int, heading: str, found: Mistakes
) -> None:
    if not key[0]:
        return
    if key in seen:
        what = ", ".join(part for part in key if part)
        found.add(
            f"{what} already stands in row {seen[key]}; keep one of the two",
            f"{what} 已出现在第 {seen[key]} 行；请只留一行",
            row=line,
            column=normal(heading),
        )
    seen.setdefault(key, line)


def _refuse_variable(
    heading: str,
    line: int,
    known: Mapping[str, str],
    spec: DataSpec,
    ignored: dict[str, int],
    found: Mistakes,
) -> None:
    left_out = spec.ignore == "unknown" or heading in map(normal, spec.ignore)
    if heading and left_out:
        ignored[heading] = ignored.get(heading, 0) + 1
        return
    en, zh = suggestion(heading, known) if heading and found.worth_suggesting else ("", "")
    found.add(
        f"{shown(heading)}: not a variable of the model{en}",
        f"{shown(heading)}：不是模型中的变量{zh}",
        row=line,
        column=normal(spec.variable),
    )


def _ignored_notes(ignored: Mapping[str, int]) -> list[Note]:
    if not ignored:
        return []
    listed = ", ".join(f"{name} ({count})" for name, count in ignored.items())
    return [
        Note(
            "ignored-variable",
            f"rows of variables that the model does not use: {listed}",
            f"模型未使用的变量的数据行：{listed}",
            sum(ignored.values()),
        )
    ]
