"""Columns of exact numbers as whole numbers over whole numbers.

A hundred thousand `Fraction` objects take a second to make and to compare, most of it for lowest
terms that nobody looks at. A column keeps numerators and denominators as they come, and makes a
fraction where one is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import overload

import numpy as np
from numpy.typing import NDArray

from reliefperf.model.numbers import exact

type Exact = int | Fraction | Decimal

_PLACES = 8
"""Columns of numbers with at most so many decimals are taken over as a whole."""


def decimals_of(values: NDArray[np.float64]) -> tuple[list[int], int] | None:
    """Floats (n,) as whole numbers, and how many of their digits are decimals.

    None unless all of them print with at most eight decimals and 15 digits.
    """
    for places in range(_PLACES + 1):
        scaled = np.rint(values * 10.0**places)
        # a number of at most 15 digits that gives this float back is the decimal it stands for
        if (np.abs(scaled) < 1e15).all() and (scaled / 10.0**places == values).all():
            return scaled.astype(np.int64).tolist(), places
    return None


class Ratios(Sequence[Fraction]):
    """Exact numbers, read-only: the i-th is tops[i] / bottoms[i], bottoms above 0."""

    __slots__ = ("bottoms", "tops")

    def __init__(self, tops: list[int], bottoms: list[int]) -> None:
        self.tops, self.bottoms = tops, bottoms

    @classmethod
    def of(cls, values: Sequence[Exact]) -> Ratios:
        """Exact numbers as a column; raises TypeError for a binary float."""
        if isinstance(values, Ratios):
            return values
        for value in values:
            if isinstance(value, float | np.floating):
                raise TypeError(f"an exact number is needed, not the binary float {value!r}")
        pairs = [value.as_integer_ratio() for value in values]
        return cls([top for top, _ in pairs], [bottom for _, bottom in pairs])

    @classmethod
    def over(cls, tops: list[int], bottom: int) -> Ratios:
        """Numerators over one denominator."""
        return cls(tops, [bottom] * len(tops))

    @classmethod
    def measured(cls, values: NDArray[np.float64]) -> Ratios:
        """What floats (n,) stand for (see `exact`); a missing one counts as 0."""
        known = np.where(np.isnan(values), 0.0, values)
        short = decimals_of(known)
        if short is not None:
            tops, places = short
            return cls.over(tops, 10**places)
        return cls.of([exact(value) for value in known.tolist()])

    def scaled(self) -> tuple[list[int], int]:
        """The numbers as whole numbers over one denominator."""
        different = set(self.bottoms)
        if len(different) == 1:
            return self.tops, self.bottoms[0]
        scale = math.lcm(*different)
        factor = {bottom: scale // bottom for bottom in different}
        pairs = zip(self.tops, self.bottoms, strict=True)
        return [top * factor[bottom] for top, bottom in pairs], scale

    def taken(self, places: Sequence[int]) -> Ratios:
        """The numbers at these places."""
        tops, bottoms = self.tops, self.bottoms
        return Ratios([tops[i] for i in places], [bottoms[i] for i in places])

    def times(self, other: Ratios) -> Ratios:
        """Element-wise product."""
        return Ratios(
            [a * b for a, b in zip(self.tops, other.tops, strict=True)],
            [a * b for a, b in zip(self.bottoms, other.bottoms, strict=True)],
        )

    def plus(self, other: Ratios) -> Ratios:
        """Element-wise sum."""
        pairs = [
            (a + c, b) if b == d else (a * d + c * b, b * d)
            for (a, b), (c, d) in zip(self.pairs(), other.pairs(), strict=True)
        ]
        return Ratios([top for top, _ in pairs], [bottom for _, bottom in pairs])

    def divided(self, by: Fraction) -> Ratios:
        """Each number divided by one above 0."""
        top, bottom = by.numerator, by.denominator
        return Ratios([a * bottom for a in self.tops], [b * top for b in self.bottoms])

    def unless_near(self, other: Ratios, slack: Fraction) -> Ratios:
        """Each number, or the other at its place where they are less than `slack` apart."""
        top, bottom = slack.as_integer_ratio()
        chosen = [
            (a, b) if abs(a * d - c * b) * bottom >= top * b * d else (c, d)
            for (a, b), (c, d) in zip(self.pairs(), other.pairs(), strict=True)
        ]
        return Ratios([a for a, _ in chosen], [b for _, b in chosen])

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Numerator and denominator of each."""
        return zip(self.tops, self.bottoms, strict=True)

    def floats(self) -> NDArray[np.float64]:
        """The nearest floats (n,)."""
        pairs = zip(self.tops, self.bottoms, strict=True)
        return np.array([top / bottom for top, bottom in pairs], dtype=np.float64)

    def total(self) -> Fraction:
        """The sum."""
        tops, scale = self.scaled()
        return Fraction(sum(tops), scale)

    @overload
    def __getitem__(self, place: int) -> Fraction: ...
    @overload
    def __getitem__(self, place: slice) -> Ratios: ...
    def __getitem__(self, place: int | slice) -> Fraction | Ratios:
        if isinstance(place, slice):
            return Ratios(self.tops[place], self.bottoms[place])
        return Fraction(self.tops[place], self.bottoms[place])

    def __len__(self) -> int:
        return len(self.tops)

    def __iter__(self) -> Iterator[Fraction]:
        return map(Fraction, self.tops, self.bottoms)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or len(other) != len(self):
            return NotImplemented if not isinstance(other, Sequence) else False
        return all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Ratios([{', '.join(map(str, self[:5]))}{', ...' if len(self) > 5 else ''}])"


def sum_of(columns: Sequence[Sequence[Exact]]) -> Ratios:
    """The sums of one or more columns, place by place."""
    first, *others = map(Ratios.of, columns)
    for other in others:
        first = first.plus(other)
    return first


class Partial(Sequence[Fraction | None]):
    """Exact numbers of which some are missing: their denominator is 0."""

    __slots__ = ("bottoms", "tops")

    def __init__(self, tops: list[int], bottoms: list[int]) -> None:
        self.tops, self.bottoms = tops, bottoms

    @classmethod
    def of(cls, values: Sequence[Exact | None]) -> Partial:
        """Exact numbers as a column; raises TypeError for a binary float."""
        if isinstance(values, Partial):
            return values
        if isinstance(values, Ratios):
            return cls(values.tops, values.bottoms)
        filled = Ratios.of([0 if value is None else value for value in values])
        pairs = zip(filled.bottoms, values, strict=True)
        return cls(filled.tops, [0 if value is None else bottom for bottom, value in pairs])

    @classmethod
    def measured(cls, values: NDArray[np.float64]) -> Partial:
        """What floats (n,) stand for, None where one is missing."""
        filled = Ratios.measured(values)
        missing = np.isnan(values)
        if not missing.any():
            return cls(filled.tops, filled.bottoms)
        pairs = zip(filled.bottoms, missing.tolist(), strict=True)
        return cls(filled.tops, [0 if gap else bottom for bottom, gap in pairs])

    @property
    def known(self) -> NDArray[np.bool_]:
        """Where (n,) there is a number."""
        return np.fromiter((bottom != 0 for bottom in self.bottoms), np.bool_, len(self.bottoms))

    @property
    def nonzero(self) -> NDArray[np.bool_]:
        """Where (n,) there is a number other than 0."""
        pairs = zip(self.tops, self.bottoms, strict=True)
        return np.fromiter((t != 0 and b != 0 for t, b in pairs), np.bool_, len(self.tops))

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Numerator and denominator of each; a denominator of 0 where there is no number."""
        return zip(self.tops, self.bottoms, strict=True)

    def floats(self, missing: float) -> NDArray[np.float64]:
        """The nearest floats (n,), `missing` where there is no number."""
        pairs = zip(self.tops, self.bottoms, strict=True)
        return np.array([t / b if b else missing for t, b in pairs], dtype=np.float64)

    def taken(self, places: Sequence[int]) -> Partial:
        """The numbers at these places."""
        tops, bottoms = self.tops, self.bottoms
        return Partial([tops[i] for i in places], [bottoms[i] for i in places])

    @classmethod
    def product(cls, left: NDArray[np.float64], right: NDArray[np.float64]) -> Partial:
        """What the products of floats (n,) stand for; missing where either is.

        Decimals are multiplied exactly. A number without end, as 7/3, stands for so many digits
        only, and would take 300,000 to a hair below 700,000: there the product is what is read.
        """
        one, two, both = cls.measured(left), cls.measured(right), cls.measured(left * right)
        tops = [a * b for a, b in zip(one.tops, two.tops, strict=True)]
        bottoms = [a * b for a, b in zip(one.bottoms, two.bottoms, strict=True)]
        endless = 10**_PLACES
        for i, (a, b) in enumerate(zip(one.bottoms, two.bottoms, strict=True)):
            if max(a, b) > endless:
                tops[i], bottoms[i] = both.tops[i], both.bottoms[i]
        return cls(tops, bottoms)

    @overload
    def __getitem__(self, place: int) -> Fraction | None: ...
    @overload
    def __getitem__(self, place: slice) -> Partial: ...
    def __getitem__(self, place: int | slice) -> Fraction | Partial | None:
        if isinstance(place, slice):
            return Partial(self.tops[place], self.bottoms[place])
        bottom = self.bottoms[place]
        return Fraction(self.tops[place], bottom) if bottom else None

    def __len__(self) -> int:
        return len(self.tops)

    def __iter__(self) -> Iterator[Fraction | None]:
        pairs = zip(self.tops, self.bottoms, strict=True)
        return (Fraction(top, bottom) if bottom else None for top, bottom in pairs)
