"""Functions that go through the regions in the order of a key: running sums and queues.

Everybody stands behind those with a smaller key; keys equal to 12 significant digits are in the
order of the codes. Amounts are added and compared as the decimals that they stand for.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from reliefperf.model import numbers
from reliefperf.model.environment import Array, Column, Environment
from reliefperf.model.functions.function import FUNCTIONS, Function, Options
from reliefperf.model.functions.groups import group_of


def _cumulative(env: Environment, label: str, args: list[Column], options: Options) -> Column:
    (x,) = _numbers(env, args)
    found = np.full(env.n_regions, np.nan)
    for members in _queues(env, label, "cumulative", [x], options):
        so_far = Fraction(0)
        for i in members:
            so_far += numbers.exact(float(x[i]))
            found[i] = _as_float(so_far)
    beyond = np.isinf(found)
    env.report(
        "not-defined",
        label,
        "cumulative() is beyond 1e308 and so missing",
        "cumulative() 结果超过 1e308，记为缺失",
        beyond,
    )
    return np.asarray(np.where(beyond, np.nan, found))


def _fit(env: Environment, label: str, args: list[Column], options: Options) -> Column:
    cost, budget = _numbers(env, args)
    negative = cost < 0
    env.report(
        "not-defined",
        label,
        "fit() of a cost below zero is missing",
        "fit() 的费用小于零，结果记为缺失",
        negative,
    )
    cost = np.where(negative, np.nan, cost)
    skips = options.get("skip") == "True"
    found = np.full(env.n_regions, np.nan)
    for members in _queues(env, label, "fit", [cost, budget], options):
        spent, over = Fraction(0), False
        for i in members:
            after = spent + numbers.exact(float(cost[i]))
            fits = not over and after <= numbers.exact(float(budget[i]))
            spent = after if fits else spent
            over = over or not (fits or skips)
            found[i] = float(fits)
    return found


def _numbers(env: Environment, args: list[Column]) -> list[Array]:
    return [env.full(np.asarray(arg, dtype=float)) for arg in args]


def _queues(
    env: Environment, label: str, name: str, needed: list[Array], options: Options
) -> Iterator[list[int]]:
    """The places of each group's regions in order; where something is missing they are left out."""
    order = options["order"]
    assert not isinstance(order, str)
    (key,) = _numbers(env, [order])
    groups, count = group_of(env, label, options.get("by"))
    left_out = np.isnan(np.stack([key, *needed])).any(axis=0)
    env.report(
        "left-out",
        label,
        f"{name}() left out a missing value",
        f"{name}() 未计入缺失值",
        left_out,
    )
    for group in range(count):
        members = np.flatnonzero(~left_out & (groups == group))
        if members.size:
            yield _in_order(env, members, key[members])


def _in_order(env: Environment, members: NDArray[np.intp], key: Array) -> list[int]:
    by_key = np.argsort(key, kind="stable")
    ordered = key[by_key]
    new = np.ones(members.size, dtype=bool)
    new[1:] = ~numbers.equal(ordered[1:], ordered[:-1])
    places = members[by_key].tolist()
    block = np.cumsum(new).tolist()
    return [
        i for _, _, i in sorted(zip(block, (env.codes[i] for i in places), places, strict=True))
    ]


def _as_float(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf")


FUNCTIONS["cumulative"] = Function(
    "cumulative",
    ("number",),
    _cumulative,
    "the sum over the regions up to this one, in ascending order of order= (ties by code)",
    "按 order= 由小到大（并列按代码）累计到本地区的合计",
    options=("order", "by"),
    columns=("order",),
    needed=("order",),
    across=True,
)
FUNCTIONS["fit"] = Function(
    "fit",
    ("number", "number"),
    _fit,
    "true where the whole cost still fits into the budget, in ascending order of order=; the first "
    "that does not fit ends the queue, with skip=True it is passed over",
    "按 order= 由小到大排队，费用可由预算全额安排时为真；首个放不下者即止，skip=True 则跳过继续",
    result="bool",
    options=("order", "by", "skip"),
    columns=("order",),
    needed=("order",),
    across=True,
)
