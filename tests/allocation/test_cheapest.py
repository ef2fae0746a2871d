"""The cheapest relaxation costs no more than scipy's linear programs, priority by priority."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from reliefperf.allocation.relaxing import RELAXED
from reliefperf.scenarios.running import Run, read_data, run_model
from tests.allocation.paying import build, frame

type Row = tuple[str, list[float], float, float]
"""A rule, its coefficients, and what it asks at least and allows at most."""

TEXT = """
variables: {w: {missing: error}, zone: {type: text}, lo: {}, hi: {}}
allocation:
  unit: yuan
  smallest: '0.01'
  budget: %d
  pools: {grant: {share: 1, weight: w}}
  rules:
    - {id: low, floor: lo%s}
    - {id: high, cap: hi%s}
    - {id: zones, group_share: zone, at_least: %s%s}
  %s
"""


def given_way(run: Run) -> dict[str, float]:
    """By rule, the money by which rows are missed before whole units, soft rules among them."""
    assert run.last.allocation is not None
    program = run.last.allocation.program
    assert program is not None
    found: dict[str, float] = {}
    for item in program.solved[RELAXED].missed:
        found[item.rule] = found.get(item.rule, 0.0) + item.amount
    return found


def least(rows: Sequence[Row], budget: float, levels: Sequence[set[str]]) -> list[float]:
    """The least money of each level, after the levels before it; rows of no level must hold."""
    n_amounts, n_rows = len(rows[0][1]), len(rows)
    total = np.concatenate([np.ones(n_amounts), np.zeros(n_rows)])[None, :]
    above, sides = [], []
    for i, (_, terms, low, high) in enumerate(rows):
        slack = np.zeros(n_rows)
        slack[i] = 1.0
        for sign, side in ((-1.0, -low), (1.0, high)):
            if np.isfinite(side):
                above.append(np.concatenate([sign * np.array(terms), -slack]))
                sides.append(side)
    named = set().union(*levels)
    bounds = [(0.0, None)] * n_amounts
    bounds += [(0.0, None if rule in named else 0.0) for rule, *_ in rows]
    reached = []
    for level in levels:
        costs = np.array([0.0] * n_amounts + [float(rule in level) for rule, *_ in rows])
        found = linprog(costs, np.array(above), sides, total, [budget], bounds)
        assert found.success
        reached.append(float(found.fun))
        above.append(costs)
        sides.append(found.fun + 1e-9)
    return reached


def rows_of(columns: Mapping[str, Sequence[Any]], budget: float, tenths: int) -> list[Row]:
    """What the rules of TEXT ask of the amounts."""
    n = len(columns["w"])
    ones = np.eye(n).tolist()
    rows: list[Row] = [("low", ones[i], columns["lo"][i], np.inf) for i in range(n)]
    rows += [("high", ones[i], -np.inf, columns["hi"][i]) for i in range(n)]
    for name in sorted(set(columns["zone"])):
        terms = [float(zone == name) for zone in columns["zone"]]
        rows.append(("zones", terms, budget * tenths / 10, np.inf))
    return rows


def check(
    columns: Mapping[str, Sequence[Any]],
    budget: int,
    tenths: int,
    soft: Sequence[str],
    relax: str,
    levels: Sequence[set[str]],
) -> dict[str, float]:
    text = TEXT % (budget, soft[0], soft[1], tenths / 10, soft[2], relax)
    model = build(text)
    run = run_model(model, read_data(model, frame(**columns)), relax="apply")
    assert run.last.allocation is not None
    wanted = least(rows_of(columns, budget, tenths), budget, levels)
    if run.last.allocation.relax != "apply":
        hard = [level for level, value in zip(levels, wanted, strict=True) if value > 1e-6]
        names = {"low", "high", "zones"}
        softly = {name for name, way in zip(("low", "high", "zones"), soft, strict=True) if way}
        assert all(level <= softly for level in hard), (names, wanted)
        return {}
    got = given_way(run)
    sums = [sum(got.get(rule, 0.0) for rule in level) for level in levels]
    assert sums == pytest.approx(wanted, abs=1e-5)
    return got


FOUR = {
    "w": [10, 30, 10, 50],
    "zone": ["hill", "plain", "hill", "plain"],
    "lo": [30, 30, 30, 30],
    "hi": [60, 60, 60, 35],
}


def test_floors_and_caps_alike():
    # floors of 120 beside a total of 100: 20, whoever bears it
    got = check(FOUR, 100, 0, ("", "", ""), "", [{"low", "high", "zones"}])
    assert sum(got.values()) == pytest.approx(20)


PLAINS = {**FOUR, "lo": [0, 50, 0, 50], "hi": [60, 20, 60, 35]}
"""The floors want all of 100 for the plains, a share of 0.7 for each zone 70 for the hills."""


@pytest.mark.parametrize(
    ("relax", "levels", "low", "zones"),
    [
        ("relax: [zones, low]", [{"low"}, {"zones"}], 0, 70),
        ("relax: [low, zones]", [{"zones"}, {"low"}], 30, 40),
    ],
)
def test_what_is_listed_first_gives_way_first(relax, levels, low, zones):
    columns = {**PLAINS, "hi": [100] * 4}
    got = check(columns, 100, 7, ("", "", ""), relax, levels)
    assert got.get("low", 0.0) == pytest.approx(low, abs=1e-6)
    assert got["zones"] == pytest.approx(zones)


def test_soft_rules_give_way_before_hard_ones():
    levels = [{"low"}, {"high"}, {"zones"}]
    got = check(PLAINS, 90, 7, ("", ", soft: 1", ", soft: 2"), "", levels)
    # 90 for floors of 100: all goes to the plains; their caps of 55 are passed by 35
    assert got["low"] == pytest.approx(10)
    assert got["high"] == pytest.approx(35)
    assert got["zones"] == pytest.approx(63)


WAYS = [
    (("", "", ""), "", [{"low", "high", "zones"}]),
    (("", "", ""), "relax: [low, high, zones]", [{"zones"}, {"high"}, {"low"}]),
    (("", "", ""), "relax: [zones, [low, high]]", [{"low", "high"}, {"zones"}]),
    (("", ", soft: 1", ", soft: 2"), "", [{"low"}, {"high"}, {"zones"}]),
    ((", soft: 2", "", ", soft: 1"), "", [{"high"}, {"zones"}, {"low"}]),
    ((", soft: 1", "", ""), "relax: [high, zones]", [{"zones"}, {"high"}, {"low"}]),
]


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 9), st.sampled_from("abc"), st.integers(0, 60), st.integers(0, 60)
        ),
        min_size=2,
        max_size=6,
    ),
    st.integers(10, 150),
    st.integers(0, 9),
    st.sampled_from(WAYS),
)
def test_no_relaxation_is_cheaper(regions, budget, tenths, way):
    w, zone, low, high = (list(column) for column in zip(*regions, strict=True))
    columns = {"w": w, "zone": zone, "lo": low, "hi": high}
    check(columns, budget, tenths, *way)
