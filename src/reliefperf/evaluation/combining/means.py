"""Sums and means: sum of points, arithmetic, geometric, harmonic and power means."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from reliefperf.evaluation.combining.base import Aggregator, aggregator, used_parts
from reliefperf.evaluation.siblings import Mask, Siblings
from reliefperf.model.environment import Array
from reliefperf.model.spec_evaluation import Lowest


@aggregator("sum")
class Sum(Aggregator):
    """The points of the children added up: each counts by its full marks."""

    adds_points: ClassVar[bool] = True
    is_linear: ClassVar[bool] = True
    sum: Literal[True] = True

    def combine(self, children: Siblings, shares: Array) -> Array:
        """The weighted sum."""
        return np.asarray((shares * used_parts(children, shares)).sum(axis=0))


@aggregator("arithmetic")
class Arithmetic(Aggregator):
    """The weighted arithmetic mean."""

    is_linear: ClassVar[bool] = True
    arithmetic: Literal[True] = True

    def combine(self, children: Siblings, shares: Array) -> Array:
        """The weighted sum."""
        return np.asarray((shares * used_parts(children, shares)).sum(axis=0))


class _PowerMean(Aggregator):
    """What the power means share.

    `zeros` says what a zero does where the mean cannot take one: an error that names indicator and
    regions, or a mean of zero (its limit).
    """

    zeros: Literal["error", "zero"] = "error"

    @property
    def exponent(self) -> float:
        """The exponent of the mean; the geometric mean has zero."""
        raise NotImplementedError

    @property
    def lowest(self) -> Lowest:
        """No negative part for any of them; nor a zero where the exponent is not above zero."""
        if self.exponent == 1:
            return "any"
        return "positive" if self.exponent <= 0 and self.zeros == "error" else "zero"

    @property
    def passes_zero(self) -> bool:
        """Where the exponent is not above zero."""
        return self.exponent <= 0

    def combine(self, children: Siblings, shares: Array) -> Array:
        """The mean; raises InputError for a negative part, or a zero that it cannot take."""
        parts, exponent = used_parts(children, shares), self.exponent
        if exponent == 1:
            return np.asarray((shares * parts).sum(axis=0))
        counts = np.broadcast_to(shares, parts.shape) > 0
        negative = counts & (parts < 0)
        if negative.any():
            raise children.refuse(
                f"`{self.key}` cannot take a negative value",
                f"{self.key} 不能合成负值",
                negative,
            )
        zero = counts & (parts == 0)
        if exponent <= 0 and zero.any():
            if self.zeros == "error":
                raise children.refuse(
                    f"`{self.key}` would be zero wherever one value is; give the rule a lowest "
                    f"value above zero, or accept it with `combine: {{{self.key}: ..., zeros: zero}}`",
                    f"任一数值为零时 {self.key} 合成结果即为零；请让计分规则的最低值大于零，"
                    f"或写 combine: {{{self.key}: ..., zeros: zero}} 表示接受",
                    zero,
                )
            children.note(
                "zero-in-mean",
                f"one of the values is zero, and so is their {self.key} mean",
                f"有数值为零，{self.key} 合成结果为零",
                zero.any(axis=0),
            )
        unknown = (np.isnan(parts) & counts).any(axis=0) | np.isnan(shares).any(axis=0)
        return np.where(unknown, np.nan, power_mean(parts, shares, counts, exponent))


def power_mean(parts: Array, shares: Array, counts: Mask, exponent: float) -> Array:
    """The power mean of parts that are not negative, shape (n_regions,)."""
    zero = (counts & (parts == 0)).any(axis=0)
    safe = np.where(counts & (parts > 0), parts, 1.0)
    if exponent == 0:
        mean = np.exp((shares * np.log(safe)).sum(axis=0))
        return np.where(zero, 0.0, mean)
    if exponent < 0:
        mean = (shares * safe**exponent).sum(axis=0) ** (1 / exponent)
        return np.where(zero, 0.0, mean)
    kept = np.where(counts, np.maximum(parts, 0.0), 0.0)
    kept = np.where(np.isnan(kept), 0.0, kept)
    peak = np.maximum(kept.max(axis=0), np.finfo(float).tiny)  # high powers must not overflow
    return np.asarray(peak * (shares * (kept / peak) ** exponent).sum(axis=0) ** (1 / exponent))


@aggregator("geometric")
class Geometric(_PowerMean):
    """The weighted geometric mean.

    Source: UNDP, Human Development Report, technical note 1; OECD/JRC Handbook (2008), step 6.
    """

    geometric: Literal[True] = True

    @property
    def exponent(self) -> float:
        """Zero."""
        return 0.0


@aggregator("harmonic")
class Harmonic(_PowerMean):
    """The weighted harmonic mean."""

    harmonic: Literal[True] = True

    @property
    def exponent(self) -> float:
        """Minus one."""
        return -1.0


@aggregator("power")
class Power(_PowerMean):
    """The weighted power mean with a stated exponent (1 arithmetic, 0 geometric, -1 harmonic)."""

    power: float

    @property
    def exponent(self) -> float:
        """As stated."""
        return self.power
