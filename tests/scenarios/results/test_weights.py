"""The table of weights: where each comes from and how it counts in the end."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reliefperf.evaluation.weighting.base import Weights
from reliefperf.scenarios.results.weights import HEADER, has_weights, weights_table
from reliefperf.scenarios.run_folder import read_run
from reliefperf.scenarios.running import Run
from tests.building import model_of, run_on
from tests.conftest import DATA, FIRST

MODEL = """\
model: m
language: en
variables: {{p: {{}}, q: {{}}, r: {{}}, s: {{}}, t: {{}}, u: {{}}}}
{data}
evaluation:
  combine: arithmetic
  weights: {{ahp: {{g: [1, 3, 3], h: [1/3, 1, 1], w: [1/3, 1, 1]}}}}
  weight_sets: {{even: {{r1: 0.5, s1: 0.5}}}}
  {use}
  tree:
    - id: g
      combine: geometric
      children:
        - {{id: p1, weight: 30, value: p, score: as_is}}
        - {{id: q1, weight: 70, value: q, score: as_is}}
    - id: h
      combine: arithmetic
      weights: {{standard_deviation: true}}
      children:
        - {{id: r1, value: r, score: as_is}}
        - {{id: s1, value: s, score: as_is}}
    - id: w
      combine: minimum
      children:
        - {{id: t1, value: t, score: as_is}}
        - {{id: u1, value: u, score: as_is}}
"""
COLUMNS = {
    "region": ["a", "b", "c"],
    "p": [1, 2, 3],
    "q": [4, 5, 6],
    "r": [10, 20, 30],
    "s": [10, 40, 70],
    "t": [1, 2, 3],
    "u": [3, 2, 1],
}


def run_of(use: str = "") -> Run:
    return run_on(model_of(MODEL.format(use=use, data="")), COLUMNS)


def cells(run: Run) -> list[dict[str, object]]:
    header, rows = weights_table(run)
    return [dict(zip(header, row, strict=True)) for row in rows]


def by_child(run: Run) -> dict[object, dict[str, object]]:
    return {row["child"]: row for row in cells(run) if row["child"] is not None}


def test_every_child_has_its_method_weight_and_effective_weight() -> None:
    run = run_of()
    assert has_weights(run.model)
    assert weights_table(run)[0] == HEADER
    found = by_child(run)
    assert [(row["node"], name, row["method"]) for name, row in found.items()] == [
        ("evaluation", "g", "ahp"),
        ("evaluation", "h", "ahp"),
        ("evaluation", "w", "ahp"),
        ("g", "p1", "given"),
        ("g", "q1", "given"),
        ("h", "r1", "standard_deviation"),
        ("h", "s1", "standard_deviation"),
        ("w", "t1", "none"),
        ("w", "u1", "none"),
    ]
    weights = {name: row["weight"] for name, row in found.items()}
    assert weights == {
        "g": "0.6", "h": "0.2", "w": "0.2", "p1": "0.3", "q1": "0.7", "r1": "0.25", "s1": "0.75",
        "t1": None, "u1": None,
    }  # fmt: skip
    effective = {name: row["effective_weight"] for name, row in found.items()}
    assert effective["q1"] == "0.42"
    assert effective["s1"] == "0.15"
    assert effective["t1"] is None


def test_the_facts_of_a_method_follow_its_children() -> None:
    facts = [(row["node"], row["fact"], row["value"]) for row in cells(run_of()) if row["fact"]]
    assert facts == [
        ("evaluation", "lambda_max", "3"),
        ("evaluation", "consistency_index", "0"),
        ("evaluation", "consistency_ratio", "0"),
        ("evaluation", "random_index", "saaty_1980"),
        ("h", "regions", "3"),
    ]


def test_a_set_in_use_is_named() -> None:
    found = by_child(run_of("use_weights: even"))
    assert (found["r1"]["method"], found["r1"]["weight"]) == ("set even", "0.5")
    assert found["g"]["method"] == "ahp"


def test_the_effective_weights_of_indicators_add_up_to_one() -> None:
    text = MODEL.format(use="", data="").replace("combine: minimum", "combine: arithmetic")
    found = by_child(run_on(model_of(text), COLUMNS))
    assert found["t1"]["method"] == "equal"
    leaves = [float(str(found[name]["effective_weight"])) for name in found if str(name)[-1] == "1"]
    assert sum(leaves) == pytest.approx(1, abs=1e-11)


def test_points_are_weights_too() -> None:
    text = """\
model: m
language: en
variables: {p: {}, q: {}}
evaluation:
  tree:
    - {id: p1, points: 40, value: p, score: as_is}
    - {id: q1, points: 60, value: q, score: as_is}
"""
    run = run_on(model_of(text), {"region": ["a"], "p": [1], "q": [2]})
    assert not has_weights(run.model)
    found = by_child(run)
    assert [(row["method"], row["weight"]) for row in found.values()] == [
        ("points", "0.4"),
        ("points", "0.6"),
    ]


def test_weights_of_each_region_show_their_mean_lowest_and_highest() -> None:
    run = run_of()
    evaluation = run.last.evaluation
    assert evaluation is not None
    by_region = Weights(np.array([[1.0, 1, 2], [3, 1, 2]]))
    evaluation.nodes["h"] = replace(evaluation.nodes["h"], weights=by_region)  # type: ignore[index]
    found = by_child(run)["r1"]
    mean = (0.25 + 0.5 + 0.5) / 3
    assert float(str(found["weight"])) == pytest.approx(mean)
    assert (found["lowest"], found["highest"]) == ("0.25", "0.5")
    assert float(str(found["effective_weight"])) == pytest.approx(0.2 * mean)
    assert by_child(run)["g"]["lowest"] is None


def test_weights_of_each_period_have_a_row() -> None:
    data = "data: {period: year}"
    panel = {name: values * 2 for name, values in COLUMNS.items() if name != "r"}
    panel |= {"year": ["2020"] * 3 + ["2021"] * 3, "r": [10, 20, 30, 10, 40, 70]}
    rows = cells(run_on(model_of(MODEL.format(use="", data=data)), panel))
    of_r = [(row["period"], row["weight"]) for row in rows if row["child"] == "r1"]
    assert of_r == [("2020", "0.25"), ("2021", "0.5")]


def test_the_order_of_regions_changes_no_cell() -> None:
    rng = np.random.default_rng(7)
    values = {name: rng.uniform(1, 90, 40).tolist() for name in "pqrstu"}
    codes = [f"r{place:02}" for place in range(40)]
    order = rng.permutation(40)
    model = model_of(MODEL.format(use="", data=""))
    straight = run_on(model, {"region": codes, **values})
    shuffled = run_on(
        model,
        {
            "region": [codes[place] for place in order],
            **{name: [column[place] for place in order] for name, column in values.items()},
        },
    )
    assert weights_table(shuffled) == weights_table(straight)


WEIGHED = FIRST.replace(
    "  full_marks: 10\n  tree:\n"
    "    - {id: accuracy, points: 10, value: wrongful, score: {deduct: 1, above: 0}}",
    "  combine: arithmetic\n  weights: {ahp: {accuracy: {clean: 3}}}\n  tree:\n"
    "    - {id: accuracy, value: wrongful, score: {deduct: 1, above: 0}}\n"
    "    - {id: clean, value: wrongful == 0, score: met}",
)


def test_the_folder_of_a_run_has_the_table_and_the_record_the_facts(make_model, cli, tmp_path):
    folder = tmp_path / "out"
    done = cli("run", make_model(model_yaml=WEIGHED), "-o", folder)
    assert done.exit_code == 0, done.output
    with (folder / "weights.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["child"], row["weight"]) for row in rows[:2]] == [
        ("accuracy", "0.75"),
        ("clean", "0.25"),
    ]
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert record["results"][""]["weights"] == {
        "evaluation": {
            "lambda_max": 2.0,
            "consistency_index": 0.0,
            "consistency_ratio": 0.0,
            "random_index": "saaty_1980",
        }
    }
    assert "weights.csv" in record["files"]
    again = cli("run", make_model(model_yaml=WEIGHED), "-o", folder)
    assert again.exit_code == 0, again.output
    assert read_run(folder).scores


def test_a_model_of_points_alone_writes_no_table(make_model, cli, tmp_path: Path):
    cli("run", make_model(data_csv=DATA), "-o", tmp_path / "out")
    assert not (tmp_path / "out" / "weights.csv").exists()
