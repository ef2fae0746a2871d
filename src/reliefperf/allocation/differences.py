"""What rounding each amount by itself makes of a total: too much is refused, the rest is noted.

Amounts that are rounded together add up to their total. Rounded one by one they need not; real
systems do so, and then it must be stated who bears the difference.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from reliefperf.allocation.ratios import Ratios
from reliefperf.allocation.relaxing import amount_text
from reliefperf.errors import InfeasibleError, Note
from reliefperf.model.environment import Environment
from reliefperf.model.model import Model
from reliefperf.model.spec_allocation import ALONE

if TYPE_CHECKING:
    from reliefperf.allocation.paid import PoolResult


class RoundedOver(InfeasibleError):
    """Rounding pays more than there is: no relaxation of a rule mends that."""


def before_rounding(result: PoolResult) -> Fraction:
    """What the amounts of a pool add up to before whole units."""
    pool = result.pool
    return Ratios.of(result.before_units).taken(np.flatnonzero(pool.groups >= 0).tolist()).total()


def by_rounding(result: PoolResult, step: Fraction) -> Fraction:
    """How much more is paid than the amounts add up to, where each is rounded by itself."""
    if result.pool.rounding not in ALONE:
        return Fraction(0)
    difference = step * sum(result.units) - before_rounding(result)
    # a solver's noise is no difference
    return difference if abs(difference) >= step / 1000 else Fraction(0)


def refuse_overpaid(
    model: Model, env: Environment, results: Iterable[PoolResult], step: Fraction, unit: str
) -> None:
    """Raise RoundedOver where a pool pays more than its stated total, unless `over_total: pay`."""
    lead = f"{env.period}: " if env.period else ""
    for result in results:
        pool = result.pool
        spec = pool.spec
        stated = spec.amount is not None or spec.share is not None or spec.limit is not None
        if not stated or pool.rounding not in ALONE or spec.over_total == "pay" or pool.limits:
            continue
        for group, total in enumerate(pool.totals):
            members = np.flatnonzero(pool.groups == group).tolist()
            paid = step * sum(result.units[i] for i in members)
            if total is None or paid <= total:
                continue
            name = pool.group_names[group]
            where_en, where_zh = (f" (group {name})", f"（组“{name}”）") if name else ("", "")
            of_en, of_zh = ("limit", "限额") if spec.limit is not None else ("total", "总额")
            way_en = "" if spec.limit is not None else ", or `over_total: pay` if it is paid on top"
            way_zh = "" if spec.limit is not None else "；如差额另行支付，请写 over_total: pay"
            raise RoundedOver(
                model.document.mistake(
                    ("allocation", "pools", pool.id),
                    f"{lead}pool '{pool.id}'{where_en} pays {amount_text(paid)} {unit}, "
                    f"{amount_text(paid - total)} more than its {of_en} {amount_text(total)}: `rounding: "
                    f"{pool.rounding}` rounds each amount by itself. Write largest_remainder or a "
                    f"divisor method such as adams, which add up to it{way_en}",
                    f"{lead}资金池“{pool.id}”{where_zh}支付 {amount_text(paid)} {unit}，超过其{of_zh} "
                    f"{amount_text(total)} 达 {amount_text(paid - total)}：rounding: {pool.rounding} 对各金额单独取整。"
                    f"请改用 largest_remainder 或 adams 等除数法，使合计等于{of_zh}{way_zh}",
                )
            )


def over_budget(
    model: Model,
    env: Environment,
    results: Iterable[PoolResult],
    paid: Fraction,
    budget: Fraction,
    step: Fraction,
    unit: str,
) -> InfeasibleError:
    """The error for pools that together pay more than the budget, with the part of rounding."""
    lead = f"{env.period}: " if env.period else ""
    en = (
        f"{lead}the pools pay {amount_text(paid)} {unit}, {amount_text(paid - budget)} more than the budget "
        f"{amount_text(budget)}"
    )
    zh = (
        f"{lead}各资金池合计支付 {amount_text(paid)} {unit}，超过预算 {amount_text(budget)} 达 "
        f"{amount_text(paid - budget)}"
    )
    raised = [(one.pool, more) for one in results if (more := by_rounding(one, step)) > 0]
    if not raised:
        return InfeasibleError(model.document.mistake(("allocation", "budget"), en, zh))
    listed = ", ".join(f"pool '{p.id}' ({p.rounding}): {amount_text(more)}" for p, more in raised)
    listed_zh = "、".join(
        f"资金池“{p.id}”（{p.rounding}）{amount_text(more)}" for p, more in raised
    )
    en += (
        f". Rounding each amount by itself pays more than the amounts add up to: {listed}. "
        "largest_remainder or a divisor method adds up"
    )
    zh += f"。其中对各金额单独取整多付：{listed_zh}。largest_remainder 或除数法可使合计相符"
    alone = paid - sum((more for _, more in raised), Fraction(0)) <= budget
    error = RoundedOver if alone else InfeasibleError
    return error(model.document.mistake(("allocation", "budget"), en, zh))


def note_rounding(env: Environment, result: PoolResult, step: Fraction, unit: str) -> None:
    """Say by how much whole units miss a pool's total because each amount is rounded by itself."""
    difference = by_rounding(result, step)
    pool = result.pool
    if not difference or all(total is None for total in pool.totals):
        return
    more = difference > 0
    lead = f"{env.period}: " if env.period else ""
    size = f"{amount_text(abs(difference))} {unit}"
    env.notes.append(
        Note(
            "rounding-difference",
            f"{lead}pool '{pool.id}' pays {size} {'more' if more else 'less'} than its amounts add "
            f"up to: each is rounded by itself ({pool.rounding})",
            f"{lead}资金池“{pool.id}”比各金额之和{'多' if more else '少'}付 {size}：各金额单独取整（{pool.rounding}）",
            1,
            f"allocation.pools.{pool.id}",
        )
    )
