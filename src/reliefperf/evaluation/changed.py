"""What a variant of an evaluation does otherwise without another model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from reliefperf.evaluation.indicators import Indicator
from reliefperf.model.environment import Array

Reweigh = Callable[[str, Array], Array]
"""New weights for the children of a node, given its id and their weights, (n_children,)."""


@dataclass(frozen=True)
class Changed:
    """Indicators left out, weights moved, indicators that need not be scored again.

    Indicators in `without` are skipped everywhere: their weight, or their points, go to their
    siblings. `ready` holds every indicator of the tree as it was scored before, or is empty.
    """

    without: frozenset[str] = frozenset()
    reweigh: Reweigh | None = None
    ready: Mapping[str, Indicator] = field(default_factory=dict)


NOTHING = Changed()
"""The evaluation as the model has it."""
