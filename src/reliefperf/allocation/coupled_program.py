"""The pools of one period as one program: bounds, rows in floats, tiers, phases of tolerances.

Objectives with a tolerance need what earlier programs found; the class that solves gives it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property

import numpy as np
import scipy

from reliefperf.allocation.coupled_rows import REGION_TOTALS, CoupledRows
from reliefperf.allocation.near_enough import NearEnough, near_enough
from reliefperf.allocation.program import (
    ONE,
    Coverage,
    Deviation,
    Floats,
    LimitRows,
    Linear,
    Program,
    RowFamily,
    Shortfall,
    Solution,
    Tier,
    target_weights,
)
from reliefperf.allocation.ratios import Ratios
from reliefperf.allocation.relaxing import (
    RELAXED,
    priorities,
)
from reliefperf.allocation.rounding import ExactRow
from reliefperf.errors import Note
from reliefperf.model.numbers import exact
from reliefperf.model.spec_allocation import ObjectiveSpec

DISTANCES = ("change", "entitlement")
"""Objectives that are a least sum of distances."""

UNENTITLED = "unentitled"
"""The last tier before nearness: the least money for those whose entitlement to it is nothing."""

PHASE = 10**6
"""Programs that only find what an objective with a tolerance can reach are numbered from here on."""

NOISE_PART = 1e-8
"""A least distance below this part of all money (at least of 100) is a solver's noise."""

UNMOVED = 1e-7
"""The weight of a region that bears nothing, as a part of the mean of those that do."""


class CoupledProgram(CoupledRows):
    """The program over these columns and rows: bounds, rows in floats, objectives in order."""

    def program(self, n_rules: int) -> Program:
        """The program with the first `n_rules` rules.

        `n_rules + PHASE x k` is that with only the objectives up to the k-th that has a tolerance:
        what it reaches says how much of it later objectives may give up. `RELAXED` - k is
        that program of those in which rules give way.
        """
        made = self._made.get(n_rules)
        if made is None or made[0] is not self.rules:
            made = self._made[n_rules] = self.rules, self._program(n_rules)
        return made[1]

    def _program(self, n_rules: int) -> Program:
        phase, n_rules = phase_of(n_rules)
        limits, distances, objectives = self._phases(n_rules, phase)
        n_columns = len(self.names)
        families = [self._family(rule_id, rows, None) for rule_id, rows in self._standing]
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
                lower[own] = upper[own] = [float(self.start[c]) for c in own]
            elif pool.spec.contributes:
                for group, total in enumerate(pool.totals):
                    if total is not None and total < 0:
                        own = list(self._columns_of(pool_id, group))
                        lower[own], upper[own] = -float(self._most), 0.0
            elif pool.spec.negative == "allow":
                lower[[c for c in self.columns[pool_id].tolist() if c >= 0]] = -float(self._most)
        if any(pool.spec.negative == "allow" for pool in self.pools.values()):
            lower[self.n_amounts :] = -upper[self.n_amounts :]
        for row in self.totals:
            if not upper[list(row.columns[:-1])].any():
                upper[row.columns[-1]] = 0.0  # contributions alone add up to no more
        program = Program(
            tuple(self.names),
            lower,
            upper,
            tuple(families),
            self._tiers(any(priority is not None for priority in soft.values()), objectives),
            self._near,
            self._carriers(),
            open_above=True,
            sums=REGION_TOTALS if self.totals else None,
        )
        if not phase and (least := self._unentitled(program)) is not None:
            program = replace(program, tiers=(*program.tiers, least))
        return near_enough(program, distances)

    @cached_property
    def _near(self) -> Floats:
        """What each column should be near to: entitlements, then the totals of regions."""
        totals = [
            float(sum((self.nearest_to[j] for j in row.columns[:-1]), Fraction(0)))
            for row in self.totals
        ]
        return np.array([*Ratios.of(self.nearest_to).floats(), *totals])

    def _unentitled(self, program: Program) -> Linear | None:
        """Tier: the least money for those to whom the formula gives nothing; None without any.

        No distance from nothing can be divided by the entitlement, so that they come before it.
        """
        costs = np.zeros(len(program.columns))
        for pool_id, pool in self.pools.items():
            if pool.bear is None:
                own = [c for c in self.columns[pool_id].tolist() if c >= 0]
                costs[[c for c in own if not self.nearest_to[c].numerator]] = 1.0
        costs[(program.lower < 0) | (program.upper <= 0)] = 0.0
        return Linear(UNENTITLED, costs) if costs.any() else None

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
        for row in self.totals:  # of no account, but above 0
            weights[row.columns[-1]] = sum(weights[j] for j in row.columns[:-1]) or 1.0
        return weights

    def _is_ruled(self, pool_id: str) -> bool:
        """Whether any rule speaks of a pool."""
        own = set(self.columns[pool_id].tolist()) - {-1}
        return any(not own.isdisjoint(row.columns) for _, rows in self.rules for row in rows)

    @cached_property
    def _most(self) -> Fraction:
        """More than any region can get, so that every column has a finite bound."""
        floors = sum((_floors(rows) for _, rows in self.stated), Fraction(0))
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

    @cached_property
    def _standing(self) -> list[tuple[str, list[ExactRow]]]:
        """The rows of totals and budget, in every program, by what they are the rows of."""
        return _by_rule([*self.fixed, *self.totals])

    def _family(self, rule_id: str, rows: Sequence[ExactRow], soft: int | None) -> RowFamily:
        """The rows in floats; the same object for the same rows, in whatever programs they stand."""
        key = rule_id, soft, id(rows)
        made = self._families.get(key)
        if made is None:
            n_columns = len(self.names)
            if isinstance(rows, LimitRows):
                family = _limits_in_floats(rule_id, rows, soft, n_columns)
            else:
                family = _rows_in_floats(rule_id, rows, soft, n_columns)
            made = self._families[key] = rows, family
        return made[1]

    def _tiers(self, soft: bool, objectives: Sequence[ObjectiveSpec]) -> tuple[Tier, ...]:
        n_columns = len(self.names)
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
            if name in DISTANCES:
                tiers.append(self._distance(name))
            elif name == "coverage":
                needs, known = self._of_totals("need")
                self._note_no_need(known & (needs > 0))
                tiers.append(Coverage("coverage", needs, known))
            elif name == "performance":
                costs = np.zeros(n_columns)
                for column, score in self._performance(objective).items():
                    costs[column] = -float(score)
                tiers.append(Linear("performance", costs))
        return tuple(tiers)

    def _note_no_need(self, asked: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> None:
        """Say where an objective has nothing to measure against."""
        if not asked.any():
            en = "no region has a need above zero, so that objective coverage asks for nothing"
            zh = "没有地区的需求大于零，目标 coverage（最低需求满足率）不起作用"
            self.env.notes.append(Note("left-out", en, zh, 1, "need"))

    def _distance(self, name: str) -> Deviation:
        """The least sum of distances that an objective wants."""
        if name == "change":
            return Deviation(name, *self._of_totals("previous_amount"))
        own = np.arange(len(self.names)) < self.n_amounts
        return Deviation(name, np.where(own, self._near, 0.0), own)

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
    ) -> tuple[list[tuple[str, list[ExactRow]]], list[NearEnough], list[ObjectiveSpec]]:
        """What keeps earlier objectives within their tolerance, rows and distances; those left."""
        objectives = self.spec.objectives
        loose = [place for place, one in enumerate(objectives) if one.within]
        end = loose[phase - 1] + 1 if phase else len(objectives)
        left = dict(enumerate(objectives[:end]))
        limits: list[tuple[str, list[ExactRow]]] = []
        distances: list[NearEnough] = []
        for number, place in enumerate(loose[: phase - 1] if phase else loose, start=1):
            found = self._solve(n_rules + (-number if n_rules == RELAXED else PHASE * number))
            one = objectives[place]
            tier = next((t for t in found.tiers if t.name == one.name), None)
            if one.name in DISTANCES:
                assert tier is not None
                noise = NOISE_PART * max(100.0, float(np.abs(found.amounts).sum()))
                if tier.reached * one.within <= noise:
                    continue  # a part of nothing is noise: it stays as it is
                distances.append(self._near_enough(one, tier.reached, found.amounts))
            elif tier is not None and (rows := self._kept(one, tier.reached)):
                limits.append((f"objective {one.name}", rows))
            del left[place]
        return limits, distances, list(left.values())

    def _near_enough(self, objective: ObjectiveSpec, reached: float, amounts: Floats) -> NearEnough:
        """What a least distance may come to that has reached so much at these amounts."""
        wanted = self._distance(objective.name)
        most = exact(reached) * (1 + exact(objective.within))
        gaps = np.abs(amounts[: wanted.targets.size] - wanted.targets)
        return NearEnough(wanted, float(most), gaps)

    def _kept(self, objective: ObjectiveSpec, value: float) -> list[ExactRow]:
        """The rows of an objective that reached a value, less its tolerance."""
        best = exact(-value if objective.name == "performance" else value)  # a cost is the least
        least = best - abs(best) * exact(objective.within)
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

    def _solve(self, n_rules: int) -> Solution:
        """The solution of `program(n_rules)`."""
        raise NotImplementedError


def phase_of(n_rules: int) -> tuple[int, int]:
    """The phase of a program (0: with all objectives) and its number of rules; see program."""
    return divmod(n_rules, PHASE) if n_rules >= 0 else (RELAXED - n_rules, RELAXED)


def _reach(rows: Sequence[ExactRow]) -> Fraction:
    """How many times another amount one can get by a rule's rows on several, at least 1."""
    sizes = [[abs(c) for c in row.coefficients if c] for row in rows if len(row.columns) > 1]
    return max((max(of_row) / min(of_row) for of_row in sizes if of_row), default=ONE)


def _floors(rows: Sequence[ExactRow]) -> Fraction:
    """What the lower sides of rows come to, without their signs."""
    if isinstance(rows, LimitRows):
        sides = () if rows.lower is None else rows.lower.pairs()
        known = [(abs(top), bottom) for top, bottom in sides if bottom]
        return Ratios([top for top, _ in known], [bottom for _, bottom in known]).total()
    return sum((abs(row.lower or Fraction(0)) for row in rows), Fraction(0))


def _limits_in_floats(rule_id: str, rows: LimitRows, soft: int | None, n_columns: int) -> RowFamily:
    n_rows = len(rows)
    each = np.arange(n_rows + 1)
    matrix = scipy.sparse.csr_array(
        (np.ones(n_rows), rows.columns, each), shape=(n_rows, n_columns)
    )
    lower = np.full(n_rows, -np.inf) if rows.lower is None else rows.lower.floats(-np.inf)
    upper = np.full(n_rows, np.inf) if rows.upper is None else rows.upper.floats(np.inf)
    return RowFamily(rule_id, tuple(rows.names), matrix, lower, upper, soft)


def _rows_in_floats(
    rule_id: str, rows: Sequence[ExactRow], soft: int | None, n_columns: int
) -> RowFamily:
    data: list[float] = []
    columns: list[int] = []
    starts = [0]
    for row in rows:
        data += [float(value) for value in row.coefficients]
        columns += row.columns
        starts.append(len(data))
    return RowFamily(
        rule_id,
        tuple(row.name for row in rows),
        scipy.sparse.csr_array((data, columns, starts), shape=(len(rows), n_columns)),
        np.array([-np.inf if row.lower is None else float(row.lower) for row in rows]),
        np.array([np.inf if row.upper is None else float(row.upper) for row in rows]),
        soft,
    )


def _by_rule(rows: Sequence[ExactRow]) -> list[tuple[str, list[ExactRow]]]:
    grouped: dict[str, list[ExactRow]] = {}
    for row in rows:
        grouped.setdefault(row.rule, []).append(row)
    return list(grouped.items())
