"""Run folders changed on purpose, as mistakes and forgers change them."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from reliefperf.scenarios.fingerprints import digest, leaves
from reliefperf.scenarios.verifying import Verified, verify


def said(found: Verified) -> str:
    return "\n".join(f"{f.file}: {f.en} | {f.zh}" for f in found.failures)


def signed_again(folder: Path) -> None:
    """The hashes of run.json made to fit the folder, as a forger would."""
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    for name in record["files"]:
        content = (folder / name).read_bytes()
        record["files"][name] = hashlib.sha256(content).hexdigest()
    record["record"] = digest(record)
    (folder / "run.json").write_text(
        json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )


def loaded_solvers(folder: Path) -> str:
    """The solvers' modules that a verification has loaded, as a printed list."""
    code = (
        "import sys; from reliefperf.scenarios.verifying import verify; "
        "assert verify(sys.argv[1]).holds; "
        "print([m for m in sys.modules if m.split('.')[0] in ('pulp', 'highspy', 'clarabel')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def rows_of(path: Path) -> list[list[str]]:
    """The rows of a CSV file, the header first."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def with_cell(original: Path, folder: Path, name: str, i: int, j: int, cell: str) -> None:
    """A copy of a run in which one cell of one table holds something else."""
    shutil.copytree(original, folder)
    rows = rows_of(original / name)
    rows[i][j] = cell
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def require_cell_named(
    original: Path, folder: Path, name: str, i: int, j: int, *, forged: bool
) -> None:
    """Change a cell of a result table; `verify` must say where, what it holds and what it should."""
    rows = rows_of(original / name)
    cell = "1" + rows[i][j]
    with_cell(original, folder, name, i, j, cell)
    if forged:
        signed_again(folder)
    text = said(verify(folder))
    assert f"{name}: row {i + 1}" in text, (i, j, text)
    if i:
        assert f"column {rows[0][j]}: found {cell!r}" in text, (i, j, text)
        assert f"computed {rows[i][j]!r}" in text


def require_values_named(original: Path, tmp_path: Path, name: str) -> None:
    """Change about forty values of a record, one at a time; `verify` must name each."""
    document = json.loads((original / name).read_text(encoding="utf-8"))
    paths = [path for path, _ in leaves(document)]
    for number, path in enumerate(paths[:: max(1, len(paths) // 40)]):
        folder = tmp_path / str(number)
        shutil.copytree(original, folder)
        changed_at(json.loads(json.dumps(document)), path, folder / name)
        text = said(verify(folder))
        assert name in text, path
        assert path.removeprefix("files/") in text, (path, text)


def changed_at(document: object, path: str, target: Path) -> None:
    inside, names = document, path.split("/")
    # keys may hold a slash (names of files): the longest that fits is taken
    while names:
        for size in range(len(names), 0, -1):
            key: object = "/".join(names[:size])
            if isinstance(inside, list):
                key = int(str(key)) if str(key).isdigit() else None
            if key is not None and (isinstance(inside, list) or key in inside):  # type: ignore[operator]
                break
        names = names[size:]
        value = inside[key]  # type: ignore[index]
        if not names:
            if isinstance(value, bool) or value is None or isinstance(value, dict | list):
                value = "changed"
            else:
                value = value + "1" if isinstance(value, str) else value + 1
            inside[key] = value  # type: ignore[index]
        inside = value
    target.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def with_workbook_text(folder: Path, old: str, new: str) -> None:
    """Another text in the cells of the workbook."""
    with_workbook_part(folder, "xl/sharedStrings.xml", old, new)


def with_workbook_part(folder: Path, part: str, old: str, new: str) -> None:
    """Another text in a part of the workbook, which must have the old one."""
    path = folder / "results.xlsx"
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    content = parts[part].decode()
    assert old in content
    parts[part] = content.replace(old, new).encode()
    with zipfile.ZipFile(path, "w") as book:
        for name, content in parts.items():
            book.writestr(name, content)
