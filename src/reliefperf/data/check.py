"""Read a file of reported data and hold it against what the model says of it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from reliefperf.data.changes import CellChange
from reliefperf.data.claims import final_values, reported_columns
from reliefperf.data.columns import Converted, convert
from reliefperf.data.dataset import Dataset, PeriodTable, in_known_order, period_order
from reliefperf.data.layout import Records, long_records, wide_records
from reliefperf.data.mistakes import Mistakes, refuse
from reliefperf.data.reading import RawTable, read_cells
from reliefperf.data.regions import Regions
from reliefperf.errors import Note
from reliefperf.model.spec_data import DataSpec, Variable

if TYPE_CHECKING:
    import pandas as pd


def read_data(
    source: str | os.PathLike[str] | pd.DataFrame,
    variables: Mapping[str, Variable],
    spec: DataSpec | None = None,
    *,
    regions: Regions | None = None,
    level: str | None = None,
    encoding: str | None = None,
) -> Dataset:
    """Read a CSV file, an XLSX workbook or a pandas table and check every cell of it.

    `variables` and `spec` are the model's; `spec.file` is not looked at. With `regions` every code
    must be in that table (an exact and unique name will do for a code), and with `level` at that
    level. `encoding` overrules `spec.encoding`.

    Raises InputError with all mistakes at once: columns that are missing or that the model does
    not know, regions that stand twice, codes that are not in the table, cells that are not what
    their variable wants. Whatever was changed or left out is in the dataset's notes and cells.
    """
    spec = DataSpec() if spec is None else spec
    if isinstance(source, str | os.PathLike):
        raw = read_cells(source, sheet=spec.sheet, encoding=encoding or spec.encoding)
    elif not hasattr(source, "iloc"):
        kind = type(source).__name__
        raise refuse(
            "", f"expected a path or a DataFrame, not {kind}", f"应为路径或 DataFrame，不是 {kind}"
        )
    else:
        from reliefperf.data.frames import as_typed, as_written, frame_cells

        cells = frame_cells(source)
        check(as_typed(cells), variables, spec, regions=regions, level=level)
        raw = as_written(cells, spec.decimal)  # what a run keeps, so that it reads the same again
    checked = check(raw, variables, spec, regions=regions, level=level)
    return replace(checked, content=raw.content, encoding=encoding)


def check(
    raw: RawTable,
    variables: Mapping[str, Variable],
    spec: DataSpec,
    *,
    regions: Regions | None = None,
    level: str | None = None,
) -> Dataset:
    """Make a dataset of a table that was read; raises InputError with all mistakes at once."""
    if not raw.rows:
        raise refuse(raw.source, "there are headings but no rows", "只有表头，没有数据行")
    found = Mistakes(raw.source)
    lay_out = wide_records if spec.layout == "wide" else long_records
    columns = reported_columns(variables)
    records = lay_out(raw, columns, spec, found, regions=regions, level=level)
    read = {
        key: convert(column, columns[key], found, spec.decimal)
        for key, column in records.columns.items()
    }
    places = list(zip(records.codes, records.periods, records.lines, strict=True))
    finals, said = final_values(variables, read, places, found)
    found.raise_if_any()
    absent = {key: variable for key, variable in columns.items() if key not in read}
    arrays = _in_order(columns, read, len(records.codes))
    arrays |= {key: final.values for key, final in finals.items()}
    periods = tuple(sorted(set(records.periods), key=period_order))
    tables = {period: _table(period, records, arrays) for period in periods}
    notes = (
        *raw.notes,
        *records.notes,
        *(note for key in columns if key in read for note in read[key].notes),
        *said,
        *_absent_notes(absent),
        *_unbalanced_notes(tables),
        *_order_notes(periods),
    )
    return Dataset(raw.source, raw.sha256, periods, tables, notes, _changes(records, read))


def _order_notes(periods: Sequence[str]) -> list[Note]:
    """Say so when the order of the periods is only that of their letters."""
    if len(periods) < 2 or in_known_order(periods):
        return []
    listed = ", ".join(periods[:10]) + (", ..." if len(periods) > 10 else "")
    return [
        Note(
            "period-order",
            f"the periods are no dates or numbers and stand in the order of their text: {listed}",
            f"期别不是日期或数字，按文字顺序排列：{listed}",
            len(periods),
        )
    ]


def _in_order(
    variables: Mapping[str, Variable], read: Mapping[str, Converted], n_records: int
) -> dict[str, np.ndarray[Any, Any]]:
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    for key, variable in variables.items():
        if key in read:
            arrays[key] = read[key].values
        elif variable.type == "text":
            arrays[key] = np.full(n_records, None, dtype=object)
        else:
            arrays[key] = np.full(n_records, np.nan)
    return arrays


def _table(
    period: str, records: Records, arrays: Mapping[str, np.ndarray[Any, Any]]
) -> PeriodTable:
    here = [at for at, other in enumerate(records.periods) if other == period]
    here.sort(key=lambda at: records.codes[at])
    return PeriodTable(
        tuple(records.codes[at] for at in here),
        tuple(records.names[at] for at in here),
        {key: values[here] for key, values in arrays.items()},
        np.array([records.lines[at] for at in here], dtype=np.int64),
    )


def _changes(records: Records, read: Mapping[str, Converted]) -> tuple[CellChange, ...]:
    changes = list(records.changes)
    for key, converted in read.items():
        column = records.columns[key]
        for at, change in converted.changes.items():
            changes.append(
                CellChange(
                    column.lines[at],
                    column.heading,
                    records.codes[at],
                    records.periods[at],
                    change.before,
                    change.after,
                    change.kinds,
                )
            )
    return tuple(sorted(changes, key=lambda change: (change.row, change.column)))


def _absent_notes(absent: Mapping[str, Variable]) -> list[Note]:
    if not absent:
        return []
    listed = ", ".join(variable.column or key for key, variable in absent.items())
    return [
        Note(
            "absent-column",
            f"not in the file, so missing for every region, as the model allows: {listed}",
            f"文件中没有，按模型规定全部作缺失：{listed}",
            len(absent),
        )
    ]


def _unbalanced_notes(tables: Mapping[str, PeriodTable]) -> list[Note]:
    everywhere = {code for table in tables.values() for code in table.codes}
    notes = []
    for period, table in tables.items():
        gone = sorted(everywhere.difference(table.codes))
        if gone:
            listed = ", ".join(gone[:10]) + (", ..." if len(gone) > 10 else "")
            notes.append(
                Note(
                    "unbalanced",
                    f"{period}: {len(gone)} regions of other periods have no row: {listed}",
                    f"{period}：{len(gone)} 个其他时期有的地区没有数据行：{listed}",
                    len(gone),
                )
            )
    return notes
