"""Derived columns: each after what it is made of, at the stage where all of that is known."""

from __future__ import annotations

from reliefperf.model.building.draft import Draft
from reliefperf.model.building.stages import Stages
from reliefperf.model.compiling import kind_of
from reliefperf.model.document import Path_
from reliefperf.model.spec import ModelSpec
from reliefperf.model.spec_data import DerivedColumn


def compile_derived(draft: Draft, stages: Stages) -> dict[int, tuple[str, ...]]:
    """The derived columns of each stage in the order in which they are computed."""
    at = _stages_of(draft, stages)
    # `previous(x)` may look at a column that is compiled later: its kind comes from a first pass
    _in_order(draft, stages, at, only_kinds=True)
    stages.later_kinds |= stages.derived_kinds
    _in_order(draft, stages, at)
    return {stage: tuple(names) for stage, names in stages.derived.items()}


def _place_of(spec: ModelSpec, name: str) -> Path_:
    """Where the expression of a derived column stands in the document."""
    titled = isinstance(spec.derived[name], DerivedColumn)
    return ("derived", name, "value") if titled else ("derived", name)


def _stages_of(draft: Draft, stages: Stages) -> dict[str, int]:
    """The stage of each derived column, in order; a circle is a mistake."""
    derived = draft.spec.derived_exprs
    found: dict[str, int] = {}
    open_names: list[str] = []
    evaluation = {*stages.results(), *stages.names.nodes}
    allocation = set(stages.paid())

    def visit(name: str) -> int:
        if name in found:
            return found[name]
        if name in open_names:
            circle = " -> ".join([*open_names[open_names.index(name) :], name])
            draft.wrong(
                ("derived", name), f"goes round in a circle: {circle}", f"循环引用：{circle}"
            )
            stages.names.lost.update(open_names)
            return 0
        open_names.append(name)
        stage = 1 if derived[name].direct_calls & {"claimed", "consequence"} else 0
        for other in sorted(derived[name].direct_names):
            if other in derived:
                stage = max(stage, visit(other))
            elif other in evaluation and draft.spec.evaluation is not None:
                stage = max(stage, 1)
            elif other in allocation and draft.spec.allocation is not None:
                stage = 2
        open_names.pop()
        found[name] = stage
        return stage

    for name in derived:
        visit(name)
    return found


def _in_order(
    draft: Draft, stages: Stages, at: dict[str, int], *, only_kinds: bool = False
) -> None:
    derived = draft.spec.derived_exprs
    stages.forget_derived()
    for name, stage in at.items():
        scope = stages.scope(stages.kinds(stage), stages.later_while_deriving(stage))
        if not only_kinds:
            place = _place_of(draft.spec, name)
            draft.compile(place, derived[name], {}, scope)
        stages.add_derived(name, stage, kind_of(derived[name], scope))
