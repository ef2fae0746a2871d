"""Calls that name a column of the rule book: `self(visited)`, `findings('falsified')`."""

from __future__ import annotations

import ast
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from reliefperf.errors import suggestion
from reliefperf.model.expressions import ExpressionError
from reliefperf.model.spec_rulebook import (
    STATUSES,
    Status,
    consequence_key,
    findings_key,
    part_key,
)

_BY_NAME = ("self", "verified", "claimed")
_EXAMPLES = {
    "self": "self(visited)",
    "verified": "verified(visited)",
    "claimed": "claimed(accuracy)",
    "findings": "findings('falsified'), findings('falsified', 'all')",
    "consequence": "consequence('summoned')",
}


@dataclass(frozen=True)
class Asked:
    """What a call asks for: the key of its column, and the name or kind that it is about."""

    function: str
    about: str
    status: Status
    key: str


def asked_for(node: ast.Call) -> Asked | ExpressionError:
    """What a call of a rule-book function asks for, or what is wrong with its form."""
    assert isinstance(node.func, ast.Name)
    name = node.func.id
    most = 2 if name == "findings" else 1
    least = 0 if name == "findings" else 1
    words: list[str] = []
    for arg in node.args:
        if name in _BY_NAME and isinstance(arg, ast.Name):
            words.append(arg.id)
        elif name not in _BY_NAME and isinstance(arg, ast.Constant) and isinstance(arg.value, str):
            words.append(arg.value)
    if len(words) != len(node.args) or node.keywords or not least <= len(words) <= most:
        en = "a name, without quotes" if name in _BY_NAME else "words in quotes"
        zh = "名称，不加引号" if name in _BY_NAME else "带引号的文字"
        example = _EXAMPLES[name]
        return ExpressionError(
            f"{name}() takes {en}: {example}", f"{name}() 的参数是{zh}：{example}"
        )
    about = words[0] if words else ""
    if name == "consequence":
        return Asked(name, about, "all", consequence_key(about))
    if name != "findings":
        return Asked(name, about, "all", part_key(name, about))
    word = words[1] if len(words) > 1 else "substantiated"
    status = next((known for known in STATUSES if known == word), None)
    if status is None:
        en, zh = suggestion(word, STATUSES)
        return ExpressionError(
            f"'{word}' does not say which findings count{en}",
            f"“{word}”不能说明计入哪些问题{zh}",
        )
    return Asked(name, about, status, findings_key(about, status))


def not_there(asked: Asked, keys: AbstractSet[str]) -> tuple[str, str]:
    """What to say where the model has no such column; `keys` are those that it has."""
    quote = "" if asked.function in _BY_NAME else "'"
    start, end = f"{asked.function}({quote}", f"{quote})"
    known = {
        key[len(start) : -len(end)] for key in keys if key.startswith(start) and key.endswith(end)
    }
    known = {name for name in known if name and "'" not in name}
    en, zh = suggestion(asked.about, known)
    about = asked.about
    if asked.function == "findings":
        if not known:
            return "the model has no section `findings`", "模型没有 findings 部分"
        return f"'{about}' is not a kind of findings{en}", f"“{about}”不是问题类型{zh}"
    if asked.function == "consequence":
        return f"the model has no consequence '{about}'{en}", f"模型没有问责“{about}”{zh}"
    if asked.function == "claimed":
        return (
            f"'{about}' has no claimed points: state `claimed` on the indicator{en}",
            f"“{about}”没有自评分：请在该指标写 claimed{zh}",
        )
    return (
        f"'{about}' is no variable with a column `{asked.function}`{en}",
        f"“{about}”不是写有 {asked.function} 列的变量{zh}",
    )
