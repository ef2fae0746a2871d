"""What is said to a person when something is wrong: where, what was expected, how to mend it.

Every mistake carries both languages. Nothing here formats for a terminal except as plain text, so
that the same words stand in exceptions, on stderr and in run.json.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Lang = Literal["zh", "en"]


@dataclass(frozen=True, order=True)
class Mistake:
    """One thing that is wrong, and where.

    `line` and `column` count from 1. For a table `line` is the row as a spreadsheet numbers it
    (the header is row 1) and `column` is the column's heading.
    """

    file: str
    line: int
    column: int | str
    en: str
    zh: str
    key: str = ""

    @classmethod
    def at(
        cls,
        en: str,
        zh: str,
        *,
        file: str = "",
        line: int = 0,
        column: int | str = 0,
        key: str = "",
    ) -> Mistake:
        """Build a mistake; everything about the place is optional."""
        return cls(file, line, column, en, zh, key)

    def place(self, lang: Lang = "en") -> str:
        """Say where: `model.yaml:12:5`, or `data.csv: row 7, column 人数`."""
        if not self.line:
            return self.file
        if isinstance(self.column, str):
            if lang == "zh":
                column = f"，列“{self.column}”" if self.column else ""
                return f"{self.file}：第 {self.line} 行{column}"
            column = f', column "{self.column}"' if self.column else ""
            return f"{self.file}: row {self.line}{column}"
        return (
            f"{self.file}:{self.line}:{self.column}" if self.column else f"{self.file}:{self.line}"
        )

    def text(self, lang: Lang | None = None) -> str:
        """The whole message in one language, or in both when `lang` is None."""
        if lang is None:
            place = self.place("en")
            return f"{place}: {self.en}\n    {self.zh}" if place else f"{self.en}\n    {self.zh}"
        place = self.place(lang)
        words = self.zh if lang == "zh" else self.en
        joint = "：" if lang == "zh" else ": "
        return f"{place}{joint}{words}" if place else words


class ReliefperfError(Exception):
    """The base of what this package raises on purpose; carries every mistake found."""

    exit_status = 2

    def __init__(self, mistakes: Mistake | Iterable[Mistake]) -> None:
        found = (mistakes,) if isinstance(mistakes, Mistake) else tuple(mistakes)
        self.mistakes = found
        super().__init__(self.text())

    def text(self, lang: Lang | None = None) -> str:
        """All mistakes, one after the other, in the order of their places."""
        return "\n".join(mistake.text(lang) for mistake in self.mistakes)


class InputError(ReliefperfError):
    """A file, a model or an argument is wrong (exit status 2)."""


class InfeasibleError(ReliefperfError):
    """The rules cannot all hold (exit status 3).

    `remedy` holds the cheapest relaxation, as header and rows of text, where one was asked for.
    """

    exit_status = 3
    remedy: tuple[tuple[str, ...], ...] = ()


class SolverError(ReliefperfError):
    """The solver stopped without an answer that can be trusted (exit status 2)."""


def preferred_language() -> Lang | None:
    """`RELIEFPERF_LANG`, else Chinese under a Chinese locale, else None (both languages)."""
    chosen = os.environ.get("RELIEFPERF_LANG", "").lower()[:2]
    if chosen in ("zh", "en"):
        return "zh" if chosen == "zh" else "en"
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name, "").lower().startswith("zh"):
            return "zh"
    return None


def did_you_mean(wrong: str, known: Iterable[str]) -> str | None:
    """The nearest right name if one is near enough to be worth showing; never taken silently."""
    from rapidfuzz import fuzz, process, utils

    names = sorted(set(known))
    found = process.extractOne(
        wrong, names, scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=60
    )
    return str(found[0]) if found else None


def suggestion(wrong: str, known: Iterable[str]) -> tuple[str, str]:
    """The tail of a message about an unknown name, in English and in Chinese."""
    names = sorted(set(known))
    near = did_you_mean(wrong, names)
    if near is not None:
        return f"; did you mean '{near}'?", f"；是否想写“{near}”？"
    if not names:
        return "", ""
    more = len(names) > 12
    listed = ", ".join(names[:12]) + (", ..." if more else "")
    return f"; known: {listed}", f"；可用的有：{'、'.join(names[:12])}{'等' if more else ''}"


@dataclass(frozen=True)
class Note:
    """A line in the result that says what was done to the data, a region or a rule.

    `kind` is a short stable word (`cleaned`, `missing`, `division-by-zero`, `leftover`, ...);
    `count` says how many cells or regions it speaks of.
    """

    kind: str
    en: str
    zh: str
    count: int = 1
    place: str = ""

    def text(self, lang: Lang | None = None) -> str:
        """The note in one language, or both."""
        head = f"{self.place}: " if self.place else ""
        if lang == "zh":
            return head + self.zh
        if lang == "en":
            return head + self.en
        return f"{head}{self.en} / {self.zh}"
