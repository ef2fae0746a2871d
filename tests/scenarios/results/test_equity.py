"""Tables of equity: what they leave out is noted, never a traceback."""

import pytest

from reliefperf.reports.equity_figure import equity_curves
from reliefperf.scenarios.results.equity import equity_tables, has_curves
from tests.allocation.paying import pay

MODEL = """
variables: {people: {missing: error}, gap: {missing: error}}
allocation:
  unit: yuan
  pools:
    grant: {amount: GRANT, weight: people}
    back: {amount: -90, weight: "max(-gap, 0)", negative: allow}
  equity: {people: people}
"""


def test_pools_that_take_money_back_have_no_measure_and_are_noted() -> None:
    run = pay(MODEL.replace("GRANT", "100"), people=[1, 1], gap=[-1, 1])
    assert {row[0] for row in equity_tables(run)[0][1]} == {"grant"}
    assert not has_curves(run)
    said = [note.en for note in run.notes if note.kind == "left-out"]
    assert [words.split(" has ")[0] for words in said] == ["equity: back", "equity: total"]


def test_a_total_that_nobody_loses_by_is_measured() -> None:
    run = pay(MODEL.replace("GRANT", "200"), people=[1, 1], gap=[-1, 1])
    assert {row[0] for row in equity_tables(run)[0][1]} == {"grant", "total"}
    assert has_curves(run)
    assert equity_curves(run) is not None


EVEN = """
variables: {people: {missing: error}, poor: {missing: error}}
derived: {asked: 0.1 * people}
allocation:
  unit: yuan
  smallest: "0.1"
  pools: {grant: {each: "where(poor == 1, 0.1, 0.2) * people"}}
  equity: {people: people, need: asked}
"""


def test_regions_with_the_same_need_per_head_tie_whatever_the_binary_noise() -> None:
    people = [41, 43, 48, 50, 53]
    assert len({0.1 * n / n for n in people}) > 1  # else the case says nothing
    run = pay(EVEN, people=people, poor=[0, 1, 0, 1, 1])
    found = {measure: (value, region) for _, measure, value, region in equity_tables(run)[0][1]}
    assert float(found["concentration_need"][0]) == pytest.approx(0, abs=1e-15)
    assert float(found["gini"][0]) > 0.1


def test_of_regions_that_tie_but_for_noise_the_first_by_code_is_named() -> None:
    people = [50, 43, 41, 60, 48]
    per_head = [0.1 * n / n for n in people]
    assert per_head[0] not in (min(per_head), max(per_head))
    run = pay(EVEN, people=people, poor=[1] * 5)
    first = run.last.env.codes[0]
    named = {measure: region for _, measure, _, region in equity_tables(run)[0][1] if region}
    assert set(named.values()) == {first}
