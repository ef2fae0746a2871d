"""Hold-harmless and growth limit: hand-computed amounts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.allocation.paying import amounts, pay

TEXT = """
variables: {w: {missing: error}, prev: {}, band: {}}
tables: {part: {steps: {at_least: [[30, 0.95], [15, 0.90]]}, otherwise: 0.85}}
allocation:
  unit: dollar
  budget: %d
  pools: {grant: {share: 1, weight: w}}
  rules: [%s]
"""


def test_hold_harmless_reduces_everything_else_pro_rata():
    """US Title I: everything else is reduced pro rata."""
    rule = "{id: keep, hold_harmless: 0.9, previous: prev}"
    paid = amounts(pay(TEXT % (100, rule), w=[1, 4, 5], prev=[30, 10, 10], band=[0] * 3))
    # 27 is kept; 73 is shared 4 : 5
    assert paid == [27, 32, 41]


def test_hold_harmless_by_poverty_band():
    """US Title I: 95, 90 or 85 % of last year by band (30 %, 15 %)."""
    rule = "{id: keep, hold_harmless: part(band), previous: prev}"
    paid = amounts(
        pay(TEXT % (300, rule), w=[0, 0, 0, 1], prev=[100, 100, 10, 0], band=[30, 15, 14.9, 50])
    )
    assert paid == [95, 90, 9, 106]


def test_a_region_without_a_last_year_is_free_and_noted():
    rule = "{id: grow, growth_limit: 1.1, previous: prev}"
    run = pay(TEXT % (100, rule), w=[1, 1], prev=[20, None], band=[0, 0])
    assert amounts(run) == [22, 78]
    assert any(note.kind == "rule-not-applied" for note in run.notes)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(20, 400)), min_size=2, max_size=8))
def test_both_limits_hold_exactly_after_rounding(rows):
    w, prev = [a + 1 for a, _ in rows], [b for _, b in rows]
    rules = (
        "{id: keep, hold_harmless: 0.95, previous: prev},"
        "{id: grow, growth_limit: 1.3, previous: prev}"
    )
    paid = amounts(pay(TEXT % (sum(prev), rules), w=w, prev=prev, band=[0] * len(w)))
    assert sum(paid) == sum(prev)
    for amount, before in zip(paid, prev, strict=True):
        assert Decimal("0.95") * before <= amount <= Decimal("1.3") * before


def test_a_last_year_of_zero_is_a_cap_of_zero_and_noted():
    rule = "{id: grow, growth_limit: 1.3, previous: prev%s}"
    run = pay(TEXT % (100, rule % ""), w=[1, 2, 1], prev=[100, 100, 0], band=[0] * 3)
    assert amounts(run) == [33, 67, 0]
    (note,) = [note for note in run.notes if note.kind == "nothing-last-year"]
    assert "003" in note.en
    assert "growth limit allows nothing" in note.en
    freed = pay(
        TEXT % (100, rule % ", where: prev > 0"), w=[1, 2, 1], prev=[99, 99, 0], band=[0] * 3
    )
    assert amounts(freed) == [25, 50, 25]
    assert not [note for note in freed.notes if note.kind == "nothing-last-year"]


@pytest.mark.parametrize(
    ("limit", "said"), [("0.1", 1), ("where(n > 15, 0.1, 1.1)", 1), ("0.9", 0)]
)
def test_a_growth_limit_that_may_be_meant_as_growth_is_said(limit, said):
    text = f"""
    variables: {{n: {{missing: error}}, last: {{missing: error}}}}
    allocation:
      unit: yuan
      leftover: return
      pools: {{g: {{amount: 100, weight: n}}}}
      rules: [{{id: top, growth_limit: "{limit}", previous: last}}]
    """
    run = pay(text, n=[10, 20], last=[40, 50])
    notes = [note for note in run.notes if note.kind == "small-growth-limit"]
    assert len(notes) == said
    assert all("1.1" in note.zh for note in notes)
