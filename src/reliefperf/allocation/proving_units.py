"""The whole units of a program, proved as far as that goes without a solver."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from reliefperf.allocation import rounding
from reliefperf.allocation.certificate import Recorded
from reliefperf.allocation.coupled_wishes import NEAR
from reliefperf.allocation.naming import Naming
from reliefperf.allocation.paid import Allocation
from reliefperf.allocation.program import ExactRow
from reliefperf.allocation.repair import apart
from reliefperf.allocation.rounding_words import exchange_words
from reliefperf.model.environment import Environment
from reliefperf.model.model import Model

if TYPE_CHECKING:
    from reliefperf.allocation.proving import Proof

_FURTHEST = 10**9
"""Units that no search would come to; further off whole numbers of the machine would not do."""


def check_rounding(
    proof: Proof, model: Model, env: Environment, allocation: Allocation, answers: Recorded
) -> None:
    """Whole units are those of the largest remainder or, where these break rows, such that no single
    unit and no exchange of units comes nearer; see Exchanges for what is tried."""
    assert answers.rounding is not None and allocation.program is not None
    amounts, rows, totals, tie_keys, found = answers.rounding
    step = Fraction(allocation.smallest)
    proof.rounded = max(
        (abs(unit - amount / step) for unit, amount in zip(found.units, amounts, strict=True)),
        default=Fraction(0),
    )
    for total in totals:
        units = sum(found.units[j] for j in total.columns)
        if not total.least_units <= units <= total.most_units:
            proof.fail(
                f"rounding: {units} units instead of {total.least_units} .. {total.most_units}",
                f"取整：合计 {units} 个单位，应为 {total.least_units} .. {total.most_units}",
            )
    try:
        task = rounding.Task(amounts, rows, totals, unit=step, tie_keys=tie_keys)
    except rounding.RoundingImpossible as error:
        proof.fail(f"rounding: no whole units: {error}", f"取整：没有整数单位（{error}）")
        return
    for wish in answers.unkept:
        _check_wish(proof, answers, wish, step)
    proof.mended = bool(task.before)
    if not proof.mended:
        if tuple(task.plain) != found.units:
            proof.fail(
                "rounding: the whole units are not those of the largest remainder",
                "取整：整数单位与最大余数法的结果不同",
            )
        return
    if task.missed(found.units) or proof.rounded > _FURTHEST:
        if proof.rounded > _FURTHEST:
            proof.fail("rounding: units far from all amounts", "取整：整数单位远离测算金额")
        return  # rows are named as limits that the paid amounts do not keep
    naming = Naming.of(model, env)
    # Where rules gave way the rows are those that the units themselves keep.
    if not answers.relaxed:
        if {(row.rule, row.name) for row in found.repaired} != {
            (rows[i].rule, rows[i].name) for i in task.before
        }:
            proof.fail(
                "rounding: the rows stated as repaired are not those that the largest remainder breaks",
                "取整：记录的调整规则与最大余数法所违反的规则不符",
            )
        if tuple(tuple(same) for same in apart(found.units, task.twins)) != found.unequal:
            proof.fail(
                "rounding: the regions stated as unequal are not those that are",
                "取整：记录的分配不一地区与实际不符",
            )
    change = task.nearer(found.units)
    if change is not None:
        en, zh = exchange_words(change, step, allocation.program.names, naming)
        proof.fail(
            f"rounding: other whole units keep every row and are nearer to the amounts: {en}",
            f"取整：另有整数单位满足各项限额且更接近测算金额：{zh}",
        )


def _check_wish(proof: Proof, answers: Recorded, wish: Sequence[ExactRow], step: Fraction) -> None:
    """What is wished and not kept could not be kept in a plain way.

    Plain are the units of the largest remainder; for an order, those of them next to the amounts.
    """
    assert answers.rounding is not None
    amounts, rows, totals, tie_keys, _ = answers.rounding
    try:
        other = rounding.Task(amounts, [*rows, *wish], totals, unit=step, tie_keys=tie_keys)
    except rounding.RoundingImpossible:
        return
    en, zh = "units go to regions that bear nothing", "整数单位给了不分担差额的地区"
    beside = True
    if any(row.rule != NEAR for row in wish):
        en, zh = "whole units pass an order of amounts", "整数单位越过了金额的先后次序"
        pairs = zip(other.plain, amounts, strict=True)
        beside = all(abs(unit - amount / step) < 1 for unit, amount in pairs)
    if not other.before and beside:
        proof.fail(
            f"rounding: {en}, though others keep every row",
            f"取整：{zh}，而另有整数单位满足各项限额",
        )
    else:
        proof.bounds.append(
            (
                f"rounding: {en}; that no other units keep the rows is not proved",
                f"取整：{zh}；不证明没有其他整数单位满足各项限额",
            )
        )
