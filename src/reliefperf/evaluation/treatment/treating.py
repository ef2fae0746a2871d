"""The steps of data treatment in order, with a record of every cell that they change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from reliefperf.evaluation.siblings import Mask
from reliefperf.evaluation.treatment.base import Outcome, Treatment, Values
from reliefperf.model.environment import Array, Column, Environment
from reliefperf.model.model import Model
from reliefperf.model.spec_evaluation import EvaluationSpec, NodeSpec


class ValueSource(Protocol):
    """Where the values of indicators come from."""

    def value_of(self, node: NodeSpec) -> Column:
        """The values of an indicator, shape (n_regions,)."""


@dataclass(frozen=True)
class TreatedStep:
    """One step as it was done: the values before it and what it made of them."""

    id: str
    before: Array
    outcome: Outcome


@dataclass(frozen=True)
class CellTreated:
    """One value that a step changed."""

    step: str
    indicator: str
    region: int
    before: float
    after: float
    how: tuple[str, str]


@dataclass(frozen=True)
class Treated:
    """The values after all steps; `raw` and `values` have shape (n_indicators, n_regions)."""

    ids: tuple[str, ...]
    raw: Array
    values: Array
    regions_out: Mask
    indicators_out: frozenset[str]
    steps: tuple[TreatedStep, ...]

    def raw_of(self, indicator: str) -> Array | None:
        """The values of an indicator before treatment; None for one that is not treated."""
        return self.raw[self.ids.index(indicator)] if indicator in self.ids else None

    def value_of(self, indicator: str) -> Array | None:
        """The values of an indicator after treatment; None for one that is not treated."""
        return self.values[self.ids.index(indicator)] if indicator in self.ids else None

    def cells(self) -> Iterator[CellTreated]:
        """Every cell that a step changed, step by step."""
        for step in self.steps:
            after = step.outcome.x
            same = (step.before == after) | (np.isnan(step.before) & np.isnan(after))
            for place, region in zip(*np.nonzero(~same), strict=True):
                how = step.outcome.how.get(int(place), ("", ""))
                yield CellTreated(
                    step.id,
                    self.ids[place],
                    int(region),
                    float(step.before[place, region]),
                    float(after[place, region]),
                    how,
                )


def treat(
    model: Model, env: Environment, spec: EvaluationSpec, source: ValueSource
) -> Treated | None:
    """Do all steps of treatment on the values that `source` gives; None where the model has none.

    Raises InputError where a step cannot be done.
    """
    if not spec.treatment:
        return None
    nodes = [
        node
        for node in spec.nodes()
        if node.value is not None and model.compiled(node.value).kind != "text"
    ]
    raw = np.array([source.value_of(node) for node in nodes], dtype=float)
    ids = tuple(node.id for node in nodes)
    values = Values(ids, raw, np.zeros(env.n_regions, bool), np.zeros(len(ids), bool), model, env)
    steps: list[TreatedStep] = []
    below = _indicators_below(spec)
    for number, step in enumerate(spec.treatment):
        assert isinstance(step, Treatment)
        wanted = set(ids) if step.indicators is None else _named(step.indicators, below)
        wanted -= _named(step.besides, below)
        places = np.array([place for place, name in enumerate(ids) if name in wanted], dtype=int)
        outcome = step.apply(values, places, ("evaluation", "treatment", number))
        steps.append(TreatedStep(step.id or step.key, values.x, outcome))
        values = _after(values, outcome)
    gone = frozenset(name for name, out in zip(ids, values.indicators_out, strict=True) if out)
    return Treated(ids, raw, values.x, values.regions_out, gone, tuple(steps))


def _after(values: Values, outcome: Outcome) -> Values:
    regions, indicators = values.regions_out, values.indicators_out
    if outcome.regions_out is not None:
        regions = regions | outcome.regions_out
    if outcome.indicators_out is not None:
        indicators = indicators | outcome.indicators_out
    return Values(values.ids, outcome.x, regions, indicators, values.model, values.env)


def _indicators_below(spec: EvaluationSpec) -> Mapping[str, frozenset[str]]:
    return {
        node.id: frozenset(below.id for below in node.walk() if below.value is not None)
        for node in spec.nodes()
    }


def _named(ids: list[str], below: Mapping[str, frozenset[str]]) -> set[str]:
    return {name for node in ids for name in below.get(node, ())}
