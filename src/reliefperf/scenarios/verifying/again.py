"""The run of one model computed again from its inputs, and compared with its folder.

Scores and tables are made anew and compared; `money` does the same for the amounts and proves them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reliefperf.errors import InputError
from reliefperf.scenarios.inputs import Inputs, read_inputs
from reliefperf.scenarios.side_by_side import meanwhile
from reliefperf.scenarios.verifying.files import check_fingerprints
from reliefperf.scenarios.verifying.found import Stated, Verified, not_again
from reliefperf.scenarios.verifying.money import check_amounts, computed_again
from reliefperf.scenarios.verifying.record import check_record
from reliefperf.scenarios.verifying.tables import compare_tables, compare_workbook, name_strange

if TYPE_CHECKING:
    from reliefperf.reports.grids import Workbook
    from reliefperf.scenarios.results.cells import Side
    from reliefperf.scenarios.running import Run

LARGE = 2_000_000
"""Bytes of all files from which on tables and amounts are checked side by side."""


def check_again(found: Verified, stated: Stated) -> None:
    """Compute a run again and compare its folder with it."""
    run = None
    inputs = _inputs(found, stated.record)
    workbook = stated.workbook()
    if inputs is not None:
        run = _check_run(found, stated, inputs, workbook)
    if run is not None:
        name_strange(found, stated.intact, workbook)
    check_record(found, stated.record, run, stated.holds)


def _check_run(
    found: Verified, stated: Stated, inputs: Inputs, workbook: Workbook | None
) -> Run | None:
    """Compare tables, answers and amounts with the run computed again; None if it cannot be.

    Of a large run one copy of this process scores anew and compares the scores meanwhile, and
    another one proves the amounts while their tables are compared here. Scores of several periods
    may look at what was paid before, so that the second copy compares them with the rest.
    """

    record, intact = stated.record, stated.intact

    def scores(run: Run) -> Verified:
        part = Verified(found.folder)
        _check_tables(part, run, "scores", intact, workbook)
        check_fingerprints(part, intact)
        return part

    large = sum((found.folder / name).stat().st_size for name in intact) >= LARGE
    alone = large and len(record["results"]) == 1
    with meanwhile(lambda: scores(inputs.run()), wanted=alone) as scored:
        run, answers = computed_again(found, record, inputs)
        if run is None:
            return None

        def others() -> list[Verified]:
            amounts = Verified(found.folder)
            check_amounts(amounts, run, answers)
            return [amounts] if scored.started else [scores(run), amounts]

        with meanwhile(others, wanted=large) as proved:
            _check_tables(found, run, "money", intact, workbook)
            if scored.started:
                found.take(scored.result(lambda: scores(run)))
            for part in proved.result(others):
                found.take(part)
    return run


def _inputs(found: Verified, record: dict[str, Any]) -> Inputs | None:
    try:
        return read_inputs(found.folder, record)
    except InputError as error:
        not_again(found, error)
    return None


def _check_tables(
    found: Verified, run: Run, side: Side, intact: set[str], workbook: Workbook | None
) -> None:
    from reliefperf.reports.cells import cells_of_workbook
    from reliefperf.reports.folder import write_tables

    sheets = cells_of_workbook(run, (side,))
    compare_tables(found, lambda again: write_tables(run, again, (side,)), intact)
    compare_workbook(found, workbook, sheets, intact)
