"""The expressions of the sections, each compiled with what is known where it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from reliefperf.model.building.draft import Draft
from reliefperf.model.building.names import IMPROVEMENT
from reliefperf.model.building.stages import NOT_YET, ON_TREE, Reasons, Stages
from reliefperf.model.building.unknowns import ELSEWHERE, unknowns
from reliefperf.model.compiling import Scope, kind_of
from reliefperf.model.document import Path_
from reliefperf.model.environment import Kind
from reliefperf.model.model import expressions_in
from reliefperf.model.spec import ModelSpec
from reliefperf.model.spec_allocation import AllocationSpec, PoolSpec
from reliefperf.model.spec_rulebook import consequence_key

_BESIDE_THE_TREE = (
    *("adjustments", "bonus_limit", "min_score", "max_score"),
    *("consequences", "grades", "rank", "improvement"),
)
"""Parts of the evaluation that come before all of its results are known."""


OWN_AMOUNTS = (
    "is what is being shared out here: a pool cannot use its own amounts, which follow only from "
    "this. Write what they are made of, such as the pool's `amount` or the budget",
    "正是此处要分配的资金池：资金池不能引用自己的金额（金额由此才能得出）。请改写其来源，如该池的 amount 或预算",
)
"""Why a pool's expressions and limits cannot name the pool itself."""


def compile_sections(draft: Draft, stages: Stages) -> None:
    """Compile every expression of the evaluation, the allocation and the published figures."""
    data, evaluated, allocated = (stages.at(stage) for stage in range(3))
    spec = draft.spec
    if spec.evaluation is not None:
        value_kinds = _value_kinds(draft, stages)
        for path, expr, meaning in expressions_in(spec.evaluation, ("evaluation",)):
            scope, wanted = evaluated, meaning
            if path[1] == "tree":
                scope = data
                if {"score", "override", "rescale"} & set(path[2:]):
                    kind = value_kinds.get(_node_of(path), "number")
                    here: dict[str, Kind] = {"full_marks": "number", "value": kind}
                    scope = stages.scope({**data.kinds, **here}, stages.later(0))
            elif path[1] in ("scale", "weights", "weight_sets", "treatment"):
                scope = data
            elif path[1] in _BESIDE_THE_TREE:
                scope = _not_yet(draft, stages, evaluated, path)
            draft.compile(path, expr, wanted, scope)
        _rules_fit_values(draft, stages, value_kinds)
    if spec.allocation is not None:
        _compile_allocation(draft, stages, evaluated)
    for place, check in enumerate(spec.published):
        for path, expr, meaning in expressions_in(check, ("published", place)):
            draft.compile(path, expr, meaning, allocated)


def _value_kinds(draft: Draft, stages: Stages) -> dict[Path_, Kind]:
    """The kind of each indicator's value, by the path of its node."""
    assert draft.spec.evaluation is not None
    scope = stages.at(0)
    return {
        path[:-1]: kind_of(expr, scope)
        for path, expr, _ in expressions_in(draft.spec.evaluation, ("evaluation",))
        if path[1] == "tree" and path[-1] == "value"
    }


def _not_yet(draft: Draft, stages: Stages, evaluated: Scope, path: Path_) -> Scope:
    """What an expression beside the tree sees: not what follows from it."""
    assert draft.spec.evaluation is not None
    consequences = draft.spec.evaluation.consequences
    wait: Reasons = {"rank": NOT_YET["grades"]}
    wait |= dict.fromkeys(IMPROVEMENT, NOT_YET["evaluation"])
    open_ = [item.id for item in consequences if not item.moves]
    if path[1] == "consequences":
        place = path[2]
        assert isinstance(place, int)
        own = consequences[place]
        before = [item.id for item in consequences[:place] if not item.moves]
        moving = [item.id for item in consequences[place:] if item.moves]
        open_ = [name for name in open_ if name not in before]
        if own.moves:
            open_ = [item.id for item in consequences if not item.moves] + moving
            wait["grade"] = NOT_YET["adjustments"]
        else:
            del wait["rank"]
    elif path[1] == "improvement":
        open_ = []
        del wait["rank"]
        if path[2] in ("grades", "rank"):
            del wait["improvement"]
    elif path[1] == "grades":
        wait["grade"] = NOT_YET["adjustments"]
    elif path[1] != "rank":
        open_ = [item.id for item in consequences]
        wait["grade"] = NOT_YET["adjustments"]
    wait |= {consequence_key(name): NOT_YET["consequence"] for name in open_}
    graded = path[1] in ("grades", "rank", "improvement")
    graded = graded or (path[1] == "consequences" and "rank" not in wait)
    for name, within in stages.within.items():
        if within is None or (within != ON_TREE and not graded):
            wait[name] = NOT_YET["graded" if graded else "score"]
    kinds = {name: kind for name, kind in evaluated.kinds.items() if name not in wait}
    return stages.scope(kinds, {**(evaluated.later or {}), **wait})


def _rules_fit_values(draft: Draft, stages: Stages, kinds: Mapping[Path_, Kind]) -> None:
    """A text can be scored only by a rule that reads texts, and states must be of its kind."""
    for path, kind in kinds.items():
        node = _at(draft.spec, path)
        if node.score is None or stages.names.lost & node.value.names or stages.names.all_lost:
            continue
        wants = getattr(node.score, "value_kind", "any")
        if kind == "text" and (wants != "any" or node.missing == "group_mean"):
            draft.wrong(
                (*path, "value"),
                f"'{node.score.key}' scores a number, this gives a text; score texts with `states`"
                if wants != "any"
                else "a text has no mean to fill gaps with",
                f"{node.score.key} 只能对数值计分，而这里是文本；文本请用 states"
                if wants != "any"
                else "文本没有均值可供填补",
            )
        if kind == "text" and node.treat:
            draft.wrong(
                (*path, "treat"),
                "the value is a text; only numbers can be treated",
                "指标值为文本；只有数值可以处理",
            )
        states = getattr(node.score, "states", {})
        wrong = [key for key in states if isinstance(key, str) != (kind == "text")]
        if wrong:
            word, word_zh = ("texts", "文本") if kind == "text" else ("numbers", "数字")
            draft.wrong(
                (*path, "score", "states", wrong[0]),
                f"the value gives {word}, so the states must be {word}: {wrong[0]!r}",
                f"指标值为{word_zh}，各状态也须为{word_zh}：{wrong[0]!r}",
                of_key=True,
            )


def _at(spec: ModelSpec, path: Path_) -> Any:
    part: Any = spec
    for step in path:
        part = part[step] if isinstance(step, int) else getattr(part, str(step))
    return part


def _compile_allocation(draft: Draft, stages: Stages, evaluated: Scope) -> None:
    allocation = draft.spec.allocation
    assert allocation is not None
    kinds = dict(evaluated.kinds)
    later = {**(evaluated.later or {}), **dict.fromkeys(stages.names.pools, NOT_YET["pool"])}
    later |= dict.fromkeys(set(unknowns(draft)) - kinds.keys() - later.keys(), ELSEWHERE)
    later |= stages.over_later(())
    without_budget = {name: kind for name, kind in kinds.items() if name != "budget"}
    for path, expr, meaning in expressions_in(allocation, ("allocation",)):
        if path[1] == "budget":
            draft.compile(path, expr, meaning, stages.scope(without_budget, later))
        elif path[1] != "pools":
            known = _pools_known(allocation, path)
            hint = _hint(path, stages.names.pools)
            rule_later = {**later, **dict.fromkeys(stages.names.pools, hint)}
            rule_later |= dict.fromkeys(_limited_alone(allocation, path), OWN_AMOUNTS)
            numbers: dict[str, Kind] = dict.fromkeys(known, "number")
            rule_kinds = {**kinds, **numbers, **stages.over_known(known)}
            rule_later = {n: why for n, why in rule_later.items() if n not in rule_kinds}
            draft.compile(path, expr, meaning, stages.scope(rule_kinds, rule_later))
    settled: list[str] = []
    for name, pool in allocation.pools.items():
        scope = stages.scope(dict(kinds), {**later, name: OWN_AMOUNTS})
        for path, expr, meaning in expressions_in(pool, ("allocation", "pools", name)):
            here = scope
            if pool.solve is not None and path[3] == "each":
                here = _with_unknown(scope, pool, pool.solve.name)
            draft.compile(path, expr, meaning, here)
        kinds[name] = "number"
        settled.append(name)
        kinds |= stages.over_known(settled)
        later = {
            n: why for n, why in (later | stages.over_later(settled)).items() if n not in kinds
        }


def _with_unknown(scope: Scope, pool: PoolSpec, name: str) -> Scope:
    """What names mean where one is solved for: one number, or one a group."""
    single = {name} if pool.by is None else set()
    kinds: dict[str, Kind] = {**scope.kinds, name: "number"}
    return replace(scope, kinds=kinds, constants=scope.constants | single)


def _limited_alone(allocation: AllocationSpec, path: Path_) -> list[str]:
    """The one pool that a rule limits, whose amounts its limit cannot name."""
    if path[1] != "rules":
        return []
    named = getattr(allocation.rules[int(path[2])], "pool", None)
    if isinstance(named, str) and named != "total":
        return [named]
    return list(allocation.pools) if named is None and len(allocation.pools) == 1 else []


def _pools_known(allocation: AllocationSpec, path: Path_) -> set[str]:
    """The pools whose amounts an expression outside the pools may name.

    Steps of the calculation (`paid: false`); for a rule on certain pools what stands before them.
    """
    steps = allocation.pools.keys() - allocation.paid_pools.keys()
    if path[1] != "rules":
        return set(steps)
    named = getattr(allocation.rules[int(path[2])], "pool", None)
    if named in (None, "total"):
        named = list(allocation.paid_pools)
        before = _before(allocation, named)
        return before if len(named) == 1 else set(steps)
    return _before(allocation, [named] if isinstance(named, str) else named)


def _before(allocation: AllocationSpec, named: Sequence[str]) -> set[str]:
    """The pools that stand before all of those named; all, where the named ones are unknown.

    A pool that was cut out for a mistake of its own has no place of which more could be said.
    """
    order = list(allocation.pools)
    first = min((order.index(name) for name in named if name in order), default=len(order))
    return set(order[:first])


def _hint(path: Path_, pools: Sequence[str]) -> tuple[str, str]:
    """How a rule is written that looks at another pool, with two pools of the model."""
    if path[1] != "rules" or len(pools) < 2:
        return NOT_YET["pool"]
    first, last = pools[0], pools[-1]
    limit = f"cap: max(0, 1.2 * x - {first}), pool: {last}"
    ratio = f"ratio: 0.3, pool: {last}, to: {first}"
    return (
        f"is a pool that is not settled before those the rule speaks of. A rule on a later pool "
        f"alone may name an earlier one, and the later gives way: `{limit}`. In any order pools are "
        f"compared with `{ratio}`",
        f"是资金池，但不先于规则所针对的资金池算定。只针对在后资金池的规则可引用在前的资金池，由在后者先让：{limit}；"
        f"不论先后可用 {ratio} 比较",
    )


def _node_of(path: Path_) -> Path_:
    """The path of the node that a deeper path belongs to."""
    for mark in ("score", "override", "rescale"):
        if mark in path:
            return path[: path.index(mark)]
    return path
