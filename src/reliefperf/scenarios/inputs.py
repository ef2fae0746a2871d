"""What a run was made of, kept with its results: model, scenario, data and tables as they were.

A run folder has them in `inputs/`, so that the run can be computed again from the folder alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from reliefperf.allocation.answers import Answers
from reliefperf.data.dataset import Dataset
from reliefperf.data.frames import SOURCE, read_again
from reliefperf.errors import InputError, Mistake
from reliefperf.model.building import build_model
from reliefperf.model.document import load_document
from reliefperf.model.model import Model, file_sha256
from reliefperf.model.spec import ScenarioSpec
from reliefperf.model.validation import validate
from reliefperf.scenarios.loading import Scenario, override
from reliefperf.scenarios.own_files import INPUTS
from reliefperf.scenarios.running import Run, read_data, run_model

if TYPE_CHECKING:
    import pandas as pd

MODEL_FILE = "model.yaml"
SCENARIO_FILE = "scenario.yaml"
_OWN_NAMES = {MODEL_FILE, SCENARIO_FILE}


def input_files(run: Run) -> dict[str, bytes]:
    """Every file that a run was made of, by its path below `inputs/`, the data last.

    Raises InputError if a table has changed since the model was loaded.
    """
    model = run.model
    files = {MODEL_FILE: model.document.text.encode()}
    if run.scenario is not None:
        files[SCENARIO_FILE] = run.scenario.text.encode()
    for name, sha256 in model.files.items():
        inside = model.folder is not None and ".." not in PurePosixPath(name).parts
        if not inside or name == Path(model.source).name or PurePosixPath(name).is_absolute():
            continue
        assert model.folder is not None
        path = model.folder / name
        if not path.exists() or file_sha256(path) != sha256:
            raise InputError(
                Mistake.at(
                    "the file changed while the model was being run; run it again",
                    "文件在运行过程中被改动；请重新运行",
                    file=name,
                )
            )
        files[name] = path.read_bytes()
    files[data_file(run)] = run.dataset.content
    return files


def data_file(run: Run) -> str:
    """The path of the data below `inputs/`."""
    name = Path(run.dataset.source).name
    if run.dataset.source.startswith("<"):
        name = "data.csv"
    taken = name in _OWN_NAMES or (
        name in run.model.files and run.model.files[name] != run.dataset.sha256
    )
    return f"data-{name}" if taken else name


@dataclass(frozen=True)
class Inputs:
    """What a run folder holds of what its run was made of, read again."""

    model: Model
    scenario: Scenario | None
    dataset: Dataset
    relaxed: bool

    def run(
        self,
        *,
        allocation: bool = False,
        answers: Mapping[str, Answers] | None = None,
        by_step: bool = True,
    ) -> Run:
        """Compute the run again; raises InputError where that cannot be done.

        `answers`, if given, stand in for the solver, period by period. Without `by_step` the
        amounts after each single rule are left out.
        """
        return run_model(
            self.model,
            self.dataset,
            scenario=self.scenario,
            allocation=allocation,
            answers=answers,
            by_step=by_step,
            relax="apply" if self.relaxed else "never",
        )


def read_inputs(folder: Path, record: Mapping[str, Any]) -> Inputs:
    """Read the model and the data that a run folder holds; raises InputError."""
    model, scenario = _kept(folder)
    dataset = _data(folder, record, model)
    relaxed = any("relaxed" in entry for entry in record.get("results", {}).values())
    return Inputs(model, scenario, dataset, relaxed)


def rerun(
    folder: Path, record: Mapping[str, Any], *, allocation: bool = False, by_step: bool = True
) -> Run:
    """Compute a run again from its folder, with a solver; see `Inputs.run`."""
    return read_inputs(folder, record).run(allocation=allocation, by_step=by_step)


def _data(folder: Path, record: Mapping[str, Any], model: Model) -> Dataset:
    """The data that a run folder holds, read for a model."""
    stated = record.get("inputs", {}).get("data_file")
    if not isinstance(stated, str):
        raise _no_inputs(folder)
    path = folder / INPUTS / stated
    source: Path | pd.DataFrame = path
    if SOURCE in record["inputs"].get("data", {}) and path.is_file():
        source = read_again(path.read_bytes())
    return read_data(model, source, encoding=record["inputs"].get("encoding"))


def dataset_of(folder: Path, record: Mapping[str, Any]) -> Dataset:
    """The data of a run of one model, as its folder holds them; raises InputError."""
    return _data(folder, record, _kept(folder)[0])


def model_of(folder: Path) -> Model:
    """The model of a run of one model, with the changes of its scenario; raises InputError."""
    return _kept(folder)[0]


def _kept(folder: Path) -> tuple[Model, Scenario | None]:
    """The model that a run folder holds, and the scenario that changed it."""
    inputs = folder / INPUTS
    if not (inputs / MODEL_FILE).is_file():
        raise _no_inputs(folder)
    base = load_document(inputs / MODEL_FILE, str(inputs / MODEL_FILE))
    scenario = None
    changes: ScenarioSpec | None = None
    document = None
    if (inputs / SCENARIO_FILE).is_file():
        document = load_document(inputs / SCENARIO_FILE, str(inputs / SCENARIO_FILE))
        changes, mistakes, _ = validate(ScenarioSpec, document)
        if changes is not None and not mistakes:
            mistakes = override(base, changes.set, document)
        if mistakes or changes is None:
            raise InputError(sorted(mistakes))
    model = build_model(base, inputs, {MODEL_FILE: file_sha256(inputs / MODEL_FILE)})
    if changes is not None and document is not None:
        scenario = Scenario(changes, model, inputs, document.file, {}, document.text)
    return model, scenario


def _no_inputs(folder: Path) -> InputError:
    return InputError(
        Mistake.at(
            "the run does not hold its inputs, so that it cannot be computed again; run it anew",
            "运行结果中没有保存输入文件，无法重新计算；请重新运行",
            file=str(folder),
        )
    )
