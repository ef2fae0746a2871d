"""Functions that look at all regions of the period, or at those of the same group (`by=`).

Those that give one number for a group take `to=` as well: the number of the regions that name this
one by its code.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from reliefperf.model import numbers
from reliefperf.model.environment import Array
from reliefperf.model.functions.function import Limits
from reliefperf.model.functions.groups import across, exact_sum, per_group

_LEVEL = Limits(0, 1, False, "a number from 0 to 1", "0 到 1 的数")

_GROUPED = ("by", "to")

_NO_SPREAD = ("no-spread", "all values of the group are equal", "组内各值全部相等")


@across("total", "the sum over regions", "各地区合计", options=_GROUPED, nobody=0.0)
def _total(x: Array, groups: Array, count: int, known: Array) -> Array:
    return np.nan_to_num(per_group(x, groups, count, known, exact_sum), nan=0.0) + np.where(
        groups < 0, np.nan, 0.0
    )


@across(
    "count",
    "in how many regions the condition holds",
    "条件成立的地区数",
    options=_GROUPED,
    arguments="bool",
    nobody=0.0,
)
def _count(x: Array, groups: Array, count: int, known: Array) -> Array:
    return _total((x == 1).astype(float), groups, count, known)


@across(
    "mean",
    "the mean over regions; weight= makes it a weighted mean",
    "各地区均值；weight= 为加权均值",
    options=(*_GROUPED, "weight"),
    undefined=("zero-total", "the weights of the group add up to zero", "组内权重合计为零"),
)
def _mean(x: Array, groups: Array, count: int, known: Array, weight: Array | None = None) -> Array:
    if weight is None:
        return per_group(x, groups, count, known, lambda v: exact_sum(v) / v.size)
    top = per_group(x * weight, groups, count, known, exact_sum)
    bottom = per_group(weight, groups, count, known, exact_sum)
    return np.asarray(np.divide(top, bottom, out=np.full(x.shape, np.nan), where=bottom != 0))


@across("median", "the middle value over regions", "各地区中位数", options=_GROUPED)
def _median(x: Array, groups: Array, count: int, known: Array) -> Array:
    return per_group(x, groups, count, known, lambda v: float(np.median(v)))


@across(
    "stdev", "the standard deviation over regions (n - 1)", "各地区标准差（n−1）", options=_GROUPED
)
def _stdev(x: Array, groups: Array, count: int, known: Array) -> Array:
    def measure(v: Array) -> float:
        if v.size < 2:
            return float("nan")
        mean = exact_sum(v) / v.size
        return math.sqrt(exact_sum((v - mean) ** 2) / (v.size - 1))

    return per_group(x, groups, count, known, measure)


@across("lowest", "the least value over regions", "各地区最小值", options=_GROUPED)
def _lowest(x: Array, groups: Array, count: int, known: Array) -> Array:
    return per_group(x, groups, count, known, lambda v: float(v.min()))


@across("highest", "the greatest value over regions", "各地区最大值", options=_GROUPED)
def _highest(x: Array, groups: Array, count: int, known: Array) -> Array:
    return per_group(x, groups, count, known, lambda v: float(v.max()))


@across(
    "quantile",
    "the q-quantile over regions (linear between points)",
    "各地区 q 分位数（线性插值）",
    options=_GROUPED,
    arguments="number number",
    constants={1: _LEVEL},
)
def _quantile(x: Array, groups: Array, count: int, known: Array, q: Array) -> Array:
    level = float(q)
    if level != level:
        return np.full(x.shape, np.nan)
    return per_group(x, groups, count, known, lambda v: float(np.quantile(v, level)))


@across(
    "share",
    "x as a share of its total",
    "占合计的比重",
    undefined=("zero-total", "the total of the group is zero", "组内合计为零"),
)
def _share(x: Array, groups: Array, count: int, known: Array) -> Array:
    whole = _total(x, groups, count, known)
    return np.asarray(np.divide(x, whole, out=np.full(x.shape, np.nan), where=whole != 0))


@across(
    "rank",
    "place among the regions; order='descending' (1 = greatest, the default) or 'ascending'; "
    "ties='min' (default), 'max', 'average' or 'dense'; tie_break=y: of equal x the larger y first",
    "名次；order='descending'（默认，最大者第 1）或 'ascending'；ties='min'（默认）、'max'、'average'、'dense'；"
    "tie_break=y：x 相等时 y 大者在前",
    options=("by", "order", "ties", "tie_break"),
    counts_missing=True,
)
def rank(
    x: Array,
    groups: Array,
    count: int,
    known: Array,
    order: str = "descending",
    ties: str = "min",
    tie_break: Array | None = None,
) -> Array:
    """Ranks within groups; values equal to 12 significant digits tie.

    Of equal ones the larger `tie_break` comes first, one that is missing last; `ties` is for those
    that are equal in both.
    """
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
        if tie_break is not None:
            by_value, new = _parted(by_value, new, tie_break[members])
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


def _parted(
    by_value: NDArray[np.intp], new: NDArray[np.bool_], tie_break: Array
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """The order with each run of equals (from one `new` to the next) parted by a second value."""
    runs = np.cumsum(new)
    unknown = np.isnan(tie_break[by_value])
    later = np.where(unknown, 0.0, -tie_break[by_value])
    again = np.lexsort((later, unknown, runs))
    runs, unknown, later = runs[again], unknown[again], later[again]
    apart = np.ones(new.size, dtype=bool)
    same = (unknown[1:] == unknown[:-1]) & numbers.equal(later[1:], later[:-1])
    apart[1:] = (runs[1:] != runs[:-1]) | ~same
    return by_value[again], apart


@across(
    "percentile",
    "100 x (place from below, ties at the lower place) / number of regions",
    "百分位：100 × 自低向高名次（并列取低）/ 地区数",
    counts_missing=True,
)
def _percentile(x: Array, groups: Array, count: int, known: Array) -> Array:
    place = rank(x, groups, count, known, order="ascending", ties="min")
    size = _total(known.astype(float), groups, count, known)
    return np.asarray(100 * place / np.where(size == 0, np.nan, size))


@across(
    "minmax",
    "0 at the least and 1 at the greatest value; missing where all are equal",
    "极差标准化：最小为 0，最大为 1；全部相等时缺失",
    undefined=_NO_SPREAD,
)
def _minmax(x: Array, groups: Array, count: int, known: Array) -> Array:
    low = _lowest(x, groups, count, known)
    spread = _highest(x, groups, count, known) - low
    return np.asarray(np.divide(x - low, spread, out=np.full(x.shape, np.nan), where=spread > 0))


@across(
    "zscore",
    "distance from the mean in standard deviations (n - 1); missing where all are equal",
    "标准分（n−1）；全部相等时缺失",
    undefined=_NO_SPREAD,
)
def _zscore(x: Array, groups: Array, count: int, known: Array) -> Array:
    spread = _stdev(x, groups, count, known)
    centre = _mean(x, groups, count, known)
    return np.asarray(np.divide(x - centre, spread, out=np.full(x.shape, np.nan), where=spread > 0))
