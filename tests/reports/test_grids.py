"""A workbook's cells as they stand: whole grids, numbers as floats, None for what is no workbook."""

from pathlib import Path

import pytest
import xlsxwriter

from reliefperf.reports.grids import Grid, parse_workbook, whole


def written(path: Path) -> Path:
    with xlsxwriter.Workbook(path) as book:
        first = book.add_worksheet("one")
        first.write_string(1, 1, "甲")
        first.write_number(2, 2, 3)
        first.write_boolean(3, 0, True)
        book.add_worksheet("none")
    return path


def test_a_grid_begins_at_the_first_cell_and_is_rectangular(tmp_path: Path) -> None:
    book = parse_workbook(written(tmp_path / "a.xlsx"))
    assert book is not None
    assert book.names == ["one", "none"]
    assert book.grid("one") == [["", "", ""], ["", "甲", ""], ["", "", 3.0], ["True", "", ""]]
    assert book.grid("none") == []


@pytest.mark.parametrize("content", [None, b"", b"region,need\n", b"PK\x03\x04 and no more"])
def test_what_is_no_workbook_is_none(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    if content is not None:
        path.write_bytes(content)
    assert parse_workbook(path) is None


def test_a_cut_workbook_is_none_or_has_its_sheets(tmp_path: Path) -> None:
    content = written(tmp_path / "a.xlsx").read_bytes()
    for end in range(0, len(content), 97):
        (tmp_path / "b.xlsx").write_bytes(content[:end])
        assert parse_workbook(tmp_path / "b.xlsx") is None


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], []),
        ([["", ""], [""]], []),
        ([["a", ""], ["", ""]], [["a"]]),
        ([["a"], ["", 1.0, ""], []], [["a", ""], ["", 1.0]]),
    ],
)
def test_empty_rows_and_columns_at_the_end_do_not_count(rows: Grid, expected: Grid) -> None:
    assert whole(rows) == expected
