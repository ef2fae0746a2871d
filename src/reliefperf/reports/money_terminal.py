"""What the command line says of money: rules in effect, who pays, the worth of a point, cliffs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Literal

from reliefperf.errors import InputError, Mistake, suggestion
from reliefperf.model.spec_data import in_language
from reliefperf.reports.console import lang, say, table
from reliefperf.reports.folder import cell_text, write_table
from reliefperf.reports.waterfall import neat
from reliefperf.scenarios.explaining.rescoring import full_marks
from reliefperf.scenarios.explaining.without import Without, without_rule
from reliefperf.scenarios.explaining.worth import (
    Cliff,
    NotAlone,
    Worth,
    before_units,
    cliffs,
    worth_of_point,
    worth_of_points,
)
from reliefperf.scenarios.inputs import rerun
from reliefperf.scenarios.results.rules import RULES_HEADER, rules_rows
from reliefperf.scenarios.results.tables import Row, number_text
from reliefperf.scenarios.run_folder import RunFolder, read_run
from reliefperf.scenarios.running import PeriodRun, Run

CLIFFS_HEADER = [
    *("region", "name", "score", "cut_off", "below", "at", "grade_below", "grade_at"),
    *("money_below", "money_at", "difference", "how"),
]
WORTH_HEADER = [
    "region",
    "name",
    "score",
    "other_score",
    "grade",
    "pool",
    "amount",
    "other",
    "gain",
]
WITHOUT_HEADER = ["region", "name", "with", "without", "difference"]


def _again(
    folder: Path, period: str | None, *, by_step: bool = False
) -> tuple[RunFolder, Run, PeriodRun]:
    """The folder, the run computed again with its money, and the period that is asked for."""
    run = read_run(folder)
    if run.is_cascade:
        raise InputError(
            Mistake.at(
                "this needs the run of one model: run the level's model by itself",
                "此命令需要单个模型的运行结果：请单独运行该级的模型",
                file=str(folder),
            )
        )
    again = rerun(folder, run.record, allocation=True, by_step=by_step)
    if period is not None and period not in again.periods:
        en, zh = suggestion(period, again.periods)
        raise InputError(
            Mistake.at(f"no period '{period}'{en}", f"没有“{period}”这一期{zh}", file=str(folder))
        )
    return run, again, again.last if period is None else again.periods[period]


def _money(amount: Decimal, *, sign: bool = False) -> str:
    return f"{neat(amount):+,f}" if sign else f"{neat(amount):,f}"


# ---------------------------------------------------------------- without a rule


def say_without(folder: Path, rule: str, period: str | None, output: Path | None, top: int) -> None:
    """Share the money out again without a rule; print who gains and who pays."""
    _, again, chosen = _again(folder, period)
    found = without_rule(again.model, chosen, rule)
    if output is not None:
        rows = zip(found.codes, found.names, found.with_rule, found.without, strict=True)
        write_table(output, WITHOUT_HEADER, [(*row, row[2] - row[3]) for row in rows])
    if again.is_synthetic:
        say("SYNTHETIC DATA", "合成数据", style="bold red")
    gains, said = found.gains, lang()
    title = in_language(found.rule.title, said, found.rule.id)
    winners = sum(gain > 0 for gain in gains)
    losers = sum(gain < 0 for gain in gains)
    if not winners and not losers:
        say(
            f"The rule '{title}' moves no money: without it every region gets the same.",
            f"规则“{title}”不改变任何地区的金额：没有它，结果相同。",
        )
        return
    say(
        f"Because of the rule '{title}', {winners} region(s) get {_money(found.moved)} {found.unit} "
        f"more; {losers} region(s) pay {_money(found.moved - found.net)} {found.unit} for it. Paid "
        f"in all: {_money(found.net, sign=True)} {found.unit}.",
        f"由于规则“{title}”，{winners} 个地区共多得 {_money(found.moved)} {found.unit}；"
        f"{losers} 个地区共少得 {_money(found.moved - found.net)} {found.unit}。"
        f"总支付变动 {_money(found.net, sign=True)} {found.unit}。",
    )
    _say_groups(found)
    for en, zh, positive in (("winners", "多得的地区", True), ("losers", "少得的地区", False)):
        places = [i for i in found.ordered() if (gains[i] > 0) == positive][:top]
        if places:
            table(
                zh if said == "zh" else en,
                (
                    ("region", "地区代码", False),
                    ("name", "地区", False),
                    ("with", "有此规则", True),
                    ("without", "无此规则", True),
                    ("difference", "差额", True),
                ),
                [
                    [
                        found.codes[i],
                        found.names[i],
                        _money(found.with_rule[i]),
                        _money(found.without[i]),
                        _money(gains[i], sign=True),
                    ]
                    for i in places
                ],
            )


def _say_groups(found: Without) -> None:
    if not found.groups:
        return
    table(
        "",
        (
            (found.grouping, found.grouping, False),
            ("with", "有此规则", True),
            ("without", "无此规则", True),
            ("difference", "差额", True),
            ("winners", "多得地区", True),
            ("losers", "少得地区", True),
        ),
        [
            [
                group.group,
                _money(group.with_rule),
                _money(group.without),
                _money(group.with_rule - group.without, sign=True),
                str(group.winning),
                str(group.losing),
            ]
            for group in found.groups
        ],
    )


# ---------------------------------------------------------------- the worth of a point


def say_point(folder: Path, code: str, period: str | None) -> None:
    """What one more point, and the next cut-off, would bring to one region; exact."""
    run, again, chosen = _again(folder, period)
    found = worth_of_point(again.model, chosen, code)
    titles = run.titles(lang())
    assert chosen.allocation is not None
    if not found:
        say(
            f"{code} has {full_marks(chosen):g} points already: no more can be had.",
            f"{code} 已得满分 {full_marks(chosen):g}，无法再提高。",
        )
    for worth in found:
        _say_worth(worth, chosen.allocation.unit, titles)


def _say_worth(worth: Worth, unit: str, titles: dict[str, str]) -> None:
    more = number_text(round(worth.other - worth.score, 6))
    moved = [
        (pool, after - before)
        for (pool, before), (_, after) in zip(worth.before[:-1], worth.after[:-1], strict=True)
        if after != before
    ]
    zh = lang() == "zh"
    parts = ("；" if zh else "; ").join(
        f"{titles.get(pool, pool)} {_money(change, sign=True)}" for pool, change in moved
    )
    listed = (f"（{parts}）" if zh else f" ({parts})") if len(moved) > 1 else ""
    up_en = (
        f", grade {worth.grade} to {worth.other_grade}," if worth.grade != worth.other_grade else ""
    )
    up_zh = f"，等次由{worth.grade}到{worth.other_grade}" if up_en else ""
    before, after = worth.before[-1][1], worth.after[-1][1]
    say(
        f"{more} more point(s), {worth.score:g} to {worth.other:g}{up_en} would change its money by "
        f"{_money(worth.gain, sign=True)} {unit}, {_money(before)} to {_money(after)}{listed}.",
        f"得分提高 {more} 分（{worth.score:g} 到 {worth.other:g}{up_zh}），资金变动 "
        f"{_money(worth.gain, sign=True)} {unit}，由 {_money(before)} 到 {_money(after)}{listed}。",
    )


def say_worths(
    folder: Path, points: float, period: str | None, output: Path | None, top: int
) -> None:
    """What more points would bring to each region alone, before whole units."""
    _, again, chosen = _again(folder, period)
    try:
        raised, before, after = worth_of_points(again.model, chosen, points)
    except NotAlone as reason:
        raise InputError(
            Mistake.at(
                f"no table of all regions: {reason.en}. For one region: `reliefperf explain DIR "
                "REGION --point`",
                f"无法列出全部地区：{reason.zh}。单个地区请用 reliefperf explain 目录 地区 --point",
                file=str(folder),
            )
        ) from None
    evaluation, money = chosen.evaluation, chosen.allocation
    assert evaluation is not None
    assert money is not None
    rows: list[Row] = []
    gains: list[tuple[Decimal, int]] = []
    for i, code in enumerate(money.codes):
        for pool in (*money.pools, "total"):
            one, other = (before_units(float(found[pool][i]), money) for found in (before, after))
            grade = None if evaluation.grade is None else evaluation.grade[i]
            score = [_number(evaluation.score[i]), _number(raised[i])]
            rows.append((code, money.names[i], *score, grade or "", pool, one, other, other - one))
            if pool == "total":
                gains.append((other - one, i))
    if output is not None:
        write_table(output, WORTH_HEADER, rows)
    if again.is_synthetic:
        say("SYNTHETIC DATA", "合成数据", style="bold red")
    moving = sorted(gain for gain, _ in gains if gain)
    if not moving:
        say("More points change nobody's money.", "得分提高不改变任何地区的资金。")
        return
    middle = moving[len(moving) // 2]
    say(
        f"{points:g} more point(s) for one region alone change its money in {len(moving)} of "
        f"{len(gains)} regions: median {_money(middle, sign=True)} {money.unit}, most "
        f"{_money(moving[-1], sign=True)} {money.unit} (before whole units).",
        f"某地区单独提高 {points:g} 分，{len(gains)} 个地区中有 {len(moving)} 个资金变动："
        f"中位数 {_money(middle, sign=True)} {money.unit}，最多 {_money(moving[-1], sign=True)} "
        f"{money.unit}（取整前）。",
    )
    gains.sort(key=lambda gain: (-gain[0], gain[1]))
    table(
        "",
        (
            ("region", "地区代码", False),
            ("name", "地区", False),
            ("score", "得分", True),
            ("to", "提高到", True),
            (f"gain ({money.unit})", f"资金变动（{money.unit}）", True),
        ),
        [
            [
                money.codes[i],
                money.names[i],
                f"{evaluation.score[i]:g}",
                f"{raised[i]:g}",
                _money(gain, sign=True),
            ]
            for gain, i in gains[:top]
        ],
    )


def _number(value: float) -> str:
    return number_text(round(float(value), 9))


# ---------------------------------------------------------------- cliffs


def say_cliffs(
    folder: Path, reach: float, period: str | None, output: Path | None, top: int, most: int
) -> None:
    """Every region within reach of a cut-off, with the money on both sides."""
    _, again, chosen = _again(folder, period)
    found = cliffs(again.model, chosen, reach, most=most)
    if output is not None:
        write_table(output, CLIFFS_HEADER, cliff_rows(found))
    if again.is_synthetic:
        say("SYNTHETIC DATA", "合成数据", style="bold red")
    if not found:
        say(
            f"No region stands within {reach:g} point(s) of a cut-off.",
            f"没有地区距离分数线在 {reach:g} 分以内。",
        )
        return
    assert chosen.allocation is not None
    unit = chosen.allocation.unit
    deepest = _deepest(found)
    if deepest is not None and deepest.drop is not None:
        say(
            f"{len(found)} time(s) a region stands within {reach:g} point(s) of a cut-off; the "
            f"deepest step is that of {deepest.name or deepest.code} at {deepest.cut_off:g}: "
            f"{_money(deepest.drop, sign=True)} {unit}.",
            f"共有 {len(found)} 处地区距分数线在 {reach:g} 分以内；落差最大的是"
            f"{deepest.name or deepest.code}，在 {deepest.cut_off:g} 分处相差 "
            f"{_money(deepest.drop, sign=True)} {unit}。",
        )
    table(
        "",
        (
            ("region", "地区代码", False),
            ("name", "地区", False),
            ("score", "得分", True),
            ("cut-off", "分数线", True),
            ("grades", "等次", False),
            ("just below", "线下金额", True),
            ("at it", "线上金额", True),
            ("difference", "差额", True),
            ("", "", False),
        ),
        [_shown(cliff) for cliff in found[:top]],
    )
    if len(found) > top:
        say(f"... and {len(found) - top} more", f"……其余 {len(found) - top} 处")
    left_out = sum(cliff.drop is None and not cliff.exact for cliff in found)
    if left_out:
        say(
            f"{left_out} without amounts: rules tie the pools together, so each needs two programs "
            f"of its own; --most {len(found)} computes all.",
            f"{left_out} 处未列金额：规则把各资金池联系在一起，每处须单独求解两次；"
            f"--most {len(found)} 可全部计算。",
        )


def cliff_rows(found: Iterable[Cliff]) -> list[Row]:
    """The rows of cliffs.csv."""
    return [
        (
            *(c.code, c.name, _number(c.score), _number(c.cut_off)),
            *(_number(c.below), _number(c.at), c.grade_below or "", c.grade_at or ""),
            *(c.money_below, c.money_at, c.drop, _how(c)),
        )
        for c in found
    ]


def _how(cliff: Cliff) -> Literal["paid", "before-rounding", "infeasible", ""]:
    if cliff.drop is None:
        return "infeasible" if cliff.exact else ""
    return "paid" if cliff.exact else "before-rounding"


def _shown(cliff: Cliff) -> list[str]:
    word = {
        "before-rounding": ("before rounding", "取整前"),
        "infeasible": ("the rules cannot all hold", "规则无法同时成立"),
    }.get(_how(cliff), ("", ""))
    grades = "" if cliff.grade_at is None else f"{cliff.grade_below} | {cliff.grade_at}"
    return [
        cliff.code,
        cliff.name,
        f"{cliff.score:g}",
        f"{cliff.cut_off:g}",
        grades,
        "—" if cliff.money_below is None else _money(cliff.money_below),
        "—" if cliff.money_at is None else _money(cliff.money_at),
        "—" if cliff.drop is None else _money(cliff.drop, sign=True),
        word[lang() == "zh"],
    ]


def _deepest(found: Sequence[Cliff]) -> Cliff | None:
    known = [cliff for cliff in found if cliff.drop is not None]
    return max(known, key=lambda cliff: abs(cliff.drop or Decimal(0)), default=None)


# ---------------------------------------------------------------- rules in effect


def say_rules(folder: Path, period: str | None) -> None:
    """The rules of a run: what each says, whom it binds, what it moved, what it means.

    The run is computed again where its words are not in the reader's language.
    """
    run = read_run(folder)
    chosen = period or (run.periods[-1] if run.periods else "")
    rows = [row for row in run.rules if row.get("period", "") == chosen]
    if rows and run.record.get("definition", {}).get("language") != lang():
        _, again, result = _again(folder, period, by_step=True)
        written = rules_rows(again.model, result, lang())
        rows = [dict(zip(RULES_HEADER, map(cell_text, row), strict=True)) for row in written]
    if not rows:
        say("the run has no rules on money", "运行结果中没有资金规则")
    for row in rows:
        if row["title"] == row["says"]:
            say(row["says"], row["says"], style="bold")
        else:
            say(f"{row['title']}: {row['says']}", f"{row['title']}：{row['says']}", style="bold")
            say(
                f"  {row['strength']}; binds {row['binding']} of {row['rows']} limits"
                + (f" ({row['bound']})" if row["bound"] else "")
                + f"; moved {row['moved']}; {row['gaining']} gain, {row['losing']} lose",
                f"  {row['strength']}；{row['rows']} 处限额中 {row['binding']} 处起作用"
                + (f"（{row['bound']}）" if row["bound"] else "")
                + f"；移动资金 {row['moved']}；{row['gaining']} 个地区增加，{row['losing']} 个减少",
            )
        if row["meaning"]:
            say(f"  {row['meaning']}", f"  {row['meaning']}")
