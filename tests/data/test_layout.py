from __future__ import annotations

from pathlib import Path

from reliefperf.model.spec_data import DataSpec

from .helpers import (
    COUNT,
    WIDE,
    places,
    read,
    refused,
)

PANEL = [
    ["region", "year", "n"],
    ["1", "2023", "5"],
    ["2", "2022", "6"],
    ["1", "2022", "7"],
]


YEARLY = DataSpec(period="year")


def test_a_panel_has_a_table_for_each_period(tmp_path: Path) -> None:
    data = read(tmp_path, PANEL, YEARLY, variables=COUNT)
    assert data.periods == ("2022", "2023")
    assert data.table("2022")["n"].tolist() == [7, 6]
    assert data.table()["n"].tolist() == [5]
    assert data.previous("2023") == "2022"
    assert data.previous("2022") is None


def test_a_region_without_a_row_in_some_period_is_noted(tmp_path: Path) -> None:
    data = read(tmp_path, PANEL, YEARLY, variables=COUNT)
    assert [(note.kind, note.count) for note in data.notes] == [("unbalanced", 1)]
    assert "2023" in data.notes[0].en


def test_a_region_twice_in_one_period_is_refused_with_both_rows(tmp_path: Path) -> None:
    error = refused(tmp_path, [*PANEL, ["2", "2022", "1"]], YEARLY, variables=COUNT)
    assert places(error) == [(5, "region")]
    assert "2, 2022 already stands in row 3" in str(error)


LONG = [
    ["region", "name", "variable", "value"],
    ["110102", "西城区", "persons", "12"],
    ["110102", "西城区", "rate", "85%"],
    ["110102", "西城区", "grade", "甲"],
    ["110102", "西城区", "closed", "是"],
    ["110101", "东城区", "persons", "1,234"],
    ["110101", "东城区", "rate", "—"],
    ["110101", "东城区", "closed", "否"],
    ["110105", "朝阳区", "grade", "乙"],
    ["110105", "朝阳区", "rate", "90.5%"],
    ["110105", "朝阳区", "closed", "是"],
]


LONG_SPEC = DataSpec(layout="long")


def test_a_long_table_is_the_same_as_the_wide_one(tmp_path: Path) -> None:
    assert read(tmp_path, LONG, LONG_SPEC).equals(read(tmp_path, WIDE))


def test_in_a_long_table_mistakes_stand_in_their_own_rows(tmp_path: Path) -> None:
    rows = [list(row) for row in LONG]
    rows[5][3] = "12.5"
    rows[8][2] = "grad"
    rows.append(["110101", "东城区", "closed", "是"])
    error = refused(tmp_path, rows, LONG_SPEC)
    assert places(error) == [(6, "persons"), (9, "variable"), (12, "region")]
    assert "did you mean 'grade'?" in str(error)
    assert "110101, closed already stands in row 8" in str(error)


def test_a_variable_without_any_row_is_refused(tmp_path: Path) -> None:
    error = refused(tmp_path, [row for row in LONG if row[2] != "rate"], LONG_SPEC)
    assert "no row has the variable 'rate'" in str(error)


def test_ignored_variables_of_a_long_table_are_counted(tmp_path: Path) -> None:
    rows = [*LONG, ["110101", "东城区", "remarks", "none"]]
    data = read(tmp_path, rows, DataSpec(layout="long", ignore=["remarks"]))
    note = next(note for note in data.notes if note.kind == "ignored-variable")
    assert "remarks (1)" in note.en
