"""What makes whole units nearer than others to the amounts before rounding, in exact terms.

First the least sum of distances; of equals the least sum of squares; of equals the first places
(by `ties`, then by code). Distances are compared to a part of 1 / GRID of a unit, so that the last
binary digits of an amount never decide who gets a unit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from reliefperf.allocation.program import Floats, Ints

GRID = 100_000
"""Parts of a unit that distances are told apart by."""

MOST = 9 * 10**13
"""So many units of one amount, counted in parts of 1 / GRID, are too many for a whole number of the
machine."""


REACHES = (1, 3, 10, 100, 100_000)
"""How many units beyond its two neighbours a number may go, tried one after the other."""

FAR_REACHES = (10, 100, 100_000)
"""The same for few numbers, where the least move of all can be looked for at once."""

FEW = 500
"""Up to so many numbers count as few."""


def reaches(n: int) -> tuple[int, ...]:
    """How far beyond their neighbours n numbers are looked for, nearest first."""
    return (0, *(FAR_REACHES if n <= FEW else REACHES))


@dataclass(frozen=True, eq=False)
class Nearness:
    """Quotas (n,) in parts of 1 / GRID of a unit, and the place (n,) of each among equals, from 0.

    Of equally near units those with the least sum of units x log of the place-th prime number are
    taken: units go to the first places, and as no two products of primes are equal no two answers
    are alike.
    """

    quotas: Ints
    places: Ints

    @classmethod
    def of(cls, quotas: Sequence[Fraction], places: Sequence[int]) -> Nearness:
        """Those of exact quotas in units."""
        parts = [(2 * q.numerator * GRID + q.denominator) // (2 * q.denominator) for q in quotas]
        return cls(np.array(parts, dtype=np.int64), np.asarray(places, dtype=np.int64))

    @cached_property
    def base(self) -> Ints:
        """The whole parts (n,); the neighbours of a quota are this and one more."""
        return self.quotas // GRID

    @cached_property
    def parts(self) -> Floats:
        """What the quotas are above their whole parts (n,), in units."""
        return (self.quotas - self.base * GRID) / GRID

    @cached_property
    def primes(self) -> Ints:
        """The prime number (n,) of each place."""
        n = max(self.quotas.size, 6)
        most = int(n * (math.log(n) + math.log(math.log(n)))) + 10
        is_prime = np.ones(most, dtype=bool)
        is_prime[:2] = False
        for k in range(2, math.isqrt(most) + 1):
            if is_prime[k]:
                is_prime[k * k :: k] = False
        found: Ints = np.flatnonzero(is_prime)[self.places]
        return found

    @cached_property
    def logs(self) -> Floats:
        """The cost (n,) of a unit where all else is equal."""
        return np.log(self.primes)

    def comes_first(self, changes: Iterable[tuple[int, int]]) -> bool:
        """Whether changes of units give to earlier places than they take from."""
        given = taken = 1
        for j, change in changes:
            if change > 0:
                given *= int(self.primes[j]) ** change
            else:
                taken *= int(self.primes[j]) ** -change
        return given < taken

    def reach(
        self, units: Sequence[int], low: Sequence[int | None], high: Sequence[int | None]
    ) -> tuple[list[int], list[int]]:
        """The least and the most units (n,) within the first of `reaches` that these units keep to.

        A limit may lie beyond the reach; then its nearest number is within reach too.
        """
        base = self.base.tolist()
        found: tuple[list[int], list[int]] = list(units), list(units)
        for reach in reaches(len(base)):
            least, most = [], []
            for b, lo, hi in zip(base, low, high, strict=True):
                first, last = b - reach, b + 1 + reach
                if hi is not None:
                    first = min(first, hi)
                if lo is not None:
                    last = max(last, lo)
                least.append(first if lo is None else max(lo, first))
                most.append(last if hi is None else min(hi, last))
            found = least, most
            if all(a <= u <= b for a, u, b in zip(least, units, most, strict=True)):
                break
        return found
