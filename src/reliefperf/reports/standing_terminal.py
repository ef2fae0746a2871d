"""What `reliefperf explain` says of a region's strengths and weaknesses."""

from __future__ import annotations

from collections.abc import Mapping

from reliefperf.reports.console import lang, say, show
from reliefperf.reports.formula_words import below
from reliefperf.scenarios.explaining.standing import (
    Against,
    Standing,
    group_of,
    standings,
    strengths,
    weaknesses,
)
from reliefperf.scenarios.run_folder import RunFolder


def say_standing(
    run: RunFolder, region: str, period: str, against: Against | None, titles: Mapping[str, str]
) -> None:
    """Show where a region is strongest and weakest against its group, if it has one."""
    group = group_of(run, region, period, against)
    if group is None:
        return
    rows = (row for row in run.points if row.get("period", "") == period)
    found = standings(rows, region, group.codes)
    if not found:
        return
    best, worst = strengths(found), weaknesses(found)
    fewer = fewer_is_better(run)
    if fewer:
        best, worst = worst, best
    say(
        f"against {group.en} ({len(group.codes):,}, itself included"
        f"{'; fewer points are better' if fewer else ''}):",
        f"与{group.zh}（共 {len(group.codes):,} 个，含本地区{'；分数越低越好' if fewer else ''}）"
        "相比：",
        style="bold",
    )
    _list("strengths", "长项", best, titles)
    _list("weaknesses", "短板", worst, titles)


def fewer_is_better(run: RunFolder) -> bool:
    """Whether the model ranks the least score first."""
    return bool(below(run.record.get("definition"), "evaluation", "rank", "order") == "ascending")


def _list(en: str, zh: str, chosen: list[Standing], titles: Mapping[str, str]) -> None:
    if not chosen:
        say(f"  {en}: none that stands out", f"  {zh}：无明显{zh}")
        return
    say(f"  {en}:", f"  {zh}：")
    said = lang()
    joint = "：" if said == "zh" else ": "
    for one in chosen:
        title = titles.get(one.indicator, one.indicator)
        show(f"  - {title}{joint}{one.sentence(said)}")
