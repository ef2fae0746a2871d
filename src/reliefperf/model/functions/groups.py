"""How a function looks at all regions, at those of the same group, or at those that name this one.

Regions where the argument is missing are left out, which is noted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reliefperf.model.environment import Array, Column, Environment
from reliefperf.model.functions.by_code import places_of, strange
from reliefperf.model.functions.function import FUNCTIONS, Function, Limits, Options


def across(
    name: str,
    en: str,
    zh: str,
    *,
    options: tuple[str, ...] = ("by",),
    arguments: str = "number",
    counts_missing: bool = False,
    constants: Mapping[int, Limits] | None = None,
    undefined: tuple[str, str, str] | None = None,
    nobody: float = math.nan,
) -> Callable[[Callable[..., Array]], Callable[..., Array]]:
    """Register; `undefined` is the kind of note, and its words, where known values give nothing.

    `nobody` is the result with `to=` for a region that no region names.
    """

    def register(run: Callable[..., Array]) -> Callable[..., Array]:
        def call(env: Environment, label: str, args: list[Column], opts: Options) -> Column:
            x = env.full(np.asarray(args[0], dtype=float))
            to = opts.get("to")
            if to is None or isinstance(to, str):
                groups, count = group_of(env, label, opts.get("by"))
            else:
                groups, count = _named(env, label, name, x, to), env.n_regions
            plain = _plain(env, opts)
            left_out = np.isnan(x)
            if "weight" in plain:
                left_out = left_out | np.isnan(plain["weight"])
            known = ~left_out & (groups >= 0)
            if "tie_break" in plain:
                env.report(
                    "left-out",
                    label,
                    f"the tie_break of {name}() is missing: last among equals",
                    f"{name}() 的 tie_break 缺失，在并列者中排最后",
                    known & np.isnan(plain["tie_break"]),
                )
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
            if to is None:
                return result
            of_named = np.full(env.n_regions, nobody)
            of_named[groups[groups >= 0]] = result[groups >= 0]
            return of_named

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


def group_of(env: Environment, label: str, by: Column | str | None) -> tuple[Column, int]:
    """The number of each region's group, -1 where it has none, and how many groups there are."""
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


def _named(env: Environment, label: str, name: str, x: Array, to: Column) -> NDArray[np.int64]:
    """The place of the region that each names; what would be lost because there is none is noted."""
    places = places_of(env, to)
    unknown = places == -2
    if unknown.any():
        which, which_zh = strange(env, to, unknown)
        env.report(
            "left-out",
            label,
            f"{name}() left out a value for the code {which} (to=), which no region has",
            f"{name}() 未计入指向代码{which_zh}（to=）的值，没有该代码的地区",
            unknown,
        )
    env.report(
        "left-out",
        label,
        f"{name}() left out a value that names no region: its code (to=) is missing",
        f"{name}() 未计入代码（to=）缺失而无所指向的值",
        (places == -1) & ~np.isnan(x) & (x != 0),
    )
    return np.maximum(places, -1)


def _plain(env: Environment, options: Options) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for key, value in options.items():
        if key in ("weight", "tie_break") and not isinstance(value, str):
            plain[key] = env.full(np.asarray(value, dtype=float))
        elif key not in ("by", "to"):
            plain[key] = value
    return plain


def per_group(
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


def exact_sum(values: Array) -> float:
    """The sum whatever the order."""
    return math.fsum(values.tolist())
