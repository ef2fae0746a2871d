"""The tables of an analysis as a workbook for reading in Excel, in the model's language.

No cell is ever a live formula or link, and the document's date is fixed: same analysis, same bytes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reliefperf.errors import Lang
from reliefperf.model.spec_data import in_language
from reliefperf.reports.sheets import MAX_ROWS, new_book
from reliefperf.scenarios.analysis.analysing import Analysis
from reliefperf.scenarios.analysis.tables import Line, tables

_WORDS: dict[str, dict[Lang, str]] = {
    "summary": {"zh": "说明", "en": "Summary"},
    "indicators": {"zh": "指标统计", "en": "Indicators"},
    "correlations": {"zh": "相关系数", "en": "Correlations"},
    "alpha": {"zh": "alpha 系数", "en": "Alpha"},
    "nodes": {"zh": "节点", "en": "Nodes"},
    "pca": {"zh": "主成分", "en": "Components"},
    "importance": {"zh": "作用", "en": "Importance"},
    "notes": {"zh": "提示", "en": "Notes"},
    "title": {"zh": "标题", "en": "title"},
    "period": {"zh": "期别", "en": "Period"},
    "stages": {"zh": "阶段", "en": "Stages"},
    "limits": {"zh": "标记界限（惯例，可调整）", "en": "Limits of flags (customs, may be changed)"},
    "synthetic": {"zh": "注意：数据为合成", "en": "Note: synthetic data"},
    "more": {
        "zh": "本表到此为止；其余见同名 CSV 文件",
        "en": "the sheet ends here; the rest is in the CSV file",
    },
}
_NAMED = {"indicator", "node", "first", "second", "item", "of"}
"""Columns that hold the id of a node; its title stands in a column beside it."""
_FLAGS = {"flag", "flags"}


def write_workbook(analysis: Analysis, path: Path) -> None:
    """Write analysis.xlsx: a summary, a sheet a table, and the notes."""
    with new_book(path, analysis.run.model.title()) as book:
        _Book(book, analysis).write()


class _Book:
    def __init__(self, book: Any, analysis: Analysis) -> None:
        self.book, self.analysis = book, analysis
        self.lang: Lang = analysis.run.model.language
        self.titles = analysis.titles(self.lang)
        self.head = book.add_format(
            {"bold": True, "bg_color": "#DCE6F1", "border": 1, "text_wrap": True, "valign": "top"}
        )
        self.bold = book.add_format({"bold": True, "font_size": 14})
        self.warn = book.add_format({"bold": True, "font_color": "#C00000"})
        self.flag = book.add_format({"bg_color": "#FCE4B6"})
        self.number = book.add_format({"num_format": "0.0000"})

    def word(self, key: str) -> str:
        """A heading in the workbook's language."""
        return _WORDS[key][self.lang]

    def write(self) -> None:
        """Write all sheets."""
        self.summary()
        for name, (header, rows) in tables(self.analysis).items():
            self.table(name, header, [*rows])
        self.notes()

    def summary(self) -> None:
        """What was analysed, and where flags begin."""
        sheet = self.book.add_worksheet(self.word("summary"))
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 1, 60)
        run, analysis = self.analysis.run, self.analysis
        sheet.write_string(0, 0, run.model.title(self.lang), self.bold)
        row = 1
        if run.is_synthetic:
            sheet.write_string(row, 0, self.word("synthetic"), self.warn)
            label = in_language(run.model.spec.data.synthetic, self.lang)
            sheet.write_string(row, 1, label, self.warn)
            row += 1
        lines = [
            (self.word("period"), analysis.period),
            (self.word("nodes"), self.titles.get(analysis.top, analysis.top)),
            (self.word("stages"), ", ".join(analysis.stages)),
            (self.word("limits"), ""),
        ]
        lines += [(f"  {name}", f"{value:g}") for name, value in vars(analysis.limits).items()]
        for name, value in lines:
            if value or name == self.word("limits"):
                sheet.write_string(row, 0, name)
                sheet.write_string(row, 1, value)
                row += 1

    def table(self, name: str, header: list[str], rows: list[Line]) -> None:
        """One table; after each id stands its title, and rows with a flag are coloured."""
        sheet = self.book.add_worksheet(self.word(name))
        named = [column for column in header if column in _NAMED and self._has_titles(column, name)]
        wide = [part for column in header for part in self._headings(column, column in named)]
        sheet.freeze_panes(1, 0)
        for place, heading in enumerate(wide):
            sheet.write_string(0, place, heading, self.head)
            sheet.set_column(place, place, 24 if heading == self.word("title") else 13)
        for number, row in enumerate(rows[:MAX_ROWS], 1):
            cells = dict(zip(header, row, strict=True))
            flagged = any(cells.get(flag) for flag in _FLAGS)
            place = 0
            for column, value in cells.items():
                self._cell(sheet, number, place, value, flagged and column in _FLAGS)
                place += 1
                if column in named:
                    sheet.write_string(number, place, self.titles.get(str(value), ""))
                    place += 1
        if len(rows) > MAX_ROWS:
            sheet.write_string(MAX_ROWS + 1, 0, self.word("more"), self.warn)
        if rows:
            sheet.autofilter(0, 0, min(len(rows), MAX_ROWS), len(wide) - 1)

    def _has_titles(self, column: str, table: str) -> bool:
        return column != "of" or table == "importance"

    def _headings(self, column: str, named: bool) -> list[str]:
        return [column, self.word("title")] if named else [column]

    def _cell(self, sheet: Any, row: int, place: int, value: Any, flagged: bool) -> None:
        if value is None or value != value:
            return
        if isinstance(value, str):
            sheet.write_string(row, place, value, self.flag if flagged else None)
        elif isinstance(value, int):
            sheet.write_number(row, place, value)
        else:
            sheet.write_number(row, place, float(f"{value:.9e}"), self.number)

    def notes(self) -> None:
        """What was left out, turned around or could not be computed."""
        sheet = self.book.add_worksheet(self.word("notes"))
        sheet.set_column(0, 0, 30)
        sheet.set_column(1, 1, 100)
        for row, note in enumerate((*self.analysis.run.notes, *self.analysis.notes)):
            sheet.write_string(row, 0, note.place)
            sheet.write_string(row, 1, note.zh if self.lang == "zh" else note.en)
