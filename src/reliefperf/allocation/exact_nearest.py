"""The nearest amounts exactly, where only a few rows tie them together.

The solver's point is off by a part of 10^12. It says which limits bind; with these as equations the
nearest point follows in whole numbers over whole numbers, and every condition of the minimum is
checked in them. A group's share of 300 billion ends at its cap to the last digit, and remainders
of whole units are those of the amounts, not of noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from reliefperf.allocation.exact_face import Face, face_of, terms_of
from reliefperf.allocation.program import (
    Coverage,
    Deviation,
    Floats,
    Linear,
    Program,
    exact,
)
from reliefperf.allocation.ratios import Ratios
from reliefperf.allocation.scaling import grid

if TYPE_CHECKING:
    from reliefperf.allocation.coupled import Coupled
    from reliefperf.allocation.program import Solution


SAME = 1e-9
"""The exact point is that of the solver if no amount is further off than this part of the largest."""

_ROUNDS, _SINGLE_ROUNDS = 6, 20

type Side = int
"""Where a limit binds: -1 at its low side, 1 at its high one, 0 at both."""


def exact_amounts(coupled: Coupled, n_rules: int, solution: Solution) -> Ratios | None:
    """The amounts of a solved program exactly; None where they are not simple enough, or not found.

    They are the nearest that the rules allow. Where objectives leave others, the solver's point is
    another one, and stays.
    """
    program = coupled.program(n_rules)
    face = face_of(coupled, n_rules, program, solution)
    if face is None:
        return None
    found = nearest(face, solution.amounts)
    if found is None:
        return None
    exactly = Ratios.of(found)
    floats = exactly.floats()
    off = float(np.abs(floats - solution.amounts).max(initial=0.0))
    if off > SAME * float(np.abs(solution.amounts).max(initial=0.0)):
        return None
    return exactly if _keeps_tiers(program, floats, solution.amounts) else None


def _keeps_tiers(program: Program, exactly: Floats, found: Floats) -> bool:
    """Whether amounts reach what the solver's amounts reach, in every objective by its own size."""
    for tier in program.tiers:
        values = []
        for amounts in (exactly, found):
            if isinstance(tier, Linear):
                values.append(
                    (float(tier.costs @ amounts), float(np.abs(tier.costs) @ np.abs(amounts)))
                )
            elif isinstance(tier, Deviation):
                gaps = np.abs(amounts - tier.targets)[tier.columns]
                values.append((float(gaps.sum()), float(np.abs(tier.targets[tier.columns]).sum())))
            elif isinstance(tier, Coverage):
                used = tier.columns & (tier.needs > 0)
                least = float((amounts[used] / tier.needs[used]).min(initial=np.inf))
                values.append((least, abs(least)))
            else:
                return False
        (one, size), (other, _) = values
        if abs(one - other) > SAME * size:
            return False
    return True


def nearest(face: Face, start: Floats) -> list[Fraction] | None:
    """The amounts (n,) of the minimum, found from amounts near it; None where none are proved."""
    off = exact(grid(start))
    near = [exact(value) for value in start.tolist()]
    fixed: dict[int, Side] = {}
    for j, (low, value, high) in enumerate(zip(face.low, near, face.high, strict=True)):
        at_low = low is not None and value - low <= off
        at_high = high is not None and high - value <= off
        if at_low or at_high:
            fixed[j] = 0 if low == high else -1 if at_low else 1
    active: dict[int, Side] = {}
    for i, row in enumerate(face.rows):
        value = sum((near[j] * c for j, c in terms_of(row)), Fraction(0))
        slack = off * sum(map(abs, row.coefficients), Fraction(0))
        at_low = row.lower is not None and value - row.lower <= slack
        at_high = row.upper is not None and row.upper - value <= slack
        if at_low or at_high:
            active[i] = 0 if row.lower == row.upper else -1 if at_low else 1
    for attempt in range(_ROUNDS + _SINGLE_ROUNDS):
        solved = _solved(face, active, fixed)
        if solved is None:
            return None
        amounts, prices = solved
        changes = list(_changes(face, active, fixed, amounts, prices))
        if not changes:
            return amounts
        for chosen, place, side in changes if attempt < _ROUNDS else changes[:1]:
            if side is None:
                del chosen[place]
            else:
                chosen[place] = side
    return None


def _changes(
    face: Face,
    active: dict[int, Side],
    fixed: dict[int, Side],
    amounts: Sequence[Fraction],
    prices: dict[int, Fraction],
) -> list[tuple[dict[int, Side], int, Side | None]]:
    """What is wrong with a choice of limits that bind: limits exceeded, limits that pull inwards."""
    found: list[tuple[dict[int, Side], int, Side | None]] = []
    pulls = [Fraction(0)] * len(amounts)
    for i, row in enumerate(face.rows):
        price = prices.get(i)
        value = sum((amounts[j] * c for j, c in terms_of(row)), Fraction(0))
        if price is None:
            if row.lower is not None and value < row.lower:
                found.append((active, i, 0 if row.lower == row.upper else -1))
            elif row.upper is not None and value > row.upper:
                found.append((active, i, 0 if row.lower == row.upper else 1))
            continue
        for j, c in terms_of(row):
            pulls[j] += c * price
        if active[i] * price > 0:
            found.append((active, i, None))
    for j, (low, value, high) in enumerate(zip(face.low, amounts, face.high, strict=True)):
        side = fixed.get(j)
        if side is None:
            if low is not None and value < low:
                found.append((fixed, j, 0 if low == high else -1))
            elif high is not None and value > high:
                found.append((fixed, j, 0 if low == high else 1))
        elif side:
            slope = 2 * (value - face.targets[j]) / face.weights[j] - pulls[j]
            if slope * side > 0:
                found.append((fixed, j, None))
    return found


def _solved(
    face: Face, active: dict[int, Side], fixed: dict[int, Side]
) -> tuple[list[Fraction], dict[int, Fraction]] | None:
    """The minimum with the binding limits as equations, and the prices of the rows.

    None where the equations contradict one another.
    """
    amounts = list(face.targets)
    for j, side in fixed.items():
        end = face.high[j] if side > 0 else face.low[j]
        assert end is not None
        amounts[j] = end
    of_column: dict[int, list[tuple[int, Fraction]]] = {}
    rest: dict[int, Fraction] = {}
    for i, side in active.items():
        row = face.rows[i]
        end = row.upper if side > 0 else row.lower
        assert end is not None
        rest[i] = end - sum((amounts[j] * c for j, c in terms_of(row)), Fraction(0))
        for j, c in terms_of(row):
            if j not in fixed:
                of_column.setdefault(j, []).append((i, c))
    square: dict[int, dict[int, Fraction]] = {i: {} for i in active}
    for j, terms in of_column.items():
        half = face.weights[j] / 2
        for i, c in terms:
            line = square[i]
            for k, d in terms:
                line[k] = line.get(k, Fraction(0)) + c * d * half
    prices = _equations(square, rest)
    if prices is None:
        return None
    for j, terms in of_column.items():
        half = face.weights[j] / 2
        amounts[j] += half * sum((c * prices[i] for i, c in terms), Fraction(0))
    return amounts, prices


def _equations(
    square: dict[int, dict[int, Fraction]], rest: dict[int, Fraction]
) -> dict[int, Fraction] | None:
    """What solves square @ prices = rest, 0 for rows that follow from others; None for no solution."""
    left = dict(rest)
    order: list[int] = []
    places = list(square)
    for i in places:
        pivot = square[i].get(i, Fraction(0))
        if not pivot:
            # a square of products: without a pivot the whole line is 0
            if left[i]:
                return None
            continue
        order.append(i)
        for k in places:
            if k == i or k in order or i not in square[k] or not square[k][i]:
                continue
            factor = square[k][i] / pivot
            left[k] -= factor * left[i]
            line = square[k]
            for column, value in square[i].items():
                line[column] = line.get(column, Fraction(0)) - factor * value
    prices = dict.fromkeys(places, Fraction(0))
    for i in reversed(order):
        line = square[i]
        known = sum((line[k] * prices[k] for k in line if k != i), Fraction(0))
        prices[i] = (left[i] - known) / line[i]
    return prices
