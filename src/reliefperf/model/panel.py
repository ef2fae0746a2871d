"""What a model cannot say when regions are compared with those of other periods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reliefperf.model.document import Path_
from reliefperf.model.expressions import Expr
from reliefperf.model.functions import FUNCTIONS
from reliefperf.model.model import expressions_in
from reliefperf.model.spec import ModelSpec
from reliefperf.model.spec_evaluation import EvaluationSpec, TreatmentSpec

Wrong = tuple[Path_, str, str]


def panel_mistakes(spec: ModelSpec) -> Iterator[Wrong]:
    """Where a model with `normalise: base` or `pooled` could not keep to it."""
    evaluation = spec.evaluation
    if evaluation is None or evaluation.panel.normalise == "each":
        return
    how = evaluation.panel.normalise
    if spec.data.period is None:
        yield (
            ("evaluation", "panel", "normalise"),
            f"`normalise: {how}` compares periods, but the data have none: state `data.period`",
            f"normalise: {how} 跨期比较，而数据没有期别：请写 data.period",
        )
    later = _known_later(spec)
    for path, expr, _ in expressions_in(evaluation, ("evaluation",)):
        if path[1] not in ("tree", "treatment"):
            continue
        in_step = path[1] == "treatment" or "treat" in path
        if found := sorted(_all_names(expr, spec.derived_exprs) & later):
            yield (
                path,
                f"under `normalise: {how}` all values are gathered before any period is scored, so "
                f"they cannot depend on {found[0]}",
                f"normalise: {how} 须在各期计分之前取得全部指标值，因此不能取决于 {found[0]}",
            )
        across = sorted(name for name in expr.calls if name in FUNCTIONS and FUNCTIONS[name].across)
        if across and (in_step or "score" in path or "rescale" in path):
            yield (
                path,
                f"{across[0]}() looks at the regions of one period, but the model says `normalise: "
                f"{how}`; use a rule that compares regions (minmax, zscore, rank, compared, ...)",
                f"{across[0]}() 只看同一期的地区，而模型写了 normalise: {how}；请改用按地区间比较的计分规则",
            )
        if in_step and how == "pooled" and "previous" in expr.calls:
            yield (path, *_no_previous())
    yield from _rules(evaluation, how)
    for path, step in _steps(evaluation):
        yield from _step(path, step, how)


def _rules(evaluation: EvaluationSpec, how: str) -> Iterator[Wrong]:
    for path, node in _nodes(evaluation):
        if getattr(node.rescale, "compares", False):
            yield (
                (*path, "rescale"),
                f"`{node.rescale.key}` compares what groups come to within one period, but the "
                f"model says `normalise: {how}`; use a rule with fixed ends (goalposts, steps)",
                f"{node.rescale.key} 只在同一期内比较分组合成值，而模型写了 normalise: {how}；"
                "请改用端点固定的计分规则（如 goalposts、steps）",
            )
        if how == "pooled" and getattr(node.score, "region", None) is not None:
            yield (
                (*path, "score", "region"),
                "a region has one value a period, so it cannot be the measure of pooled periods; "
                "use `normalise: base` or `each`",
                "参照地区每期各有一个值，不能作为合并各期的参照；请用 normalise: base 或 each",
            )


def _nodes(evaluation: EvaluationSpec) -> Iterator[tuple[Path_, Any]]:
    def below(nodes: Any, path: Path_) -> Iterator[tuple[Path_, Any]]:
        for place, node in enumerate(nodes):
            yield (*path, place), node
            yield from below(node.children, (*path, place, "children"))

    yield from below(evaluation.tree, ("evaluation", "tree"))


def _steps(evaluation: EvaluationSpec) -> Iterator[tuple[Path_, TreatmentSpec]]:
    for place, step in enumerate(evaluation.treatment):
        yield ("evaluation", "treatment", place), step
    for path, node in _nodes(evaluation):
        for place, step in enumerate(node.treat or ()):
            yield (*path, "treat", place), step


def _step(path: Path_, step: Any, how: str) -> Iterator[Wrong]:
    """Steps that would not keep to the panel's contract."""
    if how == "pooled" and step.key == "impute" and step.impute == "previous":
        yield (path, *_no_previous())
    if how == "base" and _looks_at_others(step):
        yield (
            path,
            f"`{step.key}` looks at the values of a period, and what it finds in the base period "
            "cannot be carried to others; use `normalise: pooled`, or a step that looks at one "
            "region at a time (denominate, cap, impute: constant or previous, transform: log)",
            f"{step.key} 取决于一期全部地区的值，无法由基期推及其他期；请用 normalise: pooled，"
            "或只用逐地区的步骤（denominate、cap、impute: constant 或 previous、transform: log）",
        )


def _looks_at_others(step: Any) -> bool:
    """Whether what a step does to one region depends on the values of others."""
    match step.key:
        case "denominate":
            return False
        case "cap":
            return bool(step.of != "values")
        case "impute":
            return step.impute not in ("constant", "previous")
        case "transform":
            return bool(step.transform != "log")
        case "screen":
            return bool(step.screen != "regions")
    return True


def _no_previous() -> tuple[str, str]:
    return (
        "pooled periods are treated as one table, in which there is no period before; fill gaps in "
        "the value itself: if_missing(x, previous(x))",
        "合并各期时按一张表处理，没有上一期；请在指标值中填补：if_missing(x, previous(x))",
    )


def _known_later(spec: ModelSpec) -> frozenset[str]:
    """Names whose values follow from scores or amounts."""
    assert spec.evaluation is not None
    names = {"score", "grade", "rank", "amount", "entitlement", "budget"}
    names |= {node.id for node in spec.evaluation.nodes()}
    if spec.allocation is not None:
        names |= set(spec.allocation.pools)
    return frozenset(names)


def _all_names(expr: Expr, derived: Mapping[str, Expr]) -> set[str]:
    """The names that an expression refers to, also by way of derived columns."""
    found: set[str] = set()
    pending = [expr]
    while pending:
        for name in pending.pop().names - found:
            found.add(name)
            if name in derived:
                pending.append(derived[name])
    return found
