"""Named rules are infeasible by themselves and none is named that is not needed."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import highspy
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from reliefperf.allocation.contradicting import (
    is_infeasible,
    multipliers,
    proof,
    reduced,
    restricted,
)
from reliefperf.allocation.diagnosis import diagnose
from reliefperf.allocation.folding import CompiledLp, FoldedLp, fold
from reliefperf.allocation.program import Deviation, Program, RowFamily
from reliefperf.allocation.pulp_model import compile_program

Rows = list[tuple[str, list[float], float, float]]
MOST = 6.0


def program_of(rows: Rows) -> CompiledLp:
    n = len(rows[0][1])
    by_rule: dict[str, Rows] = {}
    for row in rows:
        by_rule.setdefault(row[0], []).append(row)
    families = tuple(
        RowFamily(
            rule,
            tuple(f"r{i}" for i in range(len(own))),
            sparse.csr_array(np.array([terms for _, terms, _, _ in own], dtype=float)),
            np.array([low for *_, low, _ in own]),
            np.array([high for *_, high in own]),
        )
        for rule, own in by_rule.items()
    )
    goal = np.ones(n)
    columns = tuple(f"x{j}" for j in range(n))
    tiers = (Deviation("entitlement", goal, goal > 0),)
    return compile_program(Program(columns, np.zeros(n), np.full(n, MOST), families, tiers, goal))


def is_possible(rows: Rows, n: int, most: float = MOST) -> bool:
    """By HiGHS, given the rows as they stand and amounts from 0 to `most`."""
    highs = highspy.Highs()
    highs.silent()
    for _ in range(n):
        highs.addVar(0.0, most)
    for _, terms, low, high in rows:
        used = [j for j, term in enumerate(terms) if term]
        highs.addRow(low, high, len(used), np.array(used, dtype=np.int32), [terms[j] for j in used])
    highs.run()
    return bool(highs.getModelStatus() == highspy.HighsModelStatus.kOptimal)


@st.composite
def programs(draw: st.DrawFn) -> Rows:
    n = 3
    rows: Rows = []
    for rule in range(draw(st.integers(2, 5))):
        for _ in range(draw(st.integers(1, 2))):
            terms = [draw(st.sampled_from([-0.3, -1.0, 0.0, 1.0, 1.0, 0.7])) for _ in range(n)]
            if not any(terms):
                terms[0] = 1.0
            low = float(draw(st.integers(-4, 12)))
            sides = draw(st.sampled_from(["both", "low", "high"]))
            high = low + draw(st.integers(0, 2))
            rows.append(
                (
                    f"rule{rule}",
                    terms,
                    low if sides != "high" else -np.inf,
                    high if sides != "low" else np.inf,
                )
            )
    return rows


@settings(max_examples=150, deadline=None)
@given(programs())
def test_named_rules_are_at_odds_and_each_proper_subset_is_not(rows: Rows) -> None:
    found = diagnose(program_of(rows))
    assert (found is None) == is_possible(rows, 3)
    if found is None:
        return
    named = sorted({odd.rule for odd in found.rules} - {""})
    assert found.proven
    assert found.reduced
    assert not is_possible([row for row in rows if row[0] in named], 3)
    for size in range(len(named)):
        for subset in combinations(named, size):
            assert is_possible([row for row in rows if row[0] in subset], 3), subset


@settings(max_examples=150, deadline=None)
@given(programs())
def test_upper_bounds_that_no_rule_states_are_a_reason_only_where_rules_are_none(
    rows: Rows,
) -> None:
    found = diagnose(program_of(rows), open_above=True)
    most = MOST if is_possible(rows, 3, np.inf) else np.inf
    assert (found is None) == is_possible(rows, 3, most)
    if found is None:
        return
    named = sorted({odd.rule for odd in found.rules} - {""})
    assert found.proven
    assert not is_possible([row for row in rows if row[0] in named], 3, most)
    for rule in named:
        assert is_possible([row for row in rows if row[0] in named and row[0] != rule], 3, most)


def test_the_total_of_a_pool_is_named_in_place_of_a_bound_that_keeps_amounts_finite() -> None:
    rows: Rows = [
        ("total", [1, 1, 1], -np.inf, 5),
        ("twice", [1, -2, 0], 0, np.inf),
        ("floor", [0, 1, 0], 4, np.inf),
    ]
    open_above = diagnose(program_of(rows), open_above=True)
    closed = diagnose(program_of(rows))
    assert open_above is not None
    assert closed is not None
    assert {odd.rule for odd in open_above.rules} == {"total", "twice", "floor"}
    assert {odd.rule for odd in closed.rules} != {"total", "twice", "floor"}


@settings(max_examples=150, deadline=None)
@given(programs())
def test_a_proof_adds_up_in_exact_numbers(rows: Rows) -> None:
    folded = fold(program_of(rows))
    if not isinstance(folded, FoldedLp):
        return
    weights = multipliers(folded)
    assert (weights is None) == is_possible(rows, 3)
    if weights is not None:
        terms, proven = proof(folded, weights)
        assert proven
        assert sum((term.amount for term in terms), Fraction(0)) > 0


def test_multipliers_that_prove_nothing_are_not_taken_for_a_proof() -> None:
    folded = fold(program_of([("a", [1, 1, 0], 3, 4), ("b", [0, 1, 1], 2, 5)]))
    assert isinstance(folded, FoldedLp)
    assert multipliers(folded) is None
    assert not proof(folded, np.array([1.0, -1.0]))[1]


def test_a_rule_that_is_not_needed_is_left_away() -> None:
    rows: Rows = [
        ("total", [1, 1, 1], 9, 9),
        ("floor", [1, 1, 0], 7, np.inf),
        ("other", [0, 0, 1], 3, np.inf),
        ("idle", [1, 0, 1], 0, 12),
    ]
    lp = program_of(rows)
    assert is_infeasible(lp)
    assert reduced(lp, lp.rules) == ["total", "floor", "other"]
    assert not is_infeasible(restricted(lp, ["total", "floor"]))


def test_a_rule_that_no_amount_can_keep_is_named_alone() -> None:
    found = diagnose(program_of([("high", [1, 0, 0], 7, np.inf), ("low", [1, 0, 0], -np.inf, 2)]))
    assert found is not None
    assert {odd.rule for odd in found.rules} - {""} == {"high"}
