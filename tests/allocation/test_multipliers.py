"""Multipliers that a run stores where a search finds none: they prove it, and nothing else does."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from scipy import sparse

from reliefperf.allocation.checking import all_money, largest_gap, tier_gaps
from reliefperf.allocation.exact_program import ExactProgram
from reliefperf.allocation.exact_rows import in_money
from reliefperf.allocation.multipliers import _of_tier, proved
from reliefperf.allocation.program import (
    Coverage,
    Deviation,
    Linear,
    Multipliers,
    Program,
    RowFamily,
    Shortfall,
    Tier,
)
from reliefperf.allocation.solve import Infeasible, solve
from reliefperf.allocation.stationary import largest_move, stationary
from reliefperf.scenarios.loading import load_model
from reliefperf.scenarios.running import read_data, run_model
from reliefperf.scenarios.verifying import verify
from tests.scenarios.tampering import loaded_solvers, said, signed_again

many = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def program(seed: int) -> Program:
    """Small whole numbers, so that limits, targets and prices often meet in one point."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 9))
    targets, budget = rng.integers(0, 8, n).astype(float), float(rng.integers(1, 40))
    families: list[RowFamily] = []

    def rows(rule, matrix, low, high, soft=None):  # type: ignore[no-untyped-def]
        size = matrix.shape[0]
        sides = (np.broadcast_to(np.asarray(v, dtype=float), (size,)) for v in (low, high))
        names = tuple(f"{rule}{i}" for i in range(size))
        families.append(RowFamily(rule, names, sparse.csr_array(matrix), *sides, soft))

    def some(size: int) -> np.ndarray:
        return (rng.random((size, n)) < 0.5).astype(float)

    if rng.random() < 0.8:
        rows("budget", np.ones((1, n)), budget if rng.random() < 0.6 else -np.inf, budget)
    for rule, least, most in (("group", 0, 10), ("most", 5, 20)):
        if size := int(rng.integers(0, 4)):
            sides = rng.integers(least, most, size)
            rows(rule, some(size), *((sides, np.inf) if rule == "group" else (-np.inf, sides)))
    if size := int(rng.integers(0, 4)):
        pairs = np.zeros((size, n))
        for i in range(size):
            pairs[i, rng.choice(n, 2, replace=False)] = 1.0, -1.0
        rows("order", pairs, 0, np.inf)
    tiers: list[Tier] = []
    if size := int(rng.integers(0, 4)):
        tiers.append(Shortfall())
        high = np.inf if rng.random() < 0.7 else 20.0
        rows("soft", some(size), rng.integers(0, 20, size), high, 1)
        if rng.random() < 0.5:
            rows("own", np.eye(n), rng.integers(0, 10, n), np.inf, int(rng.integers(1, 3)))
    others: list[Tier] = [
        Deviation("entitlement", targets, np.ones(n, dtype=bool)),
        Deviation("change", rng.integers(0, 8, n).astype(float), rng.random(n) < 0.7),
        Coverage("coverage", rng.integers(1, 6, n).astype(float), rng.random(n) < 0.7),
        Linear("linear", rng.integers(-2, 3, n).astype(float)),
    ]
    tiers += [others[i] for i in rng.permutation(4)[: int(rng.integers(0, 4))]]
    names = tuple(f"c{j}" for j in range(n))
    full = np.full(n, 30.0)
    return Program(names, np.zeros(n), full, tuple(families), tuple(tiers), targets)


@many
@given(seed=st.integers(0, 10**6))
@example(seed=219)
def test_every_solution_is_proved_and_worse_amounts_are_not(seed: int) -> None:
    made = program(seed)
    try:
        solution = proved(made, solve(made))
    except Infeasible:
        return
    problem = ExactProgram(made)
    allowed = largest_gap(all_money(problem, in_money(solution.amounts)))
    assert all(gap.gap <= allowed for gap in tier_gaps(problem, solution))
    assert stationary(problem, solution).moves <= largest_move(solution.amounts)
    again = proved(made, solve(made))
    assert json.dumps(again.amounts.tolist()) == json.dumps(solution.amounts.tolist())
    assert (again.nearness is None) == (solution.nearness is None)
    # whatever multipliers are stated, no gap is below what the amounts could gain
    rng = np.random.default_rng(seed)
    for k in range(len(made.tiers) and len(solution.tiers)):
        wrong = Multipliers(
            tuple(rng.normal(size=len(f.names)) for f in made.families),
            tuple(rng.uniform(0, 3, k).tolist()),
        )
        (gap,) = tier_gaps(problem, replace(solution, multipliers={k: wrong}))[k : k + 1]
        assert float(gap.gap) > -1e-5


@pytest.mark.parametrize("seed", [7, 122, 244, 319, 432, 449])
def test_tiers_that_the_search_could_not_prove_are_proved(seed: int) -> None:
    made = program(seed)
    problem = ExactProgram(made)
    solution = solve(made)
    assert max(float(gap.gap) for gap in tier_gaps(problem, solution)) > 0.5
    solution = proved(made, solution)
    assert solution.multipliers
    assert max(float(gap.gap) for gap in tier_gaps(problem, solution)) < 1e-6


@many
@given(seed=st.integers(0, 10**6))
def test_a_vertex_is_never_taken_for_the_nearest_point(seed: int) -> None:
    """Not by the prices of its tiers, and not by any prices beside multipliers that prove them."""
    made = program(seed)
    try:
        nearest, vertex = solve(made), solve(made, equal_treatment=False)
    except Infeasible:
        return
    distance = float(np.abs(vertex.amounts - nearest.amounts).max())
    assume(distance > 1e-3)
    problem = ExactProgram(made)
    assert stationary(problem, vertex).moves > 0.99 * distance
    stored = {k: _of_tier(problem, vertex, k) for k in range(len(problem.objectives))}
    assume(all(stored.values()))
    rng = np.random.default_rng(seed)
    prices = [tuple(rng.normal(size=len(f.names)) for f in made.families) for _ in stored]
    forged = replace(vertex, multipliers=stored, prices=tuple(prices))
    allowed = largest_gap(all_money(problem, in_money(vertex.amounts)))
    assert all(gap.gap <= allowed for gap in tier_gaps(problem, forged))
    assert stationary(problem, forged).moves > 0.99 * distance
    assert stationary(problem, proved(made, forged)).moves > 0.99 * distance


TWO = """\
model: m
language: en
data: {file: data.csv, region: code}
variables: {w: {}, last: {}, need: {}, zone: {type: text}}
allocation:
  unit: yuan
  budget: 1000
  leftover: return
  need: need
  objectives: [shortfall, {name: coverage, within: 0.05}]
  pools:
    p0: {amount: 497, weight: w}
    p1: {amount: 503, weight: w}
  rules:
    - {id: r0, group_share: zone, at_most: 0.3, pool: p1}
    - {id: r1, hold_harmless: 0.9, previous: last}
"""
TWO_ROWS = "code,zone,w,last,need\nr00,a,4.64,12.03,343.3\nr01,b,15.86,536,669\n"


def folder_of(base: Path, text: str, rows: str, relax: str = "never") -> Path:
    """The folder of a run."""
    (base / "model").mkdir(parents=True)
    (base / "model" / "model.yaml").write_text(dedent(text), encoding="utf-8")
    (base / "model" / "data.csv").write_text(rows, encoding="utf-8")
    model = load_model(base / "model")
    done = run_model(model, read_data(model), relax=relax)  # type: ignore[arg-type]
    done.write(base / "out")
    return base / "out"


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder_of(tmp_path_factory.mktemp("two"), TWO, TWO_ROWS)


def programs_of(folder: Path) -> list[dict]:
    stated = json.loads((folder / "certificate.json").read_text(encoding="utf-8"))
    return list(stated["periods"][""]["programs"])


def test_a_run_stores_multipliers_and_verifies_by_them_without_a_solver(two: Path) -> None:
    assert any("nearness" in one for one in programs_of(two))
    assert verify(two).failures == []
    assert loaded_solvers(two) == "[]"


def test_the_same_inputs_store_the_same_multipliers(two: Path, tmp_path: Path) -> None:
    again = folder_of(tmp_path, TWO, TWO_ROWS)
    name = "certificate.json"
    assert (again / name).read_bytes() == (two / name).read_bytes()


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("by", [0.05, None])
def test_a_changed_or_missing_multiplier_fails(two, tmp_path, signed, by):
    out = tmp_path / "out"
    shutil.copytree(two, out)
    path = out / "certificate.json"
    stated = json.loads(path.read_text(encoding="utf-8"))
    one = next(p for p in stated["periods"][""]["programs"] if "nearness" in p)
    if by is None:
        del one["nearness"]
    else:
        rule = max(one["nearness"], key=lambda r: max(map(abs, one["nearness"][r].values())))
        row = max(one["nearness"][rule], key=lambda i: abs(one["nearness"][rule][i]))
        one["nearness"][rule][row] *= 1 + by
    path.write_text(json.dumps(stated, indent=1) + "\n", encoding="utf-8")
    if signed:
        signed_again(out)
    found = verify(out)
    assert any(failure.file == "certificate.json" for failure in found.failures), said(found)


ORDER = """\
model: m
language: en
data: {file: data.csv, region: code}
variables: {w: {missing: error}, need: {missing: error}, lo: {}}
allocation:
  unit: yuan
  budget: 100
  need: need
  pools: {p: {share: 1, weight: w}}
  rules: [{id: low, floor: lo}, {id: order, order: need, per: w}]
  objectives: [coverage]
"""


def test_a_relaxed_coverage_is_proved_and_the_rule_that_gave_way_is_named(tmp_path: Path) -> None:
    """The search left a gap of 724: it needs 6.4 times the multipliers of the shortfall."""
    rows = "code,w,need,lo\na,3,30,0\nb,3,50,0\nc,5,40,80\n"
    out = folder_of(tmp_path / "a", ORDER, rows, "apply")
    assert [tier.get("multiples") for tier in programs_of(out)[0]["tiers"]][1]
    found = verify(out)
    assert found.failures == []
    assert found.proofs[""].largest_gap < 1e-6
    only_order = ORDER.replace("[coverage]", "[entitlement]\n  relax: [order]")
    out = folder_of(tmp_path / "b", only_order, rows, "apply")
    found = verify(out)
    assert found.failures == []
    ((en, zh),) = found.proofs[""].bounds
    assert en.startswith("rule order: it gave way in 1 row(s) by ")
    assert "elsewhere the paid amounts keep it exactly" in en
    assert "放宽" in zh
