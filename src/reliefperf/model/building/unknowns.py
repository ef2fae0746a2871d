"""The unknowns of pools (`solve`): names of their own, known in one formula alone."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from reliefperf.model.building.draft import Draft
from reliefperf.model.document import Path_
from reliefperf.model.expressions import Expr
from reliefperf.model.functions import FUNCTIONS
from reliefperf.model.spec_allocation import PoolSpec

type Said = tuple[str, str]
"""What a name is, in English and Chinese."""

ELSEWHERE: Said = (
    "is solved for in a pool and known in its `each` alone",
    "是资金池求解的未知数，只在该池的 each 中有值",
)
"""Why an unknown means nothing outside its formula."""


def check_unknowns(draft: Draft, taken: Mapping[str, Said], usable: Mapping[str, bool]) -> None:
    """Note every unknown that clashes with a name, cannot be one, or is not solvable as it stands.

    `taken` are the names of the model and of the language with what they are; `usable` says of each
    unknown whether expressions can name it.
    """
    for pool_id, pool in _solving(draft).items():
        assert pool.solve is not None
        name = pool.solve.name
        here: Path_ = ("allocation", "pools", pool_id, "solve")
        if name in taken:
            en, zh = taken[name]
            draft.wrong(
                here,
                f"'{name}' is already {en}; give the unknown another name",
                f"“{name}”已是{zh}；请为未知数另取名",
            )
        elif not usable[name]:
            draft.wrong(
                here,
                f"'{name}' cannot be used in expressions: use letters, digits and '_', not "
                "starting with a digit",
                f"“{name}”不能用于表达式：请用字母、汉字、数字和下划线，且不以数字开头",
            )
        elif pool.each is not None:
            _check_formula(draft, here, pool, pool.each, name)


def unknowns(draft: Draft) -> list[str]:
    """The unknowns of all pools."""
    return [pool.solve.name for pool in _solving(draft).values() if pool.solve is not None]


def _solving(draft: Draft) -> dict[str, PoolSpec]:
    allocation = draft.spec.allocation
    pools = allocation.pools if allocation is not None else {}
    return {name: pool for name, pool in pools.items() if pool.solve is not None}


def _check_formula(draft: Draft, here: Path_, pool: PoolSpec, each: Expr, name: str) -> None:
    place = (*here[:-1], "each")
    if name not in each.names:
        draft.wrong(
            here,
            f"`each` does not name the unknown '{name}', so nothing follows from it",
            f"each 中没有未知数“{name}”，无从求解",
        )
    for function, call in each.call_nodes():
        inside = {node.id for node in ast.walk(call) if isinstance(node, ast.Name)}
        if name not in inside:
            continue
        if function == "previous":
            draft.wrong(
                place,
                f"'{name}' is solved for in each period; previous(...) does not know it",
                f"“{name}”逐期求解，previous(...) 中没有它",
                offset=each.offset(call),
            )
        elif pool.by is not None and function in FUNCTIONS and FUNCTIONS[function].across:
            draft.wrong(
                place,
                f"with `by` there is one '{name}' a group; {function}(...) over regions may not "
                "hold it",
                f"写了 by 时每组各有一个“{name}”；跨地区的 {function}(...) 中不能含有它",
                offset=each.offset(call),
            )
