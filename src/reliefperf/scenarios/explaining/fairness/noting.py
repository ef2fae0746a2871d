"""What a run says of fairness without being asked: counter-examples on its own data."""

from __future__ import annotations

from reliefperf.allocation.tying import what_ties
from reliefperf.errors import Note
from reliefperf.scenarios.explaining.fairness import search
from reliefperf.scenarios.explaining.fairness.wording import sentence
from reliefperf.scenarios.running import Run

TRIALS = 3
"""Trials of each promise in a run; `reliefperf fairness` makes more."""

MOST_AMOUNTS = 6_000
"""Runs with more amounts than this are not tried unasked: each trial shares all of them out anew."""

PROMISES = ("score", "budget")
"""The promises that rules and whole units may break by their nature; others are tried if asked."""


def fairness_notes(run: Run) -> list[Note]:
    """A note for each promise that a few trials break; where they would be slow, what was not tried.

    Amounts that rules tie together need a program for every trial, which a run does not spend, nor
    its verification, which has no solver.
    """
    spec, period = run.model.spec.allocation, run.last
    if spec is None or period.allocation is None:
        return []
    n_amounts = len(spec.pools) * period.env.n_regions
    tied = what_ties(spec)
    why = None
    if tied is not None:
        why = f"'{tied}' ties amounts together", f"“{tied}”把各金额联系在一起"
    elif period.allocation.program is not None:
        why = "rules gave way", "有规则被放宽"
    elif n_amounts > MOST_AMOUNTS:
        why = "there are many amounts", "金额数量较多"
    if why is not None:
        why_en, why_zh = why
        return [
            Note(
                "fairness",
                f"{why_en}: whether a better score, or more money, can leave somebody with less was "
                "not tried; `reliefperf fairness DIR` looks for a counter-example",
                f"{why_zh}：得分提高或总额增加是否可能使某地区所得减少，未检验；"
                "可用 reliefperf fairness DIR 查找反例",
                1,
                "allocation",
            )
        ]
    broken = [
        found for found in search(run, period, trials=TRIALS, promises=PROMISES) if found.against
    ]
    return [
        Note(
            "fairness",
            sentence(found, zh=False),
            sentence(found, zh=True),
            len(found.against),
            "allocation",
        )
        for found in broken
    ]
