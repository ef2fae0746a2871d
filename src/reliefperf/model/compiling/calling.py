"""Calls: functions, tables, the period before, columns of the rule book."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from reliefperf.errors import suggestion
from reliefperf.model import numbers
from reliefperf.model.compiling.scope import KIND_WORDS, LANGUAGE, LOOKED_UP, MISSING, NOTHING
from reliefperf.model.environment import Column, Environment, Kind
from reliefperf.model.expressions import ExpressionError
from reliefperf.model.functions import FUNCTIONS, OPTION_VALUES, Function, Limits
from reliefperf.model.looking_back import MOST_PERIODS, written
from reliefperf.model.looking_up import asked_for, not_there
from reliefperf.model.operations import Evaluate, arguments, joined, look_back, nan_to_none
from reliefperf.model.tables import Table

if TYPE_CHECKING:
    from reliefperf.model.compiling.compiler import Compiler

_ELSEWHERE = (
    {
        word: (f"; did you mean '{ours}'?", f"；是否想写“{ours}”？")
        for word, ours in {
            **{"sum": "total", "sumif": "total", "average": "mean", "avg": "mean", "if": "where"},
            **{"std": "stdev", "sd": "stdev", "ln": "log", "ifelse": "where", "iif": "where"},
            **{"isnull": "is_missing", "isna": "is_missing", "coalesce": "if_missing"},
        }.items()
    }
    | {
        word: (f"; write `{how}`", f"；请写 {how}")
        for word, how in {
            **{"and": "a and b", "or": "a or b", "not": "not a"},
            **{"lag": "previous(x)", "offset": "previous(x, 2)", "countif": "count(condition)"},
            **{"percentrank": "percentile(x)", "weighted_mean": "mean(x, weight=w)"},
        }.items()
    }
    | dict.fromkeys(
        ("lookup", "vlookup", "xlookup", "interpolate", "interp", "switch", "case", "choose"),
        (
            "; a table under `tables` (steps, piecewise, lookup) is called by its name: rate(class)",
            "；请在 tables 中定义表（steps、piecewise、lookup），按表名调用：rate(class)",
        ),
    )
)
"""What functions known from elsewhere are called here."""


def called(compiler: Compiler, node: ast.Call) -> tuple[Kind, Evaluate]:
    """The kind and function of a call."""
    assert isinstance(node.func, ast.Name)
    name = node.func.id
    if name == "previous":
        return _previous(compiler, node)
    if name in LOOKED_UP:
        return _looked_up(compiler, node, name)
    if name in compiler.scope.tables:
        return _table(compiler, node, compiler.scope.tables[name])
    function = FUNCTIONS.get(name)
    if function is None:
        if compiler.scope.is_lost(name):
            compiler.found.blurred = True
        else:
            en, zh = _ELSEWHERE.get(name.lower()) or suggestion(
                name, {*FUNCTIONS, *compiler.scope.tables, *LANGUAGE}
            )
            compiler.fail(
                node, f"unknown function '{name}'{en}", f"未知函数“{name}”{zh}", of_name=True
            )
        for arg in node.args:
            compiler.compile(arg)
        return "number", lambda env: np.asarray(np.nan)
    if compiler.constant and function.across:
        compiler.fail(
            node,
            f"{name}() looks at all regions; here only numbers and parameters are allowed",
            f"{name}() 涉及全部地区；此处只允许数字和参数",
        )
    return _function(compiler, node, function)


def _previous(compiler: Compiler, node: ast.Call) -> tuple[Kind, Evaluate]:
    if len(node.args) != 1 or node.keywords:
        compiler.fail(
            node,
            "previous() takes what is looked at, and if wanted how many periods back, a whole number "
            f"from 1 to {MOST_PERIODS}: previous(x), previous(x, 3)",
            f"previous() 的参数为所引用的量，另可写往前几期（1 到 {MOST_PERIODS} 的整数）："
            "previous(x)、previous(x, 3)",
        )
        return "number", lambda env: np.asarray(np.nan)
    kind, run = _looking_back(compiler).compile(node.args[0])
    label, text = compiler.label, written(node.args[0])

    def back(env: Environment) -> Column:
        return look_back(env, label, text, kind, run)

    return kind, back


def _looked_up(compiler: Compiler, node: ast.Call, name: str) -> tuple[Kind, Evaluate]:
    """A column of the rule book: of a variable, an indicator, a kind of findings."""
    nothing: Evaluate = lambda env: NOTHING
    asked = asked_for(node)
    if isinstance(asked, ExpressionError):
        compiler.fail(node, asked.en, asked.zh)
        return "number", nothing
    key, about = asked.key, asked.about
    if compiler.constant:
        compiler.fail(
            node,
            f"{name}() differs by region; here only numbers and parameters are allowed",
            f"{name}() 因地区而异；此处只允许数字和参数",
        )
        return "number", nothing
    if key in compiler.scope.kinds:
        compiler.found.blurred |= about in compiler.scope.lost
        return compiler.scope.kinds[key], lambda env: env.columns[key]
    later = compiler.scope.later or {}
    if key in later:
        compiler.fail(node, f"'{key}' {later[key][0]}", f"“{key}”{later[key][1]}")
    elif compiler.scope.is_lost(about) or compiler.scope.is_lost(f"{name}()"):
        compiler.found.blurred = True
    else:
        compiler.fail(node, *not_there(asked, {*compiler.scope.kinds, *later}), of_name=True)
    return "number", nothing


def _looking_back(compiler: Compiler) -> Compiler:
    """In the period before everything is known, also what is later in this one."""
    known_later = compiler.scope.later_kinds or {}
    kinds = dict(compiler.scope.kinds)
    for name in compiler.scope.later or {}:
        kinds.setdefault(name, known_later.get(name, "number"))
    only_now = {
        name: (
            "is not kept for the period after; write what it is made of",
            "不为下一期保留；请写出它的算式",
        )
        for name in ("value", "full_marks")
        if kinds.pop(name, None) is not None
    }
    scope = replace(compiler.scope, kinds=kinds, later=only_now)
    return compiler.within(scope, compiler.constant)


def _table(compiler: Compiler, node: ast.Call, table: Table) -> tuple[Kind, Evaluate]:
    if node.keywords or len(node.args) != len(table.arguments):
        compiler.fail(
            node,
            f"table {table.name} takes {len(table.arguments)} argument(s)",
            f"表 {table.name} 需要 {len(table.arguments)} 个参数",
        )
        return table.result, lambda env: np.asarray(np.nan)
    runs = []
    for arg, wanted in zip(node.args, table.arguments, strict=True):
        kind, run = compiler.compile(arg)
        if (kind == "text") != (wanted == "text"):
            want, got = KIND_WORDS[wanted], KIND_WORDS[kind]
            compiler.fail(
                arg,
                f"table {table.name} is keyed by {want[0]}, this is {got[0]}",
                f"表 {table.name} 以{want[1]}为键，而这里是{got[1]}",
            )
        runs.append(run)
    return table.result, lambda env: table([run(env) for run in runs])


def _function(compiler: Compiler, node: ast.Call, function: Function) -> tuple[Kind, Evaluate]:
    name, wanted = function.name, list(function.arguments)
    n_given = len(node.args)
    if n_given < function.least or (n_given > len(wanted) and not function.repeats):
        most = "" if not function.repeats else " or more"
        across = {"min": "lowest", "max": "highest"}.get(name, "")
        hint = (
            ("", "")
            if not across
            else (
                f"; over all regions it is {across}(x)",
                f"；在全部地区中求取请用 {across}(x)",
            )
        )
        compiler.fail(
            node,
            f"{name}() takes {function.least}{most} argument(s), {n_given} given{hint[0]}",
            f"{name}() 需要 {function.least} 个{'以上' if most else ''}参数，给出了 {n_given} 个{hint[1]}",
        )
        return "number", lambda env: np.asarray(np.nan)
    runs: list[Evaluate] = []
    kinds: list[Kind] = []
    for place, arg in enumerate(node.args):
        want = wanted[min(place, len(wanted) - 1)]
        if want == "bool":
            runs.append(compiler.condition(arg))
            kinds.append("bool")
        elif want == "number":
            runs.append(compiler.number(arg))
            kinds.append("number")
        elif want == "code":
            runs.append(_code(compiler, arg, f"{name}()", f"{name}()"))
            kinds.append("text")
        else:
            kind, run = compiler.compile(arg)
            runs.append(run)
            kinds.append(kind)
    for place, limits in function.constants.items():
        if place < n_given:
            runs[place] = _setting(compiler, node.args[place], function, place, limits)
    options = _options(compiler, node, function)
    label = compiler.label
    bounds = function.limits
    if bounds is not None and max(bounds) < n_given:
        _limits_fit(compiler, node, function, runs)

    def call(env: Environment) -> Column:
        chosen = {
            key: value if isinstance(value, str) else value(env) for key, value in options.items()
        }
        columns = arguments(env, name, runs)
        if bounds is not None:
            low, high = columns[bounds[0]], columns[bounds[1]]
            env.report(
                "limits-crossed",
                label,
                f"the low limit of {name}() is above the high one, which counts",
                f"{name}() 的下限高于上限，以上限为准",
                np.asarray(numbers.above(low, high)),
            )
        return function.run(env, label, columns, chosen)

    if function.like is not None:
        return kinds[function.like], call
    if function.result is not None:
        return function.result, call
    both = kinds[-2:]
    nothing = [isinstance(arg, ast.Name) and arg.id == MISSING for arg in node.args[-2:]]
    if "text" in both and set(both) != {"text"} and not any(nothing):
        compiler.fail(
            node,
            f"both results of {name}() must be numbers or both texts",
            f"{name}() 的两个结果须同为数值或同为文本",
        )
    kind = "text" if "text" in both else "bool" if set(both) == {"bool"} else "number"
    if kind == "text" and any(nothing):
        return kind, lambda env: nan_to_none(call(env))
    return kind, call


def _code(compiler: Compiler, node: ast.expr, place: str, place_zh: str) -> Evaluate:
    """A part that names a region in each row: a text."""
    told = len(compiler.found.mistakes)
    kind, run = compiler.compile(node)
    if kind != "text" and told == len(compiler.found.mistakes):
        got = KIND_WORDS[kind]
        compiler.fail(
            node,
            f"{place} takes the code of a region, which is a text, and this is {got[0]}; a column "
            "of codes is declared with `type: text`",
            f"{place_zh} 须为地区代码（文本），而这里是{got[1]}；代码列须声明 type: text",
        )
    return run


def _limits_fit(
    compiler: Compiler, node: ast.Call, function: Function, runs: list[Evaluate]
) -> None:
    """Limits that are numbers stand in their order: the low one first."""
    assert function.limits is not None
    parts = [node.args[place] for place in function.limits]
    if not all(compiler.is_constant(part) for part in parts) or any(
        isinstance(inner, ast.Name) for part in parts for inner in ast.walk(part)
    ):
        return
    low, high = (float(runs[place](Environment((), {}))) for place in function.limits)
    if low > high:
        compiler.fail(
            parts[0],
            f"the low limit of {function.name}() is above the high one: {low:g} and {high:g}; "
            f"{function.name}(x, low, high)",
            f"{function.name}() 的下限 {low:g} 高于上限 {high:g}；写法为 {function.name}(x, 下限, 上限)",
        )


def _setting(
    compiler: Compiler, node: ast.expr, function: Function, place: int, limits: Limits
) -> Evaluate:
    """An argument that is one number for all regions, within limits."""
    wanted = f"argument {place + 1} of {function.name}() must be {limits.en}"
    wanted_zh = f"{function.name}() 的第 {place + 1} 个参数须为{limits.zh}"
    if not compiler.is_constant(node):
        compiler.fail(node, f"{wanted}, the same for all regions", f"{wanted_zh}，且各地区相同")
        return lambda env: NOTHING
    run = compiler.within(compiler.scope, constant=True).number(node)
    if not any(isinstance(part, ast.Name) for part in ast.walk(node)):
        value = float(run(Environment((), {})))
        if not limits.hold(value):
            compiler.fail(node, f"{wanted}, not {value:g}", f"{wanted_zh}，而这里是 {value:g}")
    label = compiler.label

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
        return NOTHING

    return setting


def _options(compiler: Compiler, node: ast.Call, function: Function) -> dict[str, Evaluate | str]:
    options: dict[str, Evaluate | str] = {}
    for key in function.needed:
        if key not in {keyword.arg for keyword in node.keywords}:
            compiler.fail(
                node,
                f"{function.name}() needs {key}=: {function.name}(..., {key}=-score) takes the "
                "greatest score first",
                f"{function.name}() 须写 {key}=：{function.name}(…, {key}=-score) 表示得分高者在先",
            )
            options[key] = lambda env: NOTHING
    for keyword in node.keywords:
        key = str(keyword.arg)
        if key not in function.options:
            en, zh = suggestion(key, function.options)
            if function.across and key in ("where", "if", "when"):
                some = f"{function.name}(where(condition, x, missing))"
                en, zh = f"; of some regions only: {some}", f"；只取部分地区请写 {some}"
            compiler.fail(
                node,
                f"{function.name}() has no option '{key}='{en}",
                f"{function.name}() 没有选项“{key}=”{zh}",
            )
        elif key in function.columns and isinstance(keyword.value, ast.List):
            compiler.fail(
                keyword.value,
                f"{key}= is one number a region, no list; a second key is added to the first in "
                "smaller parts: score * 1000 + need",
                f"{key}= 须为每地区一个数，不能写列表；第二排序依据可折算后相加：score * 1000 + need",
            )
            options[key] = lambda env: NOTHING
        elif key in function.columns:
            options[key] = compiler.number(keyword.value)
        elif key == "to":
            options[key] = _to(compiler, node, keyword.value)
        elif key in OPTION_VALUES:
            value = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
            words = OPTION_VALUES[key]  # texts stand in quotes, and 1 is not True
            if not any(type(value) is type(word) and value == word for word in words):
                listed = ", ".join(repr(word) for word in OPTION_VALUES[key])
                compiler.fail(node, f"{key}= is one of {listed}", f"{key}= 只能是 {listed}")
            options[key] = str(value)
        else:
            parts = keyword.value.elts if isinstance(keyword.value, ast.List) else [keyword.value]
            if not parts or any(isinstance(part, ast.Constant) for part in parts):
                compiler.fail(
                    keyword.value,
                    "by= names the column of the groups, without quotes: by=zone, by=[a, b]",
                    "by= 之后写分组的列名，不加引号：by=zone、by=[a, b]",
                )
            runs = [compiler.compile(part)[1] for part in parts]
            options[key] = joined(runs) if isinstance(keyword.value, ast.List) else runs[0]
    return options


def _to(compiler: Compiler, node: ast.Call, value: ast.expr) -> Evaluate:
    """The region that each row names: one code, and no groups beside it."""
    if any(keyword.arg == "by" for keyword in node.keywords):
        compiler.fail(
            node,
            "by= and to= do not go together: to= gathers by the region that each names",
            "by= 与 to= 不能同时使用：to= 已按各行所指地区归集",
        )
    if isinstance(value, ast.List):
        compiler.fail(
            value,
            "to= is one text, the code of a region, no list; add a total for each column of codes",
            "to= 须为一个文本（地区代码），不能写列表；有多个代码列时请分别合计后相加",
        )
        return lambda env: NOTHING
    return _code(compiler, value, "to=", "to=")
