from __future__ import annotations

import random
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reliefperf.data import Regions, read_data
from reliefperf.data.reading import read_cells
from reliefperf.errors import InputError
from reliefperf.model.spec_data import DataSpec, Variable

from .helpers import (
    CODES,
    COUNT,
    NAMES,
    VARIABLES,
    WIDE,
    csv_bytes,
    read,
    refused,
    write_csv,
    write_xlsx,
)


def test_a_wide_table_becomes_arrays_in_the_order_of_codes(tmp_path: Path) -> None:
    data = read(tmp_path, WIDE)
    assert data.periods == ("",)
    table = data.table()
    assert table.codes == tuple(CODES)
    assert table.names == tuple(NAMES)
    assert table.rows.tolist() == [3, 2, 4]
    np.testing.assert_array_equal(table["persons"], [1234, 12, np.nan])
    np.testing.assert_array_equal(table["rate"], [np.nan, 85, 90.5])
    assert table["grade"].tolist() == [None, "甲", "乙"]
    np.testing.assert_array_equal(table["closed"], [0, 1, 1])
    assert data.variables == ("persons", "rate", "grade", "closed")


def test_a_file_with_headings_only_is_refused(tmp_path: Path) -> None:
    assert "no rows" in str(refused(tmp_path, WIDE[:1]))


def test_utf8_gb18030_and_workbooks_give_equal_datasets(tmp_path: Path) -> None:
    expected = read(tmp_path, WIDE)
    for encoding in ("utf-8-sig", "utf-16", "gb18030"):
        path = write_csv(tmp_path / "other.csv", WIDE, encoding)
        data = read_data(path, VARIABLES)
        assert data.equals(expected)
        assert data.cells == expected.cells
    data = read_data(write_xlsx(tmp_path / "other.xlsx", WIDE), VARIABLES)
    assert data.equals(expected)
    assert data.cells == expected.cells


def test_a_workbook_with_real_numbers_and_percent_formats_is_equal_too(tmp_path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(tmp_path / "data.xlsx") as book:
        page, percent = book.add_worksheet(), book.add_format({"num_format": "0.0%"})
        for line, row in enumerate(WIDE):
            page.write_row(line, 0, row)
        page.write_number(1, 2, 12)
        page.write_number(1, 3, 0.85, percent)
        page.write_number(2, 2, 1234)
        page.write_number(3, 3, 0.905, percent)
        page.write_boolean(1, 5, True)
    assert read_data(tmp_path / "data.xlsx", VARIABLES).equals(read(tmp_path, WIDE))


@given(order=st.permutations(range(12)), seed=st.integers(0, 99))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_shuffled_rows_give_an_equal_dataset(tmp_path: Path, order: list[int], seed: int) -> None:
    chance = random.Random(seed)
    rows = [[f"{at:03}", f"{chance.random():.6f}"] for at in range(12)]
    head = ["region", "n"]
    one = read(tmp_path, [head, *rows], variables=COUNT)
    other = read(tmp_path, [head, *(rows[at] for at in order)], variables=COUNT)
    assert one.equals(other)


CELL = st.one_of(
    st.text(max_size=6),
    st.sampled_from(["1", "—", "1,5", "85%", "#N/A", "110101", "朝阳区", "=1+1", '"', "\n", "\0"]),
)


@given(rows=st.lists(st.lists(CELL, min_size=2, max_size=3), min_size=1, max_size=5))
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_hostile_cells_raise_nothing_but_input_errors(
    tmp_path: Path, rows: list[list[str]]
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(csv_bytes([["region", "n"], *rows], "utf-8"))
    for variable in (Variable(), Variable(type="text"), Variable(type="boolean", missing="zero")):
        for regions in (None, Regions.gb2260()):
            try:
                read_data(path, {"n": variable}, DataSpec(ignore="unknown"), regions=regions)
            except InputError as error:
                assert error.mistakes


@given(content=st.binary(max_size=60))
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_hostile_bytes_raise_nothing_but_input_errors(tmp_path: Path, content: bytes) -> None:
    for name in ("a.csv", "a.tsv", "a.xlsx"):
        (tmp_path / name).write_bytes(content)
        try:
            read_cells(tmp_path / name)
        except InputError as error:
            assert error.mistakes


def test_a_file_with_decimal_commas_equals_the_same_with_points(tmp_path: Path) -> None:
    variables = {
        "pop": Variable(type="integer"),
        "income": Variable(),
        "zone": Variable(type="text"),
    }
    texts = {
        "comma": "region;pop;income;zone\n1;7.300;1.234,50;a.b\n2;17200;980,1;1,5\n",
        "point": 'region,pop,income,zone\n1,"7,300","1,234.50",a.b\n2,17200,980.1,"1,5"\n',
    }
    found = []
    for decimal, text in texts.items():
        path = tmp_path / f"{decimal}.csv"
        path.write_text(text, encoding="utf-8")
        spec = DataSpec.model_validate({"decimal": decimal})
        found.append(read_data(path, variables, spec))
    assert found[0].equals(found[1])
    assert found[0].table()["zone"].tolist() == ["a.b", "1,5"]  # texts stay as they are
    assert found[0].table()["pop"].tolist() == [7300, 17200]
