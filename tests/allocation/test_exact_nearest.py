"""Amounts of a program with few rows of several amounts are exact."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reliefperf.allocation.exact_face import Face
from reliefperf.allocation.exact_nearest import nearest
from reliefperf.allocation.program import ExactRow
from reliefperf.errors import InfeasibleError
from reliefperf.scenarios.loading import load_model
from reliefperf.scenarios.running import Run, read_data, run_model
from reliefperf.scenarios.verifying import verify
from tests.allocation.paying import amounts, pay

TEXT = """
variables: {w: {missing: error}, zone: {type: text}}
allocation:
  unit: yuan
  smallest: '0.01'
  budget: %d
  pools: {fund: {share: 1, weight: w}}
  rules: [{id: top, group_share: zone, at_most: %s}, {id: low, floor: 0.01 * budget}]
"""


def exactly(run: Run) -> list[Fraction]:
    """The amounts before whole units."""
    assert run.last.allocation is not None
    return run.last.allocation.before_units("fund")


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 99), st.sampled_from(["a", "b", "c"])), min_size=4, max_size=12
    ),
    st.sampled_from(["0.4", "0.45", "1/2"]),
)
@example([(3, "a"), (5, "b"), (7, "c"), (9, "b"), (50, "c")], "0.4")
def test_amounts_scale_with_the_budget_to_the_last_digit(rows, share):
    columns = {"w": [w for w, _ in rows], "zone": [zone for _, zone in rows]}
    try:
        small = exactly(pay(TEXT % (10**4, share), **columns))
    except InfeasibleError:
        return
    large = exactly(pay(TEXT % (10**12, share), **columns))
    assert [10**8 * amount for amount in small] == large
    assert sum(large) == 10**12


def test_capped_groups_are_paid_their_caps_and_each_side_keeps_its_proportions(tmp_path: Path):
    rng = np.random.default_rng(7)
    rows = [(f"r{i:02d}", f"s{i % 7}", int(rng.integers(1, 10**6))) for i in range(60)]
    lines = ["r,zone,w", *(",".join(map(str, row)) for row in rows)]
    (tmp_path / "data.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    head = "model: m\nlanguage: en\ndata: {file: data.csv, region: r}"
    text = (head + TEXT % (329_678_000_000, "0.15")).replace(
        ", {id: low, floor: 0.01 * budget}", ""
    )
    (tmp_path / "model.yaml").write_text(text, encoding="utf-8")
    model = load_model(tmp_path)
    run = run_model(model, read_data(model))
    whole = {f"s{k}": [i for i in range(60) if i % 7 == k] for k in range(7)}
    amounts, cap = exactly(run), Fraction(15, 100) * 329_678_000_000
    weights = [row[2] for row in rows]
    parts = {zone: sum((amounts[i] for i in own), Fraction(0)) for zone, own in whole.items()}
    capped = [zone for zone, part in parts.items() if part == cap]
    assert capped
    assert max(parts.values()) == cap
    for zone in capped:
        assert len({amounts[i] / weights[i] for i in whole[zone]}) == 1
    free = [i for zone, own in whole.items() if zone not in capped for i in own]
    assert len({amounts[i] / weights[i] for i in free}) == 1
    rules = {row[0]: row for row in run.rules_table[1]}
    assert (int(rules["top"][6]), int(rules["top"][8])) == (len(capped), 0)  # binding, missed
    assert verify(run.write(tmp_path / "out")).failures == []


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(1, 50), min_size=3, max_size=6),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 60)), min_size=6, max_size=6),
    st.integers(1, 200),
)
def test_the_nearest_point_meets_every_condition_of_the_minimum(targets, ends, total):
    """No move of money between two amounts that the limits allow comes nearer."""
    n = len(targets)
    low = [Fraction(a) for a, _ in ends[:n]]
    high = [Fraction(a + b) for a, b in ends[:n]]
    if not sum(low) <= total <= sum(high):
        return
    one = (Fraction(1),) * n
    row = ExactRow("pool", "", tuple(range(n)), one, Fraction(total), Fraction(total))
    exact = [Fraction(target) for target in targets]
    face = Face(exact, exact, [*low], [*high], [row])
    found = nearest(face, np.array([float((a + b) / 2) for a, b in zip(low, high, strict=True)]))
    assert found is not None
    assert sum(found) == total
    slopes = [(x - t) / t for x, t in zip(found, exact, strict=True)]
    for i in range(n):
        assert low[i] <= found[i] <= high[i]
        for j in range(n):
            if found[i] < high[i] and found[j] > low[j]:
                assert slopes[i] >= slopes[j]


def test_rows_that_follow_from_others_are_solved_and_contradictions_are_not():
    one = Fraction(1)
    both = (one, one)
    twice = (Fraction(2), Fraction(2))
    rows = [
        ExactRow("a", "", (0, 1), both, Fraction(10), Fraction(10)),
        ExactRow("b", "", (0, 1), twice, Fraction(20), Fraction(20)),
    ]
    targets = [Fraction(1), Fraction(4)]
    face = Face(targets, targets, [None, None], [None, None], rows)
    assert nearest(face, np.array([2.0, 8.0])) == [2, 8]
    rows[1] = ExactRow("b", "", (0, 1), twice, Fraction(21), Fraction(21))
    assert nearest(face, np.array([2.0, 8.0])) is None


MIXED = """
variables: {w: {}, e: {}, score: {}}
allocation:
  unit: yuan
  budget: %d
  pools:
    base: {amount: %d, weight: w}
    award: {amount: 1000, weight: e}
  rules:
    - {id: tie, ratio: 0.3, pool: award, to: base, where: e == 1}
    - {id: most, cap: %d, pool: award}
  objectives: [shortfall, %s]
"""


@pytest.mark.parametrize("base", [10**4, 10**9, 10**13])
def test_objectives_on_a_small_pool_beside_a_large_one_are_kept(base):
    """A point next to the solver's by the largest amount may be another by the small ones."""
    columns = {"w": [1, 1, 1, 1], "e": [1, 2, 3, 4], "merit": [50, 60, 70, 80]}
    text = MIXED.replace("score: {}", "merit: {}")
    best = "{name: performance, score: merit, pool: award}"
    run = pay(text % (base + 1000, base, 600, best), **columns)
    assert amounts(run, "award") == [0, 0, 400, 600]
    even = pay(text % (base + 1000, base, 350, "entitlement"), **columns)
    assert even.last.allocation is not None
    part = Fraction(650, 6)  # what the fourth leaves, in proportion
    assert even.last.allocation.before_units("award") == [part, 2 * part, 3 * part, 350]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["0.1", "0.3", "0.7", "1.1", "3"]), st.sampled_from("xyz")),
        min_size=4,
        max_size=7,
    ),
    st.sampled_from([3, 10, 100]),
)
def test_who_bears_what_is_a_matter_of_proportions_alone(rows, times):
    text = """
    variables: {b: {}, z: {type: text, values: [x, y, z]}}
    allocation:
      unit: yuan
      budget: 100
      pools: {fund: {share: 1, weight: 1, bear: b}}
      rules: [{id: g, group_share: z, at_most: 0.4}]
    """
    bear = [Fraction(b) for b, _ in rows]
    columns = {"z": [z for _, z in rows]}
    try:
        one, other = (
            exactly(pay(text, b=[float(b * by) for b in bear], **columns)) for by in (1, times)
        )
    except InfeasibleError:
        return
    assert one == other


def test_amounts_below_zero_have_no_other_end_because_of_the_pool_that_comes_first():
    """The lower end of a pool's amounts was that of the first pool's, here nothing."""
    text = """
    variables: {own: {}, w: {}}
    allocation:
      unit: yuan
      smallest: '0.01'
      pools: {%s}
      rules: [{id: r, ratio: 9, pool: q, to: p}]
    """
    pools = [
        "r: {amount: -30, weight: w, negative: allow}",
        "q: {amount: 60, each: own, bear: w, negative: allow}",
        "p: {amount: 90, weight: w}",
    ]
    paid = []
    for order in (pools, pools[::-1]):
        run = pay(text % ", ".join(order), own=[-40, 30, 30], w=[1, 2, 3])
        paid.append([amounts(run, pool) for pool in "pqr"])
    assert paid[0] == paid[1]
    assert min(paid[0][1]) < 0
