"""Whole units of pools that are one program, where rules give way for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import permutations
from pathlib import Path
from textwrap import dedent
from typing import Any

import pandas as pd
import pytest

from reliefperf.allocation import rounding
from reliefperf.allocation import units as units_module
from reliefperf.errors import InfeasibleError, Note
from reliefperf.scenarios.running import read_data, run, run_model
from reliefperf.scenarios.verifying import verify
from tests.allocation.paying import amounts, build, frame, pay

TEXT = """
variables: {w: {missing: error}}
allocation:
  unit: yuan
  smallest: %s
  budget: 99
  relax: [low]
  pools: {grant: {share: 1, weight: w}}
  rules: [{id: low, floor: 40}, {id: high, cap: 60}]
"""


@pytest.mark.parametrize("smallest", ["1", "0.01"])
def test_units_are_sought_once_where_no_rule_gives_way_for_them(
    monkeypatch: pytest.MonkeyPatch, smallest: str
) -> None:
    sought = []
    found = rounding.controlled_rounding

    def counted(*args: object, **named: object) -> rounding.Rounded:
        sought.append(args)
        return found(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(rounding, "controlled_rounding", counted)
    model = build(TEXT % smallest)
    # by_step: with steps a run looks for counter-examples to fairness too
    data = read_data(model, frame(w=[1, 1, 1]))
    done = run_model(model, data, relax="apply", by_step=False)
    assert amounts(done) == [33, 33, 33]
    assert len(sought) == 1


RATIO = """
variables:
  {zone: {type: text}, w0: {missing: error}, w1: {missing: error}, w2: {missing: error},
   last: {missing: error}, own: {missing: error}, need: {missing: error}}
allocation:
  unit: yuan
  need: need
  previous_amount: last
  pools:
%s
  rules:
%s
  objectives: [shortfall, {name: entitlement}]
"""
POOLS = [
    "    p: {amount: 283, weight: w0}",
    "    q: {amount: 116, weight: w1}",
    "    r: {amount: 101, weight: w2}",
]
RULES = [
    "    - {id: ratio0, ratio: 2.44, pool: p, to: q, side: at_most}",
    "    - {id: gl1, growth_limit: 1.56, previous: last, soft: 2}",
    "    - {id: match2, matching: 7.4, own: own, pool: q, soft: 2}",
    "    - {id: gl3, growth_limit: 0.97, previous: last}",
    "    - {id: ratio4, ratio: 0.54, pool: p, to: r, side: at_most, soft: 2}",
]
COLUMNS: dict[str, list[object]] = {
    "zone": ["x", "z", "z", "x", "y", "z"],
    "w0": [9, 57, 50, 21, 38, 57],
    "w1": [10, 9, 3, 22, 11, 43],
    "w2": [60, 50, 11, 37, 17, 52],
    "last": [114, 167, 167, 170, 70, 42],
    "own": [34, 25, 4, 1, 14, 6],
    "need": [184, 55, 162, 288, 293, 151],
}


def paid(text: str, rows: pd.DataFrame) -> tuple[dict[tuple[str, str], str], list[Note]]:
    model = build(text)
    done = run_model(model, read_data(model, rows), by_step=False)
    table = done.allocation
    assert table is not None
    money = {(row.region, row.pool): str(row.amount) for row in table.itertuples()}
    return money, list(done.notes)


def test_the_order_of_rules_pools_and_regions_changes_no_unit_of_a_hard_rounding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Multiples of 61 and 25 alone keep the ratio: units move far, and many are equally near."""
    monkeypatch.setattr(units_module, "MAX_NODES", 4_000)
    rows = frame(**COLUMNS)
    money, notes = paid(RATIO % ("\n".join(POOLS), "\n".join(RULES)), rows)
    mixed = "\n".join(POOLS[i] for i in (2, 0, 1)), "\n".join(RULES[i] for i in (4, 1, 3, 0, 2))
    other, _ = paid(RATIO % mixed, rows.iloc[[5, 0, 3, 1, 4, 2]].reset_index(drop=True))
    assert other == money
    said = {note.kind: note for note in notes}
    assert "42.944 units (004, pool 'p': from 18.056 to 61)" in said["rounding-repaired"].en
    assert "42.944 个单位（004，资金池“p”：由 18.056 变为 61）" in said["rounding-repaired"].zh
    assert "not proved: the solver stopped with 'Solution limit" in said["rounding-not-proved"].en


PAIRS = """
variables: {w: {missing: error}, v: {missing: error}, last: {missing: error}}
allocation:
  unit: yuan
  pools: {base: {amount: 41, weight: w}, award: {amount: 27, weight: v}}
  rules:
    - {id: keep, hold_harmless: 0.9, previous: last}
    - {id: ratio, ratio: 0.8, pool: award, to: base}
"""
PAIRED: dict[str, list[object]] = {
    "w": [3, 5, 7, 4, 6],
    "v": [4, 3, 6, 2, 5],
    "last": [12, 15, 19, 8, 15],
}


def test_a_unit_moved_where_rounding_was_mended_is_found_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "m").mkdir()
    text = "model: m\nlanguage: en\ndata: {file: data.csv, region: code}\n" + dedent(PAIRS)
    (tmp_path / "m" / "model.yaml").write_text(text, encoding="utf-8")
    frame(**PAIRED).to_csv(tmp_path / "m" / "data.csv", index=False)
    honest = run(tmp_path / "m", output=tmp_path / "honest")
    assert any(note.kind == "rounding-repaired" for note in honest.notes)
    assert verify(tmp_path / "honest").holds
    found = rounding.controlled_rounding
    forged = []

    def forge(values: Sequence[Fraction], rows: Any, totals: Any, **named: Any) -> Any:
        honest = found(values, rows, totals, **named)
        for a, b in permutations(range(len(values)), 2):
            units = [u + (k == a) - (k == b) for k, u in enumerate(honest.units)]
            total = [sum(units[j] for j in t.columns) for t in totals]
            kept = all(row.holds(units, named["unit"]) for row in rows)
            fits = all(
                t.least_units <= s <= t.most_units for t, s in zip(totals, total, strict=True)
            )
            if kept and fits and units[b] >= 0:
                forged.append((a, b))
                return replace(honest, units=tuple(units))
        return honest

    monkeypatch.setattr(rounding, "controlled_rounding", forge)
    run(tmp_path / "m", output=tmp_path / "forged")
    monkeypatch.undo()
    assert forged
    failures = verify(tmp_path / "forged").failures
    said = " ".join(failure.en for failure in failures)
    assert "other whole units keep every row and are nearer to the amounts" in said
    assert all(failure.zh != failure.en for failure in failures)


CLASH = """
variables: {w: {missing: error}, v: {missing: error}}
allocation:
  unit: yuan
  pools: {p: {amount: 5, weight: w}, q: {amount: 5, weight: v}}
  rules: [{id: c, cap: 3.75}%s]
"""


def test_rules_that_clash_in_whole_units_are_named_with_a_relaxation() -> None:
    model = build(CLASH % ", {id: idle, cap: 9, pool: p}")
    rows = frame(w=[1, 2, 3], v=[3, 2, 1])
    with pytest.raises(InfeasibleError) as caught:
        run_model(model, read_data(model, rows), relax="offer")
    first, second = caught.value.mistakes
    assert (
        "no whole units keep all of these: the total of pool 'p': exactly 5; the total of pool 'q': "
        "exactly 5; rule 'c', 001: at most 3.75 (so 3); rule 'c', 002: at most 3.75 (so 3); rule "
        "'c', 003: at most 3.75 (so 3). The nearest break rule 'c'"
    ) in first.en
    assert "规则“c”，001：不高于 3.75（即 3）" in first.zh
    assert "A relaxation by units: 'c' by 0.25 yuan in all" in second.en
    assert "按整数单位的放宽" in second.zh
    (header, row) = caught.value.remedy
    assert header[:4] == ("rule", "row", "side", "limit")
    assert (row[0], *row[2:]) == ("c", "high", "3.75", "0.25", "4", "1")
    relaxed = run_model(model, read_data(model, rows), relax="apply")
    assert [str(amount) for amount in amounts(relaxed)].count("4") == 1


TIED = """
variables: {{n: {{missing: error}}, top: {{missing: error}}}}
allocation:
  unit: yuan
  leftover: {leftover}
  pools: {{g: {{amount: 200, weight: n}}, h: {{amount: 100, weight: n}}}}
  rules: [{{id: top, cap: top}}]
"""


@pytest.mark.parametrize("leftover", ["redistribute", "redistribute_then_return"])
def test_units_that_caps_on_totals_leave_are_not_paid_to_who_has_no_weight(leftover, tmp_path):
    n, top = [50] * 10 + [0], [20.9] * 9 + [900, 5000]
    run = pay(TIED.format(leftover=leftover), n=n, top=top)
    allocation = run.last.allocation
    assert allocation.units("total")[-1] == 0
    assert max(allocation.units("total")[:9]) == 20
    if leftover == "redistribute":
        assert [sum(allocation.units(pool)) for pool in "gh"] == [200, 100]
    assert "borne-by-none" not in [note.kind for note in run.notes]
    run.write(tmp_path / "out")
    assert verify(tmp_path / "out").holds


def test_units_that_only_regions_without_weight_can_take_are_said_to_go_there(tmp_path):
    n, top = [50] * 10 + [0], [20.9] * 10 + [5000]
    text = TIED.format(leftover="redistribute").replace("200", "140").replace("100", "69")
    run = pay(text, n=n, top=top)
    assert run.last.allocation.units("total") == [20] * 10 + [9]
    (said,) = [note for note in run.notes if note.kind == "borne-by-none"]
    assert "leave no other way" in said.en
    run.write(tmp_path / "out")
    assert verify(tmp_path / "out").holds
