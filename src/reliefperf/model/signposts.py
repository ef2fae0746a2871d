"""Signposts of divisor methods: where a region with n units earns one more, exactly.

A method is an expression of n, the units already held: `n + 1/2` is Webster's, `sqrt(n * (n + 1))`
that of Huntington and Hill. Values are fractions; of an expression with roots its square is one, so
that comparing squares decides without rounding.

Source: Balinski and Young, Fair Representation (1982), chapters 8 and 12.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

NAMED = {
    "sainte_lague": "n + 1/2",
    "dhondt": "n + 1",
    "huntington_hill": "sqrt(n * (n + 1))",
    "adams": "n",
    "modified_sainte_lague": "where(n == 0, 0.7, n + 1/2)",
}
"""Divisor methods by name: Webster, Jefferson, Huntington and Hill, Adams, and Webster's with the
first divisor 1.4 in place of 1."""

MOST_LETTERS = 200
MOST_POWER = 8
TRIED = (*range(200), *(10**k for k in range(3, 13)))
"""Numbers of units at which a signpost is tried when a model is read."""

type Root = tuple[Fraction, Fraction]
"""A factor and what stands under the root: factor x sqrt(radicand), the radicand above 0."""

_ONE = Fraction(1)
_COMPARING: dict[type[ast.cmpop], Callable[[Fraction, Fraction], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


class WrongSignpost(ValueError):
    """An expression that is no signpost; the message in English and Chinese."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.en, self.zh = en, zh


@dataclass(frozen=True)
class Signpost:
    """The signpost of a divisor method; `has_root` says that `at` gives squares.

    >>> signpost("n + 1/2").at(3)
    Fraction(7, 2)
    >>> signpost("sqrt(n * (n + 1))").at(3)
    Fraction(12, 1)
    """

    text: str
    has_root: bool
    _value: Callable[[Fraction], Root]

    def at(self, units: int) -> Fraction:
        """The signpost of a region with so many units, or its square where it has roots."""
        factor, radicand = self._value(Fraction(units))
        return factor * factor * radicand if self.has_root else factor


@lru_cache(maxsize=64)
def signpost(text: str) -> Signpost:
    """Read a signpost; raises WrongSignpost, also where it does not rise with n."""
    text = NAMED.get(text, text)
    try:
        if len(text) > MOST_LETTERS:
            raise SyntaxError
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise WrongSignpost(
            f"'{text[:80]}' is not an expression of n", f"“{text[:80]}”不是 n 的表达式"
        ) from None
    value, has_root = _read(tree.body)
    found = Signpost(text, has_root, value)
    before: Fraction | None = None
    for n in TRIED:
        try:
            factor, _ = value(Fraction(n))
        except ZeroDivisionError:
            raise WrongSignpost(
                f"'{text}' divides by zero at n = {n}", f"“{text}”在 n = {n} 处除以零"
            ) from None
        now = found.at(n)
        if factor < 0:
            raise WrongSignpost(
                f"'{text}' is below zero at n = {n}", f"“{text}”在 n = {n} 处小于零"
            )
        if before is not None and now <= before:
            raise WrongSignpost(
                f"'{text}' must rise with n, the units already held, and does not up to n = {n}",
                f"“{text}”须随 n（已得单位数）递增，而到 n = {n} 处没有递增",
            )
        before = now
    return found


def _read(node: ast.expr) -> tuple[Callable[[Fraction], Root], bool]:
    """What a node gives at n, and whether it has a root."""
    match node:
        case ast.Constant(value=int() | float() as stated) if not isinstance(
            stated, bool
        ) and math.isfinite(stated):
            number = Fraction(str(stated))
            return (lambda _: (number, _ONE)), False
        case ast.Name(id="n"):
            return (lambda n: (n, _ONE)), False
        case ast.UnaryOp(op=ast.USub()):
            value, has_root = _read(node.operand)
            return (lambda n: _times(value(n), (-_ONE, _ONE))), has_root
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            one, other = _plain(node.left), _plain(node.right)
            sign = 1 if isinstance(node.op, ast.Add) else -1
            return (lambda n: (one(n) + sign * other(n), _ONE)), False
        case ast.BinOp(op=ast.Mult() | ast.Div()):
            (left, one_root), (right, other_root) = _read(node.left), _read(node.right)
            if isinstance(node.op, ast.Mult):
                return (lambda n: _times(left(n), right(n))), one_root or other_root
            return (lambda n: _times(left(n), _inverse(right(n)))), one_root or other_root
        case ast.BinOp(op=ast.Pow(), right=ast.Constant(value=int() as power)) if (
            0 <= power <= MOST_POWER
        ):
            base = _plain(node.left)
            return (lambda n: (base(n) ** power, _ONE)), False
        case ast.Call(func=ast.Name(id="sqrt"), args=[inner], keywords=[]):
            under = _plain(inner)
            return (lambda n: _root(under(n))), True
        case ast.Call(func=ast.Name(id="where"), args=[test, yes, no], keywords=[]):
            holds, (then, one_root), (other_, other_root) = _test(test), _read(yes), _read(no)
            return (lambda n: then(n) if holds(n) else other_(n)), one_root or other_root
        case ast.Call(
            func=ast.Name(id="min" | "max" as name), args=[_, _, *_] as inner, keywords=[]
        ):
            parts = [_plain(part) for part in inner]
            choose = min if name == "min" else max
            return (lambda n: (choose(part(n) for part in parts), _ONE)), False
    raise WrongSignpost(
        f"'{ast.unparse(node)[:80]}' cannot stand in a signpost: numbers, n, + - * / **, sqrt, "
        "where, min and max can",
        f"“{ast.unparse(node)[:80]}”不能用于 divisor：可用数字、n、+ - * / **、sqrt、where、min、max",
    )


def _plain(node: ast.expr) -> Callable[[Fraction], Fraction]:
    """A node without roots."""
    value, has_root = _read(node)
    if has_root:
        raise WrongSignpost(
            f"'{ast.unparse(node)[:80]}': a root may be multiplied and divided, not added, compared "
            "or raised, so that squares can be compared exactly",
            f"“{ast.unparse(node)[:80]}”：根式只能相乘或相除，不能相加、比较或乘方，以便精确比较平方",
        )
    return lambda n: value(n)[0]


def _test(node: ast.expr) -> Callable[[Fraction], bool]:
    match node:
        case ast.Compare(ops=[op], comparators=[right]) if type(op) in _COMPARING:
            one, other, compare = _plain(node.left), _plain(right), _COMPARING[type(op)]
            return lambda n: compare(one(n), other(n))
    raise WrongSignpost(
        f"'{ast.unparse(node)[:80]}' is not a comparison such as n == 0",
        f"“{ast.unparse(node)[:80]}”不是 n == 0 这样的比较",
    )


def _times(one: Root, other: Root) -> Root:
    return one[0] * other[0], one[1] * other[1]


def _inverse(value: Root) -> Root:
    return 1 / value[0], 1 / value[1]


def _root(value: Fraction) -> Root:
    if value < 0:
        raise WrongSignpost("the root of a number below zero", "对负数开方")
    return (_ONE, value) if value else (Fraction(0), _ONE)
