"""What stands beside the data: findings and decisions by hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from reliefperf.data.dataset import Dataset
from reliefperf.data.decisions import Decisions, read_decisions
from reliefperf.data.findings import Findings, read_findings
from reliefperf.data.regions import Regions
from reliefperf.errors import InputError, Mistake, Note
from reliefperf.model.model import Model


@dataclass(frozen=True)
class Casebook:
    """The findings and decisions of a run; None where the model names no such table."""

    findings: Findings | None = None
    decisions: Decisions | None = None

    @property
    def notes(self) -> tuple[Note, ...]:
        """What is to be said of the files."""
        tables = (self.findings, self.decisions)
        return tuple(note for table in tables if table is not None for note in table.notes)


def read_casebook(model: Model, dataset: Dataset, regions: Regions | None = None) -> Casebook:
    """Read the tables of findings and decisions; raises InputError with the mistakes of both."""
    evaluation = model.spec.evaluation
    decisions = evaluation.decisions if evaluation is not None else None
    findings = model.spec.findings
    if findings is None and decisions is None:
        return Casebook()
    if model.folder is None:
        raise InputError(
            model.document.mistake(
                ("findings",) if findings is not None else ("evaluation", "decisions"),
                "a table beside the model needs a model that is a file",
                "模型旁的表格要求模型是文件",
            )
        )
    folder: Path = model.folder
    mistakes: list[Mistake] = []
    cases = decided = None
    try:
        if findings is not None:
            cases = read_findings(findings, folder, dataset, regions)
    except InputError as error:
        mistakes += error.mistakes
    try:
        if decisions is not None:
            decided = read_decisions(model, decisions, folder, dataset, regions)
    except InputError as error:
        mistakes += error.mistakes
    if mistakes:
        raise InputError(mistakes)
    return Casebook(cases, decided)
