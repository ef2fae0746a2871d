"""A model that is sound: its spec, its tables and parameters, and every expression compiled."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from reliefperf.errors import Lang
from reliefperf.model.compiling import Compiled
from reliefperf.model.document import Document, Path_
from reliefperf.model.expressions import Expr
from reliefperf.model.parameters import Dated
from reliefperf.model.spec import ModelSpec
from reliefperf.model.spec_data import in_language
from reliefperf.model.tables import Table


@dataclass(frozen=True)
class Model:
    """A sound model.

    `compiled` holds every expression by identity; `derived` gives derived columns in the order in
    which they can be computed, by the stage after which they are known (0 data, 1 evaluation,
    2 allocation), and by pool those of the last stage for which that pool and earlier ones are
    enough.
    """

    spec: ModelSpec
    folder: Path | None
    source: str
    document: Document = field(repr=False)
    tables: Mapping[str, Table] = field(repr=False)
    parameters: Mapping[str, float | str | Dated] = field(repr=False)
    derived: Mapping[int | str, tuple[str, ...]] = field(repr=False)
    _compiled: Mapping[int, Compiled] = field(repr=False)
    files: Mapping[str, str] = field(default_factory=dict, repr=False)
    _kept: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def name(self) -> str:
        """The model's name."""
        return self.spec.model

    @property
    def language(self) -> Lang:
        """The language of reasons and reports."""
        return self.spec.language

    def title(self, lang: Lang | None = None) -> str:
        """The model's title."""
        return in_language(self.spec.title, lang or self.language, self.spec.model)

    def compiled(self, expr: Expr) -> Compiled:
        """The compiled form of an expression of this model's spec."""
        return self._compiled[id(expr)]

    def names_behind(self, expr: Expr) -> frozenset[str]:
        """The names that must be known in the same period, also those of derived columns named."""
        derived = self.spec.derived_exprs
        found: set[str] = set()
        pending = [expr]
        while pending:
            for name in pending.pop().direct_names - found:
                found.add(name)
                if name in derived:
                    pending.append(derived[name])
        return frozenset(found)

    def keep[T](self, key: str, make: Callable[[], T]) -> T:
        """What follows from the model alone, made once."""
        if key not in self._kept:
            self._kept[key] = make()
        kept: T = self._kept[key]
        return kept

    def __repr__(self) -> str:
        parts = [f"{len(self.spec.variables)} variables"]
        if self.spec.evaluation is not None:
            leaves = sum(node.value is not None for node in self.spec.evaluation.nodes())
            parts.append(f"{leaves} indicators")
        if self.spec.allocation is not None:
            parts.append(f"{len(self.spec.allocation.pools)} pools")
            parts.append(f"{len(self.spec.allocation.rules)} rules")
        return f"<Model {self.name}: {', '.join(parts)}>"

    def _repr_html_(self) -> str:
        import html

        return f"<b>{html.escape(self.title())}</b><br><code>{html.escape(repr(self))}</code>"


def file_sha256(path: Path) -> str:
    """The hash of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def expressions_in(
    part: Any, path: Path_ = (), meaning: Mapping[str, Any] | None = None
) -> Iterator[tuple[Path_, Expr, Mapping[str, Any]]]:
    """Every expression in a spec with its path and what its field wants of it."""
    if isinstance(part, Expr):
        yield path, part, meaning or {}
    elif isinstance(part, BaseModel):
        for name, info in type(part).model_fields.items():
            extra = info.json_schema_extra
            inner = extra.get("expression") if isinstance(extra, dict) else None
            yield from expressions_in(
                getattr(part, name), (*path, name), inner if isinstance(inner, dict) else None
            )
    elif isinstance(part, dict):
        for key, value in part.items():
            yield from expressions_in(value, (*path, key), meaning)
    elif isinstance(part, list | tuple):
        for place, value in enumerate(part):
            yield from expressions_in(value, (*path, place), meaning)
