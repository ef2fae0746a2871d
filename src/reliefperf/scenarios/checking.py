"""What a model can be asked before it is run: its tables beside the data, and its comparisons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reliefperf.data.casebook import Casebook, read_casebook
from reliefperf.evaluation.weighting.ahp import AHP, Consistency, consistency
from reliefperf.model.model import Model
from reliefperf.scenarios.loading import Scenario
from reliefperf.scenarios.running import read_data, regions_of

ROOT = "evaluation"


@dataclass(frozen=True)
class Compared:
    """How well the pairwise comparisons of one group agree."""

    node: str
    found: Consistency
    limit: float
    table: str


def read_beside(loaded: Model | Scenario) -> Casebook | None:
    """Read the tables of findings and decisions that a model names, against its own data.

    None where the model names no such table, or no data to hold them against. Raises InputError
    with every mistake of the data or the tables.
    """
    model = loaded.model if isinstance(loaded, Scenario) else loaded
    spec = model.spec
    decisions = spec.evaluation.decisions if spec.evaluation is not None else None
    if spec.findings is None and decisions is None:
        return None
    own = isinstance(loaded, Scenario) and loaded.spec.data is not None
    if not own and (spec.data.file is None or model.folder is None):
        return None
    source = loaded.data_file() if isinstance(loaded, Scenario) and own else None
    return read_casebook(model, read_data(model, source), regions_of(model))


def comparisons(model: Model) -> Iterator[Compared]:
    """Each group weighted by pairwise comparisons, from the top of the tree."""
    spec = model.spec.evaluation
    if spec is None:
        return
    groups = [(ROOT, spec.weights, spec.tree)]
    groups += [(node.id, node.weights, node.children) for node in spec.nodes()]
    for name, weights, children in groups:
        if isinstance(weights, AHP):
            matrix = weights.matrix([child.id for child in children])
            found = consistency(matrix, weights.random_index)
            yield Compared(name, found, weights.limit, weights.random_index)
