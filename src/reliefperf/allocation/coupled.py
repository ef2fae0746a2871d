"""Pools that rules tie together: one linear program, solved again as each rule comes in.

The amounts after each rule are those of the program with that rule and the ones before it; a rule
that already holds changes nothing and needs no solving.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from reliefperf.allocation.coupled_program import phase_of
from reliefperf.allocation.coupled_rows import REGION_TOTALS
from reliefperf.allocation.coupled_units import CoupledUnits
from reliefperf.allocation.crossing import Crossing, crossing_words, crossings
from reliefperf.allocation.cutting import budget_cuts
from reliefperf.allocation.exact_nearest import exact_amounts
from reliefperf.allocation.naming import MOST_NAMED, Naming
from reliefperf.allocation.paid import PoolResult
from reliefperf.allocation.pool import Stage
from reliefperf.allocation.program import ONE, ExactRow, Floats, Solution
from reliefperf.allocation.ratios import Ratios
from reliefperf.allocation.reducing import reduce_short
from reliefperf.allocation.relaxing import (
    NOISE,
    RELAXED,
    Relaxation,
    amount_text,
    given_way,
    nearly_missed,
    order_of_giving,
    priorities,
    value_of,
)
from reliefperf.allocation.rules.base import AmountRule, Ground
from reliefperf.allocation.separate import settle
from reliefperf.allocation.tying import has_own_objectives, speaks_of, ties_amounts
from reliefperf.errors import InfeasibleError, InputError, Note

if TYPE_CHECKING:
    from reliefperf.allocation.warm import Warm

OBJECTIVES = "objectives"
"""The step of the explanation that stands for what objectives ask before any rule."""

LIMITS = "limits"
"""The step of the explanation that stands for budget and totals before any rule."""

RULES = "rules"
"""The step that stands for all rules together where single ones are not asked for."""

STILL = Fraction(1, 10**4)
"""A move below this part of the smallest amount is a solver's noise, no effect of a rule."""


class Coupled(CoupledUnits):
    """The pools of one period, solved and paid together."""

    warm: Warm | None = None
    """Starts from programs like this one, for who asks many times."""
    choices: tuple[Coupled, ...] = ()
    """The programs of the rounds before, with another choice of who gets nothing."""

    def results(self, *, by_step: bool = True) -> dict[str, PoolResult]:
        """Amounts of every pool, with the stages that lead to them or only the last of these."""
        if self.relaxing:
            self._give_way()
        final = self._solve(self.last)
        for number, found in self.solved.items():
            if (
                phase_of(number)[1] == self.last
            ):  # an objective with a tolerance stays below the end
                self._refuse_endless(found)
        noted = len(self.env.notes)
        if by_step or not self.rules:
            steps, after = self._steps(final)
        else:
            steps, after = [RULES], [Ratios.of(self.start), self.amounts(final)]
        units = self.whole(tuple(after[-1]))
        self.env.notes[noted:noted] = self._missed_notes(final, units)
        after = _without_noise(after, self.step * STILL)
        results = {}
        for pool_id, pool in self.pools.items():
            stages = list(pool.stages)
            for step, amounts in zip(steps, after[1:], strict=True):
                stages.append(Stage(step, self._spread(pool_id, amounts)))
            own = tuple(
                units[column] if column >= 0 else 0 for column in self.columns[pool_id].tolist()
            )
            left = Fraction(0)
            if pool.spec.kind != "formula" and pool.limits is None:
                left = sum(
                    (t for t in pool.totals if t is not None), Fraction(0)
                ) - self.step * sum(own)
            reduced = tuple(one for one in self.reductions if one.pool == pool_id)
            results[pool_id] = PoolResult(pool, tuple(stages), own, left, reduced)
        return results

    def final(self) -> Solution:
        """The amounts with all rules, before whole units; see results for what is raised."""
        return self._solve(self.last)

    def _steps(self, final: Solution) -> tuple[list[str], list[Ratios]]:
        """The steps of the explanation; the amounts before the first and after each."""
        steps, after = [rule.id for rule, _ in self.rules], [Ratios.of(self.start)]
        if has_own_objectives(self.spec):
            steps, after = [OBJECTIVES, *steps], [*after, self.amounts(self._solve(0))]
        elif not self._keep_totals(after[0]):
            steps, after = [LIMITS, *steps], [*after, self.amounts(self._solve(0))]
            self._note_limits(after[-1])
        for n_rules in range(1, len(self.rules)):
            after.append(self._after_rule(n_rules, after[-1]))
        if self.rules:
            after.append(self.amounts(final))
        return steps, after

    def _after_rule(self, n_rules: int, before: Ratios) -> Ratios:
        rule, rows = self.rules[n_rules - 1]
        if self._keep_totals(before) and self._keep(rule.id, rows, rule.soft, before):
            return before
        chosen = [rule for rule, _ in self.rules[:n_rules]]
        apart = not any(ties_amounts(rule, len(self.pools)) for rule in chosen)
        if apart and self.fixed_are_totals and not self.totals and not self.relaxing:
            return self._settled(chosen)
        return self.amounts(self._solve(n_rules))

    def _keep_totals(self, amounts: Ratios) -> bool:
        return all(
            self._keep(rule_id, rows, None, amounts)
            for rule_id, rows in self._standing
            if rule_id != REGION_TOTALS
        )

    def _keep(
        self, rule_id: str, rows: Sequence[ExactRow], soft: int | None, amounts: Ratios
    ) -> bool:
        """Whether amounts keep all rows, but for the solver's noise; what floats leave open is
        looked at exactly."""
        by, doubt = self._missed_by(rule_id, rows, soft, amounts)
        by -= float(NOISE)
        if (by > doubt).any():
            return False
        return all(_holds(rows[i], amounts) for i in np.flatnonzero(by >= -doubt).tolist())

    def near_a_side(
        self, rule: AmountRule, amounts: Ratios, slack: Fraction, grid: Fraction
    ) -> list[int]:
        """The rows of a rule of this program that are missed, or near one of their sides.

        Near is within `slack`, and `grid` for each amount.
        """
        rows = next(rows for one, rows in self.rules if one is rule)
        by, doubt = self._missed_by(rule.id, rows, rule.soft, amounts)
        off = abs(self._family(rule.id, rows, rule.soft).matrix).sum(axis=1) * float(grid)
        return np.flatnonzero(by >= -float(slack) - off - doubt).tolist()

    def _missed_by(
        self, rule_id: str, rows: Sequence[ExactRow], soft: int | None, amounts: Ratios
    ) -> tuple[Floats, Floats]:
        """By how much amounts miss each row, below 0 within its sides; and how wrong that may be."""
        family = self._family(rule_id, rows, soft)
        found = np.zeros(len(self.names))
        found[: self.n_amounts] = amounts.floats()
        values = family.matrix @ found
        sizes = abs(family.matrix) @ np.abs(found)
        n_terms = np.diff(family.matrix.indptr)
        doubt = (n_terms + 4) * np.finfo(np.float64).eps * sizes + float(NOISE) / 10
        return np.maximum(family.lower - values, values - family.upper), doubt

    @property
    def last(self) -> int:
        """The program whose amounts are paid: that with all rules, or that in which they give way."""
        return RELAXED if self.relaxing else len(self.rules)

    def cheapest(self) -> list[Relaxation]:
        """How the hard rules give way at the least money, before whole units."""
        amounts = self._give_way()
        missed = nearly_missed(self.stated, amounts, order_of_giving(self.spec))
        return [*budget_cuts(self, self.rules, amounts), *missed]

    def cheapest_in_units(self) -> list[Relaxation]:
        """How the hard rules give way where only whole units need it, exactly."""
        self.whole(self._give_way())
        return self.relaxations

    def _give_way(self) -> tuple[Fraction, ...]:
        """Rules that cannot hold are kept as far as the relaxed program's amounts keep them."""
        amounts = tuple(self.amounts(self._solve(RELAXED)))
        self.rules = self.giving(self.stated, lambda row: given_way(row, amounts, self.step))
        return amounts

    def amounts(self, solution: Solution) -> Ratios:
        """The amounts (n_amounts,) of a solution: exactly, or as the decimals that they print as."""
        kept = self._exactly.get(id(solution))
        if kept is None:
            numbers = (number for number, found in self.solved.items() if found is solution)
            found = exact_amounts(self, next(numbers), solution)
            if found is None:
                found = Ratios.measured(solution.amounts[: self.n_amounts])
            kept = self._exactly[id(solution)] = solution, found
        return kept[1]

    @cached_property
    def _exactly(self) -> dict[int, tuple[Solution, Ratios]]:
        """The amounts of solutions, by the solution's identity."""
        return {}

    def _settled(self, rules: Sequence[AmountRule]) -> Ratios:
        """The amounts after rules that tie nothing together: exactly, pool by pool."""
        amounts = [Fraction(0)] * self.n_amounts
        for pool_id, pool in self.pools.items():
            everyone = np.where(pool.groups >= 0, np.arange(self.env.n_regions), -1)
            ground = Ground(self.model, self.env, {pool_id: everyone}, {}, {pool_id: pool})
            stated = [(rule, rule.rows(ground)) for rule in rules if speaks_of(rule, pool_id)]
            kept, _ = reduce_short(stated, {pool_id: pool}, {pool_id: everyone}, self.step)
            rows = [(rule.id, own) for rule, own in kept]
            stages, _ = settle(self.model, self.env, pool, rows)
            found = stages[-1].amounts if stages else pool.start
            for amount, column in zip(found, self.columns[pool_id].tolist(), strict=True):
                if column >= 0:
                    amounts[column] = amount
        return Ratios.of(amounts)

    def _solve(self, n_rules: int) -> Solution:
        if n_rules not in self.solved:
            self.solved[n_rules] = (
                self._solved_now(n_rules)
                if self.answers is None
                else self.answers.solution(self, n_rules)
            )
        return self.solved[n_rules]

    def _solved_now(self, n_rules: int) -> Solution:
        from reliefperf.allocation.diagnosis import describe
        from reliefperf.allocation.solve import Infeasible, solve

        try:
            program = self.programs[n_rules] = self.program(n_rules)
            implied = None
            if self.reasons and self.implied:
                implied = self._family("budget", self.implied, None)
            return solve(program, reasons=self.reasons, warm=self.warm, implied=implied)
        except Infeasible as error:
            naming = Naming.of(self.model, self.env)
            relaxed = phase_of(n_rules)[1] == RELAXED
            crossed = self._crossed(n_rules) if error.infeasibility.crossed else []
            if crossed:
                en, zh = crossing_words(crossed, naming)
                en, zh = f"{en}.", f"{zh}。"
            else:
                en, zh = describe(error.infeasibility, self.spec.unit, naming, others_may=relaxed)
                asked = {row for odd in error.infeasibility.rules for row in odd.rows}
                if codes := self._regions_of(asked):
                    of_en, of_zh = naming.regions(codes)
                    en, zh = f"{en} Regions: {of_en}.", f"{zh}涉及地区：{of_zh}。"
            path = "allocation", "rules"
            mistakes = []
            if relaxed:
                among = self._crossed(len(self.rules))  # rules that may give way among them
                if among := [one for one in among if one not in crossed]:
                    mistakes.append(
                        self.model.document.mistake(path, *crossing_words(among, naming))
                    )
                en += " No relaxation mends it: totals of pools and the budget never give way" + (
                    "." if self.spec.relax is None else ", nor rules that `relax` does not list."
                )
                zh += "放宽规则也无法解决：资金池总额和预算不可放宽" + (
                    "。" if self.spec.relax is None else "，relax 未列出的规则也不可放宽。"
                )
            mistakes.append(self.model.document.mistake(path, en, zh))
            raise InfeasibleError(mistakes) from None

    def _crossed(self, n_rules: int) -> list[Crossing]:
        """Limits on the same amount, or the same sum, of which one asks for more than another allows."""
        _, n_rules = phase_of(n_rules)
        rules = [(rule, rows, rule.soft) for rule, rows in self.rules[:n_rules]]
        if n_rules == RELAXED:
            may = priorities(self.spec, [rule for rule, _ in self.stated])
            rules = [(rule, rows, may[rule.id]) for rule, rows in self.stated]
        hard = [*self.fixed, *(row for _, rows, soft in rules if soft is None for row in rows)]
        own_low: dict[int, Fraction] = {}
        own_high: dict[int, Fraction] = {}
        pools: dict[int, str] = {}
        for pool_id, pool in self.pools.items():
            for group, total in enumerate(pool.totals):
                columns = self._columns_of(pool_id, group)
                pools |= dict.fromkeys(columns, pool_id)
                if pool.spec.contributes and total is not None and total < 0:
                    own_high |= dict.fromkeys(columns, Fraction(0))
                elif pool.spec.contributes or pool.spec.negative != "allow":
                    own_low |= dict.fromkeys(columns, Fraction(0))
        return crossings(hard, own_low, own_high, pools)

    def _regions_of(self, rows: Collection[str]) -> list[str]:
        """The regions that rows named rule/region speak of."""
        known = set(self.env.codes)
        ends = {row.partition("/")[2].removesuffix(":low").removesuffix(":high") for row in rows}
        return sorted(ends & known)

    def _missed_notes(self, solution: Solution, units: Sequence[int]) -> list[Note]:
        """What soft rules are missed by before whole units, and in these where that is other."""
        unit, notes = self.spec.unit, []
        for rule, rows in self.rules:
            if rule.soft is None:
                continue
            found = [item.amount for item in solution.missed if item.rule == rule.id]
            before = Fraction(str(round(sum(found), 6)))
            own = [by for row in rows if (by := _short_by(row, units, self.step))]
            paid = sum(own, Fraction(0))
            if not found and not own:
                continue
            en = f"is missed in {len(found)} row(s) by {amount_text(before)} {unit} in all"
            zh = f"有 {len(found)} 处未满足，合计差 {amount_text(before)} {unit}"
            noise = self.step * STILL * max(len(own), len(found))
            if len(own) != len(found) or abs(paid - before) > noise:
                en, zh = f"{en} before whole units", f"取整前{zh}"
                if not found:
                    en, zh = "holds before whole units", "取整前均满足"
                short = amount_text(paid)
                more = f"miss {len(own)} row(s) by {short} {unit} in all" if own else "keep it"
                more_zh = f"有 {len(own)} 处未满足，合计差 {short} {unit}" if own else "均满足"
                en, zh = f"{en}; the paid amounts {more}", f"{zh}；实拨金额{more_zh}"
            count = len(found) or len(own)
            en, zh = f"soft rule '{rule.id}' {en}", f"软性规则“{rule.id}”{zh}"
            notes.append(Note("rule-missed", en, zh, count, rule.id))
        return notes

    def _note_limits(self, amounts: Sequence[Fraction]) -> None:
        """Say where budget or totals alone already move what a formula gives."""
        for pool_id, pool in self.pools.items():
            if pool.spec.kind == "formula":
                moved = np.array(
                    [
                        c >= 0 and abs(amounts[c] - self.start[c]) > self.step * STILL
                        for c in self.columns[pool_id].tolist()
                    ]
                )
                self.env.report(
                    "limited",
                    f"allocation.pools.{pool_id}",
                    "the budget or a limit moves the formula's amount",
                    "预算或限额改变了公式金额",
                    moved,
                )

    def _spread(self, pool_id: str, amounts: Ratios) -> Ratios:
        """The amounts of a pool by region; 0 where a region has no part in it."""
        tops, bottoms = [*amounts.tops, 0], [*amounts.bottoms, 1]
        return Ratios(tops, bottoms).taken(self.columns[pool_id].tolist())

    def _refuse_endless(self, final: Solution) -> None:
        """Raise InputError where an objective would move amounts without end.

        Those of a formula that nothing ends upwards, and those that may be below zero both ways.
        """
        end = float(self._most) * (1 - 1e-6)
        ends = {c: row.columns[-1] for row in self.totals for c in row.columns[:-1]}
        for pool_id, pool in self.pools.items():
            falls = pool.spec.negative == "allow"
            if not self.spec.objectives or not (falls or pool_id in self._endless):
                continue
            moved = np.abs(final.amounts) if falls else final.amounts
            own = [c for c in self.columns[pool_id].tolist() if c >= 0]
            found = [c for c in own if max(moved[[c, ends.get(c, c)]]) >= end]
            if not found:
                continue
            wanted = [o.name for o in self.spec.objectives if o.name in ("coverage", "performance")]
            aim = wanted[0] if wanted else self.spec.objectives[-1].name
            names = ", ".join(self.names[c] for c in found[:MOST_NAMED])
            why = "no total, limit or budget ends them. State `limit` or `budget`"
            why_zh = "没有总额、limit 或预算加以限制。请写 limit 或 budget"
            if falls:
                why = "what others lose may go below zero without end. State a floor and a cap"
                why_zh = "其他地区的金额可以无限低于零。请写 floor（下限）和 cap（上限）"
            raise InputError(
                self.model.document.mistake(
                    ("allocation", "pools", pool_id),
                    f"objective '{aim}' would raise the amounts of pool '{pool_id}' without end "
                    f"({names}): {why}, or name other pools in the objective",
                    f"目标“{aim}”会使资金池“{pool_id}”的金额无限增加（{names}）：{why_zh}，"
                    "或在目标中指明其他资金池",
                )
            )


def _short_by(row: ExactRow, units: Sequence[int], step: Fraction) -> Fraction:
    """By how much money whole units of the size `step` miss a row; 0 where they keep it."""
    own = row.in_whole_units(step)
    terms = zip(own.columns, own.coefficients, strict=True)
    value = step * sum((units[j] * c for j, c in terms), Fraction(0))
    low = Fraction(0) if own.lower is None else own.lower - value
    high = Fraction(0) if own.upper is None else value - own.upper
    return max(low, high, Fraction(0))


def _holds(row: ExactRow, amounts: Ratios) -> bool:
    """Whether a row holds, but for the solver's noise."""
    if all(c is ONE for c in row.coefficients):
        value = amounts.taken(row.columns).total()
    else:
        value = value_of(row, amounts)
    return (row.lower is None or value >= row.lower - NOISE) and (
        row.upper is None or value <= row.upper + NOISE
    )


def _without_noise(stages: Sequence[Ratios], noise: Fraction) -> list[Ratios]:
    """The amounts after each rule, where amounts that a rule hardly moved stay as they were."""
    cleaned = [stages[0]]
    for amounts in stages[1:]:
        cleaned.append(amounts.unless_near(cleaned[-1], noise))
    return cleaned
