"""What money is to reach: a stated amount for a region, or a coverage of need for some of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from reliefperf.allocation.bounds import Bounds
from reliefperf.allocation.paid import Allocation
from reliefperf.errors import InputError, Mistake
from reliefperf.model.compiling import Scope, compile_expression
from reliefperf.model.environment import Column, Environment, Kind
from reliefperf.model.expressions import Expr, ExpressionError
from reliefperf.model.model import Model
from reliefperf.model.numbers import exact
from reliefperf.scenarios.running import PeriodRun


@dataclass(frozen=True)
class Goal:
    """Whole units that regions are to get: `asked` has one value a region, None for no demand.

    At least `count` regions must have theirs; with `together` only their sum is looked at.
    """

    asked: tuple[int | None, ...]
    count: int
    together: bool = False

    def met(self, units: Sequence[int]) -> bool:
        """Whether amounts (one a region, all pools together, in whole units) reach it."""
        return self.spare(units) >= 0

    def spare(self, units: Sequence[int]) -> int:
        """Whole units beyond what is asked, of the last region that must have it, or of all together.

        Below 0 where the goal is not met.
        """
        each = [unit - ask for unit, ask in zip(units, self.asked, strict=True) if ask is not None]
        return sum(each) if self.together else sorted(each, reverse=True)[self.count - 1]


@dataclass(frozen=True)
class Coverage:
    """A coverage of need that is to be reached, and the need it is measured against.

    `need` has one value a region, None where the region does not count; `left_out` are the codes of
    regions that were chosen but have no need above zero.
    """

    coverage: Fraction
    need: tuple[Fraction | None, ...]
    goal: Goal
    left_out: tuple[str, ...]

    def of(self, allocation: Allocation) -> list[Fraction | None]:
        """Amount / need of each region; None where it does not count."""
        paid = allocation.amounts("total")
        return [
            None if need is None else Fraction(amount) / need
            for amount, need in zip(paid, self.need, strict=True)
        ]

    def value(self, allocation: Allocation) -> Fraction:
        """The coverage that is to be raised: of all together, or that of the last that must have it."""
        each = sorted((value for value in self.of(allocation) if value is not None), reverse=True)
        if not self.goal.together:
            return each[self.goal.count - 1]
        paid = allocation.amounts("total")
        counted = [i for i, need in enumerate(self.need) if need is not None]
        whole = sum((need for need in self.need if need is not None), Fraction(0))
        return sum((Fraction(paid[i]) for i in counted), Fraction(0)) / whole


def amount_goal(period: PeriodRun, code: str, amount: Fraction) -> Goal:
    """One region is to get at least an amount; it is rounded up to whole units."""
    assert period.allocation is not None
    step = Fraction(period.allocation.smallest)
    asked = tuple(
        math.ceil(amount / step) if other == code else None for other in period.allocation.codes
    )
    return Goal(asked, 1)


def coverage_goal(
    model: Model,
    period: PeriodRun,
    coverage: Fraction,
    *,
    need: str | None = None,
    where: str | None = None,
    share: Fraction = Fraction(1),
    together: bool = False,
) -> Coverage:
    """Amount / need of regions is to reach `coverage`.

    `need` is an expression, else the model's `allocation.need` or that of its `equity`; `where`
    chooses regions; `share` of them must reach it (a whole number of regions, rounded up), or all
    `together`. Raises InputError for wrong expressions and where nobody has a need.
    """
    assert period.allocation is not None
    expr, values = _need(model, period.env, need)
    chosen = np.ones(len(period.allocation.codes), dtype=bool)
    if where is not None:
        chosen = np.asarray(_computed(model, period.env, where, "--where", "bool") == 1)
    known = chosen & ~np.isnan(values) & (np.nan_to_num(values) > 0)
    if not known.any():
        raise InputError(
            Mistake.at(
                f"no region that is asked for has a need above zero ({expr})",
                f"所选地区中没有需求大于零的地区（{expr}）",
                file=model.source,
            )
        )
    step = Fraction(period.allocation.smallest)
    needs = tuple(
        exact(value) if here else None
        for value, here in zip(values.tolist(), known.tolist(), strict=True)
    )
    whole = sum((value for value in needs if value is not None), Fraction(0))
    n_known = int(known.sum())
    if together:
        first = int(np.flatnonzero(known)[0])
        asked = tuple(
            None if value is None else (math.ceil(coverage * whole / step) if i == first else 0)
            for i, value in enumerate(needs)
        )
        goal = Goal(asked, n_known, together=True)
    else:
        asked = tuple(
            None if value is None else math.ceil(coverage * value / step) for value in needs
        )
        goal = Goal(asked, max(1, math.ceil(share * n_known)))
    left_out = tuple(
        code
        for code, here, kept in zip(
            period.allocation.codes, chosen.tolist(), known.tolist(), strict=True
        )
        if here and not kept
    )
    return Coverage(coverage, needs, goal, left_out)


def _need(model: Model, env: Environment, text: str | None) -> tuple[str, NDArray[np.float64]]:
    if text is not None:
        return text, np.asarray(_computed(model, env, text, "--need", "number"), dtype=np.float64)
    spec = model.spec.allocation
    assert spec is not None
    stated = spec.need or (spec.equity.need if spec.equity is not None else None)
    if stated is None:
        raise InputError(
            Mistake.at(
                "coverage of what? State the need with --need EXPR, or as `allocation.need`",
                "满足率以什么为分母？请用 --need 表达式 给出，或在模型中写 allocation.need",
                file=model.source,
            )
        )
    return stated.text, np.asarray(model.compiled(stated).full(env), dtype=np.float64)


def _computed(model: Model, env: Environment, text: str, option: str, kind: Kind) -> Column:
    """An expression of the command line over the columns of a period."""
    kinds: dict[str, Kind] = {
        name: "text" if column.dtype == object else "number" for name, column in env.columns.items()
    }
    single = frozenset(name for name, column in env.columns.items() if column.ndim == 0)
    try:
        expr = Expr(text)
    except ExpressionError as error:
        raise InputError(Mistake.at(error.en, error.zh, file=option)) from None
    made, errors = compile_expression(
        expr, Scope(kinds, model.tables, single), expected=kind, label=option
    )
    if made is None:
        raise InputError([Mistake.at(error.en, error.zh, file=option) for error in errors])
    return made.full(env)


# ---------------------------------------------------------------- how far whole units can go


def before_units(allocation: Allocation) -> list[Fraction]:
    """What each region has from all pools before whole units, in money."""
    return allocation.before_units("total")


def most_units(allocation: Allocation) -> list[int]:
    """The most whole units that rounding could leave a region, where pools are settled alone.

    A share is rounded up at most to the next unit, and beyond it only by the units that regions
    with a cap between two units cannot take. It never falls where amounts before rounding rise.
    """
    step = Fraction(allocation.smallest)
    found = [0] * len(allocation.codes)
    for pool_id, result in allocation.pools.items():
        bounds = Bounds.open(len(allocation.codes))
        for _, rows in allocation.settled.get(pool_id, ()):
            bounds.take(rows)
        groups = result.pool.groups.tolist()
        blocked: dict[int, int] = {}
        for group, high in zip(groups, bounds.high, strict=True):
            if high is not None and high % step:
                blocked[group] = blocked.get(group, 0) + 1
        for i, (amount, group, high) in enumerate(
            zip(result.before_units, groups, bounds.high, strict=True)
        ):
            if group < 0:
                continue
            most = math.ceil(amount / step) + blocked.get(group, 0)
            found[i] += most if high is None else min(most, max(math.floor(high / step), 0))
    return found
