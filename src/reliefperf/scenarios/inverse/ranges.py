"""The range of budgets over which the same rules bind, and the breaks around it."""

from __future__ import annotations

from fractions import Fraction

from reliefperf.scenarios.inverse.breaks import Break, Range
from reliefperf.scenarios.inverse.budgets import Budgets
from reliefperf.scenarios.inverse.level_breaks import least_paid, level_breaks
from reliefperf.scenarios.inverse.tried_breaks import last_looked_at, tried_breaks


def range_of(budgets: Budgets, most: int = 12) -> Range:
    """The range around the present budget, and up to `most` budgets with breaks on either side.

    Raises SolverError.
    """
    if budgets.simple:
        found = sorted(one for one in level_breaks(budgets) if one.budget >= 0)
        short = least_paid(budgets, found)
        lows = [one.budget for one in found if one.change == "least"]
        if short is not None and short.budget >= max(lows, default=short.budget):
            found = [short, *(one for one in found if one.budget >= short.budget)]
    else:
        found = sorted([*tried_breaks(budgets, -1, most), *tried_breaks(budgets, 1, most)])
    return _around(budgets, found, most)


def _around(budgets: Budgets, found: list[Break], most: int) -> Range:
    present = budgets.present
    below = [one for one in found if _last(one) < present]
    above = [one for one in found if one.budget > present]
    at = [one for one in found if one.budget <= present <= _last(one)]
    low = max((one.budget for one in below), default=None)
    high = min((_last(one) if not one.exact else one.budget for one in above), default=None)
    if any(one.change != "short" for one in at):
        low = high = present
    elif at:
        low = present
    nearest = sorted({one.budget for one in below}, reverse=True)[:most]
    farthest = sorted({one.budget for one in above})[:most]
    kept = {*nearest, *farthest, *(one.budget for one in at)}
    chosen = tuple(one for one in found if one.budget in kept)
    exact = budgets.simple and all(one.exact for one in chosen)
    looked = None if budgets.simple else budgets.budget(last_looked_at(budgets))
    return Range(present, chosen, low, high, exact, looked)


def _last(one: Break) -> Fraction:
    """The greatest budget that is still before a break."""
    return one.budget if one.exact else one.after
