"""Whatever is changed in the folder of a cascade is found and named; what was written holds."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from reliefperf.scenarios.cascades import run_cascade
from reliefperf.scenarios.cascades.sums import Sums
from reliefperf.scenarios.verifying import verify
from tests.scenarios.tampering import (
    loaded_solvers,
    require_cell_named,
    require_values_named,
    rows_of,
    said,
    signed_again,
    with_cell,
    with_workbook_text,
)

CASCADE = """\
cascade: two
levels:
  - {id: province, model: province.yaml, roll_up: {need: total, heads: total}}
  - {id: county, model: county.yaml, parent: up, title: {zh: 县级, en: Counties}}
"""
PROVINCE = """\
model: province
language: en
data: {region: code, name: null}
variables: {need: {missing: error}, heads: {missing: error}}
allocation:
  unit: dollar
  budget: 1000
  equity: {people: heads, need: need}
  pools: {base: {share: 0.8, weight: need}, award: {share: 0.2, weight: 1}}
  rules: [{id: least, floor: 300, pool: base}]
"""
COUNTY = """\
model: county
language: en
data: {file: county.csv, region: code}
variables:
  up: {type: text}
  need: {missing: error}
  heads: {missing: error}
  x: {}
evaluation:
  tree: [{id: a, points: 100, value: x, missing: zero, score: {goalposts: [0, 10]}}]
  grades: {bands: [{grade: good, at_least: 40}, {grade: poor}]}
allocation:
  unit: dollar
  budget: 100
  equity: {people: heads, need: need, by: grade}
  pools:
    base: {share: 0.8, weight: need}
    award: {share: 0.2, weight: need * score}
  rules:
    - {id: ratio, ratio: 0.4, pool: award, to: base}
    - {id: wish, floor: 60, soft: 1}
"""
DATA = """\
code,name,up,need,heads,x
a,甲县,P,10,3,5
b,乙县,P,22,4,7
c,丙县,P,15,9,
d,丁县,Q,47,5,2
e,戊县,Q,20,6,9
"""
TABLES = (
    *("scores", "points", "treatments", "allocation", "explanation", "parents"),
    *("rules", "factors", "equity", "equity_groups"),
)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cascade")
    for name, text in (
        ("cascade.yaml", CASCADE),
        ("province.yaml", PROVINCE),
        ("county.yaml", COUNTY),
        ("county.csv", DATA),
    ):
        (folder / name).write_text(text, encoding="utf-8")
    run_cascade(folder / "cascade.yaml").write(folder / "out")
    return folder / "out"


@pytest.fixture
def out(original: Path, tmp_path: Path) -> Path:
    shutil.copytree(original, tmp_path / "copy")
    return tmp_path / "copy"


def test_a_cascade_holds_and_every_parent_is_proved(out: Path) -> None:
    found = verify(out)
    assert found.holds, said(found)
    county = found.proofs["county"]
    assert county.programs >= 2  # at least one of each parent
    assert county.largest_gap < 1e-6
    assert county.moves < 1e-6
    assert found.proofs["province"].programs == 0
    assert found.proofs["province"].rows > 0
    assert found.n_sums > 40
    stated = json.loads((out / "certificate.json").read_text(encoding="utf-8"))
    assert {level: list(parents) for level, parents in stated["levels"].items()} == {
        "county": ["P", "Q"]
    }
    assert {path.stem for path in out.glob("*.csv")} == set(TABLES)


def test_neither_pulp_nor_highs_is_loaded(out: Path) -> None:
    assert loaded_solvers(out) == "[]"


@pytest.mark.parametrize("forged", [False, True])
@pytest.mark.parametrize("name", TABLES)
def test_a_changed_cell_of_every_column_is_named(
    original: Path, tmp_path: Path, name: str, forged: bool
) -> None:
    rows = rows_of(original / f"{name}.csv")
    for j in range(len(rows[0])):
        i = 1 + (3 * j + len(name)) % (len(rows) - 1) if j % 5 else 0
        require_cell_named(original, tmp_path / str(j), f"{name}.csv", i, j, forged=forged)


@pytest.mark.parametrize("level", ["province", "county"])
def test_every_changed_cell_of_the_data_is_named(
    original: Path, tmp_path: Path, level: str
) -> None:
    (path,) = (original / "inputs" / level).glob("*.csv")
    name, rows = f"inputs/{level}/{path.name}", rows_of(path)
    for i in range(1, len(rows)):
        for j in range(len(rows[i])):
            folder = tmp_path / f"{i}-{j}"
            cell = {"P": "Q", "Q": "P"}.get(rows[i][j], rows[i][j] + "1")
            with_cell(original, folder, name, i, j, cell)
            found = said(verify(folder))
            assert f"{name}: row {i + 1}" in found
            assert f"column {rows[0][j]}: found {cell!r}" in found


@pytest.mark.parametrize(
    ("name", "old", "new", "row"),
    [
        ("inputs/county/model.yaml", "floor: 60", "floor: 61", 21),
        ("inputs/province/model.yaml", "share: 0.8", "share: 0.7", 9),
        ("inputs/cascade.yaml", "need: total, heads", "need: mean, heads", 3),
    ],
)
def test_a_changed_line_of_a_definition_is_named(
    out: Path, name: str, old: str, new: str, row: int
) -> None:
    text = (out / name).read_text(encoding="utf-8")
    assert old in text
    (out / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    assert f"{name}: row {row}: found" in said(verify(out))


@pytest.mark.parametrize("name", ["run.json", "certificate.json", "fingerprints.json"])
def test_every_changed_value_of_a_record_is_found_and_named(
    original: Path, tmp_path: Path, name: str
) -> None:
    require_values_named(original, tmp_path, name)


def test_a_forged_certificate_fails_on_the_proof(out: Path) -> None:
    path = out / "certificate.json"
    stated = json.loads(path.read_text(encoding="utf-8"))
    units = stated["levels"]["county"]["Q"]["rounding"]["units"]
    units[0] += 40
    units[1] -= 40
    path.write_text(json.dumps(stated, indent=1) + "\n", encoding="utf-8")
    signed_again(out)
    text = said(verify(out))
    assert "allocation.csv: row" in text
    assert "level county, parent Q: " in text


def test_answers_of_a_parent_that_are_missing_are_named_and_nobody_solves(out: Path) -> None:
    path = out / "certificate.json"
    stated = json.loads(path.read_text(encoding="utf-8"))
    del stated["levels"]["county"]["Q"]
    path.write_text(json.dumps(stated, indent=1) + "\n", encoding="utf-8")
    signed_again(out)
    assert "certificate.json: does not fit the run: level 'county', parent Q" in said(verify(out))


def test_what_cannot_be_added_up_is_said_in_words(out: Path) -> None:
    path = out / "allocation.csv"
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[1] = lines[1].rpartition(",")[0] + ",many"
    path.write_text("\n".join(lines), encoding="utf-8")
    text = said(verify(out))
    assert "cannot be added up: an amount is not a number" in text
    assert "无法求和：有的金额不是数" in text
    path.write_text("\n".join([lines[0].replace("amount", "sum"), *lines[1:]]), encoding="utf-8")
    assert "cannot be added up: there is no 'amount'" in said(verify(out))


def test_a_changed_cell_of_the_workbook_is_named(out: Path) -> None:
    with_workbook_text(out, "丙县", "丙区")
    assert "results.xlsx: Counties row 4 (P), column name: found '丙区', computed '丙县'" in said(
        verify(out)
    )


def test_missing_and_strange_files_are_named(out: Path) -> None:
    (out / "parents.csv").unlink()
    (out / "more.csv").write_text("a\n", encoding="utf-8")
    text = said(verify(out))
    assert "parents.csv: the file is missing" in text
    assert "more.csv: the file does not belong to the run" in text


@pytest.mark.parametrize(
    ("name", "column", "found"),
    [
        ("allocation.csv", "amount", ("pools of", "children of", "all levels together")),
        ("explanation.csv", "amount", ("steps of",)),
        ("parents.csv", "left", ("paid and left of",)),
        ("parents.csv", "received", ("what ", "paid and left of")),
    ],
)
def test_the_sums_of_the_files_alone_find_what_does_not_add_up(
    out: Path, name: str, column: str, found: tuple[str, ...]
) -> None:
    assert not list(Sums(out, ["province", "county"]).wrong())
    rows = list(csv.DictReader((out / name).open(encoding="utf-8", newline="")))
    rows[-1][column] = str(int(rows[-1][column].split(".")[0]) + 1)
    with (out / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    wrong = [one.en for one in Sums(out, ["province", "county"]).wrong()]
    for words in found:
        assert any(text.startswith(words) for text in wrong), (words, wrong)
