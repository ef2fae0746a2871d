"""Contributions: a shared total below zero, which regions pay in proportion to their weights.

A contribution is an amount below zero, so that a floor is the most that a region pays in and a cap
the least. Shared out is the total without its sign, which is the same arithmetic as for grants.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from reliefperf.allocation.ratios import Partial, Ratios
from reliefperf.allocation.waterfill import Filled, waterfill

if TYPE_CHECKING:
    from reliefperf.allocation.bounds import Bounds
    from reliefperf.allocation.pool import Pool


def keep_signs(pool: Pool, bounds: Bounds) -> None:
    """Who pays in gets nothing, and who gets pays nothing in: by the sign of the group's total."""
    for group, total in enumerate(pool.totals):
        assert total is not None
        for i in np.flatnonzero(pool.groups == group).tolist():
            if total < 0:
                bounds.high.tops[i], bounds.high.bottoms[i] = 0, 1
            else:
                bounds.low.tops[i], bounds.low.bottoms[i] = 0, 1


def contributions(wanted: Ratios, low: Ratios, high: Partial, total: Fraction) -> Filled:
    """`total` below zero in proportion to the entitlements, within the limits.

    `left` has the sign of what it is of the contributions: above 0 where nobody may pay more.

    >>> low, high = Ratios.of([-60, -9]), Partial.of([0, 0])
    >>> found = contributions(Ratios.of([-25, -25]), low, high, Fraction(-50))
    >>> [str(amount) for amount in found.amounts]
    ['-41', '-9']
    """
    most = Ratios([-top for top in high.tops], [bottom or 1 for bottom in high.bottoms])
    filled = waterfill(_turned(wanted), most, list(_turned(low)), -total)
    return Filled(_turned(filled.amounts), filled.level, filled.left)


def _turned(amounts: Ratios) -> Ratios:
    return Ratios([-top for top in amounts.tops], list(amounts.bottoms))
