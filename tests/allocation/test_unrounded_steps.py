"""Steps of the calculation that are not rounded: fractions go on, only money is in whole units."""

from fractions import Fraction
from pathlib import Path

import pytest

import reliefperf
from reliefperf.scenarios.results.money import calculation_table
from reliefperf.scenarios.verifying import verify
from tests.building import mistakes_of, model_of, run_on

MODEL = """\
model: m
language: en
variables: {w: {missing: error}, v: {missing: error}}
allocation:
  unit: percent
  smallest: '0.001'
  pools:
    first: {amount: %s, weight: w, paid: false%s}
    second: {amount: 100, weight: v, paid: false, rounding: none}
    scale: {amount: 100, weight: first + second}
  rules:
    - {id: low, floor: 1, pool: first}
    - {id: high, cap: 40, pool: first}
"""
ROWS = {"region": ["A", "B", "C", "D"], "w": [700, 200, 100, 0.01], "v": [1, 1, 1, 4]}


def test_a_step_keeps_its_fractions_within_its_limits() -> None:
    run = run_on(model_of(MODEL % (100, ", rounding: none")), ROWS)
    (result,) = run.periods.values()
    allocation = result.allocation
    assert allocation is not None
    first = [Fraction(40), Fraction(118, 3), Fraction(59, 3), Fraction(1)]
    assert allocation.before_units("first") == first
    second = [Fraction(100, 7)] * 3 + [Fraction(400, 7)]
    exact = [(a + b) / 2 for a, b in zip(first, second, strict=True)]
    assert [float(one) for one in allocation.entitlements("scale")] == pytest.approx(
        [float(one) for one in exact], rel=1e-12
    )
    # 27.14286, 26.80952, 16.97619, 29.07143: the thousandth left goes to the remainder 0.85714
    assert [str(one) for one in allocation.amounts("scale")] == [
        "27.143",
        "26.810",
        "16.976",
        "29.071",
    ]
    assert "rounding" not in [row[2] for row in calculation_table(run)[1]]


def test_its_total_need_not_be_whole_units() -> None:
    run = run_on(model_of(MODEL % ("100 + 1/7", ", rounding: none")), ROWS)
    (result,) = run.periods.values()
    allocation = result.allocation
    assert allocation is not None
    assert sum(allocation.before_units("first")) == pytest.approx(100 + 1 / 7, rel=1e-12)


def test_what_limits_leave_of_an_unrounded_step_is_noted() -> None:
    text = (MODEL % (100, ", rounding: none, leftover: return")).replace("cap: 40", "cap: 20")
    run = run_on(model_of(text), ROWS)
    (note,) = [note for note in run.notes if note.kind == "leftover"]
    assert "pool 'first'" in note.en


@pytest.mark.parametrize(
    "pool",
    ["{amount: 10, weight: w, rounding: none}", "{each: w, rounding: none}"],
)
def test_money_is_always_rounded(pool: str) -> None:
    text = f"model: m\nvariables: {{w: {{}}}}\nallocation: {{unit: yuan, pools: {{p: {pool}}}}}\n"
    (mistake,) = mistakes_of(text)
    assert "is for a step of the calculation" in mistake.en


def test_all_pools_at_once_cannot_be_left_unrounded() -> None:
    text = (
        "model: m\nvariables: {w: {}}\n"
        "allocation: {unit: yuan, rounding: none, pools: {p: {amount: 1, weight: w}}}\n"
    )
    assert mistakes_of(text)


def test_a_written_run_verifies_and_a_changed_step_does_not(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    text = (MODEL % (100, ", rounding: none")).replace(
        "variables:", "data: {file: data.csv}\nvariables:"
    )
    (tmp_path / "m" / "model.yaml").write_text(text)
    rows = zip(*ROWS.values(), strict=True)
    lines = [",".join(ROWS), *(",".join(map(str, row)) for row in rows)]
    (tmp_path / "m" / "data.csv").write_text("\n".join(lines) + "\n")
    model = reliefperf.load_model(str(tmp_path / "m"))
    reliefperf.allocate(model, reliefperf.read_data(model)).write(tmp_path / "out")
    assert not verify(tmp_path / "out").failures
    table = tmp_path / "out" / "calculation.csv"
    table.write_text(table.read_text().replace("39.333333", "39.333334"))
    assert verify(tmp_path / "out").failures
