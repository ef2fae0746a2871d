"""Folding keeps the feasible set, remembers who binds, and names contradictions."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from reliefperf.allocation.folding import Contradiction, FoldedLp, column_colours, fold
from reliefperf.allocation.program import Program, RowFamily
from reliefperf.allocation.pulp_model import compile_program

INF = np.inf
Rows = list[tuple[str, list[float], float, float]]


def folded(
    rows: Rows, upper: float = 100.0
) -> tuple[FoldedLp | tuple[Contradiction, ...], list[str]]:
    n_columns = len(rows[0][1])
    families = tuple(
        RowFamily(
            rule, (f"r{i}",), sparse.csr_array(np.array([terms])), np.array([low]), np.array([high])
        )
        for i, (rule, terms, low, high) in enumerate(rows)
    )
    lp = compile_program(
        Program(
            tuple(f"x{j}" for j in range(n_columns)),
            np.zeros(n_columns),
            np.full(n_columns, upper),
            families,
            (),
            np.ones(n_columns),
        )
    )
    return fold(lp), list(lp.rows)


def lp_of(rows: Rows) -> tuple[FoldedLp, list[str]]:
    result, names = folded(rows)
    assert isinstance(result, FoldedLp)
    return result, names


def test_rows_of_one_variable_become_bounds_of_the_tightest_rule() -> None:
    lp, names = lp_of(
        [("floor", [2, 0], 6, INF), ("low floor", [1, 0], 1, INF), ("cap", [-1, 0], -9, INF)]
    )
    assert lp.matrix.shape[0] == 0
    assert (lp.lower[0], lp.upper[0]) == (3, 9)
    assert names[lp.column_low_row[0]] == "floor/r0"
    assert names[lp.column_high_row[0]] == "cap/r2"
    assert lp.column_low_row[1] == -1
    assert lp.scale.tolist() == [2, 1, -1]


def test_rows_with_equal_coefficients_up_to_scale_become_one_with_two_sides() -> None:
    lp, names = lp_of(
        [
            ("floor", [1, 1], 2, INF),
            ("cap", [-2, -2], -20, INF),
            ("wide", [0.1 * 3, 0.3], -INF, 30),
        ]
    )
    assert lp.matrix.toarray().tolist() == [[1, 1]]
    assert (lp.row_lower[0], lp.row_upper[0]) == (2, 10)
    assert names[lp.low_row[0]] == "floor/r0"
    assert names[lp.high_row[0]] == "cap/r1"


def test_a_rule_that_repeats_the_column_s_bound_gets_the_credit() -> None:
    lp, names = lp_of([("cap", [1, 0], -INF, 100)])
    assert names[lp.column_high_row[0]] == "cap/r0"


def test_a_floor_above_a_cap_is_named_with_both_amounts() -> None:
    result, _ = folded([("floor", [1, 0], 7, INF), ("cap", [1, 0], -INF, 5)])
    assert result == (Contradiction("floor", "floor/r0", 7, "cap", "cap/r1", 5),)


def test_a_contradiction_of_ranged_rows_is_found_too() -> None:
    result, _ = folded([("need", [1, 1], 12, INF), ("budget", [2, 2], -INF, 20)])
    assert result == (Contradiction("need", "need/r0", 12, "budget", "budget/r1", 10),)


def test_a_rule_against_the_column_s_own_bound_is_a_contradiction() -> None:
    result, _ = folded([("floor", [1, 0], 101, INF)])
    assert result == (Contradiction("floor", "floor/r0", 101, "", "", 100),)


def test_a_row_without_variables_that_wants_something_is_a_contradiction() -> None:
    result, _ = folded([("empty", [0, 0], 3, INF), ("fine", [0, 0], -1, INF)])
    assert result == (Contradiction("empty", "empty/r0", 3, "", "", 0),)


def test_sides_crossed_by_rounding_noise_are_no_contradiction() -> None:
    lp, _ = lp_of([("floor", [1, 0], 0.1 + 0.2, INF), ("cap", [1, 0], -INF, 0.3)])
    assert lp.lower[0] == lp.upper[0]


coefficient = st.sampled_from([-2.0, -1.0, 0.0, 1.0, 3.0])


@given(
    st.lists(
        st.tuples(
            st.lists(coefficient, min_size=3, max_size=3),
            st.integers(-9, 9),
            st.integers(0, 9),
            st.sampled_from(["low", "high", "both"]),
        ),
        min_size=1,
        max_size=8,
    ),
    st.lists(st.integers(0, 4), min_size=3, max_size=3),
)
def test_folding_keeps_every_feasible_point_and_no_other(
    rows: list[tuple[list[float], int, int, str]], point: list[int]
) -> None:
    given_rows: Rows = [
        ("r", terms, -INF if kind == "high" else low, INF if kind == "low" else low + width)
        for terms, low, width, kind in rows
    ]
    result, _ = folded(given_rows, upper=4.0)
    holds = all(low <= np.dot(terms, point) <= high for _, terms, low, high in given_rows)
    if isinstance(result, FoldedLp):
        values = result.matrix @ np.array(point, dtype=float)
        tiny = 1e-9
        inside = bool(
            (values >= result.row_lower - tiny).all()
            and (values <= result.row_upper + tiny).all()
            and (point >= result.lower - tiny).all()
            and (point <= result.upper + tiny).all()
        )
        assert inside == holds
    else:
        assert not holds


def test_colours_tell_columns_apart_only_if_the_program_does() -> None:
    lp, _ = lp_of(
        [("budget", [1, 1, 1, 1], 5, 5), ("pair", [1, 1, 0, 0], 1, INF), ("q", [0, 0, 1, 1], 2, 9)]
    )
    same = np.ones(4)
    assert column_colours(lp, same, []).tolist() in ([0, 0, 1, 1], [1, 1, 0, 0])
    by_target = column_colours(lp, np.array([1.0, 2.0, 1.0, 1.0]), [])
    assert len(set(by_target.tolist())) == 3
    by_cost = column_colours(lp, same, [np.array([0.0, 0.0, 0.0, 1.0])])
    assert by_cost[0] == by_cost[1]
    assert len(set(by_cost.tolist())) == 3


def test_colours_see_through_rows_of_their_own() -> None:
    rows: Rows = [
        ("own", [float(j in (i, i + 3)) for j in range(6)], 1, 5 + i // 2) for i in range(3)
    ]
    lp, _ = lp_of([*rows, ("budget", [1.0] * 6, 9, 9)])
    colours = column_colours(lp, np.ones(6), []).tolist()
    assert colours[0] == colours[1] == colours[3] == colours[4]
    assert colours[2] == colours[5] != colours[0]
