"""The tree, bottom up: indicators to points, nodes, score, grade and rank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from reliefperf.data.environments import compute_derived
from reliefperf.errors import InputError
from reliefperf.evaluation.adjusting import Adjusted, adjust
from reliefperf.evaluation.blocks import score_blocks
from reliefperf.evaluation.combining import combine
from reliefperf.evaluation.grading import grade, groups_by
from reliefperf.evaluation.indicators import (
    Begun,
    Indicator,
    constant,
    full_marks_of,
    path_of,
    score_indicator,
)
from reliefperf.model.consistency import TOLERANCE, combine_of
from reliefperf.model.environment import Array, Environment
from reliefperf.model.expressions import Expr
from reliefperf.model.functions import rank
from reliefperf.model.model import Model
from reliefperf.model.spec_evaluation import EvaluationSpec, Mean, NodeSpec, Power

ROOT = ""
"""The key of the root, whose children are the nodes at the top of the tree."""


@dataclass(frozen=True)
class Node:
    """What a group of the tree came to; `values` in its own full marks, shape (n_regions,)."""

    id: str
    children: tuple[str, ...]
    how: Mean | Power
    full_marks: float
    values: Array
    weights: Array
    present: NDArray[np.bool_] | None


@dataclass(frozen=True)
class Evaluation:
    """Scores of one period.

    `score` is final (adjusted, rounded); `grade` is a column of texts or None; `rank` has NaN
    where there is no score. `indicators` and `nodes` hold every stage by id.
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    period: str
    score: Array
    tree_score: Array
    grade: NDArray[np.object_] | None
    rank: Array
    indicators: Mapping[str, Indicator] = field(repr=False)
    nodes: Mapping[str, Node] = field(repr=False)
    effects: tuple[Adjusted, ...] = field(repr=False)

    def values(self, node_id: str) -> Array:
        """The points (or composite value) of any node, shape (n_regions,)."""
        if node_id in self.indicators:
            return self.indicators[node_id].points
        return self.nodes[node_id].values

    def full_marks(self, node_id: str) -> float:
        """The full marks of any node."""
        if node_id in self.indicators:
            return self.indicators[node_id].full_marks
        return self.nodes[node_id].full_marks

    def present(self, node_id: str) -> NDArray[np.bool_] | None:
        """Where a node was not skipped; None where it never was."""
        if node_id in self.indicators:
            return self.indicators[node_id].present
        return self.nodes[node_id].present


def evaluate(model: Model, env: Environment, names: tuple[str, ...]) -> Evaluation:
    """Score every region of a period; adds the results to `env` for what comes after.

    Raises InputError where a value is missing that the model calls an error.
    """
    spec = model.spec.evaluation
    assert spec is not None
    scale = full_marks_of(model, env, spec.scale, 1.0)
    tree = _Tree(model, env, scale, *score_blocks(model, env, spec, scale))
    root = tree.group(ROOT, spec, spec.tree, spec.normalise_weights, spec.full_marks)
    score = root.values
    env.columns |= {node_id: indicator.points for node_id, indicator in tree.indicators.items()}
    env.columns |= {node_id: node.values for node_id, node in tree.nodes.items() if node_id}
    env.columns["score"] = score
    final, effects = adjust(model, env, spec, score)
    env.columns["score"] = final
    grades: NDArray[np.object_] | None = None
    if spec.grades is not None:
        places = grade(model, env, spec.grades, final, effects)
        labels = [*(band.grade for band in spec.grades.bands), None]
        grades = np.empty(len(places), dtype=object)
        grades[:] = [labels[place] for place in places]
    env.columns["grade"] = grades if grades is not None else np.full(env.n_regions, None, object)
    ranks = _ranks(model, env, spec, final)
    env.columns["rank"] = ranks
    compute_derived(model, env, 1)
    return Evaluation(
        env.codes,
        names,
        env.period,
        final,
        score,
        grades,
        ranks,
        tree.indicators,
        tree.nodes,
        tuple(effects),
    )


def _ranks(model: Model, env: Environment, spec: EvaluationSpec, score: Array) -> Array:
    groups, count = groups_by(model, env, spec.rank.by, "rank")
    known = ~np.isnan(score) & (groups >= 0)
    return rank(score, groups, count, known, order=spec.rank.order, ties=spec.rank.ties)


class _Tree:
    def __init__(
        self,
        model: Model,
        env: Environment,
        scale: float,
        done: Mapping[str, Indicator],
        begun: Mapping[str, Begun],
    ) -> None:
        self.model = model
        self.env = env
        self.scale = scale
        self.done = done
        self.begun = begun
        self.indicators: dict[str, Indicator] = {}
        self.nodes: dict[str, Node] = {}

    def node(self, spec: NodeSpec) -> tuple[Array, float, NDArray[np.bool_] | None]:
        """Values, full marks and presence of a node."""
        if spec.value is not None:
            indicator = self.done.get(spec.id)
            if indicator is None:
                full = full_marks_of(self.model, self.env, spec.points, self.scale)
                begun = self.begun.get(spec.id)
                indicator = score_indicator(self.model, self.env, spec, full, begun)
            self.indicators[spec.id] = indicator
            return indicator.points, indicator.full_marks, indicator.present
        node = self.group(spec.id, spec, spec.children, spec.normalise_weights, spec.points)
        return node.values, node.full_marks, node.present

    def group(
        self,
        node_id: str,
        spec: NodeSpec | EvaluationSpec,
        children: list[NodeSpec],
        normalise_weights: bool,
        points: Expr | None,
    ) -> Node:
        results = [self.node(child) for child in children]
        how = combine_of(spec)
        assert how is not None
        fulls = np.array([full for _, full, _ in results])
        if how == "sum":
            weights, own_full = fulls, float(fulls.sum())
        else:
            weights = self._weights(children)
            own_full = self.scale
        if points is not None:
            stated = full_marks_of(self.model, self.env, points, self.scale)
            if how == "sum" and abs(stated - own_full) > TOLERANCE:
                raise InputError(
                    self.model.document.mistake(
                        path_of(self.model, points),
                        f"'{node_id or 'full_marks'}' has {stated:g} points, but those below it "
                        f"add up to {own_full:g}",
                        f"“{node_id or 'full_marks'}”为 {stated:g} 分，但下级合计 {own_full:g} 分",
                    )
                )
            own_full = stated
        present = _presence(results)
        if how == "sum" and present is None:
            values = reduce(np.add, (value for value, _, _ in results))
        else:
            parts = np.array([value / full for value, full, _ in results])
            values = own_full * combine(parts, weights, present, how)
        there = None if present is None else present.any(axis=0)
        node = Node(node_id, tuple(c.id for c in children), how, own_full, values, weights, there)
        self.nodes[node_id] = node
        return node

    def _weights(self, children: list[NodeSpec]) -> Array:
        given = [child.weight for child in children]
        weights = np.array([1.0 if w is None else constant(self.model, self.env, w) for w in given])
        if weights.min() < 0 or not weights.any():
            raise InputError(
                self.model.document.mistake(
                    path_of(self.model, given[int(weights.argmin())]),
                    "weights cannot be negative or all be zero",
                    "权重不能为负，也不能全为零",
                )
            )
        return weights


def _presence(
    results: list[tuple[Array, float, NDArray[np.bool_] | None]],
) -> NDArray[np.bool_] | None:
    if all(present is None for _, _, present in results):
        return None
    return np.array(
        [
            np.ones(values.shape, dtype=bool) if present is None else present
            for values, _, present in results
        ]
    )
