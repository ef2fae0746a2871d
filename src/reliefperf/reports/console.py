"""Printing to the terminal in the language of the person who reads it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from reliefperf.errors import Lang


def lang() -> Lang:
    """The language of what is shown."""
    from reliefperf.cli import language

    return language()


def out() -> Console:
    """The standard output, without wrapping."""
    return Console(soft_wrap=True, highlight=False)


def say(en: str, zh: str, *, style: str | None = None) -> None:
    """Print a line in the reader's language."""
    out().print(zh if lang() == "zh" else en, style=style, markup=False)


def say_synthetic(label: str) -> None:
    """Print the model's label of made-up data, with the word for it in front once."""
    word = "合成数据" if lang() == "zh" else "SYNTHETIC DATA"
    rest = label[len(word) :] if label.casefold().startswith(word.casefold()) else f": {label}"
    line = word + rest
    say(line, line.replace(": ", "：", 1), style="bold red")


def table(
    title: str, columns: Sequence[tuple[str, str, bool]], rows: Sequence[Sequence[str]]
) -> None:
    """Print a table; columns are (English, Chinese, right-aligned)."""
    zh = lang() == "zh"
    made = Table(title=title or None, title_justify="left", box=None, pad_edge=False)
    for en, chinese, right in columns:
        made.add_column(
            chinese if zh else en, justify="right" if right else "left", overflow="fold"
        )
    for row in rows:
        made.add_row(*(escape(cell) for cell in row))
    Console(highlight=False).print(made)
