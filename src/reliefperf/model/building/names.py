"""What a model names: each name once, none reserved, and the kinds of what the data give."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from keyword import iskeyword
from typing import Any

from reliefperf.model.building.draft import Draft
from reliefperf.model.building.unknowns import check_unknowns, unknowns
from reliefperf.model.claimed import claimed_nodes
from reliefperf.model.compiling import LOOKED_UP, MISSING
from reliefperf.model.document import Path_
from reliefperf.model.environment import Kind
from reliefperf.model.expressions import ORDINARY_WORDS, normalise
from reliefperf.model.functions import FUNCTIONS
from reliefperf.model.parameters import Dated
from reliefperf.model.spec import ModelSpec
from reliefperf.model.spec_rulebook import STATUSES, consequence_key, findings_key, part_key

REGION_COLUMNS: dict[str, Kind] = {
    "region": "text",
    "region_name": "text",
    "parent": "text",
    "level": "text",
    "period": "text",
}
"""Columns that every environment has."""

RESERVED = {
    *REGION_COLUMNS,
    MISSING,
    "score",
    "grade",
    "rank",
    "improvement",
    "improvement_rank",
    "improvement_grade",
    "budget",
    "value",
    "full_marks",
    "amount",
    "entitlement",
    "previous",
    "total",
}
"""Names that a model cannot give to things of its own."""

IMPROVEMENT: dict[str, Kind] = {
    "improvement": "number",
    "improvement_grade": "text",
    "improvement_rank": "number",
}
"""What `evaluation.improvement` gives."""


@dataclass
class Names:
    """The names of a model.

    `data` has the kinds of what is known before the evaluation, `rulebook` of claims and
    consequences. `lost` are names whose definition is wrong, whose use must not give rise to more
    mistakes; with `all_lost` any unknown name may be one.
    """

    nodes: list[str]
    pools: list[str]
    data: dict[str, Kind]
    rulebook: dict[str, Kind]
    lost: set[str]
    all_lost: bool


type _Place = tuple[str, Path_, str, str]
"""A name, where it stands, and what it names in English and Chinese."""


def names_of(draft: Draft, parameters: Mapping[str, float | str | Dated]) -> Names:
    """Every name of a model; those that clash are mistakes."""
    places = _places(draft.spec)
    parts_lost = _no_clash(draft, places)
    _no_clash_of_unknowns(draft, places)
    nodes = [name for name, path, _, _ in places if path[0] == "evaluation"]
    pools = [name for name, path, _, _ in places if path[0] == "allocation"]
    data = _data_kinds(draft.spec)
    for name, value in parameters.items():
        data[name] = "text" if isinstance(value, str) else "number"
    lost, all_lost = _lost(draft)
    lost |= parts_lost
    return Names(nodes, pools, data, _rulebook_kinds(draft.spec), lost - set(nodes), all_lost)


def _places(spec: ModelSpec) -> list[_Place]:
    places: list[_Place] = []
    for section, en, zh in (
        ("variables", "a variable", "变量"),
        ("parameters", "a parameter", "参数"),
        ("tables", "a table", "表"),
        ("derived", "a derived column", "派生列"),
    ):
        places += [(name, (section, name), en, zh) for name in getattr(spec, section)]
    if spec.evaluation is not None:
        for place, node in enumerate(spec.evaluation.tree):
            for path, found in _node_paths(node, ("evaluation", "tree", place)):
                places.append((found, (*path, "id"), "a node of the tree", "评价节点"))
    if spec.allocation is not None:
        for name in spec.allocation.pools:
            places.append((name, ("allocation", "pools", name), "a pool", "资金池"))
    return places


def _no_clash(draft: Draft, places: list[_Place]) -> set[str]:
    """Note names that clash; gives what expressions make of names that they cannot write."""
    seen: dict[str, tuple[str, str]] = {}
    parts: set[str] = set()
    for name, path, en, zh in places:
        if name in seen:
            draft.wrong(
                path,
                f"'{name}' is already {seen[name][0]}; give {en} another name",
                f"“{name}”已是{seen[name][1]}的名称；请为{zh}另取名",
                of_key=path[-1] != "id",
            )
        elif name in RESERVED or (name == "name" and path[-1] == "id"):
            draft.wrong(
                path,
                f"'{name}' is a word of the language; choose another name (for a variable, "
                f"`column: {name}` keeps the heading of the file)",
                f"“{name}”是语言保留的名称；请另取名（变量可用 column: {name} 保留表头）",
                of_key=path[-1] != "id",
            )
        elif (name in FUNCTIONS or name in LOOKED_UP) and path[0] == "tables":
            draft.wrong(
                path,
                f"'{name}' is a function of the language; name the table differently",
                f"“{name}”是内置函数名；请为表另取名",
                of_key=True,
            )
        elif not _is_name(name) and (
            path[0] in ("variables", "parameters", "derived", "tables")
            or name.isidentifier()  # other ids of nodes and pools are not meant for expressions
        ):
            draft.wrong(
                path,
                f"'{name}' cannot be used in expressions: use letters, digits and '_', not "
                "starting with a digit (for a variable, `column:` keeps the heading)",
                f"“{name}”不能用于表达式：请用字母、汉字、数字和下划线，且不以数字开头（变量可用 column 保留表头）",
                of_key=True,
            )
            parts.update(re.findall(r"\w+", normalise(name)[0]))
        seen.setdefault(name, (en, zh))
    return parts


def _no_clash_of_unknowns(draft: Draft, places: list[_Place]) -> None:
    taken = dict.fromkeys(
        (*RESERVED, *FUNCTIONS, *LOOKED_UP), ("a word of the language", "语言保留的名称")
    )
    taken |= {name: (en, f"{zh}的名称") for name, _, en, zh in places}
    check_unknowns(draft, taken, {name: _is_name(name) for name in unknowns(draft)})


def _data_kinds(spec: ModelSpec) -> dict[str, Kind]:
    type_kind: dict[str, Kind] = {"text": "text", "boolean": "bool"}
    kinds = dict(REGION_COLUMNS)
    for name, variable in spec.variables.items():
        kind = kinds[name] = type_kind.get(variable.type, "number")
        for part in ("self", "verified"):
            if getattr(variable, part) is not None:
                kinds[part_key(part, name)] = kind
    if spec.findings is not None:
        for status in STATUSES:
            for name in ("", *spec.findings.kind_names):
                kinds[findings_key(name, status)] = "number"
    return kinds


def _rulebook_kinds(spec: ModelSpec) -> dict[str, Kind]:
    if spec.evaluation is None:
        return {}
    kinds: dict[str, Kind] = {
        part_key("claimed", name): "number" for name in claimed_nodes(spec.evaluation)
    }
    return kinds | {consequence_key(item.id): "bool" for item in spec.evaluation.consequences}


def _lost(draft: Draft) -> tuple[set[str], bool]:
    """Names whose definition was cut out, and whether there may be more."""
    raw = draft.document.data
    lost: set[str] = set()
    all_lost = False
    for path in draft.cut:
        match path:
            case ("variables" | "parameters" | "tables" | "derived" as section, *rest):
                if rest:
                    lost.add(str(rest[0]))
                elif isinstance(raw.get(section), dict):
                    lost.update(map(str, raw[section]))
                else:
                    all_lost = True
            case ("findings", *_):
                lost.add("findings()")
            case ("evaluation", "consequences", *_):
                lost.add("consequence()")
            case ("evaluation",):
                lost.update(("score", "grade", "rank"), _ids_in(raw["evaluation"]))
                lost.update(IMPROVEMENT)
                lost.update(("claimed()", "consequence()"))
            case ("allocation",):
                lost.update(("amount", "entitlement", "budget"))
                if isinstance(raw["allocation"], dict):
                    lost.update(map(str, _keys_of(raw["allocation"].get("pools"))))
            case ("allocation", "pools", pool, *_):
                lost.add(str(pool))
            case ("allocation", "budget"):
                lost.add("budget")
            case ("evaluation", "tree", *_):
                lost.update(_ids_in(raw["evaluation"]))
    return lost, all_lost


def _ids_in(raw: Any) -> Iterator[str]:
    """The ids that stand in a raw part of the document."""
    if isinstance(raw, dict):
        if isinstance(raw.get("id"), str):
            yield raw["id"]
        raw = list(raw.values())
    if isinstance(raw, list):
        for item in raw:
            yield from _ids_in(item)


def _keys_of(raw: Any) -> list[Any]:
    return list(raw) if isinstance(raw, dict) else []


def _is_name(name: str) -> bool:
    """Whether expressions can refer to a name as it is written."""
    return (
        name.isidentifier()
        and not (iskeyword(name) and name not in ORDINARY_WORDS)
        and not name.startswith("_")
        and normalise(name)[0] == name
    )


def _node_paths(node: Any, path: Path_) -> Iterator[tuple[Path_, str]]:
    yield path, node.id
    for place, child in enumerate(node.children):
        yield from _node_paths(child, (*path, "children", place))
