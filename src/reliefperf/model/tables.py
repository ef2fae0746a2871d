"""Tables that a model defines and then calls like functions: steps, lines and look-ups.

A step table says by its own key which end of each interval is in it: `at_least` takes the last
step reached, `above` the last step passed, `at_most` and `below` the first one not exceeded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from reliefperf.model import numbers
from reliefperf.model.environment import Array, Column, Kind

Ends = Literal["at_least", "above", "at_most", "below"]
Outside = Literal["clamp", "extend", "missing"]


def step_index(
    x: Array, limits: Array, ends: Ends
) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """For each value the place of its step in ascending `limits`, or -1 where it reaches none."""
    x = np.asarray(x, dtype=float)
    known = np.where(np.isnan(x), 0.0, x)
    nearest = np.clip(np.searchsorted(limits, known), 0, len(limits) - 1)
    # a value within noise of a limit is taken to be that limit
    for place in (nearest, np.maximum(nearest - 1, 0)):
        known = np.where(numbers.equal(known, limits[place]), limits[place], known)
    if ends == "at_least":
        index = np.searchsorted(limits, known, side="right") - 1
    elif ends == "above":
        index = np.searchsorted(limits, known, side="left") - 1
    elif ends == "at_most":
        index = np.searchsorted(limits, known, side="left")
    else:
        index = np.searchsorted(limits, known, side="right")
    return np.where((index < 0) | (index >= len(limits)), -1, index)


def piecewise_line(x: Array, xs: Array, ys: Array, outside: Outside) -> Array:
    """Straight lines between the points (xs ascending), and as stated outside them."""
    x = np.asarray(x, dtype=float)
    y = np.interp(x, xs, ys)
    if outside == "extend":
        first = (ys[1] - ys[0]) / (xs[1] - xs[0])
        last = (ys[-1] - ys[-2]) / (xs[-1] - xs[-2])
        y = np.where(x < xs[0], ys[0] + (x - xs[0]) * first, y)
        y = np.where(x > xs[-1], ys[-1] + (x - xs[-1]) * last, y)
    elif outside == "missing":
        y = np.where(numbers.below(x, xs[0]) | numbers.above(x, xs[-1]), np.nan, y)
    return np.asarray(np.where(np.isnan(x), np.nan, y))


def twelve_digits(key: float) -> float:
    """A number as a key: those that agree to 12 significant digits are one."""
    return float(key) if key == int(key) else float(f"{key:.12g}")


@dataclass(frozen=True)
class Table:
    """What a table needs to be called: kinds of its arguments and of its result."""

    name: str
    arguments: tuple[Kind, ...]
    result: Kind

    def __call__(self, args: list[Column]) -> Column:
        """Look the arguments up, element by element."""
        raise NotImplementedError


@dataclass(frozen=True)
class StepTable(Table):
    """Values by interval."""

    limits: Array
    values: Column
    ends: Ends
    otherwise: float | str | None

    def __call__(self, args: list[Column]) -> Column:
        """The value of the interval that each element falls in."""
        x = np.asarray(args[0], dtype=float)
        index = step_index(x, self.limits, self.ends)
        if self.result == "text":
            found = np.array(self.values[index], dtype=object)
            found[index < 0] = self.otherwise
            found[np.isnan(x)] = None
            return found
        rest = np.nan if self.otherwise is None else float(self.otherwise)
        return np.asarray(
            np.where(np.isnan(x), np.nan, np.where(index < 0, rest, self.values[index]))
        )


@dataclass(frozen=True)
class LineTable(Table):
    """Straight lines between points."""

    xs: Array
    ys: Array
    outside: Outside

    def __call__(self, args: list[Column]) -> Column:
        """The height of the line at each element."""
        return piecewise_line(np.asarray(args[0], dtype=float), self.xs, self.ys, self.outside)


@dataclass(frozen=True)
class LookupTable(Table):
    """Values by one or several keys; `otherwise` None makes an unknown key missing."""

    values: Mapping[tuple[str | float, ...], float | str]
    otherwise: float | str | None

    def __call__(self, args: list[Column]) -> Column:
        """The value under each element's keys."""
        shape = np.broadcast_shapes(*(arg.shape for arg in args))
        keys = [
            [twelve_digits(key) if isinstance(key, float) and key == key else key for key in cells]
            for cells in (np.broadcast_to(arg, shape).reshape(-1).tolist() for arg in args)
        ]
        found = [
            None
            if any(key is None or key != key for key in row)
            else self.values.get(row, self.otherwise)
            for row in zip(*keys, strict=True)
        ]
        if self.result == "text":
            column = np.empty(len(found), dtype=object)
            column[:] = found
            return column.reshape(shape)
        numeric = [np.nan if value is None else float(value) for value in found]
        return np.asarray(numeric, dtype=float).reshape(shape)
