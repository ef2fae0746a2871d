"""Ratios as written in a matrix of comparisons."""

import pytest
from pydantic import TypeAdapter, ValidationError

from reliefperf.evaluation.weighting.comparisons import Ratio, ratio_text

RATIO = TypeAdapter(Ratio)


@pytest.mark.parametrize(
    ("written", "value"),
    [(3, 3), (0.5, 0.5), ("1/3", 1 / 3), (" 2 / 5 ", 0.4), ("1／7", 1 / 7), ("4", 4)],
)
def test_numbers_and_fractions_are_read_exactly(written: object, value: float) -> None:
    assert RATIO.validate_python(written, strict=True) == value


@pytest.mark.parametrize("written", ["a third", "1/0", "", "1/2/3", True, [1]])
def test_anything_else_is_refused(written: object) -> None:
    with pytest.raises(ValidationError):
        RATIO.validate_python(written, strict=True)


@pytest.mark.parametrize(
    ("ratio", "text"), [(3, "3"), (1 / 3, "1/3"), (1, "1"), (2.5, "2.5"), (0.4, "0.4"), (0, "0")]
)
def test_ratios_are_shown_as_people_write_them(ratio: float, text: str) -> None:
    assert ratio_text(ratio) == text
