"""The formulas of the workbook: each with titles, what was put in, and the result."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from reliefperf.errors import Lang
from reliefperf.reports.formula_words import is_condition, item_title, part_title, unit_of, verdict
from reliefperf.scenarios.results.cells import Row
from reliefperf.scenarios.results.formulas import BARRED, RESULT, stated_formula
from reliefperf.scenarios.results.titling import titled
from reliefperf.scenarios.running import Run

FORMULA_TEXTS = ("period", "region", "name", "result", "formula", "put_in", "in_unit")
"""Columns of the sheet that hold texts."""


def formulas_sheet(
    run: Run, header: Sequence[str], rows: Sequence[Row], titles: dict[str, str], lang: Lang
) -> tuple[list[str], Iterator[Row]]:
    """Header and rows of the sheet from those of formulas.csv; a formula stands once, then its items."""
    at = header.index("of")
    definition = run.model.document.data

    @cache
    def formula(of: str, part: str) -> str:
        return titled(stated_formula(run.model, of, part).text, titles, lang)

    @cache
    def title(of: str, part: str) -> str:
        return part_title(of, part, titles, lang)

    @cache
    def told(of: str, part: str, item: str) -> tuple[bool, str]:
        """Whether the value is a verdict on a condition, and its unit."""
        return is_condition(definition, of, part, item), unit_of(definition, of, part, item)

    @cache
    def word(of: str, part: str, item: str) -> str:
        """What was put in; a consequence has no formula."""
        stated = "" if part == BARRED else stated_formula(run.model, of, part).text
        return item_title(stated, item, titles, lang)

    def written() -> Iterator[Row]:
        for row in rows:
            of, part, item = (str(cell) for cell in row[at : at + 3])
            whole = item == RESULT
            what = (formula(of, part), "") if whole else ("", word(of, part, item))
            judged, unit = told(of, part, item)
            value = row[-1]
            if part == BARRED:
                value = ""
            elif judged:
                value = verdict(str(value), lang)
            yield (*row[:at], title(of, part), *what, value, unit)

    return [*header[:at], "result", "formula", "put_in", "figure", "in_unit"], written()
