"""What the command line says of two runs side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from reliefperf.errors import Lang
from reliefperf.model.spec_data import in_language
from reliefperf.reports.console import lang, say, say_made_up, show, table
from reliefperf.scenarios.comparing import Change, Comparison
from reliefperf.scenarios.run_folder import RunFolder

_SIDES = (("A", "原方案", True), ("B", "新方案", True), ("B - A", "增减额", True))
_PERCENT = ("%", "增减幅", True)


def say_comparison(
    comparison: Comparison, first: RunFolder, second: RunFolder, top: int, titles: Mapping[str, str]
) -> None:
    """Show totals, and the regions whose money, score or grade changed most.

    `titles` are those of pools, by id.
    """
    zh = lang() == "zh"
    pools = {"total": "合计" if zh else "total", **titles}
    for run, label in ((first, "原方案：" if zh else "A: "), (second, "新方案：" if zh else "B: ")):
        where = f"（{run.folder}）" if zh else f" ({run.folder})"
        show(f"{label}{run_title(run, lang())}{where}")
    if comparison.synthetic:
        say_made_up()
    if comparison.units_differ:
        say("the units of money differ", "两次运行的金额单位不同", style="bold red")
    for codes, side in (
        (comparison.regions_first_only, ("A", "原方案")),
        (comparison.regions_second_only, ("B", "新方案")),
    ):
        if codes:
            more = len(codes) > 10
            say(
                f"only in {side[0]}: {len(codes)} regions: {', '.join(codes[:10])}"
                + (", ..." if more else ""),
                f"仅{side[1]}有 {len(codes)} 个地区：{'、'.join(codes[:10])}"
                + ("等" if more else ""),
            )
    if comparison.totals:
        table(
            "",
            (
                ("pool", "资金池", False),
                *_SIDES,
                _PERCENT,
                ("gain", "增加地区", True),
                ("lose", "减少地区", True),
            ),
            [
                [
                    pools.get(t.pool, t.pool),
                    f"{t.first:,f}",
                    f"{t.second:,f}",
                    f"{t.second - t.first:+,f}",
                    _percent(t.second - t.first, t.first),
                    str(t.gaining),
                    str(t.losing),
                ]
                for t in comparison.totals
            ],
        )
    shown = [
        ("pool total", f"money ({comparison.unit})", f"金额（{comparison.unit}）"),
        ("score", "score", "得分"),
        ("grade", "grade", "等次"),
    ]
    for what, en, zh_what in shown:
        changes = comparison.of(what)
        if changes:
            say(f"{en}: {len(changes)} regions differ", f"{zh_what}：{len(changes)} 个地区不同")
            _changes(changes, top, money=what == "pool total")
    if not comparison.changes:
        say("no differences", "没有差异")


def _changes(changes: Sequence[Change], top: int, *, money: bool) -> None:
    """The largest changes; of money with percentages, and what the regions left out come to."""
    rows = [
        [
            c.period,
            c.region,
            c.name,
            _grouped(c.first),
            _grouped(c.second),
            "" if c.difference is None else f"{c.difference:+,f}",
            _percent(c.difference, _number(c.first)),
        ]
        for c in changes[:top]
    ]
    panel = any(c.period for c in changes)
    columns = [
        ("period", "期别", False),
        ("region", "地区代码", False),
        ("name", "地区", False),
        *_SIDES,
        _PERCENT,
    ]
    start, end = 0 if panel else 1, None if money else -1
    table("", columns[start:end], [row[start:end] for row in rows])
    rest = changes[top:]
    if not rest:
        return
    if money:
        moves = [c.difference or Decimal(0) for c in rest]
        up, down = (sum((m for m in moves if m * sign > 0), Decimal(0)) for sign in (1, -1))
        say(
            f"the other {len(rest)}: {up:+,f} and {down:+,f}, in all {up + down:+,f}",
            f"其余 {len(rest)} 个：增加 {up:,f}，减少 {-down:,f}，合计 {up + down:+,f}",
        )
    else:
        say(f"and {len(rest)} more", f"其余 {len(rest)} 个未列出")


def run_title(run: RunFolder, said: Lang) -> str:
    """What a run is called: by the title of its scenario, else of its model or cascade."""
    scenario = run.record.get("scenario")
    stated = scenario if isinstance(scenario, dict) else run.record
    name = next((str(stated[key]) for key in ("name", "model", "cascade") if stated.get(key)), "")
    return in_language(stated.get("title"), said, name)


def changes_said(comparison: Comparison, titles: Mapping[str, str], said: Lang) -> Comparison:
    """The comparison with words for what changed, as a table in the reader's language has them."""
    if said != "zh":
        return comparison
    words = {"score": "得分", "grade": "等次", "pool total": "资金合计"}
    changes = tuple(
        replace(c, what=words.get(c.what) or _pool_said(c.what.removeprefix("pool "), titles))
        for c in comparison.changes
    )
    return replace(comparison, changes=changes)


def _pool_said(pool: str, titles: Mapping[str, str]) -> str:
    return f"资金池“{titles.get(pool, pool)}”"


def _percent(change: Decimal | None, of: Decimal | None) -> str:
    """A change in per cent of what was there; empty where there was nothing."""
    if change is None or not of:
        return ""
    return f"{(100 * change / abs(of)).quantize(Decimal('0.1'), ROUND_HALF_UP):+,f}%"


def _number(cell: str) -> Decimal | None:
    try:
        return Decimal(cell)
    except InvalidOperation:
        return None


def _grouped(cell: str) -> str:
    """A number in groups of three digits; a grade as it is."""
    number = _number(cell)
    return cell if number is None else f"{number:,f}"
