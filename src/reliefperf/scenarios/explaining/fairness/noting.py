"""What a run says of fairness without being asked: counter-examples on its own data."""

from __future__ import annotations

from dataclasses import replace

from reliefperf.allocation.answers import Answers
from reliefperf.allocation.certificate import Recorded
from reliefperf.allocation.tying import what_ties
from reliefperf.errors import Note
from reliefperf.scenarios.explaining.fairness import search
from reliefperf.scenarios.explaining.fairness.finding import Finding
from reliefperf.scenarios.explaining.fairness.recorded import again, look
from reliefperf.scenarios.explaining.fairness.wording import sentence
from reliefperf.scenarios.running import Run

TRIALS = 3
"""Trials of each promise in a run; `reliefperf fairness` makes more."""

MOST_AMOUNTS = 6_000
"""Runs with more amounts than this are not tried unasked: each trial shares all of them out anew."""

MOST_TIED = 1_500
"""The same for amounts that are one program, which each trial solves anew."""

PROMISES = ("score", "budget")
"""The promises that rules and whole units may break by their nature; others are tried if asked."""


def with_fairness(run: Run, answers: Answers | None = None) -> Run:
    """The run with a note for each promise that a few trials break, else of what was not tried.

    Where amounts are one program, the run keeps the trials that its notes stand on; `answers`, those
    of the last period, then stand in for the solver: no other trials are made.
    """
    spec, period = run.model.spec.allocation, run.last
    if spec is None or period.allocation is None:
        return run
    n_amounts = len(spec.pools) * period.env.n_regions
    found: list[Finding]
    if n_amounts > (MOST_AMOUNTS if period.allocation.program is None else MOST_TIED):
        period.env.notes.append(_not_tried(what_ties(spec), period.allocation.relax == "apply"))
        return run
    if period.allocation.program is None:
        found = [
            one for one in search(run, period, trials=TRIALS, promises=PROMISES) if one.against
        ]
    else:
        shown = again(run, answers) if isinstance(answers, Recorded) else look(run, TRIALS)
        found = [one.finding for one in shown]
        run = replace(run, counter_examples=shown)
    period.env.notes.extend(
        Note(
            "fairness",
            sentence(one, zh=False),
            sentence(one, zh=True),
            len(one.against),
            "allocation",
        )
        for one in found
    )
    return run


def _not_tried(tied: str | None, gave_way: bool) -> Note:
    why, why_zh = "there are many amounts", "金额数量较多"
    if tied is not None:
        why, why_zh = f"'{tied}' ties many amounts together", f"“{tied}”把大量金额联系在一起"
    elif gave_way:
        why, why_zh = f"rules gave way and {why}", f"有规则被放宽且{why_zh}"
    return Note(
        "fairness",
        f"{why}: whether a better score, or more money, can leave somebody with less was "
        "not tried; `reliefperf fairness DIR` looks for a counter-example",
        f"{why_zh}：得分提高或总额增加是否可能使某地区所得减少，未检验；"
        "可用 reliefperf fairness DIR 查找反例",
        1,
        "allocation",
    )
