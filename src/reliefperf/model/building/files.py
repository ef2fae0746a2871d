"""The files that belong to a model, with their hashes."""

from __future__ import annotations

from pathlib import Path

from reliefperf.model.building.draft import Draft
from reliefperf.model.model import file_sha256
from reliefperf.model.spec_tables import FromFile


def table_files(draft: Draft) -> dict[str, str]:
    """The files of tables and of the register of regions: SHA-256 by name."""
    found: dict[str, str] = {}
    if draft.folder is None:
        return found
    for table in draft.spec.tables.values():
        sources = [table.steps.rows if table.steps else None, table.piecewise, table.lookup]
        for source in sources:
            if isinstance(source, FromFile):
                found[source.file] = file_sha256(draft.folder / source.file)
    regions = draft.spec.regions
    if regions is not None and regions.table != "gb2260":
        path = draft.folder / regions.table
        if path.is_file():
            found[regions.table] = file_sha256(path)
    return found


def case_files(draft: Draft) -> dict[str, str]:
    """The tables of findings and decisions: SHA-256 by name; a missing one is a mistake."""
    evaluation = draft.spec.evaluation
    found: dict[str, str] = {}
    for path, spec in (
        (("findings",), draft.spec.findings),
        (("evaluation", "decisions"), evaluation.decisions if evaluation else None),
    ):
        if spec is None or draft.folder is None:
            continue
        file = draft.folder / spec.file
        if Path(spec.file).is_absolute() or not file.is_file():
            draft.wrong(
                (*path, "file"),
                f"there is no file '{spec.file}' beside the model",
                f"模型旁没有文件“{spec.file}”",
            )
        else:
            found[spec.file] = file_sha256(file)
    return found
