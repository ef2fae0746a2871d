"""A cascade: all levels add up, pool by pool, whatever the tree, the order and the processes."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.errors import InfeasibleError, InputError
from reliefperf.scenarios.cascades import Cascade, CascadeRun, run_cascade
from reliefperf.scenarios.cascades.tables import calculation_table, parents_table
from reliefperf.scenarios.verifying import verify
from tests.cascading import TREE, amounts, cascade_in, model_text, run_tree, tables_of

LEVELS = ("province", "city", "county")
MODELS = {
    "province": model_text("province"),
    "city": model_text("city", rules="{id: most, cap: 400, pool: award, soft: 1}"),
    "county": model_text("county", rules="{id: least, floor: 1, pool: base, soft: 1}"),
}


@pytest.fixture(scope="module")
def three() -> Cascade:
    with TemporaryDirectory() as folder:
        return cascade_in(Path(folder), MODELS)


@st.composite
def trees(draw: st.DrawFn) -> dict[str, dict[str, tuple[str, float]]]:
    """A tree of three levels whose needs are above zero."""
    need = st.floats(0.01, 1000).map(lambda x: round(x, 2))
    tree: dict[str, dict[str, tuple[str, float]]] = {}
    above = [""]
    for level in LEVELS:
        rows: dict[str, tuple[str, float]] = {}
        for parent in above:
            for child in range(draw(st.integers(1, 3))):
                rows[f"{parent}{level[0]}{child}"] = (parent, draw(need))
        tree[level], above = rows, list(rows)
    return tree


def check_sums(run: CascadeRun, tree: dict[str, dict[str, tuple[str, float]]]) -> None:
    paid = amounts(run)
    for upper, lower in pairwise(LEVELS):
        for parent in tree[upper]:
            children = [code for code, (up, _) in tree[lower].items() if up == parent]
            for pool in ("base", "award", "total"):
                assert sum(paid[child, pool] for child in children) == paid[parent, pool]
    for level in LEVELS:
        assert sum(paid[code, "total"] for code in tree[level]) == 1000


@settings(max_examples=40, deadline=None)
@given(tree=trees(), data=st.data())
def test_children_add_up_to_their_parent_in_every_pool_and_order_does_not_matter(
    three: Cascade, tree: dict[str, dict[str, tuple[str, float]]], data: st.DataObject
) -> None:
    run = run_tree(three, tree)
    check_sums(run, tree)
    shuffled = {
        level: dict(data.draw(st.permutations(list(rows.items())))) for level, rows in tree.items()
    }
    again = run_tree(three, shuffled)
    assert again.allocation.equals(run.allocation)
    assert again.explanation.equals(run.explanation)
    assert again.parents.equals(run.parents)


@settings(max_examples=25, deadline=None)
@given(tree=trees(), data=st.data())
def test_identical_siblings_are_paid_alike_to_one_unit(
    three: Cascade, tree: dict[str, dict[str, tuple[str, float]]], data: st.DataObject
) -> None:
    code, (parent, need) = data.draw(st.sampled_from(sorted(tree["county"].items())))
    tree["county"][f"{code}x"] = (parent, need)
    run = run_tree(three, tree)
    frame = run.explanation
    steps = frame[frame["step"] != "rounding"].groupby(["region", "pool"])["amount"].sum()
    paid = amounts(run)
    for pool in ("base", "award"):
        assert steps[code, pool] == steps[f"{code}x", pool]
        assert abs(paid[code, pool] - paid[f"{code}x", pool]) <= 1


def test_the_amounts_of_a_small_tree(tmp_path: Path) -> None:
    models = {"province": model_text("p"), "county": model_text("c")}
    run = run_tree(cascade_in(tmp_path, models))
    paid = amounts(run)
    # 800 x 3/7 and 4/7; then 343 x 3/7 and 4/7, and 457 x 7/7.5 and 0.5/7.5
    assert [paid[code, "base"] for code in "PQabcd"] == [343, 457, 147, 196, 427, 30]
    assert [paid[code, "award"] for code in "PQabcd"] == [100, 100, 50, 50, 50, 50]


def test_processes_change_nothing(tmp_path: Path) -> None:
    cascade = cascade_in(tmp_path, {"province": model_text("p"), "county": model_text("c")})
    one, two = run_tree(cascade), run_tree(cascade, jobs=2)
    assert two.allocation.equals(one.allocation)
    assert two.explanation.equals(one.explanation)
    assert two.notes == one.notes


def test_every_parent_whose_rules_cannot_hold_is_named(tmp_path: Path) -> None:
    models = {
        "province": model_text("p"),
        "county": model_text("c", rules="{id: least, floor: 200, pool: base}"),
    }
    cascade = cascade_in(tmp_path, models)
    for jobs in (1, 2):
        with pytest.raises(InfeasibleError) as caught:
            run_tree(cascade, jobs=jobs)
        said = [mistake.en for mistake in caught.value.mistakes]
        # P received 343 for two floors of 200; Q's 457 are enough
        assert len(said) == 1
        assert said[0].startswith("level 'county', parent P: ")
        assert "least" in said[0]
    tree = {"province": TREE["province"], "county": {**TREE["county"], "e": ("Q", 1.0)}}
    with pytest.raises(InfeasibleError) as caught:
        run_tree(cascade, tree)
    assert ["P:" in m.en or "Q:" in m.en for m in caught.value.mistakes] == [True, True]
    assert all(m.zh.startswith("“county”级，上级 ") for m in caught.value.mistakes)


def test_bad_data_below_one_parent_is_an_input_error_with_its_name(tmp_path: Path) -> None:
    models = {
        "province": model_text("p"),
        "county": model_text("c", **{"weight: 1}": "weight: need - 1}"}),
    }
    with pytest.raises(InputError, match="parent Q: award|parent Q: weight"):
        run_tree(cascade_in(tmp_path, models))


def test_the_total_may_be_shared_by_pools_of_another_kind(tmp_path: Path) -> None:
    models = {
        "province": model_text("p"),
        "county": model_text("c", **{"base:": "staff:", "share: 0.8": "share: 0.7", "0.2": "0.3"}),
    }
    cascade = cascade_in(tmp_path, models, {"county": "parent: up, receives: total"})
    run = run_tree(cascade)
    paid = amounts(run)
    # 443 x 0.7 = 310.1 and the rest of the whole units to the next pool
    assert paid["a", "staff"] + paid["b", "staff"] == 310
    assert paid["a", "award"] + paid["b", "award"] == 133
    assert paid["a", "total"] + paid["b", "total"] == paid["P", "total"] == 443


def test_what_nobody_may_get_stays_with_the_parent_and_is_told(tmp_path: Path) -> None:
    models = {
        "province": model_text("p"),
        "county": model_text("c", rules="{id: most, cap: 150, pool: base}").replace(
            "weight: need}", "weight: need, leftover: return}"
        ),
    }
    run = run_tree(cascade_in(tmp_path, models))
    rows = run.parents.set_index(["parent", "pool"])
    assert int(rows.loc[("Q", "base"), "left"]) == 457 - 150 - 30
    for row in run.parents.itertuples():
        assert row.received == row.paid + row.left
    assert any(note.en.startswith("level 'county', parent Q") for note in run.notes)


def test_a_rule_may_speak_of_what_the_parent_received(tmp_path: Path) -> None:
    rule = "{id: most, cap: 0.55 * received_base, pool: base}"
    declared = {"allocation:": "parameters: {received_base: 800}\nallocation:"}
    models = {"province": model_text("p"), "county": model_text("c", rules=rule, **declared)}
    tree = {"province": TREE["province"], "county": {**TREE["county"], "e": ("Q", 7.0)}}
    paid = amounts(run_tree(cascade_in(tmp_path, models), tree))
    assert (paid["a", "base"], paid["b", "base"]) == (155, 188)  # 0.55 x 343 = 188.65


def test_a_region_without_children_keeps_its_money_where_stated(tmp_path: Path) -> None:
    models = {"province": model_text("p"), "county": model_text("c")}
    tree = {"province": {**TREE["province"], "R": ("", 1.0)}, "county": TREE["county"]}
    with pytest.raises(InputError, match="R.*have nobody below|nobody below them"):
        run_tree(cascade_in(tmp_path, models), tree)
    keeps = cascade_in(tmp_path, models, {"county": "parent: up, without_children: keep"})
    run = run_tree(keeps, tree)
    assert run.levels[1].childless == ("R",)
    lower = sum(run.levels[1].total(p) for p in ("base", "award"))
    assert lower + amounts(run)["R", "total"] == Fraction(1000)


def test_a_region_that_stands_at_both_levels_holds_its_money_once(tmp_path: Path) -> None:
    models = {"province": model_text("p"), "county": model_text("c")}
    tree = {
        "province": {**TREE["province"], "x": ("", 1.0)},
        "county": {**TREE["county"], "x": ("", 1.0)},
    }
    run = run_tree(cascade_in(tmp_path, models), tree)
    assert run.levels[1].stay == ("x",)
    assert list(run.allocation["region"]).count("x") == 3  # two pools and the total, once


def test_levels_must_speak_of_the_same_period(tmp_path: Path) -> None:
    models = {
        level: model_text(level, **{"name: null": "name: null, period: year"})
        for level in ("province", "county")
    }
    data = tables_of(TREE)
    data["province"]["year"], data["county"]["year"] = 2023, 2024
    with pytest.raises(InputError, match="pays one period"):
        run_cascade(cascade_in(tmp_path, models), data)


def test_last_years_values_are_those_of_the_same_family(tmp_path: Path) -> None:
    rule = "{id: keep, floor: previous(need), pool: base}"
    models = {
        "province": model_text("p", **{"name: null": "name: null, period: year"}),
        "county": model_text("c", rules=rule, **{"name: null": "name: null, period: year"}),
    }
    data = {
        level: pd.concat([rows.assign(year=2023), rows.assign(year=2024)])
        for level, rows in tables_of(TREE).items()
    }
    data["county"].loc[lambda f: (f["code"] == "d") & (f["year"] == 2023), "need"] = 300.0
    for jobs in (1, 2):
        paid = amounts(run_cascade(cascade_in(tmp_path, models), data, jobs=jobs))
        assert (paid["d", "base"], paid["c", "base"]) == (300, 157)


STEP = "    old: {share: 1, weight: 1, paid: false}\n    base:"


def test_a_step_of_the_calculation_is_not_handed_down(tmp_path: Path) -> None:
    rule = "{id: kept, floor: 0.01 * old, pool: base}"
    plain = run_tree(cascade_in(tmp_path, {name: model_text(name) for name in TREE}))
    texts = {name: model_text(name, rule, **{"    base:": STEP}) for name in TREE}
    (tmp_path / "steps").mkdir()
    cascade = cascade_in(tmp_path / "steps", texts)
    run = run_tree(cascade)
    assert amounts(run) == amounts(plain)
    header, rows = calculation_table(run)
    assert header == ["level", "parent", "region", "pool", "step", "change", "amount"]
    assert {row[3] for row in rows} == {"old"}
    assert sum(row[-1] for row in rows if row[0] == "province") == 1000
    assert "old" not in {row[3] for row in parents_table(run)[1]}
    together = run_tree(cascade, jobs=2)
    assert calculation_table(together)[1] == rows
    out = run.write(tmp_path / "out")
    assert (out / "calculation.csv").is_file()
    assert verify(out).holds
