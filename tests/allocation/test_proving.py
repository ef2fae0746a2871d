"""Runs rounded by divisor methods are proved by the claims alone, and a moved unit is found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reliefperf.allocation.proving import prove
from reliefperf.model.signposts import NAMED
from reliefperf.scenarios.running import run
from reliefperf.scenarios.verifying import verify
from tests.allocation.paying import amounts, build, pay

TEXT = """
variables: {votes: {missing: error}, zone: {type: text}}
allocation:
  unit: seat
  pools: {seats: {%s, weight: votes, rounding: %s}}
%s"""
RULES = "  rules: [{id: least, floor: 1}, {id: most, cap: 9}]\n"
VOTES = [5300, 2410, 2330, 790, 20, 1500]
ZONES = ["a", "b", "a", "b", "a", "b"]
METHODS = [*NAMED, "{divisor: n + 1/3}", "{divisor: 1 + n/2}", "{divisor: sqrt(n * (n + 1) + 1/7)}"]


@pytest.mark.parametrize("rules", ["", RULES])
@pytest.mark.parametrize("total", ["amount: 21", "amount: 21, by: zone"])
@pytest.mark.parametrize("rounding", METHODS)
def test_units_are_proved_and_a_moved_one_is_found(rounding: str, total: str, rules: str) -> None:
    text = TEXT % (total, rounding, rules)
    done = pay(text, votes=VOTES, zone=ZONES)
    allocation = done.last.allocation
    assert allocation is not None
    model = build(text)
    assert not prove(model, done.last.env, allocation, None).failures
    result = allocation.pools["seats"]
    groups = result.pool.groups
    for i in range(6):
        for j in range(6):
            if i == j or groups[i] != groups[j] or not result.units[j]:
                continue
            units = tuple(u + (k == i) - (k == j) for k, u in enumerate(result.units))
            moved = replace(allocation, pools={"seats": replace(result, units=units)})
            failures = prove(model, done.last.env, moved, None).failures
            assert failures, (i, j)
            assert all(zh and zh != en for en, zh in failures)


def test_a_unit_that_is_missing_is_found() -> None:
    text = TEXT % ("amount: 21", "dhondt", "")
    done = pay(text, votes=VOTES, zone=ZONES)
    assert done.last.allocation is not None
    result = done.last.allocation.pools["seats"]
    short = replace(result, units=(result.units[0] - 1, *result.units[1:]))
    moved = replace(done.last.allocation, pools={"seats": short})
    said = " ".join(en for en, _ in prove(build(text), done.last.env, moved, None).failures)
    assert "add up" in said


@pytest.mark.parametrize("rounding", [*METHODS, "largest_remainder", "down"])
def test_a_run_of_one_pool_without_a_rule_verifies(rounding: str, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    text = f"""
model: seats
language: en
data: {{file: data.csv, region: code}}
variables: {{votes: {{missing: error}}}}
allocation:
  unit: seat
  pools: {{seats: {{amount: 8, weight: votes, rounding: {rounding}}}}}
"""
    (tmp_path / "model" / "model.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "model" / "data.csv").write_text(
        "code,votes\nP,100000\nQ,80000\nR,30000\nT,20000\n", encoding="utf-8"
    )
    done = run(tmp_path / "model", output=tmp_path / "out")
    if rounding == "dhondt":
        assert amounts(done) == [4, 3, 1, 0]
    found = verify(tmp_path / "out")
    assert found.holds, [failure.en for failure in found.failures]
    table = (tmp_path / "out" / "allocation.csv").read_text(encoding="utf-8")
    other = table.replace("P,seats", "Q,seats", 1)
    (tmp_path / "out" / "allocation.csv").write_text(other, encoding="utf-8")
    assert not verify(tmp_path / "out").holds
