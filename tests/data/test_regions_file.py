from __future__ import annotations

from pathlib import Path

import pytest

from reliefperf.data.regions import Region, Regions
from reliefperf.errors import InputError

from .helpers import write_csv, write_xlsx

ROWS = [
    ["code", "name", "parent", "level"],
    ["35", "35 Region", "", "region"],
    ["3550308", "São Paulo", "35", "municipality"],
]


def test_an_own_table_is_read_from_csv_and_from_a_workbook(tmp_path: Path) -> None:
    expected = (
        Region("35", "35 Region", "", "region"),
        Region("3550308", "São Paulo", "35", "municipality"),
    )
    from_csv = Regions.from_csv(write_csv(tmp_path / "regions.csv", ROWS))
    from_xlsx = Regions.from_csv(write_xlsx(tmp_path / "regions.xlsx", ROWS))
    assert from_csv.regions == from_xlsx.regions == expected
    assert from_csv.find("São Paulo") == "3550308"


def test_parent_and_level_are_optional(tmp_path: Path) -> None:
    table = Regions.from_csv(write_csv(tmp_path / "r.csv", [["name", "code"], ["North", "01"]]))
    assert table.regions == (Region("01", "North"),)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([["code"], ["1"]], "no column 'name'"),
        ([["code", "name", "colour"], ["1", "a", "red"]], "'colour' is not a column"),
        ([["code", "name"], ["1", "a"], ["1", "b"]], "already stands in row 2"),
        ([["code", "name"], ["", "a"]], "the code is empty"),
        ([["code", "name"], ["1", ""]], "the name is empty"),
        ([["code", "name", "parent"], ["1", "a", "2"]], "parent '2' is not in the table"),
        ([["code", "name", "parent"], ["1", "a", "2"], ["2", "b", "1"]], "its own ancestor"),
    ],
)
def test_a_faulty_own_table_is_refused(tmp_path: Path, rows: list[list[str]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Regions.from_csv(write_csv(tmp_path / "regions.csv", rows))
