"""Fractions are read as the number nearest to them, and nothing is taken for one that is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from reliefperf.model.fractions import Number, fraction_or_text, written_number

NUMBER = TypeAdapter(Number)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (3, 3),
        (0.5, 0.5),
        ("1/3", 1 / 3),
        (" 2 / 5 ", 0.4),
        ("1／7", 1 / 7),
        ("4", 4),
        ("-1/8", -0.125),
    ],
)
def test_numbers_and_fractions_are_read_exactly(written: object, value: float) -> None:
    assert NUMBER.validate_python(written, strict=True) == value


@pytest.mark.parametrize(
    "written", ["a third", "1/0", "", "1/2/3", "nan", "1e999999999", True, [1]]
)
def test_anything_else_is_refused(written: object) -> None:
    with pytest.raises(ValidationError):
        NUMBER.validate_python(written, strict=True)


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**15))
def test_a_fraction_is_the_float_nearest_to_it(above: int, below: int) -> None:
    if not (999 < abs(above) < 10_000 and below < 10_000):  # may be a school year
        assert written_number(f"{above}/{below}") == above / below


@pytest.mark.parametrize(
    "text", ["2023/24", "1999/00", "2023/2024", "3", "0.5", "1/0", "a/b", "优秀"]
)
def test_texts_that_are_no_fraction_stay_texts(text: str) -> None:
    assert fraction_or_text(text) == text


def test_counties_of_a_nation_are_a_fraction() -> None:
    assert fraction_or_text("1852/2846") == 1852 / 2846
