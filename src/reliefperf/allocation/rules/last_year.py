"""Limits against last year's amount: hold-harmless and growth limit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from reliefperf.allocation.program import ExactRow, LimitRows
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

LEAST_LIKELY = 0.5
"""A growth limit below this is said: it may be meant as the growth alone."""


@allocation_rule("hold_harmless")
class HoldHarmless(AmountRule):
    """A region keeps at least the part `hold_harmless` of its `previous` amount.

    The others are reduced in proportion to their entitlements (for scaling of gains instead, see
    the pool kind `scale_gains`). Source: US Title I (95/90/85 % of last year by poverty band).
    """

    hold_harmless: Expr = expression()
    previous: Expr = expression()
    pool: Pools = None
    if_short: IfShort = None

    def rows(self, ground: Ground) -> Sequence[ExactRow]:
        """One row a region: amount >= part x previous."""
        return ground.multiple_rows(
            self, self.pool, self.hold_harmless, self.previous, at_least=True
        )

    def sentence(self, lang: Lang) -> str:
        """What the rule says."""
        words, rest = pool_words(self.pool, lang), short_words(self.if_short, lang)
        if lang == "zh":
            return f"{words}不低于上年（{self.previous}）{_of_last_zh(self.hold_harmless)}{rest}"
        return f"{words}: at least {self.hold_harmless} of last year ({self.previous}){rest}"


@allocation_rule("growth_limit")
class GrowthLimit(AmountRule):
    """A region gets at most the multiple `growth_limit` of its `previous` amount.

    Source: an option of the tool; no yearly growth limit was found in a Chinese rule.
    """

    growth_limit: Expr = expression()
    previous: Expr = expression()
    pool: Pools = None

    def rows(self, ground: Ground) -> Sequence[ExactRow]:
        """One row a region: amount <= multiple x previous; what was 0 stays 0, which is noted."""
        rows = ground.multiple_rows(
            self, self.pool, self.growth_limit, self.previous, at_least=False
        )
        multiple, last = ground.column(self.growth_limit), ground.column(self.previous)
        ground.env.report(
            "small-growth-limit",
            self.id,
            "the growth limit is less than half of last year's amount (growth of 10 % is 1.1)",
            "增长上限不到上年金额的一半（增长 10% 应写 1.1）",
            ground.where(self) & (multiple.floats(1.0) < LEAST_LIKELY),
        )
        nothing = last.known & ~last.nonzero
        if nothing.any():
            bound = set(rows.names if isinstance(rows, LimitRows) else (row.name for row in rows))
            ground.env.report(
                "nothing-last-year",
                self.id,
                "last year's amount is 0, so the growth limit allows nothing (`where: last > 0` "
                "would exempt who is new)",
                "上年金额为 0，按增长上限不得拨付（如不适用于新进入的地区，可写 where: 上年金额 > 0）",
                nothing & np.array([code in bound for code in ground.env.codes]),
            )
        return rows

    def sentence(self, lang: Lang) -> str:
        """What the rule says."""
        words = pool_words(self.pool, lang)
        if lang == "zh":
            return f"{words}不高于上年（{self.previous}）{_of_last_zh(self.growth_limit)}"
        return f"{words}: at most {self.growth_limit} of last year ({self.previous})"


def _of_last_zh(part: Expr) -> str:
    """A part of last year's amount in Chinese: a number as a percentage, 1 as nothing at all."""
    try:
        number = float(part.text)
    except ValueError:
        return f"的 {part} 倍"
    return "" if number == 1 else f"的 {100 * number:.10g}%"
