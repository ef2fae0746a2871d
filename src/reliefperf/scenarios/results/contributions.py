"""A score as a sum: what each indicator gives and costs, with rows that add up exactly.

Sums and arithmetic means are linear, so each indicator's part of the score is its points times the
weights above it. A mean that is not linear (geometric, harmonic, minimum, ...) gets a row of its
own: its distance from the arithmetic mean of the same children.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from reliefperf.evaluation.evaluate import ROOT, Evaluation
from reliefperf.model.environment import Array


@dataclass(frozen=True)
class Part:
    """One row of the sum: shapes (n_regions,). `full_marks` is NaN for rows that have none."""

    id: str
    kind: str
    points: Array
    full_marks: Array


def contributions(evaluation: Evaluation) -> list[Part]:
    """Every indicator's part of the score, combination rows, then the adjustments."""
    parts: list[Part] = []
    n_regions = len(evaluation.codes)
    _descend(evaluation, ROOT, np.ones(n_regions), parts)
    for effect in evaluation.effects:
        item = effect.spec
        if item is None and not np.any(effect.applies):
            continue
        kind = "limit" if item is None else "adjustment"
        kind = "decision" if effect.rulings else kind
        if effect.id == "rounding":
            continue
        parts.append(Part(effect.id, kind, effect.points, np.full(n_regions, np.nan)))
    return parts


def _descend(evaluation: Evaluation, node_id: str, factor: Array, parts: list[Part]) -> None:
    """Add the rows below a node; `factor` turns its values into points of the score."""
    node = evaluation.nodes[node_id]
    # nothing where all children were skipped, and the node with them
    shares = np.nan_to_num(np.broadcast_to(node.shares, (len(node.children), len(factor))))
    linear = np.zeros(len(factor))
    for place, child in enumerate(node.children):
        own_full = evaluation.full_marks(child)
        child_factor = factor * shares[place] * (node.full_marks / own_full)
        values = evaluation.values(child)
        counted = np.where(shares[place] > 0, child_factor * values, 0.0)
        linear = linear + counted
        if child in evaluation.indicators:
            parts.append(Part(child, "indicator", counted, child_factor * own_full))
        else:
            _descend(evaluation, child, child_factor, parts)
    if not node.is_linear:
        gap = np.where(factor > 0, factor * node.values - linear, 0.0)
        name = f"combine:{node_id}" if node_id else "combine"
        parts.append(Part(name, "combination", gap, np.full(len(factor), np.nan)))


def ordered_nodes(evaluation: Evaluation) -> Iterator[str]:
    """The ids of all nodes, parents before children, without the root."""

    def below(node_id: str) -> Iterator[str]:
        for child in evaluation.nodes[node_id].children:
            yield child
            if child in evaluation.nodes:
                yield from below(child)

    yield from below(ROOT)
