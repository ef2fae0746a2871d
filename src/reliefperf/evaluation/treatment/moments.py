"""Skewness and kurtosis of one indicator, and the test for outliers that uses both.

Both are the sample-adjusted moments that spreadsheets and R's e1071 call type 2; the kurtosis is
the excess over that of the normal distribution. COINr 1.1.14 uses the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reliefperf.model.environment import Array


def known(x: Array) -> Array:
    """The values that are there, in order of size, so that the order of regions changes nothing."""
    return np.sort(x[~np.isnan(x)])


@dataclass(frozen=True)
class Shape:
    """The two moments of an indicator."""

    skewness: float
    kurtosis: float

    def has_outliers(self, skewness: float, kurtosis: float) -> bool:
        """Whether both moments reach their limits; False where they are not defined."""
        return abs(self.skewness) >= skewness and self.kurtosis >= kurtosis


def shape_of(x: Array) -> Shape:
    """Skewness and excess kurtosis, sample-adjusted.

    NaN for fewer than three (skewness) or four values (kurtosis), or where all are equal.
    """
    values = known(x)
    n = len(values)
    if n < 3 or values[0] == values[-1]:
        return Shape(float("nan"), float("nan"))
    centred = values - values.mean()
    centred /= np.abs(centred).max()  # neither moment feels the scale, and no power overflows
    squares = centred * centred
    second = squares.mean()
    skewness = (squares * centred).mean() / second**1.5 * np.sqrt(n * (n - 1)) / (n - 2)
    if n < 4:
        return Shape(float(skewness), float("nan"))
    excess = (squares * squares).mean() / second**2 - 3
    kurtosis = ((n + 1) * excess + 6) * (n - 1) / ((n - 2) * (n - 3))
    return Shape(float(skewness), float(kurtosis))


def skewness(x: Array) -> float:
    """The sample-adjusted skewness alone."""
    return shape_of(x).skewness


def kurtosis(x: Array) -> float:
    """The sample-adjusted excess kurtosis alone."""
    return shape_of(x).kurtosis
