"""What the command line says of points in money: the worth of one, and cliffs at cut-offs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Literal

from reliefperf.errors import InputError, Mistake
from reliefperf.reports.amounts import money
from reliefperf.reports.console import lang, say, say_made_up, table
from reliefperf.reports.folder import write_table
from reliefperf.reports.opening import run_again
from reliefperf.scenarios.explaining.cliffs import Cliff, cliffs
from reliefperf.scenarios.explaining.moving_alone import NotAlone, before_units
from reliefperf.scenarios.explaining.rescoring import full_marks
from reliefperf.scenarios.explaining.worth import Worth, worth_of_point, worth_of_points
from reliefperf.scenarios.results.cells import Row, number_text

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


def say_point(folder: Path, code: str, period: str | None) -> None:
    """What one more point, and the next cut-off, would bring to one region; exact."""
    run, again, chosen = run_again(folder, period)
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
        f"{titles.get(pool, pool)} {money(change, sign=True)}" for pool, change in moved
    )
    listed = (f"（{parts}）" if zh else f" ({parts})") if len(moved) > 1 else ""
    up_en = (
        f", grade {worth.grade} to {worth.other_grade}," if worth.grade != worth.other_grade else ""
    )
    up_zh = f"，等次由{worth.grade}到{worth.other_grade}" if up_en else ""
    before, after = worth.before[-1][1], worth.after[-1][1]
    say(
        f"{more} more point(s), {worth.score:g} to {worth.other:g}{up_en} would change its money by "
        f"{money(worth.gain, sign=True)} {unit}, {money(before)} to {money(after)}{listed}.",
        f"得分提高 {more} 分（{worth.score:g} 到 {worth.other:g}{up_zh}），资金变动 "
        f"{money(worth.gain, sign=True)} {unit}，由 {money(before)} 到 {money(after)}{listed}。",
    )


def say_worths(
    folder: Path, points: float, period: str | None, output: Path | None, top: int
) -> None:
    """What more points would bring to each region alone, before whole units."""
    _, again, chosen = run_again(folder, period)
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
    evaluation, paid = chosen.evaluation, chosen.allocation
    assert evaluation is not None
    assert paid is not None
    rows: list[Row] = []
    gains: list[tuple[Decimal, int]] = []
    for i, code in enumerate(paid.codes):
        grade = None if evaluation.grade is None else evaluation.grade[i]
        score = [_number(evaluation.score[i]), _number(raised[i])]
        lead = (code, paid.names[i], *score, grade or "")
        pools = [
            tuple(before_units(float(found[pool][i]), paid) for found in (before, after))
            for pool in paid.pools
        ]
        # the total is the sum of what is shown, so that the rows add up
        total = tuple(sum(column, Decimal(0)) for column in zip(*pools, strict=True))
        for pool, (one, other) in zip((*paid.pools, "total"), (*pools, total), strict=True):
            rows.append((*lead, pool, one, other, other - one))
        gains.append((total[1] - total[0], i))
    if output is not None:
        write_table(output, WORTH_HEADER, rows)
    if again.is_synthetic:
        say_made_up()
    moving = sorted(gain for gain, _ in gains if gain)
    if not moving:
        say("More points change nobody's money.", "得分提高不改变任何地区的资金。")
        return
    middle = moving[len(moving) // 2]
    say(
        f"{points:g} more point(s) for one region alone change its money in {len(moving)} of "
        f"{len(gains)} regions: median {money(middle, sign=True)} {paid.unit}, most "
        f"{money(moving[-1], sign=True)} {paid.unit} (before whole units).",
        f"某地区单独提高 {points:g} 分，{len(gains)} 个地区中有 {len(moving)} 个资金变动："
        f"中位数 {money(middle, sign=True)} {paid.unit}，最多 {money(moving[-1], sign=True)} "
        f"{paid.unit}（取整前）。",
    )
    gains.sort(key=lambda gain: (-gain[0], gain[1]))
    table(
        "",
        (
            ("region", "地区代码", False),
            ("name", "地区", False),
            ("score", "得分", True),
            ("to", "提高到", True),
            (f"gain ({paid.unit})", f"资金变动（{paid.unit}）", True),
        ),
        [
            [
                paid.codes[i],
                paid.names[i],
                f"{evaluation.score[i]:g}",
                f"{raised[i]:g}",
                money(gain, sign=True),
            ]
            for gain, i in gains[:top]
        ],
    )


def _number(value: float) -> str:
    return number_text(round(float(value), 9))


def say_cliffs(
    folder: Path, reach: float, period: str | None, output: Path | None, top: int, most: int
) -> None:
    """Every region within reach of a cut-off, with the money on both sides."""
    _, again, chosen = run_again(folder, period)
    found = cliffs(again.model, chosen, reach, most=most)
    if output is not None:
        write_table(output, CLIFFS_HEADER, cliff_rows(found))
    if again.is_synthetic:
        say_made_up()
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
            f"{money(deepest.drop, sign=True)} {unit}.",
            f"共有 {len(found)} 处地区距分数线在 {reach:g} 分以内；落差最大的是"
            f"{deepest.name or deepest.code}，在 {deepest.cut_off:g} 分处相差 "
            f"{money(deepest.drop, sign=True)} {unit}。",
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
        "—" if cliff.money_below is None else money(cliff.money_below),
        "—" if cliff.money_at is None else money(cliff.money_at),
        "—" if cliff.drop is None else money(cliff.drop, sign=True),
        word[lang() == "zh"],
    ]


def _deepest(found: Sequence[Cliff]) -> Cliff | None:
    known = [cliff for cliff in found if cliff.drop is not None]
    return max(known, key=lambda cliff: abs(cliff.drop or Decimal(0)), default=None)
