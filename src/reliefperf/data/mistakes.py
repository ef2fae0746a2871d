"""All that is wrong with a file, said at once."""

from __future__ import annotations

from collections.abc import Iterable

from reliefperf.errors import InputError, Lang, Mistake

MOST_PRINTED = 50
MOST_SHOWN_CHARACTERS = 40


class DataError(InputError):
    """A data file breaks the model's expectations; `mistakes` has all, the text the first 50."""

    def text(self, lang: Lang | None = None) -> str:
        """The first 50 mistakes in the order of their rows, then how many more there are."""
        shown = [mistake.text(lang) for mistake in self.mistakes[:MOST_PRINTED]]
        left = len(self.mistakes) - MOST_PRINTED
        if left > 0:
            shown.append(
                Mistake.at(f"... and {left} more mistakes", f"……还有 {left} 处").text(lang)
            )
        return "\n".join(shown)


class Mistakes:
    """Collects the mistakes of one file and raises them together.

    >>> found = Mistakes("data.csv")
    >>> found.add("no such region", "没有这个地区", row=7, column="code")
    >>> bool(found)
    True
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self._found: list[Mistake] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def add(self, en: str, zh: str, *, row: int = 0, column: str = "", key: str = "") -> None:
        """Record one mistake; `row` is the row as a spreadsheet numbers it."""
        self._found.append(Mistake(self.file, row, column, en, zh, key))

    def extend(self, others: Iterable[Mistake]) -> None:
        """Record mistakes found elsewhere."""
        self._found.extend(others)

    @property
    def worth_suggesting(self) -> bool:
        """Whether the next mistake can still be printed, and so is worth a costly hint."""
        return len(self._found) < MOST_PRINTED

    def raise_if_any(self) -> None:
        """Raise DataError with everything found so far, in the order of the rows."""
        if self._found:
            raise DataError(sorted(self._found, key=lambda one: one.line))


def refuse(file: str, en: str, zh: str, *, row: int = 0, column: str = "") -> DataError:
    """One mistake after which the file cannot be read any further, ready to be raised."""
    return DataError(Mistake(file, row, column, en, zh))


def shown(cell: object) -> str:
    """A cell as it is quoted in a message: at most 40 characters.

    >>> shown("低保" * 40)[-3:]
    "低…'"
    """
    text = repr(cell) if not isinstance(cell, float) else f"{cell:.15g}"
    if len(text) <= MOST_SHOWN_CHARACTERS:
        return text
    return text[: MOST_SHOWN_CHARACTERS - 2] + "…" + (text[-1] if text[-1] in "'\"" else "")
