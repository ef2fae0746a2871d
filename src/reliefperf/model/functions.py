"""The functions that expressions may call.

Element-wise functions work region by region; across-region functions look at all regions of the
period, or at those of the same group when `by=` is given. Regions where the argument is missing
are left out of a total, a mean or a rank, which is noted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import numpy as np

from reliefperf.model import numbers
from reliefperf.model.environment import Array, Column, Environment, Kind
from reliefperf.model.numbers import round_column

Options = Mapping[str, Column | str]


@dataclass(frozen=True)
class Limits:
    """What an argument that is one number for all regions may be."""

    low: float
    high: float
    whole: bool
    en: str
    zh: str

    def hold(self, value: float) -> bool:
        """Whether a number is within the limits."""
        return self.low <= value <= self.high and (not self.whole or value == int(value))


_DECIMALS = Limits(-12, 12, True, "a whole number from -12 to 12", "-12 到 12 的整数")
_LEVEL = Limits(0, 1, False, "a number from 0 to 1", "0 到 1 的数")


@dataclass(frozen=True)
class Function:
    """One function: how it is called and what it does.

    `arguments` lists the kinds of the arguments ("any" takes all); the last may repeat.
    `constants` gives the places of arguments that are one number for all regions.
    """

    name: str
    arguments: tuple[str, ...]
    run: Callable[[Environment, str, list[Column], Options], Column]
    en: str
    zh: str
    result: Kind | None = "number"
    required: int | None = None
    repeats: bool = False
    options: tuple[str, ...] = ()
    across: bool = False
    constants: Mapping[int, Limits] = field(default_factory=dict)

    @property
    def least(self) -> int:
        """How many arguments are needed."""
        return len(self.arguments) if self.required is None else self.required


FUNCTIONS: dict[str, Function] = {}
"""Every function by name, in the order of the documentation."""


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
    "clip", "number number number", "x held between a low and a high", "将 x 限制在下限与上限之间"
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


# ---------------------------------------------------------------- across regions


_NO_SPREAD = ("no-spread", "all values of the group are equal", "组内各值全部相等")


def _across(
    name: str,
    en: str,
    zh: str,
    *,
    options: tuple[str, ...] = ("by",),
    arguments: str = "number",
    counts_missing: bool = False,
    constants: Mapping[int, Limits] | None = None,
    undefined: tuple[str, str, str] | None = None,
) -> Callable[[Callable[..., Array]], Callable[..., Array]]:
    """Register; `undefined` is the kind of note, and its words, where known values give nothing."""

    def register(run: Callable[..., Array]) -> Callable[..., Array]:
        def call(env: Environment, label: str, args: list[Column], opts: Options) -> Column:
            x = env.full(np.asarray(args[0], dtype=float))
            groups, count = _group_of(env, label, opts.get("by"))
            plain = _plain(env, opts)
            left_out = np.isnan(x)
            if "weight" in plain:
                left_out = left_out | np.isnan(plain["weight"])
            known = ~left_out & (groups >= 0)
            if not counts_missing:
                env.report(
                    "left-out",
                    label,
                    f"{name}() left out a missing value",
                    f"{name}() 未计入缺失值",
                    left_out,
                )
            try:
                with np.errstate(over="raise"):
                    result = run(x, groups, count, known, *args[1:], **plain)
            except (FloatingPointError, OverflowError):
                everywhere = np.ones(env.n_regions, dtype=bool)
                env.report(
                    "not-defined",
                    label,
                    f"{name}() is beyond 1e308 and so missing",
                    f"{name}() 结果超过 1e308，记为缺失",
                    everywhere,
                )
                return np.full(env.n_regions, np.nan)
            if undefined is not None:
                kind, why, why_zh = undefined
                lacking = known & np.isnan(result)
                env.report(
                    kind,
                    label,
                    f"{why}, so {name} is missing",
                    f"{why_zh}，{name} 记为缺失",
                    lacking,
                )
            return result

        FUNCTIONS[name] = Function(
            name,
            tuple(arguments.split()),
            call,
            en,
            zh,
            options=options,
            across=True,
            constants=constants or {},
        )
        return run

    return register


def _group_of(env: Environment, label: str, by: Column | str | None) -> tuple[Column, int]:
    if by is None or isinstance(by, str):
        return np.zeros(env.n_regions, dtype=np.int64), 1
    groups, count = env.groups(by)
    env.report(
        "no-group",
        label,
        "the group (by=) is missing, so the result is",
        "分组（by=）缺失，结果记为缺失",
        groups < 0,
    )
    return groups, count


def _plain(env: Environment, options: Options) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for key, value in options.items():
        if key == "weight" and not isinstance(value, str):
            plain[key] = env.full(np.asarray(value, dtype=float))
        elif key != "by":
            plain[key] = value
    return plain


def _per_group(
    x: Array, groups: Array, count: int, known: Array, measure: Callable[[Array], float]
) -> Array:
    """One number a group, spread over its regions; NaN where a group has no value."""
    values = np.full(count, np.nan)
    if count == 1:
        chosen = x[known]
        if chosen.size:
            values[0] = measure(chosen)
    else:
        order = np.argsort(groups[known], kind="stable")
        sorted_groups = groups[known][order]
        sorted_x = x[known][order]
        starts = np.searchsorted(sorted_groups, np.arange(count + 1))
        for group in range(count):
            chosen = sorted_x[starts[group] : starts[group + 1]]
            if chosen.size:
                values[group] = measure(chosen)
    spread = np.full(x.shape, np.nan)
    inside = groups >= 0
    spread[inside] = values[groups[inside]]
    return spread


def _fsum(values: Array) -> float:
    return math.fsum(values.tolist())


@_across("total", "the sum over regions", "各地区合计")
def _total(x: Array, groups: Array, count: int, known: Array) -> Array:
    return np.nan_to_num(_per_group(x, groups, count, known, _fsum), nan=0.0) + np.where(
        groups < 0, np.nan, 0.0
    )


@_across("count", "in how many regions the condition holds", "条件成立的地区数", arguments="bool")
def _count(x: Array, groups: Array, count: int, known: Array) -> Array:
    return _total((x == 1).astype(float), groups, count, known)


@_across(
    "mean",
    "the mean over regions; weight= makes it a weighted mean",
    "各地区均值；weight= 为加权均值",
    options=("by", "weight"),
    undefined=("zero-total", "the weights of the group add up to zero", "组内权重合计为零"),
)
def _mean(x: Array, groups: Array, count: int, known: Array, weight: Array | None = None) -> Array:
    if weight is None:
        return _per_group(x, groups, count, known, lambda v: _fsum(v) / v.size)
    top = _per_group(x * weight, groups, count, known, _fsum)
    bottom = _per_group(weight, groups, count, known, _fsum)
    return np.asarray(np.divide(top, bottom, out=np.full(x.shape, np.nan), where=bottom != 0))


@_across("median", "the middle value over regions", "各地区中位数")
def _median(x: Array, groups: Array, count: int, known: Array) -> Array:
    return _per_group(x, groups, count, known, lambda v: float(np.median(v)))


@_across("stdev", "the standard deviation over regions (n - 1)", "各地区标准差（n−1）")
def _stdev(x: Array, groups: Array, count: int, known: Array) -> Array:
    def measure(v: Array) -> float:
        if v.size < 2:
            return float("nan")
        mean = _fsum(v) / v.size
        return math.sqrt(_fsum((v - mean) ** 2) / (v.size - 1))

    return _per_group(x, groups, count, known, measure)


@_across("lowest", "the least value over regions", "各地区最小值")
def _lowest(x: Array, groups: Array, count: int, known: Array) -> Array:
    return _per_group(x, groups, count, known, lambda v: float(v.min()))


@_across("highest", "the greatest value over regions", "各地区最大值")
def _highest(x: Array, groups: Array, count: int, known: Array) -> Array:
    return _per_group(x, groups, count, known, lambda v: float(v.max()))


@_across(
    "quantile",
    "the q-quantile over regions (linear between points)",
    "各地区 q 分位数（线性插值）",
    arguments="number number",
    constants={1: _LEVEL},
)
def _quantile(x: Array, groups: Array, count: int, known: Array, q: Array) -> Array:
    level = float(q)
    if level != level:
        return np.full(x.shape, np.nan)
    return _per_group(x, groups, count, known, lambda v: float(np.quantile(v, level)))


@_across(
    "share",
    "x as a share of its total",
    "占合计的比重",
    undefined=("zero-total", "the total of the group is zero", "组内合计为零"),
)
def _share(x: Array, groups: Array, count: int, known: Array) -> Array:
    whole = _total(x, groups, count, known)
    return np.asarray(np.divide(x, whole, out=np.full(x.shape, np.nan), where=whole != 0))


@_across(
    "rank",
    "place among the regions; order='descending' (1 = greatest, the default) or 'ascending'; "
    "ties='min' (default), 'max', 'average' or 'dense'",
    "名次；order='descending'（默认，最大者第 1）或 'ascending'；ties='min'（默认）、'max'、'average'、'dense'",
    options=("by", "order", "ties"),
    counts_missing=True,
)
def rank(
    x: Array, groups: Array, count: int, known: Array, order: str = "descending", ties: str = "min"
) -> Array:
    """Ranks within groups; values equal to 12 significant digits tie."""
    ranks = np.full(x.shape, np.nan)
    for group in range(count):
        members = np.flatnonzero(known & (groups == group) if count > 1 else known)
        if not members.size:
            continue
        values = -x[members] if order == "descending" else x[members]
        by_value = np.argsort(values)  # equal values share a place whatever their order
        ordered = values[by_value]
        new = np.ones(members.size, dtype=bool)
        new[1:] = ~numbers.equal(ordered[1:], ordered[:-1])
        block = np.cumsum(new) - 1
        first = np.flatnonzero(new)
        last = np.append(first[1:], members.size)
        per_block = {
            "min": first + 1.0,
            "max": last + 0.0,
            "average": (first + 1 + last) / 2,
            "dense": np.arange(first.size) + 1.0,
        }[ties]
        ranks[members[by_value]] = per_block[block]
    return ranks


@_across(
    "percentile",
    "100 x (place from below, ties at the lower place) / number of regions",
    "百分位：100 × 自低向高名次（并列取低）/ 地区数",
    counts_missing=True,
)
def _percentile(x: Array, groups: Array, count: int, known: Array) -> Array:
    place = rank(x, groups, count, known, order="ascending", ties="min")
    size = _total(known.astype(float), groups, count, known)
    return np.asarray(100 * place / np.where(size == 0, np.nan, size))


@_across(
    "minmax",
    "0 at the least and 1 at the greatest value; missing where all are equal",
    "极差标准化：最小为 0，最大为 1；全部相等时缺失",
    undefined=_NO_SPREAD,
)
def _minmax(x: Array, groups: Array, count: int, known: Array) -> Array:
    low = _lowest(x, groups, count, known)
    spread = _highest(x, groups, count, known) - low
    return np.asarray(np.divide(x - low, spread, out=np.full(x.shape, np.nan), where=spread > 0))


@_across(
    "zscore",
    "distance from the mean in standard deviations (n - 1); missing where all are equal",
    "标准分（n−1）；全部相等时缺失",
    undefined=_NO_SPREAD,
)
def _zscore(x: Array, groups: Array, count: int, known: Array) -> Array:
    spread = _stdev(x, groups, count, known)
    centre = _mean(x, groups, count, known)
    return np.asarray(np.divide(x - centre, spread, out=np.full(x.shape, np.nan), where=spread > 0))


OPTION_VALUES = {
    "order": ("descending", "ascending"),
    "ties": ("min", "max", "average", "dense"),
}
"""Options whose values are words."""
