"""Grades from the score: bands with stated ends, conditions, quotas within groups."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from reliefperf.errors import InputError
from reliefperf.evaluation.effects import Adjusted
from reliefperf.evaluation.indicators import path_of
from reliefperf.model import numbers
from reliefperf.model.environment import Array, Environment
from reliefperf.model.expressions import Expr
from reliefperf.model.functions import rank
from reliefperf.model.model import Model
from reliefperf.model.spec_evaluation import Band, Grades, Ranking, is_quota

UNGRADED = -1


def grade(
    model: Model,
    env: Environment,
    spec: Grades,
    score: Array,
    effects: list[Adjusted],
    label: str = "grades",
) -> NDArray[np.int64]:
    """The place of each region's grade among the bands, -1 where the score is missing.

    `label` says in notes what is graded.
    """
    places = np.full(score.shape, UNGRADED, dtype=np.int64)
    open_ = ~np.isnan(score)
    groups, count = groups_by(model, env, spec.by, label)
    known = open_.copy()
    later = _tie_break(model, env, spec.tie_break, open_, label)
    best = best_allowed(effects, [band.grade for band in spec.bands], score.shape[0])
    for place, band in enumerate(spec.bands):
        candidates = open_ & (place >= best) & _holds(model, env, band, score)
        if band.quota is not None:
            quotas = _quotas(model, env, band, band.quota, groups, count)
            candidates = _within_quota(spec, candidates, score, quotas, groups, count, known, later)
        places[candidates] = place
        open_ = open_ & ~candidates
    return places


def grade_names(spec: Grades, places: NDArray[np.int64]) -> NDArray[np.object_]:
    """The grades at places among the bands; None at -1."""
    names = np.empty(len(spec.bands) + 1, dtype=object)
    names[:] = [*(band.grade for band in spec.bands), None]
    return np.asarray(names[places])


def best_allowed(
    effects: Iterable[Adjusted], grades: Sequence[str], n_regions: int
) -> NDArray[np.int64]:
    """The place of the best grade that vetoes and caps leave to each region."""
    best = np.zeros(n_regions, dtype=np.int64)
    for effect in effects:
        item = effect.spec
        if item is not None and (item.veto or item.cap_grade is not None):
            place = len(grades) - 1 if item.cap_grade is None else grades.index(item.cap_grade)
            best = np.where(effect.applies, np.maximum(best, place), best)
    return best


def ranks(
    model: Model, env: Environment, spec: Ranking, values: Array, label: str = "rank"
) -> Array:
    """The rank of each region by values (n_regions,), NaN where they, or the group, are missing.

    `label` says in notes what is ranked.
    """
    groups, count = groups_by(model, env, spec.by, label)
    known = ~np.isnan(values) & (groups >= 0)
    later = _tie_break(model, env, spec.tie_break, known, label)
    return rank(values, groups, count, known, order=spec.order, ties=spec.ties, tie_break=later)


def _tie_break(
    model: Model, env: Environment, stated: Expr | None, known: NDArray[np.bool_], label: str
) -> Array | None:
    """What decides between equal regions (n_regions,); None where nothing is stated."""
    if stated is None:
        return None
    values = model.compiled(stated).full(env)
    env.report(
        "tie-break-missing",
        label,
        "`tie_break` is missing: last among equals",
        "tie_break 缺失，在并列者中排最后",
        known & np.isnan(values),
    )
    return values


def groups_by(
    model: Model, env: Environment, by: Expr | None, label: str
) -> tuple[NDArray[np.int64], int]:
    """The group of each region, -1 (and a note) where it is missing; one group without `by`."""
    if by is None:
        return np.zeros(env.n_regions, dtype=np.int64), 1
    groups, count = env.groups(model.compiled(by).full(env))
    env.report(
        "no-group",
        label,
        "the group (by) is missing, so the region is compared with none",
        "分组（by）缺失，不参与组内比较",
        groups < 0,
    )
    return groups, count


def _holds(model: Model, env: Environment, band: Band, score: Array) -> NDArray[np.bool_]:
    result = np.ones(score.shape, dtype=bool)
    unknown = np.zeros(score.shape, dtype=bool)
    for test, expr in (
        (numbers.at_least, band.at_least),
        (numbers.above, band.above),
        (lambda _, condition: condition == 1, band.when),
    ):
        if expr is not None:
            stated = model.compiled(expr).full(env)
            result &= test(score, stated)
            unknown |= np.isnan(stated)
    env.report(
        "condition-unknown",
        band.grade,
        "the grade's condition is missing, so the grade is not given",
        "等次条件缺失，不予评定该等次",
        unknown & ~np.isnan(score),
    )
    return result


def _quotas(
    model: Model,
    env: Environment,
    band: Band,
    stated: Expr,
    groups: NDArray[np.int64],
    count: int,
) -> list[float]:
    """The quota of each group; raises InputError unless it is one share or whole number."""
    column = model.compiled(stated).full(env)
    quotas = []
    for group in range(count):
        here = np.unique(column[groups == group])
        if here.size != 1 or not is_quota(float(here[0])):
            member = env.codes[int(np.flatnonzero(groups == group)[0])]
            shown = ", ".join("—" if value != value else f"{value:g}" for value in here[:3])
            raise InputError(
                model.document.mistake(
                    path_of(model, stated),
                    f"the quota of '{band.grade}' must be one share below 1, or one whole number of "
                    f"regions, in each group; in that of region {member} it is {shown}",
                    f"“{band.grade}”的名额在每组内须为一个小于 1 的比例或一个整数；"
                    f"在地区 {member} 所在组中为 {shown}",
                )
            )
        quotas.append(float(here[0]))
    return quotas


def _within_quota(
    spec: Grades,
    candidates: NDArray[np.bool_],
    score: Array,
    quotas: list[float],
    groups: NDArray[np.int64],
    count: int,
    known: NDArray[np.bool_],
    tie_break: Array | None,
) -> NDArray[np.bool_]:
    """The best candidates of each group that fit the quota; ties at its end as stated."""
    sizes = np.bincount(groups[known & (groups >= 0)], minlength=count)
    first = rank(score, groups, count, candidates, ties="min", tie_break=tie_break)
    last = rank(score, groups, count, candidates, ties="max", tie_break=tie_break)
    sized = zip(quotas, sizes.tolist(), strict=True)
    places = np.array([_quota_places(quota, size, spec.quota_rounding) for quota, size in sized])
    limit = np.append(places, 0)[groups]  # the last for -1: in no group
    by_rank = first if spec.quota_ties == "in" else last
    return candidates & (groups >= 0) & (np.nan_to_num(by_rank, nan=np.inf) <= limit)


def _quota_places(quota: float, size: int, rounding: str) -> int:
    if quota >= 1:
        return int(quota)
    places = quota * size
    whole = round(places)
    if abs(places - whole) < 1e-9:
        return whole
    return {
        "down": math.floor(places),
        "up": math.ceil(places),
        "half_up": math.floor(places + 0.5),
    }[rounding]
