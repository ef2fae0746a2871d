"""Means with a penalty for imbalance: what is bad at one thing is not wholly made good by another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from reliefperf.errors import Lang
from reliefperf.evaluation.combining.base import Aggregator, aggregator, used_parts
from reliefperf.evaluation.siblings import Mask, Siblings
from reliefperf.model.environment import Array
from reliefperf.model.spec_evaluation import Lowest

IMBALANCE: Mapping[Lang, str] = {
    "zh": "各下级得分不均衡的惩罚",
    "en": "penalty for the imbalance of the children",
}


def weighted_spread(parts: Array, shares: Array) -> tuple[Array, Array]:
    """The weighted mean and the weighted variance (weights as parts of one) of each region.

    `parts` has shape (n_children, n_regions); so has `shares`, or (n_children, 1). Source: weighted
    form in Mazziotta & Pareto, Rivista Italiana di Economia Demografia e Statistica 76 (2022).
    """
    mean = (shares * parts).sum(axis=0)
    return mean, (shares * (parts - mean) ** 2).sum(axis=0)


@aggregator("mazziotta_pareto")
class MazziottaPareto(Aggregator):
    """The mean less (or plus) the standard deviation times the coefficient of variation, M - S cv.

    M and S are taken over the children of one region. `penalty` is `negative` where more is better
    and `positive` where more is worse (poverty). The result keeps its proportions if all children
    are multiplied by a number, so that points and parts of full marks give the same; it does not if
    a number is added. The index of 2011 wants children with mean 100 and standard deviation 10
    (`zscore`), the adjusted one of 2016 goalposts at 70 and 130.

    Source: De Muro, Mazziotta & Pareto, Social Indicators Research 104 (2011); Mazziotta & Pareto,
    Social Indicators Research 127 (2016). Both divide by the number of children (`population`); the
    R package Compind divides by one less (`sample`).
    """

    words: ClassVar[Mapping[Lang, str]] = IMBALANCE
    mazziotta_pareto: Literal[True] = True
    penalty: Literal["negative", "positive"] = "negative"
    deviation: Literal["population", "sample"] = "population"
    min_children: ClassVar[int] = 2

    @property
    def lowest(self) -> Lowest:
        """Not below zero: with a mean near zero the coefficient of variation means nothing."""
        return "zero"

    def combine(self, children: Siblings, shares: Array) -> Array:
        """The penalised mean; raises InputError for a negative part."""
        parts = used_parts(children, shares)
        counts = np.broadcast_to(shares, parts.shape) > 0
        refuse_negative(children, self.key, counts & (parts < 0))
        mean, variance = weighted_spread(parts, shares)
        if self.deviation == "sample":
            number = counts.sum(axis=0)
            # one child alone is not out of balance with anything
            variance = variance * np.where(number > 1, number / np.maximum(number - 1, 1), 0.0)
        # all children at zero: no mean to divide by, and no imbalance
        lost = np.divide(variance, mean, out=np.where(np.isnan(mean), np.nan, 0.0), where=mean > 0)
        return np.asarray(mean - lost if self.penalty == "negative" else mean + lost)


@aggregator("mean_min")
class MeanMin(Aggregator):
    """Between mean and minimum: mean - alpha x (sqrt((mean - min)^2 + beta^2) - beta).

    `alpha` (0 to 1) says how much of the way down an imbalance costs, `beta` (0 or more, in parts of
    full marks) how great an imbalance must be before it does: alpha 0 is the mean, alpha 1 with
    beta 0 the minimum. The method has no weights.

    Source: Casadio Tarabusi & Guarini, Social Indicators Research 112 (2013).
    """

    takes_weights: ClassVar[bool] = False
    min_children: ClassVar[int] = 2
    words: ClassVar[Mapping[Lang, str]] = IMBALANCE
    mean_min: Literal[True] = True
    alpha: Annotated[float, Field(ge=0, le=1, description="intensity of the penalty")] = 1.0
    beta: Annotated[float, Field(ge=0, description="complementarity, in parts of full marks")] = 0.0

    def combine(self, children: Siblings, shares: Array) -> Array:
        """The penalised mean; children that were skipped do not count."""
        parts = used_parts(children, shares)
        mean = (shares * parts).sum(axis=0)
        least = np.where(np.broadcast_to(shares, parts.shape) > 0, parts, np.inf).min(axis=0)
        gap = np.where(np.isfinite(least), mean - least, np.nan)
        return np.asarray(mean - self.alpha * (np.hypot(gap, self.beta) - self.beta))


def refuse_negative(children: Siblings, key: str, negative: Mask) -> None:
    """Raise InputError where a part is negative."""
    if negative.any():
        raise children.refuse(
            f"`{key}` cannot take a negative value", f"{key} 不能合成负值", negative
        )
