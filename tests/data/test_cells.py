from __future__ import annotations

import pytest

from reliefperf.data.cells import Cell, FormulaError, Percent, is_blank


def test_a_percentage_reads_as_it_is_shown_without_binary_noise() -> None:
    assert [str(Percent(value)) for value in (0.285, 1.0, 0.07, 1e-7)] == [
        "28.5%",
        "100%",
        "7%",
        "0.00001%",
    ]


@pytest.mark.parametrize("cell", [None, "", " ", "\u3000\t"])
def test_what_cannot_be_seen_is_blank(cell: Cell) -> None:
    assert is_blank(cell)


@pytest.mark.parametrize("cell", [0.0, False, "0", "-", FormulaError("#N/A")])
def test_zero_false_and_failed_formulas_are_not_blank(cell: Cell) -> None:
    assert not is_blank(cell)
