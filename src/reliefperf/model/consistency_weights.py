"""What a model says of weights: methods against the groups they stand in, and sets of weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reliefperf.errors import suggestion
from reliefperf.model.document import Path_
from reliefperf.model.expressions import Expr
from reliefperf.model.spec_evaluation import AggregatorSpec, EvaluationSpec, NodeSpec

TOLERANCE = 1e-9

Found = tuple[Path_, str, str]
"""Where, and what is wrong in English and Chinese."""
Group = NodeSpec | EvaluationSpec


@dataclass(frozen=True)
class Judge:
    """What the checks of a model know: how children combine, written numbers, what was cut out."""

    combine_of: Callable[[Group], AggregatorSpec | None]
    number: Callable[[Expr | None], float | None]
    whole: Callable[[Path_], bool]


def add_up(weights: Sequence[float]) -> bool:
    """Whether weights add up to 1 or 100, or are all the same, so that it does not matter."""
    total = sum(weights)
    return min(abs(total - 1), abs(total - 100)) <= TOLERANCE or len(set(weights)) == 1


def weights_mistakes(spec: EvaluationSpec, judge: Judge) -> Iterator[Found]:
    """Every disagreement about methods of weighting and sets of weights."""
    groups = list(_groups(spec))
    for path, group, children in groups:
        yield from _method(path, group, children, judge)
    here: Path_ = ("evaluation", "weight_sets")
    tree_is_whole = judge.whole(("evaluation", "tree"))
    ids = {node.id for node in spec.nodes()}
    for name, weights in spec.weight_sets.items():
        for node_id in weights:
            if node_id not in ids and tree_is_whole:
                en, zh = suggestion(node_id, ids)
                yield (
                    (*here, name, node_id),
                    f"set '{name}': '{node_id}' is not a node of the tree{en}",
                    f"权重方案“{name}”：“{node_id}”不是评价节点{zh}",
                )
        if tree_is_whole and judge.whole((*here, name)):
            for _, group, children in groups:
                yield from _set_in_group((*here, name), name, weights, group, children, judge)
    chosen = spec.use_weights
    if chosen is not None and chosen not in spec.weight_sets and judge.whole((*here, chosen)):
        en, zh = suggestion(chosen, spec.weight_sets)
        yield (
            ("evaluation", "use_weights"),
            f"'{chosen}' is not a set of weights{en}",
            f"“{chosen}”不是已定义的权重方案{zh}",
        )


def _groups(spec: EvaluationSpec) -> Iterator[tuple[Path_, Group, list[NodeSpec]]]:
    """Every group with its path and its children, the root first."""

    def below(path: Path_, node: NodeSpec) -> Iterator[tuple[Path_, Group, list[NodeSpec]]]:
        if node.children:
            yield path, node, node.children
        for place, child in enumerate(node.children):
            yield from below((*path, "children", place), child)

    yield ("evaluation",), spec, spec.tree
    for place, node in enumerate(spec.tree):
        yield from below(("evaluation", "tree", place), node)


def _name(group: Group) -> str:
    return group.id if isinstance(group, NodeSpec) else "evaluation"


def _method(path: Path_, group: Group, children: list[NodeSpec], judge: Judge) -> Iterator[Found]:
    method = group.weights
    here = (*path, "weights")
    if method is None or not judge.whole(path):
        return
    combine = judge.combine_of(group)
    if combine is not None and combine.adds_points:
        yield (
            here,
            f"'{_name(group)}' is a sum of points, which leaves nothing to weigh: take `weights` "
            "away, or state `combine: arithmetic` and no points below",
            f"“{_name(group)}”按分值求和，无需赋权：请删去 weights，"
            "或写 combine: arithmetic 并去掉下级分值",
        )
        return
    if combine is not None and (not combine.takes_weights or combine.ignores_weights):
        yield (
            here,
            f"`{combine.key}` uses no weights, so `weights: {method.key}` would say nothing",
            f"{combine.key} 不用权重，weights: {method.key} 没有意义",
        )
    elif combine is not None and method.needs_linear and not combine.is_linear:
        yield (
            here,
            f"`weights: {method.key}` needs `combine: arithmetic`, not `{combine.key}`",
            f"weights: {method.key} 须配合 combine: arithmetic，不能用 {combine.key}",
        )
    weighted = [child.id for child in children if child.weight is not None]
    if weighted:
        yield (
            here,
            f"the weights come either from `{method.key}` or from the children's `weight` "
            f"('{weighted[0]}' has one)",
            f"权重或由 {method.key} 得出，或写在各下级的 weight 上（“{weighted[0]}”写了 weight）",
        )
    find = getattr(method, "mistakes", None)
    if find is not None:
        for where, en, zh in find([child.id for child in children], judge.number):
            yield (
                (*here, *where),
                f"weights of '{_name(group)}': {en}",
                f"“{_name(group)}”的权重：{zh}",
            )


def _set_in_group(
    path: Path_,
    name: str,
    weights: Mapping[str, Expr],
    group: Group,
    children: list[NodeSpec],
    judge: Judge,
) -> Iterator[Found]:
    """What a set says of the children of one group; nothing if it names none of them."""
    named = [child.id for child in children if child.id in weights]
    if not named:
        return
    label = _name(group)
    combine = judge.combine_of(group)
    if combine is not None and (
        combine.adds_points or not combine.takes_weights or combine.ignores_weights
    ):
        how = "is a sum of points" if combine.adds_points else f"combines by `{combine.key}`"
        how_zh = "按分值求和" if combine.adds_points else f"以 {combine.key} 合成"
        yield (
            (*path, named[0]),
            f"set '{name}' has a weight for '{named[0]}', but '{label}' {how} and uses no weights",
            f"权重方案“{name}”含“{named[0]}”，但“{label}”{how_zh}，不用权重",
        )
        return
    lacking = [child.id for child in children if child.id not in weights]
    if lacking:
        listed, listed_zh = ", ".join(f"'{i}'" for i in lacking), "、".join(lacking)
        yield (
            path,
            f"set '{name}' has a weight for '{named[0]}', but not for {listed} beside it in "
            f"'{label}': a set names all children of a group, or none",
            f"权重方案“{name}”含“{named[0]}”，但缺少同级的 {listed_zh}（上级“{label}”）："
            "同一组的下级须全部写出，或全部不写",
        )
    values = [judge.number(weights[i]) for i in named]
    for node_id, value in zip(named, values, strict=True):
        if value is not None and value < 0:
            yield (
                (*path, node_id),
                f"set '{name}': the weight of '{node_id}' is negative",
                f"权重方案“{name}”：“{node_id}”的权重为负",
            )
    known = [value for value in values if value is not None]
    if lacking or len(known) < len(values) or min(known) < 0:
        return
    total = sum(known)
    if total == 0:
        yield (
            path,
            f"set '{name}': all weights in '{label}' are zero",
            f"权重方案“{name}”：“{label}”下级的权重全为零",
        )
    elif not group.normalise_weights and not add_up(known):
        yield (
            path,
            f"set '{name}': the weights in '{label}' add up to {total:g}, not to 1 or 100; write "
            f"`normalise_weights: true` on '{label}' if that is meant",
            f"权重方案“{name}”：“{label}”下级的权重合计 {total:g}，既非 1 也非 100；"
            f"如确需如此，请在“{label}”写 normalise_weights: true",
        )
