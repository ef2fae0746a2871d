"""Delimited text: its encoding and its rows of cells."""

from __future__ import annotations

import csv
import io
import re

from reliefperf.data.cells import Cell
from reliefperf.data.mistakes import refuse
from reliefperf.errors import Note

DELIMITERS = {",": "comma", "\t": "tab", ";": "semicolon"}
MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)

_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_IS_LETTER = re.compile(r"[A-Za-z]")


def decode(content: bytes, source: str, encoding: str | None) -> tuple[str, list[Note]]:
    """Bytes to text; says which encoding was taken when it was not Unicode."""
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise refuse(
            source,
            "this is a workbook, not a text table; give it the ending .xlsx, or save it as CSV",
            "这是工作簿，不是文本表格；请改扩展名为 .xlsx，或另存为 CSV",
        )
    for mark, name in MARKS:
        if encoding is None and content.startswith(mark):
            encoding = name
    notes: list[Note] = []
    for name in [encoding] if encoding else ["utf-8", "gb18030"]:
        try:
            text = content.decode(name).removeprefix("\ufeff")
        except (UnicodeError, LookupError, ValueError):
            continue
        if "\0" in text:
            break
        if name == "gb18030" and encoding is None:
            if _looks_western(text):
                break
            notes.append(
                Note("encoding", "not UTF-8; read as GB18030", "不是 UTF-8，按 GB18030 读入")
            )
        return text, notes
    tried = encoding or "UTF-8, GB18030"
    raise refuse(
        source,
        f"the bytes are no text in {tried}; save the file as UTF-8, or name its encoding "
        "(`data: {encoding: cp1252}` in the model, or --encoding; cp1252 is usual for western "
        "languages)",
        f"无法按 {tried} 解码；请另存为 UTF-8，或指明编码（模型中写 data: {{encoding: cp1252}}，"
        "或用 --encoding；西文文件多为 cp1252）",
    )


def _looks_western(text: str) -> bool:
    """Whether bytes read as GB18030 are rather a western text: each Chinese character stands alone
    within a word of Latin letters, as `Qu閎ec` for the Latin-1 of Québec.
    """
    runs = list(_NOT_ASCII.finditer(text))
    return bool(runs) and all(
        len(run[0]) == 1 and _IS_LETTER.search(text, max(0, run.start() - 1), run.end() + 1)
        for run in runs
    )


def text_rows(text: str, source: str, *, tab: bool = False) -> list[list[Cell]]:
    """Split delimited text into rows; the delimiter is the commonest one of the first line."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = "\t" if tab else _delimiter(first, source)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[Cell]] = []
    try:
        for row in reader:
            rows.append([cell if cell else None for cell in row])
    except csv.Error as error:
        raise refuse(
            source,
            f"the quotation marks do not pair, or a cell is too long ({error})",
            "引号不成对，或单元格过长",
            row=len(rows) + 1,
        ) from None
    return rows


def _delimiter(first_line: str, source: str) -> str:
    outside = "".join(first_line.split('"')[::2])
    counts = {mark: outside.count(mark) for mark in DELIMITERS}
    most = max(counts.values())
    best = [mark for mark, count in counts.items() if count == most]
    if most and len(best) > 1:
        names = " and ".join(DELIMITERS[mark] for mark in best)
        raise refuse(
            source,
            f"the headings could be parted by {names} alike; keep to one",
            "表头中两种分隔符一样多，无法判断；请只用一种",
            row=1,
        )
    return best[0] if most else ","
