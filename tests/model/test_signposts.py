"""Signposts of divisor methods: exact values, and what is no signpost is refused in two languages."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliefperf.model.signposts import NAMED, WrongSignpost, signpost
from tests.building import mistakes_of


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("sainte_lague", ["1/2", "3/2", "5/2"]),
        ("dhondt", ["1", "2", "3"]),
        ("adams", ["0", "1", "2"]),
        ("modified_sainte_lague", ["7/10", "3/2", "5/2"]),
        ("n + 1/3", ["1/3", "4/3", "7/3"]),
        ("1 + n / 2", ["1", "3/2", "2"]),
        ("2*n*(n+1) / (2*n + 1)", ["0", "4/3", "12/5"]),
        ("max(0.1, n) ** 2", ["1/100", "1", "4"]),
        ("-(-n - 1)", ["1", "2", "3"]),
    ],
)
def test_signposts_are_exact(text: str, values: list[str]) -> None:
    found = signpost(text)
    assert not found.has_root
    assert [found.at(n) for n in range(3)] == [Fraction(value) for value in values]


@pytest.mark.parametrize("text", ["sqrt(n * (n + 1))", "sqrt(n) * sqrt(n + 1)"])
@given(n=st.integers(0, 10**12))
def test_roots_are_held_as_squares(text: str, n: int) -> None:
    found = signpost(text)
    assert found.has_root
    assert found.at(n) == n * (n + 1)


def test_every_named_method_is_a_signpost_between_n_and_the_next() -> None:
    for name in NAMED:
        found = signpost(name)
        for n in range(50):
            value = math.sqrt(found.at(n)) if found.has_root else found.at(n)
            assert n <= value <= n + 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("5 - n", "must rise"),
        ("n // 2", "cannot stand in a signpost"),
        ("sqrt(n) + 1", "not added"),
        ("sqrt(n) ** 2", "not added"),
        ("votes / n", "cannot stand in a signpost"),
        ("n n", "not an expression"),
        ("1 / n", "divides by zero at n = 0"),
        ("n - 1", "below zero"),
        ("sqrt(n - 3)", "below zero"),
        ("where(n, 1, 2)", "not a comparison"),
        ("n ** 99", "cannot stand in a signpost"),
        ("n ** n", "cannot stand in a signpost"),
        ("1e999 + n", "cannot stand in a signpost"),
        ("__import__('os')", "cannot stand in a signpost"),
        ("n + " * 200 + "1", "not an expression"),
    ],
)
def test_what_is_no_signpost_is_refused_in_both_languages(text: str, words: str) -> None:
    with pytest.raises(WrongSignpost, match=words) as caught:
        signpost(text)
    assert caught.value.zh
    assert caught.value.zh != caught.value.en


@pytest.mark.parametrize(
    ("rounding", "words"),
    [
        ("{divisor: n - 1}", "below zero"),
        ("{divisors: n}", "did you mean 'divisor'"),
        ("hill", "expected one of largest_remainder"),
    ],
)
def test_a_wrong_rounding_is_named_where_it_stands(rounding: str, words: str) -> None:
    found = mistakes_of(f"""
model: m
data: {{file: d.csv, region: code}}
variables: {{w: {{}}}}
allocation:
  unit: seat
  pools: {{a: {{amount: 9, weight: w, rounding: {rounding}}}}}
""")
    assert any(words in mistake.en for mistake in found)
    assert {mistake.line for mistake in found} == {7}
