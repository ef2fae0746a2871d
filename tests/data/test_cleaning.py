from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliefperf.data.cleaning import (
    UnreadableCellError,
    clean_float,
    clean_number,
    half_width,
    is_formula_error,
    is_missing_mark,
)


@pytest.mark.parametrize("text", ["0", "12", "-3.5", "1e3", "2.5E-1", "007", "5."])
def test_a_plain_number_is_read_without_a_change(text: str) -> None:
    cleaned = clean_number(text)
    assert cleaned.value == float(text)
    assert cleaned.change is None


@pytest.mark.parametrize(
    ("text", "value", "kinds"),
    [
        ("１２３", 123, ("width",)),
        ("１２．５", 12.5, ("width",)),
        (" 12\t", 12, ("spaces",)),
        ("1,234,567", 1234567, ("thousands",)),
        ("1，234", 1234, ("width", "thousands")),
        ("1 234", 1234, ("thousands",)),
        ("1\u00a0234.5", 1234.5, ("thousands",)),
        ("1\u2009234\u2009567", 1234567, ("thousands",)),
        ("1\u202f234", 1234, ("thousands",)),
        ("85%", 85, ("percent",)),
        ("85.5 ％", 85.5, ("width", "percent")),
        ("+5", 5, ("sign",)),
        ("－5", -5, ("width",)),
        ("−5", -5, ("sign",)),
        ("– 5", -5, ("sign",)),
        ("-1,234", -1234, ("thousands",)),
    ],
)
def test_a_harmless_form_is_read_and_the_change_recorded(
    text: str, value: float, kinds: tuple[str, ...]
) -> None:
    cleaned = clean_number(text)
    assert cleaned.value == value
    assert cleaned.change is not None
    assert cleaned.change.kinds == kinds
    assert cleaned.change.before == text
    assert float(cleaned.change.after) == value


@pytest.mark.parametrize(
    "text",
    [
        "-",
        "--",
        "—",
        "——",
        "–",
        "－",
        "…",
        "……",
        "...",
        "⋯",
        "N/A",
        "n/a",
        "NA",
        "na",
        "null",
        "NULL",
        "无",
        "缺",
        "空",
        "Ｎ／Ａ",
    ],
)
def test_a_mark_for_no_data_is_missing_and_is_reported(text: str) -> None:
    cleaned = clean_number(text)
    assert cleaned.value is None
    assert cleaned.change is not None
    assert cleaned.change.kinds == ("missing-mark",)
    assert is_missing_mark(text)


@pytest.mark.parametrize("text", ["", " ", "\t", "\u3000", "\u00a0"])
def test_a_blank_is_missing_without_a_change(text: str) -> None:
    assert clean_number(text).value is None
    assert clean_number(text).change is None


@pytest.mark.parametrize("text", ["1234,5", "1,5", "0,123", "12,34,567", "1.234,56", "1,2345"])
def test_a_decimal_comma_is_refused_with_a_word_on_commas(text: str) -> None:
    with pytest.raises(UnreadableCellError, match="comma") as caught:
        clean_number(text)
    assert "逗号" in caught.value.zh


@pytest.mark.parametrize("text", ["12人", "12 万元", "3.5 kg", "1,234元", "85%左右", "5 人"])
def test_a_unit_after_the_number_is_refused_by_name(text: str) -> None:
    with pytest.raises(UnreadableCellError, match="the number alone"):
        clean_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "nan", "NaN", "inf", "-inf", "Infinity", "None", "abc", "1_000", "0x10", "12²", "①", "½",
        "١٢", "--5", "+-5", "(5)", "1 2", "1,234 567", "1e999", "-1e999", "1e-999", "%", "+", ".",
        "1'234", "2023-07-01", "1" * 500, "=1+1", "\x00", "１２三",
    ],
)  # fmt: skip
def test_what_is_not_exactly_one_number_is_refused(text: str) -> None:
    with pytest.raises(UnreadableCellError):
        clean_number(text)


@pytest.mark.parametrize(
    "text", ["#DIV/0!", "#N/A", "#REF!", "#VALUE!", "#NAME?", "＃N/A", " #n/a"]
)
def test_a_failed_formula_is_an_error_and_not_missing(text: str) -> None:
    assert is_formula_error(text)
    with pytest.raises(UnreadableCellError, match="formula failed"):
        clean_number(text)


def test_a_percent_can_be_read_as_a_fraction_without_binary_noise() -> None:
    assert clean_number("28.5%", percent="fraction").value == 0.285
    assert clean_number("28.5%").value == 28.5
    assert clean_number("28.5", percent="fraction").value == 28.5


def test_digits_that_are_lost_are_reported() -> None:
    cleaned = clean_number("9007199254740993")
    assert cleaned.change is not None
    assert cleaned.change.kinds == ("rounded",)
    assert clean_number("0.1000000000000000000").change is None
    assert clean_number("0.30000000000000004").change is None


def test_minus_zero_is_zero() -> None:
    assert all(math.copysign(1, clean_number(text).value or 0) == 1 for text in ("-0", "−0", "-0%"))
    assert math.copysign(1, clean_float(-0.0)) == 1


def test_half_width_leaves_superscripts_and_circled_digits_alone() -> None:
    assert half_width("１２²①") == "12²①"


def test_a_number_in_memory_that_is_not_finite_is_refused() -> None:
    for value in (float("nan"), float("inf")):
        with pytest.raises(UnreadableCellError):
            clean_float(value)


@given(st.integers(-(10**14), 10**14))
def test_thousands_separators_and_full_width_digits_round_trip(number: int) -> None:
    grouped = f"{number:,}"
    wide = grouped.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789,-"})
    spaced = grouped.replace(",", "\u202f")
    for text in (str(number), grouped, wide, spaced):
        assert clean_number(text).value == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_shortest_text_of_a_float_round_trips_exactly(number: float) -> None:
    cleaned = clean_number(repr(number))
    assert cleaned.value == number
    assert cleaned.change is None


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_missing_or_refused(text: str) -> None:
    try:
        cleaned = clean_number(text)
    except UnreadableCellError:
        return
    assert cleaned.value is None or math.isfinite(cleaned.value)


@given(st.text(alphabet="0123456789+-−.,，%％eE 　１２３#/NAnull无", max_size=12))
def test_whatever_is_changed_is_recorded(text: str) -> None:
    try:
        cleaned = clean_number(text)
    except UnreadableCellError:
        return
    if cleaned.change is None and cleaned.value is not None:
        assert float(text) == cleaned.value


@pytest.mark.parametrize(
    ("text", "value", "kinds"),
    [
        ("12", 12, ()),
        ("12,5", 12.5, ("decimal-comma",)),
        ("-0,07", -0.07, ("decimal-comma",)),
        ("7.300", 7300, ("thousands",)),
        ("1.234.567,89", 1234567.89, ("decimal-comma", "thousands")),
        ("1 234,5", 1234.5, ("decimal-comma", "thousands")),
        ("85,5 %", 85.5, ("percent", "decimal-comma")),
        ("1,5e3", 1500, ("decimal-comma",)),
    ],
)
def test_decimals_after_a_comma_where_the_model_says_so(
    text: str, value: float, kinds: tuple[str, ...]
) -> None:
    cleaned = clean_number(text, decimal="comma")
    assert cleaned.value == value
    assert (cleaned.change.kinds if cleaned.change else ()) == kinds


@pytest.mark.parametrize("text", ["12.5", "1.23", "1,234,567", "1.2345,6"])
def test_a_point_that_parts_no_thousands_is_refused_beside_decimal_commas(text: str) -> None:
    with pytest.raises(UnreadableCellError):
        clean_number(text, decimal="comma")


@given(st.decimals(-(10**9), 10**9, places=2, allow_nan=False, allow_infinity=False))
def test_both_ways_of_writing_are_the_same_number(number: object) -> None:
    point = f"{number:,}"
    comma = point.translate(str.maketrans(",.", ".,"))
    assert clean_number(point).value == clean_number(comma, decimal="comma").value


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("R$ 1,234.50", "without 'R$'"),
        ("$1,234.50", "without '$'"),
        ("US$ 5", "without 'US$'"),
        ("€ 12", "without '€'"),
        ("CAD 12", "without 'CAD'"),
        ("(980.10)", "with a sign: -980.10"),
        ("1234,5", "data: {decimal: comma}"),
    ],
)
def test_a_form_that_is_refused_says_how_to_mend_it(text: str, why: str) -> None:
    with pytest.raises(UnreadableCellError) as raised:
        clean_number(text)
    assert why in raised.value.en
    assert raised.value.zh != raised.value.en


def test_with_decimal_commas_the_point_is_explained() -> None:
    with pytest.raises(UnreadableCellError, match="the point is not between groups of three"):
        clean_number("12.5", decimal="comma")
