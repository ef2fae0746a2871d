"""The limits of a program in exact numbers, and what its amounts are to be near to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from reliefperf.allocation.coupled_program import UNMOVED, phase_of
from reliefperf.allocation.program import (
    ZERO_WEIGHT,
    ExactRow,
    Floats,
    LimitRows,
    Program,
    exact,
)
from reliefperf.allocation.ratios import Ratios
from reliefperf.allocation.relaxing import RELAXED
from reliefperf.allocation.scaling import grid

if TYPE_CHECKING:
    from reliefperf.allocation.coupled import Coupled
    from reliefperf.allocation.program import Solution

FEW_ROWS, FEW_COLUMNS = 30, 5000
"""Programs with more rows of several amounts, or more amounts, stay with the solver's point."""


@dataclass(frozen=True)
class Face:
    """min sum (x - target)^2 / weight over low <= x <= high and the rows; all of n amounts."""

    targets: Sequence[Fraction]
    weights: Sequence[Fraction]
    low: list[Fraction | None]
    high: list[Fraction | None]
    rows: list[ExactRow]


def face_of(coupled: Coupled, n_rules: int, program: Program, solution: Solution) -> Face | None:
    """The face of a solved program; None where it is not simple enough."""
    phase, chosen = phase_of(n_rules)
    n = len(program.columns)
    if phase or chosen == RELAXED or n != coupled.n_amounts or n > FEW_COLUMNS or program.parts:
        return None
    if any(family.soft is not None for family in program.families):
        return None
    spread = {
        f"pool {tier.name.removeprefix('distribute ')}"
        for tier in program.tiers
        if tier.name.startswith("distribute ")
    }
    stated = [*coupled.fixed]
    limits: list[LimitRows] = []
    for _, rows in coupled.rules[:chosen]:
        if isinstance(rows, LimitRows):
            limits.append(rows)
        else:
            stated += rows
    tied = [row for row in stated if len(row.columns) > 1]
    if len(tied) > FEW_ROWS:
        return None
    rows = []
    for row in tied:
        own = row if row.rule not in spread else _given_away(row, solution.amounts)
        if own is None:
            return None
        rows.append(own)
    low, high = _bounds(coupled, program)
    for row in stated:
        if len(row.columns) == 1:
            (j,), (c,) = row.columns, row.coefficients
            ends = [None if side is None else side / c for side in (row.lower, row.upper)]
            _tighten(low, high, j, *(ends if c > 0 else reversed(ends)))
    for limit in limits:
        for place, j in enumerate(limit.columns):
            least = None if limit.lower is None else limit.lower[place]
            most = None if limit.upper is None else limit.upper[place]
            _tighten(low, high, j, least, most)
    targets = list(Ratios.of(coupled.nearest_to))
    weights = _weights(coupled, targets) if program.weights is not None else _sizes(targets)
    return Face(targets, weights, low, high, rows)


def _given_away(row: ExactRow, amounts: Floats) -> ExactRow | None:
    """A total that is given away as far as can be: as one that is met, or None where it is not."""
    side = row.upper if (row.upper or 0) > 0 else row.lower
    if side is None:
        return None
    value = sum(float(c) * amounts[j] for j, c in terms_of(row))
    if abs(value - float(side)) > grid(amounts) * len(row.columns):
        return None
    return replace(row, lower=side, upper=side)


def _sizes(targets: Sequence[Fraction]) -> list[Fraction]:
    """What squared distances are divided by: the targets, or next to nothing for those of zero."""
    known = [abs(target) for target in targets if target]
    mean = sum(known, Fraction(0)) / len(known) if known else Fraction(1)
    return [abs(target) or exact(ZERO_WEIGHT) * mean for target in targets]


def _weights(coupled: Coupled, targets: Sequence[Fraction]) -> list[Fraction]:
    """The same where pools say who bears what limits move; see Coupled._carriers."""
    weights = list(targets)
    for pool_id, pool in coupled.pools.items():
        places = [(i, c) for i, c in enumerate(coupled.columns[pool_id].tolist()) if c >= 0]
        if pool.bear is None:
            sizes = _sizes([pool.start[i] for i, _ in places])
            for (_, column), size in zip(places, sizes, strict=True):
                weights[column] = size
            continue
        bear = {column: pool.bear[i] for i, column in places}
        borne = sum(bear.values(), Fraction(0))
        whole = sum((abs(pool.start[i]) for i, _ in places), Fraction(0))
        whole = whole or sum((abs(targets[column]) for column in bear), Fraction(0))
        times = whole / borne if whole and borne else Fraction(1)
        n_bearing = sum(1 for value in bear.values() if value)
        mean = borne * times / n_bearing if n_bearing else Fraction(1)
        for column, value in bear.items():
            weights[column] = value * times or exact(UNMOVED) * mean
    return weights


def _bounds(
    coupled: Coupled, program: Program
) -> tuple[list[Fraction | None], list[Fraction | None]]:
    """The columns' own bounds; those that stand for no end are None."""
    most = float(np.abs(program.upper).max(initial=0.0))
    low: list[Fraction | None] = []
    high: list[Fraction | None] = []
    for j, (least, end) in enumerate(
        zip(program.lower.tolist(), program.upper.tolist(), strict=True)
    ):
        if least == end:
            start = exact(least) if float(coupled.start[j]) != least else coupled.start[j]
            low.append(start)
            high.append(start)
        else:
            low.append(None if least <= -most else exact(least))
            high.append(None if end >= most else exact(end))
    return low, high


def _tighten(
    low: list[Fraction | None],
    high: list[Fraction | None],
    j: int,
    least: Fraction | None,
    most: Fraction | None,
) -> None:
    mine, other = low[j], high[j]
    if least is not None and (mine is None or least > mine):
        low[j] = least
    if most is not None and (other is None or most < other):
        high[j] = most


def terms_of(row: ExactRow) -> list[tuple[int, Fraction]]:
    """The columns of a row with their coefficients."""
    return list(zip(row.columns, row.coefficients, strict=True))
