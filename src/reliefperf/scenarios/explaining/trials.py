"""Other values for one region's indicators, tried by scoring it anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from reliefperf.evaluation.evaluate import Evaluation, evaluate
from reliefperf.model.environment import Array, Column, Environment
from reliefperf.model.functions import FUNCTIONS
from reliefperf.model.model import Model, expressions_in
from reliefperf.model.numbers import at_least
from reliefperf.model.spec_evaluation import EvaluationSpec
from reliefperf.scenarios.running import PeriodRun

Value = float | str
Values = Mapping[str, Value]


def regions_stand_alone(model: Model, spec: EvaluationSpec) -> bool:
    """Whether no region's score or grade depends on those of others."""
    if spec.treatment or spec.weights is not None:
        return False
    if spec.grades is not None and any(band.quota is not None for band in spec.grades.bands):
        return False
    for node in spec.nodes():
        if node.weights is not None or node.treat or node.missing == "group_mean":
            return False
    rules = [rule for node in spec.nodes() for rule in (node.score, node.combine, node.rescale)]
    if any(getattr(rule, "compares", False) for rule in (*rules, spec.combine)):
        return False
    exprs = [expr for _, expr, _ in expressions_in(spec)] + list(model.spec.derived_exprs.values())
    return not any(FUNCTIONS[name].across for expr in exprs for name in expr.calls & {*FUNCTIONS})


class Trials:
    """Scores one region, at place `at`, with other values.

    `target` is the grade's place to reach; with `least` a score is to be reached instead.
    """

    def __init__(
        self, model: Model, period: PeriodRun, at: int, target: int, least: float | None = None
    ) -> None:
        spec = model.spec.evaluation
        assert spec is not None
        assert period.evaluation is not None
        self.model = model
        self.env = period.env
        self.evaluation = period.evaluation
        self.at = at
        self.target = target
        self.in_one_go = regions_stand_alone(model, spec)
        self.least = least
        bands = spec.grades.bands if spec.grades is not None else []
        self.places = {band.grade: place for place, band in enumerate(bands)}

    def outcomes(self, trials: Sequence[Values]) -> tuple[Array, NDArray[np.bool_]]:
        """The score before adjustments, and whether the target is reached, shape (n_trials,)."""
        if self.in_one_go:
            return self._side_by_side(trials)
        scores, reached = [], []
        for trial in trials:
            columns = {name: self._changed(self.raw(name), value) for name, value in trial.items()}
            result = evaluate(self.model, self._copy(), self.evaluation.names, columns)
            scores.append(result.tree_score[self.at])
            reached.append(self._reached(result, self.at))
        return np.array(scores), np.array(reached, dtype=bool)

    def _side_by_side(self, trials: Sequence[Values]) -> tuple[Array, NDArray[np.bool_]]:
        """All trials in one go, as if they were regions."""
        n_trials = len(trials)
        env = self.env
        pick = np.full(n_trials, self.at)
        columns = {
            name: env.full(column)[pick] if column.ndim else column
            for name, column in env.columns.items()
        }
        many = Environment((env.codes[self.at],) * n_trials, columns, env.period)
        many.previous = env.previous
        many.order = None if env.order is None else env.order[pick]
        many.decided, many.references = env.decided, env.references
        values: dict[str, Column] = {}
        for name in {name for trial in trials for name in trial}:
            base = self.raw(name)[pick].copy()
            for row, trial in enumerate(trials):
                if name in trial:
                    base[row] = trial[name]
            values[name] = base
        result = evaluate(self.model, many, ("",) * n_trials, values)
        reached = [self._reached(result, row) for row in range(n_trials)]
        return result.tree_score, np.array(reached, dtype=bool)

    def _reached(self, result: Evaluation, row: int) -> bool:
        if self.least is not None:
            return bool(at_least(result.score[row], np.asarray(self.least)))
        grade = None if result.grade is None else result.grade[row]
        return grade is not None and self.places[grade] <= self.target

    def _copy(self) -> Environment:
        env = Environment(self.env.codes, dict(self.env.columns), self.env.period)
        env.previous, env.order = self.env.previous, self.env.order
        env.decided, env.references = self.env.decided, self.env.references
        return env

    def raw(self, name: str) -> Column:
        """The values of an indicator as they are, before treatment."""
        treated = self.evaluation.treated
        raw = treated.raw_of(name) if treated is not None else None
        return self.evaluation.indicators[name].value if raw is None else raw

    def _changed(self, column: Column, value: Value) -> Column:
        changed = column.copy()
        changed[self.at] = value
        return changed
