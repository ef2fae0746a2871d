from __future__ import annotations

import csv
import gzip
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest

from reliefperf.data.regions import Regions
from reliefperf.errors import InputError
from reliefperf.model.spec_data import RegionsSpec

from .helpers import write_csv


@pytest.fixture(scope="module")
def china() -> Regions:
    return Regions.gb2260()


def test_the_table_of_2024_has_2846_counties_in_31_provinces(china: Regions) -> None:
    counties = china.at_level("county")
    assert len(counties) == 2846
    assert len({china.ancestors(code)[-1] for code in counties}) == 31
    assert len(china.at_level("prefecture")) == 333
    assert len(china.at_level("province")) == 34


def test_hong_kong_macao_and_taiwan_stand_without_counties(china: Regions) -> None:
    names = {china.name(code) for code in china.at_level("province") if not china.children(code)}
    assert names == {"台湾省", "香港特别行政区", "澳门特别行政区"}


def test_29_names_are_shared_by_66_counties(china: Regions) -> None:
    names = Counter(china.name(code) for code in china.at_level("county"))
    shared = [count for count in names.values() if count > 1]
    assert (len(shared), sum(shared)) == (29, 66)


@pytest.mark.parametrize("year", range(2000, 2025))
def test_in_every_year_each_code_stands_once_and_its_parent_stands_too(year: int) -> None:
    table = Regions.gb2260(year)
    assert len(set(table.codes)) == len(table)
    assert list(table.codes) == sorted(table.codes)
    assert all(not region.parent or region.parent in table for region in table)
    assert all(
        table[region.parent].level != "county" for region in table if region.level == "county"
    )


def test_the_shipped_file_has_no_clock_in_it_and_a_licence_beside_it() -> None:
    folder = files("reliefperf.data")
    packed = (folder / "gb2260.csv.gz").read_bytes()
    assert packed[4:8] == b"\0\0\0\0"
    rows = list(csv.DictReader(gzip.decompress(packed).decode().splitlines()))
    assert list(rows[0]) == ["code", "name", "parent", "level", "first", "last"]
    assert all(2000 <= int(row["first"]) <= int(row["last"]) <= 2024 for row in rows)
    assert "MIT License" in (folder / "gb2260.LICENSE.txt").read_text(encoding="utf-8")


def test_a_county_of_a_municipality_is_right_below_it(china: Regions) -> None:
    assert china.ancestors("110101") == ("110000",)
    assert china.full_name("110101") == "北京市/东城区"
    assert china.parent("429004") == "420000"
    assert china.parent("110000") == ""


def test_a_full_name_goes_from_the_top_down(china: Regions) -> None:
    assert china.full_name("130102") == "河北省/石家庄市/长安区"


def test_an_exact_and_unique_name_is_found(china: Regions) -> None:
    assert china.find("抚松县") == "220621"
    assert china.find("朝阳区", parent="北京市") == "110105"
    assert china.find("朝阳区", parent="220000") == "220104"
    assert china.find("吉林省/长春市/朝阳区") == "220104"
    assert china.find("吉林省/朝阳区") == "220104"


def test_a_shared_name_is_refused_with_all_candidates(china: Regions) -> None:
    with pytest.raises(InputError) as caught:
        china.find("朝阳区")
    assert "110105 北京市/朝阳区" in str(caught.value)
    assert "220104 吉林省/长春市/朝阳区" in str(caught.value)


def test_a_near_name_is_suggested_but_never_taken(china: Regions) -> None:
    with pytest.raises(InputError, match="did you mean '松桃苗族自治县'"):
        china.find("松桃县")


def test_a_code_of_another_year_says_when_it_was_valid(china: Regions) -> None:
    with pytest.raises(InputError, match="崇文区 from 2000 to 2009"):
        china.name("110103")
    assert Regions.gb2260(2009).name("110103") == "崇文区"


@pytest.mark.parametrize("year", [1999, 2025])
def test_a_year_outside_the_table_is_refused(year: int) -> None:
    with pytest.raises(InputError, match="covers 2000 to 2024"):
        Regions.gb2260(year)


def test_an_unknown_level_names_the_known_ones(china: Regions) -> None:
    with pytest.raises(InputError, match="did you mean 'county'"):
        china.at_level("County")


def test_a_model_names_its_table(tmp_path: Path) -> None:
    write_csv(tmp_path / "own.csv", [["code", "name"], ["1", "a"]])
    assert Regions.from_spec(RegionsSpec(year=2009)).name("110103") == "崇文区"
    assert Regions.from_spec(RegionsSpec(table="own.csv"), tmp_path).codes == ("1",)
    with pytest.raises(InputError, match="take `year` out"):
        Regions.from_spec(RegionsSpec(table="own.csv", year=2009), tmp_path)
