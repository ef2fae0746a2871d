"""The PuLP problem says what the program says, and compiles to the same arrays every time."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from reliefperf.allocation.program import (
    Coverage,
    Deviation,
    Linear,
    Program,
    RowFamily,
    Shortfall,
    Tier,
)
from reliefperf.allocation.pulp_model import build, compile_model, compile_program

INF = np.inf
BOTH = np.ones(2, dtype=bool)


def family(
    rule: str,
    names: tuple[str, ...],
    matrix: list[list[float]],
    low: list[float],
    high: list[float],
    soft: int | None = None,
) -> RowFamily:
    return RowFamily(
        rule, names, sparse.csr_array(np.array(matrix)), np.array(low), np.array(high), soft
    )


def program(*families: RowFamily, tiers: tuple[Tier, ...] = ()) -> Program:
    return Program(
        ("a", "b"), np.zeros(2), np.array([10.0, 20.0]), families, tiers, np.array([4.0, 8.0])
    )


def test_sides_become_named_rows_with_the_family_they_come_from() -> None:
    lp = compile_program(
        program(
            family("budget", ("total",), [[1, 1]], [12], [12]),
            family("range", ("x", "y"), [[1, -1], [0, 2]], [-3, -INF], [3, 6]),
        )
    )
    assert lp.rows == ("budget/total", "range/x:low", "range/x:high", "range/y")
    assert lp.matrix.toarray().tolist() == [[1, 1], [1, -1], [1, -1], [0, 2]]
    assert lp.row_lower.tolist() == [12, -3, -INF, -INF]
    assert lp.row_upper.tolist() == [12, INF, 3, 6]
    assert lp.row_family.tolist() == [0, 1, 1, 1]
    assert lp.row_index.tolist() == [0, 0, 0, 1]
    assert [lp.rule_of(i) for i in (0, 3, -1)] == ["budget", "range", ""]


def test_rows_with_two_open_sides_are_left_out() -> None:
    assert compile_program(program(family("free", ("x",), [[1, 1]], [-INF], [INF]))).rows == ()


def test_every_auxiliary_column_has_finite_bounds() -> None:
    lp = compile_program(
        program(
            family("floor", ("x",), [[1, 1]], [40], [INF], soft=1),
            tiers=(
                Shortfall(),
                Coverage("coverage", np.array([5.0, 5.0]), BOTH),
                Deviation("entitlement", np.array([4.0, 8.0]), BOTH),
            ),
        )
    )
    assert np.isfinite(lp.lower).all()
    assert np.isfinite(lp.upper).all()
    bounds = dict(zip(lp.columns, zip(lp.lower, lp.upper, strict=True), strict=True))
    assert bounds["floor/x:below"] == (0, 40)
    assert bounds["entitlement/a:up"] == (0, 6)
    assert bounds["entitlement/b:down"] == (0, 8)
    assert bounds["coverage:ratio"] == (0, 2)


def test_tiers_become_minimisations_that_report_their_own_value() -> None:
    lp = compile_program(
        program(
            tiers=(
                Linear("cost", np.array([-3.0, 6.0])),
                Deviation("entitlement", np.array([4.0, 8.0]), np.array([True, False])),
                Coverage("coverage", np.array([2.0, 0.0]), BOTH),
            )
        )
    )
    point = np.zeros(len(lp.columns))
    for name, value in {"a": 5, "b": 1, "entitlement/a:up": 1, "coverage:ratio": 2.5}.items():
        point[lp.columns.index(name)] = value
    assert [o.name for o in lp.objectives] == ["cost", "entitlement", "coverage"]
    assert [o.value(point) for o in lp.objectives] == [-9, 1, 2.5]


def test_soft_priorities_become_one_objective_each_in_order() -> None:
    lp = compile_program(
        program(
            family("second", ("x",), [[1, 0]], [20], [INF], soft=2),
            family("first", ("x",), [[0, 1]], [30], [INF], soft=1),
            tiers=(Shortfall(),),
        )
    )
    assert [o.name for o in lp.objectives] == ["shortfall:1", "shortfall:2"]
    costly = [[lp.columns[j] for j in np.flatnonzero(o.costs)] for o in lp.objectives]
    assert costly == [["first/x:below"], ["second/x:below"]]
    assert [lp.rows[i] for i in lp.slack_rows] == ["second/x", "first/x"]


def test_a_shortfall_the_bounds_rule_out_needs_no_column() -> None:
    floor = family("floor", ("x",), [[1, 0]], [0], [INF], soft=1)
    assert compile_program(program(floor, tiers=(Shortfall(),))).columns == ("a", "b")


def test_rows_named_alike_are_refused_by_name() -> None:
    twin = family("floor", ("x",), [[1, 0]], [1], [INF])
    with pytest.raises(ValueError, match="row names used more than once: floor/x"):
        compile_program(program(twin, twin))


def test_names_may_be_chinese() -> None:
    lp = compile_program(program(family("保底", ("贵州省",), [[1, 1]], [1], [INF])))
    assert lp.rows == ("保底/贵州省",)


def test_the_problem_is_a_readable_minimisation_with_the_first_tier_as_objective() -> None:
    model = build(
        program(
            family("budget", ("total",), [[1, 1]], [12], [12]),
            tiers=(Linear("cost", np.array([1.0, 2.0])),),
        )
    )
    text = repr(model.problem)
    assert "MINIMIZE" in text
    assert "0.5*a" in text
    assert "budget/total" in text


def test_compiling_twice_gives_the_same_bytes() -> None:
    model = build(program(family("budget", ("total",), [[0.1, 0.3]], [1.2], [1.2])))
    first, second = compile_model(model), compile_model(model)
    assert first.matrix.data.tobytes() == second.matrix.data.tobytes()
    assert first.rows == second.rows
