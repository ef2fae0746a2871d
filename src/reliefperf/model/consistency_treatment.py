"""What the steps of data treatment must agree on with the tree and with themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from reliefperf.errors import suggestion
from reliefperf.model.document import Path_
from reliefperf.model.expressions import Expr
from reliefperf.model.spec_evaluation import EvaluationSpec, TreatmentSpec

Number = Callable[[Expr | None], float | None]
Found = tuple[Path_, str, str]
"""Where, and what is wrong in English and Chinese."""

RESERVED_STEPS = ("data", "missing", "held")
"""Steps of treatments.csv that no model states: cleaning, gaps, and points held at full marks."""


def treatment_mistakes(
    spec: EvaluationSpec, number: Number, is_whole: Callable[[Path_], bool]
) -> Iterator[Found]:
    """Every mistake in the steps of the evaluation; steps that are not whole are not judged."""
    nodes = {node.id for node in spec.nodes()}
    seen: set[str] = set()
    for place, step in enumerate(spec.treatment):
        path: Path_ = ("evaluation", "treatment", place)
        if not is_whole(path):
            continue
        yield from _of_step(path, step, number)
        for where, name in getattr(step, "nodes_named", tuple)():
            if name not in nodes:
                en, zh = suggestion(name, nodes)
                yield (
                    (*path, *where),
                    f"'{name}' is not an indicator or node of the tree{en}",
                    f"“{name}”不是评价指标或节点{zh}",
                )
        if step.id is not None:
            if step.id in seen:
                yield (*path, "id"), f"the id '{step.id}' stands twice", f"编号“{step.id}”重复出现"
            elif step.id in RESERVED_STEPS:
                yield (
                    (*path, "id"),
                    f"'{step.id}' already names rows of treatments.csv; give the step another id",
                    f"“{step.id}”在 treatments.csv 中已另有含义；请为步骤另取编号",
                )
            seen.add(step.id)


def own_treatment_mistakes(
    path: Path_, treat: list[TreatmentSpec], number: Number
) -> Iterator[Found]:
    """Every mistake in the treatment of one indicator, whose node stands at `path`."""
    for place, step in enumerate(treat):
        here = (*path, "treat", place)
        yield from _of_step(here, step, number)
        if step.key == "screen":
            yield (
                here,
                "`screen` looks at many indicators: write it in `evaluation.treatment`",
                "screen 涉及多个指标：请写在 evaluation.treatment",
            )
        elif next(iter(getattr(step, "nodes_named", tuple)()), None) is not None:
            yield (
                here,
                "the treatment of one indicator names no other indicators or nodes",
                "单个指标的处理不能再写其他指标或节点",
            )


def _of_step(path: Path_, step: TreatmentSpec, number: Number) -> Iterator[Found]:
    find = getattr(step, "mistakes", None)
    if find is not None:
        for where, en, zh in find(number):
            yield (*path, *where), en, zh
