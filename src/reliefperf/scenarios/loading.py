"""Loading a model, with a scenario's overrides if there are any."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import reliefperf.allocation.rules
import reliefperf.evaluation.combining
import reliefperf.evaluation.scoring
import reliefperf.evaluation.treatment
import reliefperf.evaluation.weighting  # noqa: F401  (the rules register themselves)
from reliefperf.errors import InputError, Mistake, suggestion
from reliefperf.model.building import build_model, load_model_file
from reliefperf.model.document import Document, Path_, load_document
from reliefperf.model.model import Model, file_sha256
from reliefperf.model.spec import ScenarioSpec
from reliefperf.model.validation import validate
from reliefperf.scenarios.library import find


@dataclass(frozen=True)
class Scenario:
    """A scenario made ready: its spec, the model with the overrides in it, and its file's hash."""

    spec: ScenarioSpec
    model: Model
    folder: Path
    file: str
    files: dict[str, str] = field(default_factory=dict)
    text: str = field(default="", repr=False)


def load_model(target: str | Path) -> Model:
    """Load a model from a folder, a file or a shipped name; every mistake at once as InputError.

    >>> load_model("india-fc15-rural")
    <Model india-fc15-rural: 2 variables, 1 pools, 0 rules>
    """
    path = find(target)
    return load_model_file(path, _shown(target, path))


def load(target: str | Path) -> Model | Scenario:
    """Load what the target is: a scenario (a file with `scenario:`) or a model."""
    path = find(target)
    if path.is_file():
        document = load_document(path, _shown(target, path))
        if isinstance(document.data, dict) and "scenario" in document.data:
            return load_scenario(document, path)
    return load_model_file(path, _shown(target, path))


def _shown(target: str | Path, path: Path) -> str:
    """How messages name the file: as the person wrote it, never by the machine's folders."""
    written = Path(str(target))
    if written.exists():
        return str(written / "model.yaml" if written.is_dir() else written)
    return f"{path.name}/model.yaml" if path.is_dir() else path.name


def load_scenario(document: Document, path: Path) -> Scenario:
    """Apply a scenario's overrides to its model; all are checked before anything is computed."""
    spec, mistakes, _ = validate(ScenarioSpec, document)
    if mistakes or spec is None:
        raise InputError(sorted(mistakes))
    folder = find(spec.model, path.parent)
    file = folder / "model.yaml" if folder.is_dir() else folder
    base = load_document(file, _shown(spec.model, folder))
    problems = override(base, spec.set, document)
    model = None
    try:
        model = build_model(base, file.parent, {file.name: file_sha256(file)})
    except InputError as error:
        problems.extend(error.mistakes)
    if problems or model is None:
        raise InputError(sorted(problems))
    return Scenario(spec, model, path.parent, document.file, {path.name: file_sha256(path)}, document.text)


def override(base: Document, changes: dict[str, Any], source: Document) -> list[Mistake]:
    """Put new values at dotted paths of a model's document; list items are named by their id."""
    mistakes = []
    for dotted_path, value in changes.items():
        found = _resolve(base.data, dotted_path)
        if isinstance(found, tuple) and found and found[0] is None:
            wrong, known = found[1], found[2]
            en, zh = suggestion(wrong, known)
            mistakes.append(
                source.mistake(
                    ("set", dotted_path),
                    f"the model has no '{wrong}' in {dotted_path}{en}",
                    f"模型的 {dotted_path} 中没有“{wrong}”{zh}",
                    of_key=True,
                )
            )
            continue
        _put(base, found, value, source, ("set", dotted_path))
    return mistakes


def _resolve(data: Any, dotted_path: str) -> Any:
    """The real path of a dotted one, or (None, wrong part, known parts)."""
    parts = dotted_path.split(".")
    path: list[str | int | float] = []
    at = data
    while parts:
        if isinstance(at, dict):
            # a key may hold dots itself: take the longest run of parts that is a key
            for size in range(len(parts), 0, -1):
                key = ".".join(parts[:size])
                match = next((known for known in at if str(known) == key), None)
                if match is not None:
                    break
            else:
                if len(parts) == 1:
                    path.append(parts[0])
                    return tuple(path)
                return None, parts[0], [str(known) for known in at]
            path.append(match)
            at, parts = at[match], parts[size:]
        elif isinstance(at, list):
            ids = [str(item.get("id", "")) if isinstance(item, dict) else "" for item in at]
            if parts[0] in ids:
                place = ids.index(parts[0])
            elif parts[0].isdecimal() and int(parts[0]) < len(at):
                place = int(parts[0])
            else:
                return None, parts[0], [name for name in ids if name]
            path.append(place)
            at, parts = at[place], parts[1:]
        else:
            return None, parts[0], []
    return tuple(path)


def _put(base: Document, path: Path_, value: Any, source: Document, origin: Path_) -> None:
    at = base.data
    for part in path[:-1]:
        at = at[part]
    at[path[-1]] = value
    for places in (base.values, base.keys):
        for old in [known for known in places if known[: len(path)] == path]:
            del places[old]
    base.folded -= {known for known in base.folded if known[: len(path)] == path}
    # whatever is wrong with the new value is shown in the scenario's file
    for known, position in source.values.items():
        if known[: len(origin)] == origin:
            base.values[(*path, *known[len(origin) :])] = position
    for known, position in source.keys.items():
        if known[: len(origin)] == origin:
            base.keys[(*path, *known[len(origin) :])] = position
    for known in source.folded:
        if known[: len(origin)] == origin:
            base.folded.add((*path, *known[len(origin) :]))
