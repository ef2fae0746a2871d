"""What compiled expressions do to columns: arithmetic that notes what is not defined, and looking back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from reliefperf.model.environment import Column, Environment, Kind

Evaluate = Callable[[Environment], Column]

MAX_EXPONENT = 10
"""Largest exponent of `**`, without its sign."""


def joined(parts: list[Evaluate]) -> Evaluate:
    """Several grouping columns as one."""

    def run(env: Environment) -> Column:
        columns = [env.full(part(env)) for part in parts]
        joined = np.empty(env.n_regions, dtype=object)
        for place, values in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
            missing = any(value is None or value != value for value in values)
            joined[place] = None if missing else "\x1f".join(map(str, values))
        return joined

    return run


def finite(
    env: Environment, label: str, operation: np.ufunc, left: Column, right: Column
) -> Column:
    """The result of an operation; where it is too large for a number it is missing, and noted."""
    try:
        with np.errstate(over="raise"):
            return np.asarray(operation(left, right))
    except FloatingPointError:
        with np.errstate(over="ignore"):
            result = np.asarray(operation(left, right))
    beyond = np.isinf(result)
    env.report(
        "not-defined",
        label,
        "a result beyond 1e308 is a missing value",
        "结果超过 1e308，记为缺失",
        beyond,
    )
    return np.asarray(np.where(beyond, np.nan, result))


def divide(env: Environment, label: str, top: Column, bottom: Column) -> Column:
    """Top / bottom; missing, and noted, where the bottom is zero."""
    top, bottom = np.asarray(top, dtype=float), np.asarray(bottom, dtype=float)
    zero = bottom == 0
    if not zero.any():
        return finite(env, label, np.divide, top, bottom)
    env.report(
        "division-by-zero",
        label,
        "division by zero is a missing value",
        "除数为零，结果记为缺失",
        zero & ~np.isnan(top),
    )
    quotient = finite(env, label, np.divide, top, np.where(zero, 1.0, bottom))
    return np.asarray(np.where(zero, np.nan, quotient))


def power(env: Environment, label: str, base: Column, exponent: Column) -> Column:
    """Base ** exponent; missing, and noted, where it has no finite value."""
    base, exponent = np.asarray(base, dtype=float), np.asarray(exponent, dtype=float)
    with np.errstate(all="ignore"):
        raised = np.power(base, exponent)
    wrong = (~np.isfinite(raised) | (np.abs(exponent) > MAX_EXPONENT)) & ~np.isnan(base)
    env.report(
        "not-defined",
        label,
        f"a power without a finite value (or an exponent beyond {MAX_EXPONENT}) is missing",
        f"乘方无有限值（或指数绝对值超过 {MAX_EXPONENT}），结果记为缺失",
        wrong,
    )
    return np.asarray(np.where(wrong, np.nan, raised))


def text_equal(left: Column, right: Column, negate: bool) -> Column:
    """Whether texts are the same (or not, with `negate`); missing where one is."""
    shape = np.broadcast_shapes(left.shape, right.shape)
    pairs = zip(
        np.broadcast_to(left, shape).reshape(-1).tolist(),
        np.broadcast_to(right, shape).reshape(-1).tolist(),
        strict=True,
    )
    found = [np.nan if a is None or b is None else float((a == b) != negate) for a, b in pairs]
    return np.asarray(found, dtype=float).reshape(shape)


def arguments(env: Environment, name: str, runs: Sequence[Evaluate]) -> list[Column]:
    """The arguments of a call; of the branches of `where` only what is used is worth a note."""
    if name != "where":
        return [run(env) for run in runs]
    condition = runs[0](env)
    columns = [condition]
    for run, holds in zip(runs[1:], (1, 0), strict=True):
        with env.used_only(np.asarray(condition == holds)):
            columns.append(run(env))
    return columns


def nan_to_none(column: Column) -> Column:
    """A column of texts in which what is no text is missing."""
    plain = [value if isinstance(value, str) else None for value in np.atleast_1d(column).tolist()]
    result = np.empty(len(plain), dtype=object)
    result[:] = plain
    return result.reshape(column.shape)


def look_back(env: Environment, label: str, text: str, kind: Kind, run: Evaluate) -> Column:
    """What `run` gives in the period before, region by region; missing, and noted, where none is."""
    n = env.n_regions
    empty: Column = np.full(n, None, dtype=object) if kind == "text" else np.full(n, np.nan)
    if env.previous is None or env.order is None:
        env.report(
            "no-previous-period",
            label,
            f"there is no period before, so previous({text}) is missing",
            f"没有上一期数据，previous({text}) 记为缺失",
            np.ones(n, dtype=bool),
        )
        return empty
    # what is missing there is missing here: it is noted of this period
    asked = replace(env.previous, notes=env.notes)
    try:
        before = asked.full(run(asked))
    except KeyError:
        env.report(
            "no-previous-period",
            label,
            f"the period before was not computed so far, so previous({text}) is missing",
            f"上一期未计算到该项，previous({text}) 记为缺失",
            np.ones(n, dtype=bool),
        )
        return empty
    found = env.order >= 0
    env.report(
        "no-previous-period",
        label,
        f"the region is not in the period before, so previous({text}) is missing",
        f"上一期没有该地区，previous({text}) 记为缺失",
        ~found,
    )
    result = np.array(empty)
    result[found] = before[env.order[found]]
    return result
