"""`previous(x, 3)` is `previous(previous(previous(x)))`, written shorter."""

from __future__ import annotations

import ast

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
