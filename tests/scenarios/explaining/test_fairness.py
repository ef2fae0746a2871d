"""The search for counter-examples finds those that are there, and none that are not."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner

from reliefperf.cli import main
from reliefperf.errors import InputError
from reliefperf.scenarios.explaining.fairness import Finding, search
from tests.allocation.paying import pay
from tests.building import model_of, run_on

SEATS = """
variables: {people: {}}
allocation: {unit: u, budget: 10, pools: {p: {share: 1, weight: people}}}
"""


def found(promise: str, text: str, split: tuple[str, ...] = (), **columns: list[object]) -> Finding:
    run = pay(text, **columns)
    (one,) = search(run, run.last, split=split, promises=[promise])
    return one


def test_alabama_is_found_and_laid_to_whole_units() -> None:
    # Hamilton's method: the region of 2 people falls from 2 of 10 to 1 of 11 seats.
    finding = found("budget", SEATS, people=[6, 6, 2])
    example = finding.against[0]
    assert (example.region, example.first, example.second) == ("003", 2, 1)
    assert example.by_rounding
    assert example.first_before_units == Fraction(20, 14)
    assert not finding.holds


def test_a_pool_shared_by_weight_keeps_all_other_promises() -> None:
    for promise in ("rows", "equals", "split"):
        finding = found(promise, SEATS, ("people",), people=[6, 6, 2])
        assert finding.holds, finding
        assert finding.trials > 0


def test_order_of_rules_holds_where_rules_are_settled_together() -> None:
    rules = """
  rules:
    - {id: floor, floor: 20, pool: p}
    - {id: cap, cap: 40, pool: p}
    - {id: keep, hold_harmless: 0.5, previous: people, pool: p}
"""
    text = SEATS.replace("{unit: u, budget: 10, pools: {p: {share: 1, weight: people}}}", "")
    text += "  unit: u\n  budget: 100\n  pools: {p: {share: 1, weight: people}}" + rules
    assert found("rules", text, people=[60, 6, 20]).holds


def test_a_flat_floor_breaks_the_halves() -> None:
    text = SEATS.replace("10,", "100,").rstrip().removesuffix("}")
    text += ", rules: [{id: f, floor: 20, pool: p}]}\n"
    finding = found("split", text, ("people",), people=[60, 30, 2])
    example = next(e for e in finding.against if e.region == "003")
    assert (example.first_before_units, example.second_before_units) == (20, 40)
    assert not example.by_rounding


SCORED = """
variables: {people: {}, work: {}}
evaluation:
  full_marks: 10
  tree: [{id: all, points: 10, value: work, score: {goalposts: [0, 10]}}]
allocation:
  unit: u
  budget: 1000
  pools: {p: {share: 1, weight: people * WEIGHT}}
"""


def test_a_score_that_costs_money_is_found_before_whole_units() -> None:
    columns = {"people": [5, 6, 7], "work": [3, 4, 5]}
    assert found("score", SCORED.replace("WEIGHT", "score"), **columns).holds
    against = found("score", SCORED.replace("WEIGHT", "(20 - score)"), **columns).against
    assert len(against) == 3
    assert all(e.second < e.first and not e.by_rounding for e in against)


def test_what_cannot_be_tried_says_why() -> None:
    for promise in ("rules", "score", "split"):
        finding = found(promise, SEATS, people=[6, 6, 2])
        assert not finding.trials
        assert not finding.holds
        assert finding.en
        assert finding.zh


def test_a_column_that_cannot_be_split_is_refused() -> None:
    with pytest.raises(InputError, match="nobody"):
        found("split", SEATS, ("nobody",), people=[6, 6, 2])


def on_disk(folder: Path) -> Path:
    text = "model: m\nlanguage: en\ndata: {file: data.csv, region: code}\n" + SEATS
    (folder / "model.yaml").write_text(text, encoding="utf-8")
    (folder / "data.csv").write_text("code,people\na,6\nb,6\nc,2\n", encoding="utf-8")
    return folder


def test_the_verb_says_what_it_found_in_both_languages_and_writes_a_table(tmp_path: Path) -> None:
    folder, out = str(on_disk(tmp_path)), tmp_path / "out" / "fairness.csv"
    english = CliRunner().invoke(main, ["--lang", "en", "fairness", folder, "-o", str(out)])
    assert english.exit_code == 0, english.output
    assert "more money, nobody gets less: not so. budget raised by 1" in english.output
    chinese = CliRunner().invoke(main, ["--lang", "zh", "fairness", folder])
    assert "总额增加，各地金额不减：不成立" in chinese.output
    with out.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    broken = [row for row in rows if row["outcome"] == "broken"]
    assert [(r["promise"], r["region"], r["why"]) for r in broken][:1] == [
        ("budget", "c", "whole units")
    ]


def test_the_trials_are_the_same_each_time_and_on_the_run_folder(tmp_path: Path) -> None:
    folder, done = str(on_disk(tmp_path)), str(tmp_path / "done")
    assert CliRunner().invoke(main, ["run", folder, "-o", done]).exit_code == 0
    said = [
        CliRunner().invoke(main, ["--lang", "en", "fairness", target]).output
        for target in (folder, folder, done)
    ]
    assert said[0] == said[1] == said[2]


def test_a_period_or_model_that_is_not_there_is_bad_input(tmp_path: Path) -> None:
    folder = str(on_disk(tmp_path))
    assert CliRunner().invoke(main, ["fairness", folder, "--period", "2020"]).exit_code == 2
    assert CliRunner().invoke(main, ["fairness", str(tmp_path / "no")]).exit_code == 2


def unasked(text: str, **columns: list[object]) -> list[str]:
    return [note.en for note in pay(text, **columns).notes if note.kind == "fairness"]


def test_a_run_says_unasked_what_its_own_data_break() -> None:
    (said,) = unasked(SEATS, people=[6, 6, 2])
    assert "more money, nobody gets less: not so" in said
    assert "003" in said
    assert "1 against 2" in said or "2 against 1" in said


def test_a_run_without_a_counter_example_says_nothing() -> None:
    assert unasked(SEATS, people=[1, 1, 1]) == []


def test_a_run_whose_rules_tie_amounts_is_tried_too() -> None:
    text = SEATS.rstrip()[:-1] + ", rules: [{id: half, group_share: z, at_most: 0.9}]}\n"
    (said,) = unasked(
        text.replace("{people: {}}", "{people: {}, z: {type: text}}"),
        people=[6, 6, 2],
        z=["a", "b", "a"],
    )
    assert "budget raised by 1, from 0 more: 003, pool 'p', 2 against 1" in said


def test_where_the_lesser_score_is_the_better_no_better_score_is_tried() -> None:
    text = """
    variables: {x: {}}
    evaluation: {rank: {order: ascending}, tree: [{id: a, points: 100, value: x, score: {goalposts: [0, 10]}}]}
    allocation: {unit: u, budget: 100, pools: {p: {share: 1, weight: 100 - score}}}
    """
    finding = found("score", text, x=[2, 5])
    assert not finding.trials
    assert "lesser score" in finding.en


def test_contributions_that_grow_are_no_counter_example() -> None:
    text = """
    variables: {own: {}}
    allocation: {unit: u, pools: {fund: {amount: -100, negative: allow, weight: own}}}
    """
    finding = found("budget", text, own=[6, 4])
    assert not finding.against
    assert unasked(text, own=[6, 4]) == []


PANEL = """
model: panel
language: en
data: {region: code, period: year}
variables: {people: {missing: error}, merit: {missing: error}}
derived: {last: "if_missing(previous(twice_base), 0) / 2", twice_base: 2 * base}
allocation:
  unit: u
  budget: 1000
  pools:
    base: {share: 0.8, weight: people}
    award: {share: 0.2, weight: people * merit}
  rules:
    - {id: keep, floor: "0.95 * if_missing(previous(base), 0)", pool: base}
    - {id: old, floor: "0.5 * if_missing(previous(base, 2), 0)", pool: base}
    - {id: grow, cap: "1.1 * if_missing(previous(base), 9999)", pool: base}
    - {id: sum, floor: "0.9 * if_missing(previous(amount), 0)"}
    - {id: name, floor: 0.9 * last, pool: base}
    - {id: again, floor: "20 * if_missing(previous(people), 0)", pool: base}
    TIE
"""
OVER_YEARS: dict[str, list[object]] = {
    "code": [*"abcd", *"dcba", "a", "aa", *"bcd"],
    "year": ["2021"] * 4 + ["2022"] * 4 + ["2023"] * 5,
    "people": [10, 6, 7, 4, 5, 7, 5, 11, 9, 2, 6, 9, 9],
    "merit": [1, 2, 2, 1, 2, 1, 2, 1, 3, 2, 1, 1, 2],
}


@pytest.mark.parametrize("tie", ["", "- {id: ratio, ratio: 0.6, pool: award, to: base}"])
def test_halves_look_back_at_halves_of_the_money_and_twins_at_the_same(tie: str) -> None:
    model = model_of(PANEL.replace("TIE", tie))
    run = run_on(model, OVER_YEARS)
    before = run.periods["2022"].env
    columns = dict(before.columns)
    split, equals = search(run, run.last, trials=20, split=["people"], promises=["split", "equals"])
    assert split.holds, split.against[:1]
    assert (split.trials, split.impossible) == (5, 0)
    assert equals.holds, equals.against[:1]
    assert all(before.columns[name] is column for name, column in columns.items())


def test_a_cut_off_in_earlier_money_breaks_the_halves_for_whom_they_pass_it() -> None:
    rules = PANEL[PANEL.index("  rules:") :]
    cap = (
        "  rules: [{id: big, cap: 150, pool: base, where: 'if_missing(previous(base), 0) > 150'}]\n"
    )
    run = run_on(model_of(PANEL.replace(rules, cap)), OVER_YEARS)
    (split,) = search(run, run.last, trials=20, split=["people"], promises=["split"])
    # d alone had more than 150 the year before, 350 of which a half is 175: both are capped
    (example,) = split.against
    assert (example.region, example.first) == ("d", 150)
    assert example.second > example.first
