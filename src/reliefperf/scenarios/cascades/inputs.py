"""What a cascade was made of, kept with its results, and the cascade computed again from that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reliefperf.allocation.relaxing import Relax
from reliefperf.data.dataset import Dataset
from reliefperf.errors import InputError, Mistake
from reliefperf.model.building import build_model
from reliefperf.model.document import load_document
from reliefperf.model.model import Model, file_sha256
from reliefperf.model.spec import ScenarioSpec
from reliefperf.model.spec_cascade import LevelSpec
from reliefperf.model.validation import validate
from reliefperf.scenarios.cascades.loading import Cascade, Level, read_cascade
from reliefperf.scenarios.cascades.rolling import read_rolled
from reliefperf.scenarios.cascades.running import AnswersByLevel, CascadeRun, run_cascade
from reliefperf.scenarios.inputs import MODEL_FILE, SCENARIO_FILE, input_files
from reliefperf.scenarios.loading import Scenario, override
from reliefperf.scenarios.own_files import INPUTS
from reliefperf.scenarios.running import Run, read_data, run_model

CASCADE_FILE = "cascade.yaml"


def cascade_inputs(run: CascadeRun) -> dict[str, bytes]:
    """Every file that a cascade was made of: its own, and those of a level in the level's folder.

    Raises InputError if a table has changed since a model was loaded.
    """
    files = {CASCADE_FILE: run.cascade.document.text.encode()}
    for level in run.levels:
        for name, content in input_files(level.run).items():
            files[f"{level.id}/{name}"] = content
    return files


def rerun_cascade(
    folder: Path,
    record: dict[str, Any],
    *,
    jobs: int = 1,
    answers: AnswersByLevel | None = None,
) -> CascadeRun:
    """Compute a cascade again from its folder; raises InputError where that cannot be done.

    `answers`, if given, stand in for the solver; see run_cascade.
    """
    cascade = _kept_cascade(folder, record)
    data = {level.id: _kept_data(folder, record, level) for level in cascade.levels}
    relaxed = any("relaxed" in level for level in record["levels"])
    relax: Relax = "apply" if relaxed else "never"
    return run_cascade(cascade, data, jobs=jobs, answers=answers, relax=relax)


def rerun_level(folder: Path, record: dict[str, Any], level_id: str) -> Run:
    """One level of a cascade scored again from its folder, without money.

    Raises InputError where that cannot be done.
    """
    cascade = _kept_cascade(folder, record)
    level = next(level for level in cascade.levels if level.id == level_id)
    dataset = _kept_data(folder, record, level)
    return run_model(level.model, dataset, scenario=level.scenario, allocation=False)


def names_in_cascade(folder: Path, record: dict[str, Any]) -> dict[str, str]:
    """The names of regions by code that the data of a cascade's levels state; raises InputError."""
    levels = {one["id"] for one in record.get("levels", ())}
    return {
        code: name
        for level in _kept_cascade(folder, record).levels
        if level.id in levels
        for table in _kept_data(folder, record, level).tables.values()
        for code, name in zip(table.codes, table.names, strict=True)
    }


def _kept_cascade(folder: Path, record: dict[str, Any]) -> Cascade:
    inputs = folder / INPUTS
    if not record.get("levels") or not (inputs / CASCADE_FILE).is_file():
        raise InputError(
            Mistake.at(
                "the run does not hold its inputs, so that it cannot be computed again; run it anew",
                "运行结果中没有保存输入文件，无法重新计算；请重新运行",
                file=str(folder),
            )
        )

    def load_level(spec: LevelSpec) -> Model | Scenario:
        return _kept_model(inputs / spec.id)

    return read_cascade(inputs / CASCADE_FILE, str(inputs / CASCADE_FILE), load_level)


def _kept_data(folder: Path, record: dict[str, Any], level: Level) -> Dataset:
    stated = next(one for one in record["levels"] if one["id"] == level.id)["inputs"]
    file = folder / INPUTS / level.id / stated["data_file"]
    if level.spec.roll_up is not None:
        return read_rolled(level, file)
    return read_data(level.alone, file, encoding=stated.get("encoding"))


def _kept_model(folder: Path) -> Model | Scenario:
    file, changes_file = folder / MODEL_FILE, folder / SCENARIO_FILE
    base = load_document(file, str(file))
    files = {file.name: file_sha256(file)}
    if not changes_file.is_file():
        return build_model(base, folder, files)
    document = load_document(changes_file, str(changes_file))
    spec, mistakes, _ = validate(ScenarioSpec, document)
    if spec is not None and not mistakes:
        mistakes = override(base, spec.set, document)
    if mistakes or spec is None:
        raise InputError(sorted(mistakes))
    model = build_model(base, folder, files)
    return Scenario(spec, model, folder, document.file, {}, document.text)
