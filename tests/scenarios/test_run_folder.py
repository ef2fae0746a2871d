"""A run read back."""

from __future__ import annotations

import pytest

from reliefperf.errors import InputError
from reliefperf.scenarios.run_folder import read_run
from reliefperf.scenarios.running import run
from tests.conftest import DATA, FIRST


def test_codes_and_unique_names_are_found_others_are_not(make_model, tmp_path):
    run(make_model(data_csv=DATA.replace("South", "North")), output=tmp_path / "a")
    folder = read_run(tmp_path / "a")
    assert folder.find("010") == "010"
    assert folder.find("Middle") == "020"
    with pytest.raises(InputError, match="not unique: 010, 030"):
        folder.find("North")


def test_titles_come_from_the_definition_in_either_language(make_model, tmp_path):
    titled = FIRST.replace("{id: accuracy,", "{id: accuracy, title: {zh: 认定准确, en: accurate},")
    run(make_model(model_yaml=titled), output=tmp_path / "a")
    folder = read_run(tmp_path / "a")
    assert folder.titles("zh")["accuracy"] == "认定准确"
    assert folder.titles("en")["accuracy"] == "accurate"


def test_a_table_without_its_columns_is_a_message(make_model, tmp_path):
    run(make_model(), output=tmp_path / "a")
    (tmp_path / "a" / "scores.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match=r"scores\.csv"):
        read_run(tmp_path / "a")
