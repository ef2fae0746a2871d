"""One column of cells to one array, under what the model says of its variable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from reliefperf.data.cells import Cell, FormulaError, Percent, is_blank
from reliefperf.data.changes import Change, Kind, change_notes
from reliefperf.data.cleaning import (
    FORMULA_FAILED,
    SAFE_LINES,
    UnreadableCellError,
    clean_float,
    clean_number,
    half_width,
    is_formula_error,
    is_missing_mark,
)
from reliefperf.data.mistakes import Mistakes, shown
from reliefperf.errors import Note
from reliefperf.model.spec_data import Variable

YES = frozenset(("是", "有", "属实", "true", "yes", "1", "y", "√", "✓", "✔"))
NO = frozenset(("否", "无", "不属实", "false", "no", "0", "n", "×", "✗", "✘"))

type Read = tuple[float | str | None, Change | None]


@dataclass(frozen=True)
class Cells:
    """The cells of one variable as they stand in the file, with the row of each."""

    heading: str
    cells: Sequence[Cell]
    lines: Sequence[int]


@dataclass(frozen=True)
class Converted:
    """The array of a variable, shape (n_cells,), and the changes made, by the cell's position."""

    values: NDArray[Any]
    changes: dict[int, Change] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()


def convert(
    column: Cells,
    variable: Variable,
    found: Mistakes,
    decimal: Literal["point", "comma"] = "point",
) -> Converted:
    """Read a column as its type wants it and check each cell; mistakes go to `found`.

    `decimal` says what stands before decimals. Numbers and integers become float64 with NaN for missing, booleans 1.0 and 0.0, texts objects.
    """
    is_text = variable.type == "text"
    empty = None if is_text else np.nan
    read = _READERS[variable.type]
    values = _all_plain(column.cells) if read is _number else None
    if decimal == "comma" and read is _number:
        read = _number_with_comma
        values = None if any(isinstance(c, str) and "." in c for c in column.cells) else values
    missing: list[int] = []
    unread: set[int] = set()
    changes: dict[int, Change] = {}
    if values is None:
        converted: list[float | str | None] = []
        for at, cell in enumerate(column.cells):
            try:
                value, change = read(cell, variable)
            except UnreadableCellError as error:
                unread.add(at)
                converted.append(empty)
                _complain(found, column, at, error.en, error.zh)
                continue
            if value is None:
                missing.append(at)
            converted.append(empty if value is None else value)
            if change is not None:
                changes[at] = change
        values = np.array(converted, dtype=object if is_text else np.float64)
    _check_values(values, unread.union(missing), column, variable, found)
    said = _notes(column, values, missing, changes)
    if missing and variable.missing == "error":
        for at in missing:
            en, zh = "no data, but the model wants a value for every region", "缺数据，模型要求必填"
            _complain(found, column, at, en, zh)
    if variable.missing == "zero" and not is_text:
        said += _fill(values, missing, changes, column)
    elif missing:
        said.append(
            Note(
                "missing",
                f"{len(missing)} of {len(values)} cells have no data",
                f"{len(values)} 格中有 {len(missing)} 格无数据",
                len(missing),
                column.heading,
            )
        )
    return Converted(values, changes, tuple(said))


def _all_plain(cells: Sequence[Cell]) -> NDArray[np.float64] | None:
    """All cells in one go if each is an ordinary number, as in most columns; else None."""
    types = set(map(type, cells))
    if types == {float}:
        values = np.array(cells, dtype=np.float64) + 0.0
        return values if np.isfinite(values).all() else None
    texts = cast("Sequence[str]", cells)
    if types != {str} or not SAFE_LINES.fullmatch("\n".join(texts) + "\n"):
        return None
    try:
        return np.array([float(text) for text in texts]) + 0.0
    except ValueError:
        return None


def _number_with_comma(cell: Cell, variable: Variable) -> Read:
    return _number(cell, variable, "comma")


def _number(cell: Cell, variable: Variable, decimal: Literal["point", "comma"] = "point") -> Read:
    if cell is None:
        return None, None
    if isinstance(cell, str):
        cleaned = clean_number(cell, percent=variable.percent, decimal=decimal)
        return cleaned.value, cleaned.change
    if isinstance(cell, Percent):
        value = clean_float(cell.fraction)
        if variable.percent == "number":
            value = float(Decimal(repr(value)).scaleb(2))
        return value, Change(str(cell), _digits(value), ("percent",))
    if isinstance(cell, bool | date | time | timedelta | FormulaError):
        raise _not_a_number(cell)
    if isinstance(cell, int) and int(value := _large(cell)) != cell:
        return value, Change(str(cell), _digits(value), ("rounded",))
    return clean_float(cell), None


def _truth(cell: Cell, variable: Variable) -> Read:
    if isinstance(cell, bool):
        return float(cell), None
    if isinstance(cell, int | float) and cell in (0, 1):
        return float(cell), None
    if is_blank(cell):
        return None, None
    if isinstance(cell, str):
        bare = half_width(cell).strip().casefold()
        if bare in YES or bare in NO:
            return float(bare in YES), None
        if is_missing_mark(cell):
            return None, Change(cell, "", ("missing-mark",))
    if _failed(cell):
        raise UnreadableCellError(*FORMULA_FAILED)
    raise UnreadableCellError(
        "expected yes or no: 是/否, 有/无, 属实/不属实, yes/no, true/false, 1/0, √/×",
        "应为是或否：是/否、有/无、属实/不属实、yes/no、true/false、1/0、√/×",
    )


def _text(cell: Cell, variable: Variable) -> Read:
    if cell is None or is_blank(cell):
        return None, None
    if _failed(cell):
        raise UnreadableCellError(*FORMULA_FAILED)
    if isinstance(cell, str):
        bare = cell.strip()
        return bare, Change(cell, bare, ("spaces",)) if bare != cell else None
    if isinstance(cell, bool):
        raise UnreadableCellError("expected text, not TRUE or FALSE", "应为文本，不是逻辑值")
    if isinstance(cell, int | float):
        text = _digits(clean_float(cell)) if isinstance(cell, float) else str(cell)
        return text, Change(text, text, ("number-as-text",))
    text = str(cell)
    kind: Kind = "number-as-text" if isinstance(cell, Percent) else "date-as-text"
    return text, Change(text, text, (kind,))


_READERS: dict[str, Callable[[Cell, Variable], Read]] = {
    "number": _number,
    "integer": _number,
    "boolean": _truth,
    "text": _text,
}


def _failed(cell: Cell) -> bool:
    return isinstance(cell, FormulaError) or (isinstance(cell, str) and is_formula_error(cell))


def _not_a_number(cell: Cell) -> UnreadableCellError:
    if isinstance(cell, FormulaError):
        return UnreadableCellError(*FORMULA_FAILED)
    if isinstance(cell, bool):
        return UnreadableCellError(
            "expected a number, not TRUE or FALSE; write 1 or 0, or make the variable boolean",
            "应为数值，不是逻辑值；请写 1 或 0，或在模型中将变量类型改为 boolean",
        )
    return UnreadableCellError(
        "expected a number, not a date or time; set the cell's format to number and check its value",
        "应为数值，不是日期或时间；请将单元格格式改为数值并核对",
    )


def _large(number: int) -> float:
    try:
        return float(number)
    except OverflowError:
        raise UnreadableCellError("the number is too large", "数值过大") from None


def _digits(value: float) -> str:
    return repr(value).removesuffix(".0")


def _complain(found: Mistakes, column: Cells, at: int, en: str, zh: str) -> None:
    cell = column.cells[at]
    quoted = shown(str(cell) if isinstance(cell, Percent | FormulaError | date | time) else cell)
    if is_blank(cell):
        found.add(en, zh, row=column.lines[at], column=column.heading)
    else:
        found.add(f"{quoted}: {en}", f"{quoted}：{zh}", row=column.lines[at], column=column.heading)


def _check_values(
    values: NDArray[Any], skipped: set[int], column: Cells, variable: Variable, found: Mistakes
) -> None:
    def refuse(wrong: NDArray[np.bool_], en: str, zh: str) -> None:
        for at in np.flatnonzero(wrong).tolist():
            if at not in skipped:
                _complain(found, column, at, en, zh)

    if variable.values is not None and variable.type != "boolean":
        listed = ", ".join(map(str, variable.values[:12]))
        if variable.type == "text":
            allowed: set[Any] = {str(value) for value in variable.values}
        else:
            allowed = {value for value in variable.values if not isinstance(value, str)}
        wrong = np.array([value not in allowed for value in values.tolist()], dtype=bool)
        refuse(wrong, f"expected one of {listed}", f"应为下列之一：{listed}")
    if variable.type not in ("number", "integer"):
        return
    if variable.type == "integer":
        wrong = values != np.floor(values)
        refuse(wrong, "expected a whole number", "应为整数")
    if variable.min is not None:
        low = _digits(variable.min)
        refuse(values < variable.min, f"expected {low} or more", f"应不小于 {low}")
    if variable.max is not None:
        high = _digits(variable.max)
        refuse(values > variable.max, f"expected {high} or less", f"应不大于 {high}")


def _fill(
    values: NDArray[Any], missing: Sequence[int], changes: dict[int, Change], column: Cells
) -> list[Note]:
    for at in missing:
        cell = column.cells[at]
        before = changes[at].kinds if at in changes else ()
        values[at] = 0.0
        changes[at] = Change("" if cell is None else str(cell), "0", (*before, "zero-filled"))
    if not missing:
        return []
    return [
        Note(
            "zero-filled",
            f"{len(missing)} cells without data count as 0",
            f"{len(missing)} 格无数据，按 0 计",
            len(missing),
            column.heading,
        )
    ]


def _notes(
    column: Cells, values: NDArray[Any], missing: Sequence[int], changes: dict[int, Change]
) -> list[Note]:
    said = change_notes(column.heading, column.lines, changes)
    percents = {at for at, change in changes.items() if "percent" in change.kinds}
    others = [
        at
        for at in range(len(values))
        if percents and at not in percents and _is_number(values[at])
    ]
    if others:
        listed = ", ".join(str(column.lines[at]) for at in others[:5])
        said.append(
            Note(
                "percent-mixed",
                f"{len(percents)} cells have a percent sign and {len(others)} have "
                f"none (rows {listed}); check that all mean the same",
                f"{len(percents)} 格带百分号，{len(others)} 格不带"
                f"（第 {listed} 行等），请核对口径是否一致",
                len(others),
                column.heading,
            )
        )
    return said


def _is_number(value: object) -> bool:
    return isinstance(value, float) and value == value and value != 0
