"""The order of awards: a better score never receives less for each unit of need."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np

from reliefperf.allocation.rounding import ExactRow
from reliefperf.allocation.rules.base import (
    AmountRule,
    Ground,
    Pools,
    allocation_rule,
    pool_words,
)
from reliefperf.errors import Lang
from reliefperf.model.expressions import Expr
from reliefperf.model.spec_data import expression


@allocation_rule("order")
class Order(AmountRule):
    """With a better score `order` a region never receives less for each unit of need `per`.

    Rows stand between neighbours in the order, within each group of `by`; equal scores receive
    equally. In whole units a row may be passed by one unit of one of the two amounts: rounding all
    amounts with one divisor to the nearest unit keeps that (Webster's method), while equal amounts
    per need in whole units mostly do not exist. Regions without score, without need or outside the
    pool have no place in the order.

    Source: an option of the tool; published awards by rank band (Jiangsu, Guangdong) keep it.
    """

    order: Expr = expression(description="the score; more is better")
    per: Expr = expression(description="what the amount is divided by: need, persons, 1")
    by: Expr | None = expression(None, kind="any", description="an order for each group")
    on_top_of: Expr | None = expression(
        None, description="money that counts with the amounts and is not shared out: own revenue"
    )
    pool: Pools = None

    def rows(self, ground: Ground) -> list[ExactRow]:
        """One row for each two neighbours: better / its need - worse / its need >= 0, in money."""
        scores, needs = ground.exact(self.order), ground.exact(self.per)
        n_regions = len(scores)
        applies = ground.where(self)
        known = np.array(
            [s is not None and n is not None and n > 0 for s, n in zip(scores, needs, strict=True)]
        )
        groups = np.zeros(n_regions, dtype=np.int64)
        if self.by is not None:
            groups, _ = ground.env.groups(ground.model.compiled(self.by).full(ground.env))
            known &= groups >= 0
        own = [Fraction(0)] * n_regions
        if self.on_top_of is not None:
            stated = ground.exact(self.on_top_of)
            known &= np.array([value is not None for value in stated])
            own = [Fraction(0) if value is None else value for value in stated]
        columns = [ground.columns[pool].tolist() for pool in ground.pools(self.pool)]
        inside = np.array([any(of_pool[i] >= 0 for of_pool in columns) for i in range(n_regions)])
        ground.env.report(
            "rule-not-applied",
            self.id,
            "score, group or what counts with the amount is missing, or need is not above zero, so the "
            "rule does not apply",
            "得分、分组或一并计入的金额缺失，或需求不大于零，该规则不适用",
            applies & inside & ~known,
        )
        score = [Fraction(0) if value is None else value for value in scores]
        need = [Fraction(1) if value is None else value for value in needs]
        placed = np.flatnonzero(applies & inside & known).tolist()
        placed.sort(key=lambda i: (int(groups[i]), -score[i], i))
        rows = []
        for better, worse in pairwise(placed):
            if groups[better] == groups[worse]:
                size = max(need[better], need[worse])
                terms = {
                    place: factor / size
                    for i, factor in ((better, need[worse]), (worse, -need[better]))
                    for of_pool in columns
                    if (place := of_pool[i]) >= 0
                }
                least = (need[better] * own[worse] - need[worse] * own[better]) / size
                tie = score[better] == score[worse]
                rows.append(self._row(ground, better, worse, terms, least, tie=tie))
        return rows

    def _row(
        self,
        ground: Ground,
        better: int,
        worse: int,
        terms: dict[int, Fraction],
        least: Fraction,
        *,
        tie: bool,
    ) -> ExactRow:
        """better x need of worse - worse x need of better, by the larger need: a unit is a unit."""
        codes = ground.env.codes
        return ExactRow(
            self.id,
            f"{codes[better]} {'=' if tie else '>='} {codes[worse]}",
            tuple(terms),
            tuple(terms.values()),
            least,
            least if tie else None,
            slack=Fraction(1),
        )

    def sentence(self, lang: Lang) -> str:
        """What the rule says."""
        words = pool_words(self.pool, lang)
        if self.on_top_of is not None:
            words += f"连同 {self.on_top_of}" if lang == "zh" else f" and {self.on_top_of} together"
        if lang == "zh":
            within = f"在每一组（{self.by}）内，" if self.by is not None else ""
            return (
                f"{words}：{within}{self.order} 较高的地区，每单位 {self.per} 所得不低于较低的地区，"
                "相同者所得相同（整数单位下以一个单位为限）"
            )
        within = f" within each group ({self.by})" if self.by is not None else ""
        return (
            f"{words}: a region with a better {self.order} never receives less for each unit of "
            f"{self.per}{within}; equal ones receive equally (in whole units up to one unit)"
        )
