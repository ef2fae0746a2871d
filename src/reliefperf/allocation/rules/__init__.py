"""Rules on amounts, one idea a file; importing this package makes them known to the loader."""

from reliefperf.allocation.rules import (
    bounds,
    group_share,
    last_year,
    minimum_grant,
    order,
    ratio,
)
from reliefperf.allocation.rules.base import AmountRule, Ground

__all__ = [
    "AmountRule",
    "Ground",
    "bounds",
    "group_share",
    "last_year",
    "minimum_grant",
    "order",
    "ratio",
]
