"""Periods that the data leave out: the years between 2021 and 2023, and the like."""

from __future__ import annotations

import re
from collections.abc import Callable

from reliefperf.errors import Note
from reliefperf.model.environment import Environment
from reliefperf.model.model import Model, expressions_in
from reliefperf.model.parameters import school_year

MOST_NAMED = 3

type _Counted = tuple[int, Callable[[int], str]]
"""The number of a period among those of its form, and how others of that form are written."""

_YEAR = re.compile(r"(\d{4})\s*(年?)")
_QUARTER = re.compile(r"(\d{4})\s*(年?)\s*[-/.]?\s*[Qq]([1-4])")
_MONTH = re.compile(r"(\d{4})\s*(?:年|[-/.])?\s*(\d{1,2})\s*月?")


def left_out(before: str, after: str) -> list[str]:
    """The periods between two that are years, school years, quarters or months; else none.

    >>> left_out("2021", "2024"), left_out("2022/23", "2024/25"), left_out("2023-11", "2024-01")
    (['2022', '2023'], ['2023/24'], ['2023-12'])
    >>> left_out("2021", "2022"), left_out("a", "c")
    ([], [])
    """
    for form in (_school_year, _year, _quarter, _month):
        first, last = form(before), form(after)
        if first is not None and last is not None:
            return [last[1](number) for number in range(first[0] + 1, last[0])]
    return []


def gap_note(model: Model, env: Environment) -> Note | None:
    """The note on periods left out before this one, where the model looks back over them."""
    if env.previous is None or not model.keep("looks_back", lambda: looks_back(model)):
        return None
    before = env.previous.period
    gone = left_out(before, env.period)
    if not gone:
        return None
    more = ", ..." if len(gone) > MOST_NAMED else ""
    listed = ", ".join(gone[:MOST_NAMED]) + more
    are = "is" if len(gone) == 1 else "are"
    return Note(
        "period-left-out",
        f"{env.period}: {listed} {are} not in the data, so the period before is {before}",
        f"{env.period}：数据中没有 {listed}，上一期取 {before}",
        len(gone),
        "data.period",
    )


def looks_back(model: Model) -> bool:
    """Whether anything in the model is compared with, or filled from, the period before."""
    evaluation = model.spec.evaluation
    if evaluation is not None and evaluation.improvement is not None:
        return True
    if any("previous" in expr.calls for _, expr, _ in expressions_in(model.spec)):
        return True
    nodes = [] if evaluation is None else list(evaluation.nodes())
    steps = [] if evaluation is None else list(evaluation.treatment)
    steps += [step for node in nodes for step in node.treat or ()]
    return any(getattr(step, "impute", None) == "previous" for step in steps)


def _year(period: str) -> _Counted | None:
    found = _YEAR.fullmatch(period.strip())
    return None if found is None else (int(found[1]), lambda number: f"{number}{found[2]}")


def _school_year(period: str) -> _Counted | None:
    start = school_year(period)
    if start is None:
        return None
    sign, short = period.strip()[4], len(period.strip()) == len("2023/24")

    def written(number: int) -> str:
        return f"{number}{sign}{(number + 1) % 100:02}" if short else f"{number}{sign}{number + 1}"

    return start, written


def _quarter(period: str) -> _Counted | None:
    found = _QUARTER.fullmatch(period.strip())
    if found is None:
        return None
    number = int(found[1]) * 4 + int(found[3]) - 1
    return number, lambda number: f"{number // 4}{found[2]}Q{number % 4 + 1}"


def _month(period: str) -> _Counted | None:
    found = _MONTH.fullmatch(period.strip())
    if found is None or not 1 <= int(found[2]) <= 12:
        return None
    number = int(found[1]) * 12 + int(found[2]) - 1
    return number, lambda number: f"{number // 12}-{number % 12 + 1:02}"
