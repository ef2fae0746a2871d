from __future__ import annotations

from pathlib import Path

import pytest

from reliefperf.data import Region, Regions, read_data
from reliefperf.errors import InputError
from reliefperf.model.spec_data import DataSpec, Variable

from .helpers import (
    COUNT,
    NAMES,
    changed,
    kinds,
    places,
    read,
    refused,
    write_xlsx,
)


def test_codes_must_be_in_the_table_of_regions(tmp_path: Path) -> None:
    china = Regions.gb2260()
    error = refused(tmp_path, changed(2, "region", "110199"), regions=china)
    assert "西城区 has the code 110102" in str(error)
    error = refused(tmp_path, changed(2, "region", "110103"), regions=china)
    assert "崇文区 from 2000 to 2009" in str(error)
    error = refused(tmp_path, changed(2, "region", "110106000000"), regions=china)
    assert "did you mean 110106?" in str(error)


def test_codes_must_be_at_the_level_asked_for(tmp_path: Path) -> None:
    error = refused(
        tmp_path, changed(2, "region", "130000"), regions=Regions.gb2260(), level="county"
    )
    assert "130000 河北省 is a province; the model wants county" in str(error)


def test_unique_names_stand_for_codes_and_are_noted(tmp_path: Path) -> None:
    rows = [["region", "n"], ["抚松县", "1"], ["北京市/朝阳区", "2"]]
    data = read(tmp_path, rows, regions=Regions.gb2260(), variables={"n": Variable()})
    assert data.table().codes == ("110105", "220621")
    assert data.table().names == ("朝阳区", "抚松县")
    assert [cell.kinds for cell in data.cells] == [("name-to-code",)] * 2
    assert kinds(data.notes) == ["cleaned"]


def test_shared_and_unknown_names_are_refused(tmp_path: Path) -> None:
    rows = [["region", "n"], ["朝阳区", "1"], ["松桃县", "2"]]
    error = refused(tmp_path, rows, regions=Regions.gb2260(), variables={"n": Variable()})
    assert "2 regions have this name: 110105 北京市/朝阳区, 220104 吉林省/长春市/朝阳区" in str(
        error
    )
    assert "did you mean '松桃苗族自治县'?" in str(error)


def test_a_name_and_its_code_for_the_same_region_are_duplicates(tmp_path: Path) -> None:
    rows = [["region", "n"], ["抚松县", "1"], ["220621", "2"]]
    error = refused(tmp_path, rows, regions=Regions.gb2260(), variables={"n": Variable()})
    assert "already stands in row 2" in str(error)


def test_a_name_that_differs_from_the_table_is_kept_and_noted(tmp_path: Path) -> None:
    data = read(tmp_path, changed(2, "name", "西城"), regions=Regions.gb2260())
    assert data.table().names[1] == "西城"
    assert "name-differs" in kinds(data.notes)
    data = read(tmp_path, changed(2, "name", "北京市西城区"), regions=Regions.gb2260())
    assert "name-differs" not in kinds(data.notes)


def test_names_come_from_the_table_of_regions_where_the_file_has_none(tmp_path: Path) -> None:
    data = read(tmp_path, changed(2, "name", ""), regions=Regions.gb2260())
    assert data.table().names == tuple(NAMES)


def test_an_empty_period_is_refused(tmp_path: Path) -> None:
    rows = [["region", "year", "n"], ["1", "2023", "5"], ["2", "", "1"]]
    error = refused(tmp_path, rows, DataSpec(period="year"), variables=COUNT)
    assert places(error) == [(3, "year")]


def test_periods_are_half_width_text_whatever_the_cell(tmp_path: Path) -> None:
    rows = [["region", "year", "n"], ["1", "２０２３", 5], ["2", 2023, 1], ["3", "2023 ", 2]]
    path = write_xlsx(tmp_path / "a.xlsx", rows)
    data = read_data(path, COUNT, DataSpec(period="year"))
    assert data.periods == ("2023",)
    assert [cell.kinds for cell in data.cells] == [("width",), ("spaces",)]


def test_a_code_the_table_has_with_a_leading_zero_too_is_refused(tmp_path: Path) -> None:
    table = Regions((Region("011", "a"), Region("11", "b")))
    path = write_xlsx(tmp_path / "a.xlsx", [["region", "n"], [11, 5]])
    with pytest.raises(InputError, match="leading zero"):
        read_data(path, COUNT, regions=table)


def test_whole_numeric_codes_of_a_workbook_are_taken_and_noted(tmp_path: Path) -> None:
    rows = [["region", "n"], [110101, 5], [110102, 6]]
    data = read_data(write_xlsx(tmp_path / "a.xlsx", rows), COUNT)
    assert data.table().codes == ("110101", "110102")
    assert kinds(data.notes) == ["cleaned"]
    assert [cell.kinds for cell in data.cells] == [("number-as-text",)] * 2


def test_a_numeric_code_that_may_have_lost_a_zero_is_refused(tmp_path: Path) -> None:
    rows = [["region", "n"], [11002, 5], ["110102", 6]]
    with pytest.raises(InputError, match="leading zero"):
        read_data(write_xlsx(tmp_path / "a.xlsx", rows), COUNT)
    with pytest.raises(InputError, match="not in the table of regions"):
        read_data(write_xlsx(tmp_path / "a.xlsx", rows), COUNT, regions=Regions.gb2260())


@pytest.mark.parametrize("code", [110101.5, True])
def test_a_code_that_is_no_whole_number_is_refused(tmp_path: Path, code: object) -> None:
    with pytest.raises(InputError, match="expected a region's code as text"):
        read_data(write_xlsx(tmp_path / "a.xlsx", [["region", "n"], [code, 5]]), COUNT)


@pytest.mark.parametrize("total", ["合计", "Total", "总计", "小计"])
def test_a_row_of_totals_is_refused_not_taken_for_a_region(total, tmp_path):
    path = tmp_path / "d.csv"
    path.write_text(f"region,x\n01,1\n{total},1\n", encoding="utf-8")
    with pytest.raises(InputError, match="row 3.*totals"):
        read_data(path, {"x": Variable()})
