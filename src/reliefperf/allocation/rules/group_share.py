"""The share of the money that goes to a group of regions."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from reliefperf.allocation.naming import Naming
from reliefperf.allocation.rounding import ExactRow
from reliefperf.allocation.rules.base import (
    AmountRule,
    Ground,
    Pools,
    allocation_rule,
    pool_words,
)
from reliefperf.errors import InputError, Lang
from reliefperf.model.expressions import Expr
from reliefperf.model.spec_data import expression

Bools = NDArray[np.bool_]


@allocation_rule("group_share")
class GroupShare(AmountRule):
    """Each group of `group_share` gets at least and/or at most a share, or an amount, of the money.

    `at_least` and `at_most` are shares of all that the pools pay; `least_amount` and `most_amount`
    are money. All may differ by group. `at_least` above 1, or a share below 0, is refused where no
    amount can be below zero. With `where` only the groups of those regions are bound.

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
        """One row a group and side; a share of fixed totals is an amount, else it is relative."""
        labels = ground.model.compiled(self.group_share).full(ground.env)
        groups, n_groups = ground.env.groups(labels)
        applies = ground.where(self)
        ground.env.report(
            "rule-not-applied",
            self.id,
            "the group is missing, so the rule does not apply",
            "分组缺失，该规则不适用",
            applies & (groups < 0),
        )
        if not applies.any():
            raise self._no_region(ground, labels)
        pools = ground.pools(self.pool)
        limits = {
            side: ground.exact(expr)
            for side in ("at_least", "at_most", "least_amount", "most_amount")
            if (expr := getattr(self, side)) is not None
        }
        for side in ("at_least", "at_most"):
            ground.refuse_outside(self, side, pools, applies)
        rows = []
        for group in range(n_groups):
            inside_group = groups == group
            if (inside_group & applies).any():
                columns = [
                    int(column)
                    for pool in pools
                    for column in ground.columns[pool][inside_group]
                    if column >= 0
                ]
                name = str(labels[int(np.flatnonzero(inside_group)[0])])
                rows += self._of_group(ground, pools, limits, inside_group, columns, name)
        return rows

    def _no_region(self, ground: Ground, labels: NDArray[np.object_]) -> InputError:
        """The error for a `where` that names a group nobody is in."""
        groups = sorted({str(label) for label in labels if label is not None and label == label})
        listed = ", ".join(groups[:10]) + (", ..." if len(groups) > 10 else "")
        en, zh = Naming.of(ground.model, ground.env).rule(self.id)
        return InputError(
            ground.model.document.mistake(
                ground.path(self, "where"),
                f"rule {en}: `where: {self.where}` selects no region; the groups of "
                f"{self.group_share} are {listed}",
                f"规则{zh}：where: {self.where} 没有选中任何地区；{self.group_share} 的分组有 {listed}",
            )
        )

    def _of_group(
        self,
        ground: Ground,
        pools: list[str],
        limits: Mapping[str, list[Fraction | None]],
        inside: Bools,
        columns: list[int],
        name: str,
    ) -> list[ExactRow]:
        rows = []
        ones = (Fraction(1),) * len(columns)
        for side, values in limits.items():
            limit = self._limit(ground, side, values, inside, name)
            if limit is None:
                continue
            is_low = side in ("at_least", "least_amount")
            terms, coefficients = tuple(columns), ones
            if side in ("at_least", "at_most"):
                if all(pool in ground.fixed_totals for pool in pools):
                    limit *= sum((ground.fixed_totals[pool] for pool in pools), Fraction(0))
                else:
                    terms, coefficients, limit = _relative(ground, pools, columns, limit)
            low, high = (limit, None) if is_low else (None, limit)
            rows.append(ExactRow(self.id, f"{name} {side}", terms, coefficients, low, high))
        return rows

    def _limit(
        self, ground: Ground, side: str, values: list[Fraction | None], inside: Bools, name: str
    ) -> Fraction | None:
        """The one value of a limit in a group; raises InputError where it differs within it."""
        found = {values[i] for i in np.flatnonzero(inside).tolist()}
        if found == {None}:
            ground.env.report(
                "rule-not-applied",
                self.id,
                f"{side} is missing, so the rule does not apply",
                f"{side} 缺失，该规则不适用",
                inside,
            )
            return None
        if len(found) > 1:
            en, zh = Naming.of(ground.model, ground.env).rule(self.id)
            raise InputError(
                ground.model.document.mistake(
                    ground.path(self, side),
                    f"rule {en}: {side} differs within group {name}; it must be one number "
                    "for the whole group",
                    f"规则{zh}：{side} 在组“{name}”内不一致；同一组须为同一个数",
                )
            )
        return found.pop()

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


def _relative(
    ground: Ground, pools: list[str], columns: list[int], share: Fraction
) -> tuple[tuple[int, ...], tuple[Fraction, ...], Fraction]:
    """The row that compares a group with a share of all that is paid, which is not known."""
    everyone = [int(c) for pool in pools for c in ground.columns[pool] if c >= 0]
    terms = dict.fromkeys(everyone, -share)
    for column in columns:
        terms[column] += 1
    return tuple(terms), tuple(terms.values()), Fraction(0)
