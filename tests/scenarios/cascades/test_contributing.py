"""A parent that received less than nothing is named with its level, and what brought it there."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from reliefperf.errors import InputError
from reliefperf.scenarios.cascades import run_cascade
from tests.cascading import cascade_in

PROVINCE = """\
model: province
language: en
data: {region: code, name: name}
variables: {need: {missing: error}, bal: {missing: error}}
allocation:
  unit: yuan
  pools: {base: {amount: 800, weight: need}, settle: {each: bal, negative: allow}}
"""
COUNTY = """\
model: county
language: en
data: {region: code}
variables: {need: {missing: error}, up: {type: text}}
parameters: {received_settle: 10}
allocation:
  unit: yuan
  budget: 100
  pools:
    base: {share: 0.8, weight: need}
    settle: {amount: received_settle, weight: need, negative: allow}
"""


def run_with(folder: Path, balances: list[int], receives: str) -> object:
    more = f"parent: up, receives: {receives}"
    county = COUNTY.replace("received_settle, weight", "10, weight")
    texts = {"province": PROVINCE, "county": COUNTY if receives == "pools" else county}
    cascade = cascade_in(folder, texts, {"county": more})
    names = {"code": ["P", "Q"], "name": ["Pe", "Qu"]}
    tables = {
        "province": pd.DataFrame({**names, "need": [3, 5], "bal": balances}),
        "county": pd.DataFrame({"code": list("abcd"), "up": list("PPQQ"), "need": [1, 2, 9, 0.5]}),
    }
    return run_cascade(cascade, tables)


@pytest.mark.parametrize("receives", ["pools", "total"])
def test_every_parent_that_received_less_than_nothing_is_named(
    tmp_path: Path, receives: str
) -> None:
    with pytest.raises(InputError) as caught:
        run_with(tmp_path, [-350, -600], receives)
    first, second = caught.value.mistakes
    assert "level 'county', parent P Pe: it received -50 yuan at level 'province'" in first.en
    assert "level 'county', parent Q Qu: it received -100 yuan at level 'province'" in second.en
    assert "('settle' -600)" in second.en
    assert "settled at its own level" in second.en
    assert "上级 Q Qu：其在“province”级所得为 -100 yuan，小于零（“settle” -600）" in second.zh
    assert first.file.endswith("cascade.yaml")
    assert first.line == 4


def test_a_contribution_that_leaves_something_comes_down(tmp_path: Path) -> None:
    run = run_with(tmp_path, [50, -400], "pools")
    paid = run.allocation.groupby(["parent", "pool"])["amount"].sum()  # type: ignore[attr-defined]
    assert int(paid["Q", "settle"]) == -400
    assert int(paid["Q", "total"]) == 100
