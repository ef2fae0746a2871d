"""What a break is: a budget at which another limit begins to bind, or ceases to."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Change = Literal["binds", "frees", "short", "least", "most", "left"]
"""As the budget rises: a limit begins to bind, ceases to; below it the pools pay more than the budget,
the lows cost more than there is; above it the caps leave no room; money is left over from there on."""


@dataclass(frozen=True, order=True)
class Break:
    """What changes at a budget. `exact`: at this very budget; else between `after` and it."""

    budget: Fraction
    pool: str
    rule: str
    region: str
    change: Change
    exact: bool
    after: Fraction


@dataclass(frozen=True)
class Range:
    """Break points in order, and the range around the present budget without any.

    `low` and `high` are None where no break point lies on that side, as far as was looked. Where
    the present budget is itself a break point, `low` and `high` are the present budget; not so where
    it is the least that can be paid: then the range begins with it. `looked` is how far up budgets
    were looked at, None where there was no need to.
    """

    present: Fraction
    breaks: tuple[Break, ...]
    low: Fraction | None
    high: Fraction | None
    exact: bool
    looked: Fraction | None = None
