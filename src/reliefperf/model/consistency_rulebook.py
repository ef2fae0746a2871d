"""What a model says of findings, consequences and claims against the rest of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from reliefperf.errors import suggestion
from reliefperf.model.document import Path_
from reliefperf.model.spec import ModelSpec
from reliefperf.model.spec_evaluation import EvaluationSpec

ROWS = ("combine:", "decision:")
"""How the names of rows of points.csv begin that are neither indicators nor adjustments."""
Found = tuple[Path_, str, str]
"""Where, and what is wrong in English and Chinese."""


def rulebook_mistakes(
    spec: ModelSpec, steps: tuple[str, ...], whole: Callable[[Path_], bool]
) -> Iterator[Found]:
    """Every disagreement; `steps` are names of rows of points.csv that have a meaning already."""
    if spec.findings is not None:
        names = spec.findings.kind_names
        for name in dict.fromkeys(names):
            if not name.strip() or names.count(name) > 1 or "'" in name:
                yield (
                    ("findings", "kinds"),
                    f"the kind '{name}' is empty, stands twice or holds a quote",
                    f"类型“{name}”为空、重复或含有引号",
                )
    if spec.evaluation is not None:
        pools = tuple(spec.allocation.pools) if spec.allocation is not None else ()
        yield from _consequences(spec.evaluation, pools, steps, whole)


def _consequences(
    spec: EvaluationSpec,
    pools: tuple[str, ...],
    steps: tuple[str, ...],
    whole: Callable[[Path_], bool],
) -> Iterator[Found]:
    grades = [band.grade for band in spec.grades.bands] if spec.grades else []
    grades_are_whole = whole(("evaluation", "grades"))
    taken = {node.id for node in spec.nodes()} | {item.id for item in spec.adjustments}
    ids = [item.id for item in spec.consequences]
    for place, item in enumerate(spec.consequences):
        here = ("evaluation", "consequences", place)
        if item.id in ids[:place]:
            yield (*here, "id"), f"the id '{item.id}' stands twice", f"编号“{item.id}”重复出现"
        elif item.id in taken or item.id in steps or item.id.startswith(ROWS) or "'" in item.id:
            yield (
                (*here, "id"),
                f"'{item.id}' already names rows of points.csv, or holds a quote; give it another id",
                f"“{item.id}”在 points.csv 中已另有含义，或含有引号；请另取编号",
            )
        if item.grade is not None and item.grade not in grades and grades_are_whole:
            en, zh = suggestion(item.grade, grades)
            yield (
                (*here, "grade"),
                f"'{item.grade}' is not a grade{en}",
                f"“{item.grade}”不是等次{zh}",
            )
        if item.effect == "veto" and not grades and grades_are_whole:
            yield (*here, "effect"), "a veto needs `grades`", "一票否决须先定义 grades（等次）"
        for at, pool in enumerate(item.pools):
            if pool not in pools and whole(("allocation", "pools")):
                en, zh = suggestion(pool, pools)
                yield (
                    (*here, "pools", at),
                    f"'{pool}' is not a pool{en}",
                    f"“{pool}”不是资金池{zh}",
                )
