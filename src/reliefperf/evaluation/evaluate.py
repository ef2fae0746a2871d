"""The tree, bottom up: indicators to points, nodes, score, grade and rank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from reliefperf.data.environments import compute_derived
from reliefperf.errors import InputError, Lang
from reliefperf.evaluation.accountability import Imposed, claim, impose
from reliefperf.evaluation.adjusting import adjust
from reliefperf.evaluation.blocks import score_blocks
from reliefperf.evaluation.changed import NOTHING, Changed, Reweigh
from reliefperf.evaluation.combining.base import Aggregator, shares_of
from reliefperf.evaluation.combining.group_scoring import GroupScore, score_group
from reliefperf.evaluation.combining.rescaling import rescaled, words_of
from reliefperf.evaluation.decisions import decide_indicators
from reliefperf.evaluation.effects import Adjusted
from reliefperf.evaluation.grading import grade, grade_names, ranks
from reliefperf.evaluation.improving import Improved, improve
from reliefperf.evaluation.indicators import (
    Begun,
    Indicator,
    full_marks_of,
    path_of,
    score_indicator,
    within_numbers,
)
from reliefperf.evaluation.scoring.base import ScoringRule
from reliefperf.evaluation.siblings import Siblings
from reliefperf.evaluation.source import Source
from reliefperf.evaluation.treatment.treating import Treated, treat
from reliefperf.evaluation.weighting.base import Weighting, Weights
from reliefperf.evaluation.weighting.stated import stated_weights
from reliefperf.model.building.stages import ON_SCORE, ON_TREE
from reliefperf.model.checker import TOLERANCE
from reliefperf.model.consistency_evaluation import combine_of
from reliefperf.model.document import Path_
from reliefperf.model.environment import Array, Column, Environment
from reliefperf.model.expressions import Expr
from reliefperf.model.model import Model
from reliefperf.model.numbers import round_column
from reliefperf.model.spec_evaluation import EvaluationSpec, NodeSpec

ROOT = ""
"""The key of the root, whose children are the nodes at the top of the tree."""


@dataclass(frozen=True)
class Node:
    """What a group of the tree came to; `values` in its own full marks, shape (n_regions,).

    `shares` are the children's weights as they count, shape (n_children, 1 or n_regions): parts of
    one in every region unless `weights.absolute`. `steps` are the keys of what was done to the
    combined value: `rescale`, `decimals`; `scored` says how a rule scored it, if one did.
    """

    id: str
    children: tuple[str, ...]
    how: Aggregator
    full_marks: float
    values: Array
    weights: Weights
    shares: Array
    present: NDArray[np.bool_] | None
    steps: tuple[str, ...] = ()
    scored: GroupScore | None = None

    @property
    def is_linear(self) -> bool:
        """Whether the values are the children's, weighted and added up."""
        return self.how.is_linear and not self.steps

    @property
    def words(self) -> Mapping[Lang, str]:
        """What makes the values differ from that sum."""
        if not self.steps:
            return self.how.words
        return words_of(self.steps if self.how.is_linear else ("combine", *self.steps))


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
    treated: Treated | None = field(repr=False, default=None)
    improved: Improved | None = field(repr=False, default=None)
    imposed: tuple[Imposed, ...] = field(repr=False, default=())

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


@np.errstate(over="ignore", invalid="ignore")  # what comes of it is looked at: see `within_numbers`
def evaluate(
    model: Model,
    env: Environment,
    names: tuple[str, ...],
    values: Mapping[str, Column] | None = None,
    changed: Changed = NOTHING,
) -> Evaluation:
    """Score every region of a period; adds the results to `env` for what comes after.

    `values` replace those of the indicators named, before treatment, each of shape (n_regions,);
    `changed` is what else a variant of the evaluation does otherwise.

    Raises InputError where a value is missing that the model calls an error.
    """
    spec = model.spec.evaluation
    assert spec is not None
    scale = full_marks_of(model, env, spec.scale, 1.0)
    source = Source(model, env, values or {}, without=changed.without)
    treated = None if changed.ready else _treated(model, env, spec, source)
    source = replace(source, treated=treated)
    scored = (changed.ready, {}) if changed.ready else score_blocks(model, env, spec, scale, source)
    tree = _Tree(model, env, scale, source, *scored, changed.reweigh)
    root = tree.group(ROOT, spec, spec.tree, spec.full_marks)
    score = root.values
    env.columns |= {node_id: indicator.points for node_id, indicator in tree.indicators.items()}
    env.columns |= {node_id: node.values for node_id, node in tree.nodes.items() if node_id}
    decided = decide_indicators(
        env, spec.decisions, tree.indicators, tree.nodes, score, changed.without
    )
    before = reduce(np.add, (effect.points for effect in decided), score)
    env.columns["score"] = before
    claim(model, env, spec)
    compute_derived(model, env, ON_TREE)
    imposed = impose(model, env, spec, moving=True)
    final, effects = adjust(model, env, spec, before, root.full_marks, decided)
    env.columns["score"] = final
    compute_derived(model, env, ON_SCORE)
    grades: NDArray[np.object_] | None = None
    if spec.grades is not None:
        grades = grade_names(spec.grades, grade(model, env, spec.grades, final, effects))
    env.columns["grade"] = grades if grades is not None else np.full(env.n_regions, None, object)
    places = ranks(model, env, spec.rank, final)
    env.columns["rank"] = places
    imposed += impose(model, env, spec, moving=False)
    improved = improve(model, env, spec, tree.full_marks)
    compute_derived(model, env, 1, besides=(ON_TREE, ON_SCORE))
    return Evaluation(
        codes=env.codes,
        names=names,
        period=env.period,
        score=final,
        tree_score=score,
        grade=grades,
        rank=places,
        indicators=tree.indicators,
        nodes=tree.nodes,
        effects=tuple(effects),
        treated=treated,
        improved=improved,
        imposed=tuple(sorted(imposed, key=lambda one: spec.consequences.index(one.spec))),
    )


def _treated(
    model: Model, env: Environment, spec: EvaluationSpec, source: Source
) -> Treated | None:
    """The values after treatment: of this period, or of all periods treated as one table.

    Raises InputError where the periods that regions are compared with are not there.
    """
    if spec.panel.normalise == "each":
        return treat(model, env, spec, source)
    here = ("evaluation", "panel", "normalise")
    if env.references is None:
        raise InputError(
            model.document.mistake(
                here,
                f"`normalise: {spec.panel.normalise}` needs all periods; run the whole panel",
                f"normalise: {spec.panel.normalise} 须有全部期别；请对整个面板计算",
            )
        )
    treated: Treated | None = env.references.treated
    if treated is not None and source.given:
        raise InputError(
            model.document.mistake(
                here,
                "values of pooled periods that were treated together cannot be replaced one by one",
                "各期合并处理后的指标值不能逐一替换",
            )
        )
    return treat(model, env, spec, source) if treated is None else treated


class _Tree:
    def __init__(
        self,
        model: Model,
        env: Environment,
        scale: float,
        source: Source,
        done: Mapping[str, Indicator],
        begun: Mapping[str, Begun],
        reweigh: Reweigh | None,
    ) -> None:
        self.model = model
        self.env = env
        self.scale = scale
        self.source = source
        self.done = done
        self.begun = begun
        self.reweigh = reweigh
        self.indicators: dict[str, Indicator] = {}
        self.nodes: dict[str, Node] = {}

    def full_marks(self, node_id: str) -> float:
        """The full marks of a node that is computed, "" for the score."""
        found = self.indicators.get(node_id) or self.nodes[node_id]
        return found.full_marks

    def node(self, spec: NodeSpec) -> tuple[Array, float, NDArray[np.bool_] | None]:
        """Values, full marks and presence of a node."""
        if spec.value is not None:
            indicator = self.done.get(spec.id)
            if indicator is None:
                full = full_marks_of(self.model, self.env, spec.points, self.scale)
                begun = self.begun.get(spec.id)
                indicator = score_indicator(self.model, self.env, spec, full, self.source, begun)
            self.indicators[spec.id] = indicator
            return indicator.points, indicator.full_marks, indicator.present
        node = self.group(spec.id, spec, spec.children, spec.points)
        return node.values, node.full_marks, node.present

    def group(
        self,
        node_id: str,
        spec: NodeSpec | EvaluationSpec,
        children: list[NodeSpec],
        points: Expr | None,
    ) -> Node:
        results = [self.node(child) for child in children]
        how = combine_of(spec)
        assert isinstance(how, Aggregator)
        fulls = np.array([full for _, full, _ in results])
        own_full = float(fulls.sum()) if how.adds_points else self.scale
        if points is not None:
            stated = full_marks_of(self.model, self.env, points, self.scale)
            if how.adds_points and abs(stated - own_full) > TOLERANCE:
                raise InputError(
                    self.model.document.mistake(
                        path_of(self.model, points),
                        f"'{node_id or 'full_marks'}' has {stated:g} points, but those below it "
                        f"add up to {own_full:g}",
                        f"“{node_id or 'full_marks'}”为 {stated:g} 分，但下级合计 {own_full:g} 分",
                    )
                )
            own_full = stated
        ids = tuple(child.id for child in children)
        present = _presence(results)
        if how.adds_points and present is None and self.reweigh is None:
            weights = Weights(fulls)
            shares = (fulls / fulls.sum())[:, None]
            values = reduce(np.add, (value for value, _, _ in results))
        else:
            parts = np.array([value / full for value, full, _ in results])
            siblings = Siblings(
                node_id, ids, parts, present, self.model, self.env, _path(self.model, spec)
            )
            weights = self._weights(spec, children, siblings, fulls)
            if self.reweigh is not None:
                weights = replace(weights, values=self.reweigh(node_id, weights.values))
            shares = weights.values if weights.absolute else shares_of(weights.values, present)
            values = own_full * how.combine(siblings, shares)
        steps: list[str] = []
        scored: GroupScore | None = None
        if isinstance(spec, NodeSpec) and spec.rescale is not None:
            if isinstance(spec.rescale, ScoringRule):
                path = (*_path(self.model, spec), "rescale")
                rule = spec.rescale
                scored = score_group(self.model, self.env, node_id, path, rule, values, own_full)
                values = scored.points
            elif isinstance(spec.rescale, tuple):
                values = rescaled(self.model, self.env, node_id, spec.rescale, values, own_full)
            steps.append("rescale")
        values = within_numbers(self.env, node_id or "evaluation", values)
        if isinstance(spec, NodeSpec) and spec.decimals is not None:
            values = round_column(values, spec.decimals, "half_up")
            steps.append("decimals")
        there = None if present is None else present.any(axis=0)
        node = Node(
            node_id, ids, how, own_full, values, weights, shares, there, tuple(steps), scored
        )
        self.nodes[node_id] = node
        return node

    def _weights(
        self,
        spec: NodeSpec | EvaluationSpec,
        children: list[NodeSpec],
        siblings: Siblings,
        fulls: Array,
    ) -> Weights:
        """The weights of a node's children: points, a method's, a set's, or as each child states."""
        how = combine_of(spec)
        assert how is not None
        if how.adds_points:
            return Weights(fulls)
        chosen = self._chosen_weights()
        given = [chosen.get(child.id, child.weight) for child in children]
        if spec.weights is not None and not any(child.id in chosen for child in children):
            assert isinstance(spec.weights, Weighting)
            return spec.weights.weights(siblings)
        said = None not in given and not how.ignores_weights
        must_add_up = said and not spec.normalise_weights
        return Weights(stated_weights(siblings, given, must_add_up=must_add_up))

    def _chosen_weights(self) -> Mapping[str, Expr]:
        spec = self.model.spec.evaluation
        assert spec is not None
        return {} if spec.use_weights is None else spec.weight_sets[spec.use_weights]


def _path(model: Model, spec: NodeSpec | EvaluationSpec) -> Path_:
    """Where a group stands in the model."""
    if isinstance(spec, EvaluationSpec):
        return ("evaluation",)

    def find(nodes: list[NodeSpec], path: Path_) -> Path_ | None:
        for place, node in enumerate(nodes):
            if node is spec:
                return (*path, place)
            if found := find(node.children, (*path, place, "children")):
                return found
        return None

    whole = model.spec.evaluation
    assert whole is not None
    return find(whole.tree, ("evaluation", "tree")) or ("evaluation",)


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
