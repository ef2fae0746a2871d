from __future__ import annotations

from pathlib import Path

import numpy as np

from reliefperf.model.spec_data import DataSpec, Variable

from .helpers import (
    WIDE,
    kinds,
    places,
    read,
    refused,
)


def test_a_missing_column_suggests_a_near_heading(tmp_path: Path) -> None:
    error = refused(
        tmp_path, [["regions", "person"], ["1", "2"]], variables={"persons": Variable()}
    )
    assert "no column 'region'; did you mean 'regions'?" in str(error)
    assert "no column 'persons'; did you mean 'person'?" in str(error)
    assert places(error)[0] == (1, 0) or places(error)[0] == (1, "")


def test_an_unknown_column_is_refused_unless_it_is_ignored(tmp_path: Path) -> None:
    rows = [[*row, "x"] for row in WIDE]
    rows[0][-1] = "remarks"
    assert places(refused(tmp_path, rows)) == [(1, "remarks")]
    for ignore in (["remarks", "not there"], "unknown"):
        data = read(tmp_path, rows, DataSpec(ignore=ignore))  # type: ignore[arg-type]
        note = next(note for note in data.notes if note.kind == "ignored-column")
        assert "remarks" in note.en


def test_headings_match_after_nfkc_and_the_change_is_noted(tmp_path: Path) -> None:
    rows = [["ｒｅｇｉｏｎ", " 人数（人） "], ["1", "2"]]
    variables = {"persons": Variable(column="人数(人)")}
    data = read(tmp_path, rows, variables=variables)
    assert data.table()["persons"].tolist() == [2]
    assert kinds(data.notes) == ["heading", "heading"]


def test_a_heading_in_another_unit_is_refused_with_the_unit_expected(tmp_path: Path) -> None:
    variables = {"persons": Variable(column="人数", unit="人")}
    error = refused(tmp_path, [["region", "人数（万人）"], ["1", "2"]], variables=variables)
    assert "is in 万人, but the model expects 人" in str(error)
    error = refused(tmp_path, [["region", "人数（人）"], ["1", "2"]], variables=variables)
    assert "set the variable's column to that heading" in str(error)


def test_a_column_that_may_be_absent_is_missing_and_noted(tmp_path: Path) -> None:
    variables = {
        "n": Variable(),
        "m": Variable(absent="missing"),
        "t": Variable(type="text", absent="missing"),
    }
    data = read(tmp_path, [["region", "n"], ["1", "2"]], variables=variables)
    assert np.isnan(data.table()["m"]).all()
    assert data.table()["t"].tolist() == [None]
    assert data.variables == ("n", "m", "t")
    assert kinds(data.notes) == ["absent-column"]


def test_a_name_column_the_model_asks_for_must_be_there(tmp_path: Path) -> None:
    rows = [["region", "n"], ["1", "2"]]
    error = refused(tmp_path, rows, DataSpec(name="地区"), variables={"n": Variable()})
    assert "no column '地区'" in str(error)
