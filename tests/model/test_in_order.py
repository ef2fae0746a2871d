"""Running sums and queues: the order, ties, groups, exact decimals, gaps."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.building import compile_errors, environment, note_kinds, values_of

DATA = {"x": [3, 1, 2, 4], "key": [20, 10, 20, 5], "g": ["n", "n", "s", "s"]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cumulative(x, order=key)", [8, 5, 10, 4]),
        ("cumulative(x, order=-key)", [3, 6, 5, 10]),
        ("cumulative(x, order=key, by=g)", [4, 1, 6, 4]),
        ("cumulative(1, order=1)", [1, 2, 3, 4]),
        ("fit(x, 8, order=key)", [1, 1, 0, 1]),
        ("fit(x, 7, order=key)", [0, 1, 0, 1]),
        ("fit(x, 7, order=key, skip=True)", [0, 1, 1, 1]),
        ("fit(x, 7, order=key, skip=False)", [0, 1, 0, 1]),
        ("fit(x, 3, order=key, by=g)", [0, 1, 0, 0]),
        ("fit(x, where(g == 'n', 4, 2), order=key, by=g, skip=True)", [1, 1, 1, 0]),
        ("10 * fit(x, 8, order=key)", [10, 10, 0, 10]),
    ],
)
def test_sums_and_queues_by_hand(text: str, expected: list[float]) -> None:
    assert values_of(text, environment(DATA)) == expected


def test_equal_keys_stand_in_the_order_of_the_codes_whatever_the_order_of_rows() -> None:
    env = environment({"x": [1, 10, 100], "key": [0.1 + 0.2, 0.3, 0.3]}, codes=["c", "a", "b"])
    assert values_of("cumulative(x, order=key)", env) == [111, 10, 110]


def test_decimals_are_added_and_compared_exactly() -> None:
    env = environment({"x": [0.1, 0.2, 0.3, 0.1], "key": [1, 2, 3, 4]})
    assert values_of("cumulative(x, order=key)", env) == [0.1, 0.3, 0.6, 0.7]
    assert values_of("fit(x, 0.3, order=key)", env) == [1, 1, 0, 0]
    assert values_of("fit(x, 0.6, order=key)", env) == [1, 1, 1, 0]


def test_what_is_missing_is_left_out_of_the_queue_and_reported() -> None:
    env = environment({"x": [1, None, 2], "key": [1, 2, None]})
    assert values_of("cumulative(x, order=key)", env) == [1, None, None]
    assert values_of("fit(x, 10, order=key)", env) == [1, None, None]
    assert note_kinds(env.notes) == ["left-out", "left-out"]


def test_a_cost_below_zero_is_missing_and_reported() -> None:
    env = environment({"x": [1, -5, 2], "key": [1, 2, 3]})
    assert values_of("fit(x, 3, order=key)", env) == [1, None, 1]
    assert note_kinds(env.notes) == ["not-defined", "left-out"]


def test_a_sum_beyond_what_a_number_holds_is_missing_and_reported() -> None:
    env = environment({"x": [1e308, 1e308], "key": [1, 2]})
    assert values_of("cumulative(x, order=key)", env) == [1e308, None]
    assert note_kinds(env.notes) == ["not-defined"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cumulative(x)", "needs order="),
        ("fit(x, 3, by=g)", "needs order="),
        ("fit(x, order=key)", "takes 2 argument"),
        ("fit(x, 3, order=key, skip=1)", "skip= is one of True, False"),
        ("fit(x, 3, order=key, skip='yes')", "skip= is one of True, False"),
        ("cumulative(x, order=g)", "a text"),
        ("cumulative(x, order='descending')", "a text"),
        ("cumulative(x, order=key, skip=True)", "no option 'skip='"),
        ("rank(x, order=key)", "order= is one of"),
    ],
)
def test_wrong_calls_are_named(text: str, words: str) -> None:
    (error,) = compile_errors(text, environment(DATA))
    assert words in error


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), min_size=1, max_size=12),
    st.integers(0, 40),
    st.booleans(),
    st.randoms(),
)
def test_a_queue_never_spends_more_than_the_budget_and_order_of_rows_is_nothing(
    rows: list[tuple[int, int]], budget: int, skip: bool, chance: object
) -> None:
    codes = [f"r{i:02d}" for i in range(len(rows))]
    text = f"fit(x / 10, {budget} / 10, order=key, skip={skip})"
    env = environment({"x": [x for x, _ in rows], "key": [k for _, k in rows]}, codes=codes)
    funded = dict(zip(codes, values_of(text, env), strict=True))
    spent = sum(
        (Fraction(x, 10) for c, (x, _) in zip(codes, rows, strict=True) if funded[c]), Fraction(0)
    )
    assert spent <= Fraction(budget, 10)
    left, ended = budget, False
    for _, code, x in sorted((k, c, x) for c, (x, k) in zip(codes, rows, strict=True)):
        fits = x <= left and not ended
        assert funded[code] == fits
        left -= x if fits else 0
        ended = ended or not (fits or skip)
    mixed = list(range(len(rows)))
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    again = environment(
        {"x": [rows[i][0] for i in mixed], "key": [rows[i][1] for i in mixed]},
        codes=[codes[i] for i in mixed],
    )
    assert dict(zip(again.codes, values_of(text, again), strict=True)) == funded


@pytest.mark.parametrize("text", ["fit(x, 8, order=[key, x])", "mean(x, weight=[key])"])
def test_a_list_in_place_of_one_number_a_region_is_refused_in_words(text: str) -> None:
    assert any(
        "is one number a region, no list" in error
        for error in compile_errors(text, environment(DATA))
    )
