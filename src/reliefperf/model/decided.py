"""One adjustment by hand, as it was read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Decided:
    """A row of the table of decisions.

    Either `change` (points of an indicator or of the score) or `value` (of a variable) is given.
    `row` is the row of `source` as a spreadsheet numbers it.
    """

    source: str
    row: int
    region: str
    period: str
    target: str
    change: float | None
    value: float | str | None
    reason: str
    decided_by: str
    date: str
