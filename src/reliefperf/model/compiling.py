"""Expressions, given meaning: a checked tree becomes a function over whole columns.

Truth is three-valued: a comparison with a missing number is missing, `and`/`or` decide where one
side already settles it. Division by zero is missing and noted.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from reliefperf.errors import suggestion
from reliefperf.model import numbers
from reliefperf.model.environment import Array, Column, Environment, Kind, as_column
from reliefperf.model.expressions import Expr, ExpressionError
from reliefperf.model.functions import FUNCTIONS, OPTION_VALUES, Function, Limits
from reliefperf.model.looking_up import asked_for, not_there
from reliefperf.model.operations import (
    Evaluate,
    arguments,
    divide,
    finite,
    joined,
    look_back,
    nan_to_none,
    power,
    text_equal,
)
from reliefperf.model.tables import Table

_NOTHING = np.asarray(np.nan)
MISSING = "missing"
"""The name of the missing value in expressions."""
KIND_WORDS = {
    "number": ("a number", "数值"),
    "bool": ("a condition", "条件"),
    "text": ("a text", "文本"),
}

_ELSEWHERE = {
    word: (f"; did you mean '{ours}'?", f"；是否想写“{ours}”？")
    for word, ours in {
        **{"sum": "total", "sumif": "total", "average": "mean", "avg": "mean", "if": "where"},
        **{"std": "stdev", "sd": "stdev", "ln": "log", "ifelse": "where", "iif": "where"},
        **{"isnull": "is_missing", "isna": "is_missing", "coalesce": "if_missing"},
    }.items()
} | {
    word: (f"; write `{how}`", f"；请写 {how}")
    for word, how in {"and": "a and b", "or": "a or b", "not": "not a"}.items()
}
"""What functions known from elsewhere are called here."""
LOOKED_UP = ("self", "verified", "claimed", "findings", "consequence")
"""Functions that name a column of the rule book: `self(visited)`, `findings('falsified')`."""
_LANGUAGE = ("previous", *LOOKED_UP)


@dataclass(frozen=True)
class Scope:
    """What names mean where an expression stands.

    `later` names things that exist but are not known yet at this stage, with the reason;
    `later_kinds` what they are once known (numbers unless said). `lost` names things whose own
    definition is wrong (with `all_lost` every unknown name may be one): no more is said of those.
    """

    kinds: Mapping[str, Kind]
    tables: Mapping[str, Table]
    constants: frozenset[str] = frozenset()
    later: Mapping[str, tuple[str, str]] | None = None
    later_kinds: Mapping[str, Kind] | None = None
    lost: frozenset[str] = frozenset()
    all_lost: bool = False
    values: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The only texts that a name can be, where the model lists them."""

    def is_lost(self, name: str) -> bool:
        """Whether nothing is to be said of an unknown name."""
        return self.all_lost or name in self.lost


@dataclass(frozen=True)
class Compiled:
    """An expression ready to be computed: its kind and its function."""

    expr: Expr
    kind: Kind
    run: Evaluate

    def __call__(self, env: Environment) -> Column:
        """The value over the regions of `env`, shape (n_regions,) or ()."""
        return self.run(env)

    def full(self, env: Environment) -> Column:
        """The value as shape (n_regions,)."""
        return env.full(self.run(env))


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
    compiler = _Compiler(expr, scope, label or expr.text, constant)
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
    return _Compiler(expr, scope, "", constant=False).compile(expr.tree)[0]


@dataclass
class _Found:
    """What is wrong with an expression; `blurred` where it uses something that is wrong itself."""

    mistakes: list[tuple[bool, ExpressionError]] = field(default_factory=list)
    blurred: bool = False

    def errors(self) -> list[ExpressionError]:
        """Of a blurred expression only names that are nowhere defined are worth telling."""
        return [error for of_name, error in self.mistakes if of_name or not self.blurred]


class _Compiler:
    def __init__(self, expr: Expr, scope: Scope, label: str, constant: bool) -> None:
        self.expr = expr
        self.scope = scope
        self.label = label
        self.constant = constant
        self.found = _Found()

    def fail(self, node: ast.AST, en: str, zh: str, *, of_name: bool = False) -> None:
        error = ExpressionError(en, zh, self.expr.offset(node))
        self.found.mistakes.append((of_name, error))

    def compile(self, node: ast.expr) -> tuple[Kind, Evaluate]:
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
                return self._comparison(node)
            case ast.Call():
                return self._call(node)
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
        if name in FUNCTIONS or name in self.scope.tables or name in _LANGUAGE:
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
        self.fail(node, f"unknown name '{name}'{en}", f"未知名称“{name}”{zh}", of_name=True)

    def _number(self, node: ast.expr) -> Evaluate:
        kind, run = self.compile(node)
        if kind == "text":
            self.fail(node, "expected a number, this is a text", "此处应为数值，而这里是文本")
        return run

    def _condition(self, node: ast.expr) -> Evaluate:
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
        run = self._number(left)
        for op, right_node, whole in reversed(chain):
            run = self._binary(op, run, right_node, whole)
        return "number", run

    def _binary(
        self, op: ast.operator, left: Evaluate, right_node: ast.expr, whole: ast.BinOp
    ) -> Evaluate:
        right = self._number(right_node)
        label = self.label
        simple = {ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply}.get(type(op))
        if simple is not None:
            return lambda env: finite(env, label, simple, left(env), right(env))
        if isinstance(op, ast.Div):
            return lambda env: divide(env, label, left(env), right(env))
        if not self._is_constant(right_node):
            self.fail(
                whole,
                "the exponent of ** must be a number or a parameter",
                "** 的指数必须是数字或参数",
            )
        return lambda env: power(env, label, left(env), right(env))

    def _is_constant(self, node: ast.expr) -> bool:
        """Whether a part is the same in every region: numbers and parameters, nothing called."""
        parts = list(ast.walk(node))
        names = {part.id for part in parts if isinstance(part, ast.Name)}
        return names <= self.scope.constants and not any(isinstance(p, ast.Call) for p in parts)

    def _unary(self, node: ast.UnaryOp) -> tuple[Kind, Evaluate]:
        if isinstance(node.op, ast.Not):
            condition = self._condition(node.operand)
            return "bool", lambda env: np.asarray(1.0 - condition(env))
        run = self._number(node.operand)
        if isinstance(node.op, ast.USub):
            return "number", lambda env: np.asarray(-run(env))
        return "number", run

    def _logic(self, node: ast.BoolOp) -> tuple[Kind, Evaluate]:
        runs = [self._condition(value) for value in node.values]
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

    def _comparison(self, node: ast.Compare) -> tuple[Kind, Evaluate]:
        # each operand is compiled and computed once, though a chain compares it twice
        kind, first = self.compile(node.left)
        operands: list[Evaluate] = [first]
        tests: list[Callable[[Column, Column], Column]] = []
        left_node = node.left
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            self._can_be(left_node, right_node)
            self._can_be(right_node, left_node)
            left_node = right_node
            if isinstance(op, ast.In | ast.NotIn):
                tests.append(self._membership(kind, op, right_node))
                operands.append(lambda env: _NOTHING)
                if len(node.ops) > 1:
                    self.fail(
                        node,
                        "`in` cannot stand in a chain of comparisons; write `and`",
                        "in 不能写在连续比较中；请用 and 连接",
                    )
                continue
            other, run = self.compile(right_node)
            tests.append(self._compare(node, kind, op, other))
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

    def _can_be(self, node: ast.expr, other: ast.expr) -> None:
        """A name whose texts are listed is compared only with one of them."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1:
            node = node.args[0] if node.func.id in ("previous", "self", "verified") else node
        if not isinstance(node, ast.Name) or node.id not in self.scope.values:
            return
        known = self.scope.values[node.id]
        for part in other.elts if isinstance(other, ast.List | ast.Tuple) else [other]:
            text = part.value if isinstance(part, ast.Constant) else None
            if isinstance(text, str) and text not in known:
                en, zh = suggestion(text, known)
                self.fail(
                    part,
                    f"'{text}' is not one of the values of {node.id}{en}",
                    f"“{text}”不是 {node.id} 的取值{zh}",
                )

    def _compare(
        self, whole: ast.Compare, kind: Kind, op: ast.cmpop, other: Kind
    ) -> Callable[[Column, Column], Column]:
        if (kind == "text") != (other == "text"):
            a, b = KIND_WORDS[kind], KIND_WORDS[other]
            self.fail(whole, f"{a[0]} cannot be compared with {b[0]}", f"{a[1]}不能与{b[1]}比较")
        if kind == "text":
            if not isinstance(op, ast.Eq | ast.NotEq):
                self.fail(
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
        self, kind: Kind, op: ast.In | ast.NotIn, right_node: ast.expr
    ) -> Callable[[Column, Column], Column]:
        assert isinstance(right_node, ast.List | ast.Tuple)
        items: list[object] = [ast.literal_eval(item) for item in right_node.elts]
        negate = isinstance(op, ast.NotIn)
        texts = [isinstance(item, str) for item in items]
        if any(texts) != all(texts) or (kind == "text") != all(texts):
            self.fail(
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

    def _call(self, node: ast.Call) -> tuple[Kind, Evaluate]:
        assert isinstance(node.func, ast.Name)
        name = node.func.id
        if name == "previous":
            return self._previous(node)
        if name in LOOKED_UP:
            return self._looked_up(node, name)
        if name in self.scope.tables:
            return self._table(node, self.scope.tables[name])
        function = FUNCTIONS.get(name)
        if function is None:
            if self.scope.is_lost(name):
                self.found.blurred = True
            else:
                en, zh = _ELSEWHERE.get(name.lower()) or suggestion(
                    name, {*FUNCTIONS, *self.scope.tables, *_LANGUAGE}
                )
                self.fail(
                    node, f"unknown function '{name}'{en}", f"未知函数“{name}”{zh}", of_name=True
                )
            for arg in node.args:
                self.compile(arg)
            return "number", lambda env: np.asarray(np.nan)
        if self.constant and function.across:
            self.fail(
                node,
                f"{name}() looks at all regions; here only numbers and parameters are allowed",
                f"{name}() 涉及全部地区；此处只允许数字和参数",
            )
        return self._function(node, function)

    def _previous(self, node: ast.Call) -> tuple[Kind, Evaluate]:
        if len(node.args) != 1 or node.keywords:
            self.fail(
                node,
                "previous() takes one argument: previous(x)",
                "previous() 只有一个参数：previous(x)",
            )
            return "number", lambda env: np.asarray(np.nan)
        kind, run = _Compiler.compile(self._looking_back(), node.args[0])
        label, text = self.label, ast.unparse(node.args[0])

        def back(env: Environment) -> Column:
            return look_back(env, label, text, kind, run)

        return kind, back

    def _looked_up(self, node: ast.Call, name: str) -> tuple[Kind, Evaluate]:
        """A column of the rule book: of a variable, an indicator, a kind of findings."""
        nothing: Evaluate = lambda env: _NOTHING
        asked = asked_for(node)
        if isinstance(asked, ExpressionError):
            self.fail(node, asked.en, asked.zh)
            return "number", nothing
        key, about = asked.key, asked.about
        if self.constant:
            self.fail(
                node,
                f"{name}() differs by region; here only numbers and parameters are allowed",
                f"{name}() 因地区而异；此处只允许数字和参数",
            )
            return "number", nothing
        if key in self.scope.kinds:
            self.found.blurred |= about in self.scope.lost
            return self.scope.kinds[key], lambda env: env.columns[key]
        later = self.scope.later or {}
        if key in later:
            self.fail(node, f"'{key}' {later[key][0]}", f"“{key}”{later[key][1]}")
        elif self.scope.is_lost(about) or self.scope.is_lost(f"{name}()"):
            self.found.blurred = True
        else:
            self.fail(node, *not_there(asked, {*self.scope.kinds, *later}), of_name=True)
        return "number", nothing

    def _looking_back(self) -> _Compiler:
        """In the period before everything is known, also what is later in this one."""
        known_later = self.scope.later_kinds or {}
        kinds = dict(self.scope.kinds)
        for name in self.scope.later or {}:
            kinds.setdefault(name, known_later.get(name, "number"))
        only_now = {
            name: (
                "is not kept for the period after; write what it is made of",
                "不为下一期保留；请写出它的算式",
            )
            for name in ("value", "full_marks")
            if kinds.pop(name, None) is not None
        }
        scope = replace(self.scope, kinds=kinds, later=only_now)
        other = _Compiler(self.expr, scope, self.label, self.constant)
        other.found = self.found
        return other

    def _table(self, node: ast.Call, table: Table) -> tuple[Kind, Evaluate]:
        if node.keywords or len(node.args) != len(table.arguments):
            self.fail(
                node,
                f"table {table.name} takes {len(table.arguments)} argument(s)",
                f"表 {table.name} 需要 {len(table.arguments)} 个参数",
            )
            return table.result, lambda env: np.asarray(np.nan)
        runs = []
        for arg, wanted in zip(node.args, table.arguments, strict=True):
            kind, run = self.compile(arg)
            if (kind == "text") != (wanted == "text"):
                want, got = KIND_WORDS[wanted], KIND_WORDS[kind]
                self.fail(
                    arg,
                    f"table {table.name} is keyed by {want[0]}, this is {got[0]}",
                    f"表 {table.name} 以{want[1]}为键，而这里是{got[1]}",
                )
            runs.append(run)
        return table.result, lambda env: table([run(env) for run in runs])

    def _function(self, node: ast.Call, function: Function) -> tuple[Kind, Evaluate]:
        name, wanted = function.name, list(function.arguments)
        n_given = len(node.args)
        if n_given < function.least or (n_given > len(wanted) and not function.repeats):
            most = "" if not function.repeats else " or more"
            self.fail(
                node,
                f"{name}() takes {function.least}{most} argument(s), {n_given} given",
                f"{name}() 需要 {function.least} 个{'以上' if most else ''}参数，给出了 {n_given} 个",
            )
            return "number", lambda env: np.asarray(np.nan)
        runs: list[Evaluate] = []
        kinds: list[Kind] = []
        for place, arg in enumerate(node.args):
            want = wanted[min(place, len(wanted) - 1)]
            if want == "bool":
                runs.append(self._condition(arg))
                kinds.append("bool")
            elif want == "number":
                runs.append(self._number(arg))
                kinds.append("number")
            else:
                kind, run = self.compile(arg)
                runs.append(run)
                kinds.append(kind)
        for place, limits in function.constants.items():
            if place < n_given:
                runs[place] = self._setting(node.args[place], function, place, limits)
        options = self._options(node, function)
        label = self.label

        def call(env: Environment) -> Column:
            chosen = {
                key: value if isinstance(value, str) else value(env)
                for key, value in options.items()
            }
            return function.run(env, label, arguments(env, name, runs), chosen)

        if function.result is not None:
            return function.result, call
        both = kinds[-2:]
        nothing = [isinstance(arg, ast.Name) and arg.id == MISSING for arg in node.args[-2:]]
        if "text" in both and set(both) != {"text"} and not any(nothing):
            self.fail(
                node,
                f"both results of {name}() must be numbers or both texts",
                f"{name}() 的两个结果须同为数值或同为文本",
            )
        kind = "text" if "text" in both else "bool" if set(both) == {"bool"} else "number"
        if kind == "text" and any(nothing):
            return kind, lambda env: nan_to_none(call(env))
        return kind, call

    def _setting(self, node: ast.expr, function: Function, place: int, limits: Limits) -> Evaluate:
        """An argument that is one number for all regions, within limits."""
        wanted = f"argument {place + 1} of {function.name}() must be {limits.en}"
        wanted_zh = f"{function.name}() 的第 {place + 1} 个参数须为{limits.zh}"
        if not self._is_constant(node):
            self.fail(node, f"{wanted}, the same for all regions", f"{wanted_zh}，且各地区相同")
            return lambda env: _NOTHING
        compiler = _Compiler(self.expr, self.scope, self.label, constant=True)
        compiler.found = self.found
        run = compiler._number(node)
        if not any(isinstance(part, ast.Name) for part in ast.walk(node)):
            value = float(run(Environment((), {})))
            if not limits.hold(value):
                self.fail(node, f"{wanted}, not {value:g}", f"{wanted_zh}，而这里是 {value:g}")
        label = self.label

        def setting(env: Environment) -> Column:
            value = np.asarray(run(env), dtype=float)
            if limits.hold(float(value)):
                return value
            env.report(
                "not-defined",
                label,
                f"{wanted}, not {float(value):g}: the result is missing",
                f"{wanted_zh}，而这里是 {float(value):g}，结果记为缺失",
                np.ones(env.n_regions, dtype=bool),
            )
            return _NOTHING

        return setting

    def _options(self, node: ast.Call, function: Function) -> dict[str, Evaluate | str]:
        options: dict[str, Evaluate | str] = {}
        for keyword in node.keywords:
            key = str(keyword.arg)
            if key not in function.options:
                en, zh = suggestion(key, function.options)
                self.fail(
                    node,
                    f"{function.name}() has no option '{key}='{en}",
                    f"{function.name}() 没有选项“{key}=”{zh}",
                )
            elif key in OPTION_VALUES:
                value = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
                if value not in OPTION_VALUES[key]:  # the words stand in quotes
                    listed = ", ".join(repr(word) for word in OPTION_VALUES[key])
                    self.fail(node, f"{key}= is one of {listed}", f"{key}= 只能是 {listed}")
                options[key] = str(value)
            elif key == "weight":
                options[key] = self._number(keyword.value)
            else:
                parts = (
                    keyword.value.elts if isinstance(keyword.value, ast.List) else [keyword.value]
                )
                if not parts or any(isinstance(part, ast.Constant) for part in parts):
                    self.fail(
                        keyword.value,
                        "by= names the column of the groups, without quotes: by=zone, by=[a, b]",
                        "by= 之后写分组的列名，不加引号：by=zone、by=[a, b]",
                    )
                runs = [self.compile(part)[1] for part in parts]
                options[key] = joined(runs) if isinstance(keyword.value, ast.List) else runs[0]
        return options
