"""Plain data to frozen types, with every mistake at once.

Pydantic stops judging a part once a piece of it is wrong. So what is wrong is noted and cut out,
and the rest is validated again, until what remains is sound: later checks then run on all of it.
"""

from __future__ import annotations

import copy
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from reliefperf.errors import Mistake, suggestion
from reliefperf.model.document import Document, Path_

MAX_ROUNDS = 200


def validate[S: BaseModel](
    spec: type[S], document: Document
) -> tuple[S | None, list[Mistake], frozenset[Path_]]:
    """The spec that the document holds, what is wrong with it, and the paths cut out.

    The spec is None only if nothing sound remains.
    """
    if not isinstance(document.data, dict):
        found = document.mistake(
            (), "expected keys and values (`model: ...`)", "文件应由键和值组成（model: ...）"
        )
        return None, [found], frozenset({()})
    data = copy.deepcopy(document.data)
    mistakes: dict[tuple[Path_, str], Mistake] = {}
    cut: set[Path_] = set()
    removed: dict[Path_, list[int]] = {}
    for _ in range(MAX_ROUNDS):
        try:
            return spec.model_validate(data), list(mistakes.values()), frozenset(cut)
        except ValidationError as error:
            details = error.errors(include_url=False)
        to_cut: set[Path_] = set()
        for detail in details:
            path = _real_path(data, detail["loc"])
            shown = _original(path, removed)
            caused = any(other[: len(shown)] == shown for other in cut)
            if not caused:
                mistake = _translate(detail, shown, document, spec)
                mistakes.setdefault((shown, mistake.en), mistake)
            to_cut.add(_cut_place(detail, path))
        if () in to_cut:
            return None, list(mistakes.values()), frozenset({()})
        # from the end, so that places in lists stay right
        for path in sorted(to_cut, key=_sort_key, reverse=True):
            cut.add(_original(path, removed))
            _remove(data, path, removed)
    return None, list(mistakes.values()), frozenset({()})


def _sort_key(path: Path_) -> tuple[tuple[str, int], ...]:
    return tuple(("", part) if isinstance(part, int) else (str(part), 0) for part in path)


def _real_path(data: Any, loc: tuple[int | str, ...]) -> Path_:
    """The error's location without the steps that pydantic adds for unions and keys."""
    path: list[str | int | float] = []
    at = data
    for step in loc:
        if isinstance(at, dict):
            key = next((key for key in at if key == step or str(key) == str(step)), None)
            if key is not None:
                path.append(key)
                at = at[key]
            elif step == loc[-1] and not _is_union_step(str(step)):
                path.append(step)
        elif isinstance(at, list) and isinstance(step, int) and step < len(at):
            path.append(step)
            at = at[step]
    return tuple(path)


def _is_union_step(step: str) -> bool:
    return (
        step == "[key]"
        or any(mark in step for mark in "[]()")
        or step[:1].isupper()
        or step
        in (
            "str",
            "int",
            "float",
            "bool",
            "constrained-str",
        )
        or step.startswith("literal")
    )


def _cut_place(detail: ErrorDetails, path: Path_) -> Path_:
    return path[:-1] if detail["type"] == "missing" else path


def _remove(data: Any, path: Path_, removed: dict[Path_, list[int]]) -> None:
    parent = data
    for part in path[:-1]:
        if isinstance(parent, dict):
            if part not in parent:
                return
        elif not (isinstance(parent, list) and isinstance(part, int) and part < len(parent)):
            return
        parent = parent[part]
    if isinstance(parent, dict):
        parent.pop(path[-1], None)
    elif isinstance(parent, list) and isinstance(path[-1], int) and path[-1] < len(parent):
        removed.setdefault(path[:-1], []).append(_original(path, removed)[-1])  # type: ignore[arg-type]
        del parent[path[-1]]


def _original(path: Path_, removed: dict[Path_, list[int]]) -> Path_:
    """The path in the file of something whose elder siblings may have been cut out."""
    result: list[str | int | float] = []
    for place, part in enumerate(path):
        gone = removed.get(path[:place])
        if gone and isinstance(part, int):
            for index in sorted(gone):
                if index <= part:
                    part += 1  # noqa: PLW2901
        result.append(part)
    return tuple(result)


def _fields_at(
    spec: type[BaseModel], detail: ErrorDetails, document: Document, path: Path_
) -> list[str]:
    """Names that would be right where an unknown key stands."""
    at: Any = spec
    for part in path[:-1]:
        at = _descend(at, part)
        if at is None:
            break
    parent: Any = document.data
    for part in path[:-1]:
        parent = parent[part]
    if isinstance(at, type) and issubclass(at, BaseModel):
        return list(at.model_fields)
    from reliefperf.model.spec_allocation import RULES
    from reliefperf.model.spec_evaluation import SCORING

    if isinstance(parent, dict):
        for rules in (SCORING.rules, RULES.rules):
            for key, rule in rules.items():
                if key in parent:
                    return list(rule.model_fields)
    return []


def _descend(spec: Any, part: str | int | float) -> Any:
    if not (isinstance(spec, type) and issubclass(spec, BaseModel)):
        return spec if isinstance(part, int) else _inner(spec)
    info = spec.model_fields.get(str(part))
    return _inner(info.annotation) if info is not None else None


def _inner(annotation: Any) -> Any:
    """The one model class inside list[...], dict[..., ...] or ... | None."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        found = _inner(part)
        if found is not None:
            return found
    return None


def _translate(
    detail: ErrorDetails, path: Path_, document: Document, spec: type[BaseModel]
) -> Mistake:
    kind, context = detail["type"], detail.get("ctx") or {}
    key = str(path[-1]) if path else ""
    if "zh" in context:
        return document.mistake(
            path, str(context["en"]), str(context["zh"]), offset=int(context.get("offset", 0))
        )
    if kind == "missing":
        return document.mistake(path, f"'{key}' is missing", f"缺少“{key}”")
    if kind == "extra_forbidden":
        en, zh = suggestion(key, _fields_at(spec, detail, document, path))
        return document.mistake(
            path, f"unknown key '{key}'{en}", f"未知的键“{key}”{zh}", of_key=True
        )
    given = _short(detail.get("input"))
    wanted_en, wanted_zh = _WANTED.get(kind, ("", ""))
    if kind in ("literal_error", "enum"):
        listed = str(context.get("expected", ""))
        names = [name.strip(" '") for name in listed.replace(" or ", ", ").split(",")]
        en, zh = suggestion(str(detail.get("input")), names)
        return document.mistake(
            path, f"{given} is not one of {listed}{en}", f"{given} 不在 {listed} 之中{zh}"
        )
    if wanted_en:
        return document.mistake(
            path, f"expected {wanted_en}, found {given}", f"此处应为{wanted_zh}，而写的是 {given}"
        )
    return document.mistake(
        path, f"{detail['msg']} (found {given})", f"内容不合要求：{given}（{detail['msg']}）"
    )


_WANTED = {
    "string_type": ("a text (put it in quotes)", "文本（请加引号）"),
    "float_type": ("a number", "数字"),
    "float_parsing": ("a number", "数字"),
    "int_type": ("a whole number", "整数"),
    "int_from_float": ("a whole number", "整数"),
    "int_parsing": ("a whole number", "整数"),
    "bool_type": ("true or false", "true 或 false"),
    "bool_parsing": ("true or false", "true 或 false"),
    "list_type": ("a list", "列表"),
    "tuple_type": ("a list", "列表"),
    "dict_type": ("keys and values", "键和值"),
    "model_type": ("keys and values", "键和值"),
    "model_attributes_type": ("keys and values", "键和值"),
    "too_short": ("at least one entry", "至少一项"),
    "string_pattern_mismatch": (
        "a name of letters, digits, '-', '_' and '.'",
        "由字母、数字、-、_、. 组成的名称",
    ),
}


def _short(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(map(str, list(value)[:4])) + "}"
    shown = repr(value)
    return shown if len(shown) <= 40 else shown[:37] + "..."
