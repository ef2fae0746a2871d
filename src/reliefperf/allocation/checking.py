"""How far recorded amounts may be from the best of each tier, exactly and without a solver.

A tier is proved by the bound of its exact program. The multipliers are the recorded prices; a later
tier adds "no earlier objective gets worse" with a multiple of that tier's own multipliers, found by
search, which mends prices that belong to the narrowed program. Where the search fails the run has
stored multipliers of its own (see multipliers.py). Whatever multipliers are used the bound holds,
so the search is in floats and the bound itself in whole numbers, rounded to the safe side.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from reliefperf.allocation.exact_program import PRICE, ExactObjective, ExactProgram
from reliefperf.allocation.exact_rows import MONEY, in_money
from reliefperf.allocation.float_program import FloatProgram
from reliefperf.allocation.program import Floats, Solution
from reliefperf.allocation.scaling import money_unit

MULTIPLES = (0.0, *(2.0**k for k in range(-2, 15)))
"""Multiples of an earlier tier's multipliers that are tried."""

GAP = 1e-8
"""A tier's gap may be this part of all money of the program (at least 1e-6)."""


@dataclass(frozen=True)
class Gap:
    """How far a tier may be from its best: nothing allowed is better by more than `gap` money.

    `reached` is the tier's exact value at the recorded amounts (shortfall and deviation in money, a
    coverage times the sum of the needs, with the sign of a minimum).
    """

    tier: str
    reached: Fraction
    gap: Fraction


def all_money(problem: ExactProgram, amounts: Sequence[int]) -> float:
    """The money of a program: the sum of its amounts (n,) in MONEY or of what they are near to.

    At least 100 of the unit that the program was solved in: contributions that an objective lets go
    leave amounts of 0 in a program of much money.
    """
    paid: float = float(sum(abs(x) for x in amounts)) / MONEY
    near = float(np.abs(problem.program.targets).sum())
    return max(100.0 * money_unit(problem.program), paid, near)


def largest_gap(money: float, objective: ExactObjective | None = None) -> float:
    """The gap that a tier may have in a program of so much money.

    An objective with costs, such as points per unit of money, counts it times the largest of them.
    """
    costs = None if objective is None else objective.costs
    times = 1.0
    if objective is not None and costs is not None:
        times = max(1.0, max(map(abs, costs), default=0) / objective.scale)
    return max(1e-6, GAP * money) * times


def tier_gaps(problem: ExactProgram, solution: Solution) -> list[Gap]:
    """For each tier how much better any amounts could be that keep all rules and earlier tiers.

    Raises ValueError if prices or multipliers do not fit the program.
    """
    amounts = in_money(solution.amounts)
    n_tiers = len(problem.objectives)
    if len(solution.prices) != n_tiers:
        raise ValueError(f"{len(solution.prices)} tiers recorded, the program has {n_tiers}")
    values = [problem.value(objective, amounts) for objective in problem.objectives]
    floats = np.array([float(v) for v in values])
    known: list[tuple[Floats, Floats]] = []
    gaps = []
    covered, none = any(o.needs is not None for o in problem.objectives), np.zeros(0)
    for k, objective in enumerate(problem.objectives):
        weights = np.zeros(n_tiers)
        weights[k] = 1.0
        stated = solution.multipliers.get(k)
        if stated is None:
            size = float(sum(objective.needs)) if objective.needs is not None else 1.0
            sign = -size if objective.needs is not None else 1.0
            raw = sign * problem.prices(solution.prices[k])
            multipliers, weights = _mended(problem.float, raw, weights, known, floats)
        else:
            if len(stated.tiers) != k or min(stated.tiers, default=0.0) < 0.0:
                raise ValueError(f"tier '{objective.name}' needs {k} multiples of at least 0")
            multipliers = problem.prices(stated.rows)
            weights[:k] = stated.tiers
        known.append((multipliers, weights))
        whole_weights = [round(w * PRICE) for w in weights.tolist()]
        shares = problem.float.bound(multipliers, weights)[1] if covered else none
        bound = problem.bound(
            [round(y * PRICE) for y in multipliers.tolist()], whole_weights, shares
        )
        reached = sum(
            (Fraction(w, PRICE) * v for w, v in zip(whole_weights, values, strict=True)),
            Fraction(0),
        )
        # targets were rounded to a part of MONEY
        slip = Fraction(len(objective.columns), MONEY) * math.ceil(float(weights.sum()))
        gaps.append(Gap(objective.name, values[k], reached - bound + slip))
    return gaps


def _mended(
    program: FloatProgram,
    raw: Floats,
    weights: Floats,
    known: Sequence[tuple[Floats, Floats]],
    values: Floats,
) -> tuple[Floats, Floats]:
    """The raw prices plus the multiples of earlier tiers' multipliers with the least gap."""

    def gap(chosen: Sequence[float]) -> tuple[float, Floats, Floats]:
        y = raw + sum((a * known[i][0] for i, a in enumerate(chosen)), np.zeros(raw.size))
        w = weights + sum((a * known[i][1] for i, a in enumerate(chosen)), np.zeros(weights.size))
        return float(w @ values) - program.bound(y, w)[0], y, w

    chosen = [0.0] * len(known)
    best = gap(chosen)
    still = 1e-9 * (1.0 + float(np.abs(values).sum()))
    # coordinate by coordinate the search may get stuck, so it starts from the best common multiple
    for first in MULTIPLES if len(known) > 1 else ():
        for later in (first, 1.0):
            if best[0] <= still:
                break
            trial = [first, *[later] * (len(known) - 1)]
            found = gap(trial)
            if found[0] < best[0] - still:
                best, chosen = found, trial
    for _ in range(2):
        for i in reversed(range(len(known))):
            for multiple in MULTIPLES:
                # large multiples make much of noise, so that a small gap is not made smaller
                if best[0] <= still:
                    break
                trial = [*chosen[:i], multiple, *chosen[i + 1 :]]
                found = gap(trial)
                if found[0] < best[0] - still:
                    best, chosen = found, trial
    return best[1], best[2]
