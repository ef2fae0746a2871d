"""What the command line says of two runs side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from reliefperf.reports.console import lang, say, say_made_up, show, table
from reliefperf.scenarios.comparing import Change, Comparison


def say_comparison(
    comparison: Comparison, first: str, second: str, top: int, titles: Mapping[str, str]
) -> None:
    """Show totals, and the regions whose money, score or grade changed most.

    `titles` are those of pools, by id.
    """
    pools = {"total": "合计" if lang() == "zh" else "total", **titles}
    show(f"A {first}\nB {second}")
    if comparison.synthetic:
        say_made_up()
    if comparison.units_differ:
        say("the units of money differ", "两次运行的金额单位不同", style="bold red")
    for codes, side in (
        (comparison.regions_first_only, "A"),
        (comparison.regions_second_only, "B"),
    ):
        if codes:
            listed = ", ".join(codes[:10])
            say(
                f"only in {side}: {len(codes)} regions: {listed}",
                f"仅 {side} 有 {len(codes)} 个地区：{listed}",
            )
    if comparison.totals:
        table(
            "",
            (
                ("pool", "资金池", False),
                ("A", "A", True),
                ("B", "B", True),
                ("B - A", "B − A", True),
                ("gain", "增加地区", True),
                ("lose", "减少地区", True),
            ),
            [
                [
                    pools.get(t.pool, t.pool),
                    f"{t.first:,f}",
                    f"{t.second:,f}",
                    f"{t.second - t.first:+,f}",
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
    for what, en, zh in shown:
        changes = comparison.of(what)
        if changes:
            say(f"{en}: {len(changes)} regions differ", f"{zh}：{len(changes)} 个地区不同")
            _changes(changes[:top])
    if not comparison.changes:
        say("no differences", "没有差异")


def _changes(changes: Sequence[Change]) -> None:
    rows = [
        [
            c.period,
            c.region,
            c.name,
            _grouped(c.first),
            _grouped(c.second),
            "" if c.difference is None else f"{c.difference:+,f}",
        ]
        for c in changes
    ]
    panel = any(c.period for c in changes)
    columns = [
        ("period", "期别", False),
        ("region", "地区代码", False),
        ("name", "地区", False),
        ("A", "A", True),
        ("B", "B", True),
        ("B - A", "B − A", True),
    ]
    table("", columns if panel else columns[1:], rows if panel else [row[1:] for row in rows])


def _grouped(cell: str) -> str:
    """A number in groups of three digits; a grade as it is."""
    try:
        return f"{Decimal(cell):,f}"
    except InvalidOperation:
        return cell
