"""Loading a model, with a scenario's overrides if there are any."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

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

    def data_file(self) -> Path | None:
        """The data that the scenario names, beside it or beside its model; None if it names none."""
        if self.spec.data is None:
            return None
        beside = self.folder / self.spec.data
        folder = self.model.folder if self.model.folder is not None else self.folder
        return beside if beside.exists() else folder / self.spec.data


def load_model(target: str | Path) -> Model:
    """Load a model from a folder, a file or a shipped name; every mistake at once as InputError.

    >>> load_model("india-fc15-rural")
    <Model india-fc15-rural: 2 variables, 1 pools, 0 rules>
    """
    path = find(target)
    return load_model_file(path, shown_name(target, path))


def load(target: str | Path) -> Model | Scenario:
    """Load what the target is: a scenario (a file with `scenario:`) or a model."""
    path = find(target)
    if path.is_file():
        document = load_document(path, shown_name(target, path))
        if begins_with(document, "scenario"):
            return load_scenario(document, path)
        for word, (en, zh) in _OTHERS.items():
            if begins_with(document, word):
                raise InputError(document.mistake((word,), en, zh, of_key=True))
    return load_model_file(path, shown_name(target, path))


def shown_name(target: str | Path, path: Path) -> str:
    """How messages name the file: as the person wrote it, never by the machine's folders."""
    written = Path(str(target))
    if written.exists():
        return str(written / "model.yaml" if written.is_dir() else written)
    return f"{path.name}/model.yaml" if path.is_dir() else path.name


_OTHERS = {
    "study": (
        "this is a study, not a model or scenario: run it with `reliefperf study`",
        "这是稳健性研究，不是模型或情景：请用 reliefperf study 运行",
    ),
    "cascade": (
        "this is a cascade of several models: use `reliefperf run` or `check`",
        "这是由多个模型组成的逐级分配：请用 reliefperf run 或 check",
    ),
}
"""Files that are something else, by the word that they begin with."""


def begins_with(document: Document, word: str) -> bool:
    """Whether a file is of the kind that its first key names: scenario, study, cascade."""
    return isinstance(document.data, dict) and word in document.data


def means_file_of(target: str | Path, word: str) -> bool:
    """Whether a name or path means a file of this kind."""
    path = find(target)
    return path.is_file() and begins_with(load_document(path, shown_name(target, path)), word)


def read_spec[S: BaseModel](spec: type[S], document: Document, word: str, en: str, zh: str) -> S:
    """The spec of a file of this kind; any mistake, or (`en`, `zh`) another kind, is InputError."""
    if not begins_with(document, word):
        raise InputError(document.mistake((), en, zh))
    found, mistakes, _ = validate(spec, document)
    if mistakes or found is None:
        raise InputError(sorted(mistakes))
    return found


def load_scenario(document: Document, path: Path) -> Scenario:
    """Apply a scenario's overrides to its model; all are checked before anything is computed."""
    spec, mistakes, _ = validate(ScenarioSpec, document)
    if mistakes or spec is None:
        raise InputError(sorted(mistakes))
    folder = find(spec.model, path.parent)
    file = folder / "model.yaml" if folder.is_dir() else folder
    base = load_document(file, shown_name(spec.model, folder))
    problems = override(base, spec.set, document)
    model = None
    try:
        model = build_model(base, file.parent, {file.name: file_sha256(file)})
    except InputError as error:
        problems.extend(error.mistakes)
    if problems or model is None:
        raise InputError(sorted(problems))
    return Scenario(
        spec, model, path.parent, document.file, {path.name: file_sha256(path)}, document.text
    )


def override(base: Document, changes: dict[str, Any], source: Document) -> list[Mistake]:
    """Put new values at dotted paths of a model's document; list items are named by their id."""
    mistakes = []
    for dotted_path, value in changes.items():
        mistakes += put_at(base, dotted_path, value, source, ("set", dotted_path))
    return mistakes


def put_at(
    base: Document, dotted_path: str, value: Any, source: Document, origin: Path_
) -> list[Mistake]:
    """Put one new value, which stands at `origin` in `source`, at a dotted path of a document.

    In the path `*` is every item at that place, and `**` every indicator below it at any depth.
    """
    try:
        places = places_of(base.data, dotted_path)
    except _NoSuchPart as miss:
        en, zh = suggestion(miss.part, miss.known)
        return [
            source.mistake(
                origin,
                f"the model has no '{miss.part}' in {dotted_path}{en}",
                f"模型的 {dotted_path} 中没有“{miss.part}”{zh}",
                of_key=True,
            )
        ]
    for place in places:
        _put(base, place, copy.deepcopy(value), source, origin)
    return []


class _NoSuchPart(Exception):
    def __init__(self, part: str, known: list[str]) -> None:
        super().__init__(part)
        self.part = part
        self.known = known


_WILD = re.compile(r"(?:^|\.)(\*\*?)(?:\.|$)")


def places_of(data: Any, dotted_path: str) -> list[Path_]:
    """The real paths that a dotted one means, one unless it has a `*` or `**`."""
    wild = _WILD.search(dotted_path)
    if wild is None:
        return [_resolve(data, dotted_path)]
    head, tail = dotted_path[: wild.start()], dotted_path[wild.end() :]
    above = _resolve(data, head) if head else ()
    at = data
    for part in above:
        at = _entry(at, part)
    inside = list(_indicators(at)) if wild[1] == "**" else [(key,) for key in _keys(at)]
    found: list[Path_] = []
    for path in inside:
        item = at
        for part in path:
            item = item[part]
        below = places_of(item, tail) if tail else [()]
        found += [(*above, *path, *rest) for rest in below]
    if not found:
        raise _NoSuchPart(wild[1], [])
    return found


def _entry(at: Any, part: str | int | float) -> Any:
    if isinstance(at, dict) and part not in at:
        raise _NoSuchPart(str(part), [str(known) for known in at])
    return at[part]


def _keys(at: Any) -> list[Any]:
    if isinstance(at, list):
        return list(range(len(at)))
    return list(at) if isinstance(at, dict) else []


def _indicators(at: Any) -> Iterator[Path_]:
    """The paths of indicators below a part of a model: whatever has a value to be scored."""
    for key in _keys(at):
        item = at[key]
        if isinstance(item, dict) and "value" in item and "id" in item:
            yield (key,)
        elif isinstance(item, dict | list):
            yield from ((key, *path) for path in _indicators(item))


def _resolve(data: Any, dotted_path: str) -> Path_:
    """The real path of a dotted one."""
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
                raise _NoSuchPart(parts[0], [str(known) for known in at])
            path.append(match)
            at, parts = at[match], parts[size:]
        elif isinstance(at, list):
            ids = [str(item.get("id", "")) if isinstance(item, dict) else "" for item in at]
            if parts[0] in ids:
                place = ids.index(parts[0])
            elif parts[0].isdecimal() and int(parts[0]) < len(at):
                place = int(parts[0])
            else:
                raise _NoSuchPart(parts[0], [name for name in ids if name])
            path.append(place)
            at, parts = at[place], parts[1:]
        else:
            raise _NoSuchPart(parts[0], [])
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
