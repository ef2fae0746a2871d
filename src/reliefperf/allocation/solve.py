"""The whole way of a program: PuLP -> arrays -> folded -> tiers -> nearest to the targets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import scipy

from reliefperf.allocation.diagnosis import Infeasibility, contradicted, describe, diagnose
from reliefperf.allocation.folding import CompiledLp, FoldedLp, Objective, column_colours, fold
from reliefperf.allocation.program import (
    Coverage,
    Deviation,
    Floats,
    Linear,
    Missed,
    Program,
    RowFamily,
    Shortfall,
    Solution,
    TierValue,
)
from reliefperf.allocation.projection import project
from reliefperf.allocation.pulp_model import compile_program
from reliefperf.allocation.scaling import grid, in_unit, money_unit, scaled, unscaled
from reliefperf.allocation.solver import NoSolution, Vertex, solve_tiers, solver_error
from reliefperf.allocation.warm import Warm
from reliefperf.errors import Mistake, SolverError

TIER_TOLERANCE = 1e-8
"""A tier may end worse than its optimum by this part of all money allotted (at least 1e-6)."""

FEASIBILITY_TOLERANCE = 1e-9
"""A limit may be exceeded by this part of its row's size (at least 1e-6 money) before rounding."""


class Infeasible(Exception):
    """The program has no feasible point; `infeasibility` says why."""

    def __init__(self, infeasibility: Infeasibility) -> None:
        super().__init__(describe(infeasibility, "")[0])
        self.infeasibility = infeasibility


def solve(
    program: Program,
    *,
    equal_treatment: bool = True,
    reasons: bool = True,
    warm: Warm | None = None,
    implied: RowFamily | None = None,
) -> Solution:
    """Solve a program: its tiers in order, then the optimal amounts nearest to the targets.

    Without `equal_treatment` the amounts are a vertex, which treats equals unequally; that is for
    comparison only. `warm` has starts from programs like this. Same program, same bytes. `implied`
    has rows that the program's other rows imply, of its first columns: what would mend a program
    without a solution keeps them too.
    Raises Infeasible with the reason (none without `reasons`), or SolverError if the solver's
    answer cannot be trusted.
    """
    unit = money_unit(program)
    if unit != 1.0:
        try:
            found = _solve(
                scaled(program, unit),
                equal_treatment,
                reasons,
                warm,
                None if implied is None else in_unit(implied, unit),
            )
        except Infeasible as error:
            raise Infeasible(error.infeasibility.times(unit)) from None
        return unscaled(found, program, unit)
    return _solve(program, equal_treatment, reasons, warm, implied)


def _solve(
    program: Program,
    equal_treatment: bool,
    reasons: bool,
    warm: Warm | None,
    implied: RowFamily | None,
) -> Solution:
    lp = compile_program(program)
    folded = fold(lp)
    if not isinstance(folded, FoldedLp):
        raise Infeasible(contradicted(folded))
    try:
        vertices, face = solve_tiers(folded, lp.objectives, warm)
    except NoSolution:
        raise _infeasible(program, lp, reasons, implied) from None
    point = vertices[-1].point
    if equal_treatment:
        told_apart = [o.costs for o in lp.objectives]
        if program.weights is not None:
            told_apart.append(np.pad(program.weights, (0, point.size - program.weights.size)))
        colours = column_colours(folded, program.targets, told_apart)
        amounts = project(
            folded, face, point, program.targets, colours, program.weights, program.parts
        )
    else:
        amounts = np.clip(point[: lp.n_amounts], program.lower, program.upper)
    violation = _checked_violation(program, amounts)
    prices = tuple(
        family_prices(lp, folded, vertex, objective.factor)
        for objective, vertex in zip(lp.objectives, vertices, strict=False)
    )
    return Solution(
        amounts=amounts,
        tiers=tuple(
            _tier_value(program, objective, vertex, reached, amounts)
            for objective, vertex, reached in zip(
                lp.objectives, vertices, _reached(program, amounts), strict=False
            )
        ),
        missed=tuple(_missed(program, amounts)),
        violation=violation,
        prices=prices,
    )


def family_prices(
    lp: CompiledLp, folded: FoldedLp, vertex: Vertex, factor: float = 1.0
) -> tuple[Floats, ...]:
    """d value / d right-hand side for the rows of each family; a side that is not tight has 0.

    `factor` turns the objective into the tier's own unit. Where several rules set the same side
    the first one gets the price.
    """
    prices = np.zeros(len(lp.rows))
    for price, low_row, high_row in (
        (vertex.prices, folded.low_row, folded.high_row),
        (vertex.reduced, folded.column_low_row, folded.column_high_row),
    ):
        row = np.where(price > 0, low_row, high_row)
        if price is vertex.prices:
            # an earlier tier may have fixed the row at its one side; then that side has the price
            row = np.where(row >= 0, row, np.maximum(low_row, high_row))
        used = np.flatnonzero((price != 0) & (row >= 0))
        np.add.at(prices, row[used], factor * price[used] / folded.scale[row[used]])
    of_family = [np.zeros(0)] * len(lp.rules)
    for number in range(len(lp.rules)):
        mine = np.flatnonzero(lp.row_family == number)
        index = lp.row_index[mine]
        of_family[number] = np.zeros(int(index.max(initial=-1)) + 1)
        np.add.at(of_family[number], index, prices[mine])
    return tuple(of_family)


def _infeasible(
    program: Program, lp: CompiledLp, reasons: bool, implied: RowFamily | None
) -> Exception:
    within = None
    if reasons and implied is not None:
        of_first = implied.matrix
        shape = of_first.shape[0], len(program.columns)
        matrix = scipy.sparse.csr_array(
            (of_first.data, of_first.indices, of_first.indptr), shape=shape
        )
        families = (*program.families, replace(implied, matrix=matrix))
        within = compile_program(replace(program, families=families))
    found = diagnose(lp, reasons=reasons, open_above=program.open_above, within=within)
    if found is None:
        return solver_error("the tiers have no solution although the rules have one")
    return Infeasible(found)


def _excess(family: RowFamily, amounts: Floats) -> Floats:
    """By how much each row (n_rows,) of a family is missed; 0 where it holds."""
    values = family.entries.times(amounts)
    return np.maximum(np.maximum(family.lower - values, values - family.upper), 0.0)


def _checked_violation(program: Program, amounts: Floats) -> float:
    """The largest violation of a hard limit; SolverError if one is more than noise."""
    largest = 0.0
    for family in program.families:
        if family.soft is None:
            excess = _excess(family, amounts)
            entries = family.entries
            size = np.maximum(entries.sizes(np.abs(amounts)), 1e3)
            # amounts stand on a grid, so that long sums of them are off by some of its steps
            steps = grid(amounts) * entries.by_row(np.abs(entries.data))
            noise = np.maximum(FEASIBILITY_TOLERANCE * size, steps)
            worst = int(np.argmax(excess / noise)) if excess.size else 0
            if excess.size and excess[worst] > noise[worst]:
                raise solver_error(
                    f"row {family.rule}/{family.names[worst]} is exceeded by {excess[worst]:.3g}"
                )
            largest = max(largest, float(excess.max(initial=0.0)))
    outside = np.maximum(program.lower - amounts, amounts - program.upper)
    return max(largest, float(outside.max(initial=0.0)))


def _reached(program: Program, amounts: Floats) -> Iterator[float]:
    """What the amounts reach on each objective, computed from the program alone."""
    for tier in program.tiers:
        match tier:
            case Shortfall():
                for priority in sorted({f.soft for f in program.families if f.soft is not None}):
                    same = [f for f in program.families if f.soft == priority]
                    yield sum(float(_excess(f, amounts).sum()) for f in same)
            case Deviation():
                yield float(np.abs(amounts - tier.targets)[tier.columns].sum())
            case Coverage():
                used = tier.columns & (tier.needs > 0)
                if used.any():
                    yield float((amounts[used] / tier.needs[used]).min())
            case Linear():
                yield float(tier.costs @ amounts)


def _tier_value(
    program: Program, objective: Objective, vertex: Vertex, reached: float, amounts: Floats
) -> TierValue:
    value = objective.value(vertex.point)
    money = max(100.0, float(np.abs(amounts).sum()))
    tolerance = TIER_TOLERANCE * money * abs(objective.factor)
    if abs(reached - value) > tolerance:
        raise _unequal_needs(program, objective.name) or solver_error(
            f"tier '{objective.name}' reached {reached!r} instead of {value!r}"
        )
    return TierValue(objective.name, value, reached, tolerance)


def _missed(program: Program, amounts: Floats) -> Iterator[Missed]:
    """The soft rows that are missed by more than noise."""
    for family in program.families:
        if family.soft is not None:
            excess = _excess(family, amounts)
            size = np.maximum(family.entries.sizes(np.abs(amounts)), 1e3)
            for i in np.flatnonzero(excess > FEASIBILITY_TOLERANCE * size).tolist():
                yield Missed(family.rule, family.names[i], float(excess[i]))


FAR_SMALLER = 1e-7
"""A need that is this part of the largest is too small for the solver's absolute tolerances."""


def _unequal_needs(program: Program, name: str) -> SolverError | None:
    """The error for needs so far apart that the least coverage cannot be told; else None."""
    tier = next((t for t in program.tiers if isinstance(t, Coverage) and t.name == name), None)
    if tier is None:
        return None
    used = np.flatnonzero(tier.columns & (tier.needs > 0))
    needs = tier.needs[used]
    least, most = int(used[needs.argmin()]), int(used[needs.argmax()])
    if tier.needs[least] > FAR_SMALLER * tier.needs[most]:
        return None
    small, large = (program.columns[j].partition(":")[2] for j in (least, most))
    times = f"{tier.needs[most] / tier.needs[least]:,.0f}"
    return SolverError(
        Mistake.at(
            f"objective '{name}': the need of {large} is {times} times that of {small}, too far apart "
            "for the solver to find the greatest least coverage. State all needs in the same unit, "
            "and a need of 0 or none for regions that the objective is to leave out",
            f"目标“{name}”：{large} 的需求是 {small} 的 {times} 倍，相差过大，求解器无法求出最大的最低保障率。"
            "请用同一单位填写各地需求；不计入该目标的地区，需求填 0 或留空",
        )
    )
