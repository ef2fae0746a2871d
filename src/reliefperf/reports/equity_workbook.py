"""The equity of an allocation as sheets: measures, groups, and the curves with a chart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from reliefperf.reports.equity_figure import CURVE_COLOURS, CURVE_WORDS
from reliefperf.reports.sheets import Sheets, Special
from reliefperf.scenarios.results.cells import Row, number_text
from reliefperf.scenarios.results.equity import (
    amounts_of,
    curves_of,
    equity_tables,
    ground_of,
    has_curves,
    pools_of,
)
from reliefperf.scenarios.running import Run

STEPS = 20
"""Into so many equal parts of the people the sheet of curves divides them."""

_HEADINGS: dict[str, tuple[str, str]] = {
    "period": ("period", "期别"),
    "level": ("level", "级别"),
    "parent": ("parent", "上级"),
    "pool": ("pool", "资金池"),
    "measure": ("measure", "指标"),
    "value": ("value", "数值"),
    "region": ("region", "地区代码"),
    "name": ("name", "地区"),
    "group": ("group", "分组"),
    "regions": ("regions", "地区数"),
    "people": ("people", "人数"),
    "amount": ("amount", "金额"),
    "per_head": ("per head", "人均金额"),
    "need": ("need", "需求"),
    "coverage": ("coverage", "需求满足率"),
}
_OF_MONEY = ("amount", "per_head", "need")
_MEASURES: dict[str, tuple[str, str]] = {
    "gini": ("Gini coefficient", "基尼系数"),
    "theil": ("Theil index", "泰尔指数"),
    "theil_within": ("Theil index, within groups", "泰尔指数（组内）"),
    "theil_between": ("Theil index, between groups", "泰尔指数（组间）"),
    "concentration_need": ("concentration index, by need per head", "集中指数（按人均需求）"),
    "concentration_capacity": ("concentration index, by fiscal capacity", "集中指数（按人均财力）"),
    "per_head_least": ("least money per head", "最低人均金额"),
    "per_head_greatest": ("greatest money per head", "最高人均金额"),
    "coverage_least": ("least coverage of need", "最低需求满足率"),
    "coverage_greatest": ("greatest coverage of need", "最高需求满足率"),
}
_SHEETS: dict[str, tuple[str, str]] = {
    "equity": ("Equity", "公平性"),
    "groups": ("Equity by group", "公平性（分组）"),
    "curves": ("Equity curves", "公平性曲线"),
}
_ALL = ("all", "全部")
_PEOPLE = ("people, cumulated", "人口累计")
_EVEN = ("the same for everybody", "完全均等")


def equity_sheets(sheets: Sheets, run: Run, names: Mapping[str, str]) -> None:
    """Write the sheets of a run; `names` are those of regions, by code."""
    (header, measures), (of_groups, groups) = equity_tables(run)
    equity_sheet(sheets, header, measures, names)
    groups_sheet(sheets, of_groups, groups)
    if has_curves(run):
        _curves(sheets, run)


def equity_sheet(
    sheets: Sheets, header: Sequence[str], rows: Iterable[Row], names: Mapping[str, str]
) -> None:
    """The measures, each with the region that it names."""
    at, region = header.index("measure"), header.index("region")

    def worded() -> Iterator[Row]:
        for row in _with_pools(sheets, header, rows):
            code = str(row[region] or "")
            measure = _MEASURES[str(row[at])][sheets.lang == "zh"]
            if str(row[at]).startswith("per_head"):
                measure += sheets.in_unit()
            yield (*row[:at], measure, *row[at + 1 :], names.get(code, ""))

    coverages = {_MEASURES[f"coverage_{end}"][sheets.lang == "zh"] for end in ("least", "greatest")}
    value = header.index("value")

    def special(row: Sequence[str | float], place: int) -> Any:
        return sheets.percent if place == value and row[at] in coverages else None

    numbers = ("value",)
    _table(sheets, "equity", [*header, "name"], worded(), numbers, special)


def groups_sheet(sheets: Sheets, header: Sequence[str], rows: Iterable[Row]) -> None:
    """A line for each group, and one for all regions."""
    at = header.index("group")
    every = _ALL[sheets.lang == "zh"]
    worded = (
        (*row[:at], row[at] or every, *row[at + 1 :]) for row in _with_pools(sheets, header, rows)
    )
    numbers = ("regions", "people", "amount", "per_head", "need", "coverage")
    coverage = header.index("coverage")

    def special(_: Sequence[str | float], place: int) -> Any:
        return sheets.percent if place == coverage else None

    _table(sheets, "groups", header, worded, numbers, special)


def _with_pools(sheets: Sheets, header: Sequence[str], rows: Iterable[Row]) -> Iterator[Row]:
    at = header.index("pool")
    return ((*row[:at], sheets.word(str(row[at])), *row[at + 1 :]) for row in rows)


def _table(
    sheets: Sheets,
    key: str,
    header: Sequence[str],
    rows: Iterable[Row],
    numbers: Sequence[str],
    special: Special,
) -> None:
    """A sheet with headings in the workbook's language; all but `numbers` are texts."""
    zh = sheets.lang == "zh"
    headings = [
        _HEADINGS[name][zh] + (sheets.in_unit() if name in _OF_MONEY else "") for name in header
    ]
    texts = [heading for name, heading in zip(header, headings, strict=True) if name not in numbers]
    sheets.table(key, headings, rows, text=texts, title=_SHEETS[key][zh], special=special)


def _curves(sheets: Sheets, run: Run) -> None:
    """The last period's curves, all pools together: at equal parts of the people, and a chart."""
    ground = ground_of(run.model, run.last)
    assert ground is not None
    curves = curves_of(ground, amounts_of(run.last, pools_of(run.last)[-1])[ground.counted])
    zh = sheets.lang == "zh"
    parts = np.linspace(0.0, 1.0, STEPS + 1)
    columns = [parts, parts]
    columns += [np.interp(parts, curve.people, curve.money) for curve in curves.values()]
    headings = [_PEOPLE[zh], _EVEN[zh], *(CURVE_WORDS[name][sheets.lang] for name in curves)]
    rows = [tuple(number_text(float(cell)) for cell in row) for row in zip(*columns, strict=True)]
    sheet = sheets.table("curves", headings, rows, text=(), title=_SHEETS["curves"][zh])
    chart = sheets.book.add_chart({"type": "scatter", "subtype": "straight"})
    if chart is None:
        return  # only the cells are asked for
    name = sheet.get_name()
    for place in range(1, len(headings)):
        colour = "#A0A0A0" if place == 1 else CURVE_COLOURS[list(curves)[place - 2]]
        chart.add_series(
            {
                "name": [name, 0, place],
                "categories": [name, 1, 0, len(rows), 0],
                "values": [name, 1, place, len(rows), place],
                "line": {"color": colour, "dash_type": "dash" if place == 1 else "solid"},
            }
        )
    axis = {"min": 0, "max": 1, "num_format": "0%"}
    chart.set_x_axis({**axis, "name": _PEOPLE[zh]})
    chart.set_y_axis({**axis, "name": "资金累计" if zh else "money, cumulated"})
    chart.set_title({"name": "资金分布的公平性" if zh else "How evenly the money falls"})
    chart.set_size({"width": 620, "height": 560})
    sheet.insert_chart(1, len(headings) + 1, chart)
