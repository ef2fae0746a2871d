"""What one question about a run costs: the money shared out once more, beside the run's own money.

`cliffs` and `worth` share it out with one region's score changed, `budget` and `range` with another
budget. Neither asks what each single rule does. `cold` starts the solver from nothing, `warm` from
the first answer to another question of the same kind, as every question after the first does. `run`
is the whole run, scores and notes on fairness included; `money` is its sharing out alone. Run by hand:

    python benchmarks/bench_questions.py [MODEL] [repeats]
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np
from timing import fastest

from reliefperf import read_data
from reliefperf.allocation.allocate import allocate_period
from reliefperf.allocation.warm import Warm
from reliefperf.model.model import Model
from reliefperf.scenarios.explaining.rescoring import money_at, rescored
from reliefperf.scenarios.inverse.budgets import Budgets
from reliefperf.scenarios.loading import load
from reliefperf.scenarios.running import PeriodRun, run_model

Question = Callable[[Model, PeriodRun, int], object]
"""Asks for the k-th changed score or budget."""


def share_out(model: Model, period: PeriodRun) -> object:
    """The run's own money, the amounts after every rule included."""
    assert period.evaluation is not None
    env = rescored(model, period.env, period.evaluation, period.evaluation.score)
    return allocate_period(model, env, period.evaluation.names)


def other_score(model: Model, period: PeriodRun, k: int) -> object:
    """A point less for a region in the middle."""
    assert period.evaluation is not None
    score = period.evaluation.score
    at = int(np.argsort(score)[np.isfinite(score).sum() // 2 + k])
    return money_at(model, period, at, float(score[at]) - 1.0)


def other_budget(model: Model, period: PeriodRun, k: int) -> object:
    """So many percent more, in whole steps of the budget."""
    budgets = Budgets(model, period)
    place = budgets.place + round(budgets.place * Fraction(1 + k, 100))
    found = budgets.run(budgets.budget(place), reasons=False)
    assert found.allocation is not None, found.why
    return found


def main(name: str = "relief-2013", repeats: str = "3") -> None:
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs, ", end="")
    print(f"Python {platform.python_version()}; fastest of {repeats}")
    model = load(name)
    assert isinstance(model, Model)
    data = read_data(model)
    period = run_model(model, data).last
    times = {
        "run": fastest(lambda: run_model(model, data), int(repeats)),
        "money": fastest(lambda: share_out(model, period), int(repeats)),
    }
    questions: dict[str, Question] = {"cliffs": other_score, "budget": other_budget}
    for what, ask in questions.items():
        times[f"{what}, cold"] = fastest(
            lambda ask=ask: ask(model, replace(period, warm=Warm()), 1), int(repeats)
        )
        started = replace(period, warm=Warm())
        ask(model, started, 0)
        times[f"{what}, warm"] = fastest(
            lambda ask=ask, started=started: ask(model, started, 1), int(repeats)
        )
    print(f"{name}: {len(period.env.codes)} regions")
    print(f"{'':16}{'s':>8}{'of the money':>14}{'of the run':>12}")
    for what, seconds in times.items():
        shares = seconds / times["money"], seconds / times["run"]
        print(f"{what:16}{seconds:8.2f}{shares[0]:14.2f}{shares[1]:12.2f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
