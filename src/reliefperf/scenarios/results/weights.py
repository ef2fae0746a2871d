"""The weights of a run as a table: where each comes from, what it is, and how it counts in the end.

A weight is a part of its siblings' sum, in a region where none of them is skipped. The effective
weight is the product of the weights from the top of the tree down: where all means on the way are
arithmetic, the part of the score that the child makes up. Weights that differ from region to region
have their mean, with the lowest and the highest beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from reliefperf.evaluation.evaluate import ROOT, Evaluation, Node
from reliefperf.model.consistency_evaluation import combine_of
from reliefperf.model.environment import Array
from reliefperf.model.model import Model
from reliefperf.model.numbers import snap
from reliefperf.model.spec_evaluation import EvaluationSpec, NodeSpec
from reliefperf.scenarios.results.cells import Row, number_text
from reliefperf.scenarios.running import Run

ROOT_NAME = "evaluation"
HEADER = [
    "node",
    "child",
    "method",
    "weight",
    "lowest",
    "highest",
    "effective_weight",
    "fact",
    "value",
]

UNWEIGHTED = "none"
"""The method of a group whose way of combining uses no weights."""


def weights_table(run: Run) -> tuple[list[str], list[Row]]:
    """Header and rows: one a child of each group, then the facts of the group's method."""
    panel = tuple(run.periods) != ("",)
    rows: list[Row] = []
    for period, result in run.periods.items():
        if result.evaluation is not None:
            lead = (period,) if panel else ()
            rows += [(*lead, *row) for row in _rows(run.model, result.evaluation)]
    return ([*(["period"] if panel else []), *HEADER], rows)


def has_weights(model: Model) -> bool:
    """Whether some group of at least two in the model's tree is anything but a sum of points."""
    spec = model.spec.evaluation
    if spec is None:
        return False
    groups: list[NodeSpec | EvaluationSpec] = [n for n in spec.nodes() if len(n.children) > 1]
    groups += [spec] if len(spec.tree) > 1 else []
    ways = [combine_of(group) for group in groups]
    return not all(way is not None and way.adds_points for way in ways)


def weighting_facts(evaluation: Evaluation) -> dict[str, dict[str, float | str]]:
    """What the methods of weighting found, by node and name; nodes without facts are left out."""
    return {
        node_id or ROOT_NAME: {
            name: value if isinstance(value, str) else float(snap(value))
            for name, value in node.weights.facts.items()
        }
        for node_id, node in evaluation.nodes.items()
        if node.weights.facts
    }


def method_of(model: Model, node: Node) -> str:
    """Where a group's weights come from: points, a set, a method, given, equal, or none."""
    spec = model.spec.evaluation
    assert spec is not None
    if node.how.adds_points:
        return "points"
    if not node.how.takes_weights or node.how.ignores_weights:
        return UNWEIGHTED
    chosen = spec.use_weights
    if chosen is not None and any(child in spec.weight_sets[chosen] for child in node.children):
        return f"set {chosen}"
    group = spec if node.id == ROOT else next(n for n in spec.nodes() if n.id == node.id)
    if group.weights is not None:
        return group.weights.key
    children = group.children if isinstance(group, NodeSpec) else group.tree
    return "equal" if all(child.weight is None for child in children) else "given"


def _rows(model: Model, evaluation: Evaluation) -> Iterator[Row]:
    pending: list[tuple[str, Array | None]] = [(ROOT, np.ones(1))]
    while pending:
        node_id, above = pending.pop(0)
        node = evaluation.nodes[node_id]
        method = method_of(model, node)
        own = None if method == UNWEIGHTED else _parts(node)
        label = node_id or ROOT_NAME
        below: list[tuple[str, Array | None]] = []
        for place, child in enumerate(node.children):
            weight = None if own is None else own[place]
            effective = None if weight is None or above is None else above * weight
            yield (label, child, method, *_cells(weight), _mean(effective), None, None)
            if child in evaluation.nodes:
                below.append((child, effective))
        yield from _fact_rows(label, method, node.weights.facts)
        pending = below + pending


def _fact_rows(label: str, method: str, facts: Mapping[str, float | str]) -> Iterator[Row]:
    for name, value in facts.items():
        shown = value if isinstance(value, str) else number_text(value)
        yield (label, None, method, None, None, None, None, name, shown)


def _parts(node: Node) -> Array:
    """The weights as parts of one, shape (n_children, 1) or (n_children, n_regions)."""
    values = node.weights.values
    if values.ndim == 1:
        values = values[:, None]
    if node.weights.absolute:
        return values
    total = values.sum(axis=0)
    empty = np.full(values.shape, np.nan)
    return np.asarray(np.divide(values, total, out=empty, where=total > 0))


def _cells(weight: Array | None) -> tuple[str | None, str | None, str | None]:
    """Mean, lowest and highest; the last two only where regions have weights of their own."""
    if weight is None or weight.size == 1:
        return _mean(weight), None, None
    known = weight[~np.isnan(weight)]
    if not known.size:
        return None, None, None
    return _mean(weight), number_text(float(known.min())), number_text(float(known.max()))


def _mean(weight: Array | None) -> str | None:
    if weight is None or np.isnan(weight).all():
        return None
    known = weight[~np.isnan(weight)]
    return number_text(float(known[0]) if known.size == 1 else float(np.sort(known).mean()))
