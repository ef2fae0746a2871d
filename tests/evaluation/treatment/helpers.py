"""Small evaluations whose indicators are variables, to see what treatment makes of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from reliefperf.errors import Mistake
from reliefperf.evaluation.evaluate import Evaluation
from reliefperf.evaluation.treatment.treating import CellTreated, Treated
from reliefperf.model.environment import Environment
from tests.building import evaluated, mistakes_of, model_of, plain_list

Step = Mapping[str, Any]
Columns = Mapping[str, Sequence[Any]]


def model_text(
    steps: Sequence[Step],
    indicators: Sequence[str],
    others: Sequence[str] = (),
    texts: Sequence[str] = (),
    *,
    more: Mapping[str, Mapping[str, Any]] | None = None,
) -> str:
    """A model whose node `n` has the indicators `i_x` for variables x; `more` adds keys to one."""
    added = more or {}
    children = [
        {"id": f"i_{name}", "value": name, "score": "as_is", "missing": "skip"}
        | dict(added.get(name, {}))
        for name in indicators
    ]
    variables: dict[str, Any] = {name: {} for name in (*indicators, *others)}
    variables |= {name: {"type": "text"} for name in texts}
    node = {"id": "n", "combine": "arithmetic", "children": children}
    evaluation = {"combine": "arithmetic", "treatment": list(steps), "tree": [node]}
    return json.dumps(
        {"model": "t", "language": "en", "variables": variables, "evaluation": evaluation}
    )


def evaluation_of(
    steps: Sequence[Step],
    columns: Columns,
    others: Columns | None = None,
    *,
    more: Mapping[str, Mapping[str, Any]] | None = None,
) -> tuple[Evaluation, Environment]:
    """Evaluate regions r1, r2, ...; `others` are columns that no indicator uses."""
    rest = dict(others or {})
    texts = [name for name, cells in rest.items() if any(isinstance(cell, str) for cell in cells)]
    numbers = [name for name in rest if name not in texts]
    model = model_of(model_text(steps, list(columns), numbers, texts, more=more))
    return evaluated(model, {**columns, **rest})


def treated_by(
    steps: Step | Sequence[Step], columns: Columns, others: Columns | None = None, **more: Any
) -> Treated:
    """What the steps make of the columns."""
    listed = [steps] if isinstance(steps, Mapping) else steps
    evaluation, _ = evaluation_of(listed, columns, others, **more)
    assert evaluation.treated is not None
    return evaluation.treated


def values_by(
    steps: Step | Sequence[Step], values: Sequence[Any], others: Columns | None = None
) -> list[Any]:
    """What the steps make of one indicator, None where it is missing."""
    return plain_list(treated_by(steps, {"x": values}, others).values[0])


def cells_of(treated: Treated) -> list[CellTreated]:
    """The cells that were changed, without the remarks."""
    return [cell for cell in treated.cells() if cell.indicator and cell.region is not None]


def remarks_of(treated: Treated) -> list[str]:
    """What was said of whole indicators and whole regions, in English."""
    return [cell.how[0] for cell in treated.cells() if not cell.indicator or cell.region is None]


def mistakes_in(step: Step, indicators: Sequence[str] = ("x", "y")) -> list[Mistake]:
    """What is wrong with a step of a model with the indicators i_x and i_y below the node n."""
    return mistakes_of(model_text([step], indicators, ["size"], ["zone"]))
