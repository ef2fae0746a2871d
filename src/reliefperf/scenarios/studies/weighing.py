"""Studies that do nothing but move the weights of a linear tree: all variants at once.

Scores, ranks and grades are those of running the variants one by one, up to binary noise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reliefperf.evaluation.draws import ranks_of
from reliefperf.evaluation.linear import Limits, LinearTree, NotLinear, linear_tree
from reliefperf.evaluation.weight_draws import down_the_tree
from reliefperf.model.environment import Array
from reliefperf.model.spec_evaluation import NodeSpec
from reliefperf.scenarios.studies.designs import DesignRows
from reliefperf.scenarios.studies.factors import PerturbedWeights

if TYPE_CHECKING:
    from reliefperf.scenarios.studies.running import Runner

BLOCK = 512
"""So many variants are scored at once."""
Outputs = tuple[Array, Array, Array]


def weigh_variants(runner: Runner, design: DesignRows) -> Outputs | None:
    """Scores, ranks and grades (places from the top), each (n_variants, n_regions).

    None where the variants differ in more than weights, money is asked for, or the evaluation is
    not linear, so that each variant has to be run.
    """
    tree = _tree(runner)
    if tree is None:
        return None
    weights = _effective_weights(runner, design, tree)
    n_variants, n_regions = len(weights), tree.parts.shape[1]
    score, rank, grade = (np.full((n_variants, n_regions), np.nan) for _ in range(3))
    places = np.flatnonzero(~np.isnan(tree.parts).any(axis=0))
    known = np.ascontiguousarray(tree.parts[:, places]) * tree.full_marks
    together = np.zeros(places.size) if tree.compared is None else tree.compared[places]
    ranked = [np.flatnonzero(together == group) for group in np.unique(together[together >= 0])]
    for start in range(0, n_variants, BLOCK):
        rows = slice(start, start + BLOCK)
        scores = tree.finish(weights[rows] @ known, places)
        score[rows, places] = scores
        for members in ranked:
            rank[rows, places[members]] = ranks_of(scores[:, members], tree.ascending)
        if isinstance(tree.grades, Limits):
            named = runner.grades()
            at = np.array([named.index(name) for name in tree.grades.grades])
            grade[rows, places] = at[tree.grades.of(scores, places)]
    return score, rank, grade


def _tree(runner: Runner) -> LinearTree | None:
    """The linear pieces of the study's model, if weights are all that its variants need."""
    factors = runner.plan.spec.factors.values()
    if runner.money or not all(isinstance(item, PerturbedWeights) for item in factors):
        return None
    spec = runner.plan.model.spec.evaluation
    assert spec is not None
    if _weighs_groups(spec.weights is not None, spec.tree):
        return None
    tree = linear_tree(runner.plan.model, runner.nominal_run.env, runner.evaluation)
    if isinstance(tree, NotLinear) or isinstance(tree.grades, NotLinear):
        return None
    return tree


def _weighs_groups(by_method: bool, children: list[NodeSpec]) -> bool:
    """Whether a method gives groups their weights: it may look at values that weights below move."""
    return any(
        (by_method and child.value is None)
        or _weighs_groups(child.weights is not None, child.children)
        for child in children
    )


def _effective_weights(runner: Runner, design: DesignRows, tree: LinearTree) -> Array:
    """What each indicator counts in each variant, shape (n_variants, n_indicators)."""
    factors = [runner.plan.spec.factors[name] for name in runner.plan.factors]
    levels = design.levels.tolist()
    drawn = []
    for group in tree.groups:
        given = runner.evaluation.nodes[group.node].weights.values
        rows = np.empty((len(levels), given.size))
        for row, draws in zip(rows, levels, strict=True):
            moved = given
            for item, draw in zip(factors, draws, strict=True):
                assert isinstance(item, PerturbedWeights)
                moved = item.moved(draw, group.node, moved)
            row[:] = moved
        drawn.append(rows / rows.sum(axis=1, keepdims=True))
    return down_the_tree(tree.groups, drawn)
