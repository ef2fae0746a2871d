"""Functions of expressions: definitions by hand, missing values, groups, order of regions."""

import math
import statistics
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.model.functions import FUNCTIONS
from tests.building import environment, note_kinds, values_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abs(a)", [2.5, None, 0.5]),
        ("floor(a)", [-3, None, 0]),
        ("ceil(a)", [-2, None, 1]),
        ("round(a)", [-3, None, 1]),
        ("round(a * 1.1, 1)", [-2.8, None, 0.6]),
        ("round(1234.5, -2)", [1200, 1200, 1200]),
        ("floor(0.1 * 3 * 10)", [3, 3, 3]),  # 3.0000000000000004
        ("ceil(0.1 * 3 * 10)", [3, 3, 3]),
        ("floor(1234567890123.6)", [1234567890123.0] * 3),
        ("clip(a, 0, 1)", [0, None, 0.5]),
        ("min(a, 0, 1)", [-2.5, None, 0]),
        ("max(a, b)", [4, None, 0.5]),
        ("sqrt(b)", [2, 1, 0]),
        ("log10(b * 25)", [2, math.log10(25), None]),
        ("exp(log(b))", [pytest.approx(4), 1, None]),
    ],
)
def test_region_by_region(text: str, expected: list[Any]) -> None:
    env = environment({"a": [-2.5, None, 0.5], "b": [4, 1, 0]})
    assert values_of(text, env) == expected


@pytest.mark.parametrize(
    "text", ["log(a)", "log10(a)", "sqrt(a - 1)", "exp(a + 1000)", "log(a - a)"]
)
def test_what_is_not_defined_is_missing_and_reported(text: str) -> None:
    env = environment({"a": [0.0, None]})
    assert values_of(text, env) == [None, None]
    (note,) = env.notes
    assert note.kind == "not-defined"
    assert note.count == 1


DATA = {"x": [3, 1, None, 1, 5], "g": ["n", "n", "n", "s", None], "w": [1, 3, 1, 2, 1]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("total(x)", [10] * 5),
        ("total(x, by=g)", [4, 4, 4, 1, None]),
        ("share(x)", [0.3, 0.1, None, 0.1, 0.5]),
        ("share(x, by=g)", [0.75, 0.25, None, 1, None]),
        ("count(x > 1)", [2] * 5),
        ("count(x > 1, by=g)", [1, 1, 1, 0, None]),
        ("mean(x)", [2.5] * 5),
        ("mean(x, by=g)", [2, 2, 2, 1, None]),
        ("mean(x, weight=w)", [13 / 7] * 5),
        ("mean(x, by=g, weight=w)", [1.5, 1.5, 1.5, 1, None]),
        ("median(x)", [2] * 5),
        ("lowest(x, by=g)", [1, 1, 1, 1, None]),
        ("highest(x)", [5] * 5),
        ("quantile(x, 0.5)", [2] * 5),
        ("quantile(x, 1, by=g)", [3, 3, 3, 1, None]),
        ("stdev(x, by=g)", [math.sqrt(2), math.sqrt(2), math.sqrt(2), None, None]),
        ("rank(x)", [2, 3, None, 3, 1]),
        ("rank(x, order='ascending')", [3, 1, None, 1, 4]),
        ("rank(x, ties='max')", [2, 4, None, 4, 1]),
        ("rank(x, ties='average')", [2, 3.5, None, 3.5, 1]),
        ("rank(x, ties='dense', order='ascending')", [2, 1, None, 1, 3]),
        ("rank(x, by=g)", [1, 2, None, 1, None]),
        ("rank(x, by=[g, w])", [1, 1, None, 1, None]),
        ("percentile(x)", [75, 25, None, 25, 100]),
        ("percentile(x, by=g)", [100, 50, None, 100, None]),
        ("minmax(x)", [0.5, 0, None, 0, 1]),
        ("minmax(x, by=g)", [1, 0, None, None, None]),
        ("zscore(x, by=g)", [math.sqrt(0.5), -math.sqrt(0.5), None, None, None]),
        ("mean(x, weight=w - w)", [None] * 5),
        ("total(missing)", [0] * 5),
        ("mean(missing)", [None] * 5),
    ],
)
def test_across_regions(text: str, expected: list[float | None]) -> None:
    values = values_of(text, environment(DATA))
    assert [v is None for v in values] == [v is None for v in expected]
    assert [v for v in values if v is not None] == pytest.approx(
        [v for v in expected if v is not None], rel=1e-15
    )


def test_regions_left_out_are_reported() -> None:
    env = environment(DATA | {"w": [1, None, 1, 2, 1]})
    assert values_of("mean(x, weight=w)", env)[0] == 2.5
    (note,) = env.notes
    assert (note.kind, note.count) == ("left-out", 2)
    assert "r2" in note.en
    assert "r3" in note.en


def test_a_missing_group_is_reported() -> None:
    env = environment(DATA)
    values_of("rank(x, by=g)", env)
    assert note_kinds(env.notes) == ["no-group"]


def test_values_equal_to_twelve_digits_tie() -> None:
    env = environment({"x": [0.3, 0.1 + 0.2, 0.2]})
    assert values_of("rank(x)", env) == [1, 1, 3]
    assert values_of("rank(x, ties='dense')", env) == [1, 1, 2]


def test_a_total_beyond_floats_is_missing_and_reported() -> None:
    env = environment({"x": [1.5e308, 1.5e308], "w": [1e308, 1e308]})
    for text in ("total(x)", "mean(x)", "stdev(x)", "mean(x, weight=w)", "share(x)"):
        env.notes.clear()
        assert values_of(text, env) == [None, None], text
        assert note_kinds(env.notes) == ["not-defined"]


def test_totals_do_not_depend_on_the_order_of_regions() -> None:
    random = np.random.default_rng(5)
    values = (random.normal(size=200) * 10.0 ** random.integers(-8, 9, 200)).tolist()
    shuffled = [values[i] for i in random.permutation(200)]
    for text in ("total(x)", "mean(x)", "stdev(x)"):
        assert (
            values_of(text, environment({"x": values}))[0]
            == (values_of(text, environment({"x": shuffled}))[0])
        )


CELLS = st.one_of(st.none(), st.integers(-5, 5).map(float))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(CELLS, st.sampled_from(["n", "s", None])), min_size=1, max_size=8))
def test_groups_agree_with_plain_python(rows: list[tuple[float | None, str | None]]) -> None:
    env = environment({"x": [x for x, _ in rows]})
    from reliefperf.model.environment import text_column

    env.columns["g"] = text_column([g for _, g in rows])
    members = {group: [x for x, g in rows if g == group and x is not None] for group in ("n", "s")}
    found = {
        text: values_of(f"{text}(x, by=g)", env) for text in ("total", "mean", "median", "rank")
    }
    for place, (x, g) in enumerate(rows):
        if g is None:
            assert all(values[place] is None for values in found.values())
            continue
        mine = members[g]
        assert found["total"][place] == sum(mine)
        assert found["mean"][place] == (statistics.fmean(mine) if mine else None)
        assert found["median"][place] == (statistics.median(mine) if mine else None)
        above = None if x is None else 1 + sum(other > x for other in mine)
        assert found["rank"][place] == above


def test_every_function_says_what_it_does_in_both_languages() -> None:
    for function in FUNCTIONS.values():
        assert function.en
        assert any("\u4e00" <= char <= "\u9fff" for char in function.zh)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        *(("minmax(x)", "no-spread"), ("zscore(x)", "no-spread")),
        *(("share(x - 3)", "zero-total"), ("mean(x, weight=x - 3)", "zero-total")),
    ],
)
def test_a_group_that_gives_nothing_is_reported(text: str, kind: str) -> None:
    env = environment({"x": [3, 3]})
    assert values_of(text, env) == [None, None]
    assert [note.kind for note in env.notes] == [kind]


def test_the_year_of_periods_dates_and_school_years() -> None:
    texts = [
        "2024",
        "2023年",
        "2023Q3",
        "2023-07",
        "2022-23",
        "2023/24",
        "2024-12-31",
        "spring",
        None,
    ]
    env = environment({"t": texts})
    expected = [2024, 2023, 2023, 2023, 2022, 2023, 2024, None, None]
    assert values_of("year(t)", env) == expected
    assert note_kinds(env.notes) == ["not-defined"]
    assert "(r8)" in env.notes[0].en or env.notes[0].en.endswith("r8")
    assert values_of("2034 - year('2024/25')", environment({"t": ["x"]})) == [10]


def test_rank_with_a_tie_break_looks_at_it_within_groups_and_equals_only() -> None:
    env = environment(
        {
            "x": [5, 5, 5, 1, None, 5],
            "y": [1, 2, None, 9, 9, 2],
            "g": ["n", "n", "n", "n", "n", "s"],
        }
    )
    assert values_of("rank(x, tie_break=y)", env) == [3, 1, 4, 5, None, 1]
    assert note_kinds(env.notes) == ["left-out"]
    assert values_of("rank(x, tie_break=y, by=g)", env) == [2, 1, 3, 4, None, 1]
    assert values_of("rank(x, tie_break=-y, order='ascending')", env) == [2, 3, 5, 1, None, 3]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=12))
def test_rank_with_a_tie_break_is_the_rank_of_pairs(pairs: list[tuple[int, int]]) -> None:
    env = environment({"x": [x for x, _ in pairs], "y": [y for _, y in pairs]})
    expected = [1 + sum(other > own for other in pairs) for own in pairs]
    assert values_of("rank(x, tie_break=y)", env) == expected
