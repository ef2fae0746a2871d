"""Guarantees that a pool cannot pay are reduced in one proportion, exactly and with a word."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.allocation.proving import prove
from reliefperf.errors import InfeasibleError, InputError
from reliefperf.scenarios.loading import load_model
from reliefperf.scenarios.results.rules import rules_rows
from reliefperf.scenarios.running import Run, read_data, run, run_model
from reliefperf.scenarios.verifying import verify
from tests.allocation.paying import amounts, build, pay

TEXT = """
variables: {w: {missing: error}, g: {missing: error}, h: {}, zone: {type: text}}
allocation:
  unit: dollar
  pools: {%s}
  rules: [%s]
"""
POOL = "p: {amount: 100, weight: w}"
KEEP = "{id: keep, hold_harmless: 1, previous: g, pool: p, if_short: scale}"


def paid(
    rules: str,
    g: list[object],
    w: list[object],
    *,
    pools: str = POOL,
    h: list[object] | None = None,
) -> Run:
    zone = ["a", "b"] * (len(w) // 2) + ["a"] * (len(w) % 2)
    return pay(TEXT % (pools, rules), w=w, g=g, h=h or [0] * len(w), zone=zone)


def test_guarantees_that_can_be_paid_are_paid() -> None:
    done = paid(KEEP, [10, 50, 20], [6, 1, 1])
    plain = paid(KEEP.replace(", if_short: scale", ""), [10, 50, 20], [6, 1, 1])
    assert amounts(done) == amounts(plain) == [30, 50, 20]
    assert not done.last.allocation.pools["p"].reductions
    assert not [note for note in done.notes if note.kind == "guarantee-reduced"]


def test_a_short_pool_pays_one_part_of_every_guarantee() -> None:
    done = paid(KEEP, [40, 100, 60], [6, 1, 1])
    assert amounts(done) == [20, 50, 30]
    (reduction,) = done.last.allocation.pools["p"].reductions
    assert (reduction.asked, reduction.total, reduction.part) == (200, 100, Fraction(1, 2))
    (note,) = [note for note in done.notes if note.kind == "guarantee-reduced"]
    assert "guarantees 200 dollar to 3 region(s)" in note.en
    assert "0.5 of itself" in note.en
    assert "0.5 压减" in note.zh


def test_rules_csv_says_by_how_much() -> None:
    done = paid(KEEP, [40, 100, 60], [6, 1, 1])
    for lang, words in (("en", "reduced to 0.5 of itself"), ("zh", "按同一比例 0.5 压减")):
        _, row = rules_rows(build(TEXT % (POOL, KEEP)), done.last, lang)
        assert words in str(row[-1])
        assert lang == "zh" or "reduced in one proportion" in str(row[2])


def test_guarantees_that_add_up_to_the_pool_hold_to_within_a_unit() -> None:
    with pytest.raises(InfeasibleError):
        paid(KEEP.replace(", if_short: scale", ""), [33.5, 33.25, 33.25], [1, 1, 1])
    done = paid(KEEP, [33.5, 33.25, 33.25], [1, 1, 1])
    assert amounts(done) == [34, 33, 33]
    (reduction,) = done.last.allocation.pools["p"].reductions
    assert reduction.part == 1
    assert "to within one unit" in done.notes[-1].en


def test_hard_floors_come_before_reducible_ones() -> None:
    floor = "{id: least, floor: h, pool: p}"
    for rules in (f"{KEEP}, {floor}", f"{floor}, {KEEP}"):
        done = paid(rules, [100, 100, 0], [1, 1, 1], h=[0, 0, 40])
        assert amounts(done) == [30, 30, 40]


def test_earlier_guarantees_come_before_later_ones() -> None:
    later = "{id: later, floor: h, pool: p, if_short: scale}"
    done = paid(f"{KEEP}, {later}", [50, 30, 0], [1, 1, 1], h=[0, 0, 40])
    assert amounts(done) == [50, 30, 20]
    (reduction,) = done.last.allocation.pools["p"].reductions
    assert (reduction.rule, reduction.part) == ("later", Fraction(1, 2))


def test_hard_floors_alone_too_high_are_still_refused() -> None:
    floor = "{id: least, floor: h, pool: p}"
    with pytest.raises(InfeasibleError, match="'least'"):
        paid(f"{KEEP}, {floor}", [10, 10, 10], [1, 1, 1], h=[50, 40, 20])


def test_each_group_is_reduced_by_itself() -> None:
    pools = "p: {amount: 100, weight: w, by: zone}"
    done = paid(KEEP, [150, 30, 50, 30], [1, 1, 1, 1], pools=pools)
    assert amounts(done) == [75, 50, 25, 50]


def test_a_program_reduces_as_a_pool_alone_does() -> None:
    pools = f"{POOL}, q: {{amount: 50, weight: 1}}"
    ratio = "{id: r, pool: q, ratio: 3, to: p}"
    done = paid(f"{KEEP}, {ratio}", [41, 100, 60], [6, 1, 1], pools=pools)
    assert done.last.allocation.program is not None
    assert amounts(done, "p") == amounts(paid(KEEP, [41, 100, 60], [6, 1, 1]))
    (reduction,) = done.last.allocation.pools["p"].reductions
    assert reduction.part == Fraction(100, 201)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("{id: k, floor: g, if_short: scale}", "name one pool"),
        ("{id: k, floor: g, pool: [p, q], if_short: scale}", "name one pool"),
        ("{id: k, floor: g, pool: p, soft: 1, if_short: scale}", "either `soft` or `if_short`"),
        ("{id: k, cap: g, pool: p, if_short: scale}", "if_short"),
        ("{id: k, floor: g, pool: p, if_short: cut}", "scale"),
    ],
)
def test_what_cannot_be_reduced_is_refused_when_read(rule: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        build(TEXT % (f"{POOL}, q: {{amount: 1, weight: w}}", rule))
    assert all(mistake.zh and mistake.zh != mistake.en for mistake in caught.value.mistakes)


def test_34_cfr_200_73_by_hand(tmp_path: Path) -> None:
    """2,400,000 dollar against guarantees of 3,146,500: 95, 90 or 85 % of last year's amounts."""
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.yaml").write_text(
        """
model: title-one
language: en
data: {file: data.csv, region: code}
variables: {children: {missing: error}, rate: {missing: error}, prior: {missing: error}}
tables: {part: {steps: {at_least: [[0.30, 0.95], [0.15, 0.90]]}, otherwise: 0.85}}
allocation:
  unit: dollar
  budget: 2400000
  pools: {basic: {share: 1, weight: children}}
  rules: [{id: hh, hold_harmless: part(rate), previous: prior, pool: basic, if_short: scale}]
""",
        encoding="utf-8",
    )
    (tmp_path / "model" / "data.csv").write_text(
        "code,children,rate,prior\nA,1200,0.32,900000\nB,300,0.12,400000\nC,800,0.22,500000\n"
        "D,2500,0.45,1200000\nE,150,0.31,300000\nF,60,0.08,90000\n",
        encoding="utf-8",
    )
    done = run(tmp_path / "model", output=tmp_path / "out")
    paid_out = [652153, 259336, 343238, 869538, 217384, 58351]
    assert amounts(done) == paid_out
    by_hand = [855000, 340000, 450000, 1140000, 285000, 76500]
    assert all(
        abs(Fraction(x) * 2400000 / 3146500 - a) < 1 for x, a in zip(by_hand, paid_out, strict=True)
    )
    assert verify(tmp_path / "out").holds


def test_a_part_that_is_not_the_greatest_fails_the_proof() -> None:
    done = paid(KEEP, [40, 100, 60], [6, 1, 1])
    allocation = done.last.allocation
    assert allocation is not None
    model = build(TEXT % (POOL, KEEP))
    assert not prove(model, done.last.env, allocation, None).failures
    rows = allocation.settled["p"][0][1]
    object.__setattr__(rows[0], "lower", rows[0].lower - 1)
    (failure,) = prove(model, done.last.env, allocation, None).failures
    assert "add up to 99" in failure[0]


@settings(max_examples=60, deadline=None)
@given(
    g=st.lists(st.integers(0, 90), min_size=2, max_size=6),
    h=st.lists(st.integers(0, 12), min_size=6, max_size=6),
    w=st.lists(st.integers(1, 9), min_size=6, max_size=6),
)
def test_the_pool_is_paid_out_and_every_part_is_alike(
    g: list[int], h: list[int], w: list[int]
) -> None:
    n = len(g)
    rules = f"{KEEP}, {{id: least, floor: h, pool: p}}"
    halves = [Fraction(x, 7) * 2 for x in g]
    done = paid(rules, [float(x) for x in halves], w[:n], h=h[:n])
    got = amounts(done)
    assert sum(got) == 100
    reductions = done.last.allocation.pools["p"].reductions
    part = reductions[0].part if reductions else 1
    for amount, asked, least in zip(got, halves, h, strict=False):
        assert amount >= least
        assert Fraction(amount) > asked * part - 1 - Fraction(1, 10**6)
        if reductions and part < 1:
            assert amount <= max(Decimal(least), Decimal(int(asked * part)) + 1)


RELAXED = """\
model: m
language: en
data: {file: data.csv, region: code}
variables: {w: {}, last: {}, least: {}}
allocation:
  unit: yuan
  smallest: "0.5"
  leftover: reserve
  pools: {p0: {amount: 41666666.5, weight: w}}
  rules:
    - {id: r0, minimum_grant: least, pool: p0, drop: smallest}
    - {id: r1, hold_harmless: 0.5, previous: last, pool: p0, if_short: scale}
"""


def test_a_reduced_guarantee_that_gives_way_as_well_is_proved_by_what_was_stated(
    tmp_path: Path,
) -> None:
    """The check took the rule as it was after it had given way, and found no guarantee to reduce."""
    (tmp_path / "model.yaml").write_text(RELAXED, encoding="utf-8")
    row = "r00,0,569353547,140240244"
    (tmp_path / "data.csv").write_text(f"code,w,last,least\n{row}\n", encoding="utf-8")
    model = load_model(tmp_path)
    found = run_model(model, read_data(model), relax="apply")
    assert found.last.allocation is not None
    assert found.last.allocation.pools["p0"].reductions
    assert verify(found.write(tmp_path / "out")).failures == []
