"""A tolerance on a least distance: how far it goes, what later objectives gain, and its proof."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from reliefperf.allocation.certificate import program_words
from reliefperf.errors import InfeasibleError, InputError
from reliefperf.scenarios.loading import load_model
from reliefperf.scenarios.running import Run, read_data, run_model
from reliefperf.scenarios.verifying import verify
from tests.allocation.paying import build

TEXT = """
model: m
language: en
data: {file: data.csv, region: code}
variables: {w: {missing: error}, last: {missing: error}, need: {missing: error}, lo: {}}
allocation:
  unit: yuan
  smallest: '0.01'
  budget: 100
  need: need
  previous_amount: last
  pools: {award: {share: 1, weight: w}}
  rules: [{id: low, floor: lo}, {id: most, cap: 60}, {id: all, group_share: w, at_most: 1}]
  objectives: [%s]
"""
ROWS = st.lists(
    st.tuples(st.integers(1, 9), st.integers(0, 80), st.integers(10, 99), st.integers(0, 15)),
    min_size=2,
    max_size=6,
)
few = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def made(folder: Path, objectives: str, rows: list[tuple[int, ...]], **how: str) -> Run:
    """The run of rows (w, last, need, lo) in a folder."""
    (folder / "model.yaml").write_text(TEXT % objectives, encoding="utf-8")
    lines = [",".join(map(str, (f"r{i}", *row))) for i, row in enumerate(rows)]
    text = "\n".join(["code,w,last,need,lo", *lines]) + "\n"
    (folder / "data.csv").write_text(text, encoding="utf-8")
    model = load_model(folder)
    return run_model(model, read_data(model), **how)  # type: ignore[arg-type]


def before_rounding(run: Run, n_rows: int) -> np.ndarray:
    """The amounts before whole units."""
    assert run.last.allocation is not None
    program = run.last.allocation.program
    assert program is not None
    return np.asarray(program.solved[program.last].amounts[:n_rows])


def nearest(target, low, need, most=None):
    """The least sum of distances; with `most` the greatest least coverage, turned, within it."""
    n = target.size
    zero, one, none = np.zeros((n, n)), np.eye(n), np.zeros((n, 1))
    above = [np.hstack([one, -one, none]), np.hstack([-one, -one, none])]
    sides = [target, -target]
    costs = np.concatenate([np.zeros(n), np.ones(n), [0.0]])
    if most is not None:
        above += [np.hstack([-one, zero, need[:, None]]), costs[None, :]]
        sides += [np.zeros(n), [most]]
        costs = np.concatenate([np.zeros(2 * n), [-1.0]])
    limits = [(x, 60.0) for x in low] + [(0, None)] * n + [(None, None)]
    total = np.concatenate([np.ones(n), np.zeros(n + 1)])[None, :]
    done = linprog(costs, np.vstack(above), np.concatenate(sides), total, [100.0], limits)
    assert done.success
    return done.fun


@few
@given(ROWS, st.sampled_from(["change", "entitlement"]), st.sampled_from([0.05, 0.3]))
def test_a_distance_is_worsened_by_its_tolerance_at_most_and_coverage_gains_all_of_it(
    tmp_path_factory, rows, name, within
):
    """Checked against linear programs written from scratch, over amounts and their distances."""
    assume(sum(row[3] for row in rows) <= 100 <= 60 * len(rows))
    folder = tmp_path_factory.mktemp("near")
    run = made(folder, f"{{name: {name}, within: {within}}}, coverage", rows)
    w, last, need, low = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    target = last if name == "change" else 100 * w / w.sum()
    found = before_rounding(run, len(rows))
    least = nearest(target, low, need)
    assert np.abs(found - target).sum() <= least * (1 + within) + 1e-5
    best = -nearest(target, low, need, most=least * (1 + within))
    assert (found / need).min() == pytest.approx(best, abs=1e-6)
    assert best >= -nearest(target, low, need, most=least + 1e-9) - 1e-6
    for i, row in enumerate(rows):
        for j in range(i):
            assert rows[j] != row or found[i] == found[j]
    assert verify(run.write(folder / "out")).failures == []


@few
@given(ROWS, st.sampled_from(["change", "entitlement"]), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(tmp_path_factory, rows, name, random):
    assume(sum(row[3] for row in rows) <= 100 <= 60 * len(rows))
    order = list(range(len(rows)))
    random.shuffle(order)
    objectives = f"{{name: {name}, within: 0.2}}, coverage"
    found = before_rounding(made(tmp_path_factory.mktemp("a"), objectives, rows), len(rows))
    shuffled = [rows[i] for i in order]
    again = before_rounding(made(tmp_path_factory.mktemp("b"), objectives, shuffled), len(rows))
    assert again == pytest.approx(found[order], abs=1e-6)


def test_two_tolerances_in_turn_and_rules_that_give_way(tmp_path):
    both = "{name: change, within: 0.1}, {name: entitlement, within: 0.5}"
    with pytest.raises(InputError, match="stands twice"):
        text = TEXT.split("data.csv, region: code}\n")[1]
        build(text % f"{both}, change")
    rows = [(3, 40, 30, 0), (3, 30, 50, 0), (5, 20, 40, 80)]
    with pytest.raises(InfeasibleError):
        made(tmp_path, f"{both}, coverage", rows)
    run = made(tmp_path, f"{both}, coverage", rows, relax="apply")
    # the floor of 80 above the cap of 60 gives way by 20 in all
    assert run.last.allocation is not None
    program = run.last.allocation.program
    assert program is not None
    assert sum(item.by for item in program.relaxations) == 20
    assert {-1, -2, -3} <= set(program.solved)
    names = program_words(program.spec, -2)
    assert names[0] == "program up to objective 'change', in which rules give way"
    assert verify(run.write(tmp_path / "out")).failures == []


def test_a_distance_of_nothing_stays_nothing(tmp_path):
    """Last year's amounts can be kept, so that a part of their distance is nothing as well."""
    rows = [(1, 50, 90, 0), (1, 30, 10, 0), (2, 20, 10, 0)]
    run = made(tmp_path, "{name: change, within: 0.5}, coverage", rows)
    assert before_rounding(run, 3).tolist() == [50, 30, 20]
    assert verify(run.write(tmp_path / "out")).failures == []


BELOW = """
model: m
language: en
data: {file: data.csv, region: code}
variables: {w: {}, v: {}, x: {}, need: {}}
allocation:
  unit: yuan
  budget: 100
  need: need
  previous_amount: x
  objectives: [%s]
  pools: {base: {%s, weight: w}, award: {share: 0.5, weight: v}}
  rules: [{id: most, cap: 20, pool: award}]
"""


@pytest.mark.parametrize(
    ("objective", "base", "best"),
    [
        ("{name: performance, score: x - 60, within: %s}", "share: 0.5", None),
        ("{name: coverage, within: %s}", "amount: -100, negative: allow", Fraction(-1, 2)),
    ],
)
def test_a_tolerance_on_a_best_value_below_zero_goes_further_below(
    objective, base, best, tmp_path: Path
) -> None:
    rows = "code,w,v,x,need\na,1,4,10,10\nb,2,3,20,20\nc,3,2,30,30\nd,4,1,40,40\n"
    (tmp_path / "data.csv").write_text(rows, encoding="utf-8")

    def reached(within: float) -> Fraction:
        text = BELOW % (objective % within + ", change", base)
        (tmp_path / "model.yaml").write_text(text, encoding="utf-8")
        model = load_model(tmp_path)
        run = run_model(model, read_data(model))
        assert verify(run.write(tmp_path / f"out{within}")).failures == []
        assert run.last.allocation is not None
        paid = run.last.allocation.before_units("total")
        if best is not None:
            return min(a / need for a, need in zip(paid, (10, 20, 30, 40), strict=True))
        return sum(((x - 60) * a for a, x in zip(paid, (10, 20, 30, 40), strict=True)), Fraction(0))

    exactly, loosely = reached(0), reached(0.1)
    assert exactly < 0
    assert best is None or abs(exactly - best) < 1e-9
    assert 1.1 * exactly - 1e-6 <= loosely < exactly


WIDE = """
model: m
language: en
data: {file: data.csv, region: code}
variables: {v: {}, last: {}, need: {}, c: {}}
allocation:
  unit: yuan
  smallest: '100'
  need: need
  previous_amount: last
  objectives: [{name: change, within: 0.3}, {name: coverage, within: 0.05}, {name: entitlement}]
  pools:
    even: {amount: 13528090500.00, weight: 1}
    own: {amount: 86471909500.00, weight: v, leftover: redistribute_then_return}
  rules:
    - {id: keep, hold_harmless: 0.9, previous: last, pool: own}
    - {id: most, cap: c, pool: even}
"""
WIDE_ROWS = """code,v,last,need,c
r00,638.91,20630481177,14019452616,1677448760.38
r01,0.6,2826904030.66,12254832665.15,51150097902
r02,0,20319551901,9978238058,35453661516
r03,703,18572675184.97,8833322110,25735237653
r04,3,29230787803.5,37976712181.82,49263182573
"""


def test_amounts_of_very_different_size_end_inside_the_tolerance(tmp_path: Path) -> None:
    """The polished point of the last program missed the sum of distances by 3e-9 of it."""
    (tmp_path / "model.yaml").write_text(WIDE, encoding="utf-8")
    (tmp_path / "data.csv").write_text(WIDE_ROWS, encoding="utf-8")
    model = load_model(tmp_path)
    run = run_model(model, read_data(model))
    assert verify(run.write(tmp_path / "out")).failures == []
