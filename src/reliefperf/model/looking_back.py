"""`previous(x, 3)` is `previous(previous(previous(x)))`, written shorter."""

from __future__ import annotations

import ast
from copy import deepcopy

MOST_PERIODS = 20


def unrolled(tree: ast.expr) -> ast.expr:
    """The tree with every `previous(x, n)`, n a whole number from 1 to 20, as n nested calls.

    What is no such number is left as it is, for the compiler to refuse.

    >>> ast.unparse(unrolled(ast.parse("previous(a, 2) + 1", mode="eval").body))
    'previous(previous(a)) + 1'
    """
    if not any(_periods(node) for node in ast.walk(tree)):
        return tree
    made = _Unroll().visit(tree)
    assert isinstance(made, ast.expr)
    return made


def written(tree: ast.AST) -> str:
    """The tree as a text, with nested calls of `previous` as the one call they are short for.

    >>> written(ast.parse("previous(previous(a)) + 1", mode="eval").body)
    'previous(a, 2) + 1'
    """
    if any(_inner(_inner(node)) is not None for node in ast.walk(tree)):
        tree = _Roll().visit(deepcopy(tree))
    return ast.unparse(tree)


def _inner(node: ast.AST | None) -> ast.expr | None:
    """What a call of `previous` looks at, one period back; None for anything else."""
    match node:
        case ast.Call(func=ast.Name(id="previous"), args=[inner], keywords=[]):
            return inner
    return None


def _periods(node: ast.AST) -> int:
    """How many periods a call of two arguments looks back; 0 for anything else."""
    match node:
        case ast.Call(
            func=ast.Name(id="previous"), args=[_, ast.Constant(value=int() as n)], keywords=[]
        ) if not isinstance(n, bool) and 1 <= n <= MOST_PERIODS:
            return n
    return 0


class _Unroll(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.expr:
        n = _periods(node)
        self.generic_visit(node)
        if not n:
            return node
        found: ast.expr = node.args[0]
        for _ in range(n):
            found = ast.copy_location(ast.Call(node.func, [found], []), node)
        return found


class _Roll(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.expr:
        n, looked_at = 0, node.func
        inner = _inner(node)
        while inner is not None:
            n, looked_at = n + 1, inner
            inner = _inner(looked_at)
        if 1 < n <= MOST_PERIODS:
            node = ast.Call(node.func, [looked_at, ast.Constant(n)], [])
        self.generic_visit(node)
        return node
