"""Starts for the solver from programs like the one to be solved.

A start changes how soon an optimum is found, not which points are optimal.
"""

from __future__ import annotations

from typing import Any


class Warm:
    """The first bases found for programs of one shape, a tier each."""

    def __init__(self) -> None:
        self._bases: dict[tuple[tuple[int, ...], int], Any] = {}

    def __reduce__(self) -> tuple[type[Warm], tuple[()]]:
        """Copies start cold: a basis belongs to the process that found it."""
        return Warm, ()

    def start(self, shape: tuple[int, ...], tier: int) -> Any:
        """The basis to start a tier of a matrix of this shape from; None where there is none."""
        return self._bases.get((shape, tier))

    def keep(self, shape: tuple[int, ...], tier: int, basis: Any) -> None:
        """Keep the basis that a tier ended with, where it is the first."""
        self._bases.setdefault((shape, tier), basis)
