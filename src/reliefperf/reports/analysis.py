"""The folder that an analysis writes: tables, workbook, figure, analysis.json; all or nothing."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reliefperf.errors import Note
from reliefperf.reports.analysis_workbook import write_workbook
from reliefperf.reports.folder import (
    check_target,
    file_hashes,
    write_folder,
    write_json,
    write_label,
)
from reliefperf.scenarios.analysis.analysing import Analysis
from reliefperf.scenarios.analysis.tables import Line, cell, tables

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RECORD_FILE = "analysis.json"
FIGURE_FILE = "analysis.png"
WORKBOOK_FILE = "analysis.xlsx"
OWN_FILES = {
    "indicators.csv",
    "correlations.csv",
    "alpha.csv",
    "nodes.csv",
    "pca.csv",
    "importance.csv",
    FIGURE_FILE,
    WORKBOOK_FILE,
    "SYNTHETIC.txt",
    RECORD_FILE,
}
"""What an analysis writes; a folder with anything else in it is never replaced."""
_VERSIONS = ("reliefperf", "numpy", "scipy", "matplotlib", "xlsxwriter")


def write_analysis(analysis: Analysis, folder: Path) -> Path:
    """Write an analysis into `folder`; an older one there is replaced, anything else is refused.

    Raises InputError if the folder holds something else or cannot be written.
    """
    return write_folder(folder, lambda partial: _fill(analysis, partial), OWN_FILES, RECORD_FILE)


def check_analysis_target(folder: Path) -> None:
    """Refuse a target that holds something other than an earlier analysis."""
    check_target(folder, OWN_FILES, RECORD_FILE)


def _fill(analysis: Analysis, folder: Path) -> None:
    for name, (header, rows) in tables(analysis).items():
        _write_csv(folder / f"{name}.csv", header, rows)
    write_workbook(analysis, folder / WORKBOOK_FILE)
    save_figure(analysis.figure(), folder / FIGURE_FILE)
    write_label(folder, analysis.run.model.spec.data.synthetic)
    record = _record(analysis)
    record["files"] = file_hashes(folder)
    write_json(folder / RECORD_FILE, record)


def save_figure(figure: Figure, path: Path) -> None:
    """Save a figure as PNG without the name of the program or a date: same figure, same bytes."""
    figure.savefig(path, metadata={"Software": None})


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Line]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([cell(value) for value in row] for row in rows)


def _record(analysis: Analysis) -> dict[str, Any]:
    """What was analysed, how, and every note; the run's own notes come first."""
    run = analysis.run
    return {
        "format": 1,
        "model": run.model.name,
        "title": run.model.title(),
        "scenario": None if run.scenario is None else run.scenario.spec.scenario,
        "synthetic": run.is_synthetic,
        "period": analysis.period,
        "node": analysis.top,
        "stages": list(analysis.stages),
        "methods": list(analysis.methods),
        "limits": asdict(analysis.limits),
        "inputs": {
            "model": dict(sorted(run.model.files.items())),
            "scenario": {} if run.scenario is None else dict(run.scenario.files),
            "data": {Path(run.dataset.source).name: run.dataset.sha256},
        },
        "versions": {name: version(name) for name in _VERSIONS},
        "notes": [_note(note) for note in (*run.notes, *analysis.notes)],
    }


def _note(note: Note) -> dict[str, str | int]:
    return {
        "kind": note.kind,
        "place": note.place,
        "count": note.count,
        "en": note.en,
        "zh": note.zh,
    }
