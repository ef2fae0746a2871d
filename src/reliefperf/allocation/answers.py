"""Who answers a program: a solver or, where a run is checked, what the run has recorded."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from reliefperf.allocation.coupled import Coupled
    from reliefperf.allocation.program import ExactRow, Solution
    from reliefperf.allocation.rounding import Rounded, Total


class Answers(Protocol):
    """Stands in for the solver in one period."""

    @property
    def relaxed(self) -> bool:
        """Whether rules gave way in the period."""
        ...

    @property
    def n_choices(self) -> int:
        """How many programs were solved before, with another choice of who gets nothing."""
        ...

    def choice(self, number: int) -> Answers:
        """The answers of one of these programs."""
        ...

    def solution(self, coupled: Coupled, n_rules: int) -> Solution:
        """The amounts of the program with the first `n_rules` rules."""
        ...

    def rounded(
        self,
        amounts: Sequence[Fraction],
        rows: Sequence[ExactRow],
        totals: Sequence[Total],
        tie_keys: Sequence[Any],
        wishes: Sequence[Sequence[ExactRow]],
        unit: Fraction,
    ) -> Rounded:
        """The whole units for amounts, rows and totals as controlled_rounding takes them.

        Each of the `wishes` is among the rows that they keep wherever units were found that do.
        """
        ...
