"""What was put into the formulas of the pools: formulas.csv, a row for each name and its value.

A pool whose total is shared by a product of factors is told by factors.csv; the formulas of all
others stand here, and of every pool the derived columns that its formula looks up.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from reliefperf.allocation.allocate import Allocation
from reliefperf.allocation.factoring import CLOSE, factored
from reliefperf.allocation.pool import Pool
from reliefperf.data.aside import computed_aside
from reliefperf.model.environment import Column, Environment
from reliefperf.model.expressions import Expr
from reliefperf.model.functions import FUNCTIONS
from reliefperf.model.model import Model
from reliefperf.model.spec_allocation import PoolSpec
from reliefperf.scenarios.results.tables import Row, number_text
from reliefperf.scenarios.running import PeriodRun, Run

FORMULAS_HEADER = ["region", "of", "part", "item", "value"]
RESULT = "="
"""The item of a row that holds what the whole formula gives."""
VALUE = "value"
"""The part of a derived column, which has only one formula."""


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
    for i, code in enumerate(allocation.codes):
        own = [one for pool_id in pools if eligible[pool_id][i] for one in made[pool_id]]
        for one in (*own, *columns):
            for item, values in one.items:
                yield (code, one.of, one.part, item, values[i])


def _of_pool(
    model: Model, env: Environment, allocation: Allocation, pool_id: str
) -> tuple[list[_Formula], dict[str, None]]:
    """A pool's formulas, and the derived columns that they or its factors name."""
    result = allocation.pools.get(pool_id) or allocation.calculated[pool_id]
    spec = result.pool.spec
    derived = model.spec.derived_exprs
    found: list[_Formula] = []
    named: dict[str, None] = {}
    for part, expr in _stated(spec):
        named |= dict.fromkeys(name for name in _names(expr) if name in derived)
        if part == "weight" and factored(model, env, result.pool) is not None:
            continue
        one = _formula(model, env, pool_id, part, expr)
        if one is not None and _agrees(one, result.pool):
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
    """The formula that rows of a pool and part, or of a derived column, speak of."""
    if part == VALUE:
        return model.spec.derived_exprs[of]
    assert model.spec.allocation is not None
    return dict(_stated(model.spec.allocation.pools[of]))[part]


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
                found[ast.unparse(node)] = None
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
