"""The formulas of the workbook: each with titles, what was put in, and the result."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache

from reliefperf.errors import Lang
from reliefperf.reports.formulas_terminal import part_title
from reliefperf.scenarios.results.formulas import RESULT, stated_formula
from reliefperf.scenarios.results.tables import Row
from reliefperf.scenarios.results.titling import titled
from reliefperf.scenarios.running import Run

FORMULA_TEXTS = ("period", "region", "name", "result", "formula", "put_in")
"""Columns of the sheet that hold texts."""


def formulas_sheet(
    run: Run, header: Sequence[str], rows: Sequence[Row], titles: dict[str, str], lang: Lang
) -> tuple[list[str], Iterator[Row]]:
    """Header and rows of the sheet from those of formulas.csv; a formula stands once, then its items."""
    at = header.index("of")

    @cache
    def formula(of: str, part: str) -> str:
        return titled(stated_formula(run.model, of, part).text, titles, lang)

    @cache
    def title(of: str, part: str) -> str:
        return part_title(of, part, titles, lang)

    word: Callable[[str], str] = cache(lambda item: titled(item, titles, lang))

    def written() -> Iterator[Row]:
        for row in rows:
            of, part, item = (str(cell) for cell in row[at : at + 3])
            whole = item == RESULT
            what = (formula(of, part), "") if whole else ("", word(item))
            yield (*row[:at], title(of, part), *what, row[-1])

    return [*header[:at], "result", "formula", "put_in", "value"], written()
