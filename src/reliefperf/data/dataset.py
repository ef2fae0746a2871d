"""What the rest of the package gets of the data: labelled arrays, and the record of every change."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from reliefperf.data.changes import CellChange
from reliefperf.errors import InputError, Mistake, Note, suggestion

if TYPE_CHECKING:
    import pandas as pd

type Column = NDArray[Any]
"""(n_regions,): float64 with NaN for missing; for text, objects that are str or None."""


@dataclass(frozen=True, eq=False)
class PeriodTable:
    """The regions of one period, in the order of their codes.

    `columns` has one array of shape (n_regions,) a variable: float64 with NaN for missing
    (booleans are 1.0 and 0.0), or for text an object array of str and None. `rows` are the rows of
    the source, numbered as a spreadsheet does. The arrays are read-only.
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    columns: Mapping[str, Column]
    rows: NDArray[np.int64]

    def __post_init__(self) -> None:
        for array in (self.rows, *self.columns.values()):
            array.setflags(write=False)

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, variable: str) -> Column:
        """The column of a variable; raises InputError with the near names for another word."""
        try:
            return self.columns[variable]
        except KeyError:
            en, zh = suggestion(variable, self.columns)
            raise InputError(
                Mistake.at(f"no variable '{variable}'{en}", f"没有变量“{variable}”{zh}")
            ) from None

    def equals(self, other: PeriodTable) -> bool:
        """Whether codes, names and values are the same, wherever they were read from."""
        return (
            self.codes == other.codes
            and self.names == other.names
            and self.columns.keys() == other.columns.keys()
            and all(_same(values, other.columns[key]) for key, values in self.columns.items())
        )


@dataclass(frozen=True, eq=False)
class Dataset:
    """Checked data of one file: a table for each period, and whatever is to be said of them.

    `periods` are in their natural order and are `("",)` when the data have no periods. `sha256` is
    that of the file's bytes, `content` (a CSV file for a table that was in memory). `cells` lists
    every cell that was changed, `notes` sums them up. `encoding` is the one that was asked for.
    """

    source: str
    sha256: str
    periods: tuple[str, ...]
    tables: Mapping[str, PeriodTable]
    notes: tuple[Note, ...] = ()
    cells: tuple[CellChange, ...] = field(default=())
    content: bytes = field(default=b"", repr=False)
    encoding: str | None = None

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the variables, in the order of the model."""
        return tuple(self.tables[self.periods[0]].columns)

    def table(self, period: str | None = None) -> PeriodTable:
        """The table of a period, by default the last; raises InputError for an unknown one."""
        if period is None:
            return self.tables[self.periods[-1]]
        if period not in self.tables:
            en, zh = suggestion(period, self.periods)
            raise InputError(
                Mistake.at(
                    f"the data have no period '{period}'{en}",
                    f"数据中没有“{period}”这一期{zh}",
                    file=self.source,
                )
            )
        return self.tables[period]

    def previous(self, period: str) -> str | None:
        """The period before, or None for the first."""
        self.table(period)
        at = self.periods.index(period)
        return self.periods[at - 1] if at else None

    def frame(self, period: str | None = None) -> pd.DataFrame:
        """The table of a period (the last by default) for pandas, indexed by code."""
        import pandas as pd

        table = self.table(period)
        index = pd.Index(table.codes, name="code", dtype=object)
        columns = {"name": np.array(table.names, dtype=object)} if any(table.names) else {}
        frame = pd.DataFrame(columns, index=index)
        for variable, values in table.columns.items():
            at = len(frame.columns)
            frame.insert(at, variable, values.copy(), allow_duplicates=True)
        return frame

    def equals(self, other: Dataset) -> bool:
        """Whether periods, regions and values are the same, whatever file they came from."""
        return self.periods == other.periods and all(
            self.tables[period].equals(other.tables[period]) for period in self.periods
        )

    def __repr__(self) -> str:
        return (
            f"Dataset({self.source!r}: {self._size()}, {len(self.variables)} variables, "
            f"{len(self.cells)} cells changed, {len(self.notes)} notes)"
        )

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{html.escape(period) or '—'}</td><td>{len(table)}</td>"
            f"<td>{sum(_missing(values) for values in table.columns.values())}</td></tr>"
            for period, table in self.tables.items()
        )
        notes = "".join(f"<li>{html.escape(note.text())}</li>" for note in self.notes)
        return (
            f"<p><b>{html.escape(self.source)}</b> {len(self.variables)} variables, "
            f"{len(self.cells)} cells changed</p>"
            "<table><thead><tr><th>period</th><th>regions</th><th>missing cells</th></tr></thead>"
            f"<tbody>{rows}</tbody></table><ul>{notes}</ul>"
        )

    def _size(self) -> str:
        regions = {code for table in self.tables.values() for code in table.codes}
        if self.periods == ("",):
            return f"{len(regions)} regions"
        return f"{len(regions)} regions, {len(self.periods)} periods"


def period_order(period: str) -> tuple[tuple[int, int, str], ...]:
    """The key by which periods are sorted: digits as numbers, everything else as text.

    >>> sorted(["2023年10月", "2023年9月", "2022年"], key=period_order)
    ['2022年', '2023年9月', '2023年10月']
    """
    parts = re.findall(r"[0-9]+|[^0-9]+", period)
    return (*((0, int(p), p) if p.isdecimal() else (1, 0, p) for p in parts), (-1, 0, period))


_ORDERED = (
    re.compile(r"\d{1,3}"),
    re.compile(r"\d{4}\s*年?(\s*[-/.]?\s*([Qq][1-4]|\d{1,2}\s*月?(\s*[-/.]?\s*\d{1,2}\s*日?)?))?"),
    re.compile(r"\d{4}[-/]\d{4}"),
)


def in_known_order(periods: Sequence[str]) -> bool:
    """Whether periods are all numbers, dates or school years, so that their order is sure.

    >>> in_known_order(["2022Q4", "2023Q1"]), in_known_order(["Jan-23", "Feb-23"])
    (True, False)
    """
    return any(all(form.fullmatch(period) for period in periods) for form in _ORDERED)


def _same(one: Column, other: Column) -> bool:
    if one.dtype != other.dtype:
        return False
    return bool(np.array_equal(one, other, equal_nan=one.dtype == np.float64))


def _missing(values: Column) -> int:
    if values.dtype == np.float64:
        return int(np.isnan(values).sum())
    return sum(value is None for value in values)
