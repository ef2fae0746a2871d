"""Improvement beside the mark: the change since the period before, with grades and ranks of its own.

A region without a period before, or without the figure in one of the two, has no improvement: it is
missing and noted, never zero.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reliefperf.evaluation.grading import grade, grade_names, ranks
from reliefperf.evaluation.indicators import constant
from reliefperf.evaluation.siblings import Mask
from reliefperf.model import numbers
from reliefperf.model.environment import Array, Environment
from reliefperf.model.model import Model
from reliefperf.model.operations import look_back
from reliefperf.model.spec_evaluation import EvaluationSpec, Improvement

PLACE = "improvement"
"""What notes are about."""


@dataclass(frozen=True)
class Improved:
    """The change of one period, shapes (n_regions,); NaN and None where there is none.

    `before` and `now` are the figures that were compared; `grade` is None without grades.
    """

    before: Array
    now: Array
    values: Array
    grade: NDArray[np.object_] | None
    rank: Array


def improve(
    model: Model, env: Environment, spec: EvaluationSpec, full_marks: Callable[[str], float]
) -> Improved | None:
    """Compare with the period before; adds the results to `env` for what comes after.

    `full_marks` gives those of a node by its id, of the score by "".
    """
    stated = spec.improvement
    if stated is None:
        return None
    compiled = model.compiled(stated.of)
    now = env.full(np.asarray(compiled(env), dtype=float))
    before = look_back(env, PLACE, stated.of.text, "number", compiled)
    before = np.asarray(before, dtype=float)
    full = _full_marks(model, env, stated, full_marks)
    values = _measured(stated, before, now, full, env)
    values = numbers.round_column(values, stated.decimals, stated.rounding)
    env.columns["improvement"] = values
    grades = None
    if stated.grades is not None:
        places = grade(model, env, stated.grades, values, [], PLACE)
        grades = grade_names(stated.grades, places)
    env.columns["improvement_grade"] = (
        grades if grades is not None else np.full(env.n_regions, None, object)
    )
    rank = ranks(model, env, stated.rank, values, f"{PLACE}.rank")
    env.columns["improvement_rank"] = rank
    return Improved(before, now, values, grades, rank)


def _measured(spec: Improvement, before: Array, now: Array, full: float, env: Environment) -> Array:
    """The change as the model measures it; what cannot be measured is missing and noted."""
    change = now - before
    known = ~np.isnan(change)
    had_no_figure = (np.isnan(before) & ~_new(env)) | np.isnan(now)
    env.report(
        "no-improvement",
        PLACE,
        f"'{spec.of.text}' is missing in this period or the one before, so there is no improvement",
        f"“{spec.of.text}”本期或上期缺失，不计进步",
        had_no_figure,
    )
    if spec.measure == "difference":
        return change
    if spec.measure == "rate":
        return _part(
            change,
            before,
            "was not above zero before, so that there is no rate of change",
            "上期不大于零，无法计算增长率",
            spec.of.text,
            known,
            env,
        )
    return _part(
        change,
        full - before,
        f"was at the full marks of {full:g} before, so that there was no gap to close",
        f"上期已达满分 {full:g}，没有可缩小的差距",
        spec.of.text,
        known,
        env,
    )


def _part(
    change: Array, whole: Array, en: str, zh: str, text: str, known: Mask, env: Environment
) -> Array:
    """The change as a part of something above zero."""
    noise = numbers.RELATIVE * np.maximum(np.abs(whole), np.abs(change))
    there = known & (whole > noise)
    env.report("no-improvement", PLACE, f"'{text}' {en}", f"“{text}”{zh}", known & ~there)
    return np.asarray(np.divide(change, whole, out=np.full(change.shape, np.nan), where=there))


def _new(env: Environment) -> Mask:
    """Where there is no period before, which has a note already."""
    if env.order is None:
        return np.ones(env.n_regions, dtype=bool)
    return np.asarray(env.order < 0)


def _full_marks(
    model: Model, env: Environment, spec: Improvement, full_marks: Callable[[str], float]
) -> float:
    if spec.measure != "gap_closed":
        return np.nan
    if spec.full_marks is not None:
        return constant(model, env, spec.full_marks)
    return full_marks("" if spec.of.text.strip() == "score" else spec.of.text.strip())
