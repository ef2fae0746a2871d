"""Printing to the terminal in the language of the person who reads it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

import click

from reliefperf.errors import Lang, preferred_language

type Style = Literal["", "bold", "bold red", "red", "green"]


def lang() -> Lang:
    """The language of what is shown: `--lang`, a Chinese locale, else English."""
    return lang_chosen() or "en"


def lang_chosen() -> Lang | None:
    """The language of `--lang` or of a Chinese locale; None shows messages in both."""
    context = click.get_current_context(silent=True)
    chosen = context.find_root().params.get("lang") if context is not None else None
    return chosen or preferred_language()


def show(line: str, style: Style = "") -> None:
    """Print a line as it is, without wrapping; with colours on terminals only."""
    if style:
        colour = style.removeprefix("bold").strip() or None
        line = click.style(line, bold=style.startswith("bold") or None, fg=colour)
    click.echo(line, color=False if os.environ.get("NO_COLOR") else None)


def say(en: str, zh: str, *, style: Style = "") -> None:
    """Print a line in the reader's language."""
    show(zh if lang() == "zh" else en, style)


def say_made_up() -> None:
    """Print that the data are made up."""
    say("SYNTHETIC DATA", "合成数据", style="bold red")


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
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    zh = lang() == "zh"
    made = Table(title=title or None, title_justify="left", box=None, pad_edge=False)
    for en, chinese, right in columns:
        made.add_column(
            chinese if zh else en, justify="right" if right else "left", overflow="fold"
        )
    for row in rows:
        made.add_row(*(escape(cell) for cell in row))
    Console(highlight=False).print(made)


@contextmanager
def progress() -> Iterator[Callable[[str, str], None]]:
    """A line on stderr that says what is being done; nothing where stderr is not a terminal."""
    from rich.console import Console

    console = Console(stderr=True)
    zh = lang() == "zh"
    if not console.is_terminal:
        yield lambda en, chinese: None
        return
    with console.status("...") as status:
        yield lambda en, chinese: status.update(chinese if zh else en)
