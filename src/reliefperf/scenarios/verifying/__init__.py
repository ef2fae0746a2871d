"""A run folder checked: every file, every cell, every amount, without a solver.

Hashes say whether a file is what was written. Then everything is computed again from `inputs/` and
compared cell by cell, and the amounts are proved: see `again`, and for cascades their own module.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reliefperf.scenarios.fingerprints import digest
from reliefperf.scenarios.own_files import RUN_FILE, WORKBOOK
from reliefperf.scenarios.side_by_side import aside
from reliefperf.scenarios.verifying.files import check_files
from reliefperf.scenarios.verifying.found import Stated, Verified
from reliefperf.scenarios.verifying.record import check_layout, misshapen, read_record


def verify(folder: str | Path) -> Verified:
    """Check a run folder; raises InputError if it is not one."""
    path = Path(folder)
    record = read_record(path)
    found = Verified(path)
    for key, wanted, shown in misshapen(record):
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
    from reliefperf.reports.grids import parse_workbook

    # Parsing leaves Python alone: what computes again is loaded meanwhile, which takes as long.
    workbook = aside(lambda: parse_workbook(found.folder / WORKBOOK))
    check = _second_part("cascade" in record)
    intact = check_files(found, record)
    check_layout(found, record)
    holds = record.get("record") == digest(record)
    check(found, Stated(record, holds, intact, workbook))


def _second_part(is_cascade: bool) -> Callable[[Verified, Stated], None]:
    """What computes a run again and compares its folder with it."""
    from reliefperf.reports import cells, workbook  # noqa: F401  (for every copy of the process)

    if is_cascade:
        from reliefperf.scenarios.cascades.verifying import check_cascade

        return check_cascade
    from reliefperf.scenarios.verifying.again import check_again

    return check_again
