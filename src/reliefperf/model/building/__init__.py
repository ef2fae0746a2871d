"""From a document to a sound model: names, tables, kinds, every expression compiled and checked."""

from __future__ import annotations

from pathlib import Path

from reliefperf.errors import InputError
from reliefperf.model.building.derived import compile_derived
from reliefperf.model.building.draft import Draft
from reliefperf.model.building.files import case_files, table_files
from reliefperf.model.building.names import REGION_COLUMNS, RESERVED, names_of
from reliefperf.model.building.sections import compile_sections
from reliefperf.model.building.stages import Stages
from reliefperf.model.consistency import consistency_mistakes
from reliefperf.model.document import Document, load_document
from reliefperf.model.model import Model, file_sha256
from reliefperf.model.parameters import Dated, ParameterError, read_parameter
from reliefperf.model.spec import ModelSpec
from reliefperf.model.table_files import TableError, make_table
from reliefperf.model.tables import Table
from reliefperf.model.validation import validate

__all__ = ["REGION_COLUMNS", "RESERVED", "build_model", "load_model_file"]


def load_model_file(path: Path, shown: str | None = None) -> Model:
    """Load a model from a folder with model.yaml, or from a file; raises InputError."""
    file = path / "model.yaml" if path.is_dir() else path
    name = shown or str(file)
    document = load_document(file, name)
    return build_model(document, file.parent, {file.name: file_sha256(file)})


def build_model(
    document: Document, folder: Path | None, files: dict[str, str] | None = None
) -> Model:
    """Check a document as a whole and compile it; raises InputError with every mistake."""
    spec, mistakes, cut = validate(ModelSpec, document)
    if spec is None:
        raise InputError(sorted(set(mistakes)))
    draft = Draft(spec, document, folder, cut, mistakes)
    parameters = _parameters(draft)
    names = names_of(draft, parameters)
    tables = _tables(draft, names.lost)
    stages = Stages(draft, names, tables)
    derived = compile_derived(draft, stages)
    compile_sections(draft, stages)
    cases = case_files(draft)
    draft.mistakes += consistency_mistakes(spec, document, cut, parameters)
    if draft.mistakes:
        raise InputError(sorted(set(draft.mistakes)))
    every_file = {**(files or {}), **table_files(draft), **cases}
    return Model(
        spec,
        folder,
        document.file,
        document,
        tables,
        parameters,
        derived,
        draft.compiled,
        every_file,
    )


def _parameters(draft: Draft) -> dict[str, float | str | Dated]:
    """The values of the parameters; NaN where one is wrong."""
    values: dict[str, float | str | Dated] = {}
    for name, parameter in draft.spec.parameters.items():
        try:
            values[name] = read_parameter(parameter)
        except ParameterError as error:
            draft.wrong(("parameters", name), error.en, error.zh)
            values[name] = float("nan")
    return values


def _tables(draft: Draft, lost: set[str]) -> dict[str, Table]:
    """The tables; the name of one that is wrong is lost."""
    tables: dict[str, Table] = {}
    for name, spec in draft.spec.tables.items():
        if draft.is_cut("tables", name):
            continue
        try:
            tables[name] = make_table(name, spec, draft.folder)
        except TableError as error:
            draft.wrong(("tables", name, *error.path), error.en, error.zh)
            lost.add(name)
    return tables
