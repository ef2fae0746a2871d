"""Days, and the days that a period or an inexact date spans."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from reliefperf.data.cells import Cell
from reliefperf.data.cleaning import half_width
from reliefperf.model.parameters import period_start

Span = tuple[date, date]
"""The first and the last day."""

_QUARTER = re.compile(r"[Qq][1-4]$")


def span_of(text: str) -> Span | None:
    """The days that a year, quarter, month or day spans; None for anything else.

    >>> span_of("2023Q1")
    (datetime.date(2023, 1, 1), datetime.date(2023, 3, 31))
    >>> span_of("2023年2月")[1].day, span_of("2023/24"), span_of("2023-02-30")
    (28, None, None)
    """
    start = period_start(text)
    if start is None:
        return None
    try:
        first = date(*start)
        if _QUARTER.search(text.strip()):
            return first, _before_month(first, 3)
        numbers = len(re.findall(r"\d+", text))
        if numbers == 1:
            return first, date(first.year, 12, 31)
        return first, _before_month(first, 1) if numbers == 2 else first
    except ValueError:
        return None


def _before_month(first: date, months: int) -> date:
    """The day before the month that begins so many months later."""
    month = first.month - 1 + months
    return date(first.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def date_text(cell: Cell) -> str:
    """A cell that should hold a date, as text."""
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else half_width(str(cell)).strip()
