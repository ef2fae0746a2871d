"""Formulas are read from a workbook wherever they stand and however they are written."""

import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from reliefperf.reports.cells import cells_written
from reliefperf.reports.formulas import HIDDEN_TEXT, formulas_of
from reliefperf.reports.grids import parse_workbook
from reliefperf.reports.sheets import Sheets

CELL = '<c r="AB3"><f>SUM(AB1:AB2)</f><v>3</v></c>'


def written(path: Path, **changed: tuple[str, str]) -> Path:
    """A workbook of three sheets; `changed` are replacements by the part's short name."""
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("no formula").write_string(0, 0, "=1+1")
        sheet = book.add_worksheet("A & <B> 表")
        sheet.write_number(0, 27, 1)
        sheet.write_number(1, 27, 2)
        sheet.write_formula(2, 27, "=SUM(AB1:AB2)", None, 3)
        book.add_worksheet("none")
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name).decode() for name in book.namelist()}
    for short, (old, new) in changed.items():
        (name,) = (name for name in parts if name.endswith(f"/{short.replace('_', '.')}"))
        assert old in parts[name]
        parts[name] = parts[name].replace(old, new)
    with zipfile.ZipFile(path, "w") as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return path


def test_every_sheet_has_its_formulas_by_place(tmp_path: Path) -> None:
    assert formulas_of(written(tmp_path / "a.xlsx")) == {
        "no formula": {},
        "A & <B> 表": {(2, 27): "=SUM(AB1:AB2)"},
        "none": {},
    }


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("<c r='AB3'><f\n>1+1</f\t><v>3</v></c>", {(2, 27): "=1+1"}),
        ("<c r='AB3'><f><![CDATA[1]]>+&#49;</f><v>3</v></c>", {(2, 27): "=1+1"}),
        ("<c r='AB3'><f>SUM(AB1<!-- -->:AB2)</f><v>3</v></c>", {(2, 27): "=SUM(AB1:AB2)"}),
        ("<c r='AA3'/><c><f>1+1</f><v>3</v></c>", {(2, 27): "=1+1"}),
        ("<c><f>1+1</f></c><c><f>2</f></c>", {(2, 0): "=1+1", (2, 1): "=2"}),
        ("<c r='AB3'><!-- <f>1+1</f> --><v>3</v></c>", {}),
        (
            "<c r='AB3'><f t='array' ref='AB3:AB9'>SUM(AB1:AB2)</f><v>3</v></c>",
            {(2, 27): "=SUM(AB1:AB2) (t=array, ref=AB3:AB9)"},
        ),
        ("<c r='AB3'><f t='shared' si='0'/><v>3</v></c>", {(2, 27): "= (t=shared, si=0)"}),
        ("<c r='AB3' t='s'><v>0</v><is><t>3</t></is></c>", {(2, 27): HIDDEN_TEXT}),
        ("<c r='AB3' t='inlineStr'><is><t>firm: f</t></is></c>", {}),
        (
            "<x:c xmlns:x='http://schemas.openxmlformats.org/spreadsheetml/2006/main' r='AB3'>"
            "<x:f>1+1</x:f><x:v>3</x:v></x:c>",
            {(2, 27): "=1+1"},
        ),
    ],
)
def test_a_formula_is_found_however_it_is_written(
    cell: str, expected: dict[tuple[int, int], str], tmp_path: Path
) -> None:
    path = written(tmp_path / "a.xlsx", sheet2_xml=(CELL, cell))
    assert formulas_of(path)["A & <B> 表"] == expected
    assert parse_workbook(path) is not None


@pytest.mark.parametrize(
    "changed",
    [
        {"sheet2_xml": (CELL, "<c r='AB'><f>1</f></c>")},
        {"sheet2_xml": ("</row>", "<f></row>")},
        {"workbook_xml": ("r:id='rId2'".replace("'", '"'), 'r:id="rId9"')},
        {"workbook_xml_rels": ('"worksheets/sheet2.xml"', '"xl/worksheets/sheet2.xml"')},
        {"workbook_xml_rels": ('"sharedStrings.xml"', '"worksheets/../sharedStrings.xml"')},
        {"_rels": ('"xl/workbook.xml"', '"xl/other.xml"')},
    ],
    ids=["place", "xml", "identity", "sheet", "strings", "book"],
)
def test_a_workbook_whose_parts_are_elsewhere_is_none(
    changed: dict[str, tuple[str, str]], tmp_path: Path
) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path):
        pass
    assert parse_workbook(written(tmp_path / "b.xlsx")) is not None
    assert parse_workbook(written(path, **changed)) is None


def test_a_workbook_with_a_part_twice_is_none(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx")
    with zipfile.ZipFile(path, "a") as book:
        book.writestr("xl/worksheets/Sheet2.xml", "<worksheet/>")
    assert parse_workbook(path) is None


def test_sums_are_collected_as_they_are_written(tmp_path: Path) -> None:
    def fill(book: object) -> None:
        sheets = Sheets(book, "en", "run", {}, synthetic=False)
        sheet = sheets.sheet("allocation")
        for column in (1, 25, 26, 51, 52, 701, 702):
            sheet.write_number(1, column, 4)
            sheets.sum_above(sheet, 2, column, 4, None)

    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        fill(book)
    parsed = parse_workbook(path)
    assert parsed is not None
    ((name, made),) = cells_written(fill).items()
    assert parsed.sheet(name) == made
    assert made.formulas[2, 702] == "=SUM(AAA2:AAA2)"
