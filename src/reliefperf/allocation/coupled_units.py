"""The whole units of pools that are one program: totals, hard rules, and rules that give way for them.

Amounts of the program are rounded all at once, so that every total and hard rule is kept exactly.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import cast

from reliefperf.allocation import room, rounding
from reliefperf.allocation.clashing import clash_words, clashing
from reliefperf.allocation.coupled_wishes import CoupledWishes, TieKey
from reliefperf.allocation.cutting import budget_cuts
from reliefperf.allocation.naming import Naming, Words
from reliefperf.allocation.nearness import MOST, Nearness
from reliefperf.allocation.pool import Pool
from reliefperf.allocation.pool_units import tie_keys, total_not_whole
from reliefperf.allocation.program import ExactRow
from reliefperf.allocation.relaxing import (
    RuleRows,
    held,
    missed_by,
    order_of_giving,
    outwards,
    priorities,
    relaxations,
)
from reliefperf.allocation.remainders import ranks, with_difference
from reliefperf.allocation.repair import Whole
from reliefperf.allocation.rounding import RoundingImpossible
from reliefperf.allocation.rounding_words import rounding_notes
from reliefperf.allocation.rules.base import AmountRule
from reliefperf.allocation.separate import divides
from reliefperf.allocation.tying import what_ties
from reliefperf.errors import InfeasibleError, InputError
from reliefperf.model.spec_allocation import AllocationSpec

_SETTLING = 4
"""How often units are sought under the rules as the last ones keep them."""


class CoupledUnits(CoupledWishes):
    """Amounts of the program in whole units of the smallest amount.

    Raises InputError, before any solving, for a total that whole units cannot add up to and for a
    pool whose way of rounding is for pools that stand alone.
    """

    reasons = True
    """Whether an error says which rules are at odds; who only tries needs no more than that they are."""

    def _refuse(self) -> None:
        for pool_id, pool in self.pools.items():
            if divides(pool.rounding) and (self.relaxing or self.needed(self.spec)):
                raise self._alone_only(pool)
            if pool.rounding == "largest_remainder":
                for group in range(len(pool.totals)):
                    if pool.totals[group] is not None and (m := self._columns_of(pool_id, group)):
                        self._units_of(pool, m, group)

    @staticmethod
    def needed(spec: AllocationSpec) -> bool:
        """Whether amounts are tied to one another beyond each pool's own total."""
        return what_ties(spec) is not None

    def giving(
        self, rules: RuleRows, change: Callable[[ExactRow], ExactRow]
    ) -> list[tuple[AmountRule, Sequence[ExactRow]]]:
        """The rules, with the rows of hard ones that may give way changed."""
        may = priorities(self.spec, [rule for rule, _ in rules])
        return [
            (rule, [change(row) for row in rows])
            if rule.soft is None and may[rule.id] is not None
            else (rule, rows)
            for rule, rows in rules
        ]

    def whole(self, amounts: Sequence[Fraction]) -> tuple[int, ...]:
        """Whole units (n_amounts,) for amounts in money; what gave way for them is recorded.

        Raises InfeasibleError where no whole units keep the rules and none may give way.
        """
        if max(map(abs, amounts), default=Fraction(0)) >= MOST * self.step:
            raise self._too_large()
        values, totals, alone = self._totals_in_units(amounts)
        # amounts that stand alone need not meet a total; what they miss it by is noted
        fixed = [row for row in self.fixed if row.rule not in alone or row.lower != row.upper]
        keys = self._tie_keys()
        before = self.rules
        found = self._rounded(values, fixed, totals, keys)
        if self.relaxing:
            # a row gives way by what the paid amounts miss it by, and these are the nearest then
            for _ in range(_SETTLING):
                rules = self._as_paid(before, found.units)
                if rules == self.rules:
                    break
                self.rules = rules
                found = self._rounded(values, fixed, totals, keys)
            paid = [unit * self.step for unit in found.units]
            order = order_of_giving(self.spec)
            self.relaxations = [
                *budget_cuts(self, self.rules, amounts, paid),
                *relaxations(self.stated, paid, self.step, amounts, order),
            ]
        self.rounded = found
        if found.broken:
            paid = [unit * self.step for unit in found.units]
            raise self._no_room(*self._at_odds(values, fixed, totals, found.broken, paid))
        self._note_rounding(values, found)
        return found.units

    def _totals_in_units(
        self, amounts: Sequence[Fraction]
    ) -> tuple[list[Fraction], list[rounding.Total], set[str]]:
        """The amounts, with those rounded each by itself as they end; the totals of all others.

        Last the names of the rows of totals that amounts rounded each by itself need not meet.
        """
        values = list(amounts)
        totals: list[rounding.Total] = []
        alone: set[str] = set()
        for pool_id, pool in self.pools.items():
            columns = [c for c in self.columns[pool_id].tolist() if c >= 0]
            if pool.rounding != "largest_remainder":
                alone.add(f"pool {pool_id}")
                units = self._one_by_one(pool, columns, values)
                for column, unit in zip(columns, units, strict=True):
                    values[column] = unit * self.step
                continue
            for group in range(len(pool.totals)):
                members = self._columns_of(pool_id, group)
                if members and pool.spec.kind == "formula":
                    totals.append(self._formula_units(pool, members, values))
                elif members:
                    totals.append(self._units_of(pool, members, group))
        return values, totals, alone

    def _one_by_one(
        self, pool: Pool, columns: Sequence[int], values: Sequence[Fraction]
    ) -> list[int]:
        """The units of amounts that are rounded each by itself, with the difference if one takes it."""
        mode = cast(rounding.Mode, pool.rounding)
        units = rounding.round_each([values[c] for c in columns], self.step, mode)
        if pool.spec.difference is None:
            return units
        places = {c: k for k, c in enumerate(columns)}
        rank = ranks(self.n_amounts, self._tie_keys())
        for group in range(len(pool.totals)):
            members = self._columns_of(pool.id, group)
            quotas = [values[c] / self.step for c in members]
            own, open_ends = [units[places[c]] for c in members], [None] * len(members)
            made = with_difference(own, quotas, open_ends, open_ends, [rank[c] for c in members])
            for c, unit in zip(members, made, strict=True):
                units[places[c]] = unit
        return units

    def _tie_keys(self) -> list[TieKey]:
        """Who comes first when remainders are equal, a key an amount; pools by their ids."""
        keys: list[TieKey] = [(0, 0, "")] * self.n_amounts
        for pool_id, pool in self.pools.items():
            by_tie = tie_keys(pool, pool.spec.ties or self.spec.ties)
            for i, column in enumerate(self.columns[pool_id].tolist()):
                if column >= 0:
                    keys[column] = (*by_tie[i], pool_id)
        return keys

    def _note_rounding(self, values: Sequence[Fraction], found: rounding.Rounded) -> None:
        """Say where whole units part regions that are alike, and what they were moved for."""
        naming = Naming.of(self.model, self.env)
        moved = [row for row in self._rows_near(values) if not row.holds(found.units, self.step)]
        passed = self._passed(found.units)
        notes = rounding_notes(values, self.step, found, self.names, naming, moved, passed)
        self.env.notes.extend(notes)

    def _rounded(
        self,
        values: Sequence[Fraction],
        fixed: Sequence[ExactRow],
        totals: Sequence[rounding.Total],
        keys: Sequence[TieKey],
    ) -> rounding.Rounded:
        """Whole units that keep totals and hard rules, where there are any, and what is wished."""
        hard, wishes = self._hard(fixed), self._wishes(values)
        if self.answers is not None:
            return self.answers.rounded(values, hard, totals, keys, wishes, self.step)
        try:
            wished = self._as_wished(values, hard, wishes, totals, keys)
            if wished is not None:
                return wished
            found = rounding.controlled_rounding(
                values, hard, totals, unit=self.step, tie_keys=keys
            )
        except RoundingImpossible as error:
            if self.relaxing and (
                self._give_way_least(values, fixed, totals, keys) or self._widen_outwards()
            ):
                return self._rounded(values, fixed, totals, keys)
            words = self._what_is_short(hard, totals) or (
                str(error),
                f"整数单位无解（{error}）",
            )
            raise self._no_room(*words) from None
        if found.broken and self.relaxing and self._give_way_least(values, fixed, totals, keys):
            return self._rounded(values, fixed, totals, keys)
        return found

    def _give_way_least(
        self,
        values: Sequence[Fraction],
        fixed: Sequence[ExactRow],
        totals: Sequence[rounding.Total],
        keys: Sequence[TieKey],
    ) -> bool:
        """Let rules that may give way do so by the least money for which whole units keep them.

        Returns whether they changed, which they do once.
        """
        from reliefperf.allocation.giving_units import Giving, least_giving

        may = priorities(self.spec, [rule for rule, _ in self.stated])
        giving, firm = [], [row.in_whole_units(self.step) for row in fixed]
        for rule, rows in self.stated:
            priority = may[rule.id]
            own = [row.in_whole_units(self.step) for row in rows] if rule.soft is None else []
            if priority is None:
                firm += own
            else:
                giving += [Giving(row, priority) for row in own]
        quotas = [value / self.step for value in values]
        whole = [Whole.of(row, self.step) for row in firm]
        whole += [Whole.total(t.columns, t.least_units, t.most_units) for t in totals]
        whole += [Whole.total((j,), min(0, math.floor(q)), None) for j, q in enumerate(quotas)]
        nearness = Nearness.of(quotas, ranks(len(quotas), keys))
        units = least_giving(nearness, giving, whole, self.step)
        if units is None:
            return False
        before, paid = self.rules, [unit * self.step for unit in units]
        self.rules = self.giving(self.stated, lambda row: held(row, paid, self.step))
        return before != self.rules

    def _hard(self, fixed: Sequence[ExactRow]) -> list[ExactRow]:
        """The rows that whole units must keep."""
        hard = [*fixed]
        hard += [row for rule, rows in self.rules if rule.soft is None for row in rows]
        return [row.in_whole_units(self.step) for row in hard]

    def _at_odds(
        self,
        values: Sequence[Fraction],
        fixed: Sequence[ExactRow],
        totals: Sequence[rounding.Total],
        broken: Sequence[ExactRow],
        paid: Sequence[Fraction],
    ) -> Words:
        """The rows that clash in whole units, as far as found, and what the nearest units break."""
        naming = Naming.of(self.model, self.env)
        en, zh = room.broken(broken, paid, naming)
        rows = (
            clashing(values, self._hard(fixed), totals, self.step, broken) if self.reasons else []
        )
        if not rows:
            return en, zh
        together, together_zh = clash_words(rows, self.step, naming)
        return (
            f"no whole units keep all of these: {together}. The nearest break {en}",
            f"以下各项无法以整数单位同时满足：{together_zh}。最接近的整数单位违反{zh}",
        )

    def _what_is_short(
        self, hard: Sequence[ExactRow], totals: Sequence[rounding.Total]
    ) -> tuple[str, str] | None:
        """Limits on single amounts that whole units cannot keep."""
        limits, naming = room.Limits.of(hard), Naming.of(self.model, self.env)
        found = room.crossed(limits, self.names, self.step, naming)
        for total in totals:
            pool = self.names[total.columns[0]].split(":", maxsplit=1)[0]
            found = found or room.short_total(
                limits,
                total.columns,
                total.least_units,
                total.most_units,
                self.step,
                pool,
                naming,
            )
        return found

    def _widen_outwards(self) -> bool:
        """Let limits that may give way end at whole units; whether any was not there already."""
        before = self.rules
        self.rules = self.giving(before, lambda row: outwards(row, self.step))
        return before != self.rules

    def _as_paid(
        self, before: list[tuple[AmountRule, Sequence[ExactRow]]], units: Sequence[int]
    ) -> list[tuple[AmountRule, Sequence[ExactRow]]]:
        """The rules as they were, if whole units keep them; else the stated ones as units keep them."""
        paid = [unit * self.step for unit in units]
        kept = all(
            missed_by(row.in_whole_units(self.step), paid) is None
            for rule, rows in before
            if rule.soft is None
            for row in rows
        )
        return before if kept else self.giving(self.stated, lambda row: held(row, paid, self.step))

    def _units_of(self, pool: Pool, members: tuple[int, ...], group: int) -> rounding.Total:
        """How many whole units the regions of a group may get together."""
        total = pool.totals[group]
        assert total is not None
        if pool.limits is not None:
            low, high = pool.limits[group]
            return rounding.Total(members, math.ceil(low / self.step), math.floor(high / self.step))
        if pool.leftover == "redistribute" and pool.spec.kind != "formula":
            if total % self.step:
                raise total_not_whole(self.model, pool, total, self.step, group)
            return rounding.Total(members, int(total / self.step), int(total / self.step))
        whole = math.trunc(total / self.step)
        return rounding.Total(members, min(whole, 0), max(whole, 0))

    def _formula_units(
        self, pool: Pool, members: tuple[int, ...], values: Sequence[Fraction]
    ) -> rounding.Total:
        """What the amounts of a formula pool come to: their sum rounded half up, within its limit."""
        (nearest,) = rounding.round_each(
            [sum((values[m] for m in members), Fraction(0))], self.step, "half_up"
        )
        moves = len(members) if self._is_ruled(pool.id) else 0
        least, most = nearest - moves, nearest + moves
        if pool.totals[0] is not None:
            limit = math.floor(pool.totals[0] / self.step)
            least, most = min(least, limit), min(most, limit)
        return rounding.Total(members, least, most, min(nearest, most))

    def _alone_only(self, pool: Pool) -> InputError:
        return InputError(
            self.model.document.mistake(
                ("allocation", "pools", pool.id),
                f"pool '{pool.id}' is rounded by {pool.rounding}, which is for pools that no rule or "
                "objective ties to others; write largest_remainder",
                f"资金池“{pool.id}”按 {pool.rounding} 取整，只适用于未被规则或目标与其他资金池联系的"
                "资金池；请写 largest_remainder",
            )
        )

    def _too_large(self) -> InputError:
        return InputError(
            self.model.document.mistake(
                ("allocation", "smallest"),
                f"an amount is {MOST:,} of the smallest amount {self.spec.smallest} {self.spec.unit} "
                "or more, too many to be rounded together with others; use a larger `smallest`",
                f"有金额达到或超过最小单位 {self.spec.smallest} {self.spec.unit} 的 {MOST:,} 倍，"
                "无法与其他金额一并取整；请改大 smallest",
            )
        )

    def _no_room(self, en: str, zh: str) -> InfeasibleError:
        return InfeasibleError(
            self.model.document.mistake(
                ("allocation", "smallest"),
                f"in whole units of {self.spec.smallest} {self.spec.unit} the rules leave no room: "
                f"{en}. A smaller `smallest` may help, or --relax",
                f"以 {self.spec.smallest} {self.spec.unit} 为最小单位时规则无法同时成立：{zh}。"
                "可改小 smallest，或用 --relax",
            )
        )
