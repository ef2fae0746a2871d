"""The ratio between a region's amounts in two pools."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

import numpy as np

from reliefperf.allocation.rounding import ExactRow
from reliefperf.allocation.rules.base import (
    AmountRule,
    Ground,
    allocation_rule,
    pool_words,
)
from reliefperf.errors import Lang
from reliefperf.model.expressions import Expr
from reliefperf.model.spec_data import expression


@allocation_rule("ratio")
class PoolRatio(AmountRule):
    """In each region the amount in `pool` is at most (or at least) `ratio` times that in `to`.

    A `ratio` below zero is refused where no amount can be below zero.

    Source: award parts bounded by base parts, an option of the tool.
    """

    ratio: Expr = expression()
    pool: str | list[str]
    to: str | list[str]
    side: Literal["at_most", "at_least"] = "at_most"

    def rows(self, ground: Ground) -> list[ExactRow]:
        """One row a region: pool - ratio x to <= 0 (or >= 0)."""
        ratios = ground.exact(self.ratio)
        applies = ground.where(self)
        both = [*ground.pools(self.pool), *ground.pools(self.to)]
        ground.refuse_outside(self, "ratio", both, applies)
        upper = Fraction(0) if self.side == "at_most" else None
        lower = Fraction(0) if self.side == "at_least" else None
        rows = []
        outside = np.array(
            [
                all(ground.columns[p][i] < 0 for p in ground.pools(self.pool))
                for i in range(len(ratios))
            ]
        )
        if self.side == "at_least":
            ground.env.report(
                "rule-not-applied",
                self.id,
                "the region is not eligible for the pool, so the rule does not apply",
                "该地区不具备资金池的资格，规则不适用",
                applies & outside,
            )
        for i in np.flatnonzero(applies & ~outside).tolist():
            ratio = ratios[i]
            if ratio is None:
                continue
            terms: dict[int, Fraction] = {}
            for pool in ground.pools(self.pool):
                column = int(ground.columns[pool][i])
                if column >= 0:
                    terms[column] = terms.get(column, Fraction(0)) + 1
            for pool in ground.pools(self.to):
                column = int(ground.columns[pool][i])
                if column >= 0:
                    terms[column] = terms.get(column, Fraction(0)) - ratio
            if terms:
                code = ground.env.codes[i]
                rows.append(
                    ExactRow(self.id, code, tuple(terms), tuple(terms.values()), lower, upper)
                )
        missing = np.array([ratio is None for ratio in ratios])
        ground.env.report(
            "rule-not-applied",
            self.id,
            "the ratio is missing, so the rule does not apply",
            "比例缺失，规则不适用",
            applies & missing,
        )
        return rows

    def sentence(self, lang: Lang) -> str:
        """What the rule says."""
        one, other = pool_words(self.pool, lang), pool_words(self.to, lang)
        if lang == "zh":
            word = "不高于" if self.side == "at_most" else "不低于"
            return f"各地区{one}{word}{other}的 {self.ratio} 倍"
        word = "at most" if self.side == "at_most" else "at least"
        return f"in each region {one} is {word} {self.ratio} times {other}"
