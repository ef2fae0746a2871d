"""The share of the money that goes to a group of regions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from pydantic import model_validator
from pydantic_core import PydanticCustomError

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


@allocation_rule("group_share")
class GroupShare(AmountRule):
    """Each group of `group_share` gets at least and/or at most a share, or an amount, of the money.

    `at_least` and `at_most` are shares of all that the pools pay; `least_amount` and `most_amount`
    are money. All may differ by group. With `where` only the groups of those regions are bound.

    Source: group shares of development grants (Indonesia's DID clusters 50/35/15 %).
    """

    group_share: Expr = expression(kind="any", description="the group of each region")
    at_least: Expr | None = expression(None)
    at_most: Expr | None = expression(None)
    least_amount: Expr | None = expression(None)
    most_amount: Expr | None = expression(None)
    pool: Pools = None

    @model_validator(mode="after")
    def _a_side(self) -> GroupShare:
        if not any((self.at_least, self.at_most, self.least_amount, self.most_amount)):
            raise PydanticCustomError(
                "group_share",
                "{en}",
                {
                    "en": "a group share needs at_least, at_most, least_amount or most_amount",
                    "zh": "group_share 须写 at_least、at_most、least_amount、most_amount 之一",
                },
            )
        return self

    def rows(self, ground: Ground) -> list[ExactRow]:
        """One row a group and side; shares compare with all that is paid from the pools."""
        groups, n_groups = ground.env.groups(
            ground.model.compiled(self.group_share).full(ground.env)
        )
        labels = ground.model.compiled(self.group_share).full(ground.env)
        applies = ground.where(self)
        pools = ground.pools(self.pool)
        everyone = [int(c) for pool in pools for c in ground.columns[pool] if c >= 0]
        rows = []
        for group in range(n_groups):
            members = np.flatnonzero((groups == group) & applies)
            if not members.size:
                continue
            all_members = np.flatnonzero(groups == group)
            first = int(members[0])
            inside = [
                int(ground.columns[pool][i])
                for pool in pools
                for i in all_members
                if ground.columns[pool][i] >= 0
            ]
            name = str(labels[first])
            for side in ("at_least", "at_most"):
                expr = getattr(self, side)
                if expr is None:
                    continue
                share = ground.exact(expr)[first]
                if share is None:
                    continue
                terms = dict.fromkeys(everyone, -share)
                for column in inside:
                    terms[column] += 1
                low = Fraction(0) if side == "at_least" else None
                high = Fraction(0) if side == "at_most" else None
                rows.append(
                    ExactRow(
                        self.id, f"{name} {side}", tuple(terms), tuple(terms.values()), low, high
                    )
                )
            low = ground.exact(self.least_amount)[first] if self.least_amount else None
            high = ground.exact(self.most_amount)[first] if self.most_amount else None
            if low is not None or high is not None:
                ones = (Fraction(1),) * len(inside)
                rows.append(ExactRow(self.id, name, tuple(inside), ones, low, high))
        return rows

    def sentence(self, lang: Lang) -> str:
        """What the rule says."""
        words = pool_words(self.pool, lang)
        sides = {
            "at_least": ("at least the share", "占比不低于"),
            "at_most": ("at most the share", "占比不高于"),
            "least_amount": ("at least", "不低于"),
            "most_amount": ("at most", "不高于"),
        }
        parts = [
            f"{zh} {getattr(self, name)}" if lang == "zh" else f"{en} {getattr(self, name)}"
            for name, (en, zh) in sides.items()
            if getattr(self, name) is not None
        ]
        if lang == "zh":
            return f"{words}中每一组（{self.group_share}）{'，'.join(parts)}"
        return f"each group ({self.group_share}) of {words}: {', '.join(parts)}"
