"""Regions that name one another by code: `at` and `to=`, by hand, against a loop, in a model."""

import statistics
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliefperf.allocation.cascade import part_of
from reliefperf.model.environment import text_column
from reliefperf.scenarios.explaining.moving_alone import NotAlone, amounts_alone
from reliefperf.scenarios.explaining.trials import regions_stand_alone
from reliefperf.scenarios.results.titling import titled
from tests.building import (
    compile_errors,
    environment,
    mistakes_of,
    model_of,
    note_kinds,
    run_on,
    values_of,
)

DATA = {
    "x": [30, 10, None, 5, 0],
    "to": ["r2", "r3", "r1", "r2", None],
    "w": [1, 2, 1, 3, 1],
    "name": ["a", "b", "c", None, "e"],
    "z": ["n", "n", "s", "s", "s"],
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("at(x, to)", [10, None, 30, 10, None]),
        ("at(name, to)", ["b", "c", "a", "b", None]),
        ("at(name, to) == 'b'", [1, 0, 0, 1, None]),
        ("at(x > 5, to)", [1, None, 1, 1, None]),
        ("at(x, at(to, to))", [None, 30, 10, None, None]),
        ("at(x, 'r4')", [5, 5, 5, 5, 5]),
        ("at(x, region)", [30, 10, None, 5, 0]),
        ("at(7, to)", [7, 7, 7, 7, None]),
        ("at(total(x, to=to), to)", [35, 10, 0, 35, None]),
        ("total(x, to=to)", [0, 35, 10, 0, 0]),
        ("total(x, to='r4')", [0, 0, 0, 45, 0]),
        ("total(x, to=where(z == 'n', 'r5', region))", [0, 0, 0, 5, 40]),
        ("count(x > 5, to=to)", [0, 1, 1, 0, 0]),
        ("mean(x, to=to)", [None, 17.5, 10, None, None]),
        ("mean(x, to=to, weight=w)", [None, 11.25, 10, None, None]),
        ("median(x, to=to)", [None, 17.5, 10, None, None]),
        ("lowest(x, to=to)", [None, 5, 10, None, None]),
        ("highest(x, to=to)", [None, 30, 10, None, None]),
        ("quantile(x, 0.2, to=to)", [None, 10, 10, None, None]),
        ("stdev(x, to=to)", [None, pytest.approx(17.6776695), None, None, None]),
    ],
)
def test_by_hand(text: str, expected: list[Any]) -> None:
    env = environment(DATA | {"region": ["r1", "r2", "r3", "r4", "r5"]})
    assert values_of(text, env) == expected


def test_a_period_of_one_region() -> None:
    env = environment({"x": [3], "own": ["r1"], "other": ["r2"]})
    assert values_of("total(x, to=own)", env) == [3]
    assert values_of("total(x, to=other)", env) == [0]
    assert values_of("at(x, own)", env) == [3]


CODES = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(-9, 9)),
        st.one_of(st.none(), st.integers(0, 9)),
    ),
    min_size=1,
    max_size=8,
)


@given(CODES, st.randoms(use_true_random=False))
def test_as_a_loop_says_whatever_the_order_of_rows(
    rows: list[tuple[int | None, int | None]], chance: Any
) -> None:
    table = {f"c{i}": (x, None if to is None else f"c{to}") for i, (x, to) in enumerate(rows)}
    order = list(table)
    chance.shuffle(order)
    env = environment({"x": np.array([table[c][0] for c in order], dtype=float)}, codes=order)
    env.columns["code"] = text_column(table[c][1] for c in order)
    found = {
        text: dict(zip(order, values_of(text, env), strict=True))
        for text in ("at(x, code)", "total(x, to=code)", "mean(x, to=code)")
    }
    for code, (_, named) in table.items():
        there = table[named][0] if named in table else None
        assert found["at(x, code)"][code] == there
        given_here = [x for x, to in table.values() if to == code and x is not None]
        assert found["total(x, to=code)"][code] == sum(given_here)
        mean = statistics.fmean(given_here) if given_here else None
        assert found["mean(x, to=code)"][code] == mean


def test_a_code_that_no_region_has_is_noted_with_the_regions_that_wrote_it() -> None:
    env = environment({"x": [1, 2, 3], "code": ["Z", "r1", "Y"]})
    assert values_of("at(x, code)", env) == [None, 1, None]
    (note,) = env.notes
    assert note.kind == "not-defined"
    assert "'Y', 'Z'" in note.en
    assert note.en.endswith("in 2 region(s): r1, r3")
    assert "“Y”、“Z”" in note.zh


def test_what_is_meant_for_no_region_is_noted() -> None:
    env = environment({"x": [1, 2, 0, 4], "code": ["Z", None, None, "r1"]})
    assert values_of("total(x, to=code)", env) == [4, 0, 0, 0]
    strange, without = env.notes
    assert note_kinds(env.notes) == ["left-out", "left-out"]
    assert "'Z' (to=), which no region has" in strange.en
    assert strange.en.endswith(": r1")
    assert without.en.endswith("in 1 region(s): r2")  # nothing is lost of the zero of r3


def test_a_missing_code_names_nobody_and_is_no_mistake() -> None:
    env = environment({"x": [1, 2]})
    env.columns["code"] = text_column([None, None])
    assert values_of("at(x, code)", env) == [None, None]
    assert env.notes == []


def test_a_missing_value_is_left_out_of_the_sum_and_reported() -> None:
    env = environment({"x": [1, None, None], "code": ["r3", "r3", "r1"]})
    assert values_of("total(x, to=code)", env) == [0, 0, 1]
    assert values_of("total(x, by=code)", env) == [1, 1, 0]
    assert note_kinds(env.notes) == ["left-out", "left-out"]
    of_to, of_by = env.notes
    assert (of_to.kind, of_to.en, of_to.zh) == (of_by.kind, of_by.en, of_by.zh)


def test_a_code_that_is_not_used_is_worth_no_note() -> None:
    env = environment({"x": [1, 2], "code": ["Z", "r1"]})
    assert values_of("where(code == 'Z', 0, at(x, code))", env) == [0, 1]
    assert env.notes == []


def test_the_period_before_has_codes_of_its_own() -> None:
    before = environment({"x": [1, 2], "code": ["b", "a"]}, codes=["a", "b"])
    env = environment(
        {"x": [10, 20, 30], "code": ["c", "a", "b"]}, codes=["c", "b", "a"], previous=before
    )
    assert values_of("previous(at(x, code))", env) == [None, 1, 2]
    assert values_of("previous(total(x, to=code))", env) == [None, 1, 2]
    assert values_of("at(previous(x), code)", env) == [None, 1, 2]


def test_in_a_part_of_the_regions_only_these_are_known() -> None:
    env = environment({"x": [1, 2, 3], "code": ["r3", "r3", "r2"]})
    part = part_of(env, [0, 2])
    assert values_of("at(x, code)", part) == [3, None]
    assert values_of("total(x, to=code)", part) == [0, 1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("at(x, w)", "declared with `type: text`"),
        ("at(x, missing)", "declared with `type: text`"),
        ("at(x)", "takes 2 argument(s), 1 given"),
        ("at(x, to, to=to)", "has no option 'to='"),
        ("at(name, to) + 1", "expected a number, this is a text"),
        ("total(x, to=w)", "to= takes the code of a region"),
        ("total(x, to=[to, name])", "no list"),
        ("total(x, by=z, to=to)", "do not go together"),
        ("share(x, to=to)", "has no option 'to='"),
        ("rank(x, to=to)", "has no option 'to='"),
        ("total(x, to=nothing)", "unknown name 'nothing'"),
        ("at(x, nothing)", "unknown name 'nothing'"),
    ],
)
def test_what_makes_no_sense_is_refused(text: str, said: str) -> None:
    (message,) = compile_errors(text, environment(DATA))
    assert said in message


RIVER = """
    model: river
    language: en
    data: {file: data.csv, region: code}
    variables: {downstream: {type: text}, excess: {missing: error}}
    derived:
      below: downstream
      due: if_missing(at(10 * excess, region), 0)
      owed: total(where(is_missing(below), 0, due), to=below)
    allocation:
      unit: yuan
      pools:
        river: {each: "owed - where(is_missing(below), 0, due)", negative: allow}
        prize: {amount: 60, weight: "1 + if_missing(at(excess, below), 0)"}
      rules:
        - {id: least, floor: "10 * count(excess > 0, to=below)", pool: prize}
"""


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_in_derived_columns_formulas_weights_and_rules(order: tuple[int, ...]) -> None:
    rows = [("A", "B", 3), ("B", "C", 1), ("C", None, 0)]
    table = [rows[i] for i in order]
    cells = dict(zip(("code", "downstream", "excess"), zip(*table, strict=True), strict=True))
    run = run_on(model_of(RIVER), cells)
    allocation = run.last.allocation
    assert allocation is not None
    paid = dict(zip(allocation.codes, allocation.amounts("river"), strict=True))
    assert paid == {"A": -30, "B": 20, "C": 10}
    prize = dict(zip(allocation.codes, allocation.amounts("prize"), strict=True))
    assert prize == {"A": 30, "B": 15, "C": 15}


def test_who_asks_whether_regions_are_looked_at_together_is_told_so() -> None:
    text = """
        model: m
        language: en
        data: {file: data.csv, region: code}
        variables: {a: {}, partner: {type: text}}
        evaluation:
          full_marks: 100
          tree: [{id: x, points: 100, value: "VALUE", score: as_is}]
        allocation:
          unit: yuan
          pools: {p: {amount: 100, weight: "WEIGHT"}}
    """

    def made(value: str, weight: str) -> Any:
        return model_of(text.replace("VALUE", value).replace("WEIGHT", weight))

    rows = {"code": ["A", "B"], "a": [50, 70], "partner": ["B", "A"]}
    for value in ("a", "at(a, partner)", "total(a, to=partner)"):
        model = made(value, "score")
        assert regions_stand_alone(model, model.spec.evaluation) == (value == "a")
    for weight in ("at(score, partner)", "total(score, to=partner)"):
        run = run_on(made("a", weight), rows)
        with pytest.raises(NotAlone, match="looks at the scores"):
            amounts_alone(run.model, run.last, np.array([50.0, 70.0]))
        assert run.last.allocation is not None
        assert run.last.allocation.amounts("p") == [58, 42]
    panel = (
        text.replace("region: code}", "region: code, period: year}")
        .replace("full_marks: 100", "full_marks: 100\n          panel: {normalise: pooled}")
        .replace("as_is", '{formula: "value + at(a, partner)"}')
        .replace("VALUE", "a")
    )
    assert any(
        "at() looks at the regions of one period" in m.en
        for m in mistakes_of(panel.replace("WEIGHT", "score"))
    )


def test_the_words_in_chinese() -> None:
    titles = {"x": "缴纳额", "code": "下游"}
    assert titled("at(x, code)", titles, "zh") == "取自所指地区(缴纳额, 下游)"
    assert titled("total(x, to=code)", titles, "zh") == "合计(缴纳额, 指向=下游)"


def test_a_variable_may_still_be_called_at() -> None:
    env = environment({"at": [1, 2], "to": ["r2", "r1"]})
    assert values_of("at(at, to) + at", env) == [3, 3]
