"""A run of a table in memory is kept as a file, and read again it is the same run."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from reliefperf.scenarios.running import run
from reliefperf.scenarios.verifying import verify
from tests.building import model_of

MODEL = """
model: m
language: zh
data: {region: code, name: nameDATA}
variables: {recipients: {missing: error}, wrongful: {missing: zero}, told: {type: text}}
evaluation:
  full_marks: 100
  tree: [{id: a, points: 100, value: wrongful, score: {deduct: 1, above: 0}}]
allocation: {unit: yuan, budget: 100, pools: {p: {share: 1, weight: recipients * score}}}
"""
CELLS = {
    "code": ["010", "020", "030"],
    "name": ["北", '南, "a";b', "东"],
    "recipients": [10, 20.0, 0.1 + 0.2],
    "wrongful": [0, None, 1e-7],
}


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        ("", ["x", None, " y "]),
        ("", [1, 2.5, 1234567.0]),
        ("", [date(2023, 7, 1), None, None]),
        (", decimal: comma", ["1,5", "1.5", None]),
        (", sheet: first", ["x", "y", "z"]),
        (", encoding: gb18030", ["北", "南", "\ud800"]),
        ("", [None, None, "multi\nline"]),
    ],
)
def test_it_verifies(stated: str, told: list[object], tmp_path: Path) -> None:
    frame = pd.DataFrame({**CELLS, "told": told})
    first = run(model_of(MODEL.replace("DATA", stated)), frame, output=tmp_path / "out")
    assert first.allocation["amount"].sum() > 0
    assert not verify(tmp_path / "out").failures


def test_whole_numbers_as_codes_and_rows_without_anything_verify_too(tmp_path: Path) -> None:
    frame = pd.DataFrame({**CELLS, "told": None, "": None})
    frame["code"] = [110101, 110102, 110103]
    frame.loc[1] = None
    text = MODEL.replace("DATA", "")
    first = run(model_of(text), frame, output=tmp_path / "out")
    assert first.last.env.codes == ("110101", "110103")
    assert not verify(tmp_path / "out").failures


def test_a_changed_cell_of_the_kept_file_is_named(tmp_path: Path) -> None:
    frame = pd.DataFrame({**CELLS, "told": None})
    run(model_of(MODEL.replace("DATA", "")), frame, output=tmp_path / "out")
    kept = tmp_path / "out/inputs/data.csv"
    kept.write_text(kept.read_text(encoding="utf-8").replace("20,", "21,"), encoding="utf-8")
    failed = verify(tmp_path / "out").failures
    assert any(one.file == "inputs/data.csv" and "'21'" in one.en for one in failed)
