"""Nothing is filled, dropped, held or clipped without a row in treatments.csv."""

from __future__ import annotations

import csv
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from reliefperf.scenarios.results.treatments import treatments_table
from reliefperf.scenarios.running import Run, read_data, run, run_model
from tests.building import model_of, run_on

MODELS = Path(__file__).resolve().parents[3] / "models"

POLICIES = """
model: t
language: LANGUAGE
variables: {x: {}, zone: {type: text}}
evaluation:
  scale: 10
  combine: arithmetic
  tree:
    - {id: a, value: x, score: {target: {at_least: 1}}, missing: zero}
    - {id: b, value: x, score: as_is, missing: skip}
    - {id: c, value: x, score: as_is, missing: group_mean, group: zone}
    - id: d
      value: 2 * x
      score: {formula: "min(value, full_marks)"}
      override: [{when: value > 10, points: value}]
      missing: score_missing
"""
GAPS = {"region": ["A", "B", "C"], "x": [4, None, 8], "zone": ["e", "e", "w"]}


def policies(language: str = "en") -> Run:
    return run_on(model_of(POLICIES.replace("LANGUAGE", language)), GAPS)


def test_each_policy_for_gaps_and_each_point_held_has_a_row() -> None:
    header, rows = treatments_table(policies())
    assert header == ["region", "indicator", "step", "before", "after", "how"]
    assert rows == [
        ("B", "a", "missing", "", "", "missing: scored zero"),
        ("B", "b", "missing", "", "", "missing: skipped, its weight goes to its siblings"),
        ("B", "c", "missing", "", "4", "missing: the mean of the group is used"),
        ("B", "d", "missing", "", "", "missing: no score"),
        ("C", "d", "held", "16", "10", "points held at full marks, 10"),
    ]


def test_the_rows_are_in_the_language_of_the_model() -> None:
    _, rows = treatments_table(policies("zh"))
    assert [row[-1] for row in rows][:2] == ["缺失，按零分计", "缺失，略过并由同级指标承担权重"]
    assert treatments_table(policies("zh"), "en") == treatments_table(policies("en"))


def test_cells_that_reading_changed_have_rows(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text('region,人数\nA,"1,200"\nB,\n', encoding="utf-8")
    text = """
    model: t
    language: en
    data: {file: data.csv}
    variables: {x: {column: 人数, missing: zero}}
    evaluation: {tree: [{id: i, value: x, score: as_is, points: 2000}]}
    """
    model = model_of(text, tmp_path)
    _, rows = treatments_table(run_model(model, read_data(model)))
    assert rows == [
        ("A", "人数", "data", "1,200", "1200", "thousands separators taken off"),
        ("B", "人数", "data", "", "0", "empty, counted as 0 by the model"),
    ]


@cache
def ran(name: str) -> Run:
    return run(MODELS / name)


NOTED = {
    "zero": "missing: scored zero",
    "skipped": "missing: skipped",
    "group-mean": "missing: the mean",
    "score-missing": "missing: no score",
    "held-at-full": "points held",
    "imputed": "mean of group",
}


@pytest.mark.parametrize("name", ["relief-2013", "brazil-igd-m", "asem", "suixi-2019/rows.yaml"])
def test_there_are_as_many_rows_as_notes_speak_of(name: str) -> None:
    found = ran(name)
    nodes = {node.id for node in found.model.spec.evaluation.nodes()}  # type: ignore[union-attr]
    noted = Counter[str]()
    for note in found.notes:
        if note.kind in NOTED and note.place in nodes:
            noted[note.kind] += note.count
    header, rows = treatments_table(found, "en")
    how = [row[-1] for row in rows if row[header.index("step")] != "data"]
    for kind, begin in NOTED.items():
        assert sum(begin in said for said in how) == noted[kind], kind


def test_what_treatment_says_of_indicators_and_regions_comes_with_its_cells() -> None:
    frame = ran("asem").treatments
    assert list(frame.columns) == ["region", "indicator", "step", "before", "after", "how"]
    told = frame[(frame["step"] == "treated") & (frame["region"] == "")]
    moved = frame[(frame["step"] == "treated") & (frame["region"] != "")]
    assert set(moved["indicator"]) == set(told["indicator"])
    assert (moved["how"].str.startswith("winsorised to the")).all()


def test_a_panel_has_the_period_first() -> None:
    text = """
    model: t
    language: en
    data: {period: year}
    variables: {x: {}}
    evaluation:
      combine: arithmetic
      treatment: [{cap: [null, 5]}]
      tree: [{id: i, value: x, score: as_is}]
    """
    rows = {"region": ["A", "A"], "year": [2022, 2023], "x": [9, 7]}
    header, found = treatments_table(run_on(model_of(text), rows))
    assert header[0] == "period"
    assert [row[:3] for row in found] == [("2022", "A", "i"), ("2023", "A", "i")]


def test_the_file_is_written_where_there_is_a_row_and_only_there(tmp_path: Path) -> None:
    run_of = policies()
    run_of.write(tmp_path / "one")
    with (tmp_path / "one" / "treatments.csv").open(encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    assert (header, [tuple(row) for row in rows]) == treatments_table(run_of)
    clean = run_on(model_of(POLICIES.replace("LANGUAGE", "en")), {**GAPS, "x": [1, 2, 3]})
    clean.write(tmp_path / "two")
    assert not (tmp_path / "two" / "treatments.csv").exists()
    clean.write(tmp_path / "one")
    assert not (tmp_path / "one" / "treatments.csv").exists()


def test_the_points_show_the_value_before_treatment_only_where_there_is_one() -> None:
    assert "raw" not in policies().points
    points = ran("asem").points
    assert list(points.columns)[1:4] == ["indicator", "raw", "value"]
    row = points[(points["region"] == "CHE") & (points["indicator"] == "Flights")].iloc[0]
    assert float(row["raw"]) > 1
    assert float(row["value"]) < 0.01


def test_a_region_or_indicator_screened_out_says_so_in_its_points() -> None:
    text = """
    model: t
    language: en
    variables: {x: {}, y: {}, z: {}}
    evaluation:
      combine: arithmetic
      treatment: [{screen: regions, at_least: 0.5}, {screen: indicators, at_least: 1}]
      tree:
        - {id: i, value: x, score: as_is}
        - {id: j, value: y, score: as_is}
        - {id: k, value: z, score: as_is}
    """
    rows = {"region": ["A", "B", "C"], "x": [1, 2, None], "y": [1, None, 1], "z": [1, 2, None]}
    points = run_on(model_of(text), rows).points.set_index(["region", "indicator"])["reason"]
    assert points["C", "j"] == "region screened out: no score"
    assert points["A", "j"] == "indicator screened out: its weight went to its siblings"
    assert points["A", "i"].startswith("1")
