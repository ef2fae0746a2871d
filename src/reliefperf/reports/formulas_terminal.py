"""What the command line says of a region's formulas: in words, with what was put in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from itertools import groupby
from typing import Any

from reliefperf.errors import Lang
from reliefperf.model.building import REGION_COLUMNS
from reliefperf.reports.amounts import money
from reliefperf.reports.case_terminal import short
from reliefperf.reports.console import lang, say, table
from reliefperf.scenarios.results.formulas import RESULT
from reliefperf.scenarios.results.titling import titled
from reliefperf.scenarios.run_folder import RunFolder

_PARTS: dict[str, tuple[str, str]] = {
    "amount": ("total", "总额"),
    "weight": ("weight", "权重"),
    "formula": ("before damping", "缩放前"),
    "floor": ("guaranteed", "保底"),
}
"""What the formulas of a pool give, where that is not the pool's amount itself."""


def part_title(of: str, part: str, titles: Mapping[str, str], said: Lang) -> str:
    """What a formula gives: a pool's amount, its total or weight, or a derived column."""
    title = titles.get(of, of)
    if part not in _PARTS:
        return title
    word = _PARTS[part][said == "zh"]
    return f"{title}（{word}）" if said == "zh" else f"{title} ({word})"


def say_formulas(run: RunFolder, rows: Sequence[dict[str, str]], titles: Mapping[str, str]) -> None:
    """Print each formula with titles, and below it the values put in and the result."""
    if not rows:
        return
    said = lang()
    say("formulas and what was put in", "算式与代入值", style="bold")
    cells: list[list[str]] = []
    for (of, part), own in groupby(rows, key=lambda row: (row["of"], row["part"])):
        given = {row["item"]: _value(run, row) for row in own}
        stated = _stated(run, of, part)
        title = part_title(of, part, titles, said)
        cells.append([title, f"= {titled(stated, titles, said)}" if stated else "", given[RESULT]])
        cells += [
            ["", f"    {titled(item, titles, said)}", value]
            for item, value in given.items()
            if item not in (RESULT, stated)
        ]
    columns = (("result", "结果", False), ("formula, put in", "算式、代入项", False))
    table("", (*columns, ("value", "数值", True)), cells)


def _value(run: RunFolder, row: dict[str, str]) -> str:
    """A figure with its digits in groups; codes and other texts as they are."""
    text, item = row["value"], row["item"]
    stated = _below(run.record.get("definition"), "variables", item, "type")
    if item in REGION_COLUMNS or stated == "text":
        return text
    shown = short(text)
    try:
        return money(Decimal(shown))
    except InvalidOperation:
        return shown or "—"


def _stated(run: RunFolder, of: str, part: str) -> str:
    """The formula as the model states it."""
    definition = run.record.get("definition")
    whole: Any = definition if isinstance(definition, dict) else {}
    derived = _below(whole, "derived", of)
    if derived is not None:
        return str(_below(derived, "value") if isinstance(derived, dict) else derived)
    pool = _below(whole, "allocation", "pools", of)
    found = _below(pool, part)
    found = _below(pool, "scale_gains", part) if found is None else found
    return "" if found is None else str(found)


def _below(part: Any, *keys: str) -> Any:
    for key in keys:
        part = part.get(key) if isinstance(part, dict) else None
    return part
