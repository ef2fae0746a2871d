"""One program for all budgets: the budget is a column, and totals follow from it in straight lines.

The rules, at paid amounts, are the rows that whole units keep. What this program cannot do no
budget can, whatever the objectives choose among the amounts that the rules allow; so its least
budget for a goal is proved, by the weak duality that verifies runs, to be at most that of any run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import scipy

from reliefperf.allocation.allocate import program_of
from reliefperf.allocation.checking import tier_gaps
from reliefperf.allocation.coupled import Coupled
from reliefperf.allocation.exact_program import ExactProgram
from reliefperf.allocation.program import ExactRow, Linear, Program, RowFamily
from reliefperf.allocation.rules.base import AmountRule
from reliefperf.allocation.solve import Infeasible, solve
from reliefperf.errors import InfeasibleError, InputError
from reliefperf.model.model import expressions_in
from reliefperf.scenarios.explaining.without import copy_of
from reliefperf.scenarios.inverse.budgets import Budgets
from reliefperf.scenarios.inverse.goals import Goal

GOAL = "goal asked for"
"""The rule that stands for what is asked for."""

REACH = 16
"""Budgets are looked at up to so many times the present one, or what is asked for in all; so many
times more again where only that stands in the way of a goal."""


@dataclass(frozen=True)
class Straight:
    """coefficients @ amounts >= start + slope x budget (`low`), or at most that."""

    row: ExactRow
    start: Fraction
    slope: Fraction
    low: bool


class AllBudgets:
    """The hard rules of a period as one program over amounts and budget.

    `columns` has the places of each region's amounts (of all pools).
    """

    def __init__(self, budgets: Budgets, program: Coupled, rows: Sequence[Straight]) -> None:
        self.budgets, self.rows = budgets, rows
        self.names = program.names[: program.n_amounts]
        self.columns: list[list[int]] = [
            [int(places[i]) for places in program.columns.values() if places[i] >= 0]
            for i in range(len(budgets.now.codes))
        ]

    @classmethod
    def of(cls, budgets: Budgets) -> AllBudgets | None:
        """The program, or None where it is not known to be straight in the budget."""
        if not _is_straight(budgets):
            return None
        width = max(1, budgets.place // 8)
        try:
            programs = [_program_at(budgets, budgets.place + k * width) for k in (0, 1, 3)]
        except (InputError, InfeasibleError):
            return None
        ends = [budgets.budget(budgets.place), budgets.budget(budgets.place + width)]
        stated = [_rows(program) for program in programs]
        rows: list[Straight] = []
        if len({len(of_one) for of_one in stated}) > 1:
            return None
        for one, two, far in zip(*stated, strict=True):
            if not one.columns == two.columns == far.columns:
                return None
            if not one.coefficients == two.coefficients == far.coefficients:
                return None
            for low in (True, False):
                sides = [row.lower if low else row.upper for row in (one, two, far)]
                known = [side for side in sides if side is not None]
                if not known:
                    continue
                if len(known) < len(sides):
                    return None
                slope = (known[1] - known[0]) / (ends[1] - ends[0])
                if known[2] != known[0] + 3 * (known[1] - known[0]):
                    return None
                rows.append(Straight(one, known[0] - slope * ends[0], slope, low))
        return cls(budgets, programs[0], rows)

    def least(self, goal: Goal) -> Fraction:
        """A budget below which no budget reaches the goal, whatever is shared out how.

        Raises allocation.solve.Infeasible where none does, naming the rules and GOAL.
        """
        asked = sum((ask for ask in goal.asked if ask is not None), 0)
        cap = REACH * max(self.budgets.present, asked * self.budgets.smallest)
        while True:
            try:
                return self._bound(goal, 1.0, cap)
            except Infeasible as error:
                if not _ends_at_cap(error) or cap >= self.budgets.budget(self.budgets.last):
                    raise
                cap *= REACH

    def most(self) -> Fraction | None:
        """A budget above which the rules cannot hold; None where there is none as far as is looked.

        Budgets at which they can hold are an interval, so that the first end is the only one.
        """
        cap = REACH * self.budgets.present
        found = -self._bound(None, -1.0, cap)
        return found if found < cap else None

    def _bound(self, goal: Goal | None, cost: float, cap: Fraction) -> Fraction:
        """What cost x budget cannot go below, up to a budget, proved from the solver's prices."""
        program = self._program(goal, cost, float(cap))
        found = solve(program, equal_treatment=False)
        (gap,) = tier_gaps(ExactProgram(program), found)
        return gap.reached - gap.gap

    def _program(self, goal: Goal | None, cost: float, cap: float) -> Program:
        n_amounts = len(self.names)
        names = [*self.names, "budget"]
        lines: dict[str, list[_Line]] = {}
        for one in self.rows:
            terms = dict(zip(one.row.columns, one.row.coefficients, strict=True))
            if one.slope:
                terms[n_amounts] = -one.slope
            name = f"{one.row.name}:{'low' if one.low else 'high'}"
            lines.setdefault(one.row.rule, []).append(_Line(name, terms, one.start, one.low))
        if goal is not None:
            asked = [(i, ask * self.budgets.smallest) for i, ask in enumerate(goal.asked) if ask]
            lines[GOAL] = self._asked(goal, asked, names)
        costs = np.zeros(len(names))
        costs[n_amounts] = cost
        return Program(
            tuple(names),
            np.zeros(len(names)),
            np.full(len(names), cap),
            tuple(_family(rule, own, len(names)) for rule, own in lines.items() if own),
            (Linear("budget", costs),),
            np.zeros(len(names)),
            open_above=True,
        )

    def _asked(
        self, goal: Goal, asked: Sequence[tuple[int, Fraction]], names: list[str]
    ) -> list[_Line]:
        """The rows of a goal; where only some must reach theirs, parts of regions count as well."""
        codes = self.budgets.now.codes
        if goal.together:
            counted = [i for i, ask in enumerate(goal.asked) if ask is not None]
            terms = {j: Fraction(1) for i in counted for j in self.columns[i]}
            return [_Line("together", terms, sum((ask for _, ask in asked), Fraction(0)))]
        ones = [(i, ask, dict.fromkeys(self.columns[i], Fraction(1))) for i, ask in asked]
        n_asked = sum(ask is not None for ask in goal.asked)
        if goal.count == n_asked:
            return [_Line(codes[i], terms, ask) for i, ask, terms in ones]
        found, together = [], {}
        for i, ask, terms in ones:
            together[len(names)] = Fraction(1)
            found.append(_Line(codes[i], {**terms, len(names): -ask}, Fraction(0)))
            part = {len(names): Fraction(1)}
            found.append(_Line(f"{codes[i]}:whole", part, Fraction(1), low=False))
            names.append(f"reached:{codes[i]}")
        wanted = Fraction(goal.count - (n_asked - len(asked)))
        return [*found, _Line("so many", together, wanted)] if wanted > 0 else []


@dataclass(frozen=True)
class _Line:
    """A row as terms by column, with one side."""

    name: str
    terms: dict[int, Fraction]
    side: Fraction
    low: bool = True


def _ends_at_cap(error: Infeasible) -> bool:
    """Whether the largest budget that was looked at takes part in a contradiction."""
    return any(odd.rule == "" and odd.side == "high" for odd in error.infeasibility.rules)


def _family(rule: str, lines: Sequence[_Line], n_columns: int) -> RowFamily:
    data = [float(value) for line in lines for value in line.terms.values()]
    columns = [j for line in lines for j in line.terms]
    starts = np.cumsum([0, *(len(line.terms) for line in lines)])
    matrix = scipy.sparse.csr_array((data, columns, starts), shape=(len(lines), n_columns))
    return RowFamily(
        rule,
        tuple(line.name for line in lines),
        matrix,
        np.array([float(line.side) if line.low else -np.inf for line in lines]),
        np.array([np.inf if line.low else float(line.side) for line in lines]),
    )


def _program_at(budgets: Budgets, place: int) -> Coupled:
    model = budgets.model_at(budgets.budget(place))
    return program_of(model, copy_of(budgets.period.env))


def _rows(program: Coupled) -> list[ExactRow]:
    """The rows that whole units keep."""
    hard = [*program.fixed]
    hard += [row for rule, rows in program.rules if rule.soft is None for row in rows]
    return [row.in_whole_units(program.step) for row in hard]


def _is_straight(budgets: Budgets) -> bool:
    """Whether pools are one program whose rows look at the budget by the pools' totals alone."""
    spec = budgets.spec
    if budgets.is_alone or budgets.now.relax != "never":
        return False
    moved = budgets.moved()
    for rule in spec.rules:
        chooses = rule.key == "minimum_grant" or getattr(rule, "if_short", None)
        looks = any(expr.names & moved for _, expr, _ in expressions_in(rule))
        if chooses or looks or not isinstance(rule, AmountRule):
            return False
    return all(
        pool.kind == "shared"
        and pool.paid
        and not pool.contributes
        and pool.solve is None
        and pool.between is None
        and pool.negative == "error"
        and budgets.lines[name] is not None
        and budgets.now.pools[name].pool.rounding == "largest_remainder"
        for name, pool in spec.pools.items()
    )
