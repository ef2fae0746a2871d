from __future__ import annotations

import os
from pathlib import Path

import pytest

from reliefperf.data import reading
from reliefperf.data.reading import read_cells
from reliefperf.errors import InputError

from .helpers import kinds, places, write_csv

ROWS = [["代码", "人数"], ["110101", "12"], ["110102", ""]]


def test_headings_rows_and_row_numbers_stand_as_in_the_file(tmp_path: Path) -> None:
    raw = read_cells(write_csv(tmp_path / "a.csv", ROWS))
    assert raw.headings == ("代码", "人数")
    assert raw.rows == (("110101", "12"), ("110102", None))
    assert raw.lines == (2, 3)
    assert raw.notes == ()
    assert raw.source == str(tmp_path / "a.csv")
    assert len(raw.sha256) == 64


def test_blank_rows_are_skipped_but_keep_their_numbers_and_are_noted(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("\na,b\n1,2\n\n , \n3,4\n\n\n", encoding="utf-8")
    raw = read_cells(tmp_path / "a.csv")
    assert raw.header_line == 2
    assert raw.lines == (3, 6)
    assert kinds(raw.notes) == ["blank-line"]
    assert raw.notes[0].en == "blank rows skipped: 1, 4, 5"


def test_a_line_break_within_a_cell_does_not_shift_the_numbers(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('a,b\n"1\n1",2\n3,4\n', encoding="utf-8")
    assert read_cells(tmp_path / "a.csv").lines == (2, 3)


def test_columns_without_heading_and_data_are_left_out_and_noted(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,,b,\n1,,2,\n", encoding="utf-8")
    raw = read_cells(tmp_path / "a.csv")
    assert raw.headings == ("a", "b")
    assert raw.rows == (("1", "2"),)
    assert (raw.notes[0].kind, raw.notes[0].count) == ("empty-column", 2)


def test_data_below_an_empty_heading_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,,b\n1,2,3\n", encoding="utf-8")
    with pytest.raises(InputError, match="column 2 has no heading"):
        read_cells(tmp_path / "a.csv")


@pytest.mark.parametrize("twin", ["人数", " 人数 ", "人数　"])
def test_a_heading_that_stands_twice_is_refused(tmp_path: Path, twin: str) -> None:
    with pytest.raises(InputError, match="columns 1 and 3"):
        read_cells(write_csv(tmp_path / "a.csv", [["人数", "b", twin], ["1", "2", "3"]]))


def test_every_row_of_another_length_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1\n1,2\n1,2,3\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_cells(tmp_path / "a.csv")
    assert places(caught.value) == [(2, ""), (4, "")]


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff", " , \n"])
def test_an_empty_file_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.csv").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match="empty"):
        read_cells(tmp_path / "a.csv")


def test_a_missing_file_suggests_its_neighbour(tmp_path: Path) -> None:
    write_csv(tmp_path / "regions-2023.csv", ROWS)
    with pytest.raises(InputError, match=r"did you mean .regions-2023\.csv"):
        read_cells(tmp_path / "regions_2023.csv")


def test_what_is_no_readable_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    write_csv(tmp_path / "a.docx", ROWS)
    for name, message in [
        ("folder.csv", "folder"),
        ("pipe.csv", "ordinary file"),
        ("none/a.csv", "no such file"),
        ("a.docx", "not read"),
        ("a\0.csv", "a"),
    ]:
        with pytest.raises(InputError, match=message):
            read_cells(tmp_path / name)


def test_a_file_over_the_limit_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_BYTES", 10)
    with pytest.raises(InputError, match="the limit is 10"):
        read_cells(write_csv(tmp_path / "a.csv", ROWS))


def test_a_sheet_of_a_text_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no sheet"):
        read_cells(write_csv(tmp_path / "a.csv", ROWS), sheet="数据")
