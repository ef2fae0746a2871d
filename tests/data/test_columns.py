from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reliefperf.data import read_data
from reliefperf.data.cells import Cell, FormulaError, Percent
from reliefperf.data.columns import Cells, convert
from reliefperf.data.mistakes import Mistakes
from reliefperf.errors import InputError
from reliefperf.model.spec_data import Variable

from .helpers import (
    COUNT,
    VARIABLES,
    WIDE,
    changed,
    kinds,
    places,
    read,
    refused,
)


def test_a_dash_is_missing_and_is_reported(tmp_path: Path) -> None:
    data = read(tmp_path, changed(2, "persons", "－"))
    assert np.isnan(data.table()["persons"][1])
    assert [c.kinds for c in data.cells if (c.row, c.column) == (2, "persons")] == [
        ("missing-mark",)
    ]


def test_missing_zero_fills_and_lists_every_cell(tmp_path: Path) -> None:
    variables = VARIABLES | {"persons": Variable(missing="zero")}
    data = read(tmp_path, changed(2, "persons", "-"), variables=variables)
    assert data.table()["persons"].tolist() == [1234, 0, 0]
    filled = [c for c in data.cells if "zero-filled" in c.kinds]
    assert [(c.row, c.before, c.after) for c in filled] == [(2, "-", "0"), (4, "", "0")]
    note = next(note for note in data.notes if note.kind == "zero-filled")
    assert note.count == 2


def test_missing_where_a_value_is_wanted_is_an_error(tmp_path: Path) -> None:
    variables = VARIABLES | {"rate": Variable(missing="error")}
    error = refused(tmp_path, WIDE, variables=variables)
    assert places(error) == [(3, "rate")]
    assert "模型要求必填" in str(error)


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        ("persons", "abc", "'abc': expected a number"),
        ("persons", "12.5", "expected a whole number"),
        ("persons", "-1", "expected 0 or more"),
        ("persons", "1234,5", "comma"),
        ("persons", "#REF!", "formula failed"),
        ("rate", "100.1", "expected 100 or less"),
        ("rate", "85分", "the number alone"),
        ("grade", "#N/A", "formula failed"),
        ("closed", "可能", "expected yes or no"),
        ("region", "", "the region's code is empty"),
        ("region", "1.10101E+05", "a spreadsheet has made a number"),
        ("region", "110101.0", "a spreadsheet has made a number"),
        ("region", "110101", "already stands in row 3"),
    ],
)
def test_a_wrong_cell_is_named_with_row_and_column(
    tmp_path: Path, column: str, cell: str, message: str
) -> None:
    line = 4 if cell == "110101" else 2
    error = refused(tmp_path, changed(line, column, cell))
    assert places(error) == [(line, column)]
    assert message in str(error)
    assert str(tmp_path / "data.csv") in str(error)


def test_a_value_that_is_not_listed_is_refused(tmp_path: Path) -> None:
    variables = VARIABLES | {
        "grade": Variable(type="text", values=["甲", "丙"]),
        "persons": Variable(values=[12.0]),
    }
    error = refused(tmp_path, WIDE, variables=variables)
    assert places(error) == [(3, "persons"), (4, "grade")]
    assert "one of 甲, 丙" in str(error)


def test_percentages_can_be_fractions(tmp_path: Path) -> None:
    data = read(tmp_path, WIDE, variables=VARIABLES | {"rate": Variable(percent="fraction")})
    np.testing.assert_array_equal(data.table()["rate"], [np.nan, 0.85, 0.905])


def test_percent_signs_on_some_cells_only_are_noted(tmp_path: Path) -> None:
    data = read(tmp_path, changed(2, "rate", "0.85"))
    assert "percent-mixed" in kinds(data.notes)
    assert "percent-mixed" not in kinds(read(tmp_path, WIDE).notes)


def test_failed_formulas_and_dates_of_a_workbook_are_refused(tmp_path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["region", "n", "t"])
        page.write_column(1, 0, ["1", "2", "3"])
        page.write_formula(1, 1, "=1/0", None, "#DIV/0!")
        page.write_datetime(
            2, 1, dt.datetime(2023, 7, 1), book.add_format({"num_format": "yyyy-mm-dd"})
        )
        page.write_boolean(3, 1, True)
        page.write_formula(3, 2, "=NA()", None, "#N/A")
    with pytest.raises(InputError) as caught:
        read_data(tmp_path / "a.xlsx", {"n": Variable(), "t": Variable(type="text")})
    assert places(caught.value) == [(2, "n"), (3, "n"), (4, "n"), (4, "t")]
    assert "#DIV/0!" in str(caught.value)


def test_numbers_in_memory_keep_their_values() -> None:
    frame = pd.DataFrame({"region": ["1", "2"], "n": [0.1 + 0.2, np.nan]})
    np.testing.assert_array_equal(read_data(frame, COUNT).table()["n"], [0.1 + 0.2, np.nan])
    with pytest.raises(InputError, match="finite"):
        read_data(frame.replace(np.nan, np.inf), COUNT)


def converted(variable: Variable, *cells: Cell) -> tuple[list[object], list[tuple[str, ...]]]:
    found = Mistakes("a.xlsx")
    result = convert(Cells("n", cells, range(2, len(cells) + 2)), variable, found)
    found.raise_if_any()
    return result.values.tolist(), [change.kinds for change in result.changes.values()]


def test_numbers_in_a_column_of_text_become_text_and_are_recorded() -> None:
    cells = (110101.0, 2.5, 3, Percent(0.5), dt.date(2023, 7, 1), " a ", None)
    values, kinds = converted(Variable(type="text"), *cells)
    assert values == ["110101", "2.5", "3", "50%", "2023-07-01", "a", None]
    assert kinds == [("number-as-text",)] * 4 + [("date-as-text",), ("spaces",)]


@pytest.mark.parametrize(
    ("kind", "cell", "message"),
    [
        ("text", True, "not TRUE or FALSE"),
        ("text", FormulaError("#N/A"), "formula failed"),
        ("number", True, "not TRUE or FALSE"),
        ("number", 10**400, "too large"),
        ("boolean", 2.0, "yes or no"),
        ("boolean", FormulaError("#N/A"), "formula failed"),
        ("boolean", dt.date(2023, 7, 1), "yes or no"),
    ],
)
def test_a_cell_of_another_type_is_refused(kind: str, cell: Cell, message: str) -> None:
    with pytest.raises(InputError, match=message):
        converted(Variable(type=kind), cell)  # type: ignore[arg-type]


def test_yes_and_no_have_many_spellings_and_a_dash_is_missing() -> None:
    yes = ("是", "有", "TRUE", "yes", "Ｙ", "1", "√", True, 1.0, 1)
    no = ("否", "无", "false", "No", "n", "0", "×", False, 0.0, 0)
    assert converted(Variable(type="boolean"), *yes)[0] == [1.0] * 10
    assert converted(Variable(type="boolean"), *no)[0] == [0.0] * 10
    values, kinds = converted(Variable(type="boolean"), "—", None)
    assert np.isnan(np.array(values, dtype=float)).all()
    assert kinds == [("missing-mark",)]


def test_a_percentage_of_a_workbook_reads_as_the_same_text_would() -> None:
    for percent in ("number", "fraction"):
        variable = Variable(percent=percent)  # type: ignore[arg-type]
        assert converted(variable, Percent(0.285)) == converted(variable, "28.5%")


def test_whole_numbers_beyond_the_precision_of_floats_are_recorded() -> None:
    assert converted(Variable(), 2**53 + 1, 7)[1] == [("rounded",)]


def test_plain_columns_and_mixed_ones_are_read_alike() -> None:
    plain = ["1", "2.50", "-0", "123456789.123456"]
    assert converted(Variable(), *plain)[0] == converted(Variable(), *plain, None)[0][:4]
    assert converted(Variable(), "1", "2.")[0] == [1, 2]
    with pytest.raises(InputError):
        converted(Variable(), "1\n2", "3")
