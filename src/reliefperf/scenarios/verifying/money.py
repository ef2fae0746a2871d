"""The amounts of a run computed again with the certificate's answers, and proved."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from reliefperf.allocation.certificate import NotRecorded, Recorded
from reliefperf.allocation.proving import Proof, prove
from reliefperf.errors import InfeasibleError, InputError
from reliefperf.scenarios.certificates import certificate
from reliefperf.scenarios.inputs import Inputs
from reliefperf.scenarios.own_files import CERTIFICATE
from reliefperf.scenarios.running import Run
from reliefperf.scenarios.same import different_json
from reliefperf.scenarios.verifying.found import Verified, name_cells, not_again


def computed_again(
    found: Verified, record: dict[str, Any], inputs: Inputs
) -> tuple[Run | None, dict[str, Recorded]]:
    """The run with its money, None if it cannot be, and the answers that stood in for a solver."""
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
        found.fail(
            CERTIFICATE, f"does not fit the run: {error.en}", f"与该运行结果不相符：{error.zh}"
        )
    except (InputError, InfeasibleError) as error:
        not_again(found, error)
    return None, answers


class _Answers(dict[str, Recorded]):
    """A period without recorded answers has an empty record, never a solver."""

    def get(self, key: str, default: Any = None) -> Any:
        if key not in self:
            self[key] = Recorded({})
        return self[key]


def _check_certificate(found: Verified, run: Run) -> None:
    """The certificate must hold what this run needs, no more and no less."""
    try:
        stated = json.loads((found.folder / CERTIFICATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    made = certificate(run)
    if stated != made:
        name_cells(found, CERTIFICATE, different_json(stated, made))


def check_amounts(found: Verified, run: Run, answers: Mapping[str, Recorded]) -> None:
    """Prove the amounts of every period, and that the certificate holds what this needs."""
    _check_certificate(found, run)
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
