"""Dated values: each holds from its date on."""

import pytest

from reliefperf.errors import InputError
from reliefperf.model.parameters import Dated, parse_date, period_start, read_parameter
from tests.building import mistakes_of, model_of, run_on


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2015", (2015, 1, 1)),
        ("2011-11", (2011, 11, 1)),
        ("2024-12-23", (2024, 12, 23)),
        (" 2024-1-2 ", (2024, 1, 2)),
        ("2024-13", None),
        ("2024-00", None),
        ("2024-01-32", None),
        ("2024年", None),
        ("24", None),
        ("", None),
        ("２０２４", (2024, 1, 1)),
    ],
)
def test_dates_name_their_first_day(text: str, date: tuple[int, int, int] | None) -> None:
    assert parse_date(text) == date


@pytest.mark.parametrize(
    ("period", "date"),
    [
        ("2015", (2015, 1, 1)),
        ("2015年", (2015, 1, 1)),
        ("2023-07", (2023, 7, 1)),
        ("2023/7", (2023, 7, 1)),
        ("2023年10月", (2023, 10, 1)),
        ("2023Q3", (2023, 7, 1)),
        ("2023-q4", (2023, 10, 1)),
        ("2024-12-23", (2024, 12, 23)),
        ("2024年12月23日", (2024, 12, 23)),
        ("202312", (2023, 12, 1)),
        ("2023-13", None),
        ("2022-23", None),
        ("上年", None),
        ("", None),
    ],
)
def test_periods_begin_on_their_first_day(period: str, date: tuple[int, int, int] | None) -> None:
    assert period_start(period) == date


def test_a_value_holds_from_its_date_on() -> None:
    # Brazil, IGD-M: R$ 3.25 a family from November 2011, 4.00 from May 2023, 3.50 from 23 December 2024
    values = Dated(((2011, 11, 1), (2023, 5, 1), (2024, 12, 23)), (3.25, 4.0, 3.5))
    assert values.at((2011, 10, 31)) is None
    assert values.at((2011, 11, 1)) == 3.25
    assert values.at((2023, 4, 30)) == 3.25
    assert values.at((2023, 5, 1)) == 4.0
    assert values.at((2024, 12, 22)) == 4.0
    assert values.at((2030, 1, 1)) == 3.5


PARAMETERS = """
    model: m
    parameters:
      plain: 0.5
      text: 东部
      sourced: {value: 0.95, basis: modeller's choice}
      dated: {values: {2023-05: 4, 2011-11: 3.25, 2024-12-23: 3.50}, unit: R$}
      short: {2024: 0.55, 2025: 0.60}
"""


def test_every_form_of_parameter_is_read() -> None:
    parameters = model_of(PARAMETERS).parameters
    assert parameters["plain"] == 0.5
    assert parameters["text"] == "东部"
    assert parameters["sourced"] == 0.95
    assert parameters["dated"] == Dated(
        ((2011, 11, 1), (2023, 5, 1), (2024, 12, 23)), (3.25, 4.0, 3.5)
    )
    assert parameters["short"] == Dated(((2024, 1, 1), (2025, 1, 1)), (0.55, 0.6))


@pytest.mark.parametrize(
    ("parameter", "said"),
    [
        ("{2024-13: 1}", "'2024-13' is not a date"),
        ("{values: {soon: 1}}", "'soon' is not a date"),
        ("{2024: 1, 2024-01: 2}", "two values begin on 2024-01-01"),
        ("{}", "at least one"),
        ("{values: {}}", "at least one"),
        ("{valeu: 1}", "did you mean 'value'"),
        ("{2024: x}", "expected a number"),
        ("[1, 2]", "expected"),
        ("true", "expected"),
    ],
)
def test_what_is_no_parameter_is_refused(parameter: str, said: str) -> None:
    (mistake,) = mistakes_of(f"model: m\nparameters:\n  p: {parameter}\n")
    assert said in mistake.en
    assert mistake.line == 3


def test_a_number_is_read_as_it_stands() -> None:
    assert read_parameter(3) == 3


def test_a_parameter_may_be_a_fraction() -> None:
    text = "model: m\nparameters: {a: 1/3, b: {value: 2/3}, c: {2020: 1/4}, d: {values: {2020: 1/5}}}\n"
    parameters = model_of(text + "derived: {s: a + b}\n").parameters
    assert (parameters["a"], parameters["b"]) == (1 / 3, 2 / 3)
    assert [parameters[name].values for name in "cd"] == [(0.25,), (0.2,)]  # type: ignore[union-attr]


def test_other_texts_are_texts_also_where_they_look_like_numbers() -> None:
    parameters = model_of("model: m\nparameters: {a: '3', b: 2023/24, c: word}\n").parameters
    assert dict(parameters) == {"a": "3", "b": "2023/24", "c": "word"}


def test_a_dated_value_that_is_no_number_is_refused() -> None:
    (mistake,) = mistakes_of("model: m\nparameters: {c: {2020: a third}}\n")
    assert "expected a number or a fraction such as 1/3, found 'a third'" in mistake.en


SCHOOLS = """\
    model: m
    data: {period: year}
    variables: {n: {}}
    parameters:
      rate: {2022/23: 1, 2024/25: 2}
    derived: {x: n * rate}
"""


def test_values_may_hold_from_school_years_on() -> None:
    years = ["2022/23", "2023/24", "2024/25", "2025/26"]
    rows = {"region": ["a"] * 4, "year": years, "n": [1.0] * 4}
    run = run_on(model_of(SCHOOLS), rows)
    assert [one.env.columns["x"].tolist() for one in run.periods.values()] == [[1], [1], [2], [2]]
    rows["year"] = ["2022-2023", "2023-2024", "2024-2025", "2025-2026"]
    assert run_on(model_of(SCHOOLS), rows).last.env.columns["x"].tolist() == [2]


def test_a_model_without_periods_states_its_school_year() -> None:
    text = SCHOOLS.replace("data: {period: year}", "date: 2024/25")
    assert run_on(model_of(text), {"region": ["a"], "n": [3.0]}).last.env.columns["x"] == [6]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ("{2023/24: 1, 2024: 2}", "'2023/24' is a school year, others are dates"),
        ("{2023/25: 1}", "'2023/25' is not a date: write 2015, 2011-11 or 2024-12-23, or school"),
        ("{2023/24: 1, 2023-2024: 2}", "two values begin on 2023-2024"),
    ],
)
def test_school_years_and_dates_do_not_mix(values: str, said: str) -> None:
    (mistake,) = mistakes_of(f"model: m\nparameters:\n  p: {values}\n")
    assert mistake.en.startswith(said)


@pytest.mark.parametrize(
    ("year", "said"),
    [
        ("2023", "the values of 'rate' begin with school years, but the period 2023 is none"),
        ("2021/22", "no value of the dated parameter 'rate' holds on 2021/22"),
    ],
)
def test_periods_that_have_no_value_are_refused(year: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        run_on(model_of(SCHOOLS), {"region": ["a"], "year": [year], "n": [1.0]})
    assert said in refused.value.mistakes[0].en


def test_dates_that_look_like_school_years_stay_dates() -> None:
    assert read_parameter({"2011-12": 3.0}) == Dated(((2011, 12, 1),), (3.0,))
