"""The sentences of a run folder in another language than the model's, computed again from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from reliefperf.errors import InputError, Lang
from reliefperf.scenarios.inputs import rerun
from reliefperf.scenarios.results.cells import Row
from reliefperf.scenarios.results.points import points_table
from reliefperf.scenarios.results.rulebook import consequences_table, has_consequences
from reliefperf.scenarios.results.treatments import treatments_table
from reliefperf.scenarios.run_folder import Rows, RunFolder
from reliefperf.scenarios.running import Run

MOST_ROWS = 5_000
"""Regions times periods up to which a run is computed again for its sentences alone."""
WORDS = frozenset({"reason", "how", "title", "cases", "basis", "responsible"})
"""Columns that hold sentences; the others must come out the same."""

Table = Callable[[Run], tuple[list[str], Sequence[Row]]]


def reworded(run: RunFolder, lang: Lang) -> RunFolder:
    """The same run with its sentences in `lang`.

    The run as it is where its model speaks `lang`, where it is large, and where it cannot be
    computed again with the same results.
    """
    if not run.scores or run.is_cascade or len(run.scores) > MOST_ROWS:
        return run
    definition = run.record.get("definition")
    if isinstance(definition, dict) and definition.get("language", "zh") == lang:
        return run
    try:
        again = rerun(run.folder, run.record)
    except InputError:
        return run
    points = _same(run.points, again, lambda one: points_table(one, lang))
    treatments = _same(run.treatments, again, lambda one: treatments_table(one, lang))
    if points is None or treatments is None:
        return run
    consequences: Rows | None = run.consequences
    if has_consequences(again.model):
        consequences = _same(run.consequences, again, lambda one: consequences_table(one, lang))
    if consequences is None:
        return run
    return replace(run, points=points, treatments=treatments, consequences=consequences)


def _same(kept: Rows, again: Run, table: Table) -> Rows | None:
    """The rows computed again, if they differ from those kept in nothing but sentences."""
    header, found = table(again)
    rows = tuple(dict(zip(header, map(_text, row), strict=True)) for row in found)
    return rows if list(map(_figures, rows)) == list(map(_figures, kept)) else None


def _text(cell: object) -> str:
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else format(cell, "f")


def _figures(row: dict[str, str]) -> dict[str, str]:
    return {name: cell for name, cell in row.items() if name not in WORDS}
