"""What is kept of each parent of a cascade beyond the amounts: its rules, its factors, its proof.

Made where a parent is settled, while its program is still at hand: thousands of programs would be
too large to keep.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from reliefperf.allocation.answers import Answers
from reliefperf.allocation.certificate import Recorded, record_of
from reliefperf.allocation.paid import Allocation
from reliefperf.allocation.proving import Proof, prove
from reliefperf.allocation.relaxing import Relaxation
from reliefperf.model.environment import Environment
from reliefperf.model.model import Model
from reliefperf.scenarios.results.cells import Row
from reliefperf.scenarios.results.relaxations import relaxation_rows, relaxations_of
from reliefperf.scenarios.results.rules import factors_rows, rules_rows
from reliefperf.scenarios.running import PeriodRun


@dataclass(frozen=True)
class Kept:
    """Of one parent: the solver's answers if there was a program, its rows of tables, and what gave way.

    `proof` is made only where a run is verified.
    """

    certificate: dict[str, Any] | None = field(default=None, repr=False)
    rules: tuple[Row, ...] = field(default=(), repr=False)
    factors: tuple[Row, ...] = field(default=(), repr=False)
    gave_way: tuple[Relaxation, ...] = field(default=(), repr=False)
    relaxations: tuple[Row, ...] = field(default=(), repr=False)
    proof: Proof | None = None


def kept(
    model: Model, env: Environment, allocation: Allocation, answers: Answers | None = None
) -> Kept:
    """What a run keeps of a parent; `answers` are those of the solver, if it was not asked."""
    result = PeriodRun(env, None, allocation)
    return Kept(
        record_of(allocation),
        tuple(rules_rows(model, result, pools=False)),
        tuple(factors_rows(model, result)),
        tuple(relaxations_of(allocation)),
        tuple(relaxation_rows(allocation)),
    )


def kept_and_proved(
    model: Model, env: Environment, allocation: Allocation, answers: Answers | None = None
) -> Kept:
    """The same, with the paid amounts proved from the recorded answers."""
    recorded = answers if isinstance(answers, Recorded) else None
    found = kept(model, env, allocation, answers)
    return replace(found, proof=prove(model, env, allocation, recorded))
