"""A formula of the workbook that was changed, added or taken away is named by sheet and cell."""

import re
import shutil
import zipfile
from pathlib import Path

import pytest

from reliefperf.scenarios.running import run
from reliefperf.scenarios.verifying import verify
from tests.scenarios.tampering import said, signed_again, with_workbook_part

MODEL = """\
model: small
language: en
data: {file: data.csv}
variables: {need: {missing: error}}
allocation: {unit: dollar, budget: 1000, pools: {base: {share: 1, weight: need}}}
"""
DATA = "region,name,need\nr1,甲县,10\nr2,乙县,20\n"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("formulas")
    (folder / "model.yaml").write_text(MODEL, encoding="utf-8")
    (folder / "data.csv").write_text(DATA, encoding="utf-8")
    run(folder, output=folder / "out")
    return folder / "out"


@pytest.fixture
def out(original: Path, tmp_path: Path) -> Path:
    shutil.copytree(original, tmp_path / "copy")
    return tmp_path / "copy"


def allocation_part(folder: Path) -> tuple[str, str]:
    """The part of the sheet Allocation and its text."""
    with zipfile.ZipFile(folder / "results.xlsx") as book:
        names = re.findall(r'<sheet name="([^"]*)"', book.read("xl/workbook.xml").decode())
        part = f"xl/worksheets/sheet{names.index('Allocation') + 1}.xml"
        return part, book.read(part).decode()


@pytest.mark.parametrize("forged", [False, True])
@pytest.mark.parametrize(
    ("formula", "now"),
    [
        ("<f>1+1</f>", "=1+1"),
        ("<f>SUM(D2:D2)</f>", "=SUM(D2:D2)"),
        ('<f t="array" ref="D4:D5">SUM(D2:D3)</f>', "=SUM(D2:D3) (t=array, ref=D4:D5)"),
        ("", "1000.0"),
    ],
)
def test_a_changed_formula_is_named_though_its_value_stays(
    out: Path, formula: str, now: str, forged: bool
) -> None:
    part, _ = allocation_part(out)
    with_workbook_part(out, part, "<f>SUM(D2:D3)</f>", formula)
    if forged:
        signed_again(out)
    (failure,) = (f for f in verify(out).failures if "Allocation" in f.en)
    assert failure.file == "results.xlsx"
    assert failure.en.startswith("Allocation row 4 (total), column base amount (dollar)")
    assert failure.en.endswith(f": found {now!r}, computed '=SUM(D2:D3)'")
    assert failure.zh.endswith(f"：现为 {now!r}，重新计算为 '=SUM(D2:D3)'")


@pytest.mark.parametrize("place", ["A1", "B2", "D3"])
def test_a_formula_where_there_is_none_is_named(out: Path, place: str) -> None:
    part, content = allocation_part(out)
    found = re.search(rf'<c r="{place}"[^>]*>', content)
    assert found is not None
    with_workbook_part(out, part, found[0], f"{found[0]}<f>1+1</f>")
    signed_again(out)
    (failure,) = verify(out).failures
    assert f"Allocation row {place[1]} (" in failure.en
    assert "found '=1+1', computed " in failure.en


def test_a_formula_beyond_the_cells_is_named_by_its_column(out: Path) -> None:
    part, _ = allocation_part(out)
    cell = '<row r="9"><c r="H9"><f>1+1</f></c></row></sheetData>'
    with_workbook_part(out, part, "</sheetData>", cell)
    signed_again(out)
    assert "Allocation row 9 (), column 8: found '=1+1', computed ''" in said(verify(out))


def test_a_formula_and_a_value_that_changed_are_one_cell(out: Path) -> None:
    part, _ = allocation_part(out)
    with_workbook_part(out, part, "<f>SUM(D2:D3)</f><v>1000.0</v>", "<f>1+1</f><v>2</v>")
    signed_again(out)
    (failure,) = verify(out).failures
    assert "found '=1+1', computed '=SUM(D2:D3)'" in failure.en


def test_a_text_that_hides_the_value_of_a_cell_is_named(out: Path) -> None:
    part, content = allocation_part(out)
    found = re.search(r'<c r="B3"[^>]* t="s"><v>\d+</v>', content)
    assert found is not None
    shown = re.sub(r"<v>\d+", "<v>0", found[0]) + "<is><t>乙县</t></is>"
    with_workbook_part(out, part, found[0], shown)
    signed_again(out)
    assert "Allocation row 3 (r2), column name: found '<is>', computed '乙县'" in said(verify(out))
