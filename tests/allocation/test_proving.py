"""Runs rounded by divisor methods are proved by the claims alone, and a moved unit is found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest

from reliefperf.allocation.proving import prove
from reliefperf.model.signposts import NAMED
from reliefperf.scenarios.loading import load
from reliefperf.scenarios.running import run, run_target
from reliefperf.scenarios.verifying import verify
from tests.allocation.paying import HEAD, amounts, build, frame, pay

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


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        # own amounts below zero that a cap keeps from adding up to the total, which is a ceiling
        (
            """
            variables: {own: {}, top: {}}
            allocation:
              unit: yuan
              leftover: return
              pools: {p: {amount: 0, each: own, bear: 1, negative: allow}}
              rules: [{id: r, cap: top, pool: p}]
            """,
            {"own": [-30, 20], "top": [-10, 5]},
        ),
        # nobody is eligible, and the program has no amounts
        (
            """
            variables: {w: {}, zone: {type: text}}
            allocation:
              unit: yuan
              leftover: return
              pools: {p: {amount: -1, weight: w, negative: allow, eligible: w > 5}}
              rules: [{id: r, group_share: zone, at_most: 0.9, pool: p}]
            """,
            {"w": [1, 2], "zone": ["a", "b"]},
        ),
        # much money, of which the best is to take nothing in
        (
            """
            variables: {w: {}, merit: {}, last: {}}
            allocation:
              unit: yuan
              smallest: '0.01'
              leftover: return
              objectives: [shortfall, {name: performance, score: merit, within: 0.05}, change]
              previous_amount: last
              pools: {p: {amount: -1000000000, weight: w, negative: allow}}
            """,
            {
                "w": [74.8, 74.8, 7, 2, 861, 12.3, 74.8, 6.25],
                "merit": [28.3, 28.3, 6.26, 2, 602, 53.92, 28.3, 3.82],
                "last": [1.66e8, 1.66e8, 19486043.18, 135874113, 9855946, 1.21e8, 1.66e8, 1.03e8],
            },
        ),
        # contributions that nobody has a weight for, in a program of very much money
        (
            """
            variables: {neg: {}, need: {}, w: {}}
            allocation:
              unit: yuan
              budget: 100000000000
              leftover: return
              need: need
              objectives: [shortfall, coverage, {name: performance, score: w}]
              pools: {p: {amount: -44878978730, weight: neg, negative: allow}}
              rules: [{id: r, floor: '-w', pool: p, if_short: scale}]
            """,
            {"neg": [0] * 12, "need": [4987937757.7] * 12, "w": [0] * 12},
        ),
    ],
)
def test_amounts_at_and_below_zero_verify(text, columns, tmp_path: Path) -> None:
    frame(**columns).to_csv(tmp_path / "data.csv", index=False)
    head = HEAD.replace("{region", "{file: data.csv, region")
    (tmp_path / "model.yaml").write_text(head + dedent(text), encoding="utf-8")
    run(tmp_path / "model.yaml", output=tmp_path / "out")
    assert verify(tmp_path / "out").failures == []


def test_a_relaxed_program_of_less_than_a_unit_of_money_verifies(tmp_path: Path) -> None:
    """The search left a gap of 0.11 on one yuan."""
    text = """
model: m
language: en
data: {file: data.csv, region: code}
variables:
  {zone: {type: text, values: [a, b]}, w: {}, last: {}, c: {}, at: {}, form: {}, m: {}}
allocation:
  unit: yuan
  smallest: '0.01'
  leftover: return
  pools:
    p0: {amount: 0.86, each: form - last, bear: w, leftover: redistribute_then_return}
    p1: {amount: 0.07, weight: w * 0.5 + 1, leftover: reserve}
    p2: {amount: at, weight: w, by: zone}
  rules:
    - {id: r0, growth_limit: 1.3, previous: last, pool: p2, where: zone == 'a'}
    - {id: r1, hold_harmless: 0.5, previous: last, pool: p1}
    - {id: r2, cap: 0.9 * c, pool: p0}
    - {id: r3, minimum_grant: m, pool: p0, drop: together}
"""
    rows = (
        "code,zone,w,last,c,at,form,m\nr00,b,20,0,1.3,0.08,0,0.10\n"
        "r01,b,1.2,0,0,0.08,0.0,0.15\nr02,b,5,1,1,0.08,1,1\n"
    )
    (tmp_path / "model.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "data.csv").write_text(rows, encoding="utf-8")
    done = run_target(load(tmp_path / "model.yaml"), relax="apply")
    done.write(tmp_path / "out")
    assert verify(tmp_path / "out").failures == []
