"""What may be written: everything else is refused with a place and a reason in two languages."""

import ast

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reliefperf.model.expressions import MAX_DEPTH, MAX_LENGTH, Expr, ExpressionError, normalise


def refusal(text: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        Expr(text)
    error = caught.value
    assert error.en
    assert error.zh
    assert any("\u4e00" <= char <= "\u9fff" for char in error.zh)
    assert 0 <= error.offset <= len(text)
    return error


HOSTILE = {
    "a.b": "attributes",
    "a.__class__.__mro__": "attributes",
    "(1).real": "attributes",
    "a[0]": "subscripts",
    "lambda: a": "lambda",
    "'abc'.upper()": "only a listed function",
    "'x'(1)": "only a listed function",
    "min(a)(b)": "only a listed function",
    "(lambda: 1)()": "only a listed function",
    "[x for x in a]": "ListComp",
    "{x: 1 for x in a}": "DictComp",
    "(x for x in a)": "GeneratorExp",
    "(x := 1)": "':='",
    "f'{a}'": "f-strings",
    "f''": "f-strings",
    "min(*a)": "'*'",
    "min(**a)": "'**'",
    "await a": "Await",
    "yield a": "not an expression",
    "import os": "not an expression",
    "a; b": "not an expression",
    "a if b else c": "where(c, a, b)",
    "_a": "cannot start with '_'",
    "__builtins__": "cannot start with '_'",
    "None": "only numbers, texts",
    "...": "only numbers, texts",
    "1j": "only numbers, texts",
    "b'abc'": "only numbers, texts",
    "{1}": "Set",
    "{1: 2}": "Dict",
    "[1]": "List",
    "(1, 2)": "not of the language",
    "a is b": "`is` is not allowed",
    "a % b": "write 0.85",
    "85%": "0.85",
    "a // b": "floor(a / b)",
    "a & b": "write `and`",
    "a | b": "write `or`",
    "a ^ b": "a power is written **",
    "a @ b": "operator @",
    "a << 2": "operator <<",
    "~a": "UnaryOp",
    "a = b": "equality is `==`",
    "a && b": "write `and`",
    "a # the rest": "'#'",
    "(a) # the rest": "'#'",
    "a ＃ the rest": "'#'",
    "a in b": "after `in` a list",
    "a in []": "after `in` a list",
    "a in [b]": "after `in` a list",
    "a in [not 1]": "after `in` a list",
    "a in [~1]": "after `in` a list",
    "a in [--1]": "after `in` a list",
    "a in [-'x']": "after `in` a list",
    "a in [-True]": "after `in` a list",
    "a in [1, 2][0:1]": "after `in` a list",
    "a in [1j]": "only numbers, texts",
    "a in [None]": "only numbers, texts",
    "a in [1e999]": "too large",
    "a in ['x' 'y']": "a comma or an operator is missing",
    "'x' 'y'": "a comma or an operator is missing",
    "'''x'''": "one pair of quotes",
    "r'x'": "one pair of quotes",
    "u'x'": "one pair of quotes",
    "rank(a, ties='min', ties='max')": "stands twice",
    "1e400": "too large",
    "9" * 500: "too large",
    "": "empty",
    "   \n\t ": "empty",
    "（　）": "not of the language",
    "a\0b": "null bytes",
    "a\u200bb": "U+200B",
    "a\u202eb": "U+202E",
    "\ufeffa": "U+FEFF",
    "a\u2028+b": "U+2028",
    "'\ud800'": "characters that are not allowed",
    "½": "not an expression",
    "1if a else 2": "not an expression",
    "012": "not an expression",
    "(" * 500 + "a" + ")" * 500: "too many nested parentheses",
    "-" * 1900 + "a": "nested more than",
    "not " * 400 + "a": "nested more than",
    "abs(" * 41 + "a" + ")" * 41: "nested more than",
    "a**" * 60 + "a": "nested more than",
    "a" * (MAX_LENGTH + 1): "2,000 are allowed",
}


@pytest.mark.parametrize(("text", "said"), HOSTILE.items(), ids=lambda part: repr(part)[:30])
def test_what_is_not_of_the_language_is_refused(text: str, said: str) -> None:
    assert said in refusal(text).en


def test_an_imported_name_is_only_an_unknown_name() -> None:
    assert Expr("__import__('os')").calls == {"__import__"}  # compiling refuses it by its name


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("a + b.c", 4),
        ("a ≥ b.c", 4),
        ("  a + b.c", 6),
        ("低保人数 + b.c", 7),
        ("a +\n  b.c", 6),
        ("ａ＋ｂ．ｃ", 2),
        ("'优秀' == b.c", 8),
    ],
)
def test_the_place_is_counted_in_the_characters_as_written(text: str, offset: int) -> None:
    assert refusal(text).offset == offset


def test_full_width_signs_and_mathematical_operators_are_understood() -> None:
    assert ast.dump(Expr("ａ×（ｂ＋１２）≥ｃ÷２").tree) == ast.dump(Expr("a*(b+12)>=c/2").tree)
    assert ast.dump(Expr("a≤1 and b≠2 and c−d–e<０．５").tree) == ast.dump(
        Expr("a<=1 and b!=2 and c-d-e<0.5").tree
    )


def constant(text: str) -> object:
    node = Expr(text).tree
    assert isinstance(node, ast.Constant)
    return node.value


@pytest.mark.parametrize("quoted", ["'{}'", '"{}"', "‘{}’", "“{}”", "＂{}＂", "＇{}＇"])
@pytest.mark.parametrize(
    "inside", ["优秀", "（一）类", "ＡＢ１２", "a≥b", "a\\nb", "½", "50%", "# 1", "x–y"]
)
def test_a_text_means_exactly_what_stands_between_its_quotes(quoted: str, inside: str) -> None:
    assert constant(quoted.format(inside)) == inside


def test_other_quotes_inside_a_text_are_part_of_it() -> None:
    assert constant("“他说'是'”") == "他说'是'"
    assert constant('“"x"”') == '"x"'
    assert constant('"it\'s"') == "it's"
    assert constant("'“优”'") == "“优”"


def test_a_quote_left_open_is_refused() -> None:
    assert "unterminated" in refusal("t == '优秀").en
    assert "unterminated" in refusal("t == '优秀’").en


def test_long_sums_count_as_one_level() -> None:
    assert Expr("+".join(["a"] * 900)).names == {"a"}
    assert Expr(" and ".join(["a > 1"] * 150)).names == {"a"}


def test_nesting_up_to_the_limit_is_accepted() -> None:
    inside = MAX_DEPTH - 1
    assert Expr("abs(" * inside + "a" + ")" * inside).names == {"a"}


def test_names_are_columns_and_not_functions_or_options() -> None:
    expr = Expr("total(a, by=zone) + where(b > 1, share, 0) + share(c)")
    assert expr.names == {"a", "zone", "b", "share", "c"}
    assert expr.calls == {"total", "where", "share"}


def test_names_under_previous_are_not_needed_in_the_same_period() -> None:
    expr = Expr("a + previous(b + mean(c, by=d)) + total(e, by=[f, g])")
    assert expr.direct_names == {"a", "e", "f", "g"}
    assert {"b", "c", "d"} <= expr.names


def test_a_word_of_python_that_is_none_of_the_language_may_be_a_name() -> None:
    assert Expr("class + 1").names == {"class"}
    assert constant("'class'") == "class"


def test_identical_texts_are_equal_expressions() -> None:
    assert Expr("a + 1") == Expr("a + 1")
    assert hash(Expr("a + 1")) == hash(Expr("a + 1"))
    assert str(Expr("a + 1")) == "a + 1"


def test_normalising_keeps_the_place_of_every_character() -> None:
    text = "ａ≥‘ｂ’"
    plain, places = normalise(text)
    assert plain == "a>='ｂ'"
    assert places == [0, 1, 1, 2, 3, 4, 5]


WORDS = (
    "a b1 低保 ( ) ( ) [ ] { } + - * / ** // % == != < <= = := , . : ; # \\ ' \" “ ” ‘ ’ ＂ 'x' and or "
    "not in if else lambda is None True 1 2.5 1e9 1e999 0x1f 012 1_0 1j f'{a}' b'' r'' min( where( "
    "previous( by= **a *a ... _ __import__ @ & | ^ ~ << ≥ ≤ ≠ × ÷ （ ） ， １ ﬁ ² \0 \u200b \ud800 \n \t"
)
PIECES = st.sampled_from(WORDS.split(" "))


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.lists(PIECES, max_size=25).map("".join))
@example("'" * 99)
@example("\\" * 99)
@example("“" * 99)
def test_random_text_raises_nothing_but_an_expression_error(text: str) -> None:
    try:
        Expr(text)
    except ExpressionError as error:
        assert error.en
        assert error.zh
        assert 0 <= error.offset <= len(text)
