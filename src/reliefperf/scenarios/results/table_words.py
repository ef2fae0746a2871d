"""A table of a model in words: what it gives where, with its own numbers."""

from __future__ import annotations

from reliefperf.errors import Lang
from reliefperf.model.spec_tables import FromFile, TableSpec
from reliefperf.scenarios.results.cells import number_text

MOST_ROWS = 8
"""Rows of a table that are named before it is said how many more there are."""

_ENDS: dict[str, tuple[str, str]] = {
    "at_least": ("from", "不低于"),
    "above": ("above", "高于"),
    "at_most": ("up to", "不高于"),
    "below": ("below", "低于"),
}


def table_words(table: TableSpec, lang: Lang) -> str:
    """The rows of a table in their order, then what holds where none of them does."""
    zh = lang == "zh"
    rows: list[tuple[object, object]]
    if table.steps is not None:
        end = _ENDS[table.steps.ends][zh]
        source = table.steps.rows
        if isinstance(source, FromFile):
            return _of_file(source, lang)
        rows = list(source)
        parts = [
            f"{end} {_cell(at)} 为 {_cell(value)}" if zh else f"{_cell(value)} {end} {_cell(at)}"
            for at, value in rows
        ]
    elif table.lookup is not None:
        if isinstance(table.lookup, FromFile):
            return _of_file(table.lookup, lang)
        rows = list(table.lookup.items())
        parts = [
            f"{_cell(key)} 为 {_cell(value)}" if zh else f"{_cell(value)} for {_cell(key)}"
            for key, value in rows
        ]
    else:
        assert table.piecewise is not None
        if isinstance(table.piecewise, FromFile):
            return _of_file(table.piecewise, lang)
        rows = list(table.piecewise)
        parts = [
            f"{_cell(at)} 处 {_cell(value)}" if zh else f"{_cell(value)} at {_cell(at)}"
            for at, value in rows
        ]
    more = len(rows) - MOST_ROWS
    if more > 0:
        parts = [*parts[:MOST_ROWS], f"等 {len(rows)} 行" if zh else f"and {more} more"]
    if table.piecewise is not None:
        parts.append("其间按直线" if zh else "on straight lines between")
    if table.otherwise != "missing":
        rest = _cell(table.otherwise)
        parts.append(f"其余为 {rest}" if zh else f"else {rest}")
    return ("，" if zh else ", ").join(parts)


def _of_file(source: FromFile, lang: Lang) -> str:
    if lang == "zh":
        return f"{source.file} 中的“{source.gives}”"
    return f"the column '{source.gives}' of {source.file}"


def _cell(value: object) -> str:
    return number_text(value) if isinstance(value, int | float) else str(value)
