"""Whether the files of a model have the columns with which its results are compared."""

from __future__ import annotations

from reliefperf.data.reading import RawTable, normal, read_cells
from reliefperf.errors import InputError, suggestion
from reliefperf.model.model import Model


def refuse_absent_columns(model: Model) -> None:
    """Raise InputError for each comparison whose column stands in no file of the model.

    Files that are not beside the model are left to those who read them.
    """
    if model.folder is None:
        return
    data = model.spec.data
    read: dict[str, RawTable] = {}
    mistakes = []
    for place, check in enumerate(model.spec.published):
        file = check.file or data.file
        if check.column is None or file is None or not (model.folder / file).is_file():
            continue
        if file not in read:
            own = check.file is None
            read[file] = read_cells(
                model.folder / file,
                sheet=data.sheet if own else None,
                encoding=data.encoding if own else "utf-8",
            )
        known = read[file].headings
        if normal(check.column) not in map(normal, known):
            en, zh = suggestion(check.column, known)
            mistakes.append(
                model.document.mistake(
                    ("published", place, "column"),
                    f"'{file}' has no column '{check.column}'{en}",
                    f"“{file}”中没有“{check.column}”列{zh}",
                )
            )
    if mistakes:
        raise InputError(mistakes)
