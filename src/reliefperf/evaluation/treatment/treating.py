"""The steps of data treatment in order, with a record of every cell that they change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from reliefperf.evaluation.siblings import Mask
from reliefperf.evaluation.treatment.base import (
    Outcome,
    Places,
    Remark,
    Said,
    Treatment,
    Values,
)
from reliefperf.evaluation.treatment.outliers import Outliers
from reliefperf.model.document import Path_
from reliefperf.model.environment import Array, Column, Environment
from reliefperf.model.model import Model, expressions_in
from reliefperf.model.spec_evaluation import EvaluationSpec, NodeSpec


class ValueSource(Protocol):
    """Where the values of indicators come from."""

    def value_of(self, node: NodeSpec) -> Column:
        """The values of an indicator, shape (n_regions,)."""

    def is_out(self, indicator: str) -> bool:
        """Whether the indicator is left out from the start."""


@dataclass(frozen=True)
class TreatedStep:
    """One step as it was done: the values before it and what it made of them."""

    id: str
    before: Array
    outcome: Outcome


@dataclass(frozen=True)
class CellTreated:
    """One value that a step changed, or one remark of a step.

    `region` is a place, None for a remark on a whole indicator; `indicator` is empty for a remark
    on a whole region. `before` and `after` are NaN where missing, and in remarks.
    """

    step: str
    indicator: str
    region: int | None
    before: float
    after: float
    how: Said


@dataclass(frozen=True)
class Treated:
    """The values after all steps; `raw` and `values` have shape (n_indicators, n_regions).

    In regions that were screened out `values` is missing, so that they count in no comparison.
    """

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

    def after(self, step: str) -> Array:
        """The values as the last step of this id left them; raises KeyError for an unknown id."""
        for done in reversed(self.steps):
            if done.id == step:
                return done.outcome.x
        raise KeyError(step)

    def cells(self) -> Iterator[CellTreated]:
        """Every remark and every cell that was changed, step by step."""
        nan = float("nan")
        for step in self.steps:
            before, after = step.before, step.outcome.x
            for remark in step.outcome.remarks:
                name = "" if remark.indicator is None else self.ids[remark.indicator]
                yield CellTreated(step.id, name, remark.region, nan, nan, remark.how)
            if before is after:
                continue
            same = (before == after) | (np.isnan(before) & np.isnan(after))
            for place, region in np.argwhere(~same).tolist():
                how = step.outcome.how_cells.get((place, region))
                yield CellTreated(
                    step.id,
                    self.ids[place],
                    region,
                    float(before[place, region]),
                    float(after[place, region]),
                    how or step.outcome.how.get(place, ("", "")),
                )

    def of_regions(self, places: NDArray[np.int64]) -> Treated:
        """What became of some of the regions, numbered anew; for periods that were treated as one.

        Remarks on whole indicators stay, since they hold for all of them.
        """
        new = {int(place): at for at, place in enumerate(places)}
        steps = []
        for step in self.steps:
            done = step.outcome
            steps.append(
                TreatedStep(
                    step.id,
                    step.before[:, places],
                    replace(
                        done,
                        x=done.x[:, places],
                        how_cells={
                            (indicator, new[region]): said
                            for (indicator, region), said in done.how_cells.items()
                            if region in new
                        },
                        regions_out=None if done.regions_out is None else done.regions_out[places],
                        remarks=tuple(
                            replace(remark, region=new.get(remark.region))
                            if remark.region is not None
                            else remark
                            for remark in done.remarks
                            if remark.region is None or remark.region in new
                        ),
                    ),
                )
            )
        return Treated(
            self.ids,
            self.raw[:, places],
            self.values[:, places],
            self.regions_out[places],
            self.indicators_out,
            tuple(steps),
        )


@dataclass(frozen=True)
class _Planned:
    """One step that will be done: its place in the model and the indicators that it concerns."""

    step: Treatment
    path: Path_
    places: Places


@dataclass(frozen=True)
class _Plan:
    """What follows from the model alone."""

    nodes: tuple[NodeSpec, ...]
    members: Mapping[str, Places]
    steps: tuple[_Planned, ...]


def treat(
    model: Model, env: Environment, spec: EvaluationSpec, source: ValueSource
) -> Treated | None:
    """Do all steps of treatment on the values that `source` gives; None where the model has none.

    Raises InputError where a step cannot be done.
    """
    plan = model.keep("treatment", lambda: _plan(model, spec))
    if not plan.steps:
        return None
    start = _start(model, env, plan, source)
    steps: list[TreatedStep] = []
    values = start
    for number, planned in enumerate(plan.steps):
        before = values
        values, outcome = _done(before, planned, plan, number)
        steps.append(TreatedStep(planned.step.id or planned.step.key, before.x, outcome))
    gone = [name for name, out in zip(values.ids, values.indicators_out, strict=True) if out]
    final = values.x
    if values.regions_out.any():
        final = np.where(values.regions_out, np.nan, final)
    return Treated(values.ids, start.x, final, values.regions_out, frozenset(gone), tuple(steps))


def _plan(model: Model, spec: EvaluationSpec) -> _Plan:
    nodes = tuple(
        node
        for node in spec.nodes()
        if node.value is not None and model.compiled(node.value).kind != "text"
    )
    at = {node.id: place for place, node in enumerate(nodes)}
    members = {
        node.id: np.array([at[below.id] for below in node.walk() if below.id in at], dtype=np.int64)
        for node in spec.nodes()
    }
    own = _own_steps(model, nodes)
    rest = np.array([i for i, node in enumerate(nodes) if node.treat is None], dtype=np.int64)
    steps: list[_Planned] = []
    for number, step in enumerate(spec.treatment):
        assert isinstance(step, Treatment)
        places = np.arange(len(nodes))
        if step.indicators is not None:
            places = _union(step.indicators, members)
        places = np.setdiff1d(places, _union(step.besides, members))
        if isinstance(step, Outliers):
            steps += own
            own = []
            places = np.intersect1d(places, rest)
        steps.append(_Planned(step, ("evaluation", "treatment", number), places))
    return _Plan(nodes, members, (*steps, *own))


def _own_steps(model: Model, nodes: Sequence[NodeSpec]) -> list[_Planned]:
    """The treatment that single indicators state for themselves."""
    if all(not node.treat for node in nodes):
        return []
    paths = {
        id(expr): path[:-1]
        for path, expr, _ in expressions_in(model.spec.evaluation, ("evaluation",))
    }
    steps = []
    for place, node in enumerate(nodes):
        for number, step in enumerate(node.treat or ()):
            assert isinstance(step, Treatment)
            path = (*paths[id(node.value)], "treat", number)
            steps.append(_Planned(step, path, np.array([place], dtype=np.int64)))
    return steps


def _union(names: Sequence[str], members: Mapping[str, Places]) -> Places:
    found = [members[name] for name in names]
    return np.unique(np.concatenate(found)) if found else np.array([], dtype=np.int64)


@dataclass(frozen=True)
class _Stated:
    """The values that the expressions of the indicators give."""

    model: Model
    env: Environment

    def value_of(self, node: NodeSpec) -> Column:
        assert node.value is not None
        return self.model.compiled(node.value).full(self.env)

    def is_out(self, indicator: str) -> bool:
        return False


def _start(model: Model, env: Environment, plan: _Plan, source: ValueSource) -> Values:
    raw = np.array([source.value_of(node) for node in plan.nodes], dtype=float)
    n_indicators = len(plan.nodes)
    return Values(
        tuple(node.id for node in plan.nodes),
        raw.reshape(n_indicators, env.n_regions),
        np.zeros(env.n_regions, dtype=bool),
        np.array([source.is_out(node.id) for node in plan.nodes], dtype=bool),
        model,
        env,
        plan.members,
    )


def _done(values: Values, planned: _Planned, plan: _Plan, number: int) -> tuple[Values, Outcome]:
    """One step; what was screened out before stays as it was."""
    values = replace(values, earlier=partial(_before, values.model, values.env, plan, number))
    with np.errstate(all="ignore"):  # what comes of it is looked at below
        outcome = planned.step.apply(values, planned.places, planned.path)
    outcome = _within_numbers(values, outcome)
    if values.regions_out.any() and outcome.x is not values.x:
        outcome = replace(outcome, x=np.where(values.regions_out, values.x, outcome.x))
    regions, indicators = values.regions_out, values.indicators_out
    if outcome.regions_out is not None:
        regions = regions | outcome.regions_out
    if outcome.indicators_out is not None:
        indicators = indicators | outcome.indicators_out
    return replace(values, x=outcome.x, regions_out=regions, indicators_out=indicators), outcome


def _within_numbers(values: Values, outcome: Outcome) -> Outcome:
    """A result too large for a number is missing, which is noted and recorded."""
    beyond = np.isinf(outcome.x)
    if not beyond.any():
        return outcome
    said = ("the result is beyond 1e308: missing", "结果超过 1e308，记为缺失")
    for place in np.flatnonzero(beyond.any(axis=1)).tolist():
        values.env.report("not-defined", values.ids[place], *said, beyond[place])
    cells = dict.fromkeys([(place, region) for place, region in np.argwhere(beyond).tolist()], said)
    return replace(
        outcome,
        x=np.where(beyond, np.nan, outcome.x),
        how_cells={**outcome.how_cells, **cells},
    )


def _before(model: Model, env: Environment, plan: _Plan, number: int) -> Values | None:
    """The values of the period before as they stood before a step; said nothing of again."""
    previous = env.previous
    if previous is None:
        return None
    quiet = replace(previous, notes=[])
    values = _start(model, quiet, plan, _Stated(model, quiet))
    for at, planned in enumerate(plan.steps[:number]):
        values, _ = _done(values, planned, plan, at)
    return replace(values, earlier=partial(_before, model, quiet, plan, number))


__all__ = ["CellTreated", "Remark", "Treated", "TreatedStep", "treat"]
