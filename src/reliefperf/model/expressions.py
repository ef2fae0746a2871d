"""Expressions: text to a checked syntax tree.

Only what this module lets through can be computed: names, numbers, texts, arithmetic, comparison,
`and or not`, `in [..]` and calls of listed functions. Everything else in Python's grammar is
refused here, before anything is evaluated. `compiling` gives the trees their meaning.
"""

from __future__ import annotations

import ast
import re
import unicodedata
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from reliefperf.model.looking_back import unrolled
from reliefperf.model.refusing import refusal

MAX_LENGTH = 2_000
"""Longest expression, in characters."""
MAX_DEPTH = 40
"""Deepest nesting; a chain such as a + b + c counts as one level."""

_SIGNS = {"≥": ">=", "≤": "<=", "≠": "!=", "×": "*", "÷": "/", "−": "-", "–": "-"}
_QUOTES = dict.fromkeys("“”„‟＂", '"') | dict.fromkeys("‘’‚‛＇", "'")

ORDINARY_WORDS = frozenset(
    {
        *("as", "assert", "break", "class", "continue", "def", "del", "except", "finally", "from"),
        *("global", "import", "nonlocal", "pass", "raise", "return", "try", "while", "with"),
    }
)
"""Words of Python, but not of this language: `class` may be the name of a column."""
_ORDINARY = re.compile(
    r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|\b(?P<word>"""
    + "|".join(sorted(ORDINARY_WORDS))
    + r")\b"
)

_BINARY = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow)
_UNARY = (ast.USub, ast.UAdd, ast.Not)
_COMPARE = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn)
_NOT_ALLOWED = {
    ast.Attribute: ("attributes (a.b) are not allowed", "不允许使用属性（a.b）"),
    ast.Subscript: ("subscripts (a[b]) are not allowed", "不允许使用下标（a[b]）"),
    ast.Lambda: ("lambda is not allowed", "不允许使用 lambda"),
    ast.IfExp: (
        "'a if c else b' is not allowed; write where(c, a, b)",
        "不允许“a if c else b”；请写 where(c, a, b)",
    ),
    ast.JoinedStr: ("f-strings are not allowed", "不允许使用 f 字符串"),
    ast.NamedExpr: ("':=' is not allowed", "不允许使用“:=”"),
    ast.Tuple: (
        "values side by side are not of the language; a number is written without thousands "
        "separators: 1000",
        "逗号只用于分隔函数参数；数字不写千位分隔符：1000",
    ),
    ast.Starred: ("'*' before an argument is not allowed", "不允许在参数前使用“*”"),
}


_REFUSED_OPERATORS: dict[type[ast.operator], tuple[str, str, str]] = {
    ast.Mod: ("%", "; write 0.85 for 85 %", "；85% 请写 0.85"),
    ast.FloorDiv: ("//", "; write floor(a / b)", "；请写 floor(a / b)"),
    ast.MatMult: ("@", "", ""),
    ast.BitAnd: ("&", "; write `and`", "；请用 and"),
    ast.BitOr: ("|", "; write `or`", "；请用 or"),
    ast.BitXor: ("^", "; a power is written **", "；乘方请写 **"),
    ast.LShift: ("<<", "", ""),
    ast.RShift: (">>", "", ""),
}


class ExpressionError(ValueError):
    """An expression is not of the language. `offset` counts characters from 0."""

    def __init__(self, en: str, zh: str, offset: int = 0) -> None:
        super().__init__(en)
        self.en = en
        self.zh = zh
        self.offset = offset


def normalise(text: str) -> tuple[str, list[int]]:
    """Full-width letters, digits and punctuation to ASCII (NFKC), ≥ ≤ ≠ × ÷ to their operators.

    What stands between quotes means itself (a backslash too), since it is compared with texts of
    the data; a text opened by a Chinese quote ends at one, by an ASCII quote at the same.

    Returns the new text and, for each of its characters, the place in the original.
    """
    parts: list[str] = []
    places: list[int] = []
    opened = ""
    for place, char in enumerate(text):
        quote = _QUOTES.get(char) or (char if char in "'\"" else "")
        if opened:
            ends = char == opened or (
                not opened.isascii() and char in _QUOTES and _QUOTES[char] == _QUOTES[opened]
            )
            new = quote if ends else char
            if not ends and (char == "\\" or (not opened.isascii() and char in "'\"")):
                new = "\\" + char
            opened = "" if ends else opened
        elif quote:
            new, opened = quote, char
        else:
            new = _SIGNS.get(char) or unicodedata.normalize("NFKC", char)
        parts.append(new)
        places.extend([place] * len(new))
    places.append(len(text))
    return "".join(parts), places


@dataclass(frozen=True)
class Expr:
    """One expression of the model: its text and its checked tree."""

    text: str

    def __post_init__(self) -> None:
        _ = self.tree  # a wrong expression must not come into being

    @cached_property
    def _parsed(self) -> tuple[ast.expr, list[int], str]:
        return _parse(self.text)

    @property
    def tree(self) -> ast.expr:
        """The checked tree."""
        return self._parsed[0]

    def offset(self, node: ast.AST) -> int:
        """Where `node` starts in the text as written, in characters from 0."""
        _, places, text = self._parsed
        column = getattr(node, "col_offset", 0)
        at = len(text.encode()[:column].decode(errors="ignore"))
        return places[min(at, len(places) - 1)]

    @cached_property
    def names(self) -> frozenset[str]:
        """Every column, parameter and table that the expression refers to."""
        return frozenset(node.id for node in self.name_nodes())

    @property
    def direct_names(self) -> frozenset[str]:
        """The names that must be known in the same period: those outside `previous(...)`."""
        return self._direct[0]

    @property
    def direct_calls(self) -> frozenset[str]:
        """The functions called outside `previous(...)`."""
        return self._direct[1]

    @cached_property
    def _direct(self) -> tuple[frozenset[str], frozenset[str]]:
        pending: list[ast.AST] = [self.tree]
        names: set[str] = set()
        calls: set[str] = set()
        while pending:
            node = pending.pop()
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                if node.func.id != "previous":
                    calls.add(node.func.id)
                    pending.extend([*node.args, *node.keywords])
            elif isinstance(node, ast.Name):
                names.add(node.id)
            else:
                pending.extend(ast.iter_child_nodes(node))
        return frozenset(names), frozenset(calls)

    def name_nodes(self) -> Iterator[ast.Name]:
        """The nodes that refer to something by name (functions and their options excepted)."""
        called = {id(node.func) for node in ast.walk(self.tree) if isinstance(node, ast.Call)}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Name) and id(node) not in called:
                yield node

    def call_nodes(self) -> Iterator[tuple[str, ast.Call]]:
        """The function calls with the functions' names."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield node.func.id, node

    @cached_property
    def calls(self) -> frozenset[str]:
        """The names of all functions called."""
        return frozenset(name for name, _ in self.call_nodes())

    def __str__(self) -> str:
        return self.text

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._validate, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [{"type": "number"}, {"type": "boolean"}, {"type": "string"}]}

    @classmethod
    def _validate(cls, value: object) -> Expr:
        if isinstance(value, Expr):
            return value
        if isinstance(value, bool):
            return cls("True" if value else "False")
        if isinstance(value, int | float | str):
            try:
                return cls(value if isinstance(value, str) else repr(value))
            except ExpressionError as error:
                raise refusal(error.en, error.zh, offset=error.offset) from None
        raise refusal(
            "expected a number or an expression in text", "此处应为数字或文本形式的表达式", offset=0
        )


def _parse(original: str) -> tuple[ast.expr, list[int], str]:
    if len(original) > MAX_LENGTH:
        raise ExpressionError(
            f"the expression has {len(original):,} characters; at most {MAX_LENGTH:,} are allowed: "
            "put parts of it under `derived`",
            f"表达式有 {len(original)} 个字符，最多 {MAX_LENGTH} 个：请把部分内容移到 derived",
        )
    text, places = normalise(original)
    text = text.replace("\n", " ").replace("\r", " ").replace("\t", " ")
    lead = len(text) - len(text.lstrip(" "))
    text, places = _as_names(text[lead:]), places[lead:]
    if not text.strip():
        raise ExpressionError("the expression is empty", "表达式为空")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", SyntaxWarning)  # such as `1if`: not to be let through
            tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        at = max((error.offset or 1) - 1, 0)
        hint = _syntax_hint(text)
        raise ExpressionError(
            f"not an expression: {error.msg}{hint[0]}",
            f"不是合法的表达式{hint[1]}",
            places[min(at, len(places) - 1)],
        ) from None
    except (RecursionError, MemoryError, ValueError):
        raise ExpressionError(
            "the expression is nested too deeply or holds characters that are not allowed",
            "表达式嵌套过深或含有不允许的字符",
        ) from None
    _check(tree, text, places)
    _refuse_silent(tree, text, places)
    return unrolled(tree), places, text


def _refuse_silent(tree: ast.expr, text: str, places: list[int]) -> None:
    """What Python would pass over in silence: texts side by side, and whatever stands behind #."""
    raw = text.encode()

    def char_at(column: int | None) -> int:
        return len(raw[:column].decode(errors="ignore"))

    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            start, end = char_at(node.col_offset), char_at(node.end_col_offset)
            quote = text[start]
            inside = text[start + 1 : end - 1].replace("\\\\", "").replace("\\" + quote, "")
            if quote not in "'\"" or quote in inside:
                raise ExpressionError(
                    "a text is written in one pair of quotes; between two texts a comma or an "
                    "operator is missing",
                    "文本须写在一对引号内；两个文本之间缺少逗号或运算符",
                    places[start],
                )
    end = char_at(tree.end_col_offset)
    sign = text.find("#", end)
    if sign >= 0:
        raise ExpressionError(
            "'#' and what follows is not of the language; put the remark into `note`",
            "表达式中不能写“#”注释；请写到 note",
            places[sign],
        )


def _as_names(text: str) -> str:
    """The text with a full-width first letter in words that Python would not take as names.

    Python reads keywords before it makes letters plain, so the tree holds the plain name again.
    """

    def widen(found: re.Match[str]) -> str:
        word = found["word"]
        return found[0] if word is None else chr(ord(word[0]) + 0xFEE0) + word[1:]

    return _ORDINARY.sub(widen, text)


def _syntax_hint(text: str) -> tuple[str, str]:
    if re.search(r"\b(if|elif|then|else)\b", text, re.IGNORECASE) or "?" in text:
        return (
            " (there is no `if`; write where(condition, a, b), a where it holds, else b)",
            "（没有 if；请写 where(条件, a, b)：条件成立取 a，否则取 b）",
        )
    if "&&" in text or "||" in text:
        return " (write `and`, `or`)", "（请用 and、or）"
    capital = re.search(r"\b(AND|OR|NOT)\b", text)
    if capital is not None:
        small = capital[0].lower()
        return f" (write `{small}`, in small letters)", f"（请用小写 {small}）"
    if re.search(r"\d,\d{3}(?!\d)", text):
        return (
            " (a number is written without thousands separators: 1000)",
            "（数字不写千位分隔符：1000）",
        )
    if "%" in text:
        return " (there is no %; write 0.85 for 85 %)", "（没有百分号；85% 请写 0.85）"
    if text.count("(") > text.count(")"):
        return (
            " (between { } or [ ] of YAML a comma ends the expression: put it in quotes)",
            "（在 YAML 的 { } 或 [ ] 内，逗号会截断表达式：请给表达式加引号）",
        )
    option = re.fullmatch(r"\s*[\d.]+\s+([A-Za-z_]+)\s+([\d.]+)\s*", text)
    if option is not None:
        word, number = option.groups()
        return (
            f" (words between numbers are not read; if `{word}` is an option of a rule, it is a key "
            f"beside it: {word}: {number})",
            f"（数字之间不写文字；{word} 若是规则的选项，请另写一个键：{word}: {number}）",
        )
    if re.search(r"\d\s*[^\W\d_]", text):
        return (
            " (a number stands without its unit: 1000000)",
            "（数字后不写单位，也不写万、亿：1000000）",
        )
    if "=" in text.replace("==", "").replace(">=", "").replace("<=", "").replace("!=", ""):
        return " (equality is `==`)", "（相等请用 ==）"
    return "", ""


def _check(tree: ast.expr, text: str, places: list[int]) -> None:
    """Refuse every node that is not listed; iterative, so that depth cannot hurt."""

    def refuse(node: ast.AST, en: str, zh: str) -> ExpressionError:
        at = len(text.encode()[: getattr(node, "col_offset", 0)].decode(errors="ignore"))
        return ExpressionError(en, zh, places[min(at, len(places) - 1)])

    pending: list[tuple[ast.expr, int]] = [(tree, 1)]
    while pending:
        node, depth = pending.pop()
        if depth > MAX_DEPTH:
            raise refuse(
                node,
                f"the expression is nested more than {MAX_DEPTH} deep: put parts under `derived`",
                f"表达式嵌套超过 {MAX_DEPTH} 层：请把部分内容移到 derived",
            )
        match node:
            case ast.Name():
                if node.id.startswith("_"):
                    raise refuse(
                        node,
                        f"a name cannot start with '_': {node.id}",
                        f"名称不能以下划线开头：{node.id}",
                    )
            case ast.Constant():
                _check_constant(node, refuse)
            case ast.BinOp(left=left, op=op, right=right):
                if not isinstance(op, _BINARY):
                    sign, hint, hint_zh = _REFUSED_OPERATORS[type(op)]
                    raise refuse(
                        node,
                        f"the operator {sign} is not of the language{hint}",
                        f"不支持运算符 {sign}{hint_zh}",
                    )
                # a + b + c nests to the left: count the chain as one level
                chained = isinstance(left, ast.BinOp) and not isinstance(op, ast.Pow)
                pending.append((left, depth if chained else depth + 1))
                pending.append((right, depth + 1))
            case ast.UnaryOp(op=op, operand=operand) if isinstance(op, _UNARY):
                pending.append((operand, depth + 1))
            case ast.BoolOp(values=values):
                pending.extend((value, depth + 1) for value in values)
            case ast.Compare(left=left, ops=ops, comparators=others):
                _check_comparison(node, refuse)
                pending.append((left, depth + 1))
                pending.extend(
                    (other, depth + 1)
                    for op, other in zip(ops, others, strict=True)
                    if not isinstance(op, ast.In | ast.NotIn)
                )
            case ast.Call(func=ast.Name(), args=args, keywords=keywords):
                pending.extend((arg, depth + 1) for arg in args)
                named = [keyword.arg for keyword in keywords]
                for keyword in keywords:
                    if keyword.arg is None:
                        raise refuse(node, "'**' is not allowed", "不允许使用“**”参数")
                    if named.count(keyword.arg) > 1:
                        raise refuse(
                            keyword,
                            f"the option {keyword.arg}= stands twice",
                            f"选项 {keyword.arg}= 重复出现",
                        )
                    if isinstance(keyword.value, ast.List):
                        pending.extend((item, depth + 1) for item in keyword.value.elts)
                    else:
                        pending.append((keyword.value, depth + 1))
            case ast.Call():
                raise refuse(node, "only a listed function can be called", "只能调用语言规定的函数")
            case _:
                en, zh = _NOT_ALLOWED.get(
                    type(node),
                    (
                        f"{type(node).__name__} is not of the language",
                        f"语言不支持 {type(node).__name__}",
                    ),
                )
                raise refuse(node, en, zh)


def _check_constant(node: ast.Constant, refuse: Any) -> None:
    value = node.value
    if isinstance(value, bool | str):
        return
    if isinstance(value, int | float):
        try:
            finite = abs(float(value)) <= 1e300
        except OverflowError:
            finite = False
        if finite:
            return
        raise refuse(node, "the number is too large", "数字过大")
    raise refuse(
        node, "only numbers, texts, True and False can be written", "只允许数字、文本、True、False"
    )


def _check_comparison(node: ast.Compare, refuse: Any) -> None:
    for op, other in zip(node.ops, node.comparators, strict=True):
        if not isinstance(op, _COMPARE):
            raise refuse(node, "`is` is not allowed; write ==", "不允许 is；请写 ==")
        if isinstance(op, ast.In | ast.NotIn):
            items = other.elts if isinstance(other, ast.List | ast.Tuple) else []
            if not items or not all(map(_is_listable, items)):
                raise refuse(
                    other,
                    "after `in` a list of numbers or texts is expected, such as ['优秀', '良好']",
                    "in 之后应为数字或文本的列表，例如 ['优秀', '良好']",
                )
            for item in items:
                constant = item.operand if isinstance(item, ast.UnaryOp) else item
                assert isinstance(constant, ast.Constant)
                _check_constant(constant, refuse)


def _is_listable(item: ast.expr) -> bool:
    """Whether something may stand in a list after `in`: a number, a negative number, a text."""
    if isinstance(item, ast.UnaryOp) and isinstance(item.op, ast.USub | ast.UAdd):
        item = item.operand
        return isinstance(item, ast.Constant) and type(item.value) in (int, float)
    return isinstance(item, ast.Constant)
