"""Parameters: one number, or dated ones of which each holds from its date on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from reliefperf.model.fractions import fraction_or_text
from reliefperf.model.spec import DatedParameter, Parameter, PlainParameter

_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")
_PERIOD = re.compile(
    r"(?P<year>\d{4})\s*(?:年|-|/|\.)?\s*(?:(?P<quarter>[Qq]([1-4]))|(?P<month>\d{1,2}))?"
    r"\s*(?:月|-|/|\.)?\s*(?P<day>\d{1,2})?\s*日?"
)

Date = tuple[int, int, int]


def parse_date(text: str) -> Date | None:
    """`2015`, `2011-11` or `2024-12-23` as the first day that it names."""
    match = _DATE.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day = (int(part) if part else 1 for part in match.groups())
    return (year, month, day) if 1 <= month <= 12 and 1 <= day <= 31 else None


def period_start(period: str) -> Date | None:
    """The first day of a period such as 2015, 2015年, 2023-07, 2023Q3, 2024-12-23."""
    match = _PERIOD.fullmatch(period.strip())
    if match is None:
        return None
    year = int(match["year"])
    if match["quarter"]:
        return year, 3 * int(match["quarter"][1]) - 2, 1
    month = int(match["month"]) if match["month"] else 1
    day = int(match["day"]) if match["day"] else 1
    return (year, month, day) if 1 <= month <= 12 and 1 <= day <= 31 else None


_SCHOOL_YEAR = re.compile(r"(\d{4})[-/](\d{4}|\d{2})")


def school_year(text: str) -> int | None:
    """The year in which a school year such as 2023/24 or 2023-2024 begins; else None.

    >>> school_year("2023/24"), school_year("1999-2000"), school_year("2023/25")
    (2023, 1999, None)
    """
    match = _SCHOOL_YEAR.fullmatch(text.strip())
    if match is None:
        return None
    year = int(match[1])
    follows = str(year + 1)[-len(match[2]) :]
    return year if match[2] == follows else None


@dataclass(frozen=True)
class Dated:
    """Values by date, ascending; `by_school_year` each from the school year that begins then."""

    dates: tuple[Date, ...]
    values: tuple[float, ...]
    by_school_year: bool = False

    def start_of(self, period: str) -> Date | None:
        """The date that counts in a period; None where it is not of the form of the dates."""
        if not self.by_school_year:
            return period_start(period)
        year = school_year(period)
        return None if year is None else (year, 1, 1)

    def at(self, date: Date) -> float | None:
        """The value that holds on a date; None before the first."""
        found = None
        for start, value in zip(self.dates, self.values, strict=True):
            if start <= date:
                found = value
        return found


class ParameterError(ValueError):
    """A parameter cannot be read; says why in both languages."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.en, self.zh = en, zh


def read_parameter(spec: Parameter) -> float | str | Dated:
    """The parameter's value; raises ParameterError for what is no date, or a date that repeats.

    The dates may all be school years; 2011-12 among dates is December 2011.
    """
    if isinstance(spec, PlainParameter):
        return fraction_or_text(spec.value)
    if isinstance(spec, float | int | str):
        return fraction_or_text(spec)
    values: Mapping[str | int, float] = spec.values if isinstance(spec, DatedParameter) else spec
    starts = [school_year(str(key)) for key in values]
    dates = [parse_date(str(key)) for key in values]
    by_school_year = None in dates and None not in starts
    dated: dict[Date, float] = {}
    for (key, value), start, date in zip(values.items(), starts, dates, strict=True):
        if by_school_year and start is not None:
            date = (start, 1, 1)  # noqa: PLW2901
        if date is None:
            raise _no_date(str(key), is_school_year=start is not None)
        if date in dated:
            day = str(key) if by_school_year else "-".join(f"{part:02}" for part in date)
            raise ParameterError(f"two values begin on {day}", f"{day} 起有两个值")
        dated[date] = float(value)
    found = tuple(dated[date] for date in sorted(dated))
    return Dated(tuple(sorted(dated)), found, by_school_year)


def _no_date(key: str, *, is_school_year: bool) -> ParameterError:
    if is_school_year:
        return ParameterError(
            f"'{key}' is a school year, others are dates: write all as school years (2023/24), or "
            "all as dates (2023-09)",
            f"“{key}”是学年，而其他是日期：请全部写学年（2023/24），或全部写日期（2023-09）",
        )
    return ParameterError(
        f"'{key}' is not a date: write 2015, 2011-11 or 2024-12-23, or school years: 2023/24",
        f"“{key}”不是日期：请写 2015、2011-11 或 2024-12-23，学年请写 2023/24",
    )
