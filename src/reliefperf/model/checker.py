"""What checks of consistency share: where mistakes are gathered, what was cut out, plain numbers."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reliefperf.errors import Mistake
from reliefperf.model.document import Document, Path_
from reliefperf.model.expressions import Expr
from reliefperf.model.parameters import Dated

TOLERANCE = 1e-9
"""Sums of points and shares that differ by less are equal."""


@dataclass(frozen=True)
class Checker:
    """Gathers mistakes; `cut` are the parts that were left out for another mistake."""

    document: Document
    cut: frozenset[Path_]
    parameters: Mapping[str, float | str | Dated]
    mistakes: list[Mistake]

    def wrong(self, path: Path_, en: str, zh: str) -> None:
        """Keep a mistake at a path."""
        self.mistakes.append(self.document.mistake(path, en, zh))

    def whole(self, path: Path_) -> bool:
        """Whether nothing below a path was cut out."""
        path = self.document.original(path)
        return not any(place[: len(path)] == path for place in self.cut)

    def is_cut(self, path: Path_) -> bool:
        """Whether a path was cut out for another mistake."""
        return self.document.original(path) in self.cut

    def unique(self, section: str, ids: Sequence[str], path: Path_ = ()) -> None:
        """Every id of a section stands once."""
        seen: set[str] = set()
        for place, name in enumerate(ids):
            if name in seen:
                self.wrong(
                    (*path, section, place, "id"),
                    f"the id '{name}' stands twice",
                    f"编号“{name}”重复出现",
                )
            seen.add(name)

    def number(self, expr: Expr | None) -> float | None:
        """The value of a number, or of a parameter that is one number; else None."""
        if expr is None:
            return None
        tree, sign = expr.tree, 1.0
        if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
            tree, sign = tree.operand, -1.0
        if isinstance(tree, ast.Constant) and isinstance(tree.value, int | float):
            return sign * float(tree.value)
        if isinstance(tree, ast.Name):
            value = self.parameters.get(tree.id)
            return sign * value if isinstance(value, float | int) else None
        return None
