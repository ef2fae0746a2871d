"""`previous(x, n)`: what was n periods ago, in short."""

import pytest

from reliefperf.model.expressions import Expr
from reliefperf.model.looking_back import written
from tests.building import environment, mistakes_of, model_of, run_on, values_of


def panel(*values: float) -> object:
    env = None
    for place, value in enumerate(values):
        env = environment({"a": [value, None]}, period=str(2020 + place), previous=env)
    return env


@pytest.mark.parametrize("n", [1, 2, 3])
def test_it_is_so_many_calls_one_in_the_other(n: int) -> None:
    env = panel(1.0, 2.0, 4.0, 8.0)
    nested = "previous(" * n + "a" + ")" * n
    assert values_of(f"previous(a, {n})", env) == values_of(nested, env)  # type: ignore[arg-type]
    assert values_of(f"previous(a, {n})", env)[0] == 8.0 / 2**n  # type: ignore[arg-type]


def test_before_the_first_period_it_is_missing() -> None:
    assert values_of("previous(a, 4)", panel(1.0, 2.0, 4.0, 8.0)) == [None, None]  # type: ignore[arg-type]


def test_it_may_stand_in_another_and_around_a_calculation() -> None:
    env = panel(1.0, 2.0, 4.0, 8.0)
    assert values_of("previous(previous(a, 2) + a, 1)", env)[0] == 5  # type: ignore[arg-type]


def test_names_within_it_need_not_be_known_in_this_period() -> None:
    expr = Expr("previous(score, 2) + b")
    assert expr.direct_names == {"b"}
    assert expr.text == "previous(score, 2) + b"


@pytest.mark.parametrize("second", ["0", "-1", "21", "1.5", "n", "True", "'2'"])
def test_another_number_of_periods_is_refused(second: str) -> None:
    text = f"""\
        model: m
        variables: {{x: {{}}}}
        parameters: {{n: 2}}
        derived: {{d: "previous(x, {second})"}}
    """
    (mistake,) = mistakes_of(text)
    assert "a whole number from 1 to 20: previous(x), previous(x, 3)" in mistake.en


def test_a_moving_average_over_three_years_lagged_two() -> None:
    text = """\
        model: m
        data: {period: year}
        variables: {x: {}}
        derived:
          smoothed: 0.5 * previous(x, 2) + 0.25 * previous(x, 3) + 0.25 * previous(x, 4)
        allocation: {unit: yuan, pools: {p: {each: "if_missing(smoothed, 0)"}}}
    """
    rows = {"region": ["a"] * 5, "year": [2019, 2020, 2021, 2022, 2023]}
    run = run_on(model_of(text), {**rows, "x": [100.0, 200.0, 400.0, 1.0, 2.0]})
    assert run.last.allocation is not None
    assert run.last.allocation.amounts("p") == [275]


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ("lag(x)", "write `previous(x)`"),
        ("interpolate(x)", "is called by its name: rate(class)"),
        ("max(x)", "over all regions it is highest(x)"),
        ("total(x, where=x > 1)", "total(where(condition, x, missing))"),
        ("x > 1 ? 2 - 3", "write where(condition, a, b)"),
        ("true", "write True, or 1 and 0"),
    ],
)
def test_forms_of_other_languages_are_answered_with_ours(wrong: str, hint: str) -> None:
    (mistake,) = mistakes_of(f'model: m\nvariables: {{x: {{}}}}\nderived: {{d: "{wrong}"}}\n')
    assert hint in mistake.en


@pytest.mark.parametrize(
    "text",
    [
        "previous(a, 2) + 1",
        "previous(previous(a, 2) + a)",
        "previous(a)",
        "max(previous(a, 20), 1)",
    ],
)
def test_it_is_shown_as_it_was_written(text: str) -> None:
    tree = Expr(text).tree
    assert written(tree) == text
    assert written(tree) == text  # what is shown is left as it was
    assert written(Expr("previous(previous(previous(a)))").tree) == "previous(a, 3)"
