"""What the command line says of the score, or the budget, that brings a region an amount."""

from __future__ import annotations

from fractions import Fraction

from reliefperf.allocation.naming import Naming
from reliefperf.reports.amounts import money
from reliefperf.reports.budget_terminal import number_given, say_below, say_proof
from reliefperf.reports.console import say, say_made_up
from reliefperf.reports.outlook import say_ways
from reliefperf.scenarios.inverse.budgets import Budgets
from reliefperf.scenarios.inverse.goals import amount_goal
from reliefperf.scenarios.inverse.least_budget import Unreachable, least_budget
from reliefperf.scenarios.inverse.reach import OutOfReach, Reached, reach
from reliefperf.scenarios.results.titling import closed
from reliefperf.scenarios.running import PeriodRun, Run


def say_reach(run: Run, code: str, period: str | None, amount: str, titles: dict[str, str]) -> None:
    """The least score, the cheapest indicators and the least budget that bring an amount.

    Raises OutOfReach after what can be said, where no score brings it.
    """
    chosen = run.last if period is None else run.periods[period]
    asked = number_given(amount, "--amount")
    if run.is_synthetic:
        say_made_up()
    beyond: OutOfReach | None = None
    try:
        _say_reached(reach(run.model, chosen, code, asked), run, chosen, titles)
    except OutOfReach as error:
        beyond = error
    _say_extra(run, chosen, code, asked)
    if beyond is not None:
        raise beyond


def _say_reached(found: Reached, run: Run, chosen: PeriodRun, titles: dict[str, str]) -> None:
    assert run.model.spec.allocation is not None
    unit = run.model.spec.allocation.unit
    if found.least == found.score:
        said_en, said_zh = Naming.of(run.model, chosen.env).regions([found.code])
        asked, has = (f"{money(amount)} {unit}" for amount in (found.asked, found.before))
        say(
            f"{said_en} has {has} already, not less than the {asked} asked for.",
            f"{said_zh}现已有 {has}，不少于所提的 {asked}。",
            style="bold",
        )
        return
    up_en = (
        f", grade {found.grade} to {found.least_grade}" if found.grade != found.least_grade else ""
    )
    up_zh = f"，等次由{found.grade}到{found.least_grade}" if up_en else ""
    say(
        f"Least score for {money(found.asked)} {unit}: {found.least:g} instead of {found.score:g} "
        f"({found.least - found.score:+.6g}{up_en}); money {money(found.before)} to "
        f"{money(found.after)} {unit}.",
        closed(f"得到 {money(found.asked)} {unit} 的最低得分：")
        + f"{found.least:g}（现为 {found.score:g}，"
        f"{found.least - found.score:+.6g}{up_zh}）；资金由 {money(found.before)} 到 "
        f"{money(found.after)} {unit}。",
        style="bold",
    )
    if found.below is not None:
        say(
            f"Run again at {found.step:g} point(s) less: {money(found.below)} {unit}.",
            f"少 {found.step:g} 分再算：{money(found.below)} {unit}。",
        )
    if found.proved:
        say("No smaller score does: each was tried.", "更低的得分都不行：已逐一试算。")
    else:
        say(
            "Every cut-off below was tried, not every score.",
            "低于此分的各分数线均已试算，但未逐分试算。",
        )
    say_ways(found.lift, titles)
    if found.paid is not None:
        met = found.paid >= found.asked
        say(
            f"Run anew with these values the whole chain pays {money(found.paid)} {unit}"
            + ("." if met else ": less than asked, because scores of others move as well."),
            f"以这些数值重新运行，实际可得 {money(found.paid)} {unit}"
            + ("。" if met else "：低于目标，因为其他地区的得分也随之变动。"),
        )


def _say_extra(run: Run, chosen: PeriodRun, code: str, asked: Fraction) -> None:
    assert run.model.spec.allocation is not None
    if run.model.spec.allocation.budget is None:
        return
    budgets = Budgets(run.model, chosen)
    unit = budgets.spec.unit
    try:
        answer = least_budget(budgets, amount_goal(chosen, code, asked))
    except Unreachable as error:
        said = error.mistakes[0]
        say(f"By a larger budget: {said.en}", f"增加预算：{said.zh}")
        return
    at = chosen.env.codes.index(code)
    then = money(answer.allocation.amounts("total")[at])
    budget = f"{money(answer.budget)} {unit}"
    if answer.extra < 0:
        less = f"{money(-answer.extra)} {unit}"
        say(
            f"By the budget alone, scores as they are: the least is {budget}, {less} less than the "
            f"present; it then gets {then} {unit}.",
            f"得分不变，仅看预算：最低为 {budget}，比现有预算少 {less}，届时得到 {then} {unit}。",
            style="bold",
        )
    else:
        say(
            f"By the budget alone, scores as they are: {budget}, {money(answer.extra, sign=True)} "
            f"{unit} against the present; it then gets {then} {unit}.",
            f"得分不变，仅靠预算：需 {budget}，比现有预算变动 {money(answer.extra, sign=True)} {unit}，"
            f"届时得到 {then} {unit}。",
            style="bold",
        )
    below = answer.below.allocation if answer.below is not None else None
    shown = "" if below is None else f"{money(below.amounts('total')[at])} {unit}"
    say_below(budgets, answer, shown)
    say_proof(budgets, answer)
