"""Sheets of .xlsx workbooks as rows of cells.

calamine reads the values. What it cannot say is told by a scan of the sheet's XML (sheet_xml).
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from datetime import date, time, timedelta

import python_calamine

from reliefperf.data.cells import Cell, FormulaError, Percent
from reliefperf.data.mistakes import refuse
from reliefperf.data.sheet_xml import Marks, elements, percent_styles, scan
from reliefperf.errors import InputError, Note, suggestion

MOST_UNPACKED_BYTES = 1024 * 1024 * 1024

type Value = str | bool | int | float | date | time | timedelta
type _Range = tuple[tuple[int, int], tuple[int, int]]


def workbook_rows(
    content: bytes, source: str, sheet: str | None
) -> tuple[list[list[Cell]], list[Note]]:
    """The cells of one sheet, from A1 on, and what is to be said of the workbook.

    Without `sheet` the first one is read, and a note names the others. Raises InputError for a
    damaged or protected file, an unknown sheet, and merged cells inside the table.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED_BYTES:
                raise refuse(
                    source,
                    f"unpacked, the workbook has over {MOST_UNPACKED_BYTES:,} bytes",
                    f"工作簿解压后超过 {MOST_UNPACKED_BYTES:,} 字节",
                )
            book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
            chosen, notes = _choose(book, source, sheet)
            marks = scan(archive.read(_part(archive, chosen)), percent_styles(archive), source)
            read = book.get_sheet_by_name(chosen)
            values = read.to_python(skip_empty_area=False) if read.start is not None else []
            merged = read.merged_cell_ranges or []
    except InputError:
        raise
    except BaseException as error:
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise _damaged(source, error) from None
        raise
    _check_merged(merged, values, source)
    return [_cells(line, row, marks) for line, row in enumerate(values, 1)], notes


def _choose(
    book: python_calamine.CalamineWorkbook, source: str, sheet: str | None
) -> tuple[str, list[Note]]:
    names = [
        entry.name
        for entry in book.sheets_metadata
        if entry.typ == python_calamine.SheetTypeEnum.WorkSheet
    ]
    if not names:
        raise refuse(source, "the workbook has no sheet with cells", "工作簿中没有数据工作表")
    if sheet is not None and sheet not in names:
        en, zh = suggestion(sheet, names)
        raise refuse(source, f"there is no sheet '{sheet}'{en}", f"没有工作表“{sheet}”{zh}")
    if sheet is not None or len(names) == 1:
        return sheet or names[0], []
    others = ", ".join(names[1:])
    en = f"only the first sheet '{names[0]}' is read; the others: {others}"
    zh = f"只读第一张工作表“{names[0]}”；其余：{others}"
    return names[0], [Note("sheet", en, zh, len(names) - 1)]


def _cells(line: int, row: list[Value], marks: Marks) -> list[Cell]:
    cells: list[Cell] = []
    for at, value in enumerate(row, 1):
        place = (line, at)
        if place in marks.errors:
            cells.append(FormulaError(marks.errors[place]))
        elif value == "":
            cells.append(None)
        elif place in marks.percents and isinstance(value, float):
            cells.append(Percent(float(value)))
        else:
            cells.append(value)
    return cells


def _check_merged(merged: list[_Range], values: list[list[Value]], source: str) -> None:
    width = max((len(row) for row in values), default=0)
    for (top, left), (bottom, right) in merged:
        rows, columns = bottom - top + 1, right - left + 1
        if top < len(values) and left < width and (top, left) != (bottom, right):
            raise refuse(
                source,
                f"{rows} x {columns} merged cells: only the first would have a value; split them "
                "and fill in each",
                f"{rows} 行 × {columns} 列的合并单元格只有第一格有值；请取消合并并逐格填写",
                row=top + 1,
            )


def _part(archive: zipfile.ZipFile, sheet: str) -> str:
    identity = next(
        next(value for key, value in entry.attrib.items() if key.endswith("}id"))
        for entry in elements(archive, "xl/workbook.xml", "sheet")
        if entry.get("name") == sheet
    )
    target = next(
        entry.get("Target", "")
        for entry in elements(archive, "xl/_rels/workbook.xml.rels", "Relationship")
        if entry.get("Id") == identity
    )
    if target.startswith("/"):
        return target.lstrip("/")
    return posixpath.normpath(posixpath.join("xl", target))


def _damaged(source: str, error: BaseException) -> InputError:
    return refuse(
        source,
        f"this is no .xlsx workbook that can be read, or it is damaged or protected "
        f"({type(error).__name__}); open it and save it again as .xlsx",
        "不是可读的 .xlsx 工作簿，或文件已损坏、已加密；请打开后重新另存为 .xlsx",
    )
