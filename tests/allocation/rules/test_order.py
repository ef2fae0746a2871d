"""Order of awards per unit of need: hand-computed amounts and the promise in whole units."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reliefperf.errors import InfeasibleError
from tests.allocation.paying import amounts, build, pay

TEXT = """
variables: {w: {missing: error}, s: {}, need: {}, zone: {type: text}}
allocation:
  unit: yuan
  budget: 1000
  pools: {base: {share: 0.5, weight: need}, award: {share: 0.5, weight: w}}
  rules: [%s]
"""
ORDER = "{id: order, order: s, per: need, pool: award}"


def test_a_better_score_never_receives_less_for_each_unit_of_need():
    run = pay(TEXT % ORDER, w=[1, 3, 1], s=[90, 80, 70], need=[10, 10, 10], zone=["a"] * 3)
    # 100, 300, 100 are out of order in the first two, which meet
    assert amounts(run, "award") == [200, 200, 100]


def test_the_need_decides_what_is_compared():
    run = pay(TEXT % ORDER, w=[1, 4], s=[90, 80], need=[10, 40], zone=["a"] * 2)
    assert amounts(run, "award") == [100, 400]
    run = pay(TEXT % ORDER, w=[1, 4], s=[90, 80], need=[10, 30], zone=["a"] * 2)
    # 100 / 10 is less than 400 / 30: both get 12.5 a unit
    assert amounts(run, "award") == [125, 375]


def test_equal_scores_receive_equally():
    run = pay(TEXT % ORDER, w=[1, 3, 6], s=[80, 80, 70], need=[1, 1, 4], zone=["a"] * 3)
    award = amounts(run, "award")
    assert award[0] == award[1]
    assert award[0] * 4 >= award[2]


def test_there_is_an_order_within_each_group():
    rule = "{id: order, order: s, per: need, pool: award, by: zone}"
    run = pay(
        TEXT % rule, w=[1, 2, 3, 4], s=[9, 8, 2, 1], need=[1, 1, 1, 1], zone=["a", "b", "a", "b"]
    )
    award = amounts(run, "award")
    # 50 and 150 meet in a, 100 and 200 in b; nearest in squares by 1 / entitlement: a 90, b 160
    assert award == [90, 160, 90, 160]


def test_a_region_without_a_score_has_no_place_and_that_is_said():
    run = pay(TEXT % ORDER, w=[1, 3, 1], s=[90, None, 70], need=[1, 1, 1], zone=["a"] * 3)
    assert amounts(run, "award") == [100, 300, 100]
    assert [n.kind for n in run.notes if n.place == "order"] == ["rule-not-applied"]


def test_an_order_and_a_floor_at_odds_are_named():
    floor = "{id: low, floor: 400, pool: award, where: s == 70}"
    with pytest.raises(InfeasibleError, match=r"order.*low|low.*order"):
        pay(TEXT % f"{ORDER}, {floor}", w=[1, 1], s=[90, 70], need=[1, 1], zone=["a"] * 2)


def test_the_sentence_says_need_and_score_in_both_languages():
    (rule,) = build(TEXT % ORDER).spec.allocation.rules
    assert "need" in rule.sentence("en")
    assert "每单位 need" in rule.sentence("zh")


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 40), st.integers(0, 5), st.integers(1, 30)),
        min_size=2,
        max_size=7,
    )
)
def test_in_whole_units_neighbours_are_out_of_order_by_one_unit_at_most(rows):
    w, s, need = ([row[k] for row in rows] for k in range(3))
    award = amounts(pay(TEXT % ORDER, w=w, s=s, need=need, zone=["a"] * len(w)), "award")
    assert sum(award) == 500
    for i, j in combinations(range(len(w)), 2):
        better, worse = (i, j) if s[i] >= s[j] else (j, i)
        # a pair that is further apart in the order: at most one unit of each
        assert (
            Fraction(award[better] + 1) / need[better] >= Fraction(award[worse] - 1) / need[worse]
        )
        if s[i] == s[j]:
            assert Fraction(award[worse] + 1) / need[worse] >= (
                Fraction(award[better] - 1) / need[better]
            )


def test_of_units_that_are_as_near_those_in_order_are_paid():
    text = """
    variables: {merit: {missing: error}}
    allocation:
      unit: yuan
      pools: {award: {amount: 25, weight: 1}}
      rules: [{id: in-order, order: merit, per: 1, pool: award}]
    """
    assert amounts(pay(text, merit=[80, 90]), "award") == [12, 13]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(6, 9)), min_size=2, max_size=6),
    st.integers(5, 40),
    st.sampled_from(["code", "larger_weight"]),
)
@example([(4, 7), (3, 9), (1, 8), (1, 8)], 7, "code")  # past a neighbour of an equal score
def test_of_equal_needs_a_better_score_never_receives_less_in_whole_units_either(rows, total, ties):
    text = """
    variables: {w: {missing: error}, s: {missing: error}}
    allocation:
      unit: yuan
      ties: %s
      pools: {award: {amount: %d, weight: w}}
      rules: [{id: in-order, order: s, per: 1, pool: award}]
    """
    w, s = ([row[k] for row in rows] for k in range(2))
    run = pay(text % (ties, total), w=w, s=s)
    award = amounts(run, "award")
    assert sum(award) == total
    assert not [n for n in run.notes if n.kind == "order-in-units"]
    for i, j in combinations(range(len(w)), 2):
        if s[i] != s[j]:
            better, worse = (i, j) if s[i] > s[j] else (j, i)
            assert award[better] >= award[worse]


def test_neighbours_that_whole_units_put_out_of_order_are_noted():
    # 2.4 and 1.6 for needs of 3 and 2: the first cannot be rounded up
    text = """
    variables: {w: {missing: error}, s: {missing: error}, need: {missing: error}}
    allocation:
      unit: yuan
      pools: {award: {amount: 4, weight: w}}
      rules:
        - {id: in-order, order: s, per: need, pool: award}
        - {id: most, cap: 2.5, where: s == 9}
    """
    run = pay(text, w=[1, 9], s=[9, 6], need=[3, 2])
    (note,) = [n for n in run.notes if n.kind == "order-in-units"]
    assert "001" in note.en and "002" in note.zh


TOGETHER = """
variables: {people: {}, own: {}, need: {}}
allocation:
  unit: yuan
  pools: {grant: {amount: %d, weight: need}}
  rules: [{id: keep, order: own / people, per: people, on_top_of: own, pool: grant}]
"""


def test_what_regions_have_of_their_own_counts_with_the_grant():
    """By hand: d would come to 70 + 34.29 and pass c with 80 + 2.86; both end at 93.57."""
    run = pay(TOGETHER % 60, people=[100] * 4, own=[120, 100, 80, 70], need=[30, 10, 5, 60])
    assert run.last.allocation is not None
    before = run.last.allocation.before_units("grant")
    assert 80 + before[2] == 70 + before[3]
    assert amounts(run, "grant") == [17, 6, 14, 23]
    said = run.model.spec.allocation.rules[0].sentence
    assert "grant' and own together" in said("en")
    assert "连同 own" in said("zh")


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(1, 30)), min_size=2, max_size=6),
    st.integers(1, 120),
)
def test_equalisation_never_turns_the_order_of_capacities_round(rows, total):
    own, need = ([row[k] for row in rows] for k in range(2))
    run = pay(TOGETHER % total, people=[7] * len(own), own=own, need=need)
    paid = amounts(run, "grant")
    assert sum(paid) == total
    for i, j in combinations(range(len(own)), 2):
        if own[i] != own[j]:
            richer, poorer = (i, j) if own[i] > own[j] else (j, i)
            assert own[richer] + paid[richer] >= own[poorer] + paid[poorer]


def test_a_better_score_is_not_passed_across_a_tie_where_needs_differ():
    """Units of 8, 5 and 10 keep the order that 8, 4 and 11 do not."""
    text = """
    variables: {w: {}, s: {}, need: {}}
    allocation:
      unit: yuan
      budget: 27
      pools: {base: {share: 1, weight: w, leftover: return}}
      rules: [{id: in-order, order: s, per: need}, {id: most, cap: 18}]
    """
    run = pay(text, w=[8, 1, 6], s=[2, 3, 2], need=[4, 2, 5])
    paid = amounts(run, "base")
    assert not [n for n in run.notes if n.kind == "order-in-units"]
    assert paid[1] * 4 >= paid[0] * 2
    assert paid[1] * 5 >= paid[2] * 2
