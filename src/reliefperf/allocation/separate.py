"""Pools that stand alone: rules are limits on single amounts, so each pool is settled exactly.

A shared pool is water-filled: amounts in proportion to the entitlements, held between the limits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from reliefperf.allocation.bearing import carry
from reliefperf.allocation.bounds import FAR_BELOW, Bounds
from reliefperf.allocation.contributing import contributions, keep_signs
from reliefperf.allocation.crossing import Crossing, crossing_words
from reliefperf.allocation.naming import Naming, Words
from reliefperf.allocation.pool import Pool, Stage
from reliefperf.allocation.program import ExactRow
from reliefperf.allocation.ratios import Partial, Ratios
from reliefperf.allocation.relaxing import amount_text
from reliefperf.allocation.waterfill import Filled, waterfill
from reliefperf.errors import InfeasibleError, InputError, Mistake
from reliefperf.model.environment import Environment
from reliefperf.model.model import Model
from reliefperf.model.spec_allocation import ALONE, UNROUNDED


def settle(
    model: Model, env: Environment, pool: Pool, rules: Sequence[tuple[str, Sequence[ExactRow]]]
) -> tuple[tuple[Stage, ...], Bounds]:
    """The amounts after each rule, in the stated order, and the limits that hold in the end.

    Raises InfeasibleError naming the rules at odds and by how much they miss.
    """
    bounds = Bounds.open(env.n_regions, negative=pool.spec.negative == "allow")
    if pool.spec.contributes:
        keep_signs(pool, bounds)
    stages = list(pool.stages)
    amounts: Ratios | None = None
    for place, (rule_id, rows) in enumerate(rules):
        moved = bounds.take(rows)
        if bounds.crossed():
            raise InfeasibleError(_contradictions(model, env, pool, bounds, rules[place + 1 :]))
        try:
            # The nearest point stays the nearest where the limits close in without touching it.
            if amounts is None or keeps(pool) or not bounds.hold(moved, amounts):
                amounts = _amounts(model, env, pool, bounds)
        except InfeasibleError as error:
            found = _contradictions(model, env, pool, bounds, rules[place + 1 :])
            raise InfeasibleError(found or error.mistakes) from None
        stages.append(Stage(rule_id, amounts))
    return tuple(stages), bounds


def _contradictions(
    model: Model,
    env: Environment,
    pool: Pool,
    bounds: Bounds,
    later: Sequence[tuple[str, Sequence[ExactRow]]],
) -> list[Mistake]:
    """All that limits make impossible, with those of `later` rules: single amounts, then sums."""
    path = ("allocation", "pools", pool.id)
    for _, rows in later:
        bounds.take(rows)
    mistakes = []
    crossed = bounds.crossed()
    found = []
    for i in crossed:
        low, high = bounds.low[i], bounds.high[i]
        assert high is not None
        found.append(
            Crossing(env.codes[i], pool.id, low, bounds.low_rule[i], high, bounds.high_rule[i])
        )
    if found:
        words = crossing_words(found, Naming.of(model, env))
        mistakes.append(model.document.mistake(path, *words))
    start = Ratios.of(pool.nearest_to)
    for group in range(len(pool.totals)):
        one = _Group(model, env, pool, bounds, group)
        if crossed:
            mistakes += [model.document.mistake(path, *words) for words in one.sums_missed()]
            continue
        try:
            one.amounts(start.taken(one.members))
        except InfeasibleError as error:
            mistakes += error.mistakes
    return mistakes


def _amounts(model: Model, env: Environment, pool: Pool, bounds: Bounds) -> Ratios:
    """The point nearest to the entitlements within the limits, group by group."""
    start = Ratios.of(pool.nearest_to)
    result = Ratios.over([0] * len(start), 1)
    for group in range(len(pool.totals)):
        one = _Group(model, env, pool, bounds, group)
        amounts = one.amounts(start.taken(one.members))
        for i, top, bottom in zip(one.members, amounts.tops, amounts.bottoms, strict=True):
            result.tops[i], result.bottoms[i] = top, bottom
    return result


@dataclass(frozen=True)
class _Group:
    """The regions of a pool that share one total, within their limits."""

    model: Model
    env: Environment
    pool: Pool
    bounds: Bounds
    group: int

    @cached_property
    def members(self) -> list[int]:
        """The places of its regions."""
        return np.flatnonzero(self.pool.groups == self.group).tolist()

    @property
    def pays_in(self) -> bool:
        """Whether its regions pay the total in."""
        total = self.pool.totals[self.group]
        return self.pool.spec.contributes and total is not None and total < 0

    def amounts(self, wanted: Ratios) -> Ratios:
        """The amounts nearest to those that are wanted (one a member); InfeasibleError if none are."""
        total, pays_in = self.pool.totals[self.group], self.pays_in
        low = self.bounds.low.taken(self.members)
        high = self.bounds.high.taken(self.members)
        held = _between(wanted, low, high)
        asked = held.total()
        if total is None or asked == total or ((asked < total) != pays_in and keeps(self.pool)):
            return held
        if self.pool.bear is not None:
            filled = self._carried(low, high)
        else:
            filled = (contributions if pays_in else waterfill)(wanted, low, high, total)
        left, gives_all = filled.left, self.pool.leftover == "redistribute"
        if pays_in and (left < 0 or (left and gives_all)):
            raise self._refused(*self._contributions_miss(total, left))
        if left < 0:
            raise self._refused(*self._floors_too_high(total))
        if left > 0 and gives_all:
            raise self._refused(*self._caps_too_low(total, left))
        return filled.amounts

    def sums_missed(self) -> Iterator[Words]:
        """Where the sum of the lows, and that of the highs, misses the total, whatever each is."""
        total = self.pool.totals[self.group]
        if total is None or self.pool.spec.contributes:
            return
        if self.bounds.low.taken(self.members).total() > total:
            yield self._floors_too_high(total)
        highs = [self.bounds.high[i] for i in self.members]
        most = sum((high for high in highs if high is not None), Fraction(0))
        if None not in highs and most < total and self.pool.leftover == "redistribute":
            yield self._caps_too_low(total, total - most)

    def _carried(self, low: Ratios, high: Partial) -> Filled:
        """The amounts where the pool says by what measure limits are carried."""
        known = [
            0 if top <= FAR_BELOW * bottom else bottom
            for top, bottom in zip(low.tops, low.bottoms, strict=True)
        ]

        def refuse(key: str, en: str, zh: str) -> InputError:
            path = ("allocation", "pools", self.pool.id, key)
            return InputError(self.model.document.mistake(path, en, zh))

        lows = Partial(low.tops, known)
        return carry(refuse, self.env.codes, self.pool, self.group, self.members, lows, high)

    def _refused(self, en: str, zh: str) -> InfeasibleError:
        path = ("allocation", "pools", self.pool.id)
        return InfeasibleError(self.model.document.mistake(path, en, zh))

    def _named(self, of: Sequence[str]) -> tuple[Words, Words, Words, int]:
        """The rules that set its members' limits, its pool, its name; how many rules they are."""
        naming = Naming.of(self.model, self.env)
        rules = sorted({of[i] for i in self.members} - {""})
        name = self.pool.group_names[self.group]
        where = (f" (group {name})", f"（组“{name}”）") if name else ("", "")
        return naming.rules(rules), naming.rule(self.pool.id), where, len(rules)

    def _floors_too_high(self, total: Fraction) -> Words:
        (named, named_zh), (pool, pool_zh), (where, where_zh), n_rules = self._named(
            self.bounds.low_rule
        )
        need = self.bounds.low.taken(self.members).total()
        asks, has = amount_text(need), amount_text(total)
        short = amount_text(need - total)
        one = n_rules == 1
        return (
            f"{'rule' if one else 'rules'} {named} need{'s' if one else ''} at least {asks} in all, "
            f"but pool {pool}{where} has {has}: {short} too little. Lower the floors or raise the pool",
            f"规则{named_zh}合计至少需要 {asks}，而资金池{pool_zh}{where_zh}只有 {has}，差 {short}。"
            "请降低保底或增加资金池",
        )

    def _caps_too_low(self, total: Fraction, left: Fraction) -> Words:
        (named, named_zh), (pool, pool_zh), (where, where_zh), n_rules = self._named(
            self.bounds.high_rule
        )
        rest, whole, one = amount_text(left), amount_text(total), n_rules == 1
        return (
            f"{'rule' if one else 'rules'} {named} leave{'s' if one else ''} {rest} of pool "
            f"{pool}{where} (total {whole}) that no region may take. Raise the caps, or state "
            "`leftover: redistribute_then_return`",
            f"规则{named_zh}使资金池{pool_zh}{where_zh}（总额 {whole}）有 {rest} 无人可得。"
            "请提高上限，或写 leftover: redistribute_then_return",
        )

    def _contributions_miss(self, total: Fraction, left: Fraction) -> Words:
        """Contributions of which some may be paid by nobody, or caps that ask for more than them."""
        (named, named_zh), (pool, pool_zh), (where, where_zh), _ = self._named(
            self.bounds.low_rule if left > 0 else self.bounds.high_rule
        )
        wanted, rest = amount_text(-total), amount_text(abs(left))
        if left > 0:
            return (
                f"the floors of {named} leave {rest} of the {wanted} that pool {pool}{where} takes "
                "in, which no region may pay. Lower the floors, or state "
                "`leftover: redistribute_then_return`",
                f"规则{named_zh}的下限使资金池{pool_zh}{where_zh}应上缴的 {wanted} 中有 {rest} 无人可缴。"
                "请降低下限，或写 leftover: redistribute_then_return",
            )
        asked = amount_text(-total - left)
        return (
            f"the caps of {named} ask for {asked} in all, but pool {pool}{where} takes in {wanted}: "
            f"{rest} too much. Raise the caps",
            f"规则{named_zh}的上限要求合计上缴 {asked}，而资金池{pool_zh}{where_zh}只收 {wanted}，"
            f"多 {rest}。请提高上限",
        )


def _between(wanted: Ratios, low: Ratios, high: Partial) -> Ratios:
    """The amounts that are wanted, moved inside their limits."""
    tops, bottoms = [], []
    for a, b, c, d, e, f in zip(
        wanted.tops, wanted.bottoms, low.tops, low.bottoms, high.tops, high.bottoms, strict=True
    ):
        top, bottom = (a, b) if not f or a * f <= e * b else (e, f)
        if top * d < c * bottom:
            top, bottom = c, d
        tops.append(top)
        bottoms.append(bottom)
    return Ratios(tops, bottoms)


def keeps(pool: Pool) -> bool:
    """Whether nobody gets more than the entitlement where limits leave money over."""
    return pool.leftover in ("return", "reserve") or pool.spec.kind == "formula"


def divides(rounding: str) -> bool:
    """Whether a rounding is a divisor method."""
    return rounding not in ("largest_remainder", UNROUNDED, *ALONE)


def claims_of(pool: Pool, quotas: Ratios) -> Ratios:
    """What a divisor method divides: the entitlements before any rule, within whose limits it stays.

    With `bear` limits are not carried in proportion, and the amounts themselves are divided.
    """
    return quotas if pool.bear is not None else Ratios.of(pool.start)
