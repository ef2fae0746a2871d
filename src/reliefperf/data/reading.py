"""A file to rows of cells, exactly as written: no cell is interpreted here, none is dropped."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from reliefperf.data.cells import Cell, is_blank
from reliefperf.data.mistakes import Mistakes, refuse
from reliefperf.data.text_file import decode, text_rows
from reliefperf.errors import InputError, Note, did_you_mean

MOST_BYTES = 200 * 1024 * 1024
TEXT_ENDINGS = (".csv", ".tsv", ".txt")
WORKBOOK_ENDINGS = (".xlsx", ".xlsm")


@dataclass(frozen=True)
class RawTable:
    """What stands in a file: headings, rows of cells, and the row each of them has in the file.

    `content` is the file itself.
    """

    source: str
    sha256: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    lines: tuple[int, ...]
    header_line: int = 1
    notes: tuple[Note, ...] = ()
    content: bytes = b""


def normal(heading: str) -> str:
    """A heading in the form in which headings are compared: NFKC, no spaces around it."""
    return unicodedata.normalize("NFKC", heading).strip()


def read_cells(
    path: str | os.PathLike[str], *, sheet: str | None = None, encoding: str | None = None
) -> RawTable:
    """Read a text table (.csv, .tsv, .txt) or a workbook (.xlsx, .xlsm).

    The first line that is not blank holds the headings. Blank lines are skipped, but rows keep the
    numbers a spreadsheet gives them. A text file is read by its byte-order mark, else as strict
    UTF-8, else as GB18030, unless `encoding` says otherwise; a workbook has no use for it.

    Raises InputError for a file that is missing, empty, too large (over 200 MB), of another kind,
    or undecodable, and for headings that are empty or stand twice and rows of uneven length.
    """
    source, content = os.fspath(path), _content(path)
    ending = Path(source).suffix.lower()
    if ending in WORKBOOK_ENDINGS:
        from reliefperf.data.workbook import workbook_rows

        grid, notes = workbook_rows(content, source, sheet)
    else:
        if sheet is not None:
            raise refuse(
                source,
                f"a text file has no sheet '{sheet}'; take `sheet` out of the model, or give a "
                "workbook",
                f"文本文件没有工作表“{sheet}”；请从模型中去掉 sheet，或改用工作簿",
            )
        text, notes = decode(content, source, encoding)
        grid = text_rows(text, source, tab=ending == ".tsv")
    read = table(grid, source, hashlib.sha256(content).hexdigest(), notes)
    return replace(read, content=content)


def table(
    grid: Iterable[Sequence[Cell]], source: str, sha256: str, notes: Iterable[Note] = ()
) -> RawTable:
    """Part the headings from the rows and check the shape; rows of `grid` count from 1."""
    found, said = Mistakes(source), list(notes)
    numbered = [(line, row) for line, row in enumerate(grid, 1) if not all(map(is_blank, row))]
    if not numbered:
        raise refuse(source, "the file is empty", "文件是空的")
    (header_line, header), *body = numbered
    headings = [str(_said(cell)) for cell in header]
    width = len(headings)
    for line, row in body:
        if len(row) != width:
            found.add(
                f"the row has {len(row)} cells, but there are {width} headings",
                f"本行有 {len(row)} 格，而表头有 {width} 格",
                row=line,
            )
    found.raise_if_any()
    kept = [at for at in range(width) if not all(is_blank(row[at]) for _, row in numbered)]
    _check_headings(headings, kept, header_line, found)
    found.raise_if_any()
    if len(kept) < width:
        gone = width - len(kept)
        en = f"{gone} columns have neither heading nor data; left out"
        said.append(Note("empty-column", en, f"{gone} 列没有表头和数据，略去", gone))
        body = [(line, [row[at] for at in kept]) for line, row in body]
    said.extend(_blank_lines(header_line, [line for line, _ in body]))
    return RawTable(
        source,
        sha256,
        tuple(headings[at] for at in kept),
        tuple(tuple(row) for _, row in body),
        tuple(line for line, _ in body),
        header_line,
        tuple(said),
    )


def _content(path: str | os.PathLike[str]) -> bytes:
    source, file = os.fspath(path), Path(path)
    ending = file.suffix.lower()
    try:
        if file.is_dir():
            raise refuse(
                source, "this is a folder; name a file in it", "这是文件夹；请写其中的文件"
            )
        if not file.exists():
            raise _no_such_file(source, file)
        if not file.is_file():
            raise refuse(source, "this is not an ordinary file", "这不是普通文件")
        if ending not in TEXT_ENDINGS + WORKBOOK_ENDINGS:
            raise _other_kind(source, ending)
        if (size := file.stat().st_size) > MOST_BYTES:
            raise refuse(
                source,
                f"the file has {size:,} bytes; the limit is {MOST_BYTES:,}",
                f"文件有 {size:,} 字节，上限为 {MOST_BYTES:,} 字节",
            )
        return file.read_bytes()
    except (OSError, ValueError) as error:
        raise refuse(source, f"cannot be read: {error}", f"无法读取：{error}") from None


def _no_such_file(source: str, file: Path) -> InputError:
    near = None
    if file.parent.is_dir():
        near = did_you_mean(file.name, (other.name for other in file.parent.iterdir()))
    return refuse(
        source,
        "there is no such file" + (f"; did you mean '{near}'?" if near else ""),
        "没有这个文件" + (f"；是否想写“{near}”？" if near else ""),
    )


def _other_kind(source: str, ending: str) -> InputError:
    known = ", ".join(TEXT_ENDINGS + WORKBOOK_ENDINGS)
    if ending == ".xls":
        return refuse(
            source,
            "in an old .xls workbook failed formulas and percentages cannot be told apart from "
            "empty cells and plain numbers; open it and save it as .xlsx",
            "旧版 .xls 无法区分公式错误与空格、百分数与普通数值；请打开后另存为 .xlsx",
        )
    return refuse(
        source,
        f"files ending in '{ending}' are not read; expected {known}",
        f"不能读取“{ending}”文件；应为 {known}",
    )


def _said(cell: Cell) -> Cell:
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return "" if cell is None else cell


def _check_headings(
    headings: Sequence[str], kept: Sequence[int], line: int, found: Mistakes
) -> None:
    seen: dict[str, int] = {}
    for at in (index + 1 for index in kept):
        name = normal(headings[at - 1])
        if not name:
            found.add(
                f"column {at} has no heading; each column needs one, in one line, no merged cells",
                f"第 {at} 列没有表头；每列都要有表头，只占一行，不合并单元格",
                row=line,
            )
        elif name in seen:
            found.add(
                f"the heading stands twice, in columns {seen[name]} and {at}",
                f"表头重复：第 {seen[name]} 列和第 {at} 列",
                row=line,
                column=name,
            )
        seen.setdefault(name, at)


def _blank_lines(header_line: int, lines: Sequence[int]) -> list[Note]:
    expected = (lines[-1] if lines else header_line) - len(lines) - 1
    if not expected:
        return []
    taken = {header_line, *lines}
    blank = [line for line in range(1, lines[-1] if lines else header_line) if line not in taken]
    listed = ", ".join(map(str, blank[:10])) + (", ..." if len(blank) > 10 else "")
    return [Note("blank-line", f"blank rows skipped: {listed}", f"跳过空行：{listed}", len(blank))]
