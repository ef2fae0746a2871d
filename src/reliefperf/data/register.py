"""A table of single records beside the data: findings, decisions. Its columns, read cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from reliefperf.data.cells import Cell, is_blank
from reliefperf.data.columns import Cells, convert
from reliefperf.data.dataset import Dataset
from reliefperf.data.dates import date_text, span_of
from reliefperf.data.headings import Headings
from reliefperf.data.keys import read_codes
from reliefperf.data.mistakes import Mistakes, shown
from reliefperf.data.reading import normal, read_cells
from reliefperf.data.regions import Regions
from reliefperf.errors import Note, suggestion
from reliefperf.model.spec_data import Variable


class Register:
    """The rows of one such table; what is wrong is collected in `found`.

    A column that the file does not have and need not have gives empty cells. `section` is where the
    model speaks of the table.
    """

    def __init__(
        self, folder: Path, file: str, section: str, sheet: str | None, encoding: str | None
    ) -> None:
        self.raw = read_cells(folder / file, sheet=sheet, encoding=encoding)
        self.file, self.section = file, section
        self.found = Mistakes(file)
        self.headings = Headings(self.raw, self.found)
        self.notes: list[Note] = []

    @property
    def lines(self) -> tuple[int, ...]:
        """The row of each record as a spreadsheet numbers it."""
        return self.raw.lines

    @property
    def said(self) -> tuple[Note, ...]:
        """Everything that was done to read the table, with the file it speaks of."""
        every = [*self.raw.notes, *self.headings.notes, *self.notes]
        return tuple(
            Note(
                note.kind,
                f"{note.place}: {note.en}" if note.place else note.en,
                f"{note.place}：{note.zh}" if note.place else note.zh,
                note.count,
                self.file,
            )
            for note in every
        )

    def cells(self, heading: str, *, key: str, needed: bool = True) -> list[Cell]:
        """The cells under a heading."""
        at = self.headings.claim(heading, needed=needed, key=f"{self.section}.{key}")
        if at is None:
            return [None] * len(self.raw.rows)
        return [row[at] for row in self.raw.rows]

    def settle(self, ignore: Sequence[str] | Literal["unknown"], known: Sequence[str]) -> None:
        """Refuse columns that are wanting or unknown; raises InputError."""
        self.headings.settle(ignore, known, f"{self.section}.ignore")
        self.found.raise_if_any()

    def texts(self, cells: Sequence[Cell], heading: str) -> list[str]:
        """Cells as texts, '' where empty."""
        read = convert(Cells(normal(heading), cells, self.lines), Variable(type="text"), self.found)
        return [str(value or "") for value in read.values.tolist()]

    def needed(self, texts: Sequence[str], heading: str, en: str, zh: str) -> None:
        """Refuse empty texts."""
        for line, text in zip(self.lines, texts, strict=True):
            if not text:
                self.found.add(en, zh, row=line, column=normal(heading))

    def numbers(self, cells: Sequence[Cell], heading: str) -> list[float | None]:
        """Cells as numbers, None where empty."""
        read = convert(Cells(normal(heading), cells, self.lines), Variable(), self.found)
        self.notes += [note for note in read.notes if note.kind != "missing"]
        return [None if value != value else value for value in read.values.tolist()]

    def truths(self, cells: Sequence[Cell], heading: str) -> list[bool | None]:
        """Cells as yes or no, None where empty."""
        kind = Variable(type="boolean")
        read = convert(Cells(normal(heading), cells, self.lines), kind, self.found)
        return [None if value != value else value == 1 for value in read.values.tolist()]

    def dates(self, cells: Sequence[Cell], heading: str) -> list[str]:
        """Cells as dates, in the text of the file; anything else is a mistake."""
        texts = [date_text(cell) for cell in cells]
        for line, text, cell in zip(self.lines, texts, cells, strict=True):
            if span_of(text) is None:
                said = shown(text) if not is_blank(cell) else ""
                self.found.add(
                    f"{said}: no date; write 2023-05-14, or 2023-05"
                    if said
                    else "the date is empty; write 2023-05-14",
                    f"{said}：不是日期；请写 2023-05-14 或 2023-05"
                    if said
                    else "日期为空；请写 2023-05-14",
                    row=line,
                    column=normal(heading),
                )
        return texts

    def regions(
        self, cells: Sequence[Cell], heading: str, dataset: Dataset, regions: Regions | None
    ) -> list[str]:
        """Cells as codes of regions that the data have."""
        blank = [""] * len(cells)
        column = normal(heading)
        codes = read_codes(cells, blank, self.lines, column, self.found, regions=regions)
        self.notes += codes.notes
        names = {
            code: name
            for table in dataset.tables.values()
            for code, name in zip(table.codes, table.names, strict=True)
        }
        for line, code in zip(self.lines, codes.values, strict=True):
            if code and code not in names:
                called = [other for other, name in names.items() if name == code]
                en, zh = suggestion(code, [*names, *names.values()])
                if called:
                    listed = ", ".join(called)
                    en, zh = f"; write the code: {listed}", f"；请写代码：{listed}"
                self.found.add(
                    f"{shown(code)}: the data have no such region{en}",
                    f"{shown(code)}：数据中没有这个地区{zh}",
                    row=line,
                    column=column,
                )
        return codes.values

    def periods(self, cells: Sequence[Cell], heading: str, dataset: Dataset) -> list[str]:
        """Cells as periods that the data have; without periods in the data they must be empty."""
        texts = [date_text(cell) for cell in cells]
        panel = dataset.periods != ("",)
        for line, text in zip(self.lines, texts, strict=True):
            if text in dataset.periods:
                continue
            if not panel:
                en, zh = "the data have no periods: leave it empty", "数据没有期别：请留空"
            elif not text:
                en, zh = "the period is empty", "期别为空"
            else:
                hint, hint_zh = suggestion(text, dataset.periods)
                en = f"the data have no period '{text}'{hint}"
                zh = f"数据中没有“{text}”这一期{hint_zh}"
            self.found.add(en, zh, row=line, column=normal(heading))
        return texts
