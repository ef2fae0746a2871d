"""Counter-examples to fairness: the money shared out again with one thing changed, many times.

Each promise is tried on the model at hand: nothing is assumed of its rules. Trials are the same in
every run. Score and everything before the money is computed again only for the order of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reliefperf.errors import InputError
from reliefperf.scenarios.explaining.fairness.finding import CounterExample, Finding
from reliefperf.scenarios.explaining.fairness.monotone import budget, score
from reliefperf.scenarios.explaining.fairness.order import rows, rules
from reliefperf.scenarios.explaining.fairness.regions import equals, split
from reliefperf.scenarios.explaining.fairness.trying import Trying
from reliefperf.scenarios.running import PeriodRun, Run

__all__ = ["PROMISES", "CounterExample", "Finding", "search"]

TRIALS: dict[str, Callable[[Trying], Finding]] = {
    "rows": rows,
    "rules": rules,
    "equals": equals,
    "score": score,
    "budget": budget,
    "split": split,
}
PROMISES = tuple(TRIALS)
"""The promises in the order in which they are tried."""


def search(
    run: Run,
    period: PeriodRun,
    *,
    trials: int = 10,
    split: Sequence[str] = (),
    promises: Sequence[str] = PROMISES,
    step: Callable[[str], None] = lambda promise: None,
) -> list[Finding]:
    """Look for counter-examples to each promise, at most `trials` times each.

    `split` names the columns that are shared out where a region is split in two. `step` is told
    which promise is being tried. Raises InputError without an allocation or for an unknown column.
    """
    if period.allocation is None:
        raise InputError(
            run.model.document.mistake(
                (), "the model has no section `allocation`", "模型没有 allocation 部分"
            )
        )
    trying = Trying(run, period, period.allocation, trials, tuple(split))
    tried = []
    for promise in promises:
        step(promise)
        tried.append(TRIALS[promise](trying))
    return tried
