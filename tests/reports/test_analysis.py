"""The folder of an analysis: whole or nothing, the same bytes every time, nothing lost."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import pytest

from reliefperf.errors import InputError
from reliefperf.reports.analysis import OWN_FILES, RECORD_FILE
from reliefperf.scenarios.analysis.analysing import Analysis, analyse
from reliefperf.scenarios.loading import load_model
from reliefperf.scenarios.running import run, score


@pytest.fixture(scope="module")
def hdi() -> Analysis:
    return analyse(run("hdi-2021"))


@pytest.fixture(scope="module")
def written(hdi: Analysis, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hdi.write(tmp_path_factory.mktemp("analysis") / "out")


def test_every_file_is_known_and_recorded_with_its_hash(written: Path) -> None:
    names = {path.name for path in written.iterdir()}
    assert names == OWN_FILES - {"SYNTHETIC.txt"}
    record = json.loads((written / RECORD_FILE).read_text(encoding="utf-8"))
    assert set(record["files"]) == names - {RECORD_FILE}
    for name, sha256 in record["files"].items():
        assert hashlib.sha256((written / name).read_bytes()).hexdigest() == sha256
    assert record["limits"]["collinear"] == 0.92
    assert str(written.parent) not in json.dumps(record)


def test_the_same_analysis_gives_the_same_bytes(written: Path, tmp_path: Path) -> None:
    again = analyse(run("hdi-2021")).write(tmp_path / "again")
    for path in written.iterdir():
        assert (again / path.name).read_bytes() == path.read_bytes(), path.name


def test_tables_are_read_back_as_they_are(written: Path, hdi: Analysis) -> None:
    with (written / "correlations.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(hdi.pairs)
    assert float(rows[0]["r"]) == pytest.approx(hdi.pairs[0].r, abs=1e-9)


def test_an_older_analysis_is_replaced_and_nothing_else(hdi: Analysis, tmp_path: Path) -> None:
    target = tmp_path / "out"
    hdi.write(target)
    hdi.write(target)
    (target / "my notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError) as error:
        hdi.write(target)
    assert "my notes.txt" in error.value.text("en")
    assert (target / "my notes.txt").exists()
    assert not [path for path in tmp_path.iterdir() if path != target]


def test_the_folder_of_a_run_is_not_replaced_by_an_analysis(hdi: Analysis, tmp_path: Path) -> None:
    score(load_model("hdi-2021")).write(tmp_path / "run")
    with pytest.raises(InputError):
        hdi.write(tmp_path / "run")
    assert (tmp_path / "run" / "run.json").exists()


def test_synthetic_data_are_labelled(tmp_path: Path) -> None:
    found = analyse(run("relief-2013-provinces"), stages=["points"])
    target = found.write(tmp_path / "out")
    assert "SYNTHETIC DATA" in (target / "SYNTHETIC.txt").read_text(encoding="utf-8")
    record = json.loads((target / RECORD_FILE).read_text(encoding="utf-8"))
    assert record["synthetic"] is True
    assert record["scenario"] == "relief-2013-provinces"
    kinds = {note["kind"] for note in record["notes"]}
    assert "constant" in kinds
