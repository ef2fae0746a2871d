"""Comparing and rounding measured numbers so that binary noise cannot move a result.

A measured number counts as equal to a limit when both agree to 12 significant digits: 0.1 + 0.2
meets a target of 0.3. Rounding first takes away such noise for the same reason, so that 2.675
rounds half up to 2.68 although its binary form lies below.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Rounding = Literal["half_up", "half_even", "down", "up"]
Array = NDArray[np.float64]

ANY_SIZE = Context(prec=700)
"""Decimal arithmetic that keeps every digit of any two floats that are added."""
RELATIVE = 1e-12
"""Numbers closer than this, relative to the larger, are equal."""


def equal(left: Array, right: Array) -> NDArray[np.bool_]:
    """Element-wise equality to 12 significant digits; False where one is missing."""
    larger = np.maximum(np.abs(left), np.abs(right))
    with np.errstate(invalid="ignore"):
        return np.asarray(np.abs(left - right) <= RELATIVE * larger)


def at_least(value: Array, limit: Array) -> NDArray[np.bool_]:
    """Value >= limit, the end included even when binary noise is in the way."""
    return np.asarray(value >= limit - RELATIVE * np.abs(limit))


def above(value: Array, limit: Array) -> NDArray[np.bool_]:
    """Value > limit, the end excluded even when binary noise is in the way."""
    return np.asarray(value > limit + RELATIVE * np.abs(limit))


def at_most(value: Array, limit: Array) -> NDArray[np.bool_]:
    """Value <= limit, the end included even when binary noise is in the way."""
    return np.asarray(value <= limit + RELATIVE * np.abs(limit))


def below(value: Array, limit: Array) -> NDArray[np.bool_]:
    """Value < limit, the end excluded even when binary noise is in the way."""
    return np.asarray(value < limit - RELATIVE * np.abs(limit))


def snap(value: float, digits: int = 12) -> Decimal:
    """The decimal number that a float stands for, to `digits` significant digits."""
    return Decimal(format(value, f".{digits}g"))


def to_places(value: float | Decimal, places: int) -> Decimal:
    """A number as a decimal of so many places, a half to the even one, however large it is."""
    shown = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    return shown.quantize(_last_place(places), ROUND_HALF_EVEN, ANY_SIZE)


@cache
def _last_place(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)


def exact(value: float) -> Fraction:
    """The fraction that a float amount stands for.

    A float that prints with at most 15 significant digits is that decimal, and a whole number up to
    2**53 is itself. Anything longer carries the noise of a computation (or has no end, as 1/3) and
    is taken to 14 digits, to 15 from ten thousand million on, where cents need them.
    """
    if value == int(value) and abs(value) <= 2**53:
        return Fraction(int(value))
    shown = repr(float(value))
    if len(shown) <= 16 and "e" not in shown:
        whole, _, places = shown.partition(".")
        return Fraction(int(whole + places), 10 ** len(places))
    shortest = Decimal(shown)
    if len(shortest.as_tuple().digits) <= 15:
        return Fraction(shortest)
    return Fraction(snap(value, 15 if abs(value) >= 1e10 else 14))


def short_fraction(value: Fraction) -> Fraction:
    """The fraction that a number without end stands for: 1/3 for 0.33333333333333.

    The denominator goes to a thousand; a number that no such fraction meets, and every number of at
    most eight decimals, is itself. A third of 300 is 100, and no limit a hair below it.
    """
    if value.denominator <= 10**8:
        return value
    short = value.limit_denominator(1000)
    return short if abs(short - value) <= Fraction(RELATIVE) / 10 * abs(value) else value


def whole_if_near(x: Array) -> Array:
    """Numbers within binary noise of a whole number as that whole number, all others unchanged.

    Noise is what the 12th significant digit does not show, and never a hundredth.
    """
    whole = np.rint(x)
    noise = np.minimum(RELATIVE * np.abs(x), 0.01)
    return np.asarray(np.where(np.abs(x - whole) <= noise, whole, x))


def round_column(values: Array, decimals: int | None, mode: Rounding) -> Array:
    """A column rounded as stated, NaN kept; `decimals` None leaves it as it is."""
    if decimals is None:
        return values
    scale = 10.0**decimals
    with np.errstate(over="ignore"):
        scaled = values * scale
    too_large = np.isinf(scaled)  # numbers that have no such decimals
    # noise is rounded away before the mode applies
    scaled = whole_if_near(np.where(too_large, 0.0, scaled) * 2) / 2
    if mode == "half_up":
        rounded = np.sign(scaled) * np.floor(np.abs(scaled) + 0.5)
    elif mode == "half_even":
        rounded = np.rint(scaled)
    elif mode == "down":
        rounded = np.trunc(scaled)
    else:
        rounded = np.sign(scaled) * np.ceil(np.abs(scaled))
    unscaled = rounded / scale if decimals >= 0 else rounded * 10.0**-decimals
    return np.asarray(np.where(too_large, values, unscaled + 0.0))
