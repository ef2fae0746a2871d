"""What `explain` says of the way to the next grade, and of the way from last year."""

from pathlib import Path

import pytest

MODEL = """\
model: outlook
language: en
data: {file: data.csv, period: year}
variables: {x: {min: 0, max: 100}, y: {type: integer, min: 0}}
evaluation:
  tree:
    - {id: visits, title: {en: Visits, zh: 走访}, points: 60, value: x, score: {goalposts: [0, 100]}}
    - {id: cases, points: 40, value: y, score: {deduct: 4, above: 0}}
  grades: {bands: [{grade: good, at_least: 80}, {grade: poor}]}
"""
DATA = "region,year,x,y\nr1,2022,50,2\nr2,2022,90,0\nr1,2023,70,3\nr2,2023,80,0\n"


@pytest.fixture
def folder(tmp_path: Path, cli) -> Path:
    (tmp_path / "model.yaml").write_text(MODEL, encoding="utf-8")
    (tmp_path / "data.csv").write_text(DATA, encoding="utf-8")
    assert cli("score", tmp_path / "model.yaml", "-o", tmp_path / "out").exit_code == 0
    return tmp_path


def test_the_way_to_the_next_grade_is_said(folder, cli):
    result = cli("--lang", "en", "explain", folder / "out", "r1", "--lift")
    assert result.exit_code == 0, result.output
    said = result.output[result.output.index("from poor to good") :]
    assert "Visits" in said
    assert "cases" in said  # 70 + 28 is 70: 42 + 28; ten points more
    assert "87" in said


def test_the_best_grade_is_said_in_chinese(folder, cli):
    result = cli("--lang", "zh", "explain", folder / "out", "r2", "--lift")
    assert "已是最高等次" in result.output


def test_the_change_since_the_year_before_adds_up(folder, cli):
    result = cli("--lang", "en", "explain", folder / "out", "r1", "--since", "2022")
    assert result.exit_code == 0, result.output
    assert "change of the score: 62 to 70 (+8)" in result.output
    total = next(line for line in result.output.splitlines() if line.startswith("total"))
    assert total.split()[-1] == "8"


def test_the_change_since_another_run_tells_rules_from_values(folder, cli):
    (folder / "stricter.yaml").write_text(
        "scenario: stricter\nmodel: .\n"
        "set: {evaluation.tree.visits.score: {goalposts: [0, 200]}}\n",
        encoding="utf-8",
    )
    assert cli("run", folder / "stricter.yaml", "-o", folder / "new").exit_code == 0
    result = cli("--lang", "en", "explain", folder / "new", "r1", "--since", folder / "out")
    assert result.exit_code == 0, result.output
    assert "70 to 49 (-21)" in result.output


def test_a_word_that_is_neither_period_nor_folder_is_refused(folder, cli):
    result = cli("--lang", "en", "explain", folder / "out", "r1", "--since", "2021")
    assert result.exit_code == 2
    assert "neither a period" in result.stderr
