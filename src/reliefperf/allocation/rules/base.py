"""What a rule on amounts is: fields that are its schema, the rows it makes, and a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from reliefperf.allocation.naming import Naming
from reliefperf.allocation.program import ONE, ExactRow, LimitRows
from reliefperf.allocation.ratios import Partial
from reliefperf.errors import InputError, Lang, Note
from reliefperf.model.environment import Environment
from reliefperf.model.expressions import Expr
from reliefperf.model.model import Model
from reliefperf.model.numbers import short_fraction
from reliefperf.model.spec_allocation import RULES, AllocationRule, AllocationSpec

if TYPE_CHECKING:
    from reliefperf.allocation.pool import Pool

allocation_rule = RULES.add

_RANGES = {
    "ratio": (0, np.inf),
    "at_least": (0, 1),
    "at_most": (0, np.inf),
    "matching": (0, np.inf),
    "own": (0, np.inf),
}
"""What a number in a rule can be where amounts are not below zero."""

TOTAL = "total"
"""The pool name that stands for all pools together."""


@dataclass(frozen=True)
class Ground:
    """What rules make their rows from.

    `columns` gives for each pool the column of every region, shape (n_regions,), -1 where the
    region has no part in the pool. `fixed_totals` holds what pools pay in any case, `made` the pools
    with their entitlements, `giving` the rules that may give way, `granted` by rule the regions
    that keep a minimum grant although their entitlement is below it.
    """

    model: Model
    env: Environment
    columns: Mapping[str, NDArray[np.int64]]
    fixed_totals: Mapping[str, Fraction]
    made: Mapping[str, Pool] = field(default_factory=dict)
    giving: frozenset[str] = frozenset()
    granted: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def pools(self, named: str | Sequence[str] | None) -> list[str]:
        """The pools that a rule's `pool` names; all of them for None and 'total'."""
        if named is None or named == TOTAL:
            return list(self.columns)
        return [named] if isinstance(named, str) else list(named)

    def column(self, expr: Expr) -> Partial:
        """An expression as exact numbers, one a region; None where it is missing."""
        return Partial.measured(self.model.compiled(expr).full(self.env))

    def exact(self, expr: Expr) -> list[Fraction | None]:
        """The same as a list of fractions; what 1/3 or 5/7 comes to is that fraction."""
        return [None if value is None else short_fraction(value) for value in self.column(expr)]

    def where(self, rule: AllocationRule) -> NDArray[np.bool_]:
        """The regions that a rule speaks of; where its condition is missing it does not apply."""
        if rule.where is None:
            return np.ones(self.env.n_regions, dtype=bool)
        holds = self.model.compiled(rule.where).full(self.env)
        self.env.report(
            "condition-unknown",
            rule.id,
            "the rule's condition is missing, so the rule does not apply",
            "规则条件缺失，该规则不适用",
            np.isnan(holds),
        )
        if not (holds == 1).any():
            self.env.notes.append(
                Note(
                    "rule-not-applied",
                    "the rule's `where` selects no region, so the rule does not apply",
                    "规则的 where 没有选中任何地区，该规则不适用",
                    1,
                    rule.id,
                )
            )
        return np.asarray(holds == 1)

    def path(self, rule: AllocationRule, key: str) -> tuple[str | int, ...]:
        """Where a key of a rule stands in the model."""
        spec = self.model.spec.allocation
        assert spec is not None
        place = next((i for i, one in enumerate(spec.rules) if one.id == rule.id), None)
        return ("allocation", "rules") if place is None else ("allocation", "rules", place, key)

    def refuse_outside(
        self, rule: AllocationRule, key: str, pools: Sequence[str], applies: NDArray[np.bool_]
    ) -> None:
        """Raise InputError naming regions where `key` of a rule is a number that nothing can keep.

        Where amounts of the `pools` may be below zero any number can be meant.
        """
        spec, expr = self.model.spec.allocation, getattr(rule, key)
        assert spec is not None
        if expr is None or any(spec.pools[pool].negative == "allow" for pool in pools):
            return
        values = self.model.compiled(expr).full(self.env)
        least, most = _RANGES[key]
        with np.errstate(invalid="ignore"):
            wrong = np.flatnonzero(applies & ((values < least) | (values > most))).tolist()
        if not wrong:
            return
        naming = Naming.of(self.model, self.env)
        regions, regions_zh = naming.regions(self.env.codes[i] for i in wrong)
        (en, zh), value = naming.rule(rule.id), f"{values[wrong[0]]:g}"
        open_ended = most == np.inf
        wanted = "0 or more" if open_ended else "between 0 and 1, as 0.36"
        wanted_zh = "不得小于 0" if open_ended else "须在 0 与 1 之间，例如 0.36"
        raise InputError(
            self.model.document.mistake(
                self.path(rule, key),
                f"rule {en}: {key} is {value} in {len(wrong)} region(s): {regions}; it must be "
                f"{wanted}",
                f"规则{zh}：{key} 在 {len(wrong)} 个地区为 {value}：{regions_zh}；{wanted_zh}",
            )
        )

    def region_rows(
        self,
        rule: AllocationRule,
        pools: Sequence[str],
        lower: Partial | None,
        upper: Partial | None,
    ) -> Sequence[ExactRow]:
        """A row for each region: the sum of its amounts in `pools` between lower and upper.

        A region whose limit is missing, or that has no part in the pools, has no row; both are
        noted.
        """
        applies = self.where(rule)
        unknown = np.zeros(applies.shape, dtype=bool)
        for side in (lower, upper):
            if side is not None:
                unknown |= ~side.known
        self.env.report(
            "rule-not-applied",
            rule.id,
            "the rule's limit is missing, so the rule does not apply",
            "规则的限额缺失，该规则不适用",
            applies & unknown,
        )
        places = np.stack([self.columns[pool] for pool in pools])
        outside = (places < 0).all(axis=0)
        asked = outside & (False if lower is None else lower.nonzero)
        self.env.report(
            "rule-not-applied",
            rule.id,
            "the region is not eligible for the pool, so the rule does not apply",
            "该地区不具备资金池的资格，规则不适用",
            applies & asked & ~unknown,
        )
        there = np.flatnonzero(applies & ~unknown & ~outside).tolist()
        if len(pools) == 1:
            return LimitRows(
                rule.id,
                [self.env.codes[i] for i in there],
                places[0][there].tolist(),
                None if lower is None else lower.taken(there),
                None if upper is None else upper.taken(there),
            )
        rows = []
        for i in there:
            chosen = tuple(int(column) for column in places[:, i] if column >= 0)
            rows.append(
                ExactRow(
                    rule.id,
                    self.env.codes[i],
                    chosen,
                    (ONE,) * len(chosen),
                    None if lower is None else lower[i],
                    None if upper is None else upper[i],
                )
            )
        return rows

    def multiple_rows(
        self, rule: AllocationRule, pools: Pools, factor: Expr, of: Expr, *, at_least: bool
    ) -> Sequence[ExactRow]:
        """A row for each region: its amount against `factor` times `of`."""
        limit = Partial.product(*(self.model.compiled(x).full(self.env) for x in (factor, of)))
        low, high = (limit, None) if at_least else (None, limit)
        return self.region_rows(rule, self.pools(pools), low, high)


class AmountRule(AllocationRule):
    """The base of rules on amounts."""

    def rows(self, ground: Ground) -> Sequence[ExactRow]:
        """The rows that the rule makes, in money."""
        raise NotImplementedError

    def sentence(self, lang: Lang) -> str:
        """What the rule says, in one sentence."""
        raise NotImplementedError

    def sentence_in(self, allocation: AllocationSpec, lang: Lang) -> str:
        """The sentence with what follows from the rule in an allocation, by what its pools say."""
        return self.sentence(lang)


def pool_words(named: str | Sequence[str] | None, lang: Lang) -> str:
    """How a sentence names the pools of a rule."""
    if named is None or named == TOTAL:
        return "各资金池合计" if lang == "zh" else "the total of all pools"
    if isinstance(named, str):
        return f"资金池“{named}”" if lang == "zh" else f"pool '{named}'"
    joined = "、".join(named) if lang == "zh" else " + ".join(named)
    return f"资金池“{joined}”" if lang == "zh" else f"pools {joined}"


def short_words(if_short: str | None, lang: Lang) -> str:
    """The end of the sentence of a guarantee that is reduced where money is short."""
    if if_short is None:
        return ""
    if lang == "zh":
        return "；资金池不足以支付全部保底额时，各保底额按同一比例压减"
    return "; where the pool cannot pay all these guarantees, they are reduced in one proportion"


IfShort = Annotated[
    Literal["scale"] | None,
    Field(description="scale: guarantees that the pool cannot pay are reduced in proportion"),
]

Pools = str | list[str] | None
