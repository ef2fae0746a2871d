"""Formulas recognised by their form: a number, the first so many of a rank, a choice of texts."""

from __future__ import annotations

import ast


def number_of(tree: ast.AST) -> float | None:
    """The number that an expression is; None for anything else."""
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
        inner = number_of(tree.operand)
        return None if inner is None else -inner
    known = isinstance(tree, ast.Constant) and isinstance(tree.value, int | float)
    return float(tree.value) if known else None  # type: ignore[attr-defined]


def first_of(tree: ast.AST) -> tuple[int, ast.AST, ast.AST | None] | None:
    """Of `rank(x, by=g) <= k`: k, x and g; None for any other condition."""
    if not (isinstance(tree, ast.Compare) and len(tree.ops) == 1):
        return None
    call, limit = tree.left, number_of(tree.comparators[0])
    known = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and len(call.args) == 1
    if not known or limit is None:
        return None
    assert isinstance(call, ast.Call)
    assert isinstance(call.func, ast.Name)
    given = {word.arg: word.value for word in call.keywords}
    if call.func.id != "rank" or given.keys() - {"by"}:
        return None
    if isinstance(tree.ops[0], ast.LtE) or (isinstance(tree.ops[0], ast.Eq) and limit == 1):
        return int(limit), call.args[0], given.get("by")
    return None


def texts_of(tree: ast.AST, name: str) -> list[str] | None:
    """Of `name in ['a', 'b']` and `name == 'a'` the texts; None for any other condition."""
    if not (isinstance(tree, ast.Compare) and len(tree.ops) == 1):
        return None
    if not (isinstance(tree.left, ast.Name) and tree.left.id == name):
        return None
    other = tree.comparators[0]
    if isinstance(tree.ops[0], ast.In) and isinstance(other, ast.List):
        values = other.elts
    elif isinstance(tree.ops[0], ast.Eq):
        values = [other]
    else:
        return None
    texts = [one.value for one in values if isinstance(one, ast.Constant)]
    return [str(text) for text in texts] if len(texts) == len(values) else None


def chosen_by(tree: ast.AST) -> tuple[ast.AST, ast.AST] | None:
    """Of `where(condition, amount, 0)` the condition and the amount; None for any other formula."""
    known = isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name)
    if not known:
        return None
    assert isinstance(tree, ast.Call)
    assert isinstance(tree.func, ast.Name)
    if tree.func.id != "where" or len(tree.args) != 3 or number_of(tree.args[2]) != 0:
        return None
    return tree.args[0], tree.args[1]
