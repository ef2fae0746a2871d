"""Loading a study: its model, its factors with their levels, all checked before anything is run."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reliefperf.errors import InputError, Mistake
from reliefperf.model.building import build_model
from reliefperf.model.document import Document, load_document
from reliefperf.model.model import Model, file_sha256
from reliefperf.model.spec import ModelSpec
from reliefperf.model.spec_study import StudySpec
from reliefperf.model.validation import validate
from reliefperf.scenarios.library import find
from reliefperf.scenarios.loading import (
    Scenario,
    load,
    means_file_of,
    override,
    places_of,
    put_at,
    read_spec,
    shown_name,
)
from reliefperf.scenarios.studies.factors import DrawnFactor, Level, ListedFactor

_DIRECTED = ("minmax", "zscore", "rank", "percentile")
_READING = ("variables", "data", "regions")
"""Sections of a model that say how its data are read."""


@dataclass(frozen=True)
class Plan:
    """A study made ready: the model as it stands, and the levels of its listed factors."""

    spec: StudySpec
    document: Document = field(repr=False)
    model: Model
    levels: Mapping[str, tuple[Level, ...]]
    data: str | Path | None
    files: Mapping[str, str]

    @property
    def factors(self) -> tuple[str, ...]:
        """The names of the factors in the order of the file."""
        return tuple(self.spec.factors)

    @property
    def period(self) -> str | None:
        """The period that is looked at; None for the last."""
        return self.spec.period

    def drawn(self, name: str) -> DrawnFactor | None:
        """A factor whose levels are draws; None if its levels are listed."""
        found = self.spec.factors[name]
        return found if isinstance(found, DrawnFactor) else None

    def sizes(self) -> tuple[int, ...]:
        """How many levels each factor has."""
        return tuple(
            drawn.draws if (drawn := self.drawn(name)) is not None else len(self.levels[name])
            for name in self.factors
        )

    def label(self, name: str, place: int) -> str:
        """A level as tables name it; a draw by its number from 1."""
        return str(place + 1) if self.drawn(name) is not None else self.levels[name][place].label

    def changed(self, places: Mapping[str, int]) -> tuple[Document, list[Mistake]]:
        """The model's document with the new values of the levels chosen."""
        document = copy.deepcopy(self.model.document)
        return document, _apply(document, self, places)

    def reads_anew(self, places: Mapping[str, int]) -> bool:
        """Whether the levels chosen change how the data are read."""
        return any(
            change.path.partition(".")[0] in _READING
            for name, place in places.items()
            for change in self.levels[name][place].changes
        )


def names_study(target: str | Path) -> bool:
    """Whether a name or path means a study file."""
    return means_file_of(target, "study")


def load_study(target: str | Path) -> Plan:
    """Load a study file; every mistake at once as InputError."""
    path = find(target)
    document = load_document(path, shown_name(target, path))
    spec = read_spec(
        StudySpec,
        document,
        "study",
        "this is not a study: a study file begins with `study: NAME`",
        "这不是稳健性研究文件：研究文件以 study: 名称 开头",
    )
    beside = find(spec.model, path.parent)
    loaded = load(beside)
    model = loaded.model if isinstance(loaded, Scenario) else loaded
    base = copy.deepcopy(model.document)
    if problems := override(base, spec.set, document):
        raise InputError(sorted(problems))
    model = build_model(base, model.folder, dict(model.files)) if spec.set else model
    plan = _plan(spec, document, model, path, loaded)
    if problems := sorted(set(_mistakes(plan))):
        raise InputError(problems)
    return plan


def _plan(
    spec: StudySpec, document: Document, model: Model, path: Path, loaded: Model | Scenario
) -> Plan:
    if model.spec.evaluation is None:
        raise InputError(
            document.mistake(
                ("model",),
                f"the model '{model.name}' has no evaluation, so there is nothing to study",
                f"模型“{model.name}”没有 evaluation 部分，无从研究",
            )
        )
    files = {path.name: file_sha256(path)}
    data: str | Path | None = None
    if isinstance(loaded, Scenario):
        files |= loaded.files
        data = loaded.data_file()
    if spec.data is not None:
        near = path.parent / spec.data
        data = near if near.exists() or model.folder is None else model.folder / spec.data
    levels = {
        name: tuple(item.levels(model))
        for name, item in spec.factors.items()
        if isinstance(item, ListedFactor)
    }
    return Plan(spec, document, model, levels, data, files)


def _mistakes(plan: Plan) -> Iterator[Mistake]:
    spec, document, model = plan.spec, plan.document, plan.model
    assert model.spec.evaluation is not None
    for name, item in spec.factors.items():
        if isinstance(item, ListedFactor | DrawnFactor):
            for where, en, zh in item.mistakes(model):
                yield document.mistake(("factors", name, *where), en, zh)
    for place, output in enumerate(spec.outputs):
        if output == "grade" and model.spec.evaluation.grades is None:
            yield document.mistake(
                ("outputs", place), "the model has no grades", "模型没有 grades（等次）"
            )
        if output == "amount" and model.spec.allocation is None:
            yield document.mistake(
                ("outputs", place), "the model allocates no money", "模型没有资金分配部分"
            )
    for name, levels in plan.levels.items():
        for place in range(len(levels)):
            yield from _level_mistakes(plan, name, place)


def _level_mistakes(plan: Plan, name: str, place: int) -> Iterator[Mistake]:
    """What is wrong with a level on its own; what only a combination forbids comes out in the run."""
    level = plan.levels[name][place]
    if not level.changes:
        return
    document = copy.deepcopy(plan.model.document)
    wrong = _apply(document, plan, {name: place})
    if wrong:
        yield from wrong
        return
    _, wrong, _ = validate(ModelSpec, document)
    yield from wrong
    for change in level.changes:
        if "*" in change.path and change.path.endswith(".score"):
            for path in places_of(document.data, change.path):
                before, after = _at(plan.model.document.data, path), _at(document.data, path)
                if _direction(before) * _direction(after) < 0:
                    node = _at(document.data, path[:-1])["id"]
                    yield plan.document.mistake(
                        ("factors", name, *change.origin),
                        f"this turns the direction of '{node}' round; give '{node}' a line of its "
                        "own after this one",
                        f"这会颠倒“{node}”的方向；请在其后为“{node}”另写一行",
                        of_key=True,
                    )


def _apply(document: Document, plan: Plan, places: Mapping[str, int]) -> list[Mistake]:
    mistakes: list[Mistake] = []
    for name, place in places.items():
        for change in plan.levels[name][place].changes:
            origin = ("factors", name, *change.origin)
            mistakes += put_at(document, change.path, change.value, plan.document, origin)
    return mistakes


def _at(data: Any, path: tuple[Any, ...]) -> Any:
    for part in path:
        data = data[part]
    return data


def _direction(score: Any) -> int:
    """1 where more is better as a rule is written, -1 where less is, 0 where it cannot be told."""
    if not isinstance(score, dict):
        return 0
    for key in _DIRECTED:
        if score.get(key) in ("higher", "lower"):
            return 1 if score[key] == "higher" else -1
    ends = score.get("goalposts")
    if isinstance(ends, list) and len(ends) == 2 and all(isinstance(e, int | float) for e in ends):
        return int(ends[1] > ends[0]) - int(ends[1] < ends[0])
    return 0
