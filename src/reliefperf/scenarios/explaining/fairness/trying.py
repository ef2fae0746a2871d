"""The money shared out again with something changed, and the region that fares worst by it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from reliefperf.allocation.allocate import allocate_period
from reliefperf.allocation.answers import Answers
from reliefperf.allocation.paid import Allocation
from reliefperf.data.environments import compute_derived
from reliefperf.errors import InfeasibleError, InputError, SolverError
from reliefperf.model.environment import Environment
from reliefperf.model.model import Model
from reliefperf.scenarios.explaining.fairness.finding import Count, CounterExample
from reliefperf.scenarios.running import PeriodRun, Run

NOISE = Fraction(1, 10**4)
"""A move below this part of the smallest amount, before whole units, is the solver's noise."""

_SEED = 20130


class Trying:
    """What the trials of all promises share: the run, its money, the order of chance.

    `answers`, if given, stand in for the solver in the trials to come, one each.
    """

    def __init__(
        self,
        run: Run,
        period: PeriodRun,
        paid: Allocation,
        trials: int,
        split: tuple[str, ...] = (),
        answers: list[Answers] | None = None,
    ) -> None:
        self.run, self.model, self.period, self.paid = run, run.model, period, paid
        self.trials, self.split_columns, self.answers = trials, split, answers
        self.env = period.env
        self.step = Fraction(paid.smallest)
        self.chance = np.random.default_rng(_SEED)

    def totals_of(self, pool_id: str) -> Sequence[Fraction | None]:
        """The totals of a pool's groups, as shared out."""
        return self.paid.pools[pool_id].pool.totals

    def next_answers(self) -> Answers | None:
        """What stands in for the solver in the next trial; raises IndexError if nothing is left."""
        return None if self.answers is None else self.answers.pop(0)

    def derive(self, env: Environment) -> None:
        """Columns that follow from the data, computed again; scores stay as they are."""
        compute_derived(self.model, env, 0)
        compute_derived(self.model, env, 1)

    def allocating_by(self, allocation: object) -> Model:
        """The model with another section `allocation`."""
        spec = self.model.spec.model_copy(update={"allocation": allocation})
        return replace(self.model, spec=spec, _kept={})

    def shared_out(self, model: Model, env: Environment, count: Count | None) -> Allocation | None:
        """The money, or None (and counted) where the rules cannot hold with the change.

        Where rules gave way for the paid amounts, they may give way here too.
        """
        names = self.paid.names
        if env.n_regions != len(names):
            names = ("",) * env.n_regions
        try:
            return allocate_period(
                model,
                env,
                names,
                self.next_answers(),
                self.paid.relax,
                by_step=False,
                reasons=self.paid.relax == "apply",
                warm=self.period.warm,
            )
        except (InfeasibleError, InputError, SolverError):
            if count is not None:
                count.impossible += 1
            return None

    def worst(
        self,
        en: str,
        zh: str,
        first: Allocation,
        second: Allocation,
        breach: Callable[[Fraction, Fraction], Fraction],
        places: Sequence[int] | None = None,
    ) -> CounterExample | None:
        """The region and pool, or total, in which the second amount breaks the promise most."""
        found: list[tuple[bool, Fraction, int, str]] = []
        own = first.pools if len(first.pools) == 1 else ("total",)
        for pool in own:
            one, other = first.units(pool), second.units(pool)
            before, after = first.before_units(pool), second.before_units(pool)
            for i in range(len(one)) if places is None else places:
                size = breach(Fraction(one[i]), Fraction(other[i]))
                if size > 0:
                    real = breach(before[i], after[i]) > self.step * NOISE
                    found.append((real, size, i, pool))
        if not found:
            return None
        _, _, at, pool = max(found, key=lambda item: (item[0], item[1], -item[2]))
        return self.example(
            (en, zh, at, pool),
            (first.units(pool)[at] * self.step, second.units(pool)[at] * self.step),
            (first.before_units(pool)[at], second.before_units(pool)[at]),
            breach,
        )

    def example(
        self,
        what: tuple[str, str, int, str],
        paid: tuple[Fraction, Fraction],
        before: tuple[Fraction, Fraction],
        breach: Callable[[Fraction, Fraction], Fraction] = lambda a, b: abs(a - b),
    ) -> CounterExample:
        """What was changed (en, zh), for whom and in which pool, with the amounts compared."""
        en, zh, at, pool = what
        by_rounding = breach(*before) <= self.step * NOISE
        code, name = self.env.codes[at], self.paid.names[at]
        return CounterExample(en, zh, code, name, pool, *paid, *before, by_rounding)

    def differs(
        self, en: str, zh: str, first: Allocation, second: Allocation
    ) -> CounterExample | None:
        """The region whose amounts differ most, where they ought to be the same."""
        return self.worst(en, zh, first, second, lambda a, b: abs(a - b))
