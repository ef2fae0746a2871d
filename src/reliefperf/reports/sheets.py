"""Sheets of a workbook: headings, tables of texts and numbers, and the mark of made-up data.

No cell is ever a live formula or link made from data. The document's date is fixed, so that the
same results give the same bytes.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from math import ceil
from pathlib import Path
from textwrap import wrap
from typing import Any

from rich.cells import cell_len

from reliefperf.errors import Lang
from reliefperf.reports.workbook_words import (
    FOUR_DECIMALS,
    MONEY,
    TWO_DECIMALS,
    WIDTHS,
    WORDS,
    WRAPPED,
)
from reliefperf.scenarios.results.cells import Cell, Row

MAX_ROWS = 1_000_000
"""Rows that a sheet holds; Excel ends at 1,048,576."""
LONGEST_NAME = 31
"""Characters that Excel allows in the name of a sheet."""
LINE_HEIGHT = 15
MOST_ON_A_PAGE = 190
"""Characters of a line that can still be read when they are fitted to a page of A4."""
LONGEST_WORD = 16
"""Characters of a heading's word for which its column is widened."""
WIDE = 8 / 7
"""What an East Asian character of the workbook's type is wider than a digit, of 15 and 7 pixels."""
MARGIN = 1.5
"""Digits of a column that the indent of its texts takes."""
SHORTEST = 9
"""Characters that the narrowest column of texts holds."""
type Special = Callable[[Sequence[str | float], int], Any]
"""How the number at a place of a row is shown, None for as others are."""

_PIECES = re.compile(
    r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60]|[^ \u2e80-\u9fff\uf900-\ufaff\uff00-\uff60]* ?"
)
_WHOLE = ("rank", "improvement_rank")
"""Columns of the scores that are whole numbers."""


@contextmanager
def new_book(path: Path, title: str) -> Iterator[Any]:
    """A workbook that is written to `path` when all its sheets are filled."""
    import xlsxwriter

    book = xlsxwriter.Workbook(
        str(path),
        {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    book.set_properties({"title": title, "created": dt.datetime(2000, 1, 1)})
    try:
        yield book
    finally:
        book.close()


class Sheets:
    """Sheets of a workbook with headings in one language; `titles` are words for ids."""

    def __init__(
        self, book: Any, lang: Lang, name: str, titles: dict[str, str], *, synthetic: bool
    ) -> None:
        self.book, self.lang, self.name, self.synthetic = book, lang, name, synthetic
        heading = {"bold": True, "bg_color": "#DCE6F1", "border": 1, "text_wrap": True}
        self.head = book.add_format({**heading, "valign": "vcenter"})
        self.head_right = book.add_format(
            {**heading, "valign": "vcenter", "align": "right", "indent": 1}
        )
        self.bold = book.add_format({"bold": True, "valign": "top"})
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.warn = book.add_format({"bold": True, "font_color": "#C00000", "valign": "top"})
        self.warn_text = book.add_format(
            {
                "bold": True,
                "font_color": "#C00000",
                "text_wrap": True,
                "valign": "top",
                "align": "left",
                "indent": 1,
            }
        )
        self.wrap = book.add_format(
            {"text_wrap": True, "valign": "top", "align": "left", "indent": 1}
        )
        self.top = book.add_format({"valign": "top"})
        right = {"valign": "top", "align": "right", "indent": 1}
        self.right = book.add_format(right)
        self.four = book.add_format({**right, "num_format": "0.0000"})
        self.two = book.add_format({**right, "num_format": TWO_DECIMALS})
        self.bold_two = book.add_format({**right, "num_format": TWO_DECIMALS, "bold": True})
        self.percent = book.add_format({**right, "num_format": "0.00%"})
        self.whole = book.add_format({**right, "num_format": "#,##0"})
        self.short = book.add_format({**right, "num_format": "#,##0.####"})
        self.titles = titles
        self.unit = ""
        """The unit of money, which stands in headings where it is set."""

    def word(self, key: str) -> str:
        """A heading in the workbook's language."""
        return WORDS[key][self.lang] if key in WORDS else self.titles.get(key, key)

    def sheet(self, key: str, title: str = "") -> Any:
        """A sheet, named by `title` or by its word; those of made-up data say so, in print as well."""
        label = ""
        if self.synthetic:
            label = "（合成数据）" if self.lang == "zh" else " (synthetic)"
        name = title or self.word(key)
        sheet = self.book.add_worksheet(name[: LONGEST_NAME - len(label)].rstrip() + label)
        sheet.set_header(f"&L{self.name}&R{label}")
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.set_margins(left=0.4, right=0.4, bottom=0.5)
        sheet.fit_to_pages(1, 0)
        if key != "summary":
            sheet.repeat_rows(0)
        if label:
            sheet.set_tab_color("#C00000")
        return sheet

    def money(self, places: int, *, total: bool = False) -> Any:
        """How money of so many decimals is shown, in the line of totals or above it."""
        looks = {"num_format": money_format(places), "align": "right", "indent": 1}
        return self.book.add_format(looks | ({"bold": True, "top": 1} if total else {}))

    def pages(self, sheet: Any, widths: Sequence[int], lead: int) -> None:
        """Print a wide sheet on several pages side by side, the first `lead` columns on each."""
        first = sum(widths[:lead])
        n_pages = -(-(sum(widths) - first) // max(MOST_ON_A_PAGE - first, MOST_ON_A_PAGE // 2))
        if n_pages > 1:
            sheet.fit_to_pages(n_pages, 0)
            if lead:
                sheet.repeat_columns(0, lead - 1)

    def sum_above(self, sheet: Any, line: int, column: int, value: float, style: Any) -> None:
        """Write the sum of a column from its second line to the one above `line`, with its value."""
        letter = letters(column)
        sheet.write_formula(line, column, f"=SUM({letter}2:{letter}{line})", style, value)

    def in_unit(self) -> str:
        """The unit of money in brackets, which follows a heading; "" where none is set."""
        if not self.unit:
            return ""
        return f"（{self.unit}）" if self.lang == "zh" else f" ({self.unit})"

    def figure(self, value: float) -> Any:
        """How a number is shown that is no money: digits in groups, at most four decimals."""
        if value == round(value, 0):
            return self.whole
        return self.right if round(value, 4) == round(value, 0) else self.short

    def table(
        self,
        key: str,
        header: Sequence[str],
        rows: Iterable[Row],
        text: Sequence[str],
        title: str = "",
        special: Special | None = None,
    ) -> Any:
        """A sheet with a table, returned; the columns in `text` hold texts, never numbers.

        `special` says how the number of a row and column is shown; None: as others of its column.
        """
        sheet = self.sheet(key, title)
        as_text = [name in text for name in header]
        money = MONEY.get(key, ())
        numbers = [
            self.four
            if name in FOUR_DECIMALS
            else self.two
            if name in money or (key == "scores" and name not in _WHOLE)
            else None
            for name in header
        ]
        labels = []
        for place, name in enumerate(header):
            label = self.word("points_label") if name == "points" else self.word(name)
            if key == "rules" and name == "price":
                label = label.format(unit=self.unit)
            if name in money:
                label += self.in_unit()
            sheet.write_string(0, place, label, self.head if as_text[place] else self.head_right)
            labels.append(label)
        content = _typed(islice(rows, MAX_ROWS), as_text)
        line = len(content)
        if hasattr(type(sheet), "write_lines"):
            sheet.write_lines(1, content)
        else:
            widths = _widths(header, content, as_text, 10 if key == "scores" else 12)
            widths = [
                max(width, min(widest_word(label), LONGEST_WORD))
                for label, width in zip(labels, widths, strict=True)
            ]
            for place, width in enumerate(widths):
                sheet.set_column(place, place, width)
            lines = map(heading_lines, labels, widths)
            sheet.set_row(0, LINE_HEIGHT * max(lines, default=1))
            sentences = [
                is_text and max(WIDTHS.get(name, 0), width) >= WRAPPED
                for name, width, is_text in zip(header, widths, as_text, strict=True)
            ]
            styles = [
                self.wrap if is_long else self.top if is_text else self.right
                for is_long, is_text in zip(sentences, as_text, strict=True)
            ]
            _write_lines(sheet, content, styles, numbers, self.figure, special)
            wrapped = [(place, width) for place, width in enumerate(widths) if sentences[place]]
            _set_heights(sheet, content, wrapped)
            lead = _lead(header)
            self.pages(sheet, widths, lead)
            sheet.freeze_panes(1, lead)
        if line:
            sheet.autofilter(0, 0, line, len(header) - 1)
        return sheet


def letters(column: int) -> str:
    """What Excel calls a column, which is counted from 0."""
    before, last = divmod(column, 26)
    return (letters(before - 1) if before else "") + chr(65 + last)


def _lead(header: Sequence[str]) -> int:
    """How many columns stay in sight: those up to the region's name, or the rule's title."""
    for name in ("name", "title"):
        if name in header[:4]:
            return list(header).index(name) + 1
    return 1


def _widths(
    header: Sequence[str],
    content: Sequence[Sequence[str | float]],
    as_text: Sequence[bool],
    usual: int,
) -> list[int]:
    """The columns' widths: as wide as their longest text, those of sentences at most as stated."""
    found = []
    for place, name in enumerate(header):
        stated = WIDTHS.get(name, usual)
        if stated < WRAPPED and as_text[place]:
            longest = max(map(cell_len, {str(row[place]) for row in content}), default=0)
            stated = min(max(SHORTEST, longest + 2), WRAPPED)
        elif as_text[place]:
            needed = max(map(room, {str(row[place]) for row in content}), default=0)
            stated = min(stated, max(usual, ceil(needed + MARGIN)))
        found.append(stated)
    return found


def _typed(rows: Iterable[Row], as_text: Sequence[bool]) -> list[list[str | float]]:
    """The cells as a sheet has them: texts, numbers where they can be one, "" for none."""
    columns: list[list[str | float]] = []
    for column, is_text in zip(zip(*rows, strict=True), as_text, strict=False):
        if is_text:
            only_texts = set(map(type, column)) <= {str}
            columns.append(list(column) if only_texts else [_as_text(cell) for cell in column])
            continue
        try:
            columns.append([float(cell) for cell in column])
        except (TypeError, ValueError):
            columns.append([_number_or_text(cell) for cell in column])
    return [list(row) for row in zip(*columns, strict=True)]


def _as_text(cell: Cell) -> str:
    return cell if type(cell) is str else "" if cell is None else str(cell)


def _number_or_text(cell: Cell) -> str | float:
    try:
        return "" if cell is None else float(cell)
    except ValueError:
        return str(cell)


def _write_lines(
    sheet: Any,
    content: Iterable[Sequence[str | float]],
    styles: Sequence[Any],
    numbers: Sequence[Any],
    figure: Callable[[float], Any],
    special: Special | None,
) -> None:
    """Write rows below the heading; `styles` are those of the columns' texts.

    `numbers` are those of numbers, None where `figure` says it of each. `special` goes before both.
    """
    for line, cells in enumerate(content, start=1):
        for place, cell in enumerate(cells):
            if isinstance(cell, float):
                style = special(cells, place) if special is not None else None
                sheet.write_number(line, place, cell, style or numbers[place] or figure(cell))
            elif cell:
                sheet.write_string(line, place, cell, styles[place])


def room(text: str) -> float:
    """The width of a text in digits: an East Asian character takes two and a seventh, a space half."""
    wide = cell_len(text) - len(text)
    return len(text) + WIDE * wide - 0.5 * text.count(" ")


def lines_of(text: str, width: int) -> int:
    """How many lines a text takes in a column; one breaks after a wide character or a space."""
    if "\n" not in text and room(text) <= width - MARGIN:
        return 1
    lines = 0
    for part in text.split("\n"):
        lines += 1
        taken = 0.0
        for piece in _PIECES.findall(part):
            size = room(piece)
            if taken and taken + room(piece.rstrip()) > width - MARGIN:
                lines, taken = lines + 1, 0.0
            over = int(size // (width - MARGIN)) if size > width - MARGIN else 0
            lines, taken = lines + over, taken + size - over * (width - MARGIN)
    return lines


def heading_lines(label: str, width: int) -> int:
    """How many lines a heading takes, which is bold and broken between words."""
    return sum(
        max(len(wrap(part, max(width - 1, 1))), lines_of(part, width - 1))
        for part in label.split("\n")
    )


def widest_word(label: str) -> int:
    """The characters that a heading needs in one line, with room to spare."""
    return max(map(cell_len, label.split()), default=0) + 2 if label.isascii() else 0


def _set_heights(
    sheet: Any, content: Iterable[Sequence[str | float]], wrapped: Sequence[tuple[int, int]]
) -> None:
    """Make rows as high as their wrapped texts need, which not every program does by itself."""
    for line, cells in enumerate(content, start=1):
        lines = max((lines_of(str(cells[k]), width) for k, width in wrapped), default=1)
        if lines > 1:
            sheet.set_row(line, LINE_HEIGHT * lines)


def money_format(places: int) -> str:
    """How Excel shows money of so many decimals."""
    return "#,##0" + ("." + "0" * places if places else "")
