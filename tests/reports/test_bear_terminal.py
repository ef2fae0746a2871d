"""What is said of a pool with `bear`: by what its steps are carried, and what cannot be computed."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from reliefperf.cli import main
from reliefperf.reports.waterfall import steps_of
from reliefperf.scenarios.run_folder import read_run
from reliefperf.scenarios.running import run
from reliefperf.scenarios.verifying import verify

MODEL = """\
model: carried
language: en
data: {file: data.csv, region: code}
variables: {people: {}, x: {}, last: {}, zone: {type: text}}
evaluation:
  tree: [{id: a, points: 100, value: x, score: {goalposts: [0, 100]}}]
allocation:
  unit: k
  budget: 1000
  pools:
    g: {share: 0.85, weight: people * score, bear: people, title: Grant}
    z: {share: 0.15, each: last * (score - 50) / 50, bear: people}
  rules:
    - {id: keep, hold_harmless: 0.9, previous: last, pool: g, title: Keep}
TIED
"""
TIED = "    - {id: tie, group_share: zone, at_most: 1}"
DATA = "code,people,x,last,zone\nA,10,62,150,e\nB,20,58,350,e\nC,15,90,400,w\nD,5,30,0,w\n"


def folder_of(tmp_path: Path, tied: str) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "model.yaml").write_text(MODEL.replace("TIED", tied), encoding="utf-8")
    (folder / "data.csv").write_text(DATA, encoding="utf-8")
    run(folder, output=tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return folder_of(tmp_path, "")


def said(*arguments: str) -> str:
    result = CliRunner().invoke(main, [*arguments, "--lang", "en"])
    assert result.exit_code == 0
    return re.sub(r"\s+", " ", result.output)


def test_steps_say_by_what_they_are_carried(out: Path) -> None:
    words = said("explain", str(out), "A")
    assert "Grant Keep (carried by people) -16.361789" in words
    assert "z up or down to the total (carried by people) -36" in words
    assert "entitlement (carried" not in words
    (_, grant), _ = steps_of(read_run(out), "A", "", "zh")
    assert [bar.label for bar in grant][-2:] == ["Keep（按 people 分担）", "取整"]


def test_rules_say_by_what_they_are_carried(out: Path) -> None:
    assert "Keep: pool 'Grant': at least 0.9 of last year (last) (carried by people)" in said(
        "rules", str(out)
    )


def test_the_worth_of_a_point_of_all_regions_is_not_computed(out: Path) -> None:
    result = CliRunner().invoke(main, ["worth", str(out), "--lang", "en"])
    assert result.exit_code == 2
    assert "a pool states by `bear` who carries what limits move" in result.output
    # for one region the money is shared out again
    assert re.search(
        r"62 to 63 would change its money by \+\d", said("explain", str(out), "A", "--point")
    )


@pytest.mark.parametrize("tied", ["", TIED])
def test_a_run_is_verified_and_a_changed_amount_is_found(tmp_path: Path, tied: str) -> None:
    folder = folder_of(tmp_path, tied)
    assert verify(folder).holds
    path = folder / "allocation.csv"
    text = path.read_text(encoding="utf-8")
    assert "A,g," in text
    path.write_text(re.sub(r"(A,g,[^,]*,)(\d+)", r"\g<1>1\2", text, count=1), encoding="utf-8")
    assert not verify(folder).holds
