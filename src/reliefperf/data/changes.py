"""The record of what was changed between a cell in the file and a value in the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from reliefperf.data.mistakes import shown
from reliefperf.errors import Note

Kind = Literal[
    "width",
    "spaces",
    "thousands",
    "decimal-comma",
    "percent",
    "sign",
    "missing-mark",
    "rounded",
    "number-as-text",
    "date-as-text",
    "zero-filled",
    "name-to-code",
]

WHY: dict[Kind, tuple[str, str]] = {
    "width": ("full-width characters made half-width", "全角字符改为半角"),
    "spaces": ("spaces around the text taken off", "去掉首尾空白"),
    "thousands": ("thousands separators taken off", "去掉千分位分隔符"),
    "decimal-comma": ("a decimal comma made a point", "小数逗号改为小数点"),
    "percent": ("percent sign taken off", "去掉百分号"),
    "sign": ("sign written another way", "正负号改为通用写法"),
    "missing-mark": ("a mark that means no data", "表示无数据的符号，按缺失处理"),
    "rounded": ("more digits than a computer number holds", "位数超过计算机数值的精度，已舍入"),
    "number-as-text": ("a number in a column of text", "文本列中的数值，按文本读入"),
    "date-as-text": ("a date in a column of text", "文本列中的日期，按文本读入"),
    "zero-filled": ("empty, counted as 0 by the model", "空缺，按模型规定记为 0"),
    "name-to-code": ("a region's name in place of its code", "以地区名称代替代码，已查出代码"),
}


@dataclass(frozen=True)
class Change:
    """How a cell's form was changed: what it was, what it became, and why (one or more kinds)."""

    before: str
    after: str
    kinds: tuple[Kind, ...]


@dataclass(frozen=True)
class CellChange:
    """One cell that does not stand in the data as it stood in the file."""

    row: int
    column: str
    region: str
    period: str
    before: str
    after: str
    kinds: tuple[Kind, ...]

    @property
    def en(self) -> str:
        """Why, in English."""
        return "; ".join(WHY[kind][0] for kind in self.kinds)

    @property
    def zh(self) -> str:
        """Why, in Chinese."""
        return "；".join(WHY[kind][1] for kind in self.kinds)


def change_notes(heading: str, lines: Sequence[int], changes: Mapping[int, Change]) -> list[Note]:
    """Sum up the changes in one column: a note for each kind, with the first cell as the example.

    `changes` goes by the position of the cell, `lines` gives the row of each position.
    """
    kinds: dict[Kind, list[int]] = {}
    for at in sorted(changes):
        for kind in changes[at].kinds:
            kinds.setdefault(kind, []).append(at)
    said = []
    for kind, places in kinds.items():
        first, line = changes[places[0]], lines[places[0]]
        before, after = shown(first.before), first.after[:40]
        en, zh = WHY[kind]
        said.append(
            Note(
                "rounded" if kind == "rounded" else "cleaned",
                f"{en} in {len(places)} {'cells' if len(places) > 1 else 'cell'}, "
                f"e.g. row {line}: {before} -> {after or 'missing'}",
                f"{len(places)} 格{zh}，如第 {line} 行：{before} → {after or '缺失'}",
                len(places),
                heading,
            )
        )
    return said
