"""Rules that gave way: relaxations.csv, and what run.json says of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from reliefperf.allocation.cutting import BUDGET
from reliefperf.allocation.relaxation_words import HEADER
from reliefperf.allocation.relaxing import Relaxation, amount_text, by_rule, given_up
from reliefperf.errors import Lang
from reliefperf.scenarios.results.cells import Row
from reliefperf.scenarios.results.money import (
    MONEY_EXTRA_PLACES,
    money_places,
    trimmed,
    whole_money,
)

if TYPE_CHECKING:
    from reliefperf.allocation.paid import Allocation
    from reliefperf.scenarios.running import Run


def relaxations_of(allocation: Allocation | None) -> Sequence[Relaxation]:
    """The rows of rules that gave way, in order of the rules."""
    if allocation is None or allocation.program is None:
        return ()
    return allocation.program.relaxations


def is_relaxed(run: Run) -> bool:
    """Whether rules gave way in any period."""
    return any(relaxations_of(result.allocation) for result in run.periods.values())


def relaxations_table(run: Run) -> tuple[list[str], list[Row]]:
    """Header and rows of relaxations.csv."""
    panel = tuple(run.periods) != ("",)
    rows: list[Row] = []
    for period, result in run.periods.items():
        if result.allocation is None:
            continue
        lead = (period,) if panel else ()
        rows += [(*lead, *row) for row in relaxation_rows(result.allocation)]
    return [*(("period",) if panel else ()), *HEADER], rows


def relaxation_rows(allocation: Allocation) -> Iterator[Row]:
    """The rows of one allocation under HEADER."""
    places = money_places(allocation) + MONEY_EXTRA_PLACES
    for item in relaxations_of(allocation):
        sums = (item.limit, item.by, item.new_limit, item.before)
        named = (item.rule, item.row, item.side)
        shown = (trimmed(whole_money(amount, places), places) for amount in sums)
        yield (*named, *shown, str(item.priority))


def relaxed_record(items: Sequence[Relaxation]) -> dict[str, Any] | None:
    """For run.json: by rule how many rows gave way and by how much money; None if none did."""
    if not items:
        return None
    return {
        rule: {"rows": len(own), "by": amount_text(given_up(own)).replace(",", "")}
        for rule, own in by_rule(items).items()
    }


def relaxed_words(
    items: Sequence[Relaxation], unit: str, lang: Lang, titles: Mapping[str, str] | None = None
) -> str | None:
    """One line that labels a run whose rules gave way; `titles` are those of rules, by id."""
    if not items:
        return None
    zh = lang == "zh"
    named = {BUDGET: "预算削减资金池", **(titles or {})} if zh else titles or {}
    listed = ", ".join(
        f"{named.get(rule, rule)} ({_size(own, zh)})" for rule, own in by_rule(items).items()
    )
    if zh:
        return f"已放宽规则：{listed.replace(', ', '、')}，单位 {unit}；见 relaxations.csv"
    return f"RELAXED: rules gave way, {listed}, in {unit}; see relaxations.csv"


def _size(items: Sequence[Relaxation], zh: bool) -> str:
    """By how much a rule gave way in what is paid, else before whole units."""
    if total := given_up(items):
        return amount_text(total)
    before = amount_text(sum((item.before for item in items), Fraction(0)))
    return f"仅取整前 {before}" if zh else f"{before} before whole units only"
