"""Ratio between pools: hand-computed amounts."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.errors import InputError
from tests.allocation.paying import amounts, pay

TEXT = """
variables: {w: {missing: error}, a: {missing: error}}
allocation:
  unit: yuan
  budget: 1000
  pools:
    base: {share: 0.8, weight: w}
    award: {share: 0.2, weight: a}
  rules: [{id: bound, pool: award, to: base, ratio: %s, side: %s}]
"""


def test_an_award_is_bounded_by_the_base_and_the_rest_goes_to_the_others():
    run = pay(TEXT % (0.5, "at_most"), w=[1, 9, 6], a=[8, 1, 1])
    base, award = amounts(run, "base"), amounts(run, "award")
    assert sum(base) == 800
    assert sum(award) == 200
    assert all(2 * x <= y for x, y in zip(award, base, strict=True))
    # the nearest point also lifts the first region's base a little, since base pays for award
    assert award[0] < 160


def test_a_ratio_may_be_a_least_one():
    run = pay(TEXT % (0.2, "at_least"), w=[5, 5], a=[1, 0])
    base, award = amounts(run, "base"), amounts(run, "award")
    assert all(5 * x >= y for x, y in zip(award, base, strict=True))
    assert sum(amounts(run)) == 1000


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(0, 30)), min_size=2, max_size=6).filter(
        lambda rows: any(a for _, a in rows)
    ),
    st.sampled_from(["0.3", "0.35", "0.5", "1"]),
)
def test_the_ratio_holds_exactly_in_whole_units(rows, ratio):
    run = pay(TEXT % (ratio, "at_most"), w=[w for w, _ in rows], a=[a for _, a in rows])
    base, award = amounts(run, "base"), amounts(run, "award")
    pairs = zip(award, base, strict=True)
    assert all(Fraction(x) <= Fraction(ratio) * Fraction(y) for x, y in pairs)
    assert (sum(base), sum(award)) == (800, 200)


def test_a_third_is_a_third_and_leaves_whole_units_their_room():
    """600 and 200 are in the ratio of 3 to 1: with 0.33333333333333 nothing could be paid."""
    text = TEXT.replace("share: 0.8", "share: 0.75").replace("share: 0.2", "share: 0.25")
    run = pay(text.replace("1000", "800") % ("1/3", "at_most"), w=[1, 1], a=[3, 1])
    assert amounts(run, "base") == [300, 300]
    assert amounts(run, "award") == [100, 100]


def test_a_ratio_below_zero_is_refused_at_the_line_of_the_rule() -> None:
    text = """
variables: {w: {missing: error}}
allocation:
  unit: yuan
  budget: 100
  pools:
    base: {amount: 60, weight: w}
    award: {amount: 40, weight: w}
  rules:
    - {id: top, cap: 60, pool: base}
    - {id: bound, ratio: -0.6, pool: award, to: base}
    - {id: part, group_share: w, at_least: 1.52}
"""
    for rule, key in (("bound", "ratio"), ("part", "at_least")):
        lines = [line for line in text.splitlines() if rule == "bound" or "bound" not in line]
        with pytest.raises(InputError) as caught:
            pay("\n".join(lines), w=[1, 1])
        (mistake,) = caught.value.mistakes
        assert mistake.key == f"allocation.rules.1.{key}"
        assert mistake.line > 1
