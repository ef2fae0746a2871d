"""Models with tables of findings and decisions beside them, for the tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from reliefperf.errors import InputError, Mistake
from reliefperf.scenarios.running import Run
from tests.building import model_of, run_on

FINDINGS = ("region", "kind", "date", "substantiated", "source")
DECISIONS = ("region", "period", "target", "change", "value", "reason", "decided_by", "date")


def beside(folder: Path, name: str, headings: Sequence[str], *rows: Sequence[object]) -> None:
    """Write a table beside the model; None is an empty cell."""
    lines = [headings, *([("" if cell is None else cell) for cell in row] for row in rows)]
    text = "".join(",".join(map(str, line)) + "\n" for line in lines)
    (folder / name).write_text(text, encoding="utf-8")


def run_beside(folder: Path, text: str, data: Mapping[str, Sequence[object]]) -> Run:
    """Run a model whose tables stand in a folder."""
    return run_on(model_of(text, folder), data)


def refused(
    folder: Path, text: str, data: Mapping[str, Sequence[object]]
) -> list[tuple[int, int | str, str]]:
    """Row, heading and English text of every mistake; each must be said in Chinese too."""
    with pytest.raises(InputError) as caught:
        run_beside(folder, text, data)
    mistakes: Sequence[Mistake] = caught.value.mistakes
    assert all(mistake.zh and mistake.zh != mistake.en for mistake in mistakes)
    return [(mistake.line, mistake.column, mistake.en) for mistake in mistakes]
