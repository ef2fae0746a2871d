"""What the command line says of the notes of a run: those of one kind in one line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reliefperf.errors import Lang, Note
from reliefperf.model.model import Model
from reliefperf.reports.console import lang, say, show
from reliefperf.reports.words import code_word, note_word
from reliefperf.scenarios.results.titling import Titling, heading_titles

MOST_KINDS = 8
MOST_PLACES = 4
"""Places that the line of a kind names, the largest counts first."""


def say_notes(notes: Sequence[Note], model: Model, titles: Mapping[str, str]) -> None:
    """Print the notes by kind; a kind with one note is told in its own words."""
    if not notes:
        return
    said = lang()
    say(
        f"  notes: {len(notes)}; each in full in results.xlsx and run.json",
        f"  提示：{len(notes)} 条；逐条全文见 results.xlsx 和 run.json",
    )
    words = _Words(model, titles, said)
    kinds = dict.fromkeys(note.kind for note in notes)
    for kind in list(kinds)[:MOST_KINDS]:
        same = [note for note in notes if note.kind == kind]
        line = words.one(same[0]) if len(same) == 1 else words.several(kind, same)
        show(f"  - {line}")
    if (rest := len(kinds) - MOST_KINDS) > 0:
        say(f"  - ... and {rest} more kinds", f"  - ……另有 {rest} 类")


class _Words:
    def __init__(self, model: Model, titles: Mapping[str, str], said: Lang) -> None:
        self.titles, self.said = heading_titles(model, titles), said
        self.titling = Titling(model, said)
        self.joint = "：" if said == "zh" else ": "

    def one(self, note: Note) -> str:
        """A note in full: its place by title and name, and its text."""
        text = self.titling.quoted(note.zh if self.said == "zh" else note.en)
        word = code_word(note.place, self.said)
        title = self.titles.get(note.place, word)
        if title not in (note.place, word):
            word = f"{title}（{note.place}）" if self.said == "zh" else f"{title} ({note.place})"
        return f"{word}{self.joint if word else ''}{text}"

    def several(self, kind: str, notes: Sequence[Note]) -> str:
        """How many notes of a kind, and where most are; without places the first in full."""
        counts: dict[str, int] = {}
        for note in notes:
            counts[note.place] = counts.get(note.place, 0) + note.count
        total = sum(counts.values())
        word, zh = note_word(kind, self.said), self.said == "zh"
        if set(counts) == {""}:
            rest = len(notes) - 1
            more = f"（同类另有 {rest} 条）" if zh else f" (and {rest} more of this kind)"
            return self.one(notes[0]) + more
        most = sorted(counts, key=lambda place: -counts[place])[:MOST_PLACES]
        listed = [f"{self.title(place)} {counts[place]:,}" for place in most]
        rest = len(counts) - len(most)
        if zh:
            tail = f" 等 {len(counts)} 项" if rest else ""
            return f"{word}（{len(notes)} 条，共 {total:,} 处）：{'、'.join(listed)}{tail}"
        tail = f" and {rest} more" if rest else ""
        return f"{word} ({len(notes)} notes, {total:,} places): {', '.join(listed)}{tail}"

    def title(self, place: str) -> str:
        """The title of a place, else its word."""
        return self.titles.get(place) or code_word(place, self.said)
