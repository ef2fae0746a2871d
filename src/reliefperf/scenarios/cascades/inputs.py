"""What a cascade was made of, kept with its results, and the cascade computed again from that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reliefperf.data.dataset import Dataset
from reliefperf.errors import InputError, Mistake
from reliefperf.model.building import build_model
from reliefperf.model.document import load_document
from reliefperf.model.model import Model, file_sha256
from reliefperf.model.spec import ScenarioSpec
from reliefperf.model.spec_cascade import LevelSpec
from reliefperf.model.validation import validate
from reliefperf.scenarios.cascades.loading import read_cascade
from reliefperf.scenarios.cascades.rolling import read_rolled
from reliefperf.scenarios.cascades.running import AnswersByLevel, CascadeRun, run_cascade
from reliefperf.scenarios.inputs import INPUTS, MODEL_FILE, SCENARIO_FILE, input_files
from reliefperf.scenarios.loading import Scenario, override
from reliefperf.scenarios.running import read_data

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
    inputs = folder / INPUTS
    levels = {level["id"]: level for level in record.get("levels", ())}
    if not levels or not (inputs / CASCADE_FILE).is_file():
        raise InputError(
            Mistake.at(
                "the run does not hold its inputs, so that it cannot be computed again; run it anew",
                "运行结果中没有保存输入文件，无法重新计算；请重新运行",
                file=str(folder),
            )
        )

    def load_level(spec: LevelSpec) -> Model | Scenario:
        return _kept_model(inputs / spec.id)

    cascade = read_cascade(inputs / CASCADE_FILE, str(inputs / CASCADE_FILE), load_level)
    data: dict[str, Dataset] = {}
    for level in cascade.levels:
        stated = levels[level.id]["inputs"]
        file = inputs / level.id / stated["data_file"]
        if level.spec.roll_up is not None:
            data[level.id] = read_rolled(level, file)
        else:
            data[level.id] = read_data(level.alone, file, encoding=stated.get("encoding"))
    return run_cascade(cascade, data, jobs=jobs, answers=answers)


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
