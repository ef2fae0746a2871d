"""Programs in a unit of money that suits the solvers, and their solutions in the caller's again.

Solvers work with absolute tolerances; money in yuan of 1e8 and more is beyond them. The unit is a
power of ten, so that decimal amounts stay decimal.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from reliefperf.allocation.program import (
    Coverage,
    Deviation,
    Floats,
    Linear,
    Missed,
    Program,
    RowFamily,
    Shortfall,
    Solution,
    Tier,
    TierValue,
)

SMALLEST, LARGEST = 1.0, 1e6
"""Programs whose largest wanted amount is from SMALLEST to LARGEST are solved as they are."""

GRID = 1e-12
"""Amounts go to a decimal grid of this part of the next power of ten above the largest amount."""


def money_unit(program: Program) -> float:
    """The power of ten to divide money by; 1 if amounts are of a good size already."""
    sizes = [program.targets, program.lower]
    for family in program.families:
        if family.soft is None:
            # What must be reached counts; a cap may be far from everything.
            sizes += [np.maximum(family.lower, 0.0), np.maximum(-family.upper, 0.0)]
    largest = max(float(np.abs(size).max(initial=0.0)) for size in sizes)
    if largest == 0.0 or SMALLEST <= largest <= LARGEST:
        return 1.0
    return 10.0 ** (math.ceil(math.log10(largest)) - round(math.log10(LARGEST)))


def scaled(program: Program, unit: float) -> Program:
    """The program with money counted in `unit`."""
    return replace(
        program,
        lower=program.lower / unit,
        upper=program.upper / unit,
        targets=program.targets / unit,
        weights=None if program.weights is None else program.weights / unit,
        families=tuple(in_unit(family, unit) for family in program.families),
        tiers=tuple(_scaled_tier(tier, unit) for tier in program.tiers),
    )


def in_unit(family: RowFamily, unit: float) -> RowFamily:
    """The rows with money counted in `unit`."""
    return replace(family, lower=family.lower / unit, upper=family.upper / unit)


def unscaled(solution: Solution, program: Program, unit: float) -> Solution:
    """The solution of `scaled(program, unit)` in the money of `program`.

    Prices are per unit of money on both sides, except the coverage's, which is a ratio.
    """
    amounts = np.clip(to_grid(solution.amounts * unit), program.lower, program.upper)
    coverages = {tier.name for tier in program.tiers if isinstance(tier, Coverage)}
    factors = [1.0 if tier.name in coverages else unit for tier in solution.tiers]
    return Solution(
        amounts=amounts,
        tiers=tuple(
            TierValue(tier.name, tier.value * by, tier.reached * by, tier.tolerance * by)
            for tier, by in zip(solution.tiers, factors, strict=True)
        ),
        missed=tuple(Missed(m.rule, m.row, m.amount * unit) for m in solution.missed),
        violation=solution.violation * unit,
        prices=tuple(
            tuple(price * (by / unit) for price in of_families)
            for of_families, by in zip(solution.prices, factors, strict=True)
        ),
    )


def _scaled_tier(tier: Tier, unit: float) -> Tier:
    match tier:
        case Deviation():
            return replace(tier, targets=tier.targets / unit)
        case Coverage():
            return replace(tier, needs=tier.needs / unit)
        case Linear() | Shortfall():
            return tier


def to_grid(amounts: Floats) -> Floats:
    """Amounts on a decimal grid far finer than money and coarser than rounding noise."""
    digits = _digits(amounts)
    return amounts + 0.0 if digits is None else np.round(amounts, digits) + 0.0


def grid(amounts: Floats) -> float:
    """The step of the decimal grid of amounts, in their money; 0 if all are 0."""
    digits = _digits(amounts)
    return 0.0 if digits is None else 10.0**-digits


def _digits(amounts: Floats) -> int | None:
    largest = float(np.abs(amounts).max(initial=0.0))
    if largest == 0.0:
        return None
    return -(math.ceil(math.log10(largest)) + round(math.log10(GRID)))
