"""Whether scoring rules and ways of combining go together, and what is said of improvement."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence

from reliefperf.model.consistency_weights import Found, Group, Judge
from reliefperf.model.document import Path_
from reliefperf.model.expressions import Expr
from reliefperf.model.spec_evaluation import (
    AggregatorSpec,
    EvaluationSpec,
    Improvement,
    NodeSpec,
    Surely,
)

LOWEST_OPTIONS = ("range", "last", "start", "mean")
"""Options of scoring rules that move the lowest value."""


def combining_mistakes(spec: EvaluationSpec, judge: Judge) -> Iterator[Found]:
    """Groups whose way of combining cannot take what their children are certain to give."""
    yield from _Combining(spec, judge).below(spec, spec.tree, ("evaluation",), "tree")


class _Combining:
    def __init__(self, spec: EvaluationSpec, judge: Judge) -> None:
        self.judge = judge
        self.chosen = spec.weight_sets.get(spec.use_weights or "", {})
        self.within_period = spec.panel.normalise == "each"

    def below(
        self, group: Group, children: Sequence[NodeSpec], path: Path_, key: str
    ) -> Iterator[Found]:
        """The mistakes of a group and of all below it."""
        for place, child in enumerate(children):
            if child.children:
                yield from self.below(child, child.children, (*path, key, place), "children")
        how = self.judge.combine_of(group)
        if how is None or not self.judge.whole((*path, key)):
            return
        if len(children) < how.min_children:
            yield (
                path,
                f"`{how.key}` compares or balances children: it needs at least "
                f"{how.min_children}, here is {len(children)}",
                f"{how.key} 须有至少 {how.min_children} 个下级，这里只有 {len(children)} 个",
            )
        if how.lowest == "any":
            return
        label = group.id if isinstance(group, NodeSpec) else "evaluation"
        for place, child in enumerate(children):
            found = self._surely(child)
            if found is not None and not (found[1] == "zero" and how.lowest == "zero"):
                yield ((*path, key, place), *_cannot(how, label, *found))

    def _surely(self, node: NodeSpec) -> tuple[NodeSpec, Surely] | None:
        """The indicator at or below a node that makes it negative or zero somewhere, if one must."""
        weight = self.chosen.get(node.id, node.weight)
        if self.judge.number(weight) == 0:
            return None
        if node.value is not None:
            compares = getattr(node.score, "compares", False)
            if node.override or (compares and not self.within_period):
                return None
            find = getattr(node.score, "surely", None)
            gives = None if find is None else find(self.judge.number)
            return None if gives is None else (node, gives)
        if node.rescale is not None:
            return None
        how = self.judge.combine_of(node)
        if how is not None and len(node.children) == 1:
            return self._surely(node.children[0])
        if how is not None and how.passes_zero:
            for child in node.children:
                found = self._surely(child)
                if found is not None and found[1] == "zero":
                    return found
        return None


def _cannot(how: AggregatorSpec, label: str, node: NodeSpec, gives: Surely) -> tuple[str, str]:
    assert node.score is not None
    rule = node.score.key
    options = [name for name in LOWEST_OPTIONS if name in type(node.score).model_fields]
    by = f" (`{options[0]}` says it)" if options else ""
    by_zh = f"（用 {options[0]} 设定）" if options else ""
    what, what_zh = ("a negative value", "负值") if gives == "negative" else ("a zero", "零")
    accept, accept_zh = "", ""
    if gives == "zero" and "zeros" in type(how).model_fields:
        option = "" if how.key == "power" else f"{how.key}: true, "
        option = option or "power: ..., "
        accept = f", accept it with `combine: {{{option}zeros: zero}}`,"
        accept_zh = f"，或写 combine: {{{option}zeros: zero}} 表示接受"
    return (
        f"`{rule}` of indicator '{node.id}' is certain to give {what} to some region, which "
        f"`{how.key}` of '{label}' cannot take: let the rule's lowest value be above zero{by}"
        f"{accept} or combine in another way (arithmetic)",
        f"指标“{node.id}”的 {rule} 必有地区得{what_zh}，“{label}”的 {how.key} 无法合成："
        f"请让计分规则的最低值大于零{by_zh}{accept_zh}，或改用其他合成方式（如 arithmetic）",
    )


def improvement_mistakes(
    spec: Improvement, whole: EvaluationSpec, number: Callable[[Expr | None], float | None]
) -> Iterator[Found]:
    """A gap needs its end, which a score and a node have and other expressions do not."""
    path: Path_ = ("evaluation", "improvement")
    of, full = spec.of.tree, number(spec.full_marks)
    ids = {"score", *(node.id for node in whole.nodes())}
    has_full_marks = isinstance(of, ast.Name) and of.id in ids
    if spec.measure != "gap_closed" and spec.full_marks is not None:
        yield (
            (*path, "full_marks"),
            f"`full_marks` belongs to `measure: gap_closed`, this is {spec.measure}",
            f"full_marks 只用于 measure: gap_closed，这里是 {spec.measure}",
        )
    elif spec.measure == "gap_closed" and not has_full_marks and spec.full_marks is None:
        yield (
            path,
            f"how far '{spec.of.text}' is from its end is not known: state `full_marks`",
            f"“{spec.of.text}”的满分未知：请写 full_marks",
        )
    elif has_full_marks and spec.full_marks is not None:
        yield (
            (*path, "full_marks"),
            f"'{spec.of.text}' has full marks of its own",
            f"“{spec.of.text}”已有满分，不必另写",
        )
    elif full is not None and full <= 0:
        yield ((*path, "full_marks"), "full marks must be above zero", "满分必须大于零")
