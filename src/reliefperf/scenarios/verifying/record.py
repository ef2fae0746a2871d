"""run.json: whether it is one, and whether it says what the run computed again says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reliefperf.errors import InputError, Mistake
from reliefperf.scenarios.fingerprints import leaves
from reliefperf.scenarios.own_files import CERTIFICATE, INPUTS, RUN_FILE
from reliefperf.scenarios.same import Difference, different_json
from reliefperf.scenarios.verifying.found import Failure, Verified, name_cells

if TYPE_CHECKING:
    from reliefperf.scenarios.running import Run

UNREAD = ("inputs/data_file", "inputs/encoding")
"""What run.json says of reading the data; the run cannot be computed again where it is wrong."""
_TABLE, _HASHES = ("a table", "表"), ("file names with their sha256", "文件名及其 sha256")


def read_record(folder: Path) -> dict[str, Any]:
    """What run.json holds; raises InputError if the folder is not one that can be verified."""
    try:
        record = json.loads((folder / RUN_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        record = None
    if not isinstance(record, dict) or not isinstance(record.get("files"), dict):
        raise InputError(
            Mistake.at(
                "not a folder written by `reliefperf run` (no readable run.json)",
                "不是 reliefperf run 写出的文件夹（没有可读的 run.json）",
                file=str(folder),
            )
        )
    inputs = record.get("inputs")
    known = isinstance(inputs, dict) and ("data_file" in inputs or "cascade" in record)
    if not known or CERTIFICATE not in record["files"]:
        raise InputError(
            Mistake.at(
                "the folder holds no certificate: it was written by an older version or by another "
                "verb than run, score or allocate; run it anew",
                "该文件夹没有核验所需的记录：它由旧版本或其他命令写出；请重新运行",
                file=str(folder),
            )
        )
    return record


def misshapen(record: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, str], str]]:
    """The keys of run.json that are not of the kind that a run writes, and what stands there."""

    def hashes(value: Any) -> bool:
        return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())

    inputs = record["inputs"]
    kinds: list[tuple[str, Any, bool, tuple[str, str]]] = [
        ("files", record["files"], hashes(record["files"]), _HASHES)
    ]
    if "cascade" not in record:
        results, encoding = record.get("results"), inputs.get("encoding")
        tables = isinstance(results, dict) and all(isinstance(x, dict) for x in results.values())
        kinds += [
            ("results", results, tables and bool(results), _TABLE),
            (
                "inputs/encoding",
                encoding,
                encoding is None or isinstance(encoding, str),
                ("a name", "编码名称"),
            ),
        ]
        kinds += [
            (
                f"inputs/{key}",
                inputs.get(key),
                hashes(inputs.get(key)) and (bool(inputs[key]) or key == "model"),
                _HASHES,  # of a model made in Python there are no files
            )
            for key in ("model", "data")
        ]
    for key, value, fits, wanted in kinds:
        if not fits:
            text = json.dumps(value, ensure_ascii=False)
            yield key, wanted, text if len(text) <= 60 else f"{text[:60]} ..."


def check_layout(found: Verified, record: Mapping[str, Any]) -> None:
    """run.json must also be written as it was: its digest is that of its values alone."""
    from reliefperf.reports.folder import json_text

    stated = (found.folder / RUN_FILE).read_bytes().split(b"\n")
    wanted = json_text(record).encode(errors="surrogatepass").split(b"\n")
    for number, (one, other) in enumerate(zip_longest(stated, wanted), start=1):
        if one != other:
            found.fail(
                RUN_FILE,
                f"line {number}: not written as it was (spaces, line end, a key twice)",
                f"第 {number} 行：写法与写出时不同（空格、换行或重复的键）",
            )
            return


def check_record(found: Verified, record: dict[str, Any], run: Run | None, holds: bool) -> None:
    """run.json against the record of the run computed again; versions may be another machine's."""
    named = 0
    if run is not None:
        from reliefperf.reports.folder import run_record

        again = json.loads(json.dumps(run_record(run)))
        # What a run records of where it was read from is not known from the folder.
        for key in ("model", "data", "scenario"):
            again["inputs"].pop(key, None)
        versions = again.pop("versions")
        stated = {
            key: value
            for key, value in record.items()
            if key not in ("files", "record", "versions")
        }
        inputs = dict(stated.get("inputs", {}))
        origins = {key: inputs.pop(key, None) for key in ("model", "data", "scenario")}
        cells = list(different_json({**stated, "inputs": inputs}, again))
        cells += list(strange_origins(origins, record["files"], found.folder))
        if not holds:
            cells += list(
                different_json({"versions": record.get("versions")}, {"versions": versions})
            )
        elif record.get("versions") != versions:
            remark_versions(found, record.get("versions"), versions)
        named = len(cells)
        name_cells(found, RUN_FILE, iter(cells))
    if not holds and not named:
        name_record(found, record, () if run is not None else UNREAD)


def name_record(found: Verified, record: Mapping[str, Any], unread: Sequence[str]) -> None:
    """Say that run.json was changed where none of its values is named; `unread` may be at fault."""
    wrong = [f.file for f in found.failures]
    files = [*(name for name in record["files"] if name in wrong), *unread]
    listed = f" (look at: {', '.join(files)})" if files else ""
    found.fail(
        RUN_FILE,
        f"key record: the digest of run.json does not fit its content{listed}",
        f"键 record：run.json 的摘要与内容不符{listed}",
    )


def strange_origins(
    origins: Mapping[str, Any], files: Mapping[str, str], folder: Path
) -> Iterator[Difference]:
    """The hashes that run.json states of inputs, by the names they had, are those of the folder."""
    kept = {
        hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (folder / INPUTS).rglob("*")
        if path.is_file()
    } | set(files.values())
    for name, value in leaves({key: item for key, item in origins.items() if item}, "inputs"):
        if value not in kept:
            yield Difference("", name, str(value), "the sha256 of a file in inputs/")


def remark_versions(found: Verified, stated: Any, here: Any) -> None:
    """Say which versions are not those of this machine; that is no failure."""
    if not isinstance(stated, dict):
        found.fail(RUN_FILE, "key versions: missing", "键 versions：缺失")
        return
    other = [f"{n} {stated.get(n)} ({v})" for n, v in here.items() if stated.get(n) != v]
    if other:
        listed = ", ".join(other)
        found.remarks.append(
            Failure(
                RUN_FILE,
                f"made with other versions than are installed here: {listed}",
                f"运行时的软件版本与本机不同：{listed}",
            )
        )
