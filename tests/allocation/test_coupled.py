"""Pools tied together: the program's amounts in whole units, against brute force on small cases."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.errors import InfeasibleError, InputError
from tests.allocation.paying import amounts, pay

TWO = """
variables: {w: {missing: error}, a: {missing: error}, prev: {}}
allocation:
  unit: yuan
  budget: %d
  leftover: %s
  pools:
    base: {share: 0.5, weight: w}
    award: {share: 0.5, weight: a}
  rules:
    - {id: ratio, pool: award, to: base, ratio: %s}
    - {id: keep, hold_harmless: 1, previous: prev}
"""


def splits(total: int, n_regions: int) -> list[tuple[int, ...]]:
    """All ways to share whole units."""
    if n_regions == 1:
        return [(total,)]
    return [(i, *rest) for i in range(total + 1) for rest in splits(total - i, n_regions - 1)]


def is_possible(half: int, prev: list[int], ratio: Fraction, all_paid: bool) -> bool:
    """Whether any whole amounts keep the rules."""
    totals = [half] if all_paid else range(half + 1)
    for base_total, award_total in product(totals, totals):
        for base in splits(base_total, len(prev)):
            for award in splits(award_total, len(prev)):
                if all(
                    x <= ratio * y and x + y >= p for x, y, p in zip(award, base, prev, strict=True)
                ):
                    return True
    return False


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 5),
    st.lists(
        st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(0, 3)), min_size=2, max_size=3
    ),
    st.sampled_from(["0.3", "0.5", "1"]),
    st.sampled_from(["redistribute", "return"]),
)
def test_whole_amounts_are_found_if_and_only_if_there_are_any(half, rows, ratio, leftover):
    w, a, prev = ([row[i] for row in rows] for i in range(3))
    possible = is_possible(half, prev, Fraction(ratio), leftover == "redistribute")
    try:
        run = pay(TWO % (2 * half, leftover, ratio), w=w, a=a, prev=prev)
    except InfeasibleError:
        assert not possible
        return
    base, award = amounts(run, "base"), amounts(run, "award")
    assert possible
    assert all(
        Fraction(x) <= Fraction(ratio) * Fraction(y) for x, y in zip(award, base, strict=True)
    )
    assert all(x + y >= p for x, y, p in zip(award, base, prev, strict=True))
    for paid in (sum(base), sum(award)):
        assert paid == half if leftover == "redistribute" else paid <= half


@pytest.mark.parametrize("leftover", ["return", "reserve", "redistribute_then_return"])
def test_money_that_a_ratio_keeps_back_is_left_over_and_noted(leftover):
    text = (TWO % (2000, leftover, 0.3)).replace(
        "    - {id: keep, hold_harmless: 1, previous: prev}\n", ""
    )
    n_regions = 10
    run = pay(
        text,
        w=[i + 1 for i in range(n_regions)],
        a=[(7 * i) % 10 + 1 for i in range(n_regions)],
        prev=[0] * n_regions,
    )
    base, award = amounts(run, "base"), amounts(run, "award")
    assert sum(base) == 1000
    assert all(Decimal("0.3") * y >= x for x, y in zip(award, base, strict=True))
    left = 1000 - sum(award)
    assert left > 0
    assert any(note.kind == "leftover" and str(left) in note.en for note in run.notes)


FORMULA = """
variables: {w: {missing: error}}
allocation:
  unit: yuan
  budget: 100
  pools:
    q: {amount: 50, weight: w}
    r: {amount: 20, weight: w}
    f: {each: 40}
  rules: [{id: bound, pool: r, to: %s, ratio: 5}]
"""


def test_a_formula_amount_that_no_rule_speaks_of_is_never_cut_by_the_budget():
    with pytest.raises(InfeasibleError, match="budget"):
        pay(FORMULA % "q", w=[1, 1])


def test_what_the_budget_takes_from_a_formula_is_a_step_and_a_note():
    run = pay(FORMULA % "f", w=[1, 1])
    assert amounts(run, "f") == [15, 15]
    steps = run.explanation.query("pool == 'f'")
    assert dict(zip(steps["step"], steps["amount"], strict=True)) == {
        "entitlement": Decimal(40),
        "limits": Decimal(-25),
    }
    assert any(note.kind == "limited" for note in run.notes)


def test_a_pool_that_may_move_makes_room_without_any_rule():
    text = """
    variables: {w: {missing: error}}
    allocation:
      unit: yuan
      budget: 101
      pools:
        q: {amount: 60, weight: w}
        p: {amount: 45, weight: w, between: [40.5, 51]}
    """
    run = pay(text, w=[1, 1])
    assert sum(amounts(run, "q")) == 60
    assert sum(amounts(run, "p")) == 41


def test_limits_of_a_pool_the_wrong_way_round_are_refused():
    text = """
    variables: {w: {missing: error}}
    allocation:
      unit: yuan
      pools: {p: {amount: 50, weight: w, between: [60, 40]}}
    """
    with pytest.raises(InputError, match="between"):
        pay(text, w=[1, 1])


def test_objectives_work_without_rules_and_have_their_step():
    """Greatest least coverage of need: 100 over needs 10, 30, 60 covers each fully."""
    text = """
    variables: {w: {missing: error}, want: {missing: error}}
    allocation:
      unit: yuan
      budget: 100
      need: want
      objectives: [coverage, entitlement]
      pools: {p: {share: 1, weight: w}}
    """
    run = pay(text, w=[1, 1, 1], want=[10, 30, 60])
    assert amounts(run) == [10, 30, 60]
    assert "objectives" in set(run.explanation["step"])


def test_money_is_exact_to_the_cent_in_very_large_budgets():
    text = """
    variables: {w: {missing: error}}
    allocation:
      unit: yuan
      smallest: '0.01'
      budget: 1234567890123.45
      pools: {p: {share: 1, weight: w}}
    """
    assert sum(amounts(pay(text, w=[1, 1, 1]))) == Decimal("1234567890123.45")
    with pytest.raises(InputError, match="exactly"):
        pay(text.replace("1234567890123.45", "123456789012345.67"), w=[1, 1])


def test_a_least_total_that_nobody_can_take_is_refused():
    text = """
    variables: {w: {missing: error}}
    allocation:
      unit: yuan
      leftover: return
      pools:
        p: {amount: 50, weight: w, eligible: w > 10, between: [40, 60]}
        q: {amount: 50, weight: w}
    """
    with pytest.raises(InputError, match="at least 40, but nobody"):
        pay(text, w=[1, 1])


def test_money_in_a_large_unit_is_not_told_as_nothing():
    text = """
    variables: {w: {missing: error}}
    allocation:
      unit: 亿元
      smallest: 0.0001
      budget: 0.02
      pools:
        base: {share: 0.5, weight: w}
        award: {share: 0.5, weight: w}
      rules:
        - {id: ratio, pool: award, to: base, ratio: 0.3}
    """
    with pytest.raises(
        InfeasibleError, match=r"'award' needs at least 0\.01 亿元, but .*'base' .*"
    ) as told:
        pay(text, w=[1, 3])
    assert "allows at most 0.01 亿元 (counted 0.3 times: 0.003)" in str(told.value)
