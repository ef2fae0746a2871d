"""A decision by hand in a sentence."""

from __future__ import annotations

from reliefperf.errors import Lang
from reliefperf.evaluation.effects import Ruling
from reliefperf.evaluation.scoring.base import in_points, plain


def decision_reason(ruling: Ruling, lang: Lang) -> str:
    """Who decided what and when, and why; says so where only a part of the points counts."""
    row = ruling.row
    change = row.change or 0.0
    sign = "+" if change > 0 else ""
    asked, before, after = f"{sign}{plain(change)}", plain(ruling.before), plain(ruling.after)
    if lang == "zh":
        held = "（按界限计）" if ruling.held else ""
        return (
            f"{row.decided_by}于 {row.date} 决定：{row.reason}；{asked} 分，"
            f"{before} 分改为 {after} 分{held}"
        )
    held = " (held at the limit)" if ruling.held else ""
    return (
        f"{row.decided_by}, {row.date}: {row.reason}; {in_points(asked)}, from {before} to "
        f"{after}{held}"
    )
