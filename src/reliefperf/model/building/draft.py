"""A document on its way to a model: what was found wrong, what was compiled."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from reliefperf.errors import Mistake
from reliefperf.model.compiling import MISSING, Compiled, Scope, compile_expression
from reliefperf.model.document import Document, Path_, dotted
from reliefperf.model.environment import Environment, Kind
from reliefperf.model.expressions import Expr
from reliefperf.model.spec import ModelSpec


class Draft:
    """What the steps of the building share; `cut` are the parts left out for their mistakes."""

    def __init__(
        self,
        spec: ModelSpec,
        document: Document,
        folder: Path | None,
        cut: frozenset[Path_],
        mistakes: list[Mistake],
    ) -> None:
        self.spec = spec
        self.document = document
        self.folder = folder
        self.cut = cut
        self.mistakes = mistakes
        self.compiled: dict[int, Compiled] = {}

    def wrong(self, path: Path_, en: str, zh: str, **more: Any) -> None:
        """Note a mistake at a place of the document."""
        self.mistakes.append(self.document.mistake(path, en, zh, **more))

    def is_cut(self, *path: str) -> bool:
        """Whether anything in a part was left out."""
        return any(cut[: len(path)] == path for cut in self.cut)

    def _label(self, path: Path_) -> str:
        """What notes call an expression: the column, pool, node or item in which it stands."""
        place, named = self.document.original(path), ""
        part = self.document.data
        for before, key in zip(("", *place), place, strict=False):
            if isinstance(part, list):
                part = part[key] if isinstance(key, int) and key < len(part) else None
            else:  # a part that is left out has its default
                part = part.get(key) if isinstance(part, dict) else None
            if before in ("derived", "pools"):
                named = str(key)
            elif isinstance(part, dict) and "id" in part:
                named = str(part["id"])
        return named or dotted(path)

    def compile(self, path: Path_, expr: Expr, meaning: Mapping[str, Any], scope: Scope) -> None:
        """Compile the expression of a place, or note what is wrong with it."""
        expected: Kind | None = meaning.get("kind", "number") if meaning else None
        if path[0] != "derived" and not meaning:
            expected = "number"
        if expected == "any":  # type: ignore[comparison-overlap]
            expected = None
        compiled, errors = compile_expression(
            expr,
            scope,
            expected=expected,
            constant=bool(meaning.get("constant")),
            label=self._label(path),
        )
        for error in errors:
            self.wrong(path, error.en, error.zh, offset=error.offset)
        if compiled is None:
            return
        if meaning.get("constant") and not expr.names - {MISSING}:
            value = compiled(Environment((), {}))
            if np.isnan(value.astype(float)).any():
                self.wrong(path, f"'{expr.text}' has no value", f"“{expr.text}”没有值")
        self.compiled[id(expr)] = compiled
