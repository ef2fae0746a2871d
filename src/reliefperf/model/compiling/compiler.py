"""The walk over a checked tree: constants, names, arithmetic, logic."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

import numpy as np

from reliefperf.errors import did_you_mean, suggestion
from reliefperf.model.compiling.calling import called
from reliefperf.model.compiling.comparing import comparison
from reliefperf.model.compiling.scope import KIND_WORDS, LANGUAGE, MISSING, Compiled, Scope
from reliefperf.model.environment import Column, Environment, Kind, as_column
from reliefperf.model.expressions import Expr, ExpressionError
from reliefperf.model.functions import FUNCTIONS
from reliefperf.model.operations import Evaluate, divide, finite, power


def compile_expression(
    expr: Expr,
    scope: Scope,
    *,
    expected: Kind | None = None,
    constant: bool = False,
    label: str = "",
) -> tuple[Compiled | None, list[ExpressionError]]:
    """Compile, or say everything that is wrong with it.

    `expected` is the kind that the place wants (a condition may stand where a number is wanted);
    `constant` allows parameters and numbers only.
    """
    compiler = Compiler(expr, scope, label or expr.text, constant)
    compiler.wants_condition = expected == "bool"
    kind, run = compiler.compile(expr.tree)
    if not compiler.found.mistakes and expected is not None and kind != expected:
        fits = expected == "number" and kind == "bool"
        if expected == "bool" and kind == "number" and isinstance(expr.tree, ast.Name):
            fits = True  # a 0/1 column serves as a condition
        if not fits:
            want, got = KIND_WORDS[expected], KIND_WORDS[kind]
            compiler.fail(
                expr.tree,
                f"expected {want[0]}, this gives {got[0]}",
                f"此处应为{want[1]}，而这里是{got[1]}",
            )
    errors = compiler.found.errors()
    if errors or compiler.found.blurred:
        return None, errors
    return Compiled(expr, kind, run), []


def kind_of(expr: Expr, scope: Scope) -> Kind:
    """What an expression gives, as far as that can be told of one that is wrong."""
    return Compiler(expr, scope, "", constant=False).compile(expr.tree)[0]


@dataclass
class _Found:
    """What is wrong with an expression; `blurred` where it uses something that is wrong itself."""

    mistakes: list[tuple[bool, ExpressionError]] = field(default_factory=list)
    blurred: bool = False

    def errors(self) -> list[ExpressionError]:
        """Of a blurred expression only names that are nowhere defined are worth telling."""
        return [error for of_name, error in self.mistakes if of_name or not self.blurred]


class Compiler:
    """Walks one expression; says what is wrong and goes on, so that all of it is told."""

    def __init__(self, expr: Expr, scope: Scope, label: str, constant: bool) -> None:
        self.expr = expr
        self.scope = scope
        self.label = label
        self.constant = constant
        self.wants_condition = False
        self.found = _Found()

    def fail(self, node: ast.AST, en: str, zh: str, *, of_name: bool = False) -> None:
        """Note a mistake; `of_name` if it is about a name that is nowhere defined."""
        error = ExpressionError(en, zh, self.expr.offset(node))
        self.found.mistakes.append((of_name, error))

    def within(self, scope: Scope, constant: bool) -> Compiler:
        """For a part of the expression where names mean something else."""
        other = Compiler(self.expr, scope, self.label, constant)
        other.found = self.found
        return other

    def compile(self, node: ast.expr) -> tuple[Kind, Evaluate]:
        """The kind of a part and the function that computes it."""
        match node:
            case ast.Constant(value=value):
                return self._constant(value)
            case ast.Name():
                return self._name(node)
            case ast.BinOp():
                return self._arithmetic(node)
            case ast.UnaryOp():
                return self._unary(node)
            case ast.BoolOp():
                return self._logic(node)
            case ast.Compare():
                return comparison(self, node)
            case ast.Call():
                return called(self, node)
        raise AssertionError(f"unchecked node {node!r}")

    def _constant(self, value: object) -> tuple[Kind, Evaluate]:
        column = as_column(value)  # type: ignore[arg-type]
        kind: Kind = (
            "bool" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
        )
        return kind, lambda env: column

    def _name(self, node: ast.Name) -> tuple[Kind, Evaluate]:
        name = node.id
        if name == MISSING:
            empty = np.asarray(np.nan)
            return "number", lambda env: empty
        if self.constant and name not in self.scope.constants:
            if name in self.scope.kinds or (self.scope.later and name in self.scope.later):
                self.fail(
                    node,
                    f"'{name}' differs by region; here only numbers and parameters are allowed",
                    f"“{name}”因地区而异；此处只允许数字和参数",
                )
            else:
                self._unknown(node, name)
            kinds = {**(self.scope.later_kinds or {}), **self.scope.kinds}
            return kinds.get(name, "number"), lambda env: np.asarray(np.nan)
        if name in self.scope.kinds:
            self.found.blurred |= name in self.scope.lost
            return self.scope.kinds[name], lambda env: env.columns[name]
        if self.scope.later and name in self.scope.later and name not in self.scope.lost:
            en, zh = self.scope.later[name]
            self.fail(node, f"'{name}' {en}", f"“{name}”{zh}")
            kind = (self.scope.later_kinds or {}).get(name, "number")
            return kind, lambda env: np.asarray(np.nan)
        self._unknown(node, name)
        return "number", lambda env: np.asarray(np.nan)

    def _unknown(self, node: ast.AST, name: str) -> None:
        called = name in FUNCTIONS or name in self.scope.tables or name in LANGUAGE
        if called and name not in self.scope.headings:
            self.fail(
                node,
                f"'{name}' is a function: write {name}(...)",
                f"“{name}”是函数：请写 {name}(...)",
            )
            return
        if self.scope.is_lost(name):
            self.found.blurred = True
            return
        known = set(self.scope.constants if self.constant else self.scope.kinds)
        en, zh = suggestion(name, {other for other in known if "(" not in other})
        ours = self.scope.headings.get(name)
        if ours is not None and ours in known:
            en = f"; the column '{name}' of the file is called `{ours}` in expressions"
            zh = f"；文件中的“{name}”列在表达式中写作 {ours}"
        elif name.lower() in ("true", "false"):
            en, zh = (f"; write {name.title()}, or 1 and 0", f"；请写 {name.title()}，或 1 与 0")
        elif self.wants_condition and node is self.expr.tree:
            near = did_you_mean(name, known) is not None
            en = f"; a condition compares: x == '{name}', the text in quotes{en if near else ''}"
            zh = f"；条件须作比较：x == '{name}'，文本另加引号{zh if near else ''}"
        self.fail(node, f"unknown name '{name}'{en}", f"未知名称“{name}”{zh}", of_name=True)

    def is_unknown(self, node: ast.expr) -> bool:
        """Whether a part is a name that nothing has."""
        if not isinstance(node, ast.Name) or node.id == MISSING:
            return False
        known = (self.scope.kinds, self.scope.later or {}, self.scope.tables, FUNCTIONS, LANGUAGE)
        return not self.scope.is_lost(node.id) and all(node.id not in names for names in known)

    def number(self, node: ast.expr) -> Evaluate:
        """The function of a part that must be a number."""
        kind, run = self.compile(node)
        if kind == "text":
            is_period = isinstance(node, ast.Name) and node.id == "period"
            en, zh = ("; its year is year(period)", "；其年份写作 year(period)")
            self.fail(
                node,
                f"expected a number, this is a text{en if is_period else ''}",
                f"此处应为数值，而这里是文本{zh if is_period else ''}",
            )
        return run

    def condition(self, node: ast.expr) -> Evaluate:
        """The function of a part that must be a condition; a number holds unless zero."""
        kind, run = self.compile(node)
        if kind == "text":
            self.fail(node, "expected a condition, this is a text", "此处应为条件，而这里是文本")
        if kind != "number":
            return run

        def truth(env: Environment) -> Column:
            value = np.asarray(run(env), dtype=float)
            return np.asarray(np.where(np.isnan(value), np.nan, value != 0))

        return truth

    def _arithmetic(self, node: ast.BinOp) -> tuple[Kind, Evaluate]:
        # a + b + c ... is a chain to the left: walk it instead of recursing
        chain: list[tuple[ast.operator, ast.expr, ast.BinOp]] = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp):
            chain.append((left.op, left.right, left))
            left = left.left
        run = self.number(left)
        for op, right_node, whole in reversed(chain):
            run = self._binary(op, run, right_node, whole)
        return "number", run

    def _binary(
        self, op: ast.operator, left: Evaluate, right_node: ast.expr, whole: ast.BinOp
    ) -> Evaluate:
        right = self.number(right_node)
        label = self.label
        simple = {ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply}.get(type(op))
        if simple is not None:
            return lambda env: finite(env, label, simple, left(env), right(env))
        if isinstance(op, ast.Div):
            return lambda env: divide(env, label, left(env), right(env))
        if not self.is_constant(right_node):
            self.fail(
                whole,
                "the exponent of ** must be a number or a parameter",
                "** 的指数必须是数字或参数",
            )
        return lambda env: power(env, label, left(env), right(env))

    def is_constant(self, node: ast.expr) -> bool:
        """Whether a part is the same in every region: numbers and parameters, nothing called."""
        parts = list(ast.walk(node))
        names = {part.id for part in parts if isinstance(part, ast.Name)}
        return names <= self.scope.constants and not any(isinstance(p, ast.Call) for p in parts)

    def _unary(self, node: ast.UnaryOp) -> tuple[Kind, Evaluate]:
        if isinstance(node.op, ast.Not):
            condition = self.condition(node.operand)
            return "bool", lambda env: np.asarray(1.0 - condition(env))
        run = self.number(node.operand)
        if isinstance(node.op, ast.USub):
            return "number", lambda env: np.asarray(-run(env))
        return "number", run

    def _logic(self, node: ast.BoolOp) -> tuple[Kind, Evaluate]:
        runs = [self.condition(value) for value in node.values]
        combine = np.minimum if isinstance(node.op, ast.And) else np.maximum
        settles = 0.0 if isinstance(node.op, ast.And) else 1.0

        def run(env: Environment) -> Column:
            result = np.asarray(runs[0](env), dtype=float)
            for other in runs[1:]:
                value = np.asarray(other(env), dtype=float)
                settled = (result == settles) | (value == settles)
                result = np.where(settled, settles, combine(result, value))
            return np.asarray(result)

        return "bool", run
