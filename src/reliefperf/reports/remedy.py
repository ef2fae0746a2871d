"""The cheapest relaxation as a table, beside the error that says what cannot hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from reliefperf.allocation.naming import group_words
from reliefperf.errors import Lang

MOST_ROWS = 20
_HEADER = {
    "level": "级别",
    "parent": "上级",
    "rule": "规则",
    "row": "地区或组",
    "side": "方向",
    "limit": "原限额",
    "relaxed_by": "放宽",
    "new_limit": "新限额",
    "priority": "次序",
}
_SIDES = {"low": "下限", "high": "上限"}


def say_remedy(remedy: Sequence[Sequence[str]], lang: Lang | None) -> None:
    """Print header and rows to the error output; what is beyond MOST_ROWS is counted."""
    header, *rows = remedy
    zh = lang == "zh"
    made = Table(box=None, pad_edge=False)
    side, named = header.index("side"), header.index("row")
    for place, name in enumerate(header):
        justify: Literal["left", "right"] = "right" if place > side else "left"
        made.add_column(_HEADER[name] if zh else name, justify=justify)
    for row in rows[:MOST_ROWS]:
        words = list(row)
        shown = row[named].replace(" >= ", "不低于 ") if zh else row[named]
        words[named] = (group_words(row[named]) or (shown, shown))[zh]
        words[side] = _SIDES.get(row[side], row[side]) if zh else row[side]
        made.add_row(*(escape(cell) for cell in words))
    console = Console(stderr=True, highlight=False)
    console.print(made)
    if len(rows) > MOST_ROWS:
        rest = len(rows) - MOST_ROWS
        console.print(f"……其余 {rest} 行" if zh else f"... and {rest} more rows", markup=False)
