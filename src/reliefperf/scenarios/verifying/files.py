"""The files of a run folder against their hashes, and the inputs against their fingerprints."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reliefperf.scenarios.fingerprints import changed, fingerprint
from reliefperf.scenarios.own_files import CERTIFICATE, FINGERPRINTS, INPUTS, RUN_FILE
from reliefperf.scenarios.same import different_json
from reliefperf.scenarios.verifying.found import MOST_NAMED, Verified, name_cells


def check_files(found: Verified, record: Mapping[str, Any]) -> set[str]:
    """Compare every file with its hash; returns the files that are what was written."""
    stated: dict[str, str] = record["files"]
    here = {
        path.relative_to(found.folder).as_posix(): path
        for path in sorted(found.folder.rglob("*"))
        if path.is_file()
    }
    found.n_files = len(here)
    here.pop(RUN_FILE, None)
    intact = set()
    prints = _fingerprints(found.folder)
    for name in sorted(stated.keys() - here.keys()):
        found.fail(name, "the file is missing", "文件缺失")
    for name in sorted(here.keys() - stated.keys()):
        found.fail(name, "the file does not belong to the run", "不属于该运行结果的文件")
    for name in sorted(stated.keys() & here.keys()):
        if hashlib.sha256(here[name].read_bytes()).hexdigest() == stated[name]:
            intact.add(name)
        elif name in prints or name.startswith(f"{INPUTS}/"):
            _name_changed(found, name, here[name], prints.get(name))
        elif name == FINGERPRINTS:
            pass  # named below, by the digests of the files themselves
        else:
            found.fail(
                name,
                "the file is not the one that was written (its sha256 differs)",
                "文件与写出时不同（sha256 不符）",
            )
    return intact


def check_fingerprints(found: Verified, intact: set[str]) -> None:
    """The digests of files that are intact, again; a changed digest is named."""
    stated = _fingerprints(found.folder)
    for name in sorted(intact):
        if name != CERTIFICATE and not name.startswith(f"{INPUTS}/"):
            continue
        again = fingerprint(found.folder / name)
        if stated.get(name) != again:
            name_cells(found, FINGERPRINTS, different_json({name: stated.get(name)}, {name: again}))
    for name in sorted(stated.keys() - intact):
        if not (found.folder / name).is_file():
            found.fail(FINGERPRINTS, f"{name}: no such file", f"{name}：没有这一文件")
    tampered = FINGERPRINTS not in intact and (found.folder / FINGERPRINTS).is_file()
    if tampered and not any(f.file == FINGERPRINTS for f in found.failures):
        found.fail(
            FINGERPRINTS,
            "the file is not the one that was written (its sha256 differs)",
            "文件与写出时不同（sha256 不符）",
        )


def _fingerprints(folder: Path) -> dict[str, Any]:
    try:
        prints = json.loads((folder / FINGERPRINTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return prints if isinstance(prints, dict) else {}


def _other_size(sheet: str, path: Path, now: int, before: int) -> tuple[str, str]:
    """That a file, or a sheet of it, has another number of rows, in English and Chinese."""
    en, zh = (f"sheet '{sheet}'", f"工作表“{sheet}”") if sheet else ("the file", "文件")
    what, what_zh = ("values", "个值") if path.suffix == ".json" else ("rows", "行")
    return (
        f"{en} has {now:,} {what}, not {before:,}",
        f"{zh}现有 {now:,} {what_zh}，应为 {before:,} {what_zh}",
    )


def _name_changed(found: Verified, name: str, path: Path, stated: Any) -> None:
    places = list(changed(path, stated)) if isinstance(stated, dict) else []
    for place in places[:MOST_NAMED]:
        if place.rows is not None:
            found.fail(name, *_other_size(place.row, path, *place.rows))
            continue
        where_en = ", ".join(
            part for part in (place.row, f"column {place.column}" if place.column else "") if part
        )
        where_zh = "，".join(
            part for part in (place.row, f"列“{place.column}”" if place.column else "") if part
        )
        found.fail(
            name,
            f"{where_en}: found {place.found!r}, which is not the value of the run",
            f"{where_zh}：现为 {place.found!r}，与运行时的值不同",
        )
    if not places and isinstance(stated, dict):
        found.fail(
            name,
            "the same cells, other bytes (line ends, quotes): the file is not the one that was run",
            "单元格相同而字节不同（换行、引号）：文件与运行时不同",
        )
    elif not places or len(places) > MOST_NAMED:
        found.fail(
            name,
            f"the file is not the one that was run ({len(places)} cells differ)",
            f"文件与运行时不同（{len(places)} 个单元格不同）",
        )
