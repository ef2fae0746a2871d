"""Short digests of every row and column of the inputs, so that a changed cell can be named.

A hash of a file says that something in it changed. The value that a run was made from is not kept
twice; the digests of its row and its column are, and where they meet is the cell. They stand in
`fingerprints.json`, and the answers of the solver in `certificate.json`.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from math import isfinite
from pathlib import Path
from typing import Any

from reliefperf.scenarios.own_files import CERTIFICATE, INPUTS

_LENGTH = 6
_WORKBOOKS = (".xlsx", ".xls", ".xlsm", ".ods")

type Grid = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Place:
    """A cell that is not what it was: where it stands and what it holds now.

    Where the number of rows (of values in a JSON file) is another, `row` is the sheet or empty, and
    `rows` has the number now and before.
    """

    row: str
    column: str
    found: str
    rows: tuple[int, int] | None = None


def digest(record: Mapping[str, Any]) -> str:
    """The sha256 of a record without its own key `record`, as canonical JSON."""
    rest = {key: value for key, value in record.items() if key != "record"}
    text = json.dumps(rest, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def fingerprints(folder: Path) -> dict[str, Any]:
    """The digests of rows and columns of every input of a run folder, and of its certificate."""
    paths = [folder / CERTIFICATE, *sorted((folder / INPUTS).rglob("*"))]
    return {
        path.relative_to(folder).as_posix(): fingerprint(path) for path in paths if path.is_file()
    }


def fingerprint(path: Path) -> dict[str, Any]:
    """The digests of one file, by sheet: all rows in one text, and each column."""
    return {
        name: {
            "rows": "".join(map(_short, grid)),
            "columns": "".join(map(_short, _columns(grid))),
        }
        for name, grid in _grids(path).items()
    }


def changed(path: Path, stated: Mapping[str, Any]) -> Iterator[Place]:
    """The cells of a file whose row and column are not what the fingerprint states."""
    grids = _grids(path)
    for name in [*grids, *(set(stated) - set(grids))]:
        grid = grids.get(name, [])
        before = stated.get(name, {"rows": "", "columns": ""})
        lead = f"{name} " if name else ""
        rows = _split(str(before.get("rows", "")))
        if len(rows) != len(grid):
            yield Place(lead.strip(), "", "", (len(grid), len(rows)))
            continue
        columns = _split(str(before.get("columns", "")))
        now = [_short(column) for column in _columns(grid)]
        places = [j for j, (a, b) in enumerate(zip(now, columns, strict=False)) if a != b]
        if len(now) != len(columns):
            places = list(range(max(len(now), len(columns))))
        header = grid[0] if grid else []
        for i, row in enumerate(grid):
            if _short(row) == rows[i]:
                continue
            for j in places or range(len(row)):
                if j < len(row):
                    named = i and j < len(header) and len(header) > 1 and path.suffix != ".json"
                    column = header[j] if named else ""
                    place = row[0] if path.suffix == ".json" else f"{lead}row {i + 1}"
                    if len(row) > 1 and j and path.suffix != ".json":
                        place += f" ({row[0]})"
                    yield Place(place, column, row[j] if path.suffix != ".json" else row[-1])
                    if path.suffix == ".json":
                        break


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of a JSON document with its path."""
    paths: list[str] = []
    values: list[Any] = []
    _gather(value, path, paths, values)
    return zip(paths, values, strict=True)


def _gather(value: Any, path: str, paths: list[str], values: list[Any]) -> None:
    if not isinstance(value, dict | list) or not value:
        paths.append(path)
        values.append(value)
        return
    if isinstance(value, dict):
        keys, items = list(value), list(value.values())
    else:
        keys, items = list(range(len(value))), value
    lead = f"{path}/" if path or isinstance(value, list) else ""
    if not any(issubclass(kind, dict | list) for kind in set(map(type, items))):
        paths += [f"{lead}{key}" for key in keys]
        values += items
        return
    for key, item in zip(keys, items, strict=True):
        _gather(item, f"{lead}{key}", paths, values)


def _grids(path: Path) -> dict[str, Grid]:
    if path.suffix.lower() in _WORKBOOKS:
        return _sheets(path)
    # Bytes as they are: neither commas nor quotes occur inside a character of UTF-8 or GB 18030.
    text = path.read_bytes().decode("latin-1")
    if path.suffix == ".json":
        try:
            return {
                "": [
                    (name, repr(leaf) if type(leaf) is float and isfinite(leaf) else _json(leaf))
                    for name, leaf in leaves(json.loads(text))
                ]
            }
        except ValueError:
            return {"": []}
    if path.suffix.lower() in (".csv", ".tsv", ".txt"):
        delimiter = "\t" if "\t" in text.split("\n", 1)[0] else ","
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
            return {
                "": [[cell if cell.isascii() else _readable(cell) for cell in row] for row in rows]
            }
        except csv.Error:
            pass
    return {"": [[_readable(line)] for line in text.split("\n")]}


def _json(leaf: Any) -> str:
    return repr(leaf) if type(leaf) is int else json.dumps(leaf)


def _sheets(path: Path) -> dict[str, Grid]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(str(path))
        return {
            name: [
                [str(cell) for cell in row]
                for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            ]
            for name in book.sheet_names
        }
    except (CalamineError, OSError):
        return {}


def _readable(cell: str) -> str:
    if cell.isascii():
        return cell
    content = cell.encode("latin-1")
    for encoding in ("utf-8", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return cell


def _columns(grid: Grid) -> list[tuple[str, ...]]:
    return list(zip_longest(*grid, fillvalue=""))


def _short(cells: Sequence[str]) -> str:
    return hashlib.sha256("\x1f".join(cells).encode()).hexdigest()[:_LENGTH]


def _split(text: str) -> list[str]:
    return [text[i : i + _LENGTH] for i in range(0, len(text), _LENGTH)]
