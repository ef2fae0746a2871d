"""Pools that rules tie together: one linear program, solved again as each rule comes in.

The amounts after each rule are those of the program with that rule and the ones before it; a rule
that already holds changes nothing and needs no solving.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np
from scipy import sparse

from reliefperf.allocation import room, rounding
from reliefperf.allocation.entitlement import Pool, Stage
from reliefperf.allocation.program import (
    ONE,
    Coverage,
    Deviation,
    Floats,
    Linear,
    Program,
    RowFamily,
    Shortfall,
    Solution,
    Tier,
    target_weights,
)
from reliefperf.allocation.ratios import Ratios
from reliefperf.allocation.reducing import reduce_short
from reliefperf.allocation.relaxing import (
    NOISE,
    RELAXED,
    Relaxation,
    given_way,
    held,
    nearly_missed,
    outwards,
    priorities,
    relaxations,
)
from reliefperf.allocation.rounding import ExactRow, RoundingImpossible
from reliefperf.allocation.rules.base import TOTAL, AmountRule, Ground
from reliefperf.allocation.separate import divides, money, settle, tie_keys, total_not_whole
from reliefperf.errors import InfeasibleError, InputError, Note
from reliefperf.model.environment import Environment
from reliefperf.model.model import Model
from reliefperf.model.numbers import exact
from reliefperf.model.spec_allocation import (
    SINGLE,
    AllocationRule,
    AllocationSpec,
    ObjectiveSpec,
)

if TYPE_CHECKING:
    from reliefperf.allocation.allocate import PoolResult
    from reliefperf.allocation.answers import Answers

OWN_OBJECTIVES = ("change", "coverage", "performance")
"""Objectives that are wanted before nearness to the entitlements."""

OBJECTIVES = "objectives"
"""The step of the explanation that stands for what objectives ask before any rule."""

LIMITS = "limits"
"""The step of the explanation that stands for budget and totals before any rule."""

RULES = "rules"
"""The step that stands for all rules together where single ones are not asked for."""

PHASE = 10**6
"""Programs that only find what an objective with a tolerance can reach are numbered from here on."""

UNMOVED = 1e-7
"""The weight of a region that bears nothing, as a part of the mean of those that do."""

STILL = Fraction(1, 10**4)
"""A move below this part of the smallest amount is a solver's noise, no effect of a rule."""


class Coupled:
    """The pools of one period as one program."""

    def __init__(
        self,
        model: Model,
        env: Environment,
        pools: Mapping[str, Pool],
        rules: Sequence[AmountRule],
        budget: Fraction | None,
        smallest: Decimal,
        answers: Answers | None = None,
        relaxing: bool = False,
    ) -> None:
        self.model, self.env, self.pools = model, env, pools
        self.relaxing = relaxing
        self.relaxations: list[Relaxation] = []
        self.answers = answers
        self.solved: dict[int, Solution] = {}
        self.rounded: rounding.Rounded | None = None
        self.budget, self.step = budget, Fraction(smallest)
        spec = model.spec.allocation
        assert spec is not None
        self.spec = spec
        self.columns: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.int64]]] = {}
        self.names: list[str] = []
        start: list[Fraction] = []
        near: list[Fraction] = []
        for pool_id, pool in pools.items():
            places = np.full(env.n_regions, -1, dtype=np.int64)
            for i in np.flatnonzero(pool.groups >= 0).tolist():
                places[i] = len(self.names)
                self.names.append(f"{pool_id}:{env.codes[i]}")
                start.append(pool.start[i])
                near.append(pool.nearest_to[i])
            self.columns[pool_id] = places
        self.start, self.nearest_to = tuple(start), tuple(near)
        self.n_amounts = len(start)
        giving = {rule.id for rule in rules if rule.soft is not None}
        if relaxing:
            may = priorities(spec, rules)
            giving |= {rule.id for rule in rules if may[rule.id] is not None}
        ground = Ground(model, env, self.columns, self._fixed_totals(), pools, frozenset(giving))
        stated = [(rule, rule.rows(ground)) for rule in rules]
        self.rules, self.reductions = reduce_short(stated, pools, self.columns, self.step)
        self.stated = self.rules
        budget_rows = self._budget_rows()
        self.fixed = [*self._total_rows(), *budget_rows]
        self.fixed_are_totals = not budget_rows and all(p.limits is None for p in pools.values())
        self.totals = self._region_totals() if speaks_of_totals(spec) else []
        self._refuse_parts_of_units()

    def _refuse_parts_of_units(self) -> None:
        """Raise InputError for a total that whole units cannot add up to, before any solving."""
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

    # ------------------------------------------------------------ rows

    def _fixed_totals(self) -> dict[str, Fraction]:
        """What each pool pays in any case; pools whose total may move are not in it."""
        return {
            pool_id: sum((total for total in pool.totals if total is not None), Fraction(0))
            for pool_id, pool in self.pools.items()
            if pool.spec.kind != "formula"
            and pool.limits is None
            and pool.leftover == "redistribute"
            and (pool.groups >= 0).any()
        }

    def _total_rows(self) -> list[ExactRow]:
        rows = []
        for pool_id, pool in self.pools.items():
            for group, total in enumerate(pool.totals):
                columns = self._columns_of(pool_id, group)
                if total is None or not columns:
                    continue
                if pool.limits is not None:
                    low, high = pool.limits[group]
                elif pool.leftover == "redistribute" and pool.spec.kind != "formula":
                    low = high = total
                elif pool.bear is not None and pool.spec.negative == "allow":
                    low, high = None, total  # own amounts below zero may add up to less
                else:
                    low, high = sorted((Fraction(0), total))
                name = pool.group_names[group] or "total"
                ones = (ONE,) * len(columns)
                rows.append(ExactRow(f"pool {pool_id}", name, columns, ones, low, high))
        return rows

    def _columns_of(self, pool_id: str, group: int) -> tuple[int, ...]:
        members = self.pools[pool_id].groups == group
        return tuple(self.columns[pool_id][members].tolist())

    def _budget_rows(self) -> list[ExactRow]:
        if self.budget is None or self._totals_keep_budget():
            return []
        everything = tuple(range(self.n_amounts))
        ones = (ONE,) * self.n_amounts
        return [ExactRow("budget", "budget", everything, ones, None, self.budget)]

    def _totals_keep_budget(self) -> bool:
        """Whether the pools' own totals imply the budget.

        Then its row would be a second copy of their sum, equal up to rounding noise, which a solver
        may take for a contradiction.
        """
        most = Fraction(0)
        for pool in self.pools.values():
            for group, total in enumerate(pool.totals):
                if total is None:
                    return False
                most += total if pool.limits is None else pool.limits[group][1]
        assert self.budget is not None
        return most <= self.budget

    def _region_totals(self) -> list[ExactRow]:
        """A column for each region's total, for objectives that speak of totals."""
        rows = []
        for i, code in enumerate(self.env.codes):
            parts = [int(places[i]) for places in self.columns.values() if places[i] >= 0]
            place = len(self.names)
            self.names.append(f"total:{code}")
            terms = (*([ONE] * len(parts)), Fraction(-1))
            rows.append(
                ExactRow("region totals", code, (*parts, place), terms, Fraction(0), Fraction(0))
            )
        return rows

    # ------------------------------------------------------------ the program

    def program(self, n_rules: int) -> Program:
        """The program with the first `n_rules` rules.

        `n_rules + PHASE x k` is that with only the objectives up to the k-th that has a tolerance:
        what it reaches says how much of it later objectives may give up. `RELAXED` - k is
        that program of those in which rules give way.
        """
        phase, n_rules = phase_of(n_rules)
        limits, objectives = self._phases(n_rules, phase)
        n_columns = len(self.names)
        start = [float(value) for value in self.start]
        near = [float(value) for value in self.nearest_to]
        totals = [
            float(sum((self.nearest_to[j] for j in row.columns[:-1]), Fraction(0)))
            for row in self.totals
        ]
        families = [
            self._family(rule_id, rows, None)
            for rule_id, rows in _by_rule([*self.fixed, *self.totals])
        ]
        chosen = self.stated if n_rules == RELAXED else self.rules[:n_rules]
        soft = {rule.id: rule.soft for rule, _ in chosen}
        if n_rules == RELAXED:
            soft = priorities(self.spec, [rule for rule, _ in chosen])
        families += [self._family(rule.id, rows, soft[rule.id]) for rule, rows in chosen if rows]
        families += [self._family(rule_id, rows, None) for rule_id, rows in limits]
        lower, upper = np.zeros(n_columns), np.full(n_columns, float(self._most))
        for pool_id, pool in self.pools.items():
            if pool.spec.kind == "formula" and not self._is_ruled(pool_id):
                # what a formula gives stays, unless a rule speaks of it
                own = [c for c in self.columns[pool_id].tolist() if c >= 0]
                lower[own] = upper[own] = [start[c] for c in own]
            elif pool.spec.contributes:
                for group, total in enumerate(pool.totals):
                    if total is not None and total < 0:
                        own = list(self._columns_of(pool_id, group))
                        lower[own], upper[own] = -float(self._most), 0.0
            elif pool.spec.negative == "allow":
                lower[[c for c in self.columns[pool_id].tolist() if c >= 0]] = -upper[0]
        if any(pool.spec.negative == "allow" for pool in self.pools.values()):
            lower[self.n_amounts :] = -upper[self.n_amounts :]
        return Program(
            tuple(self.names),
            lower,
            upper,
            tuple(families),
            self._tiers(any(priority is not None for priority in soft.values()), objectives),
            np.array(near + totals),
            self._carriers(),
        )

    def _carriers(self) -> Floats | None:
        """What squared distances are divided by, a column each; None where no pool says `bear`.

        What is borne is counted in money, so that a pool weighs as much as by its entitlements.
        """
        if all(pool.bear is None for pool in self.pools.values()):
            return None
        weights = np.zeros(len(self.names))
        for pool_id, pool in self.pools.items():
            here = self.columns[pool_id] >= 0
            own = self.columns[pool_id][here]
            size = np.abs(Ratios.of(pool.start).floats()[here])
            if pool.bear is None:
                weights[own] = target_weights(size)
                continue
            bear = pool.bear.floats()[here]
            whole = float(size.sum()) or float(np.abs(np.array(self.nearest_to)[own]).sum())
            scaled = bear * (whole / bear.sum() if whole and bear.sum() else 1.0)
            # who bears nothing moves only where others cannot
            mean = float(scaled[bear > 0].mean()) if bear.any() else 1.0
            weights[own] = np.where(bear > 0, scaled, UNMOVED * mean)
        for row in self.totals:
            weights[row.columns[-1]] = sum(weights[j] for j in row.columns[:-1])
        return weights

    def _is_ruled(self, pool_id: str) -> bool:
        """Whether any rule speaks of a pool."""
        own = set(self.columns[pool_id].tolist()) - {-1}
        return any(not own.isdisjoint(row.columns) for _, rows in self.rules for row in rows)

    @cached_property
    def _most(self) -> Fraction:
        """More than any region can get, so that every column has a finite bound."""
        floors = sum(
            (abs(row.lower or Fraction(0)) for _, rows in self.stated for row in rows), Fraction(0)
        )
        most = sum(map(abs, self.start), Fraction(0)) + floors
        if self.nearest_to != self.start:
            most += sum(map(abs, self.nearest_to), Fraction(0))
        if self.budget is not None:
            most = max(most, self.budget)
        for pool in self.pools.values():
            most = max(most, sum((high for _, high in pool.limits or ()), Fraction(0)))
        if self._endless:
            # twice, so that an amount at it is told from any that a rule asks for
            most *= 2 * math.prod(_reach(rows) for _, rows in self.stated)
            if any(objective.name == "change" for objective in self.spec.objectives):
                most += exact(float(np.abs(self._of_totals("previous_amount")[0]).sum()))
        return most + 1

    @property
    def _endless(self) -> list[str]:
        """The formula pools that no total, limit or budget ends, and that rules may move."""
        return [
            pool_id
            for pool_id, pool in self.pools.items()
            if self.budget is None
            and pool.spec.kind == "formula"
            and all(total is None for total in pool.totals)
            and self._is_ruled(pool_id)
        ]

    def _refuse_endless(self, final: Solution) -> None:
        """Raise InputError where an objective would raise the amounts of a formula without end."""
        for pool_id in self._endless:
            own = [c for c in self.columns[pool_id].tolist() if c >= 0]
            ends = {c: row.columns[-1] for row in self.totals for c in row.columns[:-1]}
            end = float(self._most) * (1 - 1e-6)
            top = [c for c in own if max(final.amounts[[c, ends.get(c, c)]]) >= end]
            if not top:
                continue
            wanted = [o.name for o in self.spec.objectives if o.name in ("coverage", "performance")]
            aim = wanted[0] if wanted else self.spec.objectives[-1].name
            names = ", ".join(self.names[c] for c in top[: room.MOST_NAMED])
            raise InputError(
                self.model.document.mistake(
                    ("allocation", "pools", pool_id),
                    f"objective '{aim}' would raise the amounts of pool '{pool_id}' without end "
                    f"({names}): no total, limit or budget ends them. State `limit` or `budget`, or "
                    "name other pools in the objective",
                    f"目标“{aim}”会使资金池“{pool_id}”的金额无限增加（{names}）：没有总额、limit 或预算加以限制。"
                    "请写 limit 或 budget，或在目标中指明其他资金池",
                )
            )

    def _family(self, rule_id: str, rows: Sequence[ExactRow], soft: int | None) -> RowFamily:
        data: list[float] = []
        columns: list[int] = []
        starts = [0]
        for row in rows:
            data += [float(value) for value in row.coefficients]
            columns += row.columns
            starts.append(len(data))
        matrix = sparse.csr_array((data, columns, starts), shape=(len(rows), len(self.names)))
        return RowFamily(
            rule_id,
            tuple(row.name for row in rows),
            matrix,
            np.array([-np.inf if row.lower is None else float(row.lower) for row in rows]),
            np.array([np.inf if row.upper is None else float(row.upper) for row in rows]),
            soft,
        )

    def _tiers(self, soft: bool, objectives: Sequence[ObjectiveSpec]) -> tuple[Tier, ...]:
        n_columns = len(self.names)
        amounts = np.arange(n_columns) < self.n_amounts
        tiers: list[Tier] = []
        spread = [
            pool_id
            for pool_id, pool in self.pools.items()
            if pool.leftover == "redistribute_then_return" and pool.spec.kind != "formula"
        ]
        if soft:
            tiers.append(Shortfall())
        for pool_id in spread:
            costs = np.zeros(n_columns)
            for group, total in enumerate(self.pools[pool_id].totals):
                # of contributions as much as can be is below zero
                pays_in = total is not None and total < 0
                costs[list(self._columns_of(pool_id, group))] = 1.0 if pays_in else -1.0
            tiers.append(Linear(f"distribute {pool_id}", costs))
        for objective in objectives:
            name = objective.name
            if name == "entitlement":
                targets = np.zeros(n_columns)
                targets[: self.n_amounts] = [float(value) for value in self.nearest_to]
                tiers.append(Deviation("entitlement", targets, amounts))
            elif name == "change":
                tiers.append(Deviation("change", *self._of_totals("previous_amount")))
            elif name == "coverage":
                tiers.append(Coverage("coverage", *self._of_totals("need")))
            elif name == "performance":
                costs = np.zeros(n_columns)
                for column, score in self._performance(objective).items():
                    costs[column] = -float(score)
                tiers.append(Linear("performance", costs))
        return tuple(tiers)

    def _performance(self, objective: ObjectiveSpec) -> dict[int, Fraction]:
        """The score that each amount of the objective's pools is multiplied by, by its column."""
        assert objective.score is not None
        values = self.model.compiled(objective.score).full(self.env)
        named = [objective.pool] if isinstance(objective.pool, str) else objective.pool
        places = [self.columns[pool_id] for pool_id in named or self.columns]
        missing = np.isnan(values)
        if not self.solved:
            self.env.report(
                "left-out",
                "performance",
                "the score is missing, so the objective leaves the region out",
                "得分缺失，该目标不计入该地区",
                missing,
            )
        return {
            int(own[i]): exact(float(values[i]))
            for own in places
            for i in np.flatnonzero((own >= 0) & ~missing).tolist()
        }

    def _phases(
        self, n_rules: int, phase: int
    ) -> tuple[list[tuple[str, list[ExactRow]]], list[ObjectiveSpec]]:
        """Rows that keep earlier objectives within their tolerance, and the objectives left."""
        objectives = self.spec.objectives
        loose = [place for place, one in enumerate(objectives) if one.within]
        done = loose[: phase - 1] if phase else loose
        limits = []
        for number, place in enumerate(done, start=1):
            found = self._solve(n_rules + (-number if n_rules == RELAXED else PHASE * number))
            if rows := self._kept(objectives[place], found):
                limits.append((f"objective {objectives[place].name}", rows))
        end = loose[phase - 1] + 1 if phase else len(objectives)
        return limits, [one for place, one in enumerate(objectives[:end]) if place not in done]

    def _kept(self, objective: ObjectiveSpec, found: Solution) -> list[ExactRow]:
        """The rows of an objective that reached what `found` says, less its tolerance."""
        value = next((t.reached for t in found.tiers if t.name == objective.name), None)
        if value is None:
            return []
        least = exact(abs(value)) * (1 - exact(objective.within))
        title = f"objective {objective.name}"
        if objective.name == "performance":
            scores = self._performance(objective)
            return [ExactRow(title, "sum", tuple(scores), tuple(scores.values()), least, None)]
        needs, known = self._of_totals("need")
        one = (Fraction(1),)
        return [
            ExactRow(title, row.name, (column,), one, least * exact(float(needs[column])), None)
            for row in self.totals
            for column in (row.columns[-1],)
            if known[column] and needs[column] > 0
        ]

    def _of_totals(
        self, key: str
    ) -> tuple[
        np.ndarray[tuple[int, ...], np.dtype[np.float64]],
        np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    ]:
        expr = getattr(self.spec, key)
        values = self.model.compiled(expr).full(self.env)
        known = ~np.isnan(values)
        self.env.report(
            "left-out",
            key,
            f"{key} is missing, so the objective leaves the region out",
            f"{key} 缺失，该目标不计入该地区",
            ~known,
        )
        spread = np.zeros(len(self.names))
        spread[self.n_amounts :] = np.where(known, values, 0.0)
        mask = np.zeros(len(self.names), dtype=bool)
        mask[self.n_amounts :] = known
        return spread, mask

    # ------------------------------------------------------------ solving

    def results(self, *, by_step: bool = True) -> dict[str, PoolResult]:
        """Amounts of every pool, with the stages that lead to them or only the last of these."""
        from reliefperf.allocation.allocate import PoolResult

        if self.relaxing:
            self._give_way()
        final = self._solve(self.last)
        self._refuse_endless(final)
        self._note_missed(final)
        if by_step or not self.rules:
            steps, after = self._steps(final)
        else:
            steps, after = [RULES], [self.start, self._amounts(final)]
        units = self._whole(after[-1])
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

    def _steps(self, final: Solution) -> tuple[list[str], list[tuple[Fraction, ...]]]:
        """The steps of the explanation; the amounts before the first and after each."""
        steps, after = [rule.id for rule, _ in self.rules], [self.start]
        if has_own_objectives(self.spec):
            steps, after = [OBJECTIVES, *steps], [*after, self._amounts(self._solve(0))]
        elif not all(_holds(row, self.start) for row in self.fixed):
            steps, after = [LIMITS, *steps], [*after, self._amounts(self._solve(0))]
            self._note_limits(after[-1])
        for n_rules in range(1, len(self.rules)):
            after.append(self._after_rule(n_rules, after[-1]))
        if self.rules:
            after.append(self._amounts(final))
        return steps, after

    def _after_rule(self, n_rules: int, before: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
        rows = [*self.fixed, *self.rules[n_rules - 1][1]]
        if all(_holds(row, before) for row in rows):
            return before
        chosen = [rule for rule, _ in self.rules[:n_rules]]
        apart = not any(ties_amounts(rule, len(self.pools)) for rule in chosen)
        if apart and self.fixed_are_totals and not self.totals and not self.relaxing:
            return self._settled(chosen)
        return self._amounts(self._solve(n_rules))

    @property
    def last(self) -> int:
        """The program whose amounts are paid: that with all rules, or that in which they give way."""
        return RELAXED if self.relaxing else len(self.rules)

    def cheapest(self) -> list[Relaxation]:
        """How the hard rules give way at the least money, before whole units."""
        return nearly_missed(self.stated, self._amounts(self._solve(RELAXED)))

    def _give_way(self) -> None:
        """Rules that cannot hold are kept as far as the relaxed program keeps them."""
        amounts = self._amounts(self._solve(RELAXED))
        may = priorities(self.spec, [rule for rule, _ in self.stated])
        self.rules = [
            (rule, [given_way(row, amounts, self.step) for row in rows])
            if rule.soft is None and may[rule.id] is not None
            else (rule, rows)
            for rule, rows in self.stated
        ]

    def _amounts(self, solution: Solution) -> tuple[Fraction, ...]:
        return tuple(exact(value) for value in solution.amounts[: self.n_amounts].tolist())

    def _settled(self, rules: Sequence[AmountRule]) -> tuple[Fraction, ...]:
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
        return tuple(amounts)

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
            return solve(self.program(n_rules))
        except Infeasible as error:
            en, zh = describe(error.infeasibility, self.spec.unit)
            asked = {row for odd in error.infeasibility.rules for row in odd.rows}
            if codes := self._regions_of(asked):
                en, zh = f"{en} Regions: {codes}.", f"{zh}涉及地区：{codes}。"
            if n_rules == RELAXED:
                en += " No relaxation mends it: totals of pools and the budget never give way" + (
                    "." if self.spec.relax is None else ", nor rules that `relax` does not list."
                )
                zh += "放宽规则也无法解决：资金池总额和预算不可放宽" + (
                    "。" if self.spec.relax is None else "，relax 未列出的规则也不可放宽。"
                )
            raise InfeasibleError(
                self.model.document.mistake(("allocation", "rules"), en, zh)
            ) from None

    def _regions_of(self, rows: Collection[str]) -> str:
        """The regions that rows named rule/region speak of, at most ten."""
        known = set(self.env.codes)
        ends = {row.partition("/")[2].removesuffix(":low").removesuffix(":high") for row in rows}
        codes = sorted(ends & known)
        return ", ".join(codes[:10]) + (", ..." if len(codes) > 10 else "")

    def _note_missed(self, solution: Solution) -> None:
        missed: dict[str, list[float]] = {}
        soft = {rule.id for rule, _ in self.rules if rule.soft is not None}
        for item in (item for item in solution.missed if item.rule in soft):
            missed.setdefault(item.rule, []).append(item.amount)
        for rule_id, amounts in missed.items():
            total = money(Fraction(str(round(sum(amounts), 6))))
            self.env.notes.append(
                Note(
                    "rule-missed",
                    f"soft rule '{rule_id}' is missed in {len(amounts)} row(s) by {total} "
                    f"{self.spec.unit} in all",
                    f"软性规则“{rule_id}”有 {len(amounts)} 处未满足，合计差 {total} {self.spec.unit}",
                    len(amounts),
                    rule_id,
                )
            )

    def _note_limits(self, amounts: tuple[Fraction, ...]) -> None:
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

    def _spread(self, pool_id: str, amounts: Sequence[Fraction]) -> tuple[Fraction, ...]:
        return tuple(
            amounts[column] if column >= 0 else Fraction(0)
            for column in self.columns[pool_id].tolist()
        )

    # ------------------------------------------------------------ whole units

    def _whole(self, amounts: tuple[Fraction, ...]) -> tuple[int, ...]:
        values = list(amounts)
        totals: list[rounding.Total] = []
        alone: set[str] = set()
        keys: list[tuple[int, int]] = [(0, 0)] * self.n_amounts
        for pool_id, pool in self.pools.items():
            columns = [(i, c) for i, c in enumerate(self.columns[pool_id].tolist()) if c >= 0]
            by_tie = tie_keys(pool, pool.spec.ties or self.spec.ties)
            for i, column in columns:
                keys[column] = by_tie[i]
            if pool.rounding != "largest_remainder":
                alone.add(f"pool {pool_id}")
                units = rounding.round_each(
                    [values[c] for _, c in columns], self.step, cast(rounding.Mode, pool.rounding)
                )
                for (_, column), unit in zip(columns, units, strict=True):
                    values[column] = unit * self.step
                continue
            for group in range(len(pool.totals)):
                members = self._columns_of(pool_id, group)
                if members and pool.spec.kind == "formula":
                    totals.append(self._formula_units(pool, members, values))
                elif members:
                    totals.append(self._units_of(pool, members, group))
        # amounts that stand alone need not meet a total; what they miss it by is noted
        fixed = [row for row in self.fixed if row.rule not in alone or row.lower != row.upper]
        found = self._rounded(values, fixed, totals, keys)
        if self.relaxing:
            if self._widen(found.units):
                found = self._rounded(values, fixed, totals, keys)
                self._widen(found.units)
            paid = [unit * self.step for unit in found.units]
            self.relaxations = relaxations(self.stated, paid, self.step)
        self.rounded = found
        if found.broken:
            paid = [unit * self.step for unit in found.units]
            raise self._no_room(*room.broken(found.broken, paid))
        if found.unequal:
            self.env.notes.append(
                Note(
                    "unequal",
                    f"{len(found.unequal)} amounts of regions that are alike end more than one unit "
                    "apart, because whole units leave no other way to keep the rules",
                    f"有 {len(found.unequal)} 个条件相同地区的金额相差超过一个单位：以整数单位无法在满足规则的同时再接近",
                    len(found.unequal),
                    "allocation",
                )
            )
        if found.repaired:
            self.env.notes.append(
                Note(
                    "rounding-repaired",
                    f"rounding was moved by single units so that {len(found.repaired)} row(s) of the "
                    "rules hold exactly",
                    f"为使 {len(found.repaired)} 处规则严格成立，取整时作了逐单位调整",
                    len(found.repaired),
                    "allocation",
                )
            )
        return found.units

    def _rounded(
        self,
        values: Sequence[Fraction],
        fixed: Sequence[ExactRow],
        totals: Sequence[rounding.Total],
        keys: Sequence[tuple[int, int]],
    ) -> rounding.Rounded:
        """Whole units that keep totals and hard rules, where there are any."""
        hard = [*fixed]
        hard += [row for rule, rows in self.rules if rule.soft is None for row in rows]
        hard = [row.in_whole_units(self.step) for row in hard]
        if self.answers is not None:
            return self.answers.rounded(self, values, hard, totals, keys)
        try:
            return rounding.controlled_rounding(values, hard, totals, unit=self.step, tie_keys=keys)
        except RoundingImpossible as error:
            if self.relaxing and self._widen_outwards():
                return self._rounded(values, fixed, totals, keys)
            words = self._what_is_short(hard, totals) or (str(error), str(error))
            raise self._no_room(*words) from None

    def _what_is_short(
        self, hard: Sequence[ExactRow], totals: Sequence[rounding.Total]
    ) -> tuple[str, str] | None:
        """Limits on single amounts that whole units cannot keep."""
        limits = room.Limits.of(hard)
        found = room.crossed(limits, self.names, self.step)
        for total in totals:
            pool = self.names[total.columns[0]].split(":", maxsplit=1)[0]
            found = found or room.short_total(
                limits,
                total.columns,
                total.least_units,
                total.most_units,
                self.step,
                pool,
            )
        return found

    def _widen_outwards(self) -> bool:
        """Let limits that may give way end at whole units; whether any was not there already."""
        may = priorities(self.spec, [rule for rule, _ in self.rules])
        before = self.rules
        self.rules = [
            (rule, [outwards(row, self.step) for row in rows])
            if rule.soft is None and may[rule.id] is not None
            else (rule, rows)
            for rule, rows in before
        ]
        return before != self.rules

    def _widen(self, units: Sequence[int]) -> bool:
        """Let rules that may give way end where whole units keep them; whether any had to."""
        may = priorities(self.spec, [rule for rule, _ in self.rules])
        paid = [unit * self.step for unit in units]
        before = self.rules
        self.rules = [
            (rule, [held(row, paid, self.step) for row in rows])
            if rule.soft is None and may[rule.id] is not None
            else (rule, rows)
            for rule, rows in before
        ]
        return any(
            new is not old
            for (_, now), (_, then) in zip(self.rules, before, strict=True)
            for new, old in zip(now, then, strict=True)
        )

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


def phase_of(n_rules: int) -> tuple[int, int]:
    """The phase of a program (0: with all objectives) and its number of rules; see program."""
    return divmod(n_rules, PHASE) if n_rules >= 0 else (RELAXED - n_rules, RELAXED)


def what_ties(spec: AllocationSpec) -> str | None:
    """The first objective, pool or rule that ties amounts beyond each pool's own total."""
    n_pools = len(spec.paid_pools)
    found: list[str] = [one.name for one in spec.objectives if one.name in OWN_OBJECTIVES]
    found += [f"{pool_id}.between" for pool_id, pool in spec.pools.items() if pool.between]
    found += [
        rule.id for rule in spec.rules if spec.speaks_of_money(rule) and ties_amounts(rule, n_pools)
    ]
    return found[0] if found else None


def has_own_objectives(spec: AllocationSpec) -> bool:
    """Whether something is wanted before nearness to the entitlements."""
    return any(one.name in OWN_OBJECTIVES for one in spec.objectives)


def speaks_of_totals(spec: AllocationSpec) -> bool:
    """Whether an objective is about the total of each region."""
    return any(one.name in ("change", "coverage") for one in spec.objectives)


def ties_amounts(rule: AllocationRule, n_pools: int) -> bool:
    """Whether a rule ties several amounts together, or may give way."""
    named = getattr(rule, "pool", None)
    names = [named] if isinstance(named, str) else list(named or [TOTAL])
    of_one = n_pools == 1 or (len(names) == 1 and names[0] != TOTAL)
    return rule.key not in SINGLE or rule.soft is not None or not of_one


def speaks_of(rule: AllocationRule, pool_id: str) -> bool:
    """Whether a rule on single amounts speaks of a pool (the only one, if it names none)."""
    named = getattr(rule, "pool", None)
    return named in (None, TOTAL, pool_id, [pool_id])


def _holds(row: ExactRow, amounts: Sequence[Fraction]) -> bool:
    """Whether a row holds, but for the solver's noise."""
    value = sum(
        (amounts[j] * c for j, c in zip(row.columns, row.coefficients, strict=True)), Fraction(0)
    )
    return (row.lower is None or value >= row.lower - NOISE) and (
        row.upper is None or value <= row.upper + NOISE
    )


def _without_noise(
    stages: Sequence[tuple[Fraction, ...]], noise: Fraction
) -> list[tuple[Fraction, ...]]:
    """The amounts after each rule, where amounts that a rule hardly moved stay as they were."""
    cleaned = [stages[0]]
    for amounts in stages[1:]:
        pairs = zip(cleaned[-1], amounts, strict=True)
        cleaned.append(tuple(old if abs(new - old) < noise else new for old, new in pairs))
    return cleaned


def _reach(rows: Sequence[ExactRow]) -> Fraction:
    """How many times another amount one can get by a rule's rows on several, at least 1."""
    sizes = [[abs(c) for c in row.coefficients if c] for row in rows if len(row.columns) > 1]
    return max((max(of_row) / min(of_row) for of_row in sizes if of_row), default=ONE)


def _by_rule(rows: Sequence[ExactRow]) -> list[tuple[str, list[ExactRow]]]:
    grouped: dict[str, list[ExactRow]] = {}
    for row in rows:
        grouped.setdefault(row.rule, []).append(row)
    return list(grouped.items())
