"""Functions that work region by region."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce

import numpy as np

from reliefperf.model import numbers
from reliefperf.model.environment import Array, Column, Environment, Kind
from reliefperf.model.functions.function import FUNCTIONS, Function, Limits, Options
from reliefperf.model.numbers import round_column
from reliefperf.model.parameters import period_start, school_year

_DECIMALS = Limits(-12, 12, True, "a whole number from -12 to 12", "-12 到 12 的整数")


def _elementwise(
    name: str,
    arguments: str,
    en: str,
    zh: str,
    *,
    required: int | None = None,
    repeats: bool = False,
    result: Kind | None = "number",
    constants: Mapping[int, Limits] | None = None,
    limits: tuple[int, int] | None = None,
) -> Callable[[Callable[..., Column]], Callable[..., Column]]:
    def register(run: Callable[..., Column]) -> Callable[..., Column]:
        def call(env: Environment, label: str, args: list[Column], options: Options) -> Column:
            return run(*args)

        FUNCTIONS[name] = Function(
            name,
            tuple(arguments.split()),
            call,
            en,
            zh,
            result,
            required,
            repeats,
            constants=constants or {},
            limits=limits,
        )
        return run

    return register


@_elementwise(
    "where",
    "bool any any",
    "a where the condition holds, else b; missing where the condition is missing",
    "条件成立取 a，否则取 b；条件缺失则结果缺失",
    result=None,
)
def _where(condition: Array, yes: Column, no: Column) -> Column:
    if yes.dtype == object or no.dtype == object:
        chosen = np.where(condition == 1, yes, no)
        chosen = np.array(chosen, dtype=object)
        unknown = np.isnan(np.broadcast_to(condition, chosen.shape))
        if unknown.any():
            chosen[unknown] = None
        return chosen
    return np.asarray(np.where(np.isnan(condition), np.nan, np.where(condition == 1, yes, no)))


@_elementwise(
    "min",
    "number number",
    "the least of several columns, region by region",
    "逐地区取最小值",
    repeats=True,
)
def _min(*columns: Array) -> Array:
    return np.asarray(reduce(np.minimum, columns))


@_elementwise(
    "max",
    "number number",
    "the greatest of several columns, region by region",
    "逐地区取最大值",
    repeats=True,
)
def _max(*columns: Array) -> Array:
    return np.asarray(reduce(np.maximum, columns))


@_elementwise(
    "clip",
    "number number number",
    "x held between a low and a high",
    "将 x 限制在下限与上限之间",
    limits=(1, 2),
)
def _clip(x: Array, low: Array, high: Array) -> Array:
    return np.asarray(np.minimum(np.maximum(x, low), high))


@_elementwise("abs", "number", "the value without its sign", "绝对值")
def _abs(x: Array) -> Array:
    return np.asarray(np.abs(x))


def _exp(env: Environment, label: str, args: list[Column], options: Options) -> Column:
    with np.errstate(over="ignore"):
        raised = np.exp(np.asarray(args[0], dtype=float))
    env.report(
        "not-defined",
        label,
        "exp of a number above 709 is missing",
        "exp 的自变量超过 709，结果记为缺失",
        np.isinf(raised),
    )
    return np.asarray(np.where(np.isinf(raised), np.nan, raised))


FUNCTIONS["exp"] = Function(
    "exp",
    ("number",),
    _exp,
    "e to the power of x; missing (and noted) where too large",
    "自然指数；过大时缺失并提示",
)


@_elementwise("floor", "number", "the whole number at or below x", "向下取整")
def _floor(x: Array) -> Array:
    return np.asarray(np.floor(numbers.whole_if_near(x)))


@_elementwise("ceil", "number", "the whole number at or above x", "向上取整")
def _ceil(x: Array) -> Array:
    return np.asarray(np.ceil(numbers.whole_if_near(x)))


@_elementwise(
    "round",
    "number number",
    "x rounded half up to so many decimals (0 if not said)",
    "四舍五入到指定小数位（默认 0 位）",
    required=1,
    constants={1: _DECIMALS},
)
def _round(x: Array, decimals: Array | None = None) -> Array:
    if decimals is not None and np.isnan(decimals):
        return np.full(np.shape(x), np.nan)
    places = 0 if decimals is None else int(decimals)
    return round_column(np.asarray(x), places, "half_up")


@_elementwise("is_missing", "any", "true where x is missing", "x 缺失时为真", result="bool")
def _is_missing(x: Column) -> Array:
    if x.dtype == object:
        return np.array([value is None for value in np.atleast_1d(x)], dtype=float).reshape(x.shape)
    return np.asarray(np.isnan(x.astype(float)), dtype=float)


@_elementwise("if_missing", "any any", "x, or b where x is missing", "x 缺失时取 b", result=None)
def _if_missing(x: Column, other: Column) -> Column:
    return _where(_is_missing(x), other, x)


def _year(env: Environment, label: str, args: list[Column], options: Options) -> Column:
    texts = np.atleast_1d(args[0])
    found = [None if text is None else _year_of(str(text)) for text in texts]
    years = np.array([np.nan if year is None else year for year in found], dtype=float)
    env.report(
        "not-defined",
        label,
        "year() of a text that is no year, date or school year is missing",
        "year() 的自变量不是年份、日期或学年，结果记为缺失",
        np.array([text is not None for text in texts]) & np.isnan(years),
    )
    return years.reshape(np.shape(args[0]))


def _year_of(text: str) -> int | None:
    start = period_start(text)
    return school_year(text) if start is None else start[0]


FUNCTIONS["year"] = Function(
    "year",
    ("text",),
    _year,
    "the year of a period, date or school year (in which it begins), as a number; else missing",
    "期别、日期或学年（起始年）的年份，数值；不是时缺失并提示",
)


def _logarithm(name: str, base: Callable[[Array], Array], en: str, zh: str) -> None:
    def call(env: Environment, label: str, args: list[Column], options: Options) -> Column:
        x = np.asarray(args[0], dtype=float)
        with np.errstate(invalid="ignore"):
            wrong = x < 0 if name == "sqrt" else x <= 0
        env.report(
            "not-defined",
            label,
            f"{name} of a number {'below' if name == 'sqrt' else 'not above'} zero is missing",
            f"{name} 的自变量{'小于' if name == 'sqrt' else '不大于'}零，结果记为缺失",
            wrong,
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(np.where(wrong, np.nan, base(np.where(wrong, 1.0, x))))

    FUNCTIONS[name] = Function(name, ("number",), call, en, zh)


_logarithm(
    "log",
    np.log,
    "natural logarithm; missing (and noted) at or below 0",
    "自然对数；自变量不大于 0 时缺失并提示",
)
_logarithm(
    "log10",
    np.log10,
    "logarithm to base 10; missing (and noted) at or below 0",
    "常用对数；自变量不大于 0 时缺失并提示",
)
_logarithm(
    "sqrt", np.sqrt, "square root; missing (and noted) below 0", "平方根；自变量小于 0 时缺失并提示"
)
