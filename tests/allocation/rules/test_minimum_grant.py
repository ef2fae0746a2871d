"""The minimum grant: nothing, or at least so much."""

from __future__ import annotations

import json
import random
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.errors import InfeasibleError
from reliefperf.scenarios.results.rules import rule_sentence
from reliefperf.scenarios.results.titling import Titling
from reliefperf.scenarios.verifying import verify
from tests.allocation.paying import amounts, build, pay
from tests.building import model_of, run_on
from tests.scenarios.tampering import signed_again

TEXT = """
variables: {w: {missing: error}, m: {}, zone: {type: text}}
allocation:
  unit: dollar
  budget: 100
  leftover: %s
  pools: {grant: {share: 1, weight: w}}
  rules: [%s]
"""
SHARED = "redistribute"
TOGETHER = "{id: least, minimum_grant: %s, pool: grant}"
SMALLEST = "{id: least, minimum_grant: %s, pool: grant, drop: smallest}"


def test_all_below_the_minimum_get_nothing_and_the_others_share_it():
    rule = TOGETHER % 12
    run = pay(TEXT % (SHARED, rule), w=[10, 11, 19, 60], m=[0] * 4, zone=["a"] * 4)
    # 10 and 11 fall out; 100 is shared 19 : 60
    assert amounts(run) == [0, 0, 24, 76]
    assert [n.count for n in run.notes if n.kind == "minimum-grant"] == [2]


def test_where_the_smallest_falls_out_first_more_keep_a_grant():
    rule = SMALLEST % 12
    run = pay(TEXT % (SHARED, rule), w=[10, 11, 19, 60], m=[0] * 4, zone=["a"] * 4)
    # without 10 the next has 100 x 11 / 90 = 12.2
    assert amounts(run) == [0, 12, 21, 67]


@pytest.mark.parametrize("rule", [TOGETHER, SMALLEST])
def test_where_everybody_reaches_the_minimum_nothing_changes(rule):
    paid = amounts(pay(TEXT % (SHARED, rule % 10), w=[1, 4, 5], m=[0] * 3, zone=["a"] * 3))
    assert paid == [10, 40, 50]


@pytest.mark.parametrize("rule", [TOGETHER, SMALLEST])
def test_equal_regions_are_treated_alike(rule):
    paid = amounts(pay(TEXT % (SHARED, rule % 11), w=[1, 1, 8], m=[0] * 3, zone=["a"] * 3))
    assert paid == [0, 0, 100]


def test_the_money_stays_where_the_model_returns_it():
    """IGD-SUAS: money below the minimum stays undistributed."""
    run = pay(TEXT % ("return", TOGETHER % 12), w=[10, 11, 19, 60], m=[0] * 4, zone=["a"] * 4)
    assert amounts(run) == [0, 0, 19, 60]
    assert any(n.kind == "leftover" and "21" in n.en for n in run.notes)


def test_the_minimum_may_differ_and_may_speak_of_some_regions():
    rule = "{id: least, minimum_grant: m, pool: grant, where: zone == 'a'}"
    paid = amounts(
        pay(TEXT % (SHARED, rule), w=[5, 15, 20, 60], m=[10, 20, 15, 90], zone=["b", "a", "a", "b"])
    )
    assert paid == [6, 0, 23, 71]


def test_a_minimum_that_nobody_reaches_is_refused_by_name():
    with pytest.raises(
        InfeasibleError, match=r"'least'.*largest entitlement is 50\.00 \(region 001"
    ):
        pay(TEXT % (SHARED, TOGETHER % 60), w=[1, 1], m=[0] * 2, zone=["a"] * 2)


BOTH = """
variables: {w: {missing: error}, v: {missing: error}}
allocation:
  unit: yuan
  budget: 100
  pools: {base: {share: 0.5, weight: w}, award: {share: 0.5, weight: v}}
  rules: [{id: least, minimum_grant: 26}]
"""


def test_a_minimum_on_the_total_is_refused_by_the_total():
    """Each region has 25 of the two pools; the smallest cannot fall out of a sum first."""
    with pytest.raises(InfeasibleError) as caught:
        pay(BOTH, w=[1, 2, 3, 4], v=[4, 3, 2, 1])
    (mistake,) = caught.value.mistakes
    assert "minimum grant on the sum of pools 'base' + 'award'" in mistake.en
    assert "the largest sum of entitlements is 25.00 (region 001). Lower the minimum" in mistake.en
    assert "（按资金池“base”、“award”合计）；最大测算额合计为 25.00" in mistake.zh
    assert "smallest" not in mistake.en + mistake.zh


def test_a_minimum_grant_holds_with_rules_that_tie_pools_together():
    text = """
    variables: {w: {missing: error}, v: {missing: error}}
    allocation:
      unit: yuan
      budget: 200
      pools: {base: {share: 0.5, weight: v}, award: {share: 0.5, weight: w}}
      rules:
        - {id: least, minimum_grant: 12, pool: award}
        - {id: bound, ratio: 2, pool: award, to: base}
    """
    run = pay(text, w=[10, 11, 19, 60], v=[1, 1, 1, 1])
    award = amounts(run, "award")
    assert award[:2] == [0, 0]
    assert sum(award) == 100
    assert all(2 * b >= a for a, b in zip(award, amounts(run, "base"), strict=True))


def test_the_sentence_names_the_minimum_in_both_languages():
    (rule,) = build(TEXT % (SHARED, TOGETHER % 12)).spec.allocation.rules
    assert "nothing or at least 12" in rule.sentence("en")
    assert "或为零，或不低于 12" in rule.sentence("zh")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=9).filter(any),
    st.integers(1, 40),
    st.sampled_from([TOGETHER, SMALLEST]),
    st.randoms(use_true_random=False),
)
def test_every_amount_is_nothing_or_enough_whatever_the_order(w, least, rule, chance):
    text = TEXT % (SHARED, rule % least)

    def paid(weights: list[int]) -> list[Decimal] | None:
        try:
            return amounts(pay(text, w=weights, m=[0] * len(w), zone=["a"] * len(w)))
        except InfeasibleError:
            return None

    found, order = paid(w), list(range(len(w)))
    random.Random(chance.random()).shuffle(order)
    again = paid([w[i] for i in order])
    if found is None or again is None:
        assert found is again
        return
    assert all(amount == 0 or amount >= least for amount in found)
    assert sum(found) == 100
    # equal remainders are settled by code, so that a unit may go to another region
    assert all(abs(a - b) <= 1 for a, b in zip(sorted(found), sorted(again), strict=True))
    assert [again[k] == 0 for k in range(len(w))] == [found[i] == 0 for i in order]


CONTRIBUTIONS = """
variables: {w: {missing: error}, m: {}, zone: {type: text}}
allocation:
  unit: yuan
  smallest: '0.5'
  pools: {pays: {amount: -50, weight: w, negative: allow, leftover: return}}
  rules:
    - {id: least, minimum_grant: m, pool: pays}
    %s
"""
TIE = "- {id: zones, group_share: zone, at_most: 1, soft: 1}"


@pytest.mark.parametrize("tie", ["", TIE])
def test_nothing_or_at_least_nothing_refuses_contributions(tie):
    columns = {"w": [1, 3, 1], "zone": ["a"] * 3}
    for least in ([0, 0, 0], [0.8, 0.8, 0.8], [0, 0.8, 0]):
        assert amounts(pay(CONTRIBUTIONS % tie, m=least, **columns)) == [0, 0, 0]


@pytest.mark.parametrize("tie", ["", TIE])
def test_a_minimum_below_zero_is_the_most_that_a_region_pays_in(tie):
    run = pay(CONTRIBUTIONS % tie, w=[1, 3, 1], m=[-20, -10, -30], zone=["a"] * 3)
    assert amounts(run) == [-10, -10, -10]
    # a region without a minimum is not spoken of
    run = pay(CONTRIBUTIONS % tie, w=[1, 3, 1], m=[0, None, 2], zone=["a"] * 3)
    assert amounts(run) == [0, -30, 0]


def test_contributions_that_nobody_may_pay_are_refused_with_the_rule():
    text = (CONTRIBUTIONS % "").replace("leftover: return", "leftover: redistribute")
    with pytest.raises(InfeasibleError, match=r"'least' leave 50 of the 50 .* no region may pay"):
        pay(text, w=[1, 3, 1], m=[0, 0, 0], zone=["a"] * 3)


def test_grants_are_as_they_were_where_the_minimum_is_zero():
    run = pay(TEXT % (SHARED, TOGETHER % "m"), w=[1, 2, 1], m=[0, 0, 30], zone=["a"] * 3)
    assert amounts(run) == [33, 67, 0]


SOFT = """
model: m
data: {region: code, period: year}
variables: {n: {missing: error}, own: {missing: error}}
derived: {last: "if_missing(previous(grant + prize), 0)"}
allocation:
  unit: yuan
  budget: 1000
  pools: {grant: {share: 0.6, weight: n}, prize: {share: 0.4, weight: own}}
  rules:
    - {id: keep, hold_harmless: 0.95, previous: last, soft: 1}
    - {id: bound, ratio: 1.2, pool: prize, to: grant}
    - {id: least, minimum_grant: 90, pool: prize, soft: 2}
"""
TWO_YEARS = {
    "code": ["A", "B", "C"] * 2,
    "year": ["2022"] * 3 + ["2023"] * 3,
    "n": [10, 20, 15, 3, 20, 15],
    "own": [5, 9, 1, 5, 2, 12],
}


def test_a_soft_rule_is_not_missed_by_who_gets_the_minimum_for_other_reasons(tmp_path):
    run = run_on(model_of(SOFT), TWO_YEARS)
    money = run.last.allocation
    assert money is not None
    prize = dict(zip(money.codes, money.amounts("prize"), strict=True))
    assert prize["B"] >= 90  # of an entitlement of 42.1, for B is to keep what it had
    assert not [note for note in run.notes if note.kind == "rule-missed"]
    (kept,) = [note for note in run.notes if note.kind == "minimum-grant-kept"]
    assert "B" in kept.en
    dropped = [note.en for note in run.notes if note.kind == "minimum-grant"]
    assert len(dropped) == 1
    assert dropped[0].startswith("2022")
    run.write(tmp_path / "out")
    assert verify(tmp_path / "out").holds


def test_the_rounds_of_a_choice_are_checked_with_the_run(tmp_path):
    run_on(model_of(SOFT), TWO_YEARS).write(tmp_path / "out")
    path = tmp_path / "out/certificate.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    (choice,) = record["periods"]["2023"]["choices"]
    assert [program["rules"] for program in choice] == [3]
    assert "choices" not in record["periods"]["2022"]
    del record["periods"]["2023"]["choices"]
    path.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    signed_again(tmp_path / "out")
    found = verify(tmp_path / "out")
    assert any("does not follow from the amounts" in one.en for one in found.failures)


SAID = """
variables: {need: {missing: error}}
allocation:
  unit: dollar
  pools:
    esg: {amount: 2500, weight: need, leftover: %s}
    all: {amount: 500, weight: need}
    each: {each: 2 * need}
  leftover: reserve
  rules: [{id: least, minimum_grant: 100, pool: %s%s}]
"""


@pytest.mark.parametrize(
    ("leftover", "pool", "en", "zh"),
    [
        ("redistribute", "esg", "the others share what is freed", "余款由其他地区按比例分享"),
        (
            "redistribute_then_return",
            "esg",
            "the others share what is freed, and what nobody can take is returned",
            "余款由其他地区按比例分享，仍无人可得的收回",
        ),
        ("return", "esg", "what is freed is returned", "余款收回"),
        ("return", "all", "what is freed is kept in reserve", "余款留作预备"),
        ("return", "each", "what is freed is not paid out", "余款不再拨付"),
        (
            "return",
            "total",
            "in pool 'esg' what is freed is returned, in pool 'all' what is freed is kept in "
            "reserve, in pool 'each' what is freed is not paid out",
            "资金池“esg”的余款收回，资金池“all”的余款留作预备，资金池“each”的余款不再拨付",
        ),
        ("reserve", "[esg, all]", "what is freed is kept in reserve", "余款留作预备"),
    ],
)
def test_it_is_said_what_becomes_of_the_money_by_the_leftover_of_each_pool(leftover, pool, en, zh):
    model = build(SAID % (leftover, pool, ""))
    for lang, how in (
        ("en", f"(all with a smaller entitlement get nothing; {en})"),
        ("zh", f"（测算额不足者一并不拨，{zh}）"),
    ):
        (rule,) = model.spec.allocation.rules
        assert rule_sentence(model, Titling(model, lang), rule).endswith(how)


def test_one_after_the_other_is_said_only_where_shares_rise():
    for leftover, words in (
        ("redistribute", "the smallest falls out first, until all left reach it; the others share"),
        ("return", "all with a smaller entitlement get nothing; what is freed is returned"),
    ):
        model = build(SAID % (leftover, "esg", ", drop: smallest"))
        (rule,) = model.spec.allocation.rules
        assert words in rule_sentence(model, Titling(model, "en"), rule)
