"""What was put into the formulas of the pools: formulas.csv, a row for each name and its value.

A pool whose total is shared by a product of factors is told by factors.csv; the formulas of all
others stand here, and of every pool the derived columns that its formula looks up. For a region
that has no part in a pool the condition stands here with its parts, or the consequence that bars it.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from reliefperf.allocation.factoring import CLOSE, product_of
from reliefperf.allocation.paid import Allocation
from reliefperf.allocation.pool import Pool
from reliefperf.data.aside import computed_aside
from reliefperf.model.environment import Column, Environment
from reliefperf.model.expressions import Expr
from reliefperf.model.functions import FUNCTIONS
from reliefperf.model.looking_back import written
from reliefperf.model.model import Model
from reliefperf.model.spec_allocation import PoolSpec
from reliefperf.model.spec_rulebook import consequence_key
from reliefperf.scenarios.results.cells import Row, number_text
from reliefperf.scenarios.running import PeriodRun, Run

FORMULAS_HEADER = ["region", "of", "part", "item", "value"]
RESULT = "="
"""The item of a row that holds what the whole formula gives."""
VALUE = "value"
"""The part of a derived column, which has only one formula."""
ELIGIBLE = "eligible"
"""The part of the condition that a region without a part in the pool does not meet."""
BARRED = "barred"
"""The part of a consequence, the item, that shuts a region out of the pool."""


_ONE_FOR_ALL = frozenset(
    ("total", "count", "mean", "median", "stdev", "lowest", "highest", "quantile")
)
"""Functions that give one number for all regions of a group, whatever the region's own is."""


@dataclass(frozen=True)
class _Formula:
    """An expression of a pool or of a derived column: its result and what was put in, as texts."""

    of: str
    part: str
    items: Sequence[tuple[str, Sequence[str]]]


def formulas_table(run: Run) -> tuple[list[str], list[Row]]:
    """Header and rows of formulas.csv."""
    panel = tuple(run.periods) != ("",)
    rows: list[Row] = []
    for period, result in run.periods.items():
        lead = (period,) if panel else ()
        if result.allocation is not None:
            rows += [(*lead, *row) for row in formulas_rows(run.model, result)]
    return [*(("period",) if panel else ()), *FORMULAS_HEADER], rows


def formulas_rows(model: Model, result: PeriodRun) -> Iterator[Row]:
    """The rows of one period, region by region: the pools in order, then the derived columns."""
    allocation = result.allocation
    assert allocation is not None
    env = result.env
    pools = [*allocation.pools, *allocation.calculated]
    made: dict[str, list[_Formula]] = {}
    looked_up: dict[str, None] = {}
    for pool_id in pools:
        stated, names = _of_pool(model, env, allocation, pool_id)
        made[pool_id] = stated
        looked_up |= names
    derived = model.spec.derived_exprs
    columns: list[_Formula] = []
    pending = list(looked_up)
    while pending:
        name = pending.pop(0)
        found = _formula(model, env, name, VALUE, derived[name])
        if found is not None:
            columns.append(found)
        new = [n for n in _names(derived[name]) if n in derived and n not in looked_up]
        looked_up |= dict.fromkeys(new)
        pending += new
    eligible = {
        pool_id: one.pool.eligible.tolist()
        for part in (allocation.pools, allocation.calculated)
        for pool_id, one in part.items()
    }
    shut_out = {pool_id: _shut_out(model, env, pool_id, eligible[pool_id]) for pool_id in pools}
    for i, code in enumerate(allocation.codes):
        for pool_id in pools:
            if not eligible[pool_id][i]:
                for part, item, value in shut_out[pool_id][i]:
                    yield (code, pool_id, part, item, value)
        own = [one for pool_id in pools if eligible[pool_id][i] for one in made[pool_id]]
        for one in (*own, *columns):
            for item, values in one.items:
                yield (code, one.of, one.part, item, values[i])


def _shut_out(
    model: Model, env: Environment, pool_id: str, eligible: Sequence[bool]
) -> dict[int, list[tuple[str, str, str]]]:
    """By place of a region that is not eligible: part, item and value of what says so."""
    found: dict[int, list[tuple[str, str, str]]] = {
        i: [] for i, part in enumerate(eligible) if not part
    }
    assert model.spec.allocation is not None
    expr = model.spec.allocation.pools[pool_id].eligible
    if not found:
        return found
    told = None if expr is None else _formula(model, env, pool_id, ELIGIBLE, expr)
    if told is not None and expr is not None:
        below = _behind(model, env, expr)
        parts = [(text, computed_aside(model, env, text)) for text in conditions_of(expr)]
        stated = [(text, _texts(column)) for text, column in parts if column is not None]
        whole, *rest = told.items
        items = dict((*rest, *below, whole, *stated))
        order = dict.fromkeys(item for item, _ in (whole, *stated, *rest, *below))
        for i, rows in found.items():
            if whole[1][i] != "1":
                for item, values in ((item, items[item]) for item in order):
                    rows.append((ELIGIBLE, item, values[i]))
    evaluation = model.spec.evaluation
    for one in evaluation.consequences if evaluation is not None else ():
        if pool_id in one.pools:
            applies = env.columns[consequence_key(one.id)]
            for i, rows in found.items():
                if applies[i] == 1:
                    rows.append((BARRED, one.id, "1"))
    return found


def _behind(model: Model, env: Environment, expr: Expr) -> list[tuple[str, Sequence[str]]]:
    """What was put into the derived columns of a condition that are conditions themselves."""
    found = []
    for name, derived in model.spec.derived_exprs.items():
        if name in expr.names and is_verdict(derived):
            told = _formula(model, env, name, VALUE, derived)
            left_out = own_items(derived) | {"missing"}
            _, *items = told.items if told is not None else [(RESULT, [])]
            found += [(item, values) for item, values in items if item not in left_out]
    return found


def is_verdict(expr: Expr) -> bool:
    """Whether an expression says only that something holds or not.

    >>> is_verdict(Expr("rank(n) <= 3")), is_verdict(Expr("n * rate"))
    (True, False)
    """
    tree = expr.tree
    return isinstance(tree, ast.Compare | ast.BoolOp) or (
        isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.Not)
    )


def own_items(expr: Expr) -> frozenset[str]:
    """What stands in an expression only below a number that is taken over regions.

    Put in is that number; what the region itself has there is only its part in it.

    >>> sorted(own_items(Expr("n * total(paid, by=state) + rank(paid_before) + total(n)")))
    ['paid', 'state']
    """
    inside: set[str] = set()
    outside: set[str] = set()

    def walk(node: ast.AST, *, below: bool) -> None:
        if isinstance(node, ast.Name | ast.Call):
            (inside if below else outside).add(written(node))
        if isinstance(node, ast.Call):
            below |= isinstance(node.func, ast.Name) and node.func.id in _ONE_FOR_ALL
            for part in (*node.args, *(keyword.value for keyword in node.keywords)):
                walk(part, below=below)
        else:
            for child in ast.iter_child_nodes(node):
                walk(child, below=below)

    walk(expr.tree, below=False)
    return frozenset(inside - outside)


def conditions_of(expr: Expr) -> list[str]:
    """The conditions that an expression joins with and, or, not; none where it is a single one.

    >>> conditions_of(Expr("score >= 60 and (kind == 'x' or not new)"))
    ['score >= 60', "kind == 'x'", 'new']
    >>> conditions_of(Expr("score >= 60"))
    []
    """
    found: dict[str, None] = {}

    def walk(node: ast.AST) -> None:
        if isinstance(node, ast.BoolOp):
            for value in node.values:
                walk(value)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            walk(node.operand)
        else:
            found[written(node)] = None

    walk(expr.tree)
    return [] if list(found) == [written(expr.tree)] else list(found)


def _of_pool(
    model: Model, env: Environment, allocation: Allocation, pool_id: str
) -> tuple[list[_Formula], dict[str, None]]:
    """A pool's formulas, and the derived columns that they or its factors name."""
    result = allocation.pools.get(pool_id) or allocation.calculated[pool_id]
    spec = result.pool.spec
    derived = model.spec.derived_exprs
    if result.pool.solved is not None:
        env = result.pool.solved.seen(env, result.pool.groups)
    found: list[_Formula] = []
    named: dict[str, None] = {}
    for part, expr in _stated(spec):
        looked_up = [name for name in _names(expr) if name in derived]
        if part == "weight" and product_of(model, env, result.pool) is not None:
            named |= dict.fromkeys(looked_up)
            continue
        one = _formula(model, env, pool_id, part, expr)
        agrees = one is not None and _agrees(one, result.pool)
        # where rules moved an earlier pool later, columns over it are not what the formula saw
        named |= dict.fromkeys(n for n in looked_up if agrees or n not in model.derived[2])
        if one is not None and agrees:
            found.append(one)
    return found, named


def _agrees(one: _Formula, pool: Pool) -> bool:
    """Whether the formula computed once more gives what the pool was settled with.

    It need not where it names a pool whose amounts rules moved afterwards.
    """
    if one.part == "amount":
        settled = [pool.totals[group] for group in pool.groups.tolist()]
    elif one.part in ("each", "weight"):
        settled = list(pool.entitlement if one.part == "each" else pool.weights)
    else:
        return True
    return all(
        group < 0 or value is None or math.isclose(float(text), float(value), rel_tol=CLOSE)
        for group, text, value in zip(pool.groups.tolist(), one.items[0][1], settled, strict=True)
    )


def _stated(spec: PoolSpec) -> Iterator[tuple[str, Expr]]:
    """The formulas of a pool that say more than a number."""
    stated: list[tuple[str, Expr | None]] = [("amount", spec.amount), ("weight", spec.weight)]
    stated.append(("each", spec.each))
    if spec.scale_gains is not None:
        stated += [("formula", spec.scale_gains.formula), ("floor", spec.scale_gains.floor)]
    for part, expr in stated:
        if expr is not None and (expr.names or expr.calls):
            yield part, expr


def stated_formula(model: Model, of: str, part: str) -> Expr:
    """The formula that rows of a pool and part, or of a derived column, speak of; not of BARRED."""
    if part == VALUE:
        return model.spec.derived_exprs[of]
    assert model.spec.allocation is not None
    pool = model.spec.allocation.pools[of]
    if part == ELIGIBLE:
        assert pool.eligible is not None
        return pool.eligible
    return dict(_stated(pool))[part]


def _formula(model: Model, env: Environment, of: str, part: str, expr: Expr) -> _Formula | None:
    """None where the formula cannot be computed once more."""
    whole = computed_aside(model, env, expr.text)
    if whole is None:
        return None
    items = [(RESULT, _texts(whole))]
    if not isinstance(expr.tree, ast.Name) or expr.tree.id != of:
        for text in items_of(expr, frozenset(model.tables)):
            column = computed_aside(model, env, text)
            if column is not None:
                items.append((text, _texts(column)))
    return _Formula(of, part, items)


def items_of(expr: Expr, tables: frozenset[str]) -> list[str]:
    """What is put into an expression, in its order: names, tables looked up, sums over regions.

    >>> items_of(Expr("n * rate(class) + total(n) / 2"), frozenset({"rate"}))
    ['n', 'rate(class)', 'class', 'total(n)']
    """
    found: dict[str, None] = {}

    def walk(node: ast.AST) -> None:
        if isinstance(node, ast.Name):
            found[node.id] = None
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            function = FUNCTIONS.get(node.func.id)
            if function is None or function.across:
                found[written(node)] = None
            if function is not None or node.func.id in tables:
                for arg in node.args:
                    walk(arg)
        else:
            for child in ast.iter_child_nodes(node):
                walk(child)

    walk(expr.tree)
    return list(found)


def _names(expr: Expr) -> list[str]:
    """The names in the order in which they are written."""
    nodes = sorted(expr.name_nodes(), key=lambda node: (node.lineno, node.col_offset))
    return list(dict.fromkeys(node.id for node in nodes))


def _texts(column: Column) -> list[str]:
    """A column for a file; equal numbers are written once."""
    if column.dtype == object:
        return ["" if value is None else str(value) for value in column.tolist()]
    known: dict[float, str] = {}
    texts = []
    for value in np.asarray(column, dtype=float).tolist():
        if value not in known:
            known[value] = number_text(value)
        texts.append(known[value])
    return texts
