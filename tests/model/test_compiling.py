"""Meaning of expressions: kinds, missing values, notes, and agreement with plain Python."""

import ast
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.model.compiling import Scope, compile_expression, kind_of
from reliefperf.model.environment import Environment
from reliefperf.model.expressions import Expr
from tests.building import compile_errors, compiled, environment, note_kinds, values_of


@pytest.fixture
def env() -> Environment:
    return environment(
        {
            "a": [1, None, 3],
            "b": [0, 2, 5],
            "t": ["x", None, "y"],
            "p": 2,
            "word": "x",
        }
    )


# ---------------------------------------------------------------- arithmetic and missing values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + b * 2", [1, None, 13]),
        ("a - b - 1", [0, None, -3]),
        ("-a ** 2", [-1, None, -9]),
        ("a ** p", [1, None, 9]),
        ("2 ** (p + 1)", [8, 8, 8]),
        ("+b", [0, 2, 5]),
        ("(a > 0) + (b > 1) >= 2", [0, None, 1]),
        ("missing + 1", [None, None, None]),
        ("a == missing", [None, None, None]),
        ("a > 2", [0, None, 1]),
        ("0 < a <= 1", [1, None, 0]),
        ("b < 6 < a", [0, None, 0]),
        ("a != b", [1, None, 1]),
        ("0.1 + 0.2 == 0.3", [1, 1, 1]),
        ("not a", [0, None, 0]),
        ("a in [1, -3]", [1, None, 0]),
        ("a not in [1]", [0, None, 1]),
        ("t in ['x', 'z']", [1, None, 0]),
        ("t == 'x'", [1, None, 0]),
        ("t != word", [0, None, 1]),
        ("True + True", [2, 2, 2]),
        ("where(a > 1, 'high', 'low')", ["low", None, "high"]),
        ("where(a > 1, t, missing)", [None, None, "y"]),
        ("if_missing(t, 'none')", ["x", "none", "y"]),
        ("if_missing(a, b)", [1, 2, 3]),
        ("is_missing(t)", [0, 1, 0]),
        ("where(missing, 1, 2)", [None, None, None]),
        ("where(missing, 'a', 'b')", [None, None, None]),
    ],
)
def test_values_region_by_region(env: Environment, text: str, expected: list[Any]) -> None:
    assert values_of(text, env) == expected


def test_and_and_or_decide_where_one_side_settles_it(env: Environment) -> None:
    assert values_of("a > 0 and b > 1", env) == [0, None, 1]
    assert values_of("a > 0 and b > 2", env) == [0, 0, 1]
    assert values_of("a > 0 or b > 1", env) == [1, 1, 1]
    assert values_of("a > 5 or b > 5", env) == [0, None, 0]
    assert values_of("1 < a < 0", env) == [0, None, 0]
    assert values_of("b < a < 0", env) == [0, None, 0]
    assert values_of("5 < b < a", env) == [0, 0, 0]  # the first comparison settles it


def test_division_by_zero_is_missing_and_reported(env: Environment) -> None:
    assert values_of("a / b", env) == [None, None, 0.6]
    (note,) = env.notes
    assert note.kind == "division-by-zero"
    assert note.count == 1
    assert "r1" in note.en
    assert "r1" in note.zh


def test_a_missing_number_over_zero_is_only_missing() -> None:
    env = environment({"a": [None], "b": [0]})
    assert values_of("a / b", env) == [None]
    assert env.notes == []


@pytest.mark.parametrize(
    "text",
    [
        "1e300 * 1e300 * b",
        "b * 1e300 * 1e300 - b * 1e300 * 1e300",
        "1e300 / (b * 1e-300)",
        "9**9**9",
    ],
)
def test_a_result_beyond_floats_is_missing_and_reported(env: Environment, text: str) -> None:
    values = values_of(text, env)
    assert values[2] is None
    assert "not-defined" in note_kinds(env.notes)
    assert not any(value in (float("inf"), float("-inf")) for value in values)


def test_a_power_that_is_not_defined_is_missing_and_reported() -> None:
    env = environment({"a": [-8, 0, 4], "p": 0.5})
    assert values_of("a ** p", env) == [None, 0, 2]
    assert values_of("a ** -1", env) == [-0.125, None, 0.25]
    assert note_kinds(env.notes) == ["not-defined", "not-defined"]
    assert values_of("2 ** 11", env) == [None, None, None]


def test_only_the_branch_that_is_used_is_worth_a_note(env: Environment) -> None:
    assert values_of("where(b > 0, a / b, 0)", env) == [0, None, 0.6]
    assert env.notes == []
    assert values_of("where(b >= 0, a / b, 0)", env) == [None, None, 0.6]
    assert note_kinds(env.notes) == ["division-by-zero"]


# ---------------------------------------------------------------- what is said of mistakes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x + 1", "unknown name 'x'"),
        ("previous", "is a function"),
        ("total + 1", "is a function"),
        ("print(a)", "unknown function 'print'"),
        ("__import__('os')", "unknown function"),
        ("meen(a)", "did you mean 'mean'"),
        ("'a' * 9", "expected a number, this is a text"),
        ("-t", "expected a number, this is a text"),
        ("not t", "expected a condition"),
        ("t and a > 1", "expected a condition"),
        ("t < t", "texts can only be compared with == and !="),
        ("a == t", "cannot be compared"),
        ("a in ['x']", "the list after `in`"),
        ("t in ['x', 1]", "the list after `in`"),
        ("1 < a in [1]", "cannot stand in a chain"),
        ("where(a > 1, 'x', 1)", "both results"),
        ("if_missing(t, 1)", "both results"),
        ("min(a)", "takes 2 or more"),
        ("abs(a, b)", "takes 1 argument"),
        ("abs(x=a)", "takes 1 argument"),
        ("min(a, b, by=t)", "has no option 'by='"),
        ("rank(a, order='up')", "order= is one of"),
        ("rank(a, ties=a)", "ties= is one of"),
        ("total(a, by='t')", "without quotes"),
        ("total(a, by=[])", "without quotes"),
        ("total(a, by=1)", "without quotes"),
        ("mean(a, weight=t)", "expected a number"),
        ("total(t)", "expected a number"),
        ("a ** b", "exponent"),
        ("a ** total(p)", "exponent"),
        ("round(a, b)", "the same for all regions"),
        ("round(a, missing)", "the same for all regions"),
        ("round(a, 1.5)", "a whole number from -12 to 12, not 1.5"),
        ("round(a, 1e9)", "a whole number"),
        ("quantile(a, b)", "the same for all regions"),
        ("quantile(a, 90)", "a number from 0 to 1, not 90"),
        ("previous()", "how many periods back"),
        ("previous(a, b)", "how many periods back"),
        ("previous(nothing)", "unknown name 'nothing'"),
    ],
)
def test_what_makes_no_sense_is_refused_before_any_data(
    env: Environment, text: str, said: str
) -> None:
    assert any(said in message for message in compile_errors(text, env))


def test_every_unknown_name_is_named_at_once(env: Environment) -> None:
    assert len(compile_errors("x + y * total(z)", env)) == 3


def test_a_setting_from_a_parameter_is_checked_when_it_is_known() -> None:
    env = environment({"a": [1.26, 2.34], "digits": 1, "q": 90})
    assert values_of("round(a, digits)", env) == [1.3, 2.3]
    assert values_of("quantile(a, q)", env) == [None, None]
    assert note_kinds(env.notes) == ["not-defined"]


def expecting(text: str, expected: Any, env: Environment, **more: Any) -> list[str]:
    from tests.building import scope_of

    made, errors = compile_expression(Expr(text), scope_of(env), expected=expected, **more)
    assert (made is None) == bool(errors)
    return [error.en for error in errors]


def test_the_kind_that_a_place_wants_is_checked(env: Environment) -> None:
    assert expecting("a > 1", "number", env) == []
    assert expecting("a", "bool", env) == []  # a 0/1 column serves as a condition
    assert expecting("a + 1", "bool", env) == ["expected a condition, this gives a number"]
    assert expecting("t", "number", env) == ["expected a number, this gives a text"]
    assert expecting("t", "text", env) == []


def test_where_a_constant_is_wanted_regions_cannot_differ(env: Environment) -> None:
    assert expecting("p * 2 + 1", "number", env, constant=True) == []
    assert "differs by region" in expecting("a", "number", env, constant=True)[0]
    assert "looks at all regions" in expecting("total(p)", "number", env, constant=True)[0]
    assert "unknown name" in expecting("nothing", "number", env, constant=True)[0]


def test_a_name_that_is_known_later_is_refused_with_the_reason() -> None:
    later = {"score": ("is known only after the evaluation", "在评价完成之后才有值")}
    scope = Scope({"a": "number"}, {}, frozenset(), later)
    made, errors = compile_expression(Expr("a + score"), scope)
    assert made is None
    assert errors[0].en == "'score' is known only after the evaluation"
    assert compile_expression(Expr("a + previous(score)"), scope)[1] == []


def test_the_kind_is_told_even_of_an_expression_that_is_wrong(env: Environment) -> None:
    from tests.building import scope_of

    assert kind_of(Expr("where(x > 1, 'a', 'b')"), scope_of(env)) == "text"


# ---------------------------------------------------------------- the period before


def test_previous_is_missing_and_reported_where_there_is_no_period(env: Environment) -> None:
    assert values_of("previous(a)", env) == [None, None, None]
    assert note_kinds(env.notes) == ["no-previous-period"]


def test_previous_follows_regions_by_their_codes() -> None:
    before = environment({"a": [10, 20], "t": ["x", "y"]}, period="2022", codes=["A", "B"])
    now = environment(
        {"a": [21, 5, 11], "t": ["u", "v", "w"]},
        period="2023",
        codes=["B", "C", "A"],
        previous=before,
    )
    assert values_of("a - previous(a)", now) == [1, None, 1]
    assert values_of("previous(t)", now) == ["y", None, "x"]
    assert values_of("previous(total(a))", now) == [30, None, 30]
    assert note_kinds(now.notes) == ["no-previous-period"] * 3
    assert "C" in now.notes[0].en
    assert now.notes[0].count == 1


def test_previous_of_previous_looks_two_periods_back() -> None:
    first = environment({"a": [1]}, codes=["A"])
    second = environment({"a": [2]}, codes=["A"], previous=first)
    third = environment({"a": [4]}, codes=["A"], previous=second)
    assert values_of("a - previous(previous(a))", third) == [3]


def test_previous_of_what_was_not_computed_is_missing_and_reported() -> None:
    before = environment({"a": [1]}, codes=["A"])
    now = environment({"a": [2]}, codes=["A"], previous=before)
    scope = Scope({"a": "number"}, {}, frozenset(), {"amount": ("later", "之后")})
    made, errors = compile_expression(Expr("previous(amount)"), scope)
    assert made is not None
    assert errors == []
    assert np.isnan(made.full(now)).all()
    assert note_kinds(now.notes) == ["no-previous-period"]


def test_the_value_of_an_indicator_cannot_be_looked_up_in_the_period_before() -> None:
    scope = Scope({"a": "number", "value": "number", "full_marks": "number"}, {})
    for text in ("previous(value)", "previous(full_marks)"):
        _, errors = compile_expression(Expr(text), scope)
        assert "is not kept for the period after" in errors[0].en


# ---------------------------------------------------------------- no hang, no blow-up


@pytest.mark.parametrize(
    "text",
    [
        "a < (" * 38 + "a" + ") < a" * 38,  # each operand is computed once
        "+".join(["a"] * 900),
        " < ".join(["a"] * 490),
        " and ".join(["a > 1"] * 180),
        "previous(" * 38 + "a" + ")" * 38,
        "min(" + ", ".join(["a"] * 600) + ")",
        "a in [" + ", ".join(map(str, range(400))) + "]",
        "total(" * 38 + "a" + ")" * 38,
    ],
    ids=lambda text: text[:12],
)
def test_the_longest_expressions_come_to_an_end(text: str) -> None:
    env = environment({"a": list(range(1000))})
    assert compiled(text, env).full(env).shape == (1000,)  # a parser that doubles would never end


# ---------------------------------------------------------------- plain Python as reference

Row = dict[str, float | None]
Evaluate = Callable[[Row], float | None]
Pair = tuple[str, Evaluate]


def lifted(function: Callable[..., float | None], *parts: Evaluate) -> Evaluate:
    """The function on known values; missing where one part is."""

    def run(row: Row) -> float | None:
        values = [part(row) for part in parts]
        return None if any(value is None for value in values) else function(*values)

    return run


def same(x: float, y: float) -> bool:
    return abs(x - y) <= 1e-12 * max(abs(x), abs(y))


COMPARE: dict[str, Callable[[float, float], bool]] = {
    "==": same,
    "!=": lambda x, y: not same(x, y),
    "<": lambda x, y: x < y and not same(x, y),
    "<=": lambda x, y: x < y or same(x, y),
    ">": lambda x, y: x > y and not same(x, y),
    ">=": lambda x, y: x > y or same(x, y),
}
ARITHMETIC: dict[str, Callable[[float, float], float | None]] = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y if y else None,
}


def all_of(parts: list[float | None]) -> float | None:
    if any(part == 0 for part in parts):
        return 0.0
    return None if None in parts else 1.0


def any_of(parts: list[float | None]) -> float | None:
    if any(part not in (None, 0) for part in parts):
        return 1.0
    return None if None in parts else 0.0


def chosen(condition: Evaluate, yes: Evaluate, no: Evaluate) -> Evaluate:
    def run(row: Row) -> float | None:
        holds = condition(row)
        return None if holds is None else yes(row) if holds else no(row)

    return run


def number(value: float) -> Pair:
    return (repr(value), lambda row: float(value))


def _stated(text: str) -> float:
    """The number that is written, NaN where it is none."""
    try:
        return float(ast.literal_eval(text))
    except ValueError:
        return math.nan


ATOMS: st.SearchStrategy[Pair] = st.one_of(
    st.sampled_from([(name, lambda row, name=name: row[name]) for name in "abc"]),
    st.sampled_from([0, 1, 2, 3, 0.5, 10, 0.1]).map(number),
    st.just(("missing", lambda row: None)),
)


def grown(inner: st.SearchStrategy[Pair]) -> st.SearchStrategy[Pair]:
    def binary(pick: tuple[str, Pair, Pair]) -> Pair:
        sign, (left, f), (right, g) = pick
        return f"({left} {sign} {right})", lifted(ARITHMETIC[sign], f, g)

    def compare(pick: tuple[str, Pair, Pair]) -> Pair:
        sign, (left, f), (right, g) = pick
        return f"({left} {sign} {right})", lifted(lambda x, y: float(COMPARE[sign](x, y)), f, g)

    def between(pick: tuple[Pair, str, Pair, str, Pair]) -> Pair:
        (low, f), one, (middle, g), two, (high, h) = pick
        first = lifted(lambda x, y: float(COMPARE[one](x, y)), f, g)
        second = lifted(lambda x, y: float(COMPARE[two](x, y)), g, h)
        return (
            f"({low} {one} {middle} {two} {high})",
            lambda row: all_of([first(row), second(row)]),
        )

    def logic(pick: tuple[str, list[Pair]]) -> Pair:
        word, parts = pick
        runs = [run for _, run in parts]
        decide = all_of if word == "and" else any_of
        return f"({f' {word} '.join(text for text, _ in parts)})", lambda row: decide(
            [run(row) for run in runs]
        )

    def unary(pick: tuple[str, Pair]) -> Pair:
        sign, (text, run) = pick
        work: Callable[[float], float] = (lambda x: -x) if sign == "-" else lambda x: float(not x)
        return f"({sign} {text})", lifted(work, run)

    def call(pick: tuple[str, Pair, Pair, Pair]) -> Pair:
        name, (x, f), (y, g), (z, h) = pick
        match name:
            case "where":
                return f"where({x}, {y}, {z})", chosen(f, g, h)
            case "if_missing":
                return f"if_missing({x}, {y})", lambda row: g(row) if f(row) is None else f(row)
            case "is_missing":
                return f"is_missing({x})", lambda row: float(f(row) is None)
            case "clip":
                if _stated(y) > _stated(z):  # refused when loaded
                    (y, g), (z, h) = (z, h), (y, g)
                return f"clip({x}, {y}, {z})", lifted(lambda a, b, c: min(max(a, b), c), f, g, h)
            case "in":
                return f"({x} in [1, -2.5, 0.3])", lifted(
                    lambda a: float(any(same(a, item) for item in (1, -2.5, 0.3))), f
                )
            case "abs":
                return f"abs({x})", lifted(abs, f)
        work = {"min": min, "max": max}[name]
        return f"{name}({x}, {y}, {z})", lifted(work, f, g, h)

    signs = st.sampled_from(list(COMPARE))
    return st.one_of(
        st.tuples(st.sampled_from(list(ARITHMETIC)), inner, inner).map(binary),
        st.tuples(signs, inner, inner).map(compare),
        st.tuples(inner, signs, inner, signs, inner).map(between),
        st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3)).map(
            logic
        ),
        st.tuples(st.sampled_from(["-", "not"]), inner).map(unary),
        st.tuples(
            st.sampled_from(
                ["where", "if_missing", "is_missing", "clip", "in", "abs", "min", "max"]
            ),
            inner,
            inner,
            inner,
        ).map(call),
    )


CELLS = st.one_of(st.none(), st.sampled_from([0.0, 1.0, -2.5, 0.3, 0.1, 7.0, 1e6]))


@settings(max_examples=300, deadline=None)
@given(
    st.recursive(ATOMS, grown, max_leaves=12),
    st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=4),
)
def test_expressions_agree_with_plain_python(
    pair: Pair, table: list[tuple[float | None, ...]]
) -> None:
    text, reference = pair
    rows = [dict(zip("abc", cells, strict=True)) for cells in table]
    env = environment({name: [row[name] for row in rows] for name in "abc"})
    # min and max of equal values may differ in the sign of zero only
    assert values_of(text, env) == [
        None if value is None else value + 0.0 for value in map(reference, rows)
    ]


def test_a_text_in_quotes_matches_the_data_as_written() -> None:
    env = environment({"t": ["（一）", "(一)", "Ａ"]})
    assert values_of("t == '（一）'", env) == [1, 0, 0]
    assert values_of("t in [“（一）”, 'Ａ']", env) == [1, 0, 1]


def test_a_text_that_differs_by_region_is_one_mistake_where_a_constant_is_wanted() -> None:
    env = environment({"zone": ["hills", "plain"]})
    found = expecting("where(zone == 'hills', 60, 40)", "number", env, constant=True)
    assert len(found) == 1
    assert "'zone' differs by region" in found[0]
