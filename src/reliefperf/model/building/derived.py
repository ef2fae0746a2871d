"""Derived columns: each after what it is made of, at the stage where all of that is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reliefperf.model.building.draft import Draft
from reliefperf.model.building.stages import NOT_YET, ON_SCORE, ON_TREE, Stages
from reliefperf.model.compiling import kind_of
from reliefperf.model.document import Path_
from reliefperf.model.spec import ModelSpec
from reliefperf.model.spec_data import DerivedColumn


def compile_derived(draft: Draft, stages: Stages) -> dict[int | str, tuple[str, ...]]:
    """The derived columns of each stage in the order in which they are computed.

    Those for which some pools are enough stand also under the last of these pools, those that the
    adjustments or the grades can use under ON_TREE or ON_SCORE.
    """
    at = _stages_of(draft, stages)
    stages.over_pools = _over_pools(draft, at)
    stages.within = _within_evaluation(draft, stages, at)
    # `previous(x)` may look at a column that is compiled later: its kind comes from a first pass
    _in_order(draft, stages, at, only_kinds=True)
    stages.later_kinds |= stages.derived_kinds
    _in_order(draft, stages, at)
    found: dict[int | str, tuple[str, ...]] = {}
    for stage, names in stages.derived.items():
        found[stage] = tuple(names)
    for name in stages.derived[1]:
        if within := stages.within[name]:
            found[within] = (*found.get(within, ()), name)
    for name in stages.derived[2]:
        if own := stages.over_pools[name]:
            last = _last(own, stages.names.pools)
            found[last] = (*found.get(last, ()), name)
    return found


def _last(some: frozenset[str], pools: Sequence[str]) -> str:
    """The one of some pools that stands last in the file."""
    return max(some, key=pools.index)


def _over_pools(draft: Draft, at: Mapping[str, int]) -> dict[str, frozenset[str] | None]:
    """The pools that each derived column of the last stage looks at, in the order of `at`."""
    allocation = draft.spec.allocation
    pools = allocation.pools if allocation is not None else {}
    found: dict[str, frozenset[str] | None] = {}
    for name in (name for name, stage in at.items() if stage == 2):
        direct = draft.spec.derived_exprs[name].direct_names
        own = {*direct & pools.keys()}
        behind = [found[other] for other in direct & found.keys()]
        known = [part for part in behind if part is not None]
        whole = len(known) == len(behind) and direct.isdisjoint(("amount", "entitlement"))
        found[name] = frozenset(own.union(*known)) if whole else None
    return found


def _within_evaluation(
    draft: Draft, stages: Stages, at: Mapping[str, int]
) -> dict[str, str | None]:
    """When each derived column of the evaluation is known, in the order of `at`."""
    steps = (ON_TREE, ON_SCORE, None)
    results = stages.results()
    found: dict[str, str | None] = {}
    for name in (name for name, stage in at.items() if stage == 1):
        expr = draft.spec.derived_exprs[name]
        step = 2 if "consequence" in expr.direct_calls else 0
        for other in expr.direct_names:
            if other in found:
                step = max(step, steps.index(found[other]))
            elif other in results:
                step = max(step, 1 if other == "score" else 2)
        found[name] = steps[step]
    return found


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
        kinds, later = stages.kinds(stage), stages.later_while_deriving(stage)
        if stage < 2 and kinds.pop("budget", None) is not None:
            later["budget"] = NOT_YET["budget"]
        scope = stages.scope(kinds, later)
        if not only_kinds:
            place = _place_of(draft.spec, name)
            draft.compile(place, derived[name], {}, scope)
        stages.add_derived(name, stage, kind_of(derived[name], scope))
