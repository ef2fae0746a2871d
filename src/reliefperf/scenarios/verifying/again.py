"""The run of one model computed again from its inputs, and compared with its folder.

Scores, entitlements and tables are made anew, with the certificate's answers where a program was
solved. Last, the answers themselves are proved: see allocation.proving.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from reliefperf.allocation.certificate import NotRecorded, Recorded
from reliefperf.allocation.proving import Proof, prove
from reliefperf.errors import InfeasibleError, InputError
from reliefperf.scenarios.certificates import certificate
from reliefperf.scenarios.inputs import Inputs, read_inputs
from reliefperf.scenarios.own_files import CERTIFICATE, INPUTS
from reliefperf.scenarios.same import different_json
from reliefperf.scenarios.side_by_side import meanwhile
from reliefperf.scenarios.verifying.files import check_fingerprints
from reliefperf.scenarios.verifying.found import Verified, name_cells
from reliefperf.scenarios.verifying.record import check_record
from reliefperf.scenarios.verifying.tables import compare_tables, compare_workbook, name_strange

if TYPE_CHECKING:
    from reliefperf.reports.grids import Workbook
    from reliefperf.scenarios.results.cells import Side
    from reliefperf.scenarios.running import Run

LARGE = 2_000_000
"""Bytes of all files from which on tables and amounts are checked side by side."""


def check_again(
    found: Verified,
    record: dict[str, Any],
    intact: set[str],
    workbook: Callable[[], Workbook | None],
    holds: bool,
) -> None:
    """Compute a run again and compare its folder with it.

    `intact` files have their hash, `workbook` gives the workbook as it stands, and `record` has its
    digest if it `holds`.
    """
    run = None
    inputs = _inputs(found, record)
    stated = workbook()
    if inputs is not None:
        run = _check_run(found, record, inputs, intact, stated)
    if run is not None:
        name_strange(found, intact, stated)
    check_record(found, record, run, holds)


def _check_run(
    found: Verified,
    record: dict[str, Any],
    inputs: Inputs,
    intact: set[str],
    stated: Workbook | None,
) -> Run | None:
    """Compare tables, answers and amounts with the run computed again; None if it cannot be.

    Of a large run one copy of this process scores anew and compares the scores meanwhile, and
    another one proves the amounts while their tables are compared here. Scores of several periods
    may look at what was paid before, so that the second copy compares them with the rest.
    """

    def scores(run: Run) -> Verified:
        part = Verified(found.folder)
        _check_tables(part, run, "scores", intact, stated)
        check_fingerprints(part, intact)
        return part

    def amounts(run: Run, answers: Mapping[str, Recorded]) -> Verified:
        part = Verified(found.folder)
        _check_certificate(part, run)
        _check_amounts(part, run, answers)
        return part

    large = sum((found.folder / name).stat().st_size for name in intact) >= LARGE
    alone = large and len(record["results"]) == 1
    with meanwhile(lambda: scores(inputs.run()), wanted=alone) as scored:
        run, answers = _computed_again(found, record, inputs)
        if run is None:
            return None

        def others() -> list[Verified]:
            return [*([] if scored.started else [scores(run)]), amounts(run, answers)]

        with meanwhile(others, wanted=large) as proved:
            _check_tables(found, run, "money", intact, stated)
            if scored.started:
                found.take(scored.result(lambda: scores(run)))
            for part in proved.result(others):
                found.take(part)
    return run


def _inputs(found: Verified, record: dict[str, Any]) -> Inputs | None:
    try:
        return read_inputs(found.folder, record)
    except InputError as error:
        _not_again(found, error)
    return None


def _computed_again(
    found: Verified, record: dict[str, Any], inputs: Inputs
) -> tuple[Run | None, dict[str, Recorded]]:
    try:
        stated = json.loads((found.folder / CERTIFICATE).read_text(encoding="utf-8"))
        answers = {str(key): Recorded(value) for key, value in stated["periods"].items()}
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        found.fail(CERTIFICATE, "cannot be read", "无法读取")
        answers = {}
    has_money = "allocation.csv" in record["files"] or bool(answers)
    try:
        return inputs.run(allocation=has_money, answers=_Answers(answers)), answers
    except NotRecorded as error:
        found.fail(CERTIFICATE, f"does not fit the run: {error}", f"与该运行结果不相符：{error}")
    except (InputError, InfeasibleError) as error:
        _not_again(found, error)
    return None, answers


def _not_again(found: Verified, error: InputError | InfeasibleError) -> None:
    found.fail(
        INPUTS,
        f"the run cannot be computed again: {error.text('en')}",
        f"无法重新计算：{error.text('zh')}",
    )


class _Answers(dict[str, Recorded]):
    """A period without recorded answers has an empty record, never a solver."""

    def get(self, key: str, default: Any = None) -> Any:
        if key not in self:
            self[key] = Recorded({})
        return self[key]


def _check_tables(
    found: Verified, run: Run, side: Side, intact: set[str], stated: Workbook | None
) -> None:
    from reliefperf.reports.cells import cells_of_workbook
    from reliefperf.reports.folder import write_tables

    sheets = cells_of_workbook(run, (side,))
    compare_tables(found, lambda again: write_tables(run, again, (side,)), intact)
    compare_workbook(found, stated, sheets, intact)


def _check_certificate(found: Verified, run: Run) -> None:
    """The certificate must hold what this run needs, no more and no less."""
    try:
        stated = json.loads((found.folder / CERTIFICATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    made = certificate(run)
    if stated != made:
        name_cells(found, CERTIFICATE, different_json(stated, made))


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
    found.prove(period, proof)
    lead = f"{period}: " if period else ""
    for en, zh in proof.failures:
        found.fail(CERTIFICATE, f"{lead}{en}", f"{lead}{zh}")
