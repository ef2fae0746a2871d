from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from reliefperf.data import workbook
from reliefperf.data.cells import FormulaError, Percent
from reliefperf.data.reading import RawTable, read_cells
from reliefperf.errors import InputError

from .helpers import kinds, write_xlsx


def test_numbers_stay_numbers_and_text_stays_text(tmp_path: Path) -> None:
    rows = [["code", "n", "yes"], ["011002", 12.5, True], ["1", None, False]]
    raw = read_cells(write_xlsx(tmp_path / "a.xlsx", rows))
    assert raw.rows == (("011002", 12.5, True), ("1", None, False))


def test_row_numbers_count_from_the_top_of_the_sheet(tmp_path: Path) -> None:
    rows = [[], [None, "code"], [None, "1"], [], [None, "2"]]
    raw = read_cells(write_xlsx(tmp_path / "a.xlsx", rows))
    assert (raw.header_line, raw.lines) == (2, (3, 5))
    assert kinds(raw.notes) == ["empty-column", "blank-line"]


def formatted(path: Path) -> RawTable:
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["a", "b", "c"])
        for at, shown in enumerate(("#DIV/0!", "#N/A", "#REF!")):
            page.write_formula(1, at, "=1/0", None, shown)
        page.write_number(2, 0, 0.285, book.add_format({"num_format": "0.0%"}))
        page.write_number(2, 1, 0.5, book.add_format({"num_format": "0%"}))
        page.write_number(2, 2, 0.5, book.add_format({"num_format": '0.00"%"'}))
        page.write_datetime(
            3, 0, dt.datetime(2023, 7, 1), book.add_format({"num_format": "yyyy-mm-dd"})
        )
        page.write_formula(3, 1, "=1+1", None, 2)
        page.write_string(3, 2, "#N/A")
    return read_cells(path)


def test_failed_formulas_are_kept_apart_from_empty_cells(tmp_path: Path) -> None:
    raw = formatted(tmp_path / "a.xlsx")
    assert raw.rows[0] == (FormulaError("#DIV/0!"), FormulaError("#N/A"), FormulaError("#REF!"))


def test_a_number_shown_as_a_percentage_is_known_as_one(tmp_path: Path) -> None:
    raw = formatted(tmp_path / "a.xlsx")
    assert raw.rows[1] == (Percent(0.285), Percent(0.5), 0.5)
    assert str(raw.rows[1][0]) == "28.5%"


def test_dates_and_calculated_cells_come_as_their_values(tmp_path: Path) -> None:
    assert formatted(tmp_path / "a.xlsx").rows[2] == (dt.date(2023, 7, 1), 2, "#N/A")


def test_the_first_sheet_is_read_and_the_others_are_noted(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name in ("甲", "乙"):
            book.add_worksheet(name).write_column(0, 0, ["a", name])
    raw = read_cells(path)
    assert raw.rows == (("甲",),)
    assert raw.notes[0].kind == "sheet"
    assert "乙" in raw.notes[0].zh
    assert read_cells(path, sheet="乙").rows == (("乙",),)
    assert read_cells(path, sheet="乙").notes == ()
    with pytest.raises(InputError, match="no sheet '丙'"):
        read_cells(path, sheet="丙")


def test_merged_cells_within_the_table_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["a", "b"])
        page.merge_range(1, 0, 2, 0, "110101")
        page.write_column(1, 1, [1, 2])
    with pytest.raises(InputError, match="row 2: 2 x 1 merged cells"):
        read_cells(path)


def test_an_empty_sheet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="empty"):
        read_cells(write_xlsx(tmp_path / "a.xlsx", []))


def test_an_old_workbook_is_refused_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    with pytest.raises(InputError, match=r"save it as \.xlsx"):
        read_cells(tmp_path / "a.xls")


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"PK\x03\x04", b"\xd0\xcf\x11\xe0" * 200])
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.xlsx").write_bytes(content)
    with pytest.raises(InputError, match=r"no \.xlsx workbook"):
        read_cells(tmp_path / "a.xlsx")


def test_a_damaged_workbook_raises_nothing_but_input_errors(tmp_path: Path) -> None:
    whole = write_xlsx(tmp_path / "a.xlsx", [["a", "b"], ["1", 2.5]]).read_bytes()
    for at in range(0, len(whole), 97):
        (tmp_path / "b.xlsx").write_bytes(whole[:at] + b"\xff\x00\xff" + whole[at + 3 :])
        try:
            read_cells(tmp_path / "b.xlsx")
        except InputError:
            continue


def with_part(path: Path, part: str, change: tuple[str, str]) -> Path:
    source = zipfile.ZipFile(io.BytesIO(path.read_bytes()))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            content = source.read(name)
            if name == part:
                assert change[0].encode() in content
                content = content.replace(change[0].encode(), change[1].encode())
            archive.writestr(name, content)
    return path


def test_cells_without_references_are_placed_by_order(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    formatted(path)
    for reference in ("A2", "B2", "C2"):
        with_part(path, "xl/worksheets/sheet1.xml", (f' r="{reference}"', ""))
    assert read_cells(path).rows[0][1] == FormulaError("#N/A")


def test_an_entity_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    formatted(path)
    bomb = (
        '<!DOCTYPE x [<!ENTITY a "'
        + "x" * 1000
        + '">'
        + "".join(f'<!ENTITY a{n} "{f"&a{n - 1 or str()};" * 20}">' for n in range(1, 9))
        + "]>\n<worksheet"
    )
    with_part(path, "xl/worksheets/sheet1.xml", ("<worksheet", bomb))
    with_part(path, "xl/worksheets/sheet1.xml", ("<v>2</v>", "<v>&a8;</v>"))
    with pytest.raises(InputError):
        read_cells(path)


def test_a_workbook_that_unpacks_beyond_the_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [["a"], ["1"]])
    monkeypatch.setattr(workbook, "MOST_UNPACKED_BYTES", 100)
    with pytest.raises(InputError, match="unpacked"):
        read_cells(path)


def test_a_stray_cell_far_out_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.write_column(0, 0, ["a", "1"])
        page.write_string(1_048_575, 16_383, "x")
    with pytest.raises(InputError, match="row 1048576 and column 16384"):
        read_cells(path)


def test_a_formula_that_was_never_calculated_is_not_an_empty_cell(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    formatted(path)
    with_part(path, "xl/worksheets/sheet1.xml", ("<f>1+1</f><v>2</v>", "<f>1+1</f>"))
    assert read_cells(path).rows[2][1] == FormulaError("formula without a value")
