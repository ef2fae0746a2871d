"""Money with another final score in a region: grade, rank, consequences, weights, program.

The score is set as it stands after adjustments and rounding; everything that follows from it is
computed again. What the model takes from single indicators stays as it is.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator

import numpy as np

from reliefperf.allocation.allocate import allocate_period
from reliefperf.allocation.answers import Answers
from reliefperf.allocation.paid import Allocation
from reliefperf.allocation.relaxing import Relax
from reliefperf.data.environments import compute_derived
from reliefperf.errors import InputError
from reliefperf.evaluation.accountability import impose
from reliefperf.evaluation.evaluate import ROOT, Evaluation
from reliefperf.evaluation.grading import grade, grade_names, ranks
from reliefperf.evaluation.improving import improve
from reliefperf.model.building.stages import ON_SCORE
from reliefperf.model.environment import Array, Environment
from reliefperf.model.model import Model, expressions_in
from reliefperf.scenarios.explaining.without import copy_of
from reliefperf.scenarios.running import PeriodRun

FINE = 6
"""Decimals of a score that the model does not round, for what stands just below a cut-off."""


def rescored(model: Model, env: Environment, evaluation: Evaluation, score: Array) -> Environment:
    """A copy of a scored period with other final scores (n_regions,), and what follows from them."""
    spec = model.spec.evaluation
    assert spec is not None
    changed = copy_of(env)
    changed.columns["score"] = score
    compute_derived(model, changed, ON_SCORE)
    if spec.grades is not None:
        places = grade(model, changed, spec.grades, score, list(evaluation.effects))
        changed.columns["grade"] = grade_names(spec.grades, places)
    changed.columns["rank"] = ranks(model, changed, spec.rank, score)
    impose(model, changed, spec, moving=False)
    improve(model, changed, spec, evaluation.full_marks)
    compute_derived(model, changed, 1)
    return changed


def money_at(
    model: Model, period: PeriodRun, at: int, score: float, answers: Answers | None = None
) -> Allocation:
    """The money of all regions where the region at place `at` has this score; exact, as paid.

    `answers`, if given, stand in for the solver.
    Raises InfeasibleError (without saying which rules are at odds) or SolverError where the rules
    cannot hold with it.
    """
    assert period.evaluation is not None
    if period.allocation is not None and score == period.evaluation.score[at]:
        return period.allocation
    scores = period.evaluation.score.copy()
    scores[at] = score
    env = rescored(model, period.env, period.evaluation, scores)
    relax: Relax = "never" if period.allocation is None else period.allocation.relax
    return allocate_period(
        model,
        env,
        period.evaluation.names,
        answers,
        relax,
        by_step=False,
        reasons=relax == "apply",
        warm=period.warm,
    )


def grade_at(model: Model, period: PeriodRun, at: int, score: float) -> str | None:
    """The grade of one region with this score, None without grades."""
    assert period.evaluation is not None
    if period.evaluation.grade is None:
        return None
    scores = period.evaluation.score.copy()
    scores[at] = score
    found = rescored(model, period.env, period.evaluation, scores).columns["grade"][at]
    return None if found is None else str(found)


def full_marks(period: PeriodRun) -> float:
    """The most that the tree gives."""
    assert period.evaluation is not None
    return period.evaluation.full_marks(ROOT)


def need_scores_and_money(model: Model, period: PeriodRun) -> None:
    """Raise InputError where a period has no scores or no money."""
    for section, there in (
        ("evaluation", period.evaluation is not None),
        ("allocation", model.spec.allocation is not None),
    ):
        if not there:
            raise InputError(
                model.document.mistake(
                    (),
                    f"the model has no section `{section}`, so that no money follows from scores",
                    f"模型没有 {section} 部分，得分与资金没有关联",
                )
            )


# ---------------------------------------------------------------- cut-offs


def score_step(model: Model) -> float:
    """The distance between neighbouring scores."""
    spec = model.spec.evaluation
    assert spec is not None
    return float(10.0 ** -(FINE if spec.decimals is None else spec.decimals))


def cut_offs(model: Model, env: Environment) -> list[tuple[Array, bool]]:
    """Every score at which a grade or a condition on the score changes: values, and if inclusive.

    Values are (n_regions,), from the bands of grades and from comparisons of `score` with a number
    or a parameter in derived columns and in the allocation. What a quota cuts is not among them.
    """
    spec = model.spec.evaluation
    assert spec is not None
    found: list[tuple[Array, bool]] = []
    for band in spec.grades.bands if spec.grades is not None else ():
        for expr, inclusive in ((band.at_least, True), (band.above, False)):
            if expr is not None:
                values = np.asarray(env.full(model.compiled(expr)(env)), dtype=float)
                found.append((values, inclusive))
    for value, inclusive in sorted(set(_compared(model, env))):
        found.append((np.full(env.n_regions, value), inclusive))
    kept: list[tuple[Array, bool]] = []
    for values, inclusive in found:
        if not any(same == inclusive and np.array_equal(values, v) for v, same in kept):
            kept.append((values, inclusive))
    return kept


def _compared(model: Model, env: Environment) -> Iterator[tuple[float, bool]]:
    allocation = model.spec.allocation
    exprs = [expr for _, expr, _ in expressions_in(allocation)] if allocation is not None else []
    for expr in [*exprs, *model.spec.derived_exprs.values()]:
        for node in ast.walk(expr.tree):
            if isinstance(node, ast.Compare) and len(node.ops) == 1:
                left, right, sign = node.left, node.comparators[0], node.ops[0]
                if isinstance(right, ast.Name) and right.id == "score":
                    left, right = right, left
                    sign = _TURNED.get(type(sign), type(sign))()
                if isinstance(left, ast.Name) and left.id == "score":
                    value = _one_value(right, env)
                    if value is not None and type(sign) in _INCLUSIVE:
                        yield value, _INCLUSIVE[type(sign)]


_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt,
    ast.Gt: ast.Lt,
    ast.LtE: ast.GtE,
    ast.GtE: ast.LtE,
}
_INCLUSIVE: dict[type[ast.cmpop], bool] = {
    ast.GtE: True,  # from the number on
    ast.Lt: True,
    ast.Gt: False,  # above the number
    ast.LtE: False,
}


def _one_value(node: ast.expr, env: Environment) -> float | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    column = env.columns.get(node.id) if isinstance(node, ast.Name) else None
    if column is not None and column.ndim == 0 and column.dtype != object:
        return float(column)
    return None


def sides(value: float, step: float, *, inclusive: bool) -> tuple[float, float]:
    """The scores just below a cut-off and at (or first above) it, both multiples of `step`.

    >>> sides(80.0, 0.5, inclusive=True)
    (79.5, 80.0)
    >>> sides(80.0, 0.5, inclusive=False)
    (80.0, 80.5)
    """
    places = max(0, round(-math.log10(step)) + 1)
    at = math.ceil(value / step - 1e-6) if inclusive else math.floor(value / step + 1e-6) + 1
    return round((at - 1) * step, places), round(at * step, places)
