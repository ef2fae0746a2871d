"""Plain data to frozen types, with every mistake at once.

Pydantic stops judging a part once a piece of it is wrong. So what is wrong is noted and cut out,
and the rest is validated again, until what remains is sound: later checks then run on all of it.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from reliefperf.errors import Mistake, did_you_mean, suggestion
from reliefperf.model.document import Document, Path_
from reliefperf.model.registry import Picked
from reliefperf.model.spec_allocation import RULES

MAX_ROUNDS = 200
MOST_SHOWN = 60
"""How much of a value a message repeats."""


def validate[S: BaseModel](
    spec: type[S], document: Document
) -> tuple[S | None, list[Mistake], frozenset[Path_]]:
    """The spec that the document holds, what is wrong with it, and the paths cut out.

    The spec is None only if nothing sound remains.
    """
    if not isinstance(document.data, dict):
        found = document.mistake(
            (),
            "expected keys and values (`model: ...`, with a half-width colon and a space)",
            "文件应由键和值组成（model: ...，半角冒号加空格）",
        )
        return None, [found], frozenset({()})
    data = copy.deepcopy(document.data)
    mistakes: dict[Path_, Mistake] = {}
    cut: set[Path_] = set()
    document.removed.clear()
    for path, whole in document.cut_short.items():
        mistakes[path] = document.mistake(path, *_cut_short(whole))
        cut.add(path)
        _remove(data, path, document)
    for _ in range(MAX_ROUNDS):
        try:
            return spec.model_validate(data), list(mistakes.values()), frozenset(cut)
        except ValidationError as error:
            details = error.errors(include_url=False)
        to_cut: set[Path_] = set()
        for problem in _of_the_meant_branch([_locate(data, detail) for detail in details]):
            path = problem.path[:-1] if problem.lacks_entry else problem.path
            shown = document.original(path)
            caused = any(other[: len(shown)] == shown for other in cut)
            if not caused:
                mistakes.setdefault(shown, _translate(problem, path, document, spec))
            to_cut.add(problem.path[:-1] if problem.kind == "missing" else problem.path)
        if () in to_cut:
            return None, list(mistakes.values()), frozenset({()})
        # from the end, so that places in lists stay right
        for path in sorted(to_cut, key=_sort_key, reverse=True):
            cut.add(document.original(path))
            _remove(data, path, document)
    return None, list(mistakes.values()), frozenset({()})


def _cut_short(whole: str) -> tuple[str, str]:
    """What is said of a value that a comma between { } ended too early."""
    whole = " ".join(whole.split())
    shown = whole if len(whole) <= MOST_SHOWN else whole[: MOST_SHOWN - 3] + "..."
    if "(" in whole:
        return (
            "not an expression: '(' was never closed (between { } or [ ] of YAML a comma ends the "
            f'expression: put it in quotes: "{shown}")',
            "不是合法的表达式（在 YAML 的 { } 或 [ ] 内，逗号会截断表达式：请给表达式加引号："
            f'"{shown}"）',
        )
    first, *rest = (part.strip() for part in whole.split(","))
    if all(len(part) == len("000") for part in rest):
        number = first + "".join(rest)
        return (
            f"a number is written without thousands separators: {number}",
            f"数字不写千位分隔符：{number}",
        )
    return (
        f"a comma ends the number; decimals stand after a point: {first}.{rest[0]}",
        f"逗号会截断数字；小数点请写“.”：{first}.{rest[0]}",
    )


def _sort_key(path: Path_) -> tuple[tuple[str, int], ...]:
    return tuple(("", part) if isinstance(part, int) else (str(part), 0) for part in path)


@dataclass(frozen=True)
class _Problem:
    """One of pydantic's errors: its path in the data, and the branches of unions it stands in.

    `branches` gives, for each union on the way, where it stands and which branch was tried; `others`
    are the errors of the other branches where none of them fits.
    """

    path: Path_
    branches: tuple[tuple[Path_, str], ...]
    detail: ErrorDetails
    others: tuple[ErrorDetails, ...] = ()

    @property
    def kind(self) -> str:
        return self.detail["type"]

    @property
    def lacks_entry(self) -> bool:
        """Whether an entry of a pair is missing."""
        return self.kind == "missing" and isinstance(self.path[-1], int)


def _locate(data: Any, detail: ErrorDetails) -> _Problem:
    path: list[str | int | float] = []
    branches: list[tuple[Path_, str]] = []
    at = data
    loc = detail["loc"]
    for place, step in enumerate(loc):
        last = place == len(loc) - 1
        if isinstance(at, dict):
            key = next((key for key in at if key == step or str(key) == str(step)), None)
            if key is not None:
                path.append(key)
                at = at[key]
                continue
        elif isinstance(at, list) and isinstance(step, int) and step < len(at):
            path.append(step)
            at = at[step]
            continue
        if last and detail["type"] in ("missing", "extra_forbidden", "invalid_key"):
            path.append(step)
        elif step != "[key]":
            branches.append((tuple(path), str(step)))
    return _Problem(tuple(path), tuple(branches), detail)


def _of_the_meant_branch(problems: list[_Problem]) -> list[_Problem]:
    """Of each union only the errors of the branch that fits best; and no 'missing' beside its typo."""
    places = {place for problem in problems for place, _ in problem.branches}
    for union in sorted(places, key=len):
        by_branch: dict[str, list[_Problem]] = {}
        for problem in problems:
            tag = dict(problem.branches).get(union)
            if tag is not None:
                by_branch.setdefault(tag, []).append(problem)
        if len(by_branch) < 2:
            continue
        best = min(
            by_branch.values(),
            key=lambda found: (
                any(p.path == union and p.kind in _WANTED for p in found),
                len(found),
            ),
        )
        rest = tuple(p for found in by_branch.values() if found is not best for p in found)
        dropped = set(map(id, rest))
        if best[0].path == union:
            others = tuple(p.detail for p in rest if p.path == union)
            problems = [replace(p, others=others) if p is best[0] else p for p in problems]
        problems = [problem for problem in problems if id(problem) not in dropped]
    typos = {
        (*p.path[:-1], did_you_mean(str(p.path[-1]), [missing]))
        for p in problems
        if p.kind == "extra_forbidden"
        for missing in [str(q.path[-1]) for q in problems if q.path[:-1] == p.path[:-1]]
    }
    # a pair that lacks an entry is wrong as a whole
    pairs = {p.path[:-1] for p in problems if p.lacks_entry}
    return [
        p
        for p in problems
        if not (p.kind == "missing" and p.path in typos)
        and (p.lacks_entry or not any(p.path[: len(pair)] == pair for pair in pairs))
    ]


def _remove(data: Any, path: Path_, document: Document) -> None:
    parent = data
    for part in path[:-1]:
        if isinstance(parent, dict):
            if part not in parent:
                return
        elif not (isinstance(parent, list) and isinstance(part, int) and part < len(parent)):
            return
        parent = parent[part]
    last = path[-1]
    if isinstance(parent, dict):
        parent.pop(last, None)
    elif isinstance(parent, list) and isinstance(last, int) and last < len(parent):
        *above, place = document.original(path)
        document.removed.setdefault(tuple(above), []).append(int(place))
        del parent[last]


def _fields_at(spec: type[BaseModel], document: Document, path: Path_) -> list[str]:
    """Names that would be right where an unknown key stands."""
    at: list[Any] = [spec]
    value: Any = document.data
    for part in path[:-1]:
        at = [inner for one in at for inner in _below(one, part)]
        value = value[part]
        at = [rule for one in at for rule in _meant(one, value)]
    return list(dict.fromkeys(name for one in at for name in one.model_fields))


def _below(spec: type[BaseModel], part: str | int | float) -> list[Any]:
    """What may stand under a key of a type: annotations, with unions taken apart."""
    if isinstance(spec, _Items):
        return _apart(spec.annotation)
    info = spec.model_fields.get(str(part))
    return _apart(info.annotation, info.metadata) if info is not None else []


@dataclass(frozen=True)
class _Items:
    """A list or a mapping: what its entries are."""

    annotation: Any
    model_fields: Mapping[str, Any] = field(default_factory=dict)


def _apart(annotation: Any, metadata: Sequence[Any] = ()) -> list[Any]:
    picked = next((part for part in metadata if isinstance(part, Picked)), None)
    if picked is not None:
        return [picked]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _apart(parts[0], parts[1:])
    if origin in (list, dict, tuple):
        return [_Items(parts[1] if origin is dict else parts[0])]
    return [inner for part in parts for inner in _apart(part)]


def _meant(spec: Any, value: Any) -> list[Any]:
    """Of a registered rule the class that the keys name; other types as they are."""
    if not isinstance(spec, Picked):
        return [spec]
    keys = value if isinstance(value, dict) else ()
    return [rule for key, rule in spec.register.rules.items() if key in keys]


def _translate(
    problem: _Problem, path: Path_, document: Document, spec: type[BaseModel]
) -> Mistake:
    detail, kind = problem.detail, problem.kind
    context = detail.get("ctx") or {}
    key = str(path[-1]) if path else ""
    if "zh" in context:
        return document.mistake(
            path, str(context["en"]), str(context["zh"]), offset=int(context.get("offset", 0))
        )
    if kind == "missing" and isinstance(detail["loc"][-1], int):
        given, given_zh = _short(_at(document.data, document.original(path)))
        return document.mistake(
            path,
            f"expected a pair [.., ..], found {given}",
            f"此处应为两项的列表 [.., ..]，而写的是{given_zh}",
        )
    if kind == "missing":
        return document.mistake(path, f"'{key}' is missing", f"缺少“{key}”")
    if kind in ("extra_forbidden", "invalid_key"):
        en, zh = suggestion(key, _fields_at(spec, document, document.original(path)))
        if (
            path[:2] == ("allocation", "pools")
            and len(path) == 4
            and key in (*RULES.rules, "rules")
        ):
            stated = f"{key}: ..." if key in RULES.rules else "floor: ..."
            rule = f"{{id: ..., {stated}, pool: {path[2]}}}"
            en = f"; rules stand in `allocation.rules`: {rule}"
            zh = f"；规则写在 allocation.rules 中：{rule}"
        return document.mistake(
            path, f"unknown key '{key}'{en}", f"未知的键“{key}”{zh}", of_key=True
        )
    of_key = detail["loc"][-1:] == ("[key]",)
    given, given_zh = _short(detail.get("input"))
    wanted = [_wanted(one) for one in (detail, *problem.others)]
    wanted = list(dict.fromkeys(words for words in wanted if words is not None))
    if not wanted:
        return document.mistake(
            path, f"{detail['msg']} (found {given})", f"内容不合要求：{given_zh}", of_key=of_key
        )
    near_en = near_zh = ""
    if isinstance(detail.get("input"), str):
        names = [name for one in (detail, *problem.others) for name in _listed(one)]
        near = did_you_mean(str(detail.get("input")), names)
        if near is not None:
            near_en, near_zh = f"; did you mean '{near}'?", f"；是否想写“{near}”？"
    if isinstance(detail.get("input"), list) and _KEYS in wanted:
        return document.mistake(path, *_no_list(key, detail["input"]))
    if isinstance(detail.get("input"), str) and _KEYS in wanted and "：" in str(detail["input"]):
        near_en, near_zh = "; a key ends with `: `, not with `：`", "；键之后应为半角冒号加空格“: ”"
    expected, expected_zh = (part for part in zip(*wanted, strict=True))
    return document.mistake(
        path,
        f"expected {' or '.join(expected)}, found {given}{near_en}",
        f"此处应为{'或'.join(expected_zh)}，而写的是{given_zh}{near_zh}",
        of_key=of_key,
    )


def _at(data: Any, path: Path_) -> Any:
    for part in path:
        data = data[part]
    return data


def _no_list(key: str, given: list[Any]) -> tuple[str, str]:
    """What is said of a list where each entry stands under its name."""
    first = given[0] if given and isinstance(given[0], dict) else {}
    name = next((first[word] for word in ("id", "name") if first.get(word)), "one")
    fields = {word: value for word, value in first.items() if word not in ("id", "name")}
    inside = ", ".join(
        f"{word}: {value}" for word, value in fields.items() if not isinstance(value, dict | list)
    )
    example = f"`{key}:` and below it, indented, `{name}: {{{inside or '...'}}}`"
    example_zh = f"{key}: 之下缩进写 {name}: {{{inside or '...'}}}"
    return (
        f"expected keys and values, found a list; each entry stands under its name, without '-': "
        f"{example}",
        f"此处应为键和值，而写的是列表；每项写在自己的名称之下，不用“-”：{example_zh}",
    )


def _listed(detail: ErrorDetails) -> list[str]:
    """The words that a literal allows."""
    if detail["type"] != "literal_error":
        return []
    listed = str((detail.get("ctx") or {}).get("expected", ""))
    names = [name.strip(" '") for name in listed.replace(" or ", ", ").split(",")]
    return ["true" if name == "True" else name for name in names]


def _wanted(detail: ErrorDetails) -> tuple[str, str] | None:
    """What would be right instead, in both languages."""
    context = detail.get("ctx") or {}
    kind = detail["type"]
    names = _listed(detail)
    if names:
        return (
            ("one of " if len(names) > 1 else "") + ", ".join(names),
            ("下列之一：" if len(names) > 1 else "") + "、".join(names),
        )
    if kind in _LIMITS:
        sign, word, word_zh = _LIMITS[kind]
        limit = context.get(sign)
        return f"{word} {limit}", f"{word_zh} {limit}"
    return _WANTED.get(kind)


_LIMITS = {
    "greater_than_equal": ("ge", "at least", "不小于"),
    "greater_than": ("gt", "more than", "大于"),
    "less_than_equal": ("le", "at most", "不大于"),
    "less_than": ("lt", "less than", "小于"),
    "string_too_long": ("max_length", "a text no longer than", "文本，长度不超过"),
}
_KEYS = ("keys and values", "键和值")
_LIST = ("a list", "列表")
_WANTED = {
    "string_type": ("a text (in quotes if it looks like a number)", "文本（形似数字的请加引号）"),
    "float_type": ("a number", "数字"),
    "float_parsing": ("a number", "数字"),
    "finite_number": ("a number", "数字"),
    "int_type": ("a whole number", "整数"),
    "int_from_float": ("a whole number", "整数"),
    "int_parsing": ("a whole number", "整数"),
    "int_parsing_size": ("a whole number", "整数"),
    "bool_type": ("true or false", "true 或 false"),
    "bool_parsing": ("true or false", "true 或 false"),
    "list_type": _LIST,
    "tuple_type": _LIST,
    "dict_type": _KEYS,
    "model_type": _KEYS,
    "model_attributes_type": _KEYS,
    "literal_error": ("", ""),
    "too_short": ("at least one entry", "至少一项"),
    "too_long": ("fewer entries", "更少的项"),
    "string_too_short": ("a text that is not empty", "非空文本"),
    "string_pattern_mismatch": (
        "a name of letters, digits, '-', '_' and '.'",
        "由字母、数字、-、_、. 组成的名称",
    ),
}


def _short(value: object) -> tuple[str, str]:
    """What was written, short enough for a message."""
    if value is None:
        return "nothing", "空"
    if isinstance(value, bool):
        return str(value).lower(), f" {str(value).lower()}"
    if isinstance(value, dict):
        shown = "{" + ", ".join(map(str, list(value)[:4])) + "}"
    else:
        shown = repr(value)
    shown = shown if len(shown) <= 40 else shown[:37] + "..."
    return shown, f" {shown}"
