"""Limits on one amount: floor, cap, matching."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from reliefperf.allocation.program import ExactRow
from reliefperf.allocation.rules.base import (
    AmountRule,
    Ground,
    IfShort,
    Pools,
    allocation_rule,
    pool_words,
    short_words,
)
from reliefperf.errors import Lang
from reliefperf.model.expressions import Expr
from reliefperf.model.spec_data import expression


@allocation_rule("floor")
class Floor(AmountRule):
    """A region's amount is at least `floor`.

    Source: minimum amounts of formula grants (US LIHEAP; Wales 2024-25, +2.0 %).
    """

    floor: Expr = expression()
    pool: Pools = None
    if_short: IfShort = None

    def rows(self, ground: Ground) -> Sequence[ExactRow]:
        """One row a region: amount >= floor."""
        return ground.region_rows(self, ground.pools(self.pool), ground.column(self.floor), None)

    def sentence(self, lang: Lang) -> str:
        """What the rule says."""
        words = pool_words(self.pool, lang)
        rest = short_words(self.if_short, lang)
        if lang == "zh":
            return f"{words}不低于 {self.floor}{rest}"
        return f"{words}: at least {self.floor}{rest}"


@allocation_rule("cap")
class Cap(AmountRule):
    """A region's amount is at most `cap`.

    Source: capped increases of formula grants (French DSU: at most EUR 4 m a year).
    """

    cap: Expr = expression()
    pool: Pools = None

    def rows(self, ground: Ground) -> Sequence[ExactRow]:
        """One row a region: amount <= cap."""
        return ground.region_rows(self, ground.pools(self.pool), None, ground.column(self.cap))

    def sentence(self, lang: Lang) -> str:
        """What the rule says."""
        words = pool_words(self.pool, lang)
        return f"{words}不高于 {self.cap}" if lang == "zh" else f"{words}: at most {self.cap}"


@allocation_rule("matching")
class Matching(AmountRule):
    """A region's amount is at most `matching` for each unit of its `own` money.

    Where no amount can be below zero, either of them below zero is refused.

    Source: matching requirements (Uganda's conditional grants: 10 % of own money).
    """

    matching: Expr = expression()
    own: Expr = expression()
    pool: Pools = None

    def rows(self, ground: Ground) -> Sequence[ExactRow]:
        """One row a region: amount <= matching x own."""
        pools = ground.pools(self.pool)
        asked = (np.stack([ground.columns[pool] for pool in pools]) >= 0).any(axis=0)
        if self.where is not None:
            asked &= ground.model.compiled(self.where).full(ground.env) == 1
        for key in ("matching", "own"):
            ground.refuse_outside(self, key, pools, asked)
        return ground.multiple_rows(self, self.pool, self.matching, self.own, at_least=False)

    def sentence(self, lang: Lang) -> str:
        """What the rule says."""
        words = pool_words(self.pool, lang)
        if lang == "zh":
            return f"{words}不高于自有资金（{self.own}）的 {self.matching} 倍"
        return f"{words}: at most {self.matching} for each unit of own money ({self.own})"
