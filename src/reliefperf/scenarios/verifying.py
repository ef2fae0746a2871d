"""A run folder checked: every file, every cell, every amount, without a solver.

Hashes say whether a file is what was written. Then scores, entitlements and tables are computed
again from `inputs/`, with the certificate's answers where a program was solved, and compared cell
by cell. Last, the answers themselves are proved: see allocation.proving.
"""

from __future__ import annotations

import gc
import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reliefperf.allocation.certificate import NotRecorded, Recorded
from reliefperf.allocation.proving import Proof, prove
from reliefperf.errors import InfeasibleError, InputError, Mistake
from reliefperf.scenarios.fingerprints import (
    CERTIFICATE,
    FINGERPRINTS,
    certificate,
    changed,
    digest,
    fingerprint,
    leaves,
)
from reliefperf.scenarios.inputs import INPUTS, rerun
from reliefperf.scenarios.same import Difference, different_cells, different_json, nearly
from reliefperf.scenarios.side_by_side import meanwhile

if TYPE_CHECKING:
    from reliefperf.reports.cells import Grid
    from reliefperf.scenarios.results.cells import Side
    from reliefperf.scenarios.running import Run

RUN_FILE = "run.json"
WORKBOOK = "results.xlsx"
UNREAD = ("inputs/data_file", "inputs/encoding")
"""What run.json says of reading the data; the run cannot be computed again where it is wrong."""
MOST_NAMED = 20
"""Cells of one file that are named; more are counted."""
EXACT = {"allocation.csv": ("amount",)}
"""Columns of tables that are exact on every machine."""
LARGE = 2_000_000
"""Bytes of all files from which on tables and amounts are checked side by side."""


@dataclass(frozen=True)
class Failure:
    """One thing that is not as it should be: in which file, where, and what was expected."""

    file: str
    en: str
    zh: str


@dataclass
class Verified:
    """What was checked, and everything that failed."""

    folder: Path
    failures: list[Failure] = field(default_factory=list)
    remarks: list[Failure] = field(default_factory=list)
    n_files: int = 0
    n_cells: int = 0
    n_sums: int = 0
    """Sums over the levels of a cascade, made from the files alone."""
    proofs: dict[str, Proof] = field(default_factory=dict)
    tables: set[str] = field(default_factory=set)
    """Tables that the run makes; others do not belong to it."""
    sheets: set[str] = field(default_factory=set)
    """Sheets that the run makes."""

    @property
    def holds(self) -> bool:
        """Whether nothing failed."""
        return not self.failures

    def fail(self, file: str, en: str, zh: str) -> None:
        """Note a failure."""
        self.failures.append(Failure(file, en, zh))

    def take(self, part: Verified) -> None:
        """Add what was found of some of the files."""
        self.failures += [failure for failure in part.failures if failure not in self.failures]
        self.n_cells += part.n_cells
        for period, proof in part.proofs.items():
            self.proofs.setdefault(period, Proof()).take(proof)
        self.tables |= part.tables
        self.sheets |= part.sheets


def verify(folder: str | Path) -> Verified:
    """Check a run folder; raises InputError if it is not one."""
    path = Path(folder)
    record = _record(path)
    found = Verified(path)
    for key, wanted, shown in _misshapen(record):
        found.fail(
            RUN_FILE,
            f"key {key}: found {shown}, a run writes {wanted[0]}",
            f"键 {key}：现为 {shown}，应为{wanted[1]}",
        )
    if found.failures:
        return found
    # A run is millions of small objects and no cycles: looking for these would take a fifth of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        _check(found, record)
    finally:
        if collecting:
            gc.enable()
    return found


def _check(found: Verified, record: dict[str, Any]) -> None:
    intact = _check_files(found, record)
    own_record = record.get("record") == digest(record)
    _check_layout(found, record)
    if "cascade" in record:
        from reliefperf.scenarios.cascades.verifying import check_cascade

        check_cascade(found, record, intact, holds=own_record)
        return
    run = _check_run(found, record, intact)
    if run is not None:
        name_strange(found, intact)
    _check_record(found, record, run, own_record)


def _check_run(found: Verified, record: dict[str, Any], intact: set[str]) -> Run | None:
    """Compute the run again and compare; None if it cannot be.

    Of a large run one copy of this process scores anew and compares the scores meanwhile, and
    another one proves the amounts while their tables are compared here. Scores of several periods
    may look at what was paid before, so that the second copy compares them with the rest.
    """

    def scores(run: Run) -> Verified:
        part = Verified(found.folder)
        _check_tables(part, run, "scores", intact)
        check_fingerprints(part, intact)
        return part

    def amounts(run: Run, answers: Mapping[str, Recorded]) -> Verified:
        part = Verified(found.folder)
        _check_certificate(part, run)
        _check_amounts(part, run, answers)
        return part

    large = sum((found.folder / name).stat().st_size for name in intact) >= LARGE
    alone = large and len(record["results"]) == 1
    with meanwhile(lambda: scores(rerun(found.folder, record)), wanted=alone) as scored:
        run, answers = _computed_again(found, record)
        if run is None:
            return None

        def others() -> list[Verified]:
            return [*([] if scored.started else [scores(run)]), amounts(run, answers)]

        with meanwhile(others, wanted=large) as proved:
            _check_tables(found, run, "money", intact)
            if scored.started:
                found.take(scored.result(lambda: scores(run)))
            for part in proved.result(others):
                found.take(part)
    return run


def _record(folder: Path) -> dict[str, Any]:
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


_TABLE, _HASHES = ("a table", "表"), ("file names with their sha256", "文件名及其 sha256")


def _misshapen(record: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, str], str]]:
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


def _check_layout(found: Verified, record: Mapping[str, Any]) -> None:
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


def _check_files(found: Verified, record: Mapping[str, Any]) -> set[str]:
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


def _fingerprints(folder: Path) -> dict[str, Any]:
    try:
        prints = json.loads((folder / FINGERPRINTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return prints if isinstance(prints, dict) else {}


def _name_changed(found: Verified, name: str, path: Path, stated: Any) -> None:
    places = list(changed(path, stated)) if isinstance(stated, dict) else []
    for place in places[:MOST_NAMED]:
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


def _computed_again(
    found: Verified, record: dict[str, Any]
) -> tuple[Run | None, dict[str, Recorded]]:
    try:
        stated = json.loads((found.folder / CERTIFICATE).read_text(encoding="utf-8"))
        answers = {str(key): Recorded(value) for key, value in stated["periods"].items()}
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        found.fail(CERTIFICATE, "cannot be read", "无法读取")
        answers = {}
    has_money = "allocation.csv" in record["files"] or bool(answers)
    try:
        return rerun(found.folder, record, allocation=has_money, answers=_Answers(answers)), answers
    except NotRecorded as error:
        found.fail(CERTIFICATE, f"does not fit the run: {error}", f"与该运行结果不相符：{error}")
    except (InputError, InfeasibleError) as error:
        found.fail(
            INPUTS,
            f"the run cannot be computed again: {error.text('en')}",
            f"无法重新计算：{error.text('zh')}",
        )
    return None, answers


class _Answers(dict[str, Recorded]):
    """A period without recorded answers has an empty record, never a solver."""

    def get(self, key: str, default: Any = None) -> Any:
        if key not in self:
            self[key] = Recorded({})
        return self[key]


def _check_tables(found: Verified, run: Run, side: Side, intact: set[str]) -> None:
    from reliefperf.reports.cells import cells_of_workbook
    from reliefperf.reports.folder import write_tables

    sheets = cells_of_workbook(run, (side,))
    compare_results(found, lambda again: write_tables(run, again, (side,)), sheets, intact)


def compare_results(
    found: Verified, write: Callable[[Path], None], sheets: Mapping[str, Grid], intact: set[str]
) -> None:
    """Name every cell of tables and `sheets` that is not as it is made again."""
    from reliefperf.reports.cells import read_workbook

    with ThreadPoolExecutor(1) as aside:  # reading a workbook leaves Python alone
        stated = aside.submit(read_workbook, found.folder / WORKBOOK, sheets.keys())
        compare_tables(found, write, intact)
    compare_workbook(found, stated.result(), sheets, intact)


def compare_tables(found: Verified, write: Callable[[Path], None], intact: set[str]) -> None:
    """Name every cell of a table that is not as `write` writes it into another folder."""
    with tempfile.TemporaryDirectory() as made:
        again = Path(made)
        write(again)
        for path in sorted(again.rglob("*")):
            name = path.relative_to(again).as_posix()
            found.tables.add(name)
            here = found.folder / name
            if not here.is_file():
                found.fail(name, "the file is missing", "文件缺失")
                continue
            content, expected = here.read_bytes(), path.read_bytes()
            found.n_cells += expected.count(b",") + expected.count(b"\n")
            if content != expected:
                exact = EXACT.get(name, ())
                cells = different_cells(content, expected, close=name in intact, exact=exact)
                name_cells(found, name, cells)


def name_cells(found: Verified, name: str, cells: Iterator[Difference]) -> None:
    """Note the first cells of a file that differ, and how many more do."""
    rest = 0
    for number, cell in enumerate(cells):
        if number >= MOST_NAMED:
            rest += 1
            continue
        row = f"{cell.row}, " if cell.row else ""
        found.fail(
            name,
            f"{row}column {cell.column}: found {cell.found!r}, computed {cell.expected!r}",
            f"{row}列“{cell.column}”：现为 {cell.found!r}，重新计算为 {cell.expected!r}",
        )
    if rest:
        found.fail(name, f"and {rest} more cells", f"另有 {rest} 个单元格")


def compare_workbook(
    found: Verified,
    stated: Mapping[str, Grid] | None,
    made: Mapping[str, Grid],
    intact: set[str],
) -> None:
    """Name every cell of results.xlsx as read that is not as `made` again, by sheet and place."""
    found.sheets |= made.keys()
    found.n_cells += sum(len(row) - row.count("") for rows in made.values() for row in rows)
    if stated is None:
        if (found.folder / WORKBOOK).is_file():
            found.fail(WORKBOOK, "cannot be read", "无法读取")
        return
    for sheet, cells in made.items():
        if sheet in stated:
            differences = _sheet_differences(sheet, stated[sheet], cells, WORKBOOK not in intact)
            name_cells(found, WORKBOOK, differences)


def name_strange(found: Verified, intact: set[str]) -> None:
    """Name files and sheets that the run does not make, and sheets that are missing."""
    from reliefperf.reports.cells import names_of_sheets

    for name in sorted(intact - found.tables):
        if "/" not in name and name.endswith((".csv", ".txt")):
            found.fail(name, "the run does not make this file", "该运行不会产生这一文件")
    stated = names_of_sheets(found.folder / WORKBOOK)
    for sheet in sorted(found.sheets.symmetric_difference(stated) if stated is not None else ()):
        found.fail(WORKBOOK, f"sheet {sheet}: missing or unknown", f"工作表“{sheet}”：缺失或多余")


def _sheet_differences(
    sheet: str,
    stated: Grid,
    expected: Grid,
    tampered: bool,
) -> Iterator[Difference]:
    slack = 1e-15 if tampered else 1e-9
    headings = stated[0] if stated else []
    nothing: list[str | float] = []
    for number, (row, wanted) in enumerate(zip_longest(stated, expected, fillvalue=nothing)):
        if row == wanted:
            continue
        for place, (one, other) in enumerate(zip_longest(row, wanted, fillvalue="")):
            if one == other:
                continue
            # a workbook holds 16 digits of a number
            if isinstance(one, float) and isinstance(other, float) and nearly(one, other, slack):
                continue
            first = row[0] if row else ""
            heading = headings[place] if place < len(headings) else ""
            yield Difference(
                f"{sheet} row {number + 1} ({first})",
                str(heading or place + 1),
                str(one),
                str(other),
            )


def _check_certificate(found: Verified, run: Run) -> None:
    """The certificate must hold what this run needs, no more and no less."""
    try:
        stated = json.loads((found.folder / CERTIFICATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    made = certificate(run)
    if stated != made:
        name_cells(found, CERTIFICATE, different_json(stated, made))


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


def _check_amounts(found: Verified, run: Run, answers: Mapping[str, Recorded]) -> None:
    for period, result in run.periods.items():
        if result.allocation is not None:
            recorded = answers.get(period)
            _note(found, period, prove(run.model, result.env, result.allocation, recorded))
    if run.counter_examples:
        from reliefperf.scenarios.explaining.fairness.recorded import trial_failures

        for en, zh in trial_failures(run.counter_examples):
            found.fail(CERTIFICATE, en, zh)


def _note(found: Verified, period: str, proof: Proof) -> None:
    """Add a proof of a period's money, with what failed."""
    found.proofs.setdefault(period, Proof()).take(proof)
    lead = f"{period}: " if period else ""
    for en, zh in proof.failures:
        found.fail(CERTIFICATE, f"{lead}{en}", f"{lead}{zh}")


def _check_record(found: Verified, record: dict[str, Any], run: Run | None, holds: bool) -> None:
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
