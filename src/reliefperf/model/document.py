"""YAML with positions: plain values, and for each path the line and column it stands at.

Refused with a message: aliases, duplicate keys, tags, directives, files over the size limit, and
numbers that look like region codes but are not quoted (a leading zero would be lost). The values
are built from the parser's events, so that a hostile file is refused before anything grows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from reliefperf.errors import InputError, Mistake

MAX_BYTES = 500_000
"""Largest model or scenario file."""
MAX_NESTING = 100
LONGEST_NUMBER = 300

Path_ = tuple[str | int | float, ...]
Position = tuple[str, int, int]

_LEADING_ZERO = re.compile(r"[-+]?0[0-9_]*[0-9]")
_CODE_KEY = re.compile(r"[0-9]{6}|[0-9]{9}|[0-9]{12}")
_NULL = re.compile(r"~|null|Null|NULL|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+(?:_[0-9]+)*|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:_[0-9]+)*(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_DIGITS = re.compile(r"[-+]?[0-9]+(?:\s*,\s*[0-9]+)*")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


@dataclass
class Document:
    """A YAML file as plain dicts, lists and scalars, with positions of keys and values by path.

    `folded` holds the paths of texts over several lines, where a place in the text says nothing of
    the place in the file. `removed` says which entries of which lists validation has cut out.
    `cut_short` has the values that a comma between { } ended too early, as they were meant. `text` is
    the file as it was read.
    """

    file: str
    data: Any
    values: dict[Path_, Position] = field(default_factory=dict)
    keys: dict[Path_, Position] = field(default_factory=dict)
    folded: set[Path_] = field(default_factory=set)
    removed: dict[Path_, list[int]] = field(default_factory=dict)
    cut_short: dict[Path_, str] = field(default_factory=dict)
    text: str = field(default="", repr=False)

    def original(self, path: Path_) -> Path_:
        """The path in the file of something whose elder siblings may have been cut out."""
        result: list[str | int | float] = []
        for part in path:
            if isinstance(part, int):
                for index in sorted(self.removed.get(tuple(result), ())):
                    if index <= part:
                        part += 1  # noqa: PLW2901
            result.append(part)
        return tuple(result)

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
        path = self.original(path)
        file, line, column = self.position(path, of_key=of_key)
        if path not in self.folded:
            column += offset
        return Mistake(file, line, column, en, zh, dotted(path))


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


_FULL_WIDTH_KEY = re.compile(r"[\s\-{,\[]*[^\s:：'\"#{\[,]+\s*(：)")
"""The beginning of a line whose key ends with the colon of Chinese texts."""


def _full_width(name: str, text: str, line: int) -> Mistake | None:
    """The mistake of a key with a full-width colon, in this line or one before it that it goes on."""
    lines = text.splitlines()
    for at in range(min(line, len(lines)), max(line - 3, 0), -1):
        found = _FULL_WIDTH_KEY.match(lines[at - 1])
        if found is not None:
            return Mistake(
                name,
                at,
                found.start(1) + 1,
                "a key ends with a half-width colon and a space, `: `, not with `：`",
                "键之后应为半角冒号加空格“: ”，而不是全角冒号“：”",
            )
    return None


def parse_document(text: str, name: str) -> Document:
    """Parse YAML text; `name` is shown in messages."""
    document = Document(name, None, text=text)
    builder = _Builder(document)
    try:
        document.data = builder.build(YAML(typ="safe", pure=True).parse(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        problem = " ".join(str(error.problem or error.context or "").split())
        builder.mistakes.append(
            _full_width(name, text, line)
            or Mistake(
                name,
                line,
                column,
                f"not valid YAML: {problem} (check indentation, colons and quotes)",
                "YAML 语法错误（请检查缩进、冒号与引号）",
            )
        )
    except ReaderError as error:
        before = text[: error.position]
        builder.mistakes.append(
            Mistake(
                name,
                before.count("\n") + 1,
                len(before) - before.rfind("\n"),
                f"the character U+{ord(text[error.position]):04X} cannot be used in a YAML file",
                f"YAML 文件中不能使用字符 U+{ord(text[error.position]):04X}",
            )
        )
    except _StopError:
        pass
    if builder.mistakes:
        raise InputError(sorted(builder.mistakes))
    return document


class _StopError(Exception):
    """What follows in the file cannot be judged."""


@dataclass(frozen=True)
class _Entry:
    """An entry of a mapping between { } whose value is written without quotes, up to `end`."""

    path: Path_
    value: Event
    end: Event

    def whole(self, text: str) -> str:
        """The value as it stands in the file."""
        return text[self.value.start_mark.index : self.end.end_mark.index]

    def goes_on(self, key: Event, value: Event, text: str) -> bool:
        """Whether what looks like a key without a value is the rest of this value."""
        if not isinstance(value, ScalarEvent) or value.value or value.style is not None:
            return False
        if ":" in text[key.end_mark.index : value.start_mark.index]:
            return False
        so_far, more = self.whole(text), text[key.start_mark.index : key.end_mark.index]
        if so_far.count("(") > so_far.count(")"):
            return True
        return bool(_DIGITS.fullmatch(so_far) and more.isdecimal())


class _Builder:
    """Plain values from events; what is wrong is collected, and reading goes on where it can."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.mistakes: list[Mistake] = []

    def wrong(self, event: Event, path: Path_, en: str, zh: str) -> None:
        mark = event.start_mark
        self.mistakes.append(
            Mistake(self.document.file, mark.line + 1, mark.column + 1, en, zh, dotted(path))
        )

    def build(self, events: Iterator[Event]) -> Any:
        """The value of the one document that the events hold."""
        self.events = events
        documents = 0
        value: Any = None
        for event in events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.wrong(
                        event,
                        (),
                        "a file holds one document; a second begins here (---)",
                        "一个文件只能有一个文档；此处开始了第二个（---）",
                    )
                    raise _StopError
                if event.version or event.tags:
                    self.wrong(event, (), "directives (%) are not allowed", "不允许使用 % 指令")
                value = self._value(next(events), ())
        if documents == 0 or (value is None and () not in self.document.values):
            self.mistakes.append(Mistake(self.document.file, 1, 1, "the file is empty", "文件为空"))
        return value

    def _value(self, event: Event, path: Path_) -> Any:
        if isinstance(event, AliasEvent):
            self.wrong(
                event,
                path,
                f"aliases (*{event.anchor}) are not allowed: write the value out",
                f"不允许使用别名（*{event.anchor}）：请直接写出内容",
            )
            return None
        if not isinstance(event, ScalarEvent | MappingStartEvent | SequenceStartEvent):
            self.wrong(event, path, "unexpected YAML", "无法识别的 YAML 内容")
            raise _StopError
        if len(path) > MAX_NESTING:
            self.wrong(event, path, "nested too deeply", "嵌套过深")
            raise _StopError
        if event.tag is not None:
            tag = str(event.tag).replace("tag:yaml.org,2002:", "!!")[:40]
            self.wrong(event, path, f"tags are not allowed: {tag}", f"不允许使用标签：{tag}")
        self._note_position(event, path)
        if isinstance(event, MappingStartEvent):
            return self._mapping(path, flow=bool(event.flow_style))
        if isinstance(event, SequenceStartEvent):
            items: list[Any] = []
            while not isinstance(item := next(self.events), SequenceEndEvent):
                items.append(self._value(item, (*path, len(items))))
            return items
        return self._scalar(event, path)

    def _note_position(self, event: Event, path: Path_) -> None:
        start, end = event.start_mark, event.end_mark
        quoted = isinstance(event, ScalarEvent) and event.style in ("'", '"')
        if isinstance(event, ScalarEvent):
            if path == () and event.value == "" and not quoted:
                return
            if start.line != end.line:
                self.document.folded.add(path)
        self.document.values[path] = (
            self.document.file,
            start.line + 1,
            start.column + 1 + quoted,
        )

    def _mapping(self, path: Path_, *, flow: bool) -> dict[Any, Any]:
        mapping: dict[Any, Any] = {}
        before: _Entry | None = None
        while not isinstance(event := next(self.events), MappingEndEvent):
            if not isinstance(event, ScalarEvent):
                self.wrong(event, path, "a key must be a text or a number", "键必须是文本或数字")
                raise _StopError
            value = next(self.events)
            if flow and before is not None and before.goes_on(event, value, self.document.text):
                before = replace(before, end=event)
                self.document.cut_short[before.path] = before.whole(self.document.text)
                continue
            key = self._key(event, path)
            here = (*path, key)
            if key in mapping:
                self.wrong(
                    event,
                    here,
                    f"the key '{key}' stands twice; the first would be lost",
                    f"键“{key}”重复出现，前一个会丢失",
                )
                self._value(value, here)
                continue
            mark = event.start_mark
            self.document.keys[here] = (self.document.file, mark.line + 1, mark.column + 1)
            mapping[key] = self._value(value, here)
            plain = isinstance(value, ScalarEvent) and value.style is None
            before = _Entry(here, value, value) if plain else None
        return mapping

    def _key(self, event: ScalarEvent, path: Path_) -> Any:
        text = str(event.value)
        if event.tag is not None:
            self.wrong(event, path, "tags are not allowed", "不允许使用标签")
        if event.style is None and text == "<<":
            self.wrong(
                event,
                path,
                "merge keys (<<) are not allowed: write the values out",
                "不允许使用合并键（<<）：请直接写出内容",
            )
            return text
        if event.style is None and (_NULL.fullmatch(text) or _BOOL.fullmatch(text)):
            self.wrong(
                event,
                path,
                f'the key "{text}" must stand in quotes' if text else "a key is empty",
                f'键 "{text}" 必须加引号' if text else "键为空",
            )
            return text
        return self._scalar(event, path, is_key=True)

    def _scalar(self, event: ScalarEvent, path: Path_, *, is_key: bool = False) -> Any:
        text = str(event.value)
        if not _is_unicode(text):
            self.wrong(
                event, path, "the text holds half a character (\\ud800)", "文本含有不完整的字符"
            )
            return ""
        if event.style is not None:
            return text
        if _LEADING_ZERO.fullmatch(text) or (is_key and _CODE_KEY.fullmatch(text)):
            self.wrong(
                event,
                path,
                f'a region code must be quoted: write "{text}" (unquoted it is a number and a '
                "leading zero is lost)",
                f'地区代码必须加引号：请写 "{text}"（不加引号会被当作数字，前导零会丢失）',
            )
            return text
        if _NULL.fullmatch(text):
            return None
        if _BOOL.fullmatch(text):
            return text.lower() == "true"
        if _INT.fullmatch(text) and len(text) < LONGEST_NUMBER:
            return int(text.replace("_", ""), 0)
        if _INT.fullmatch(text) or _FLOAT.fullmatch(text) or _NOT_FINITE.fullmatch(text):
            number = float("nan")
            if not _NOT_FINITE.fullmatch(text) and len(text) < LONGEST_NUMBER:
                number = float(text.replace("_", ""))
            if number - number != 0:
                shown = text if len(text) <= 40 else text[:37] + "..."
                self.wrong(
                    event,
                    path,
                    f"'{shown}' is not a number that can be used",
                    f"“{shown}”不是可用的数字",
                )
                return 0.0
            return number
        return text


def _is_unicode(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def walk_paths(data: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Every path in plain data, parents first."""
    yield path
    if isinstance(data, dict):
        for key, value in data.items():
            yield from walk_paths(value, (*path, key))
    elif isinstance(data, list):
        for place, value in enumerate(data):
            yield from walk_paths(value, (*path, place))
