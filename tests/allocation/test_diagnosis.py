"""Infeasible is an answer: rules by name, amounts, and what would mend it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from reliefperf.allocation.diagnosis import Infeasibility, RuleAtOdds, describe, diagnose
from reliefperf.allocation.program import Deviation, Program, RowFamily, Shortfall
from reliefperf.allocation.pulp_model import compile_program

INF = np.inf
Rows = list[tuple[str, list[float], float, float]]


def reason(rows: Rows, upper: float = 5000.0, *, soft: bool = False) -> Infeasibility | None:
    n = len(rows[0][1])
    families = [
        RowFamily(
            rule,
            (f"r{i}",),
            sparse.csr_array(np.array([terms], dtype=float)),
            np.array([low], dtype=float),
            np.array([high], dtype=float),
        )
        for i, (rule, terms, low, high) in enumerate(rows)
    ]
    goal = np.ones(n)
    if soft:
        wish = sparse.csr_array(np.eye(n))
        names = tuple(str(j) for j in range(n))
        families.append(RowFamily("wish", names, wish, 9 * goal, INF * goal, 1))
    return diagnose(
        compile_program(
            Program(
                tuple(f"x{j}" for j in range(n)),
                np.zeros(n),
                np.full(n, upper),
                tuple(families),
                (Shortfall(), Deviation("entitlement", goal, goal > 0)),
                goal,
            )
        )
    )


def found(rows: Rows, **options: float) -> Infeasibility:
    result = reason(rows, **options)  # type: ignore[arg-type]
    assert result is not None
    return result


def test_a_program_with_a_solution_has_nothing_to_diagnose() -> None:
    assert reason([("budget", [1, 1], 8, 8), ("floor", [1, 0], 3, INF)]) is None


def test_a_floor_above_a_cap_names_two_rules_and_both_amounts() -> None:
    result = found([("floor", [1, 0], 7, INF), ("cap", [1, 0], -INF, 5)])
    assert result == Infeasibility(
        (
            RuleAtOdds("floor", "low", 7, 2, ("floor/r0",)),
            RuleAtOdds("cap", "high", 5, 2, ("cap/r1",)),
        ),
        2,
    )


def test_contradictions_of_many_rows_are_added_up_by_rule() -> None:
    result = found(
        [
            ("floor", [1, 0], 7, INF),
            ("floor", [0, 1], 9, INF),
            ("cap", [1, 0], -INF, 5),
            ("cap", [0, 1], -INF, 6),
            ("other", [1, 0], 6, INF),
        ]
    )
    assert [(o.rule, o.side, o.amount, o.missed) for o in result.rules] == [
        ("floor", "low", 16, math.inf),
        ("cap", "high", 11, 5),
    ]
    assert result.missed == 5


def test_floors_that_need_more_than_the_budget_are_one_sentence() -> None:
    result = found(
        [
            ("floors", [1, 1, 0, 0], 1000, INF),
            ("floors", [0, 0, 1, 1], 1025, INF),
            ("budget", [1, 1, 1, 1], 0, 1823),
            ("idle", [1, 0, 0, 1], 0, 4000),
        ]
    )
    by_rule = {(o.rule, o.side): o for o in result.rules}
    assert by_rule["floors", "low"].amount == pytest.approx(2025)
    assert by_rule["budget", "high"].amount == pytest.approx(1823)
    assert all(odd.missed == pytest.approx(202) for odd in result.rules)
    assert result.missed == pytest.approx(202)
    assert {rule for rule, _ in by_rule} == {"floors", "budget"}


def test_what_is_needed_exceeds_what_is_given() -> None:
    result = found(
        [
            ("pool", [1, 1, 0, 0], 100, 100),
            ("award", [0, 0, 1, 1], 60, 60),
            ("ratio", [-0.3, 0, 1, 0], -INF, 0),
            ("ratio", [0, -0.3, 0, 1], -INF, 0),
        ]
    )
    needed = sum(odd.amount for odd in result.rules if odd.side == "low")
    given_ = sum(odd.amount for odd in result.rules if odd.side == "high")
    assert needed > given_
    assert ("ratio", "high", 0) in [(o.rule, o.side, o.amount) for o in result.rules]
    assert {o.rule: round(o.missed, 6) for o in result.rules} == {
        "award": 30,
        "ratio": 30,
        "pool": 100,
    }


def test_money_that_counts_in_part_is_told_as_it_is_stated() -> None:
    result = found(
        [
            ("pool", [1, 1, 0, 0], 100, 100),
            ("award", [0, 0, 1, 1], 60, 60),
            ("ratio", [-0.3, 0, 1, 0], -INF, 0),
            ("ratio", [0, -0.3, 0, 1], -INF, 0),
        ]
    )
    en, zh = describe(result.times(10), "yuan")
    assert (
        "'award' needs at least 600 yuan, but 'pool' allows at most 1,000 yuan (counted 0.3 times: 300)"
    ) in en
    assert "“pool”至多允许 1,000 yuan（按 0.3 倍计为 300）" in zh


def test_limits_of_a_rule_that_count_differently_are_added_up_as_stated() -> None:
    result = found(
        [
            ("cap", [1, 0, 0], -INF, 100),
            ("cap", [0, 1, 0], -INF, 50),
            ("award", [0, 0, 1], 60, 60),
            ("ratio", [-0.3, -0.2, 1], -INF, 0),
        ]
    )
    en, zh = describe(result, "yuan")
    assert "'cap' allows at most 150 yuan (not each in full: 40 count)" in en
    assert "“cap”至多允许 150 yuan（非全额计入，计为 40）" in zh


def test_columns_own_bounds_count_but_never_give_way() -> None:
    result = found([("need", [1, 1], 30, INF)], upper=10.0)
    assert [(o.rule, o.side, o.amount, o.missed) for o in result.rules] == [
        ("need", "low", 30, 10),
        ("", "high", 20, math.inf),
    ]


def test_soft_rules_are_never_the_reason() -> None:
    assert reason([("budget", [1, 1], 4, 4)], soft=True) is None
    result = found([("budget", [1, 1], 4, 4), ("floor", [1, 1], 6, INF)], soft=True)
    assert {o.rule for o in result.rules} == {"budget", "floor"}


def test_the_sentence_names_rules_amounts_and_remedies_in_both_languages() -> None:
    infeasibility = Infeasibility(
        (
            RuleAtOdds("各省保底", "low", 2025.0, 202.0, ("a", "b")),
            RuleAtOdds("预算", "high", 1823.0, 202.0, ("c",)),
        ),
        202.0,
    )
    en, zh = describe(infeasibility, "万元")
    assert en == (
        "The rules cannot all hold: '各省保底' needs at least 2,025 万元, but '预算' allows at most"
        " 1,823 万元. The rules must give way by 202 万元 in all; one rule alone would do:"
        " '各省保底' by 202 万元, '预算' by 202 万元."
    )
    assert "“各省保底”至少需要 2,025 万元，但“预算”至多允许 1,823 万元" in zh
    assert zh.endswith("“预算”须让出 202 万元。")


def test_a_remedy_that_does_not_exist_is_not_offered() -> None:
    result = found([("need", [1, 1], 30, INF)], upper=10.0)
    en, zh = describe(result, "yuan")
    assert "'need' by 10 yuan" in en
    assert "what formulas fix and bounds of single amounts make 20 yuan" in en
    assert "上下限" in zh


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_contradiction_is_proven_and_mended_by_what_it_says(data: st.DataObject) -> None:
    n, n_rows = 3, data.draw(st.integers(2, 5))
    coefficient = st.sampled_from([-1.0, 0.0, 1.0, 1.0])
    rows: Rows = []
    for i in range(n_rows):
        terms = [data.draw(coefficient) for _ in range(n)]
        low = float(data.draw(st.integers(-5, 12)))
        high = low + float(data.draw(st.integers(0, 3)))
        rows.append((f"rule{i}", terms, low, high))
    result = reason(rows, upper=6.0)
    if result is None:
        return
    assert result.missed > 0
    needed = sum(odd.amount for odd in result.rules if odd.side == "low")
    given_ = sum(odd.amount for odd in result.rules if odd.side == "high")
    assert needed > given_
    for odd in result.rules:
        assert odd.missed >= result.missed - 1e-7
        if odd.rule and odd.times is not None:
            _, _, low, high = rows[int(odd.rule.removeprefix("rule"))]
            assert odd.stated == (low if odd.side == "low" else high)
            assert odd.amount == pytest.approx(odd.stated * odd.times)
        if math.isfinite(odd.missed):
            give = odd.missed + 1e-6
            mended: Rows = [
                (rule, terms, low - give, high + give)
                if rule == odd.rule
                else (rule, terms, low, high)
                for rule, terms, low, high in rows
            ]
            assert reason(mended, upper=6.0) is None


def test_rules_of_shares_are_named_instead_of_amounts_of_zero() -> None:
    result = found(
        [
            ("east", [0.4, -0.6], 0, INF),
            ("west", [-0.6, 0.4], 0, INF),
            ("budget", [1, 1], 10, 10),
        ]
    )
    en, zh = describe(result, "yuan")
    assert "most more" not in en
    assert "The rules must give way by 2 yuan in all" in en
    sides = (RuleAtOdds("east", "low", 0, 2), RuleAtOdds("west", "low", 0, math.inf))
    en, zh = describe(Infeasibility(sides, 2), "yuan")
    assert en == (
        "These rules cannot hold together: 'east', 'west'. The rules must give way by 2 yuan"
        " in all; one rule alone would do: 'east' by 2 yuan."
    )
    assert zh == (
        "以下规则不能同时成立：“east”、“west”。各规则合计至少须让出 2 yuan；只放宽一项时：“east”须让出 2 yuan。"
    )
    assert describe(Infeasibility(sides[:1], 2), "yuan")[0].startswith("'east' cannot hold")
