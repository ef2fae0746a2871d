"""Means of some of the children: without the lowest and the highest, and the median."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field, Strict

from reliefperf.errors import Lang
from reliefperf.evaluation.combining.base import Aggregator, aggregator
from reliefperf.evaluation.siblings import Siblings
from reliefperf.model.environment import Array

LEFT_OUT: Mapping[Lang, str] = {
    "zh": "去掉最低、最高下级带来的差额",
    "en": "difference made by leaving out the lowest and the highest children",
}

Number = Annotated[int, Field(ge=0)]


@aggregator("trimmed")
class Trimmed(Aggregator):
    """The mean of each region's children without so many lowest and so many highest ones.

    `[1, 1]` is what a panel of judges does, `[2, 0]` of five children takes the best three. What is
    left counts equally; a child that was skipped is not there to be left out.
    """

    takes_weights: ClassVar[bool] = False
    min_children: ClassVar[int] = 2
    words: ClassVar[Mapping[Lang, str]] = LEFT_OUT
    trimmed: Annotated[tuple[Number, Number], Strict(False)] = Field(
        description="how many of the lowest and of the highest children are left out"
    )

    def combine(self, children: Siblings, shares: Array) -> Array:
        """The mean of what is left.

        It is missing, and noted, where children were skipped and nothing is left; raises InputError
        where nothing could be left in any region.
        """
        low, high = self.trimmed
        if low + high >= len(children.ids):
            raise children.refuse(
                f"`trimmed: [{low}, {high}]` leaves nothing of {len(children.ids)} children",
                f"trimmed: [{low}, {high}] 会去掉全部 {len(children.ids)} 个下级",
            )
        here = _here(children)
        children.note(
            "nothing-left",
            "`trimmed` leaves nothing of the children that were not skipped",
            "被跳过后，trimmed 未留下任何下级",
            (here > 0) & (here <= low + high),
        )
        return _mean_of(children, np.full(here.shape, low), here - high)


@aggregator("median")
class Median(Aggregator):
    """The middle one of each region's children; of an even number the mean of the two in the middle."""

    takes_weights: ClassVar[bool] = False
    min_children: ClassVar[int] = 2
    words: ClassVar[Mapping[Lang, str]] = LEFT_OUT
    median: Literal[True] = True

    def combine(self, children: Siblings, shares: Array) -> Array:
        """The median; children that were skipped do not count."""
        here = _here(children)
        return _mean_of(children, (here - 1) // 2, here // 2 + 1)


def _here(children: Siblings) -> Array:
    """How many children were not skipped, shape (n_regions,)."""
    if children.present is None:
        return np.full(children.parts.shape[1], len(children.ids))
    return np.asarray(children.present.sum(axis=0))


def _mean_of(children: Siblings, start: Array, end: Array) -> Array:
    """The mean of the children from place `start` to before `end` in ascending order, (n_regions,).

    Missing where one of the children is, or where there is none.
    """
    ordered = np.sort(children.counted, axis=0)  # those skipped, or missing, come last
    place = np.arange(len(ordered))[:, None]
    taken = (place >= start) & (place < end)
    number = taken.sum(axis=0)
    lost = np.isnan(children.parts)
    lost = lost if children.present is None else lost & children.present
    total = np.where(taken, ordered, 0.0).sum(axis=0)
    known = (number > 0) & ~lost.any(axis=0)
    return np.asarray(np.divide(total, number, out=np.full(total.shape, np.nan), where=known))
