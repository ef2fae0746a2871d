"""The certificate of a run: the solver's answers, with what proves them."""

from __future__ import annotations

from typing import Any

from reliefperf.allocation.certificate import record_of
from reliefperf.scenarios.running import Run


def certificate(run: Run) -> dict[str, Any]:
    """What is needed to check a run's amounts without a solver, by period; {} without a program."""
    periods = {
        period: record
        for period, result in run.periods.items()
        if result.allocation is not None and (record := record_of(result.allocation)) is not None
    }
    if run.counter_examples:
        from reliefperf.scenarios.explaining.fairness.recorded import records

        # what they are compared with is the last period's money
        periods.setdefault(list(run.periods)[-1], {})["trials"] = records(run.counter_examples)
    return {"format": 1, "periods": periods}
