"""A small run with rules on its money, kept in a folder."""

from __future__ import annotations

import csv

import pytest

from tests.conftest import FIRST

RULED = FIRST + "  rules: [{id: keep, floor: 150, pool: base}, {id: top, cap: 600, pool: base}]\n"
TIED = FIRST + "  rules: [{id: bound, ratio: 0.5, pool: award, to: base}, {id: keep, floor: 200}]\n"


@pytest.fixture
def money_folder(make_model, cli, tmp_path):
    def make(text: str = RULED):
        result = cli("run", make_model(model_yaml=text), "-o", tmp_path / "run")
        assert result.exit_code == 0, result.output
        return tmp_path / "run"

    return make


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
