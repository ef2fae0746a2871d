"""The results of a cascade as tables: those of a run with the level and the parent before them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from reliefperf.allocation.allocate import Allocation
from reliefperf.scenarios.cascades.running import CascadeRun, LevelRun
from reliefperf.scenarios.results.tables import (
    Cell,
    Row,
    allocation_rows,
    exact_money,
    explanation_of,
    money_places,
    points_table,
    scores_table,
)

if TYPE_CHECKING:
    import pandas as pd

Table = tuple[list[str], list[Row]]


def allocation_table(run: CascadeRun) -> Table:
    """Header and rows: level, parent, region, pool, entitlement, amount; pool `total` last."""
    header = ["level", "parent", "region", "pool", "entitlement", "amount"]
    return header, list(_by_region(run, allocation_rows))


def explanation_table(run: CascadeRun) -> Table:
    """Header and rows: level, parent, region, pool, step, amount; steps add up to the amount."""
    header = ["level", "parent", "region", "pool", "step", "amount"]
    return header, list(_by_region(run, explanation_of))


def _by_region(
    run: CascadeRun, rows_of: Callable[[Allocation, tuple[str, ...]], Iterable[Row]]
) -> Iterator[Row]:
    """The rows of every parent's allocation, in each level by the code of the region."""
    for level in run.levels:
        rows = [
            row
            for parent, received in level.parents.items()
            for row in rows_of(received.allocation, (level.id, parent))
        ]
        rows.sort(key=lambda row: str(row[2]))  # stable: the pools of a region stay in order
        yield from rows


def parents_table(run: CascadeRun) -> Table:
    """Header and rows: level, parent, name, pool, received, paid, left; received = paid + left.

    The parent of the first level is empty. Pools stand by themselves where they come down one by
    one; `total` is always there.
    """
    header = ["level", "parent", "name", "pool", "received", "paid", "left"]
    rows: list[Row] = []
    for level in run.levels:
        for parent, part in level.parents.items():
            places = money_places(part.allocation)
            held: list[tuple[str, Fraction | None]] = [
                *part.pools.items(),
                ("total", part.received),
            ]
            for pool, received in held:
                paid = Fraction(part.allocation.total(pool))
                got = paid if received is None else received
                cells = (exact_money(value, places) for value in (got, paid, got - paid))
                rows.append((level.id, parent, part.name, pool, *cells))
    return header, rows


def scores_of(run: CascadeRun) -> Table:
    """The scores of every level that has an evaluation, with the columns of all of them."""
    return _joined(run, scores_table)


def points_of(run: CascadeRun) -> Table:
    """The points of every level that has an evaluation."""
    return _joined(run, points_table)


def _joined(run: CascadeRun, table_of: Callable[..., Table]) -> Table:
    tables: list[tuple[LevelRun, list[str], list[Row]]] = []
    for level in run.levels:
        if level.run.model.spec.evaluation is not None:
            tables.append((level, *table_of(level.run)))
    header = list(dict.fromkeys(name for _, names, _ in tables for name in names))
    rows: list[Row] = []
    for level, names, found in tables:
        places = [names.index(name) if name in names else None for name in header]
        for row in found:
            cells: list[Cell] = [None if place is None else row[place] for place in places]
            rows.append((level.id, *cells))
    return ["level", *header], rows


def frame(header: list[str], rows: list[Row]) -> pd.DataFrame:
    """A table for pandas."""
    import pandas as pd

    return pd.DataFrame(rows, columns=header)
