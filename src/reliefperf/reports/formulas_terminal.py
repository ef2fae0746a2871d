"""What the command line says of a region's formulas: in words, with what was put in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from itertools import groupby

from reliefperf.model.building import REGION_COLUMNS
from reliefperf.reports.amounts import money
from reliefperf.reports.case_terminal import short
from reliefperf.reports.console import lang, say, table
from reliefperf.reports.formula_words import below, item_title, part_title, stated_in, unit_of
from reliefperf.scenarios.results.formulas import BARRED, ELIGIBLE, RESULT
from reliefperf.scenarios.results.titling import titled
from reliefperf.scenarios.run_folder import RunFolder


def say_formulas(run: RunFolder, rows: Sequence[dict[str, str]], titles: Mapping[str, str]) -> None:
    """Print each formula with titles, and below it the values put in and the result.

    Why a region has no part in a pool stands with the steps of its money.
    """
    rows = [row for row in rows if row["part"] not in (ELIGIBLE, BARRED)]
    if not rows:
        return
    said, definition = lang(), run.record.get("definition")
    say("formulas and what was put in", "算式与代入值", style="bold")
    cells: list[list[str]] = []
    for (of, part), own in groupby(rows, key=lambda row: (row["of"], row["part"])):
        given = {
            row["item"]: [_value(run, row), unit_of(definition, of, part, row["item"])]
            for row in own
        }
        stated = stated_in(definition, of, part)
        title = part_title(of, part, titles, said)
        cells.append([title, f"= {titled(stated, titles, said)}" if stated else "", *given[RESULT]])
        cells += [
            ["", f"    {item_title(stated, item, titles, said)}", *value]
            for item, value in given.items()
            if item not in (RESULT, stated)
        ]
    columns = [
        ("result", "结果", False),
        ("formula, put in", "算式、代入项", False),
        ("value", "数值", True),
        ("unit", "单位", False),
    ]
    if not any(row[-1] for row in cells):
        columns.pop()
        cells = [row[:-1] for row in cells]
    table("", columns, cells)


def _value(run: RunFolder, row: dict[str, str]) -> str:
    """A figure with its digits in groups; codes and other texts as they are."""
    text, item = row["value"], row["item"]
    stated = below(run.record.get("definition"), "variables", item, "type")
    if item in REGION_COLUMNS or stated == "text":
        return text
    solved = below(run.record.get("definition"), "allocation", "pools", row["of"], "solve")
    if item in (solved, below(solved, "name")):
        return text  # a number that was solved for is told with all its digits
    shown = short(text)
    try:
        return money(Decimal(shown))
    except InvalidOperation:
        return shown or "—"
