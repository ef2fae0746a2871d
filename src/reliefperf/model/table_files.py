"""Tables of the model made ready to be called: limits sorted, files read, kinds known."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np

from reliefperf.errors import suggestion
from reliefperf.model.document import Path_
from reliefperf.model.environment import Column, Kind
from reliefperf.model.fractions import fraction_or_text, written_number
from reliefperf.model.spec_tables import FromFile, TableSpec
from reliefperf.model.tables import LineTable, LookupTable, StepTable, Table, twelve_digits

type _Result = tuple[float | str, str, str, Path_]
"""A result, where it stands in English and Chinese (for a file), and its path below the table."""


class TableError(ValueError):
    """A table cannot be made; says why in both languages, and where below the table."""

    def __init__(self, en: str, zh: str, path: Path_ = ()) -> None:
        super().__init__(en)
        self.en, self.zh, self.path = en, zh, path


def make_table(name: str, spec: TableSpec, folder: Path | None) -> Table:
    """The table that a spec describes; files are read relative to `folder`."""
    otherwise = None if spec.otherwise == "missing" else fraction_or_text(spec.otherwise)
    if spec.steps is not None:
        limits, values = _pairs(spec.steps.rows, folder, ("steps", spec.steps.ends))
        _refuse_repeats(limits)
        column, kind = _values(values, otherwise)
        order = np.argsort(limits)
        return StepTable(
            name,
            ("number",),
            kind,
            np.asarray(limits, dtype=float)[order],
            column[order],
            spec.steps.ends,
            otherwise,
        )
    if spec.piecewise is not None:
        xs, heights = _pairs(spec.piecewise, folder, ("piecewise",))
        _refuse_repeats(xs)
        if len(xs) < 2:
            raise TableError("a line needs at least two points", "折线至少需要两个点")
        ys, kind = _values(heights, None)
        if kind == "text":
            _, en, zh, path = heights[0]
            raise TableError(
                f"{en}the points of a line must be numbers", f"{zh}折线上的点必须是数字", path
            )
        order = np.argsort(xs)
        return LineTable(
            name,
            ("number",),
            "number",
            np.asarray(xs, dtype=float)[order],
            ys[order],
            spec.outside,
        )
    assert spec.lookup is not None
    return _lookup(name, spec.lookup, otherwise, folder)


def _lookup(
    name: str,
    lookup: dict[str | float, float | str] | FromFile,
    otherwise: float | str | None,
    folder: Path | None,
) -> LookupTable:
    found: dict[tuple[str | float, ...], _Result] = {}
    if isinstance(lookup, FromFile):
        if not lookup.keys:
            raise TableError("a look-up from a file needs `keys`", "从文件读取的对照表须写 keys")
        for row_number, row in _rows(lookup, folder, [*lookup.keys, lookup.gives]):
            key = tuple(
                row[heading].strip()
                if lookup.text_keys
                else _as_key(_number(row[heading], lookup.file, row_number, heading))
                for heading in lookup.keys
            )
            if key in found:
                raise TableError(
                    f"{lookup.file} row {row_number}: the keys {key} stand twice",
                    f"{lookup.file} 第 {row_number} 行：键 {key} 重复",
                )
            found[key] = _result(row, lookup, row_number)
    else:
        found = {(_as_key(key),): (value, "", "", ("lookup", key)) for key, value in lookup.items()}
    if not found:
        raise TableError("the look-up is empty", "对照表为空")
    width = len(next(iter(found)))
    kinds: list[Kind] = []
    for place in range(width):
        of_text = {isinstance(key[place], str) for key in found}
        if len(of_text) > 1:
            raise TableError(
                "the keys of a look-up must be all texts or all numbers",
                "对照表的键须全为文本或全为数字",
            )
        kinds.append("text" if of_text.pop() else "number")
    column, kind = _values(list(found.values()), otherwise)
    values = dict(zip(found, column.tolist(), strict=True))
    return LookupTable(name, tuple(kinds), kind, values, otherwise)


def _as_key(key: str | float) -> str | float:
    return key if isinstance(key, str) else twelve_digits(key)


def _pairs(
    rows: list[tuple[float, float | str]] | list[tuple[float, float]] | FromFile,
    folder: Path | None,
    path: Path_,
) -> tuple[list[float], list[_Result]]:
    if not isinstance(rows, FromFile):
        results: list[_Result] = [
            (value, "", "", (*path, place, 1)) for place, (_, value) in enumerate(rows)
        ]
        return [float(x) for x, _ in rows], results
    if rows.limit is None:
        raise TableError("steps from a file need `limit`", "从文件读取的分档须写 limit")
    limits: list[float] = []
    values: list[_Result] = []
    for row_number, row in _rows(rows, folder, [rows.limit, rows.gives]):
        limits.append(_number(row[rows.limit], rows.file, row_number, rows.limit))
        values.append(_result(row, rows, row_number))
    if not limits:
        raise TableError(f"no row of {rows.file} was chosen", f"{rows.file} 中没有选中任何行")
    return limits, values


def _rows(
    source: FromFile, folder: Path | None, wanted: list[str]
) -> list[tuple[int, dict[str, str]]]:
    if folder is None or Path(source.file).is_absolute():
        raise TableError(
            f"the file {source.file} must be named relative to the model's folder",
            f"文件 {source.file} 须以模型所在文件夹的相对路径给出",
        )
    try:
        text = (folder / source.file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise TableError(
            f"{source.file} cannot be read as UTF-8 text ({type(error).__name__})",
            f"无法以 UTF-8 读取 {source.file}",
        ) from None
    reader = csv.DictReader(io.StringIO(text, newline=""))
    headings = list(reader.fieldnames or [])
    for heading in [*wanted, *source.where]:
        if headings.count(heading) > 1:
            raise TableError(
                f"{source.file} has two columns '{heading}'",
                f"{source.file} 有两列“{heading}”",
            )
        if heading not in headings:
            en, zh = suggestion(heading, headings)
            raise TableError(
                f"{source.file} has no column '{heading}'{en}",
                f"{source.file} 没有列“{heading}”{zh}",
            )
    chosen = []
    for row in reader:
        row_number = reader.line_num
        if None in row.values() or None in row:
            raise TableError(
                f"{source.file} row {row_number} has not as many cells as there are headings",
                f"{source.file} 第 {row_number} 行的单元格数与表头不符",
            )
        if all(row[key].strip() == value for key, value in source.where.items()):
            chosen.append((row_number, row))
    return chosen


def _number(text: str, file: str, row_number: int, heading: str) -> float:
    number = written_number(text)
    if number is None:
        en, zh = _cell(file, row_number, heading)
        raise TableError(f"{en}'{text}' is not a number", f"{zh}“{text}”不是数字")
    return number


def _result(row: dict[str, str], source: FromFile, row_number: int) -> _Result:
    """What a row gives; whether a fraction is a number shows only beside the others."""
    text = row[source.gives].strip()
    number = None if "/" in text or "／" in text else written_number(text)
    return (text if number is None else number, *_cell(source.file, row_number, source.gives), ())


def _cell(file: str, row_number: int, heading: str) -> tuple[str, str]:
    """Where a cell of a file stands, before a message in English and Chinese."""
    return (
        f"{file} row {row_number}, column '{heading}': ",
        f"{file} 第 {row_number} 行，列“{heading}”：",
    )


def _values(results: list[_Result], otherwise: float | str | None) -> tuple[Column, Kind]:
    """The results as a column; fractions are numbers unless other texts stand among them."""
    read = [fraction_or_text(value) for value, *_ in results]
    if not any(isinstance(value, str) for value in (*read, otherwise)):
        return np.asarray(read, dtype=float), "number"
    stated = [value for value, *_ in results]
    if all(isinstance(value, str) for value in stated) and isinstance(otherwise, str | None):
        column = np.empty(len(stated), dtype=object)
        column[:] = stated
        return column, "text"
    odd = next((place for place, value in enumerate(read) if isinstance(value, str)), None)
    _, en, zh, path = results[odd] if odd is not None else ("", "", "", ("otherwise",))
    shown = otherwise if odd is None else stated[odd]
    raise TableError(
        f"{en}'{shown}' is a text: the results of a table (and `otherwise`) must be all numbers "
        "or all texts",
        f"{zh}“{shown}”是文本：表的结果（含 otherwise）须全为数字或全为文本",
        path,
    )


def _refuse_repeats(limits: list[float]) -> None:
    for limit in limits:
        if limits.count(limit) > 1:
            raise TableError(f"the limit {limit:g} stands twice", f"界限 {limit:g} 重复出现")
