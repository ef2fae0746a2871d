"""Two tables, or two JSON documents, cell by cell."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from reliefperf.scenarios.fingerprints import leaves

CLOSE = 1e-9
"""Numbers this near, relative to their size, are the same on another machine: what is left is the
last digit of a linear-algebra library. Whole numbers that a float holds must be equal."""

_KEYS = (
    *("period", "region", "indicator", "item", "pool", "step", "factor", "rule", "parent"),
    *("node", "child", "method", "consequence", "target", "of", "fact"),
)


@dataclass(frozen=True)
class Difference:
    """A cell: its row in words, its column, what stands there and what was computed."""

    row: str
    column: str
    found: str
    expected: str


def different_cells(
    content: bytes, expected: bytes, *, close: bool, exact: Collection[str] = ()
) -> Iterator[Difference]:
    """The cells in which a CSV differs; with `close`, numbers may be `nearly` the same.

    The columns in `exact` must be equal in any case.
    """
    try:
        rows = _rows(content.decode("utf-8"))
    except (UnicodeDecodeError, csv.Error):
        yield Difference("", "", "cannot be read", "a table in UTF-8")
        return
    wanted = _rows(expected.decode("utf-8"))
    header = wanted[0] if wanted else []
    keys = [i for i, name in enumerate(header) if name in _KEYS]
    before = 0
    for number in range(max(len(rows), len(wanted))):
        row = rows[number] if number < len(rows) else []
        want = wanted[number] if number < len(wanted) else []
        label = ", ".join(want[i] for i in keys if i < len(want) and want[i]) if number else ""
        place = f"row {number + 1}" + (f" ({label})" if label else "")
        for j in range(max(len(row), len(want))):
            cell = row[j] if j < len(row) else ""
            other = want[j] if j < len(want) else ""
            absent = j >= len(row) or j >= len(want)
            name = header[j] if j < len(header) else str(j + 1)
            may_differ = close and name not in exact
            if (cell != other or absent) and not (may_differ and _close(cell, other)):
                before += 1
                yield Difference(place, name, cell, other)
    if not before and not close:
        lines = zip_longest(content.splitlines(True), expected.splitlines(True))
        number = next((n for n, (one, other) in enumerate(lines, start=1) if one != other), 1)
        yield Difference(
            f"row {number}",
            "",
            "the same cells, other bytes (line end, quotes)",
            "the bytes that were written",
        )


def different_json(found: Any, expected: Any) -> Iterator[Difference]:
    """The values in which two JSON documents differ, by path."""
    one, other = dict(leaves(found)), dict(leaves(expected))
    for path in dict.fromkeys([*one, *other]):
        if path not in one:
            yield Difference("", path, "nothing", str(other[path]))
        elif path not in other:
            yield Difference("", path, str(one[path]), "nothing")
        elif one[path] != other[path] or type(one[path]) is not type(other[path]):
            yield Difference("", path, str(one[path]), str(other[path]))


def _rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def _close(cell: str, other: str) -> bool:
    try:
        one, two = float(cell), float(other)
    except ValueError:
        return False
    return nearly(one, two, CLOSE)


def nearly(one: float, other: float, slack: float) -> bool:
    """Whether two numbers differ by no more than another machine's last digit."""
    if one.is_integer() and other.is_integer() and abs(other) < 2**53:
        return one == other
    return abs(one - other) <= slack * max(1.0, abs(other))
