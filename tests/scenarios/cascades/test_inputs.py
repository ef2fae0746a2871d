"""A cascade's folder holds all that is needed to compute it again, byte for byte."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reliefperf.allocation import sharing
from reliefperf.errors import InputError
from reliefperf.scenarios.cascades import run_cascade
from reliefperf.scenarios.cascades.inputs import rerun_cascade
from reliefperf.scenarios.run_folder import read_run
from tests.cascading import TREE, cascade_in, model_text, run_tree, tables_of


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_cascade_is_computed_again_from_its_folder(tmp_path: Path) -> None:
    models = {
        "province": model_text("p", **{"  up: {type: text}\n": ""}),
        "county": model_text("c"),
    }
    more = "parent: up, set: {allocation.pools.base.weight: need * 2}"
    cascade = cascade_in(tmp_path, models, {"province": "roll_up: {need: total}", "county": more})
    run = run_cascade(cascade, {"county": tables_of(TREE)["county"]})
    run.write(tmp_path / "one")
    record = json.loads((tmp_path / "one" / "run.json").read_text(encoding="utf-8"))
    again = rerun_cascade(tmp_path / "one", record)
    assert again.allocation.equals(run.allocation)
    assert again.explanation.equals(run.explanation)
    assert again.parents.equals(run.parents)


@pytest.mark.parametrize("rule", ["", "{id: r, ratio: 0.5, pool: award, to: base}"])
def test_processes_write_the_same_bytes_and_an_older_run_is_replaced(
    tmp_path: Path, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "LEAST_REGIONS", 0)
    monkeypatch.setattr(sharing, "LEAST_PROGRAMS", 0)
    models = {"province": model_text("p"), "county": model_text("c", rule)}
    cascade = cascade_in(tmp_path, models)
    run_tree(cascade).write(tmp_path / "one")
    run_tree(cascade, jobs=2).write(tmp_path / "two")
    assert files_in(tmp_path / "one") == files_in(tmp_path / "two")
    run_tree(cascade).write(tmp_path / "two")
    assert files_in(tmp_path / "one") == files_in(tmp_path / "two")


def test_a_folder_without_inputs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not hold its inputs"):
        rerun_cascade(tmp_path, {})


def test_a_run_folder_knows_the_level_of_a_region(tmp_path: Path) -> None:
    cascade = cascade_in(tmp_path, {"province": model_text("p"), "county": model_text("c")})
    run_tree(cascade).write(tmp_path / "one")
    run = read_run(tmp_path / "one")
    assert run.is_cascade
    assert run.codes == ["P", "Q", "a", "b", "c", "d"]
    assert {row["level"] for row in run.at_level_of("a").allocation} == {"county"}
    assert {row["region"] for row in run.at_level_of("P").explanation} == {"P", "Q"}
