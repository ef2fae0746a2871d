"""Limits on every region's amount of a pool, with the rule that sets each, exactly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from reliefperf.allocation.program import ExactRow, LimitRows
from reliefperf.allocation.ratios import Partial, Ratios

FAR_BELOW = -(10**18)
"""The low limit of amounts that may be negative: further below zero than any amount can be."""


@dataclass(frozen=True)
class Bounds:
    """Limits on every region's amount with the rule that sets each; None is no limit."""

    low: Ratios
    high: Partial
    low_rule: list[str]
    high_rule: list[str]
    firm: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Of regions whose low is rounded down to whole units: the low that none may fall below."""

    @classmethod
    def open(cls, n_regions: int, *, negative: bool = False) -> Bounds:
        """No cap, and no amount below zero unless it may be `negative`."""
        least = FAR_BELOW if negative else 0
        nothing = [""] * n_regions
        low = Ratios.over([least] * n_regions, 1)
        return cls(low, Partial([0] * n_regions, [0] * n_regions), nothing, list(nothing))

    def tighten(self, row: ExactRow) -> int | None:
        """Take in a row on a single amount; the region, if a limit of it has moved."""
        (i,), (factor,) = row.columns, row.coefficients
        low = None if row.lower is None else row.lower / factor
        high = None if row.upper is None else row.upper / factor
        raised = low is not None and self._raise(
            i, low.numerator, low.denominator, row.rule, row.rounds_down
        )
        lowered = high is not None and self._lower(i, high.numerator, high.denominator, row.rule)
        return i if raised or lowered else None

    def take(self, rows: Sequence[ExactRow]) -> list[int]:
        """Take in a rule's rows on single amounts; the regions of which a limit has moved."""
        if not isinstance(rows, LimitRows):
            return [place for row in rows if (place := self.tighten(row)) is not None]
        moved: list[int] = []
        for side, move in ((rows.lower, self._raise), (rows.upper, self._lower)):
            if side is not None:
                ends = zip(rows.columns, side.tops, side.bottoms, strict=True)
                moved += [
                    i for i, top, bottom in ends if bottom and move(i, top, bottom, rows.rule)
                ]
        return moved

    def _raise(self, i: int, top: int, bottom: int, rule: str, rounds_down: bool = False) -> bool:
        if i in self.firm and not rounds_down and top * self.firm[i][1] > self.firm[i][0] * bottom:
            self.firm[i] = top, bottom
        if top * self.low.bottoms[i] <= self.low.tops[i] * bottom:
            return False
        if rounds_down:
            self.firm.setdefault(i, (self.low.tops[i], self.low.bottoms[i]))
        else:
            self.firm.pop(i, None)
        self.low.tops[i], self.low.bottoms[i], self.low_rule[i] = top, bottom, rule
        return True

    def _lower(self, i: int, top: int, bottom: int, rule: str) -> bool:
        before = self.high.bottoms[i]
        if before and top * before >= self.high.tops[i] * bottom:
            return False
        self.high.tops[i], self.high.bottoms[i], self.high_rule[i] = top, bottom, rule
        return True

    def hold(self, places: Iterable[int], amounts: Ratios) -> bool:
        """Whether the amounts of these regions are within their limits."""
        low, high = self.low, self.high
        for i in places:
            top, bottom = amounts.tops[i], amounts.bottoms[i]
            if low.tops[i] * bottom > top * low.bottoms[i]:
                return False
            if high.bottoms[i] and top * high.bottoms[i] > high.tops[i] * bottom:
                return False
        return True

    def crossed(self) -> list[int]:
        """The regions whose limits leave them no amount."""
        low, high = self.low, self.high
        ends = zip(low.tops, low.bottoms, high.tops, high.bottoms, strict=True)
        return [i for i, (a, b, c, d) in enumerate(ends) if d and c * b < a * d]
