"""Days, and the days that a period or an inexact date spans."""

from datetime import date, datetime

import pytest

from reliefperf.data.dates import date_text, span_of


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2023", (2023, 1, 1), (2023, 12, 31)),
        ("2023年", (2023, 1, 1), (2023, 12, 31)),
        ("2023Q4", (2023, 10, 1), (2023, 12, 31)),
        ("2024-02", (2024, 2, 1), (2024, 2, 29)),
        ("2023年12月", (2023, 12, 1), (2023, 12, 31)),
        ("2023-05-14", (2023, 5, 14), (2023, 5, 14)),
        ("2023/5/14", (2023, 5, 14), (2023, 5, 14)),
    ],
)
def test_a_date_spans_every_day_that_it_can_mean(
    text: str, first: tuple[int, int, int], last: tuple[int, int, int]
) -> None:
    assert span_of(text) == (date(*first), date(*last))


@pytest.mark.parametrize(
    "text", ["", "2023/24", "2023-2024", "2023-02-30", "7", "May 2023", "0000"]
)
def test_what_is_no_day_of_the_calendar_has_no_span(text: str) -> None:
    assert span_of(text) is None


def test_dates_of_a_workbook_are_read_as_days() -> None:
    assert date_text(datetime(2023, 5, 14, 8, 30)) == "2023-05-14"
    assert date_text(date(2023, 5, 14)) == "2023-05-14"
    assert date_text(None) == ""
    assert date_text("２０２３-05") == "2023-05"
