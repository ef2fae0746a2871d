"""The budget of a period: what it is, that no more is paid, and what is left of it and of pools."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import numpy as np

from reliefperf.allocation.differences import by_rounding, note_rounding, over_budget
from reliefperf.allocation.paid import PoolResult
from reliefperf.allocation.pool_reading import MOST_UNITS
from reliefperf.allocation.pool_units import floored
from reliefperf.allocation.relaxing import amount_text
from reliefperf.errors import InputError, Note
from reliefperf.model.environment import Environment, as_column
from reliefperf.model.model import Model
from reliefperf.model.numbers import exact


def budget_of(model: Model, env: Environment) -> Fraction | None:
    """The budget, exactly, also as a column of `env`; raises InputError if it is not one number."""
    spec = model.spec.allocation
    assert spec is not None
    if spec.budget is None:
        return None
    values = np.atleast_1d(model.compiled(spec.budget)(env))
    first = float(values[0])
    same = (values == first).all() or np.allclose(values, first, rtol=1e-12, atol=0)
    if first != first or not same:
        raise InputError(
            model.document.mistake(
                ("allocation", "budget"),
                "the budget must be one number; it is missing or differs by region (total(x) adds up)",
                "预算必须是同一个数，而它缺失或因地区而异（合计请用 total(x)）",
            )
        )
    budget = exact(first)
    if first / float(Fraction(str(spec.smallest))) >= MOST_UNITS:
        raise InputError(
            model.document.mistake(
                ("allocation", "budget"),
                f"the budget is {MOST_UNITS:,.0f} of the smallest amount or more and cannot be held "
                "exactly; use a larger unit or a larger `smallest`",
                f"预算达到或超过最小单位的 {MOST_UNITS:,.0f} 倍，无法精确表示；请改用更大的金额单位或 smallest",
            )
        )
    smallest = Fraction(str(spec.smallest))
    if budget < 0:
        raise InputError(
            model.document.mistake(
                ("allocation", "budget"),
                f"the budget is {first:,.6g}, less than nothing",
                f"预算为 {first:,.6g}，小于零",
            )
        )
    if budget % smallest:
        rounded = floored(spec.budget.text, str(spec.smallest))
        raise InputError(
            model.document.mistake(
                ("allocation", "budget"),
                f"the budget {amount_text(budget)} is not a whole number of the smallest amount "
                f"{spec.smallest} {spec.unit}; round it, `budget: {rounded}`, or state a smaller "
                "`smallest`",
                f"预算 {amount_text(budget)} 不是最小单位 {spec.smallest} {spec.unit} 的整数倍；"
                f"请取整（budget: {rounded}）或改小 smallest",
            )
        )
    env.columns["budget"] = as_column(first)
    return budget


def check_budget(
    model: Model,
    env: Environment,
    results: Mapping[str, PoolResult],
    budget: Fraction | None,
    smallest: Decimal,
) -> None:
    """All pools together may not pay more than the budget; what no pool asks for is noted."""
    if budget is None:
        return
    spec = model.spec.allocation
    assert spec is not None
    paid = Fraction(smallest) * sum(sum(result.units) for result in results.values())
    if paid > budget:
        raise over_budget(model, env, results.values(), paid, budget, Fraction(smallest), spec.unit)
    left = budget - paid - sum((result.left for result in results.values()), Fraction(0))
    if left > 0:
        env.notes.append(
            Note(
                "leftover",
                f"{_period(env)}{amount_text(left)} {spec.unit} of the budget belong to no pool and stay "
                "undistributed",
                f"{_period(env)}预算中有 {amount_text(left)} {spec.unit} 不属于任何资金池，未分配",
                1,
                "allocation.budget",
            )
        )


def note_left(env: Environment, result: PoolResult, step: Fraction, unit: str) -> None:
    """Note what a pool leaves of its total, and guarantees that it could not pay."""
    env.notes.extend(reduction.note(env, unit) for reduction in result.reductions)
    if result.pool.spec.kind == "formula" or all(total is None for total in result.pool.totals):
        return  # a formula's total is what results
    note_rounding(env, result, step, unit)
    left = result.left + by_rounding(result, step)
    if abs(left) < step / 1000:
        return
    kept_en, kept_zh = {
        "reserve": ("kept in reserve", "留作储备"),
    }.get(result.pool.leftover, ("returned", "退回"))
    if not result.pool.spec.paid:
        kept_en, kept_zh = "part of no region's step", "不计入任何地区"
    if left < 0:
        env.notes.append(
            Note(
                "leftover",
                f"{_period(env)}pool '{result.pool.id}': {amount_text(-left)} {unit} of the "
                "contributions are paid in by nobody",
                f"{_period(env)}资金池“{result.pool.id}”：应上缴金额中有 {amount_text(-left)} {unit} 无人缴纳",
                1,
                f"allocation.pools.{result.pool.id}",
            )
        )
        return
    env.notes.append(
        Note(
            "leftover",
            f"{_period(env)}pool '{result.pool.id}': {amount_text(left)} {unit} could not be distributed "
            f"and are {kept_en}",
            f"{_period(env)}资金池“{result.pool.id}”：{amount_text(left)} {unit} 未能分配，{kept_zh}",
            1,
            f"allocation.pools.{result.pool.id}",
        )
    )


def _period(env: Environment) -> str:
    return f"{env.period}: " if env.period else ""
