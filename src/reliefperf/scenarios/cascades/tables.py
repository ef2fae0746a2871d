"""The results of a cascade as tables: those of a run with the level and the parent before them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from reliefperf.allocation.paid import Allocation
from reliefperf.allocation.relaxation_words import HEADER
from reliefperf.scenarios.cascades.details import Kept
from reliefperf.scenarios.cascades.equity import has_level_equity, level_equity_tables
from reliefperf.scenarios.cascades.running import CascadeRun, LevelRun
from reliefperf.scenarios.results.cells import Cell, Row
from reliefperf.scenarios.results.intervals import has_samples, intervals_table
from reliefperf.scenarios.results.money import (
    CALCULATION_HEADER,
    allocation_rows,
    calculation_of,
    exact_money,
    explanation_of,
    money_places,
)
from reliefperf.scenarios.results.points import points_table, scores_table
from reliefperf.scenarios.results.rulebook import rulebook_tables
from reliefperf.scenarios.results.rules import FACTORS_HEADER, RULES_HEADER, pool_rows
from reliefperf.scenarios.results.treatments import treatments_table
from reliefperf.scenarios.results.weights import has_weights, weights_table
from reliefperf.scenarios.running import Run

Table = tuple[list[str], list[Row]]


def allocation_table(run: CascadeRun) -> Table:
    """Header and rows: level, parent, region, pool, entitlement, amount; pool `total` last."""
    header = ["level", "parent", "region", "pool", "entitlement", "amount"]
    return header, list(_by_region(run, allocation_rows))


def explanation_table(run: CascadeRun) -> Table:
    """Header and rows: level, parent, region, pool, step, amount; steps add up to the amount."""
    header = ["level", "parent", "region", "pool", "step", "amount"]
    return header, list(_by_region(run, explanation_of))


def calculation_table(run: CascadeRun) -> Table:
    """Header and rows: level, parent, then as an ordinary run says of pools that are not paid."""
    return ["level", "parent", *CALCULATION_HEADER], list(_by_region(run, calculation_of))


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


def rules_of(run: CascadeRun) -> Table:
    """Header and rows of rules.csv: level, parent, then what an ordinary run says of each rule.

    What a pool does and rests on stands once a level, without a parent.
    """
    header, rows = _of_parents(run, RULES_HEADER, lambda kept: kept.rules)
    pools = [
        (level.id, "", *row)
        for level in run.levels
        for row in pool_rows(level.level.model, level.level.model.language)
    ]
    return header, [*pools, *rows]


def factors_of(run: CascadeRun) -> Table:
    """Header and rows of factors.csv; a region and pool's rows add up to its entitlement."""
    return _of_parents(run, FACTORS_HEADER, lambda kept: kept.factors)


def relaxations_of_parents(run: CascadeRun) -> Table:
    """Header and rows of relaxations.csv: level, parent, then each limit that gave way."""
    return _of_parents(run, HEADER, lambda kept: kept.relaxations)


def _of_parents(
    run: CascadeRun, header: Sequence[str], rows_of: Callable[[Kept], Sequence[Row]]
) -> Table:
    rows = [
        (level.id, parent, *row)
        for level in run.levels
        for parent, received in level.parents.items()
        for row in rows_of(received.kept)
    ]
    return ["level", "parent", *header], rows


def certificate_of(run: CascadeRun) -> dict[str, Any]:
    """The solver's answers by level and parent; a parent settled without a program has none."""
    levels: dict[str, dict[str, Any]] = {}
    for level in run.levels:
        answers = {
            parent: received.kept.certificate
            for parent, received in level.parents.items()
            if received.kept.certificate is not None
        }
        if answers:
            levels[level.id] = answers
    return {"format": 1, "levels": levels}


def tables_of(run: CascadeRun) -> dict[str, Table]:
    """Every table of a cascade by the name of its file; those that say nothing are left out."""
    of_levels = [(level, _tables_of_level(level.run)) for level in run.levels]
    names = dict.fromkeys(name for _, tables in of_levels for name in tables)
    found = {name: _joined(of_levels, name) for name in names}
    found["allocation"] = allocation_table(run)
    found["explanation"] = explanation_table(run)
    calculation = calculation_table(run)
    if calculation[1]:
        found["calculation"] = calculation
    found["parents"] = parents_table(run)
    for name, table in (
        ("rules", rules_of(run)),
        ("factors", factors_of(run)),
        ("relaxations", relaxations_of_parents(run)),
    ):
        if table[1]:
            found[name] = table
    if has_level_equity(run):
        found["equity"], found["equity_groups"] = level_equity_tables(run)
    return found


def _tables_of_level(run: Run) -> dict[str, Table]:
    """What an ordinary run writes of data and scores, by the name of the file."""
    found: dict[str, Table] = {}
    if run.model.spec.evaluation is not None:
        found["scores"], found["points"] = scores_table(run), points_table(run)
        if has_weights(run.model):
            found["weights"] = weights_table(run)
        if has_samples(run.model):
            found["intervals"] = intervals_table(run)
    found |= rulebook_tables(run)
    header, treated = treatments_table(run)
    if treated:
        found["treatments"] = header, list(treated)
    return found


def _joined(of_levels: Sequence[tuple[LevelRun, Mapping[str, Table]]], name: str) -> Table:
    """The tables of a name of all levels, with the columns of all of them."""
    tables = [(level.id, *of_level[name]) for level, of_level in of_levels if name in of_level]
    header = list(dict.fromkeys(column for _, columns, _ in tables for column in columns))
    rows: list[Row] = []
    for level_id, columns, found in tables:
        places = [columns.index(name) if name in columns else None for name in header]
        for row in found:
            cells: list[Cell] = [None if place is None else row[place] for place in places]
            rows.append((level_id, *cells))
    return ["level", *header], rows
