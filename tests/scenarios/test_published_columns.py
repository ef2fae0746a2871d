"""A comparison with a column that no file has is a mistake before anything is compared."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from reliefperf.cli import main

MODEL = """\
model: p
language: en
data: {file: data.csv, region: code, ignore: unknown}
variables: {n: {}}
derived: {twice: 2 * n}
published: [%s]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data.csv").write_text("code,n,公布\na,1,2\n", encoding="utf-8")
    (tmp_path / "other.csv").write_text("code,x\na,2\n", encoding="utf-8")
    return tmp_path


def said(folder: Path, check: str, *, verb: str = "check") -> tuple[int, str]:
    (folder / "model.yaml").write_text(MODEL % check, encoding="utf-8")
    more = ["-o", str(folder / "out")] if verb == "run" else []
    result = CliRunner().invoke(main, [verb, str(folder), *more])
    return result.exit_code, result.output


@pytest.mark.parametrize("verb", ["check", "run"])
def test_a_column_that_no_file_has_is_refused(folder: Path, verb: str) -> None:
    status, text = said(folder, "{id: a, value: twice, column: pub}", verb=verb)
    assert status == 2
    assert "'data.csv' has no column 'pub'; known: code, n, 公布" in text


def test_the_file_of_the_comparison_counts(folder: Path) -> None:
    status, text = said(folder, "{id: a, value: twice, column: n, file: other.csv}")
    assert status == 2
    assert "'other.csv' has no column 'n'" in text


@pytest.mark.parametrize(
    "check",
    [
        "{id: a, value: twice, column: 公布}",
        "{id: a, value: twice, column: x, file: other.csv}",
        "{id: a, value: twice, column: x, file: later.csv}",
        "{id: a, value: total(twice), equals: 2}",
    ],
)
def test_columns_that_are_there_and_files_that_are_not_pass(folder: Path, check: str) -> None:
    assert said(folder, check)[0] == 0
