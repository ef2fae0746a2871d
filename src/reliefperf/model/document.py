"""YAML with positions: plain values, and for each path the line and column it stands at.

Refused with a message: aliases, duplicate keys, tags, files over the size limit, and numbers that
look like region codes but are not quoted (a leading zero would be lost).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from reliefperf.errors import InputError, Mistake

MAX_BYTES = 2_000_000
"""Largest model or scenario file."""
MAX_NESTING = 100

Path_ = tuple[str | int | float, ...]
Position = tuple[str, int, int]

_PREFIX = "tag:yaml.org,2002:"
_LEADING_ZERO = re.compile(r"[-+]?0\d+")
_CODE_KEY = re.compile(r"\d{6}|\d{9}|\d{12}")


@dataclass
class Document:
    """A YAML file as plain dicts, lists and scalars, with positions of keys and values by path."""

    file: str
    data: Any
    values: dict[Path_, Position] = field(default_factory=dict)
    keys: dict[Path_, Position] = field(default_factory=dict)

    def position(self, path: Path_, *, of_key: bool = False) -> Position:
        """Where a path stands; for one that does not exist, where its nearest parent stands."""
        if of_key and path in self.keys:
            return self.keys[path]
        while path:
            found = self.values.get(path) or self.keys.get(path)
            if found is not None:
                return found
            path = path[:-1]
        return self.values.get((), (self.file, 1, 1))

    def mistake(
        self, path: Path_, en: str, zh: str, *, of_key: bool = False, offset: int = 0
    ) -> Mistake:
        """A mistake at a path; `offset` counts characters into a scalar."""
        file, line, column = self.position(path, of_key=of_key)
        return Mistake(file, line, column + offset, en, zh, dotted(path))


def dotted(path: Path_) -> str:
    """A path as a person writes it: allocation.pools.award.share."""
    return ".".join(str(part) for part in path)


def load_document(path: Path, shown: str | None = None) -> Document:
    """Read one YAML file; raises InputError with every place that is wrong."""
    name = shown or path.name
    text = _read(path, name)
    return parse_document(text, name)


def _read(path: Path, name: str) -> str:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InputError(
                Mistake.at(
                    f"the file has {size:,} bytes; at most {MAX_BYTES:,} are read. Put tables into "
                    "CSV files beside it",
                    f"文件有 {size} 字节，最多 {MAX_BYTES} 字节。请把表格放到旁边的 CSV 文件",
                    file=name,
                )
            )
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(
            Mistake.at(
                f"cannot be read: {error.strerror}", f"无法读取：{error.strerror}", file=name
            )
        ) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InputError(
            Mistake.at(
                "a model file must be UTF-8; save it as UTF-8",
                "模型文件必须是 UTF-8 编码；请另存为 UTF-8",
                file=name,
                line=line,
            )
        ) from None


def parse_document(text: str, name: str) -> Document:
    """Parse YAML text; `name` is shown in messages."""
    try:
        _refuse_aliases(text, name)
        root = YAML(typ="rt", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (0, 0)
        problem = " ".join(str(error.problem or error.context or "").split())
        raise InputError(
            Mistake(
                name,
                line,
                column,
                f"not valid YAML: {problem} (check indentation, colons and quotes)",
                "YAML 语法错误（请检查缩进、冒号与引号）",
            )
        ) from None
    except (YAMLError, RecursionError, ValueError) as error:
        first = str(error).splitlines()[0] if str(error) else "nested too deeply"
        raise InputError(
            Mistake.at(f"not valid YAML: {first}", "YAML 语法错误", file=name)
        ) from None
    document = Document(name, None)
    mistakes: list[Mistake] = []
    if root is None:
        raise InputError(Mistake.at("the file is empty", "文件为空", file=name, line=1, column=1))
    document.data = _build(root, (), document, mistakes)
    if mistakes:
        raise InputError(sorted(mistakes))
    return document


def _refuse_aliases(text: str, name: str) -> None:
    mistakes = []
    for event in YAML(typ="rt", pure=True).parse(text):
        if isinstance(event, AliasEvent):
            mark = event.start_mark
            mistakes.append(
                Mistake(
                    name,
                    mark.line + 1,
                    mark.column + 1,
                    f"aliases (*{event.anchor}) are not allowed: write the value out",
                    f"不允许使用别名（*{event.anchor}）：请直接写出内容",
                )
            )
    if mistakes:
        raise InputError(mistakes)


def _build(node: Node, path: Path_, document: Document, mistakes: list[Mistake]) -> Any:
    mark = node.start_mark
    quoted = isinstance(node, ScalarNode) and node.style in ("'", '"')
    document.values[path] = (document.file, mark.line + 1, mark.column + 1 + quoted)

    def wrong(en: str, zh: str, at: Node = node) -> None:
        start = at.start_mark
        mistakes.append(
            Mistake(document.file, start.line + 1, start.column + 1, en, zh, dotted(path))
        )

    if len(path) > MAX_NESTING:
        wrong("nested too deeply", "嵌套过深")
        return None
    match node:
        case MappingNode():
            mapping: dict[Any, Any] = {}
            for key_node, value_node in node.value:
                if not isinstance(key_node, ScalarNode):
                    wrong("a key must be a text or a number", "键必须是文本或数字", key_node)
                    continue
                key = _scalar(key_node, wrong, is_key=True)
                if key in mapping:
                    wrong(
                        f"the key '{key}' stands twice; the first would be lost",
                        f"键“{key}”重复出现，前一个会丢失",
                        key_node,
                    )
                    continue
                here = (*path, key)
                at = key_node.start_mark
                document.keys[here] = (document.file, at.line + 1, at.column + 1)
                mapping[key] = _build(value_node, here, document, mistakes)
            return mapping
        case SequenceNode():
            return [
                _build(item, (*path, place), document, mistakes)
                for place, item in enumerate(node.value)
            ]
        case ScalarNode():
            return _scalar(node, wrong)
    wrong("unexpected YAML", "无法识别的 YAML 内容")
    return None


def _scalar(node: ScalarNode, wrong: Any, *, is_key: bool = False) -> Any:
    text, tag = str(node.value), str(node.tag)
    if node.style in ("'", '"', "|", ">"):
        if not tag.startswith(_PREFIX) and tag != "!":
            wrong(f"tags are not allowed: {tag}", f"不允许使用标签：{tag}", node)
        # ruamel marks where a folded text was folded
        return text.replace("\a", "") if node.style == ">" else text
    kind = tag.removeprefix(_PREFIX)
    if _LEADING_ZERO.fullmatch(text) or (is_key and _CODE_KEY.fullmatch(text)):
        wrong(
            f'a region code must be quoted: write "{text}" (unquoted it is a number and a leading '
            "zero is lost)",
            f'地区代码必须加引号：请写 "{text}"（不加引号会被当作数字，前导零会丢失）',
            node,
        )
        return text
    match kind:
        case "null":
            return None
        case "bool":
            return text.lower() == "true"
        case "int":
            try:
                return int(text.replace("_", ""), 0)
            except ValueError:
                return text
        case "float":
            try:
                number = float(text.replace("_", ""))
            except ValueError:
                number = float("nan")
            if number - number != 0:
                wrong(
                    f"'{text}' is not a number that can be used",
                    f"“{text}”不是可用的数字",
                    node,
                )
            return number
        case "str" | "timestamp":
            return text
    wrong(f"tags are not allowed: {tag}", f"不允许使用标签：{tag}", node)
    return None


def walk_paths(data: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Every path in plain data, parents first."""
    yield path
    if isinstance(data, dict):
        for key, value in data.items():
            yield from walk_paths(value, (*path, key))
    elif isinstance(data, list):
        for place, value in enumerate(data):
            yield from walk_paths(value, (*path, place))
