"""Two limits that contradict each other are said exactly, and nothing is solved for it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliefperf.allocation import solver
from reliefperf.allocation.crossing import Crossing, crossings
from reliefperf.allocation.paid import Allocation
from reliefperf.allocation.program import ExactRow
from reliefperf.allocation.relaxing import Relax
from reliefperf.allocation.solver import solver_error
from reliefperf.errors import InfeasibleError
from reliefperf.scenarios.running import read_data, run_model
from tests.allocation.paying import build

MODEL = """
variables: {w: {missing: error}, zone: {type: text}}
allocation:
  unit: yuan
  budget: 100
  %s
  pools:
    base: {share: 0.6, weight: w, title: {en: Base grant, zh: 基数补助}}
    award: {share: 0.4, weight: w}
  rules:
    - {id: low, floor: 29.1, pool: base, title: {en: Floor, zh: 保底}, where: w == 10}
    - {id: high, cap: 20, pool: base, where: w < 30}
    %s
"""
TIED = "- {id: share, group_share: zone, at_most: 0.9}"


def refused(text: str, relax: Relax = "never") -> InfeasibleError:
    model = build(text)
    data = pd.DataFrame(
        {
            "code": ["01", "02", "03", "04"],
            "name": ["North", "South", "East", "West"],
            "w": [10, 30, 10, 50],
            "zone": ["hill", "plain", "hill", "plain"],
        }
    )
    with pytest.raises(InfeasibleError) as caught:
        run_model(model, read_data(model, data), relax=relax)
    return caught.value


@pytest.fixture
def without_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*args: Any, **options: Any) -> Allocation:
        raise solver_error("not to be used")

    monkeypatch.setattr(solver.LiveSolver, "__init__", stop)


@pytest.mark.parametrize("rest", ["", TIED])
@pytest.mark.parametrize(
    "objectives", ["", "objectives: [shortfall, {name: coverage, within: 0.1}, entitlement]"]
)
@pytest.mark.usefixtures("without_solver")
def test_a_floor_above_a_cap_is_named_without_a_solver(rest: str, objectives: str) -> None:
    if objectives:
        objectives += "\n  need: w"
    error = refused(MODEL % (objectives, rest))
    (mistake,) = error.mistakes
    assert mistake.en.startswith(
        "region 01 (North), pool 'base' (Base grant): rule 'low' (Floor) needs at least 29.1, rule "
        "'high' allows at most 20; they miss by 9.1; region 03 (East)"
    )
    assert mistake.zh.startswith(
        "地区 01（North），资金池“base”（基数补助）：规则“low”（保底）至少需要 29.1，规则“high”至多允许 20，"
        "相差 9.1；地区 03（East）"
    )


@pytest.mark.usefixtures("without_solver")
def test_a_solver_that_stops_does_not_hide_the_contradiction() -> None:
    error = refused(MODEL % ("", TIED), "offer")
    assert error.exit_status == 3
    first, second = error.mistakes
    assert "they miss by 9.1" in first.en
    assert "not to be used" in second.en


@pytest.mark.usefixtures("without_solver")
def test_an_amount_below_zero_contradicts_what_no_rule_states() -> None:
    rules = TIED + "\n    - {id: none, cap: -5, where: w == 50, pool: award}"
    text = (MODEL % ("", rules)).replace("cap: 20", "cap: 60")
    assert (
        "region 04 (West), pool 'award': the amount may not be below zero, rule 'none' allows at "
        "most -5; they miss by 5"
    ) in refused(text).text("en")


@pytest.mark.usefixtures("without_solver")
def test_limits_on_the_same_sum_are_named_with_the_group() -> None:
    rules = (
        "- {id: most, group_share: zone, at_most: 0.3, pool: base}\n"
        "    - {id: least, group_share: zone, at_least: 0.4, pool: base}"
    )
    text = (MODEL % ("", rules)).replace("cap: 20", "cap: 60")
    said = refused(text).text("en")
    assert "rule 'least' needs at least 24, rule 'most' allows at most 18; they miss by 6" in said


def row(rule: str, terms: dict[int, Fraction], low: Fraction | None, high: Fraction | None) -> Any:
    return ExactRow(rule, "x", tuple(terms), tuple(terms.values()), low, high)


def test_multiples_of_a_row_are_the_same_limit() -> None:
    third = Fraction(1, 3)
    rows = [
        row("a", {0: third, 1: -third}, Fraction(2), None),
        row("b", {1: Fraction(2), 0: Fraction(-2)}, Fraction(-10), None),
    ]
    assert crossings(rows, {}, {}, {}) == [Crossing("x", "", Fraction(6), "a", Fraction(5), "b")]
    assert crossings(rows[:1], {}, {}, {}) == []


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(1, 4), st.integers(-5, 9), st.integers(0, 6)),
        max_size=8,
    )
)
def test_a_contradiction_is_found_exactly_where_two_rows_miss_each_other(
    stated: list[tuple[int, int, int, int]],
) -> None:
    rows = [
        row(f"r{i}", {j: Fraction(c, 3)}, Fraction(low, 3), Fraction(low + width, 3))
        for i, (j, c, low, width) in enumerate(stated)
    ]
    found = {
        (one.low_rule, one.high_rule): one.low - one.high for one in crossings(rows, {}, {}, {})
    }
    for j in range(3):
        mine = [
            (Fraction(low, c), Fraction(low + width, c)) for k, c, low, width in stated if k == j
        ]
        gap = max((a - b for a, _ in mine for _, b in mine), default=Fraction(0))
        if gap > 0:
            assert gap in found.values()
    assert all(gap > 0 for gap in found.values())
