"""Whether the regions that rules of allocation speak of are in the data.

A rule for a group that no region is in would fall away in silence, so that a slip of the pen in its
`where` could cost a group its floor. Texts that a variable lists in `values` are known without any
region: the model is refused where others are asked for.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import partial

from reliefperf.data.dataset import Dataset
from reliefperf.errors import InputError, suggestion
from reliefperf.model.model import Model


def refuse_unknown_texts(model: Model, dataset: Dataset) -> None:
    """Raise InputError for each rule whose `where` asks for texts that no region has in any period.

    Of `zone in ['a', 'b']`, and of what `or` joins, one must be known; `zone != 'a'` holds for
    everybody where none is.
    """
    allocation = model.spec.allocation
    mistakes = []
    for place, rule in enumerate(allocation.rules if allocation is not None else ()):
        if rule.where is None:
            continue
        for name, asked, known in _unknown(rule.where.tree, partial(_known, model, dataset)):
            en, zh = (
                said if said.endswith(("?", "？")) else said + stop
                for said, stop in zip(suggestion(asked[0], known), (".", "。"), strict=True)
            )
            hint = (
                f"Mend it, or list it in `values` of '{name}' if it may be absent",
                f"请改正；若确实可能没有这样的地区，请列入变量“{name}”的 values",
            )
            called = (name, name)
            if name == "region":
                called = ("the code", "代码")
                hint = ("Mend it, or leave the rule out", "请改正，或删去该规则")
            texts = ", ".join(f"'{text}'" for text in asked)
            mistakes.append(
                model.document.mistake(
                    ("allocation", "rules", place, "where"),
                    f"rule '{rule.id}': no region has {called[0]} {texts}{en} {hint[0]}",
                    f"规则“{rule.id}”：没有地区的{called[1]}为 {texts}{zh}{hint[1]}",
                )
            )
    if mistakes:
        raise InputError(mistakes)


def _unknown(
    node: ast.expr, known_of: Callable[[str], set[str] | None]
) -> list[tuple[str, list[str], set[str]]]:
    """The names, texts and known texts of comparisons that must hold and that no region meets."""
    if isinstance(node, ast.BoolOp):
        found = [_unknown(part, known_of) for part in node.values]
        if isinstance(node.op, ast.Or) and not all(found):
            return []
        return [one for part in found for one in part]
    if not isinstance(node, ast.Compare):
        return []
    asked = []
    sides = [node.left, *node.comparators]
    for op, left, right in zip(node.ops, sides, sides[1:], strict=False):
        if isinstance(op, ast.Eq | ast.In):
            for name, other in ((left, right), (right, left)):
                texts = _texts(other)
                known = known_of(name.id) if isinstance(name, ast.Name) and texts else None
                if isinstance(name, ast.Name) and known is not None and not known & set(texts):
                    asked.append((name.id, texts, known))
    return asked


def _texts(node: ast.expr) -> list[str]:
    parts = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
    stated = [part.value for part in parts if isinstance(part, ast.Constant)]
    return [text for text in stated if isinstance(text, str)]


def _known(model: Model, dataset: Dataset, name: str) -> set[str] | None:
    """The texts that a name has in some period; None where the data alone do not say."""
    if name == "region":
        return {code for table in dataset.tables.values() for code in table.codes}
    variable = model.spec.variables.get(name)
    if variable is None or variable.type != "text" or variable.values:
        return None
    columns = [table.columns[name] for table in dataset.tables.values() if name in table.columns]
    return {text for column in columns for text in column.tolist() if text is not None}
