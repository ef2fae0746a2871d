"""A relaxed run never differs in silence from its rules: budget cuts and fractions are recorded."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from reliefperf.allocation.relaxing import Relax
from reliefperf.errors import InfeasibleError
from reliefperf.scenarios.loading import load_model
from reliefperf.scenarios.results.relaxations import (
    relaxations_of,
    relaxations_table,
    relaxed_words,
)
from reliefperf.scenarios.running import Run, read_data, run_model
from reliefperf.scenarios.verifying import verify
from tests.allocation.paying import amounts, build, frame

CENTS = """
variables: {form: {missing: error}, m: {missing: error}}
allocation:
  unit: yuan
  smallest: '0.01'
  budget: 0.07
  pools: {each-of-it: {each: form, rounding: half_even, title: {en: By formula, zh: 公式}}}
  rules: [{id: least, minimum_grant: 0.5 * m, pool: each-of-it, drop: together}]
"""
FORMULA = {"form": [0, 0.01, 1, 0, 1], "m": [0, 0.1, 0, 1, 0]}

LEFT_OVER = """
variables: {form: {}, flr: {}, m: {}, w: {missing: error}, zone: {type: text}}
allocation:
  unit: yuan
  budget: 50
  leftover: return
  pools:
    gains: {scale_gains: {formula: form, floor: flr}, amount: 45}
    zones: {amount: 12, weight: w, by: zone, eligible: w > 2}
  rules: [{id: least, minimum_grant: m, pool: gains}]
"""
GAINS = {
    "form": [24.13, 24.13],
    "flr": [13, 13],
    "m": [11, 11],
    "w": [154, 154],
    "zone": ["a", "a"],
}

HUNDREDS = """
variables: {w: {missing: error}, last: {}, merit: {}, need: {}, zone: {type: text}}
allocation:
  unit: yuan
  smallest: '100'
  budget: 200
  pools: {grant: {amount: 100, weight: w}}
  rules:
    - {id: kept, hold_harmless: "0.9", previous: last, pool: grant, if_short: scale}
    - {id: zones, group_share: zone, pool: grant, at_least: "0.3"}
    - {id: in-order, order: merit, per: need, pool: grant}
"""
REGIONS = {
    "w": [627.07, 7.1, 3, 3, 7.1],
    "last": [56, 58.9, 32.7, 32.7, 58.9],
    "merit": [70.5, 90, 70.5, 70.5, 90],
    "need": [67, 62, 1.56, 1.56, 62],
    "zone": ["b"] * 5,
}


def run_of(text: str, columns: dict[str, Any], relax: Relax = "apply") -> Run:
    model = build(text)
    return run_model(model, read_data(model, frame(**columns)), relax=relax)


def texts(run: Run) -> list[tuple[str, ...]]:
    return [tuple(map(str, row)) for row in relaxations_table(run)[1]]


def words(run: Run) -> str:
    items = relaxations_of(run.last.allocation)
    return f"{relaxed_words(items, 'yuan', 'en')} {relaxed_words(items, 'yuan', 'zh')}"


def test_a_formula_that_the_budget_cuts_is_recorded():
    run = run_of(CENTS, FORMULA)
    assert sum(amounts(run)) == Fraction(7, 100)
    assert texts(run) == [("budget", "each-of-it", "low", "2", "1.93", "0.07", "1.93", "0")]
    (note,) = [note for note in run.notes if note.kind == "relaxed"]
    assert note.en == (
        "the budget cuts what pools would pay: 'each-of-it' (By formula) by 1.93 of 2 yuan"
    )
    assert "“each-of-it”（公式）（应付 2 yuan）削减 1.93" in note.zh
    assert "budget (1.93)" in words(run)
    assert "预算削减资金池 (1.93)" in words(run)


def test_what_the_budget_would_cut_is_offered():
    with pytest.raises(InfeasibleError) as refused:
        run_of(CENTS, FORMULA, "offer")
    assert "by 1.93 of 2 yuan. With --relax it is applied." in refused.value.text("en")
    assert refused.value.remedy[1] == (
        *("budget", "each-of-it", "low"),
        *("2", "1.93", "0.07", "0"),
    )


def test_totals_that_may_be_left_over_and_that_the_budget_cuts_are_recorded(tmp_path: Path):
    run = run_of(LEFT_OVER, GAINS)
    assert texts(run) == [
        ("budget", "gains", "low", "45", "6", "39", "5.526316", "0"),
        ("budget", "zones", "low", "12", "1", "11", "1.473684", "0"),
    ]


def test_a_budget_that_is_kept_anyway_cuts_nothing():
    text = LEFT_OVER.replace("budget: 50", "budget: 57")
    floors = text.replace("minimum_grant: m, pool", "floor: 2 * m + 1, pool")
    run = run_of(floors, GAINS)
    assert {row[0] for row in texts(run)} == {"least"}
    with pytest.raises(InfeasibleError):
        run_of(floors, GAINS, "never")


def test_what_only_fractions_cannot_keep_is_recorded_as_kept_by_whole_units():
    run = run_of(HUNDREDS, REGIONS)
    assert texts(run) == [("in-order", "001 = 003", "low", "-100", "0", "-100", "13.125468", "1")]
    (note,) = [note for note in run.notes if note.kind == "relaxed"]
    assert "before whole units the rules cannot all hold: 'in-order' by 13.125468" in note.en
    assert "取整后的实付金额满足这些限额" in note.zh
    assert "in-order (13.125468 before whole units only)" in words(run)


def test_a_relaxed_run_in_which_nothing_gave_way_says_so():
    text = """
    variables: {w: {missing: error}}
    allocation:
      unit: yuan
      pools:
        one: {amount: 10, weight: w, leftover: %s}
      rules: [{id: least, minimum_grant: 60, pool: one, drop: together}]
    """
    run = run_of(text % "redistribute", {"w": [5, 5]})
    assert texts(run)
    assert [note.kind for note in run.notes if note.kind == "relaxed"] == ["relaxed"]
    plain = run_of(text % "return", {"w": [5, 5]})
    assert not [note for note in plain.notes if note.kind == "relaxed"]


@pytest.mark.parametrize("case", [(CENTS, FORMULA), (LEFT_OVER, GAINS), (HUNDREDS, REGIONS)])
def test_what_gave_way_is_verified(case: tuple[str, dict[str, Any]], tmp_path: Path):
    text, columns = case
    (tmp_path / "model.yaml").write_text(
        "model: m\nlanguage: en\ndata: {file: data.csv, region: code}\n" + text, encoding="utf-8"
    )
    frame(**columns).to_csv(tmp_path / "data.csv", index=False)
    model = load_model(tmp_path)
    out = run_model(model, read_data(model), relax="apply").write(tmp_path / "out")
    assert verify(out).failures == []
    table = out / "relaxations.csv"
    table.write_text(table.read_text(encoding="utf-8").replace(",low,", ",high,", 1))
    assert "relaxations.csv" in {failure.file for failure in verify(out).failures}
