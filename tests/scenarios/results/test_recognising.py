"""Formulas are told by their form, and others are left alone."""

import ast

import pytest

from reliefperf.scenarios.results.recognising import chosen_by, first_of, number_of, texts_of


def tree(text: str) -> ast.AST:
    return ast.parse(text, mode="eval").body


@pytest.mark.parametrize(
    ("text", "number"), [("3", 3), ("-0.5", -0.5), ("x", None), ("1 + 1", None)]
)
def test_a_number_is_what_is_written_as_one(text: str, number: float | None) -> None:
    assert number_of(tree(text)) == number


def test_the_first_so_many_are_a_rank_up_to_a_number() -> None:
    first = first_of(tree("rank(score, by=zone) <= 3"))
    assert first is not None
    count, by, within = first
    assert (count, ast.unparse(by), ast.unparse(within or tree("none"))) == (3, "score", "zone")
    assert first_of(tree("rank(score) == 1")) is not None
    for other in ("rank(score) == 2", "rank(score) >= 3", "score <= 3", "rank(score) <= k"):
        assert first_of(tree(other)) is None


def test_texts_are_those_that_a_name_may_be() -> None:
    assert texts_of(tree("grade in ['a', 'b']"), "grade") == ["a", "b"]
    assert texts_of(tree("grade == 'a'"), "grade") == ["a"]
    for other in ("grade != 'a'", "zone == 'a'", "grade in names"):
        assert texts_of(tree(other), "grade") is None


def test_a_choice_is_an_amount_or_nothing() -> None:
    chosen = chosen_by(tree("where(x > 1, y, 0)"))
    assert chosen is not None
    assert [ast.unparse(part) for part in chosen] == ["x > 1", "y"]
    for other in ("where(x > 1, y, 2)", "max(x, y, 0)", "x"):
        assert chosen_by(tree(other)) is None
