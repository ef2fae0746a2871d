"""A run can be computed again from its folder alone."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from reliefperf.errors import InputError
from reliefperf.scenarios.inputs import rerun
from reliefperf.scenarios.loading import load_model
from reliefperf.scenarios.results.points import points_table, scores_table
from reliefperf.scenarios.run_folder import read_run
from reliefperf.scenarios.running import run

MODEL = """\
model: small
language: en
data: {file: 数据.csv}
variables: {x: {}}
tables:
  marks: {lookup: {file: tables/marks.csv, keys: [key], gives: value}}
evaluation:
  tree:
    - {id: a, points: 100, value: x, score: {goalposts: [0, 10]}}
  adjustments:
    - {id: extra, bonus: marks(region)}
  grades: {bands: [{grade: good, at_least: 60}, {grade: poor}]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    here = tmp_path / "small"
    (here / "tables").mkdir(parents=True)
    (here / "model.yaml").write_text(MODEL, encoding="utf-8")
    (here / "tables/marks.csv").write_text("key,value\nr1,1\nr2,2\n", encoding="utf-8")
    (here / "数据.csv").write_bytes("region,name,x\nr1,甲县,5\nr2,乙县,7\n".encode("gb18030"))
    (here / "stricter.yaml").write_text(
        "scenario: stricter\nmodel: .\nset: {evaluation.tree.a.score: {goalposts: [0, 20]}}\n",
        encoding="utf-8",
    )
    return here


@pytest.mark.parametrize("target", ["", "stricter.yaml"])
def test_a_run_is_computed_again_when_its_sources_are_gone(
    folder: Path, target: str, tmp_path: Path
) -> None:
    first = run(folder / target if target else folder, output=tmp_path / "out")
    shutil.rmtree(folder)
    kept = read_run(tmp_path / "out")
    again = rerun(kept.folder, kept.record)
    assert scores_table(again) == scores_table(first)
    assert points_table(again) == points_table(first)


def test_a_table_from_memory_is_kept_as_a_file(folder: Path, tmp_path: Path) -> None:
    frame = pd.DataFrame({"region": ["r1", "r2"], "x": [1.5, None]})
    model = load_model(folder)
    model = load_model(_with_zero(folder))
    first = run(model, frame, output=tmp_path / "out")
    kept = read_run(tmp_path / "out")
    assert (tmp_path / "out/inputs/data.csv").read_text() == "region,x\nr1,1.5\nr2,\n"
    assert scores_table(rerun(kept.folder, kept.record)) == scores_table(first)


def _with_zero(folder: Path) -> Path:
    text = MODEL.replace("score: {", "missing: zero, score: {")
    (folder / "model.yaml").write_text(text, encoding="utf-8")
    return folder


def test_a_run_is_replaced_but_not_with_a_stranger_among_its_inputs(
    folder: Path, tmp_path: Path
) -> None:
    run(folder, output=tmp_path / "out")
    run(folder, output=tmp_path / "out")
    (tmp_path / "out/inputs/notes.txt").write_text("mine")
    with pytest.raises(InputError, match=r"inputs/notes\.txt"):
        run(folder, output=tmp_path / "out")
    assert (tmp_path / "out/inputs/notes.txt").exists()


def test_a_table_that_changes_during_the_run_is_an_error(folder: Path, tmp_path: Path) -> None:
    model = load_model(folder)
    (folder / "tables/marks.csv").write_text("key,value\nr1,9\nr2,9\n")
    with pytest.raises(InputError, match="changed while"):
        run(model, output=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_run_without_inputs_says_so(folder: Path, tmp_path: Path) -> None:
    run(folder, output=tmp_path / "out")
    shutil.rmtree(tmp_path / "out/inputs")
    kept = read_run(tmp_path / "out")
    with pytest.raises(InputError, match="run it anew"):
        rerun(kept.folder, kept.record)
