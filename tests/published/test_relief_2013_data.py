"""The synthetic data of models/relief-2013: what must hold whatever the seed."""

from __future__ import annotations

import ast
import csv
import importlib.util
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "models" / "relief-2013"

AT_MOST = {
    "urban_households": ("urban_recipients",),
    "rural_households": ("rural_recipients",),
    "local_funds": ("urban_spending", "rural_spending"),
    "unspent_balance": ("funds_available",),
    "on_time_amount": ("urban_spending", "rural_spending"),
    "diverted_amount": ("urban_spending", "rural_spending"),
    "direct_paid_households": ("urban_households", "rural_households"),
    "towns_at_line": ("towns",),
    "towns_public_notice": ("towns",),
    "towns_one_stop": ("towns",),
    "sampled_households": ("urban_households", "rural_households"),
    "wrongful_cases": ("sampled_households",),
    "relatives_known": ("urban_households", "rural_households"),
    "relatives_registered": ("relatives_known",),
    "certified_checkers": ("staff",),
    "sudden_events": ("resident_population",),
    "events_in_time": ("sudden_events",),
    "major_events": ("sudden_events",),
    "major_reported": ("major_events",),
    "rechecked_households": ("applications",),
    "checked_households": ("applications",),
    "complaints_closed": ("complaints_received",),
    "satisfied": ("surveyed",),
    "surveyed": ("urban_recipients", "rural_recipients", "tekun_recipients"),
}


def read(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def counties() -> list[dict[str, str]]:
    return read("counties.csv")


@pytest.fixture(scope="module")
def provinces() -> list[dict[str, str]]:
    return read("provinces.csv")


def total(rows: list[dict[str, str]], *names: str) -> int:
    return sum(int(row[name]) for row in rows for name in names)


def test_generating_again_gives_the_same_bytes(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("relief_2013_generate", FOLDER / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.generate(tmp_path)
    for name in ("counties.csv", "provinces.csv"):
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes(), name


def test_every_county_and_province_is_there_once(
    counties: list[dict[str, str]], provinces: list[dict[str, str]]
) -> None:
    assert len(counties) == len({row["code"] for row in counties}) == 2846
    assert len(provinces) == len({row["code"] for row in provinces}) == 31
    names = {row["code"][:2]: row["name"] for row in provinces}
    assert all(row["province"] == names[row["code"][:2]] for row in counties)


@pytest.mark.parametrize("file", ["counties.csv", "provinces.csv"])
@pytest.mark.parametrize(
    ("names", "published"),
    [
        (("urban_recipients",), 17_011_000),
        (("rural_recipients",), 49_036_000),
        (("tekun_recipients",), 5_168_000),
        (("urban_households",), 9_574_000),
        (("rural_households",), 28_462_000),
        (("urban_spending",), 7_193_000),
        (("rural_spending",), 9_315_000),
        (("towns",), 39_789),
        (("previous_base", "previous_award", "previous_expenses"), 11_014_800),
    ],
)
def test_national_totals_are_the_published_ones(
    file: str, names: tuple[str, ...], published: int
) -> None:
    """2015 bulletin of social services; central dibao money of 2014, 1101.48 亿元."""
    assert total(read(file), *names) == published


def test_standards_keep_to_the_published_means(
    counties: list[dict[str, str]], provinces: list[dict[str, str]]
) -> None:
    """民政部: rural standards by province of 2015 Q3; national mean urban standard 451.1 in 2015."""
    published = {r["code"]: r for r in read("published/provinces.csv")}
    for row in provinces:
        mean = float(published[row["code"]]["rural_standard_2015q3"])
        assert abs(float(row["rural_standard"]) - mean) < 1, row["name"]
        people = round(float(published[row["code"]]["population_10k"]) * 10_000)
        assert int(row["resident_population"]) == people, row["name"]
    assert round(total(counties, "urban_standard") / len(counties), 1) == 451.1


@pytest.mark.parametrize("file", ["counties.csv", "provinces.csv"])
def test_parts_are_at_most_their_wholes(file: str) -> None:
    for row in read(file):
        for part, wholes in AT_MOST.items():
            if row[part]:
                whole = sum(float(row[name]) for name in wholes)
                assert float(row[part]) <= whole, (row["code"], part)
        spent = int(row["urban_spending"]) + int(row["rural_spending"])
        assert int(row["funds_available"]) == spent + int(row["unspent_balance"])


@pytest.mark.parametrize("file", ["counties.csv", "provinces.csv"])
def test_cells_keep_to_their_limits(file: str) -> None:
    rows = read(file)
    variables = read("variables.csv")
    assert list(rows[0]) == ["code", "name", "province", "zone", *(v["name"] for v in variables)]
    for variable in variables:
        cells = [row[variable["name"]] for row in rows]
        if "可缺" not in variable["note"] or file == "provinces.csv":
            assert all(cells), variable["name"]
        filled = [cell for cell in cells if cell]
        if variable["type"] == "text":
            assert set(filled) <= {"完善", "有制度无落实", "无"}
            continue
        if variable["type"] == "integer":
            assert all(cell.isdigit() for cell in filled), variable["name"]
        numbers = [float(cell) for cell in filled]
        assert min(numbers) >= float(variable["min"]), variable["name"]
        if variable["max"]:
            assert max(numbers) <= float(variable["max"]), variable["name"]


def test_few_cells_are_missing(counties: list[dict[str, str]]) -> None:
    cells = [cell for row in counties for cell in row.values()]
    assert 0.002 < cells.count("") / len(cells) < 0.004


def test_provinces_are_sums_of_their_counties(
    counties: list[dict[str, str]], provinces: list[dict[str, str]]
) -> None:
    sums = [v["name"] for v in read("variables.csv") if v["province"] == "sum"]
    for row in provinces:
        inside = [c for c in counties if c["code"][:2] == row["code"][:2]]
        for name in sums:
            expected = sum(float(c[name]) for c in inside if c[name])
            assert float(row[name]) == pytest.approx(expected, abs=1e-6), (row["code"], name)


def test_the_design_adds_up_to_100_and_names_only_known_variables() -> None:
    design = read("design.csv")
    assert sum(float(row["points"]) for row in design) == 100
    assert len({row["dimension_id"] for row in design}) == 7
    for row in design:
        same = [r for r in design if r["dimension_id"] == row["dimension_id"]]
        assert 3 <= len(same) <= 6
        assert sum(float(r["points"]) for r in same) == float(row["points_of_dimension"])
        assert row["basis_or_choice"]
    known = {variable["name"] for variable in read("variables.csv")} | {"where"}
    expressions = [row["value_expression"] for row in design]
    expressions += [row["when"] for row in read("adjustments.csv")]
    for expression in expressions:
        names = {n.id for n in ast.walk(ast.parse(expression)) if isinstance(n, ast.Name)}
        assert names <= known, expression
