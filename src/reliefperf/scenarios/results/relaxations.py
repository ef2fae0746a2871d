"""Rules that gave way: relaxations.csv, and what run.json says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from reliefperf.allocation.relaxing import HEADER, Relaxation, amount_text, by_rule
from reliefperf.errors import Lang
from reliefperf.scenarios.results.tables import MONEY_EXTRA_PLACES, Row, money_places

if TYPE_CHECKING:
    from reliefperf.allocation.allocate import Allocation
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
        places = money_places(result.allocation) + MONEY_EXTRA_PLACES
        for item in relaxations_of(result.allocation):
            money = (_decimal(amount, places) for amount in (item.limit, item.by, item.new_limit))
            rows.append((*((period,) if panel else ()), item.rule, item.row, item.side, *money))
    return [*(("period",) if panel else ()), *HEADER], rows


def relaxed_record(allocation: Allocation) -> dict[str, Any] | None:
    """For run.json: by rule how many rows gave way and by how much money; None if none did."""
    items = relaxations_of(allocation)
    if not items:
        return None
    return {
        rule: {"rows": len(own), "by": amount_text(_total(own)).replace(",", "")}
        for rule, own in by_rule(items).items()
    }


def relaxed_words(
    allocation: Allocation, lang: Lang, titles: Mapping[str, str] | None = None
) -> str | None:
    """One line that labels a run whose rules gave way; `titles` are those of rules, by id."""
    items = relaxations_of(allocation)
    if not items:
        return None
    listed = ", ".join(
        f"{(titles or {}).get(rule, rule)} ({amount_text(_total(own))})"
        for rule, own in by_rule(items).items()
    )
    unit = allocation.unit
    if lang == "zh":
        return f"已放宽规则：{listed.replace(', ', '、')}，单位 {unit}；见 relaxations.csv"
    return f"RELAXED: rules gave way, {listed}, in {unit}; see relaxations.csv"


def _total(items: Sequence[Relaxation]) -> Fraction:
    return sum((item.by for item in items), Fraction(0))


def _decimal(amount: Fraction, places: int) -> Decimal:
    """Whole numbers and short decimals as they are, others to the places of the tables."""
    value = Decimal(amount.numerator) / Decimal(amount.denominator)
    value = round(value, places)
    return value.to_integral() if value == value.to_integral() else value.normalize()
