"""Names and paths: what they mean, and that near ones are only suggested."""

from __future__ import annotations

import pytest

from reliefperf.errors import InputError
from reliefperf.scenarios.library import find, library_folder, model_names, scenario_names

REQUIRED = {
    "india-fc15-rural",
    "brazil-igd-m",
    "hdi-2021",
    "suixi-2019",
    "philippines-sglg",
    "jiangsu-2018",
    "guangdong-2022",
    "us-child-support",
    "england-floor-damping",
    "france-dsu",
    "relief-2013",
}


def test_every_model_and_scenario_travels():
    assert set(model_names()) >= REQUIRED
    assert set(scenario_names()) >= {"larger-award", "tighter-hold-harmless"}


def test_a_path_comes_before_a_name(tmp_path, monkeypatch):
    (tmp_path / "hdi-2021").mkdir()
    (tmp_path / "hdi-2021" / "model.yaml").write_text("model: mine\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert find("hdi-2021").resolve() == tmp_path / "hdi-2021"


def test_a_folder_of_results_does_not_hide_the_shipped_model_of_its_name(tmp_path, monkeypatch):
    (tmp_path / "suixi-2019").mkdir()
    (tmp_path / "suixi-2019" / "scores.csv").write_text("region,score\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert find("suixi-2019") == library_folder("models") / "suixi-2019"


def test_a_near_name_is_suggested_not_taken():
    with pytest.raises(InputError, match="did you mean 'hdi-2021'"):
        find("hdi2021")


def test_a_name_cannot_leave_the_library():
    with pytest.raises(InputError):
        find("../models/hdi-2021x")
