"""The cheapest relaxation: least money, fair, recorded exactly, and never of totals or budget."""

from __future__ import annotations

import csv
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import highspy
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.allocation.paid import Allocation
from reliefperf.allocation.program import ExactRow
from reliefperf.allocation.relaxing import Relax, given_way, held, missed_by, outwards
from reliefperf.cli import main
from reliefperf.errors import InfeasibleError
from reliefperf.scenarios.loading import load_model
from reliefperf.scenarios.results.relaxations import relaxations_table
from reliefperf.scenarios.running import Run, read_data, run_model
from reliefperf.scenarios.verifying import verify
from tests.allocation.paying import amounts, build, frame
from tests.building import mistakes_of

ONE = """
variables: {w: {missing: error}, zone: {type: text}}
allocation:
  unit: yuan
  smallest: '%s'
  budget: %d
  pools: {grant: {share: 1, weight: w}}
  rules: %s
  %s
"""


def run_of(text: str, relax: Relax = "apply", **columns: Any) -> Run:
    model = build(text)
    return run_model(model, read_data(model, frame(**columns)), relax=relax)


def money_of(run: Run) -> Allocation:
    assert run.last.allocation is not None
    return run.last.allocation


def given_up(run: Run) -> dict[tuple[str, str], Fraction]:
    program = money_of(run).program
    return {} if program is None else {(r.rule, r.row): r.by for r in program.relaxations}


def test_regions_that_are_alike_give_way_alike():
    text = ONE % ("0.01", 99, "[{id: low, floor: 40}]", "")
    run = run_of(text, w=[1, 1, 1], zone=["a", "b", "c"])
    assert amounts(run) == [33, 33, 33]
    assert given_up(run) == {("low", f"00{i}"): Fraction(7) for i in (1, 2, 3)}


def test_the_rule_that_is_listed_first_gives_way_first():
    rules = "[{id: low, floor: 40}, {id: high, cap: 20, where: \"zone == 'a'\"}]"
    columns = {"w": [1, 1], "zone": ["a", "b"]}
    for first, second in (("low", "high"), ("high", "low")):
        run = run_of(ONE % ("1", 100, rules, f"relax: [{first}, {second}]"), **columns)
        assert given_up(run) == {(first, "001"): Fraction(20)}


def test_rules_that_are_not_listed_never_give_way():
    rules = "[{id: low, floor: 40}, {id: high, cap: 20}]"
    with pytest.raises(InfeasibleError, match="No relaxation mends it"):
        run_of(ONE % ("1", 100, rules, "relax: [low]"), w=[1, 1], zone=["a", "b"])


def test_a_run_whose_rules_hold_is_not_touched():
    text = ONE % ("1", 100, "[{id: low, floor: 30}]", "")
    columns = {"w": [1, 2, 3], "zone": ["a", "b", "c"]}
    relaxed, plain = (run_of(text, relax, **columns) for relax in ("apply", "never"))
    assert amounts(relaxed) == amounts(plain)
    assert relaxed.notes == plain.notes
    assert not given_up(relaxed)


def test_what_whole_units_alone_rule_out_is_relaxed_by_single_units():
    text = ONE % ("1", 101, "[{id: low, floor: 33.4}]", "")
    columns = {"w": [1, 1, 1], "zone": ["a", "b", "c"]}
    with pytest.raises(InfeasibleError) as caught:
        run_of(text, "offer", **columns)
    said = caught.value.text()
    assert "'low' need 100.2 in all for 3 regions, which is 102 when each is rounded up" in said
    assert "资金池“grant”只有 101，差 1" in said
    run = run_of(text, **columns)
    assert amounts(run) == [34, 34, 33]
    assert given_up(run) == {("low", "003"): Fraction(2, 5)}


def test_the_error_offers_the_relaxation_in_words_and_as_a_table():
    text = ONE % ("1", 90, "[{id: low, floor: 40}]", "")
    with pytest.raises(InfeasibleError) as caught:
        run_of(text, "offer", w=[1, 1, 1], zone=["a", "b", "c"])
    assert "'low' by 30 yuan in all (001 by 10, 002 by 10, 003 by 10)" in caught.value.text("en")
    assert "“low”共让 30 yuan（001 让 10，002 让 10，003 让 10）" in caught.value.text("zh")
    header, *rows = caught.value.remedy
    assert header == ("rule", "row", "side", "limit", "relaxed_by", "new_limit", "priority")
    assert rows[0] == ("low", "001", "low", "40", "10", "30", "1")


def test_the_limit_of_a_ratio_is_said_to_be_of_a_difference():
    text = """
    variables: {w: {missing: error}}
    allocation:
      unit: yuan
      budget: 100
      pools:
        base: {title: {zh: 基本, en: base part}, amount: 60, weight: w}
        award: {title: {zh: 奖补, en: award part}, amount: 40, weight: w}
      rules: [{id: bound, ratio: 0.5, pool: award, to: base}]
    """
    with pytest.raises(InfeasibleError) as caught:
        run_of(text, "offer", w=[1, 1])
    assert "of 'bound' are of award part - 0.5 × base part, not of an" in caught.value.text("en")
    assert "“bound”的限额是“奖补 − 0.5 × 基本”的限额" in caught.value.text("zh")


def test_pools_that_take_up_what_others_pay_are_not_relaxed():
    text = """
    variables: {w: {missing: error}}
    allocation:
      unit: yuan
      budget: 100
      pools:
        one: {amount: 60, weight: w}
        two: {amount: 100 - total(one), weight: w}
      rules: [{id: low, floor: 50, pool: one}]
    """
    with pytest.raises(InfeasibleError, match="settled in order"):
        run_of(text, w=[1, 1])


def least_total(rows: list[tuple[list[int], float, float]], budget: float, n: int) -> float:
    """The least sum of violations, by HiGHS: one elastic program written from scratch."""
    highs = highspy.Highs()
    highs.silent()
    for _ in range(n):
        highs.addVar(0.0, highspy.kHighsInf)
    highs.addRow(budget, budget, n, np.arange(n, dtype=np.int32), np.ones(n))
    for columns, low, high in rows:
        place = highs.getNumCol()
        highs.addCol(1.0, 0.0, highspy.kHighsInf, 0, [], [])
        highs.addCol(1.0, 0.0, highspy.kHighsInf, 0, [], [])
        used = np.array([*columns, place, place + 1], dtype=np.int32)
        highs.addRow(low, high, used.size, used, np.array([*[1.0] * len(columns), 1.0, -1.0]))
    highs.run()
    assert highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return float(highs.getObjectiveValue())


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 9), st.sampled_from("ab"), st.integers(0, 40), st.integers(5, 60)),
        min_size=2,
        max_size=5,
    ),
    st.integers(20, 120),
    st.integers(1, 9),
    st.sampled_from(["", "relax: [[low, high, zone]]"]),
)
def test_the_least_money_gives_way_and_every_other_row_holds(regions, budget, tenths, relax):
    w, zone, low, high = (list(column) for column in zip(*regions, strict=True))
    share = Fraction(tenths, 10)
    text = (
        ONE
        % (
            "0.1",
            budget,
            "[{id: low, floor: lo}, {id: high, cap: hi}, "
            f"{{id: zone, group_share: zone, at_most: {tenths / 10}}}]",
            relax,
        )
    ).replace("zone: {type: text}}", "zone: {type: text}, lo: {}, hi: {}}")
    run = run_of(text, w=w, zone=zone, lo=low, hi=high)
    n = len(w)
    rows = [([i], float(low[i]), np.inf) for i in range(n)]
    rows += [([i], -np.inf, float(high[i])) for i in range(n)]
    groups = {name: [i for i in range(n) if zone[i] == name] for name in zone}
    rows += [(own, -np.inf, float(share * budget)) for own in groups.values()]
    least = least_total(rows, budget, n)
    paid = [Fraction(amount) for amount in amounts(run)]
    given = given_up(run)
    # sides are whole units of 0.1, so that whole amounts reach the optimum of fractions
    assert float(sum(given.values(), Fraction(0))) == pytest.approx(least, abs=1e-6)
    assert sum(paid) == budget
    for i in range(n):
        code = f"{i + 1:03d}"
        assert paid[i] >= low[i] - given.get(("low", code), 0)
        assert paid[i] <= high[i] + given.get(("high", code), 0)
    for name, own in groups.items():
        most = share * budget + given.get(("zone", f"{name} at_most"), 0)
        assert sum(paid[i] for i in own) <= most
    twins = {}
    for i, key in enumerate(regions):
        assert abs(paid[i] - twins.setdefault(key, paid[i])) <= Fraction(1, 10)


def test_limits_move_no_further_than_the_amounts_ask():
    row = ExactRow("low", "r", (0, 1), (Fraction(1), Fraction(1)), Fraction(10), None)
    assert missed_by(row, [Fraction(5), Fraction(5)]) is None
    assert given_way(row, [Fraction(4), Fraction(35, 10)], Fraction(1)).lower == 7
    noisy = [Fraction(4), Fraction(3) - Fraction(1, 10**8)]
    assert given_way(row, noisy, Fraction(1)).lower == 7
    assert held(row, [Fraction(4), Fraction(5)], Fraction(1)).lower == 9
    assert outwards(row, Fraction(3)).lower == 9
    cap = ExactRow("cap", "r", (0,), (Fraction(1),), None, Fraction(10))
    assert given_way(cap, [Fraction(105, 10)], Fraction(1)).upper == 11
    assert held(cap, [Fraction(9)], Fraction(1)) is cap


MODEL = """
model: m
language: en
data: {file: data.csv}
variables: {w: {missing: error}, zone: {type: text}}
allocation:
  unit: yuan
  budget: 100
  pools: {base: {share: 0.8, weight: w}, award: {share: 0.2, weight: w * w}}
  rules:
    - {id: low, floor: 40}
    - {id: zone, group_share: zone, at_most: 0.4}
  relax: [low]
"""
DATA = "region,name,w,zone\n01,A,10,hill\n02,B,20,hill\n03,C,30,plain\n04,D,10,sea\n"


def test_the_command_line_refuses_or_relaxes_and_records_it(tmp_path):
    (tmp_path / "model.yaml").write_text(MODEL)
    (tmp_path / "data.csv").write_text(DATA)
    out = tmp_path / "out"
    refused = CliRunner().invoke(main, ["run", str(tmp_path), "-o", str(out)])
    assert refused.exit_code == 3
    assert "relaxed_by" in refused.stderr
    assert not out.exists()
    done = CliRunner().invoke(
        main, ["--lang", "zh", "run", str(tmp_path), "-o", str(out), "--relax"]
    )
    assert done.exit_code == 0
    assert "已放宽规则：low (60)" in done.output
    with (out / "relaxations.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["rule"] for row in rows} == {"low"}
    assert sum(Fraction(row["relaxed_by"]) for row in rows) == 60
    for row in rows:
        assert Fraction(row["limit"]) - Fraction(row["relaxed_by"]) == Fraction(row["new_limit"])
    assert '"relaxed"' in (out / "run.json").read_text(encoding="utf-8")
    found = verify(out)
    assert found.failures == []
    text = (out / "relaxations.csv").read_text().replace(",13,27,", ",12,28,")
    (out / "relaxations.csv").write_text(text)
    assert "relaxations.csv" in {failure.file for failure in verify(out).failures}


def test_the_table_has_plain_decimals():
    run = run_of(ONE % ("1", 90, "[{id: low, floor: 40}]", ""), w=[1, 1, 1], zone=["a"] * 3)
    header, rows = relaxations_table(run)
    assert header[0] == "rule"
    assert tuple(map(str, rows[0])) == ("low", "001", "low", "40", "10", "30", "10", "1")


def test_relax_names_hard_rules_once():
    head = "model: m\nvariables: {w: {}}\nallocation:\n  unit: yuan\n  budget: 9\n"
    rest = "  pools: {p: {share: 1, weight: w}}\n  rules: [{id: a, floor: 1}, {id: b, cap: 9, soft: 1}]\n"
    for listed, words in (("[c]", "not a rule"), ("[b]", "soft"), ("[a, a]", "twice")):
        said = mistakes_of(head + rest + f"  relax: {listed}\n")
        assert any(words in mistake.en for mistake in said), said
    assert mistakes_of(head + rest + "  relax: [[a]]\n") == []


COUPLED = """
model: m
language: en
data: {file: data.csv}
variables: {w: {missing: error}, a: {missing: error}, lo: {}, hi: {}, zone: {type: text}}
allocation:
  unit: yuan
  budget: %d
  leftover: %s
  pools: {base: {share: 0.5, weight: w}, award: {share: 0.5, weight: a}}
  rules:
    - {id: low, floor: lo}
    - {id: high, cap: hi}
    - {id: ratio, pool: award, to: base, ratio: %s}
    - {id: zone, group_share: zone, at_most: 0.45}
  relax: %s
"""


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 9),
            st.integers(1, 9),
            st.integers(0, 600).map(lambda x: x / 10),
            st.integers(10, 600).map(lambda x: x / 10),
            st.sampled_from("abc"),
        ),
        min_size=2,
        max_size=6,
    ),
    st.integers(5, 60),
    st.sampled_from(["redistribute", "return"]),
    st.sampled_from(["0.3", "0.7", "1"]),
    st.sampled_from(["[[low, high, ratio, zone]]", "[zone, ratio, low, high]"]),
)
def test_a_relaxed_run_is_verified_without_a_solver(tmp_path_factory, rows, half, left, ratio, way):
    folder = tmp_path_factory.mktemp("relaxed")
    (folder / "model.yaml").write_text(COUPLED % (2 * half, left, ratio, way))
    lines = [",".join(map(str, (f"r{i}", "", *row))) for i, row in enumerate(rows)]
    (folder / "data.csv").write_text("\n".join(["region,name,w,a,lo,hi,zone", *lines]) + "\n")
    model = load_model(folder)
    run = run_model(model, read_data(model), relax="apply")
    program = money_of(run).program
    assert program is not None
    paid = [Fraction(0)] * program.n_amounts
    for pool, places in program.columns.items():
        for place, amount in zip(places.tolist(), amounts(run, pool), strict=True):
            paid[place] = Fraction(amount)
    given = given_up(run)
    for rule, of_rule in program.stated:
        for row in of_rule:
            missed = missed_by(row, paid)
            assert given.get((rule.id, row.name), 0) == (0 if missed is None else missed.by)
    assert all(missed_by(row, paid) is None for row in program.fixed)
    assert verify(run.write(folder / "out")).failures == []


RANKED = """
variables: {w: {missing: error}, s: {missing: error}, n: {missing: error}, lo: {}, hi: {}}
allocation:
  unit: yuan
  smallest: '0.01'
  budget: %d
  pools: {grant: {share: 1, weight: w}}
  rules:
    - {id: in-order, order: s, per: n}
    - {id: low, floor: lo}
    - {id: high, cap: hi}
  relax: %s
"""


def test_an_order_gives_way_per_unit_of_need_in_money_of_the_smaller_need():
    columns = {"w": [1, 1, 2], "s": [3, 2, 1], "n": [10, 20, 30], "lo": [0, 0, 70], "hi": [99] * 3}
    run = run_of(RANKED % (100, "[in-order]"), **columns)
    paid = [Fraction(amount) for amount in amounts(run)]
    assert paid == [10, 20, 70]
    missed = 20 * (paid[2] / 30 - paid[1] / 20)
    # one unit of 0.01 is what whole units may pass the order by without giving way
    assert given_up(run) == {("in-order", "002 >= 003"): missed - Fraction(1, 100)}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 9),
            st.integers(1, 4),
            st.sampled_from([1, 2, 5]),
            st.integers(0, 40),
            st.integers(5, 60),
        ),
        min_size=2,
        max_size=5,
    ),
    st.integers(20, 120),
)
def test_the_least_money_gives_way_where_an_order_is_among_the_rules(regions, budget):
    w, s, n, low, high = (list(column) for column in zip(*regions, strict=True))
    run = run_of(RANKED % (budget, "[[in-order, low, high]]"), w=w, s=s, n=n, lo=low, hi=high)
    size = len(w)
    rows = [(np.eye(size)[i], float(low[i]), np.inf) for i in range(size)]
    rows += [(np.eye(size)[i], -np.inf, float(high[i])) for i in range(size)]
    ranked = sorted(range(size), key=lambda i: (-s[i], i))
    for better, worse in pairwise(ranked):
        row = np.zeros(size)
        row[better], row[worse] = n[worse], -n[better]
        row /= max(n[better], n[worse])
        rows.append((row, 0.0, 0.0 if s[better] == s[worse] else np.inf))
    least = least_weighted(rows, budget, size)
    program = money_of(run).program
    assert program is not None
    given = sum(float(item.by) for item in program.cheapest()) if program.relaxing else 0.0
    assert given == pytest.approx(least, abs=1e-5)
    paid = [Fraction(amount) for amount in amounts(run)]
    assert sum(paid) == budget
    recorded = given_up(run)
    for better, worse in pairwise(ranked):
        sign = "=" if s[better] == s[worse] else ">="
        by = recorded.get(("in-order", f"{better + 1:03d} {sign} {worse + 1:03d}"), Fraction(0))
        per_need = paid[worse] / n[worse] - paid[better] / n[better]
        assert min(n[better], n[worse]) * per_need <= by + Fraction(1, 100)


def least_weighted(
    rows: list[tuple[np.ndarray[Any, Any], float, float]], budget: float, size: int
) -> float:
    """The least sum of violations of rows of any coefficients, by HiGHS through scipy."""
    from scipy.optimize import linprog

    above, sides = [], []
    for at, (row, low, high) in enumerate(rows):
        slack = np.zeros(len(rows))
        slack[at] = -1.0
        if np.isfinite(low):
            above.append(np.concatenate([-row, slack]))
            sides.append(-low)
        if np.isfinite(high):
            above.append(np.concatenate([row, slack]))
            sides.append(high)
    costs = np.concatenate([np.zeros(size), np.ones(len(rows))])
    total = np.concatenate([np.ones(size), np.zeros(len(rows))])[None, :]
    found = linprog(costs, above, sides, total, [budget])
    assert found.success
    return float(found.fun)


def test_a_minimum_that_nobody_reaches_is_missed_by_everybody_or_by_the_last():
    columns = {"w": [5, 5, 2], "zone": ["a", "b", "c"]}
    together = "[{id: least, minimum_grant: 60}]"
    last = "[{id: least, minimum_grant: 60, drop: smallest}]"
    with pytest.raises(InfeasibleError) as caught:
        run_of(ONE % ("1", 96, last, ""), "offer", **columns)
    assert "with --relax" in caught.value.text("en")
    assert "用 --relax 放宽" in caught.value.text("zh")
    everybody = run_of(ONE % ("1", 96, together, ""), **columns)
    assert amounts(everybody) == [40, 40, 16]
    assert given_up(everybody) == {
        ("least", "001"): Fraction(20),
        ("least", "002"): Fraction(20),
        ("least", "003"): Fraction(44),
    }
    left = run_of(ONE % ("1", 96, last, ""), **columns)
    assert amounts(left) == [48, 48, 0]
    assert given_up(left) == {("least", "001"): Fraction(12), ("least", "002"): Fraction(12)}
    (note,) = [n for n in left.notes if n.kind == "minimum-grant-kept"]
    assert note.count == 2


def test_a_minimum_grant_that_may_not_give_way_is_refused_by_name():
    rules = "[{id: least, minimum_grant: 60}, {id: low, floor: 1}]"
    with pytest.raises(InfeasibleError, match="rule 'least': nobody in pool 'grant'") as caught:
        run_of(ONE % ("1", 96, rules, "relax: [low]"), w=[5, 5, 2], zone=["a"] * 3)
    assert "规则“least”" in caught.value.text("zh")


def test_a_soft_minimum_grant_that_nobody_reaches_is_missed():
    text = ONE % ("1", 96, "[{id: least, minimum_grant: 60, soft: 1}]", "")
    run = run_of(text, "never", w=[5, 5, 2], zone=["a"] * 3)
    assert amounts(run) == [40, 40, 16]
    assert [n.count for n in run.notes if n.kind == "rule-missed"] == [3]


def test_less_than_the_minimum_and_money_without_a_grant_count_as_missed():
    rules = "[{id: least, minimum_grant: 30}, {id: high, cap: 40}]"
    run = run_of(ONE % ("1", 100, rules, "relax: [least]"), w=[5, 4, 1], zone=["a"] * 3)
    # two regions keep a grant, of 40 at most; the last 20 go to the one without
    assert amounts(run) == [40, 40, 20]
    assert given_up(run) == {("least", "003"): Fraction(20)}
    rules = "[{id: least, minimum_grant: 30}, {id: high, cap: 20, where: w == 4}]"
    run = run_of(ONE % ("1", 100, rules, "relax: [least]"), w=[5, 4, 1], zone=["a"] * 3)
    assert amounts(run) == [80, 20, 0]
    assert given_up(run) == {("least", "002"): Fraction(10)}


def test_a_run_whose_order_and_minimum_grant_gave_way_is_verified(tmp_path):
    docs = (Path(__file__).parents[2] / "docs" / "infeasible.md").read_text(encoding="utf-8")
    example = docs[docs.index("An order and a minimum grant") :]
    for name in ("model.yaml", "data.csv"):
        text = example.split(f" {name}\n", maxsplit=1)[1].split("```", maxsplit=1)[0]
        (tmp_path / name).write_text(text, encoding="utf-8")
    model = load_model(tmp_path)
    out = run_model(model, read_data(model), relax="apply").write(tmp_path / "out")
    assert verify(out).failures == []
    (out / "relaxations.csv").write_text(
        (out / "relaxations.csv").read_text().replace("25.666667", "25.5")
    )
    assert "relaxations.csv" in {failure.file for failure in verify(out).failures}


def test_limits_of_large_amounts_leave_room_for_the_solvers_noise():
    row = ExactRow("low", "r", (0,), (Fraction(1),), Fraction(2 * 10**10), None)
    cents, amount = Fraction(1, 100), Fraction(16 * 10**9) + Fraction(1, 10)
    lower = given_way(row, [amount], cents).lower
    assert lower is not None
    assert amount - Fraction(17) <= lower <= amount - Fraction(16)


def test_no_relaxation_is_said_to_help_under_an_objective_with_a_tolerance():
    text = """
    variables: {w: {missing: error}, form: {}, m: {}}
    allocation:
      unit: yuan
      budget: 100
      objectives: [shortfall, {name: coverage, within: 0.05}]
      need: w
      pools: {fixed: {each: form}, grant: {amount: 60, weight: w}}
      rules: [{id: least, minimum_grant: m, pool: grant, drop: together}]
    """
    with pytest.raises(InfeasibleError, match="No relaxation mends it") as refused:
        run_of(text, w=[1, 1], form=[30, 30], m=[1, 1])
    assert "what formulas fix" in refused.value.text("en")
