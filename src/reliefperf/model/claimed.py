"""Whose claimed points are known: indicators that state them, and sums of such indicators."""

from __future__ import annotations

from reliefperf.model.consistency_evaluation import combine_of
from reliefperf.model.spec_evaluation import EvaluationSpec, NodeSpec

SCORE = "score"
"""The name under which the claims of the whole tree add up."""


def claimed_nodes(spec: EvaluationSpec) -> dict[str, tuple[NodeSpec, ...]]:
    """The indicators that each claim adds up, by node, parents after children, the score last.

    A group has a claim where it is a sum and every child has one.
    """
    found: dict[str, tuple[NodeSpec, ...]] = {}

    def visit(node: NodeSpec | EvaluationSpec, name: str) -> tuple[NodeSpec, ...] | None:
        if isinstance(node, NodeSpec) and node.value is not None:
            own = (node,) if node.claimed is not None else ()
            claims: tuple[NodeSpec, ...] | None = own or None
        else:
            children = node.children if isinstance(node, NodeSpec) else node.tree
            below = [visit(child, child.id) for child in children]
            how = combine_of(node)
            is_sum = how is not None and how.adds_points
            parts = [part for part in below if part is not None]
            whole = is_sum and len(parts) == len(below)
            claims = tuple(leaf for part in parts for leaf in part) if whole else None
        if claims is not None:
            found[name] = claims
        return claims

    visit(spec, SCORE)
    return found
