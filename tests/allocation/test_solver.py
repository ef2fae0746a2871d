"""What a solved program promises: feasible, optimal tier by tier, equal for equals, repeatable."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from reliefperf.allocation import shortest as shortest_module
from reliefperf.allocation import solver as solver_module
from reliefperf.allocation.folding import FoldedLp, fold
from reliefperf.allocation.program import (
    Coverage,
    Deviation,
    Floats,
    Linear,
    Program,
    RowFamily,
    Shortfall,
    Tier,
)
from reliefperf.allocation.pulp_model import compile_program
from reliefperf.allocation.solve import Infeasible, solve
from reliefperf.allocation.solver import Box, LiveSolver, NoSolution, solve_tiers
from reliefperf.allocation.units import Goal, nearest_units
from reliefperf.allocation.waterfill import waterfill
from reliefperf.errors import SolverError
from tests.allocation.families import family

INF = np.inf


def budget_program(
    targets: list[float],
    budget: float,
    *families: RowFamily,
    tiers: tuple[Tier, ...] | None = None,
    low: list[float] | None = None,
    high: list[float] | None = None,
) -> Program:
    n = len(targets)
    goal = np.array(targets, dtype=float)
    total = family("budget", [[1.0] * n], [budget], [budget])
    return Program(
        tuple(f"x{j}" for j in range(n)),
        np.zeros(n) if low is None else np.array(low, dtype=float),
        np.full(n, 1000.0) if high is None else np.array(high, dtype=float),
        (total, *families),
        (Deviation("entitlement", goal, np.ones(n, dtype=bool)),) if tiers is None else tiers,
        goal,
    )


def test_without_rules_everybody_gets_the_target() -> None:
    solution = solve(budget_program([1, 2, 3], 6))
    assert solution.amounts.tolist() == [1, 2, 3]
    assert solution.tiers[0].value == pytest.approx(0, abs=1e-9)


def test_a_cut_is_shared_in_proportion_and_not_at_a_vertex() -> None:
    assert solve(budget_program([1, 2, 3], 3)).amounts.tolist() == [0.5, 1.0, 1.5]
    vertex = solve(budget_program([1, 2, 3], 3), equal_treatment=False).amounts.tolist()
    assert vertex != [0.5, 1.0, 1.5]


def test_shortfalls_are_least_by_priority() -> None:
    first = family("first", [[1, 0, 0]], [8], [INF], soft=1)
    second = family("second", [[0, 1, 0], [0, 0, 1]], [4, 5], [INF, INF], soft=2)
    solution = solve(budget_program([4, 4, 4], 12, second, first, tiers=(Shortfall(),)))
    assert [(tier.name, round(tier.value, 9)) for tier in solution.tiers] == [
        ("shortfall:1", 0),
        ("shortfall:2", 5),
    ]
    assert solution.amounts[0] == pytest.approx(8)
    assert {m.rule for m in solution.missed} == {"second"}
    assert sum(m.amount for m in solution.missed) == pytest.approx(5)


def test_coverage_raises_the_least_ratio_first() -> None:
    needs = np.array([10.0, 20.0, 0.0])
    tiers = (Coverage("coverage", needs, np.ones(3, dtype=bool)),)
    solution = solve(budget_program([9, 1, 5], 15, tiers=tiers))
    assert solution.tiers[0].value == pytest.approx(0.5)
    assert solution.amounts.tolist() == pytest.approx([5, 10, 0], abs=1e-7)


def test_coverage_limited_by_one_cap_leaves_the_others_to_the_targets() -> None:
    tiers = (Coverage("coverage", np.array([10.0, 10.0, 10.0]), np.ones(3, dtype=bool)),)
    solution = solve(budget_program([6, 6, 12], 20, tiers=tiers, high=[3, 99, 99]))
    assert solution.tiers[0].value == pytest.approx(0.3)
    assert solution.amounts.tolist() == pytest.approx([3, 17 / 3, 34 / 3])


def test_costs_are_least_before_targets_count() -> None:
    tiers = (Linear("cost", np.array([200.0, 100.0, 100.0])),)
    solution = solve(budget_program([1, 1, 3], 8, tiers=tiers, high=[9, 9, 9]))
    assert solution.tiers[0].value == pytest.approx(800)
    assert solution.amounts.tolist() == pytest.approx([0, 2, 6])


def test_a_program_without_tiers_is_the_projection_alone() -> None:
    assert solve(budget_program([1, 3], 8, tiers=())).amounts.tolist() == [2, 6]


def test_rules_that_cannot_hold_raise_infeasible_with_their_names() -> None:
    with pytest.raises(Infeasible) as caught:
        solve(budget_program([1, 2], 3, family("floor", [[1, 0], [0, 1]], [2, 2], [INF, INF])))
    assert {odd.rule for odd in caught.value.infeasibility.rules} == {"budget", "floor"}


def test_a_price_is_the_change_of_the_tier_for_one_more_unit_of_a_side() -> None:
    costs = np.array([1.0, 3.0, 7.0])
    rules = (
        family("cap", [[1, 0, 0], [0, 1, 0]], [-INF, -INF], [4, 5]),
        family("pair", [[0, 2, 2], [-1, -1, -1]], [8, -99], [99, -11]),
    )

    def value(*families: RowFamily) -> float:
        program = budget_program([1, 1, 1], 12, *families, tiers=(Linear("cost", costs),))
        return solve(program).tiers[0].value

    prices = solve(budget_program([1, 1, 1], 12, *rules, tiers=(Linear("cost", costs),))).prices[0]
    step = 1e-3
    raised = replace(rules[0], upper=rules[0].upper + np.array([step, 0]))
    assert prices[1][0] == pytest.approx((value(raised, rules[1]) - value(*rules)) / step)
    raised = replace(rules[0], upper=rules[0].upper + np.array([0, step]))
    assert prices[1][1] == pytest.approx((value(raised, rules[1]) - value(*rules)) / step)
    assert prices[2].tolist() == [0, 0]


@dataclass(frozen=True)
class Drawn:
    """A random program that has a feasible point, in whole numbers."""

    targets: list[float]
    low: list[float]
    high: list[float]
    rows: list[list[float]]
    row_low: list[float]
    row_high: list[float]
    needs: list[float]
    budget: float
    soft: bool

    def program(
        self, order: list[int] | None = None, row_order: list[int] | None = None
    ) -> Program:
        order = list(range(len(self.targets))) if order is None else order
        row_order = list(range(len(self.rows))) if row_order is None else row_order
        n = len(self.targets)

        def pick(values: list[float]) -> Floats:
            return np.array([values[j] for j in order], dtype=float)

        groups = family(
            "groups",
            [[self.rows[i][j] for j in order] for i in row_order],
            [self.row_low[i] for i in row_order],
            [self.row_high[i] for i in row_order],
        )
        wish = family("wish", np.eye(n).tolist(), pick(self.needs).tolist(), [INF] * n, 1)
        tiers: tuple[Tier, ...] = (
            Deviation("entitlement", pick(self.targets), np.ones(n, dtype=bool)),
        )
        if self.soft:
            tiers = (Shortfall(), *tiers)
        return Program(
            tuple(f"x{j}" for j in order),
            pick(self.low),
            pick(self.high),
            (
                family("budget", [[1.0] * n], [self.budget], [self.budget]),
                groups,
                *((wish,) if self.soft else ()),
            ),
            tiers,
            pick(self.targets),
        )


@st.composite
def drawn(draw: st.DrawFn) -> Drawn:
    n = draw(st.integers(2, 6))

    def numbers(low: int, high: int) -> list[float]:
        return [float(draw(st.integers(low, high))) for _ in range(n)]

    point = numbers(0, 20)
    low = [max(0.0, x - d) for x, d in zip(point, numbers(0, 9), strict=True)]
    high = [x + d for x, d in zip(point, numbers(0, 9), strict=True)]
    signs = st.sampled_from([0.0, 1.0, 1.0, -0.5])
    rows = [[draw(signs) for _ in range(n)] for _ in range(draw(st.integers(1, 4)))]
    values = [float(np.dot(row, point)) for row in rows]
    row_low = [v - draw(st.sampled_from([0.0, 1.0, 5.0, INF])) for v in values]
    row_high = [v + draw(st.sampled_from([0.0, 2.0, INF])) for v in values]
    return Drawn(
        numbers(0, 25),
        low,
        high,
        rows,
        row_low,
        row_high,
        numbers(0, 20),
        sum(point),
        draw(st.booleans()),
    )


@settings(max_examples=100, deadline=None)
@given(drawn(), st.randoms(use_true_random=False))
def test_the_order_of_columns_and_rows_changes_nothing(case: Drawn, chance: object) -> None:
    n, n_rows = len(case.targets), len(case.rows)
    order, row_order = list(range(n)), list(range(n_rows))
    chance.shuffle(order)  # type: ignore[attr-defined]
    chance.shuffle(row_order)  # type: ignore[attr-defined]
    straight = solve(case.program())
    mixed = solve(case.program(order, row_order))
    np.testing.assert_allclose(straight.amounts[order], mixed.amounts, rtol=1e-7, atol=1e-7)
    for one, other in zip(straight.tiers, mixed.tiers, strict=True):
        assert one.value == pytest.approx(other.value, abs=1e-6)


@settings(max_examples=100, deadline=None)
@given(drawn())
def test_amounts_are_feasible_optimal_and_the_same_bytes_again(case: Drawn) -> None:
    program = case.program()
    solution = solve(program)
    assert solution.violation <= 1e-6
    assert (solution.amounts >= program.lower).all()
    assert (solution.amounts <= program.upper).all()
    for tier in solution.tiers:
        assert abs(tier.reached - tier.value) <= tier.tolerance
    assert solve(program).amounts.tobytes() == solution.amounts.tobytes()


@settings(max_examples=100, deadline=None)
@given(drawn())
def test_interior_points_and_the_simplex_come_to_the_same_amounts(case: Drawn) -> None:
    program = case.program()
    straight = solve(program)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(solver_module, "MANY", 1)
        patched.setattr(solver_module, "SMALL", 0)
        inner = solve(program)
    np.testing.assert_allclose(straight.amounts, inner.amounts, rtol=1e-6, atol=1e-6)
    for one, other in zip(straight.tiers, inner.tiers, strict=True):
        assert one.value == pytest.approx(other.value, abs=1e-6)


@settings(max_examples=100, deadline=None)
@given(drawn())
def test_small_programs_come_to_the_same_amounts_as_by_the_way_of_large_ones(case: Drawn) -> None:
    """Without presolve, each tier from the one before it, the nearest point without Clarabel."""
    program = case.program()
    small = solve(program)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(solver_module, "SMALL", -1)
        patched.setattr(shortest_module, "SMALL", -1)
        large = solve(program)
    np.testing.assert_allclose(small.amounts, large.amounts, rtol=1e-9, atol=1e-9)
    for one, other in zip(small.tiers, large.tiers, strict=True):
        assert one.value == pytest.approx(other.value, abs=1e-6)


@settings(max_examples=100, deadline=None)
@given(drawn())
def test_identical_regions_get_identical_amounts(case: Drawn) -> None:
    """Every region twice, each group row over both and, for one of them, over each alone."""
    n = len(case.targets)
    twice = Drawn(
        case.targets * 2,
        case.low * 2,
        case.high * 2,
        [row * 2 for row in case.rows] + [case.rows[0] + [0.0] * n, [0.0] * n + case.rows[0]],
        [2 * v for v in case.row_low] + [case.row_low[0]] * 2,
        [2 * v for v in case.row_high] + [case.row_high[0]] * 2,
        case.needs * 2,
        2 * case.budget,
        case.soft,
    )
    amounts = solve(twice.program()).amounts
    assert amounts[:n].tolist() == amounts[n:].tolist()
    alone = solve(case.program()).amounts
    np.testing.assert_allclose(amounts[:n], alone, rtol=1e-6, atol=1e-6)


limits = st.lists(
    st.tuples(st.integers(1, 30), st.integers(0, 20), st.integers(0, 40)), min_size=2, max_size=8
)


@settings(max_examples=100, deadline=None)
@given(limits, st.fractions(0, 1, max_denominator=50))
def test_floors_caps_and_a_budget_are_water_filling(
    regions: list[tuple[int, int, int]], part: Fraction
) -> None:
    weights = [weight for weight, _, _ in regions]
    low = [floor for _, floor, _ in regions]
    high = [floor + room for _, floor, room in regions]
    budget = sum(low) + part * (sum(high) - sum(low))
    exact = waterfill(weights, low, high, budget).amounts
    program = budget_program(
        [float(w) for w in weights],
        float(budget),
        tiers=(),
        low=[float(v) for v in low],
        high=[float(v) for v in high],
    )
    amounts = solve(program).amounts
    np.testing.assert_allclose(amounts, [float(v) for v in exact], rtol=1e-6, atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(limits, st.fractions(0, 1, max_denominator=20), st.fractions(0, 1, max_denominator=20))
def test_with_limits_alone_more_budget_never_means_less_for_anybody(
    regions: list[tuple[int, int, int]], one: Fraction, other: Fraction
) -> None:
    low = [float(floor) for _, floor, _ in regions]
    high = [float(floor + room) for _, floor, room in regions]
    results = []
    for part in sorted((one, other)):
        budget = sum(low) + float(part) * (sum(high) - sum(low))
        targets = [float(weight) for weight, _, _ in regions]
        results.append(solve(budget_program(targets, budget, low=low, high=high)).amounts)
    assert (results[0] <= results[1] + 1e-7).all()


def live() -> tuple[FoldedLp, LiveSolver, Floats]:
    lp = compile_program(
        budget_program([1, 2, 3], 4, family("pair", [[1, 1, 0]], [1], [3]), high=[3, 3, 3])
    )
    folded = fold(lp)
    assert isinstance(folded, FoldedLp)
    return folded, LiveSolver(folded.matrix, Box.of(folded)), lp.objectives[0].costs


def test_a_re_solve_does_not_depend_on_what_was_solved_before() -> None:
    folded, solver, costs = live()
    box = Box.of(folded)
    base = solver.minimise(costs, box)
    other = replace(box, upper=np.minimum(box.upper, 2.0), row_upper=box.row_upper * 1.0)
    straight = solver.minimise(costs, other, base.basis).point.tobytes()
    solver.minimise(-costs, box)
    solver.minimise(costs, replace(box, lower=box.lower), base.basis)
    assert solver.minimise(costs, other, base.basis).point.tobytes() == straight


def test_no_feasible_point_is_an_answer() -> None:
    folded, solver, costs = live()
    box = replace(Box.of(folded), upper=np.where(np.arange(costs.size) < 3, 1.0, 9.0))
    with pytest.raises(NoSolution):
        solver.minimise(costs, box)


def test_any_other_end_passes_on_the_solver_s_words() -> None:
    folded, solver, costs = live()
    box = Box.of(folded)
    with pytest.raises(SolverError, match=r"Unbounded|Error|refused"):
        solver.minimise(
            np.full(costs.size, -1.0),
            replace(
                box,
                upper=np.full(costs.size, INF),
                row_upper=np.full(box.row_upper.size, INF),
            ),
        )


def test_each_tier_is_solved_on_the_optimal_face_of_those_before() -> None:
    first = Linear("first", np.array([1.0, 1.0, 2.0]))
    second = Linear("second", np.array([2.0, 1.0, 0.0]))
    lp = compile_program(budget_program([1, 1, 1], 5, tiers=(first, second), high=[4, 4, 4]))
    folded = fold(lp)
    assert isinstance(folded, FoldedLp)
    vertices, _ = solve_tiers(folded, lp.objectives)
    assert vertices[1].point[:3].tolist() == [1, 4, 0]


def test_nearest_units_prefers_the_neighbours_and_goes_further_only_if_it_must() -> None:
    rows = sparse.csr_array(np.array([[1.0, 1.0], [1.0, 0.0]]))
    goal, base = Goal(np.array([0.4, 0.6]), np.log([2.0, 3.0])), np.array([1.0, 2.0])
    wider = np.zeros(2, dtype=bool)

    def nearest(low: list[float], high: list[float]) -> list[int] | None:
        sides = np.array(low) - rows @ base, np.array(high) - rows @ base
        moves = nearest_units(goal, wider, rows, *sides, 0).moves
        return None if moves is None else (base + moves).astype(int).tolist()

    assert nearest([4, -INF], [4, INF]) == [1, 3]
    assert nearest([4, 3], [4, INF]) == [3, 1]
    assert sum(nearest([9, -INF], [9, INF]) or []) == 9
    assert nearest([9, 300], [9, 200]) is None


@pytest.mark.parametrize("small", [-1, shortest_module.SMALL])
def test_a_projection_on_which_clarabel_s_long_steps_stall_is_still_solved(
    monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(shortest_module, "SMALL", small)
    weights, low = [1, 4, 4, 4, 6, 7, 11], [0, 0, 0, 0, 0, 4, 0]
    high = [29, 4, 4, 4, 6, 28, 31]
    program = budget_program(
        [float(w) for w in weights],
        38.0,
        low=[float(v) for v in low],
        high=[float(v) for v in high],
    )
    exact = [float(v) for v in waterfill(weights, low, high, 38).amounts]
    np.testing.assert_allclose(solve(program).amounts, exact, atol=1e-9)


def test_a_corner_where_many_limits_meet_is_the_same_in_any_order() -> None:
    case = Drawn(
        targets=[1.0, 0.0, 1.0, 1.0, 0.0, 0.0],
        low=[10.0, 4.0, 1.0, 4.0, 19.0, 14.0],
        high=[11.0, 5.0, 2.0, 6.0, 20.0, 14.0],
        rows=[[-0.5, 1.0, 0.0, 0.0, 1.0, -0.5]],
        row_low=[6.5],
        row_high=[13.5],
        needs=[0.0] * 6,
        budget=56.0,
        soft=False,
    )
    order = [3, 5, 0, 1, 4, 2]
    straight = solve(case.program()).amounts
    assert straight[order].tolist() == solve(case.program(order)).amounts.tolist()


class _Warning:
    """HiGHS that comes to an optimum, but not without a warning."""

    def __init__(self, highs: object) -> None:
        self._highs = highs

    def __getattr__(self, name: str) -> object:
        return getattr(self._highs, name)

    def run(self) -> object:
        self._highs.run()
        return solver_module._highs.HighsStatus.kWarning


@pytest.mark.parametrize("interior", [False, True])
def test_an_optimum_with_a_warning_is_an_error_in_the_solvers_words(interior: bool) -> None:
    lp = fold(compile_program(budget_program([1, 2, 3], 3)))
    assert isinstance(lp, FoldedLp)
    solver, box = LiveSolver(lp.matrix, Box.of(lp)), Box.of(lp)
    costs = np.ones(lp.lower.size)
    assert np.isfinite(solver.minimise(costs, box, interior=interior).value)
    solver._highs = _Warning(solver._highs)
    with pytest.raises(SolverError, match="Optimal, but with a warning"):
        solver.minimise(costs, box, interior=interior)
