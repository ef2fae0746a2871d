"""What the command line says of budgets: the least for a coverage, and where rules change."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from reliefperf.allocation.naming import Naming
from reliefperf.errors import InputError, Mistake
from reliefperf.evaluation.scoring.base import plain
from reliefperf.reports.amounts import money
from reliefperf.reports.console import lang, say, say_made_up, table
from reliefperf.reports.folder import write_table
from reliefperf.scenarios.inverse.breaks import Break, Range
from reliefperf.scenarios.inverse.budgets import Budgets
from reliefperf.scenarios.inverse.goals import Coverage, coverage_goal
from reliefperf.scenarios.inverse.least_budget import LeastBudget, least_budget
from reliefperf.scenarios.inverse.ranges import range_of
from reliefperf.scenarios.inverse.tried_breaks import slack_of
from reliefperf.scenarios.results.cells import Row, number_text
from reliefperf.scenarios.results.titling import Titling, closed
from reliefperf.scenarios.running import Run

BREAKS_HEADER = [
    *("after", "budget", "fraction", "pool", "rule", "region", "name", "change", "exact"),
]
COVERAGE_HEADER = [
    *("region", "name", "need", "amount", "coverage", "amount_then", "coverage_then"),
]
_CHANGES = {
    "binds": ("begins to bind", "开始起作用"),
    "frees": ("ceases to bind", "不再起作用"),
    "short": ("below it the pools pay more than the budget", "低于此数则各资金池合计超过预算"),
    "least": ("below it the lows cost more than there is", "低于此数则不足以保底"),
    "most": ("above it the caps leave no room", "高于此数则超出上限"),
    "left": ("money is left over from there on", "此后有余款"),
}

_NO_RULE = ("left", "short")
"""Changes that no single limit makes."""


def number_given(text: str, option: str) -> Fraction:
    """A number of the command line, exactly: 0.8, 80% or 4/5; raises InputError."""
    shown = text.strip()
    percent = shown.endswith(("%", "％"))
    try:
        value = Fraction(shown.rstrip("%％")) / (100 if percent else 1)
    except (ValueError, ZeroDivisionError):
        value = Fraction(-1)
    if value < 0:
        raise InputError(
            Mistake.at(
                f"{option} {text}: a number of 0 or more is needed, such as 0.8, 80% or 1200",
                f"{option} {text}：须为不小于 0 的数，例如 0.8、80%、1200",
            )
        )
    return value


def say_budget(
    run: Run,
    period: str | None,
    *,
    coverage: str | None,
    need: str | None,
    where: str | None,
    share: str,
    together: bool,
    most: int,
    output: Path | None,
    figure: Path | None,
) -> None:
    """The least budget for a coverage, else the range over which the same rules bind."""
    chosen = run.last if period is None else run.periods[period]
    if run.is_synthetic:
        say_made_up()
    budgets = Budgets(run.model, chosen)
    asked = None
    if coverage is not None:
        part = number_given(share, "--share")
        if not 0 < part <= 1:
            raise InputError(
                Mistake.at(
                    f"--share {share}: a share of the regions above 0, at most 1",
                    f"--share {share}：须大于 0 且不超过 1",
                )
            )
        asked = coverage_goal(
            run.model,
            chosen,
            number_given(coverage, "--coverage"),
            need=need,
            where=where,
            share=part,
            together=together,
        )
        answer = least_budget(budgets, asked.goal)
        _say_least(budgets, asked, answer)
        if output is not None:
            write_table(output, COVERAGE_HEADER, coverage_rows(budgets, asked, answer))
    if coverage is None:
        found = range_of(budgets, most)
        _say_range(budgets, found)
        if output is not None:
            write_table(output, BREAKS_HEADER, break_rows(budgets, found))
    if figure is not None:
        from reliefperf.reports.inverse_figure import save_budgets

        if coverage is not None:
            found = range_of(budgets, most)
        if asked is None and need is not None:
            asked = coverage_goal(run.model, chosen, Fraction(0), need=need, where=where)
        goal = answer.budget if coverage is not None else None
        save_budgets(run, budgets, found, asked, goal, lang(), figure)


def _say_least(budgets: Budgets, asked: Coverage, answer: LeastBudget) -> None:
    unit = budgets.spec.unit
    who = sum(need is not None for need in asked.need)
    percent = f"{float(100 * asked.coverage):.10g}%"
    if asked.goal.together:
        en, zh = f"{who} region(s) together", f" {who} 个地区合计"
    elif asked.goal.count == who:
        en, zh = f"each of {who} region(s)", f" {who} 个地区全部"
    else:
        n = asked.goal.count
        en, zh = f"{n} of {who} regions", f" {who} 个地区中的 {n} 个"
    if asked.left_out:
        named = ", ".join(asked.left_out[:10]) + (", ..." if len(asked.left_out) > 10 else "")
        say(
            f"Left out, without a need above zero: {named}",
            f"没有大于零的需求，不计入：{named}",
        )
    say(
        f"The least budget at which {en} have {percent} of need: {money(answer.budget)} {unit}, "
        f"{money(answer.extra, sign=True)} {unit} against the present {money(answer.present)}.",
        f"使{zh}达到需求的 {percent}，最低预算为 {money(answer.budget)} {unit}，比现有预算 "
        f"{money(answer.present)} 变动 {money(answer.extra, sign=True)} {unit}。",
        style="bold",
    )
    say(
        f"Coverage then {_percent(asked.value(answer.allocation))}, now "
        f"{_percent(asked.value(budgets.now))}.",
        f"届时满足率 {_percent(asked.value(answer.allocation))}，现为 "
        f"{_percent(asked.value(budgets.now))}。",
    )
    below = answer.below.allocation if answer.below is not None else None
    say_below(budgets, answer, "" if below is None else _percent(asked.value(below)))
    say_proof(budgets, answer)


def say_below(budgets: Budgets, answer: LeastBudget, value: str) -> None:
    """What one step less than the least budget comes to: `value`, or that it cannot be paid."""
    if answer.below is None:
        return
    less = f"{money(answer.below.budget)} {budgets.spec.unit}"
    if answer.below.allocation is not None:
        say(f"Run again at one step less, {less}: {value}.", f"少一步（{less}）再算：{value}。")
    elif answer.below.why is not None:
        said = answer.below.why.mistakes[0]
        say(
            f"One step less, {less}, cannot be paid: {said.en}",
            f"少一步（{less}）无法支付：{said.zh}",
        )


def say_proof(budgets: Budgets, answer: LeastBudget) -> None:
    """Say whether smaller budgets are known not to do, or were not all tried."""
    unit = budgets.spec.unit
    step = money(answer.step)
    if answer.proved and answer.below is not None and answer.below.allocation is None:
        say(
            f"No smaller budget does: just below it the rules cannot all hold (steps of {step} "
            f"{unit}, at which every pool's total is whole).",
            f"更小的预算都不行：再少，各项规则就不能同时成立（步长 {step} {unit}，"
            "使各资金池总额均为整数单位）。",
        )
        return
    if answer.proved:
        say(
            f"No smaller budget does (steps of {step} {unit}, at which every pool's total is whole).",
            f"更小的预算都达不到（步长 {step} {unit}，使各资金池总额均为整数单位）。",
        )
        return
    above = answer.above if answer.above is not None else Fraction(0)
    say(
        f"Found by bisection in steps of {step} {unit}; between {money(max(above, Fraction(0)))} "
        "and the answer not every budget was tried, and one of them may do.",
        closed(f"以 {step} {unit} 为步长二分求得；")
        + f"{money(max(above, Fraction(0)))} 与答案之间未逐一试算，不排除其中某个预算也能达到。",
    )


def coverage_rows(budgets: Budgets, asked: Coverage, answer: LeastBudget) -> list[Row]:
    """Each region's need, money and coverage now and at the answer."""
    now, then = budgets.now.amounts("total"), answer.allocation.amounts("total")
    covered = zip(asked.of(budgets.now), asked.of(answer.allocation), strict=True)
    return [
        (
            code,
            budgets.now.names[i],
            "" if asked.need[i] is None else number_text(float(asked.need[i] or 0)),
            now[i],
            "" if one is None else number_text(float(one)),
            then[i],
            "" if other is None else number_text(float(other)),
        )
        for i, (code, (one, other)) in enumerate(zip(budgets.now.codes, covered, strict=True))
    ]


def _say_range(budgets: Budgets, found: Range) -> None:
    unit = budgets.spec.unit
    if found.low is not None and found.low == found.high:
        say(
            f"The present budget {money(found.present)} {unit} is itself a break point: other rules "
            "bind below and above it.",
            closed(
                f"现有预算 {money(found.present)} {unit} 本身就是转折点：上下两侧起作用的规则不同。"
            ),
            style="bold",
        )
    else:
        say(*_range_said(found, unit), style="bold")
    if found.exact:
        say("Break points are exact fractions.", "转折点为精确分数。")
    else:
        slack = money(slack_of(budgets.now))
        say(
            f"Break points are found by sharing the money out anew, to a step of "
            f"{money(budgets.step)} {unit}; limits within {slack} count as binding.",
            f"转折点由重新分配求得，精确到 {money(budgets.step)} {unit}；与限额相差 {slack} 以内"
            "视为起作用。",
        )
    if found.breaks:
        table(
            "",
            (
                (f"budget ({unit})", f"预算（{unit}）", True),
                ("pool", "资金池", False),
                ("rule", "规则", False),
                ("region", "地区", False),
                ("as the budget rises", "预算增加时", False),
            ),
            [_shown(budgets, one) for one in found.breaks],
        )


def _range_said(found: Range, unit: str) -> tuple[str, str]:
    """The budgets around the present one at which the same rules bind."""
    low, now = money(found.low or Fraction(0)), money(found.present)
    if found.high is not None:
        high = money(found.high)
        return (
            f"The same rules bind from {low} to {high} {unit} (now {now}).",
            closed(f"预算在 {low} 至 {high} {unit} 之间时，起作用的规则相同（现为 {now}）。"),
        )
    if found.looked is None:
        return (
            f"The same rules bind from {low} {unit} upwards, however large the budget (now {now}).",
            closed(f"预算不低于 {low} {unit} 时，无论多大，起作用的规则都相同（现为 {now}）。"),
        )
    end = money(found.looked)
    return (
        f"The same rules bind from {low} {unit} upwards as far as was looked, to {end} {unit} "
        f"(now {now}).",
        f"预算自 {low} 至所查的最高数 {end} {unit}，起作用的规则都相同（现为 {now}）。",
    )


def _shown(budgets: Budgets, one: Break) -> list[str]:
    en, zh = _CHANGES[one.change]
    if one.change == "least" and not one.pool:
        en, zh = "below it the money cannot be shared out", "低于此数则无法分配"
    elif one.change == "least" and not one.rule:
        en, zh = "below it less than nothing is left for the pool", "低于此数则该资金池为负数"
    at = money(one.budget) if one.exact else f"{money(one.after)} – {money(one.budget)}"
    region = one.region
    if region in budgets.now.codes:
        region = " ".join(part for part in (region, _name(budgets, region)) if part)
    elif region:
        region = Naming.of(budgets.model, budgets.period.env).row(region)[lang() == "zh"]
    titles = Titling(budgets.model, lang()).titles
    pools = one.pool.split(" + ")
    named = " + ".join(titles.get(pool, pool) for pool in pools)
    if len(pools) > 1 and set(pools) == set(budgets.now.pools):
        named = "各资金池合计" if lang() == "zh" else "all pools"
    return [
        at,
        named,
        titles.get(one.rule, one.rule)
        or ("≥ 0" if one.pool and one.change not in _NO_RULE else ""),
        region,
        zh if lang() == "zh" else en,
    ]


def _name(budgets: Budgets, code: str) -> str:
    codes = budgets.now.codes
    return budgets.now.names[codes.index(code)] if code in codes else ""


def break_rows(budgets: Budgets, found: Range) -> list[Row]:
    """The rows of the table of break points."""
    return [
        (
            number_text(float(one.after)),
            number_text(float(one.budget)),
            str(one.budget),
            one.pool,
            one.rule,
            one.region,
            _name(budgets, one.region),
            one.change,
            "yes" if one.exact else "step",
        )
        for one in found.breaks
    ]


def _percent(value: Fraction) -> str:
    return f"{plain(float(100 * value), 4)}%"
