"""Cells of result tables: numbers as plain decimals."""

from decimal import Decimal

import pytest

from reliefperf.scenarios.results.cells import number_text


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (None, None, ""),
        (float("nan"), None, ""),
        (0.1 + 0.2, None, "0.3"),
        (-0.0, None, "0"),
        (1e-20, None, "0.00000000000000000001"),
        (1234567890123.0, None, "1234567890123"),
        (8.5, 2, "8.50"),
        (8.0, None, "8"),
        (1 / 3, None, "0.333333333333"),
        (Decimal("1.50"), None, "1.50"),
    ],
)
def test_numbers_are_written_without_noise_or_exponents(
    value: float | None, decimals: int | None, text: str
) -> None:
    assert number_text(value, decimals) == text
