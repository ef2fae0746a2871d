"""Comparisons: of numbers, of texts, with a list, and in a chain."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from reliefperf.errors import suggestion
from reliefperf.model import numbers
from reliefperf.model.compiling.scope import KIND_WORDS, NOTHING
from reliefperf.model.environment import Array, Column, Environment, Kind
from reliefperf.model.operations import Evaluate, text_equal

if TYPE_CHECKING:
    from reliefperf.model.compiling.compiler import Compiler


def comparison(compiler: Compiler, node: ast.Compare) -> tuple[Kind, Evaluate]:
    """The kind (a condition) and function of a comparison."""
    # each operand is compiled and computed once, though a chain compares it twice
    kind, first = compiler.compile(node.left)
    operands: list[Evaluate] = [first]
    tests: list[Callable[[Column, Column], Column]] = []
    left_node = node.left
    for op, right_node in zip(node.ops, node.comparators, strict=True):
        _can_be(compiler, left_node, right_node)
        _can_be(compiler, right_node, left_node)
        before, left_node = left_node, right_node
        if isinstance(op, ast.In | ast.NotIn):
            tests.append(_membership(compiler, kind, op, right_node))
            operands.append(lambda env: NOTHING)
            if len(node.ops) > 1:
                compiler.fail(
                    node,
                    "`in` cannot stand in a chain of comparisons; write `and`",
                    "in 不能写在连续比较中；请用 and 连接",
                )
            continue
        if _lacks_quotes(compiler, before, kind, right_node):
            operands.append(lambda env: NOTHING)
            tests.append(lambda left, _: left)
            kind = "text"
            continue
        other, run = compiler.compile(right_node)
        unknown = compiler.is_unknown(before) or compiler.is_unknown(right_node)
        tests.append(_compare(compiler, node, kind, op, kind if unknown else other))
        operands.append(run)
        kind = other
    if len(tests) == 1:
        test, left, right = tests[0], operands[0], operands[1]
        return "bool", lambda env: test(left(env), right(env))

    def chain(env: Environment) -> Column:
        values = [operand(env) for operand in operands]
        result = tests[0](values[0], values[1])
        for place, test in enumerate(tests[1:], start=1):
            value = test(values[place], values[place + 1])
            result = np.where((result == 0) | (value == 0), 0.0, np.minimum(result, value))
        return np.asarray(result)

    return "bool", chain


def _lacks_quotes(compiler: Compiler, left: ast.expr, kind: Kind, node: ast.expr) -> bool:
    """Whether a text is compared with a name that nothing has, which must be a text itself."""
    if kind != "text" or not compiler.is_unknown(node):
        return False
    assert isinstance(node, ast.Name)
    name = left.id if isinstance(left, ast.Name) else "x"
    compiler.fail(
        node,
        f"unknown name '{node.id}'; a text stands in quotes: {name} == '{node.id}'",
        f"未知名称“{node.id}”；文本须加引号：{name} == '{node.id}'",
        of_name=True,
    )
    return True


def _can_be(compiler: Compiler, node: ast.expr, other: ast.expr) -> None:
    """A name whose texts are listed is compared only with one of them."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1:
        node = node.args[0] if node.func.id in ("previous", "self", "verified") else node
    if not isinstance(node, ast.Name) or node.id not in compiler.scope.values:
        return
    known = compiler.scope.values[node.id]
    for part in other.elts if isinstance(other, ast.List | ast.Tuple) else [other]:
        text = part.value if isinstance(part, ast.Constant) else None
        if isinstance(text, str) and text not in known:
            en, zh = suggestion(text, known)
            compiler.fail(
                part,
                f"'{text}' is not one of the values of {node.id}{en}",
                f"“{text}”不是 {node.id} 的取值{zh}",
            )


def _compare(
    compiler: Compiler, whole: ast.Compare, kind: Kind, op: ast.cmpop, other: Kind
) -> Callable[[Column, Column], Column]:
    if (kind == "text") != (other == "text"):
        a, b = KIND_WORDS[kind], KIND_WORDS[other]
        compiler.fail(whole, f"{a[0]} cannot be compared with {b[0]}", f"{a[1]}不能与{b[1]}比较")
    if kind == "text":
        if not isinstance(op, ast.Eq | ast.NotEq):
            compiler.fail(
                whole, "texts can only be compared with == and !=", "文本只能用 == 和 != 比较"
            )
        negate = isinstance(op, ast.NotEq)
        return lambda left, right: text_equal(left, right, negate)
    compare: Callable[[Array, Array], np.ndarray[tuple[int, ...], np.dtype[np.bool_]]]
    match op:
        case ast.Eq():
            compare = numbers.equal
        case ast.NotEq():
            compare = lambda a, b: ~numbers.equal(a, b)
        case ast.GtE():
            compare = numbers.at_least
        case ast.Gt():
            compare = numbers.above
        case ast.LtE():
            compare = numbers.at_most
        case _:
            compare = numbers.below

    def test(left: Column, right: Column) -> Column:
        a, b = np.asarray(left, dtype=float), np.asarray(right, dtype=float)
        return np.asarray(np.where(np.isnan(a) | np.isnan(b), np.nan, compare(a, b)))

    return test


def _membership(
    compiler: Compiler, kind: Kind, op: ast.In | ast.NotIn, right_node: ast.expr
) -> Callable[[Column, Column], Column]:
    assert isinstance(right_node, ast.List | ast.Tuple)
    items: list[object] = [ast.literal_eval(item) for item in right_node.elts]
    negate = isinstance(op, ast.NotIn)
    texts = [isinstance(item, str) for item in items]
    if any(texts) != all(texts) or (kind == "text") != all(texts):
        compiler.fail(
            right_node,
            "the list after `in` must hold texts for a text and numbers for a number",
            "in 之后的列表应与左侧同为文本或同为数字",
        )
        return lambda left, _: left
    if kind == "text":
        allowed = frozenset(items)

        def text_test(column: Column, _: Column) -> Column:
            found = [
                np.nan if value is None else float((value in allowed) != negate)
                for value in np.atleast_1d(column).tolist()
            ]
            return np.asarray(found, dtype=float).reshape(column.shape)

        return text_test
    listed = [float(item) for item in items]  # type: ignore[arg-type]

    def test(left: Column, _: Column) -> Column:
        value = np.asarray(left, dtype=float)
        found = np.zeros(value.shape, dtype=bool)
        for item in listed:
            found |= numbers.equal(value, np.asarray(item))
        return np.asarray(np.where(np.isnan(value), np.nan, found != negate))

    return test
