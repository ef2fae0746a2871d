"""A cascade's run folder checked, without a solver: every file, every cell, every level.

As for the run of one model, everything is computed again from `inputs/`, with the answers of the
certificate where a parent had a program. Each parent's amounts are proved as that run's would be;
what the parents share, the sums over the levels, is checked from the files alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from reliefperf.allocation.certificate import NotRecorded, Recorded, not_recorded
from reliefperf.allocation.proving import Proof
from reliefperf.errors import InfeasibleError, InputError
from reliefperf.scenarios.cascades.inputs import rerun_cascade
from reliefperf.scenarios.cascades.running import CascadeRun, LevelRun
from reliefperf.scenarios.cascades.sums import Sums
from reliefperf.scenarios.cascades.tables import certificate_of
from reliefperf.scenarios.own_files import CERTIFICATE, INPUTS, RUN_FILE
from reliefperf.scenarios.same import Difference, different_json
from reliefperf.scenarios.verifying.files import check_fingerprints
from reliefperf.scenarios.verifying.found import Stated, Verified, name_cells
from reliefperf.scenarios.verifying.record import name_record, remark_versions, strange_origins
from reliefperf.scenarios.verifying.tables import compare_tables, compare_workbook, name_strange


def check_cascade(found: Verified, stated: Stated) -> None:
    """Compute a cascade again and compare its folder with it."""
    from reliefperf.reports.cascade import write_cascade_tables
    from reliefperf.reports.cascade_workbook import fill_cascade_workbook
    from reliefperf.reports.cells import cells_written

    record, intact = stated.record, stated.intact
    workbook = stated.workbook()
    answers = _certificate(found)
    run = _computed_again(found, record, answers)
    if run is not None:
        sheets = cells_written(lambda book: fill_cascade_workbook(book, run))
        compare_tables(found, lambda again: write_cascade_tables(run, again), intact)
        compare_workbook(found, workbook, sheets, intact)
        name_strange(found, intact, workbook)
        if answers is not None:
            name_cells(found, CERTIFICATE, different_json(answers, certificate_of(run)))
        for level in run.levels:
            found.proofs[level.id] = _proof(found, level)
    check_fingerprints(found, intact)
    _check_sums(found, record)
    _check_record(found, record, run, holds=stated.holds)


def _certificate(found: Verified) -> dict[str, Any] | None:
    try:
        stated = json.loads((found.folder / CERTIFICATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        stated = None
    if isinstance(stated, dict):
        return stated
    if (found.folder / CERTIFICATE).is_file():
        found.fail(CERTIFICATE, "cannot be read", "无法读取")
    return None


def _computed_again(
    found: Verified, record: dict[str, Any], stated: dict[str, Any] | None
) -> CascadeRun | None:
    try:
        answers = {
            str(level): {str(parent): Recorded(answer) for parent, answer in parents.items()}
            for level, parents in (stated or {}).get("levels", {}).items()
        }
        return rerun_cascade(found.folder, record, answers=answers)
    except (NotRecorded, AttributeError, TypeError, KeyError) as error:
        where = CERTIFICATE if isinstance(error, NotRecorded | AttributeError) else RUN_FILE
        said = not_recorded(error)
        found.fail(where, f"does not fit the run: {said.en}", f"与该运行结果不相符：{said.zh}")
    except (InputError, InfeasibleError) as error:
        found.fail(
            INPUTS,
            f"the cascade cannot be computed again: {error.text('en')}",
            f"无法重新计算：{error.text('zh')}",
        )
    return None


def _proof(found: Verified, level: LevelRun) -> Proof:
    """What was proved of all parents of a level; what failed is noted with the parent's code."""
    whole = Proof()
    for parent, received in level.parents.items():
        proof = received.kept.proof
        if proof is None:
            continue
        whole.rows += proof.rows
        whole.programs += proof.programs
        whole.gaps += proof.gaps
        whole.moves = max(whole.moves, proof.moves)
        whole.rounded = max(whole.rounded, proof.rounded)
        for en, zh in proof.failures:
            found.fail(
                CERTIFICATE,
                f"level {level.id}{f', parent {parent}' if parent else ''}: {en}",
                f"“{level.id}”级{f'，上级 {parent}' if parent else ''}：{zh}",
            )
    return whole


def _check_sums(found: Verified, record: Mapping[str, Any]) -> None:
    try:
        levels = [str(level["id"]) for level in record["levels"]]
        sums = Sums(found.folder, levels)
        for wrong in sums.wrong():
            found.fail(wrong.file, wrong.en, wrong.zh)
    except (OSError, ValueError, KeyError, TypeError) as error:
        found.fail("parents.csv", f"the sums cannot be made: {error}", f"无法核对各级合计：{error}")
    else:
        found.n_sums = sums.count


def _check_record(
    found: Verified, record: dict[str, Any], run: CascadeRun | None, *, holds: bool
) -> None:
    """run.json against the record of the cascade computed again; versions may be another machine's."""
    named = 0
    if run is not None:
        from reliefperf.reports.cascade import cascade_record

        again = json.loads(json.dumps(cascade_record(run)))
        stated = json.loads(json.dumps(record))
        for key in ("files", "record"):
            stated.pop(key, None)
        versions, said = again.pop("versions"), stated.pop("versions", None)
        # what a run records of where it was read from is not known from the folder
        origins = _without_origins(stated)
        _without_origins(again)
        cells = list(different_json(stated, again))
        cells += _strange(origins, record, found)
        if not holds:
            cells += list(different_json({"versions": said}, {"versions": versions}))
        elif said != versions:
            remark_versions(found, said, versions)
        named = len(cells)
        name_cells(found, RUN_FILE, iter(cells))
    if not holds and not named:
        name_record(found, record, () if run is not None else list(_unread(found, record)))


def _unread(found: Verified, record: Mapping[str, Any]) -> Iterator[str]:
    """What run.json says of a level whose data cannot be read in that way."""
    levels = record.get("levels")
    for number, level in enumerate(levels if isinstance(levels, list) else ()):
        folder = found.folder / INPUTS / str(level.get("id"))
        if not folder.is_dir():
            yield f"levels/{number}/id"
        elif not (folder / str(level["inputs"].get("data_file"))).is_file():
            yield f"levels/{number}/inputs/data_file"
        else:
            yield f"levels/{number}/inputs/encoding"


def _without_origins(record: dict[str, Any]) -> dict[str, Any]:
    """Take the names and hashes of the files that were read out of a record."""
    taken: dict[str, Any] = {"cascade": _pop(record.get("inputs"), "cascade")}
    levels = record.get("levels")
    for number, level in enumerate(levels if isinstance(levels, list) else ()):
        inputs = level.get("inputs") if isinstance(level, dict) else None
        taken[str(number)] = {key: _pop(inputs, key) for key in ("model", "data")}
    return taken


def _pop(inside: Any, key: str) -> Any:
    return inside.pop(key, None) if isinstance(inside, dict) else None


def _strange(
    origins: Mapping[str, Any], record: Mapping[str, Any], found: Verified
) -> Iterator[Difference]:
    cascade = {"cascade": origins["cascade"]}
    yield from strange_origins(cascade, record["files"], found.folder)
    for number, of_level in origins.items():
        if number != "cascade":
            for cell in strange_origins(of_level, record["files"], found.folder):
                column = f"levels/{number}/{cell.column}"
                yield Difference(cell.row, column, cell.found, cell.expected)
