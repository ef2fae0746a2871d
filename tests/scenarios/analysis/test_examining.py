"""The work of an analysis: directions, relations, flags, gaps, constants, texts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from reliefperf.errors import InputError
from reliefperf.scenarios.analysis.analysing import Analysis, analyse
from reliefperf.scenarios.analysis.rows import Limits, Pair
from tests.building import model_of, note_kinds, run_on

RANDOM = np.random.default_rng(23)
BASE = 10 + RANDOM.normal(size=30).round(3)
NOISE = 10 + RANDOM.normal(size=(4, 30)).round(3)


def analysed(indicators: dict[str, Any], *, rules: dict[str, str] | None = None, **asked: Any):
    """Analyse a flat tree of indicators given as columns; each scores its value unless told."""
    tree = "\n".join(
        f"    - {{id: {name}, value: {name}_v, missing: skip, "
        f"score: {{formula: {(rules or {}).get(name, f'{name}_v')}}}}}"
        for name in indicators
    )
    variables = "\n".join(f"  {name}_v: {{column: {name}}}" for name in indicators)
    model = model_of(
        f"model: flat\ndata: {{region: code}}\nvariables:\n{variables}\n"
        f"evaluation:\n  scale: 1000\n  combine: arithmetic\n  tree:\n{tree}\n"
    )
    size = len(next(iter(indicators.values())))
    rows = {name: ["" if v != v else v for v in values] for name, values in indicators.items()}
    return analyse(run_on(model, {"code": [f"{i:03d}" for i in range(size)], **rows}), **asked)


def pair(analysis: Analysis, first: str, second: str, stage: str = "points") -> Pair:
    return next(
        p
        for p in analysis.pairs
        if (p.stage, p.method, p.first, p.second) == (stage, "pearson", first, second)
    )


def test_an_indicator_that_costs_points_is_turned_around_and_noted() -> None:
    found = analysed({"good": BASE, "bad": BASE + NOISE[0] / 5}, rules={"bad": "50 - bad_v"})
    directions = {(row.stage, row.indicator): row.direction for row in found.indicators}
    assert directions["raw", "bad"] == -1
    assert directions["points", "bad"] == 1
    raw, points = (pair(found, "good", "bad", stage) for stage in ("raw", "points"))
    assert raw.r == pytest.approx(points.r)
    assert raw.r < -0.9
    assert "turned" in note_kinds(found.notes)
    row = next(r for r in found.indicators if r.stage == "raw" and r.indicator == "bad")
    assert row.statistics.maximum == (BASE + NOISE[0] / 5).max()  # statistics are of the value


def test_a_value_without_direction_is_not_turned_but_noted() -> None:
    found = analysed({"x": BASE, "middle": NOISE[0]}, rules={"middle": "100 - abs(middle_v - 10)"})
    directions = {(row.stage, row.indicator): row.direction for row in found.indicators}
    assert directions["raw", "middle"] == 0
    note = next(note for note in found.notes if note.kind == "direction")
    assert note.place == "middle"
    assert note.zh


def test_pairs_are_flagged_at_their_limits() -> None:
    found = analysed(
        {"x": BASE, "twin": 2 * BASE + 1, "against": 20 - BASE + NOISE[0] / 2, "alone": NOISE[1]}
    )
    assert pair(found, "x", "twin").flag == "collinear"
    assert pair(found, "x", "against").flag == "negative"
    assert pair(found, "against", "score").flag == "weak"
    assert pair(found, "x", "alone").flag == ""
    assert [p.flag for p in found.flagged][:2] == ["collinear", "negative"]
    none = analysed({"x": BASE, "against": 20 - BASE + NOISE[0] / 2}, limits=Limits(1.0, -1.0, 0.0))
    assert {p.flag for p in none.pairs if p.relation == "siblings"} == {""}


def test_relations_say_where_two_nodes_stand() -> None:
    model = model_of(
        """
        model: deep
        data: {region: code}
        variables: {a: {}, b: {}, c: {}, d: {}}
        evaluation:
          combine: arithmetic
          tree:
            - id: g
              combine: arithmetic
              children:
                - id: h
                  combine: geometric
                  children:
                    - {id: ia, value: a, score: {formula: a}}
                    - {id: ib, value: b, score: {formula: b}}
                - {id: ic, value: c, score: {formula: c}}
            - {id: id, value: d, score: {formula: d}}
        """
    )
    rows = {name: (0.5 + np.tanh(NOISE[i] - 10) / 3).tolist() for i, name in enumerate("abcd")}
    found = analyse(run_on(model, {"code": [f"{i:02d}" for i in range(30)], **rows}))
    relations = {(p.first, p.second): p.relation for p in found.pairs}
    assert relations["ia", "ib"] == "siblings"
    assert relations["ia", "ic"] == "across"
    assert relations["h", "ic"] == "siblings"
    assert relations["g", "id"] == "siblings"
    assert relations["ia", "h"] == "parent"
    assert (relations["ia", "g"], relations["ia", "score"]) == ("ancestor", "ancestor")
    assert relations["g", "score"] == "parent"
    assert len(found.pairs) == len({(p.stage, p.method, p.first, p.second) for p in found.pairs})
    assert {(n.node, n.of, len(n.items)) for n in found.nodes} == {
        ("score", "children", 2),
        ("score", "indicators", 4),
        ("g", "children", 2),
        ("g", "indicators", 3),
        ("h", "children", 2),
    }
    assert [m.weight for m in found.matters] == pytest.approx([0.125, 0.125, 0.25, 0.5])
    assert sum(m.share for m in found.matters) == pytest.approx(1)


def test_a_constant_has_no_correlation_and_is_named() -> None:
    found = analysed({"x": BASE, "y": NOISE[0], "same": np.full(30, 0.4)})
    lost = pair(found, "x", "same")
    assert math.isnan(lost.r)
    assert lost.flag == ""
    notes = [note for note in found.notes if note.kind == "constant"]
    assert [note.place for note in notes] == ["same", "same"]  # raw, points
    assert "constant" in next(r for r in found.indicators if r.indicator == "same").flags
    assert all(node.items == ("x", "y") for node in found.nodes)


def test_gaps_count_pair_by_pair_and_complete_regions_for_alpha() -> None:
    x, y = BASE.copy(), NOISE[0].copy()
    x[:4] = np.nan
    y[2:10] = np.nan
    found = analysed({"x": x, "y": y, "z": NOISE[1]})
    assert pair(found, "x", "z").n == 26
    assert pair(found, "x", "y").n == 20
    assert {node.n for node in found.nodes} == {20}
    row = next(r for r in found.indicators if r.indicator == "y")
    assert (row.statistics.n, row.statistics.missing) == (22, 8)


def test_too_few_complete_regions_for_one_node_are_noted_for_all_refused() -> None:
    x, y = BASE.copy(), NOISE[0].copy()
    x[:15] = np.nan
    y[14:] = np.nan
    with pytest.raises(InputError) as error:
        analysed({"x": x, "y": y})
    assert "y (14)" in error.value.text("en")
    assert "y (14)" in error.value.text("zh")
    model = model_of(
        """
        model: gaps
        data: {region: code}
        variables: {x: {}, y: {}, z: {}}
        evaluation:
          combine: arithmetic
          tree:
            - id: g
              combine: arithmetic
              children:
                - {id: ix, value: x, missing: skip, score: {formula: x}}
                - {id: iy, value: y, missing: skip, score: {formula: y}}
            - {id: iz, value: z, score: {formula: z}}
        """
    )
    rows = {
        name: ["" if v != v else float(v) for v in values]
        for name, values in (("x", x), ("y", y), ("z", NOISE[1]))
    }
    found = analyse(run_on(model, {"code": [f"{i:02d}" for i in range(30)], **rows}))
    note = next(n for n in found.notes if n.kind == "too-few" and n.place == "g")
    assert "only 0 region(s)" in note.en
    assert {(n.node, n.of) for n in found.nodes} == {("score", "children")}


def test_texts_are_left_out_and_noted_but_their_points_are_analysed() -> None:
    model = model_of(
        """
        model: texts
        data: {region: code}
        variables: {state: {type: text}, x: {}, y: {}}
        evaluation:
          combine: arithmetic
          tree:
            - {id: how, value: state, score: {states: {good: 1, bad: 0}}}
            - {id: ix, value: x, score: {formula: x}}
            - {id: iy, value: y, score: {formula: y}}
        """
    )
    rows = {"code": ["1", "2", "3", "4"], "state": ["good", "bad", "bad", "good"]}
    rows |= {"x": [0.1, 0.5, 0.2, 0.7], "y": [0.9, 0.5, 0.3, 0.7]}
    found = analyse(run_on(model, rows))
    assert [note.place for note in found.notes if note.kind == "text"] == ["how"]
    assert {r.stage for r in found.indicators if r.indicator == "how"} == {"points"}


def test_indicators_are_flagged_for_what_they_look_like() -> None:
    heavy = np.r_[1 + np.arange(29) / 100, 90.0]
    mostly = np.r_[np.zeros(16), BASE[16:]]
    held = np.r_[np.full(16, 10.5), BASE[16:]]
    gaps = np.r_[np.full(12, np.nan), NOISE[0, 12:]]
    found = analysed({"x": BASE, "heavy": heavy, "mostly": mostly, "held": held, "gaps": gaps})
    flags = {r.indicator: r.flags for r in found.indicators if r.stage == "raw"}
    assert flags["x"] == ()
    assert flags["heavy"] == ("outliers",)
    assert flags["mostly"] == ("zeros",)
    assert flags["held"] == ("same",)
    assert flags["gaps"] == ("missing",)
    yes = np.r_[np.ones(29), 0.0]
    rare = analysed({"x": BASE, "yes": yes})
    assert next(r for r in rare.indicators if r.indicator == "yes").flags == ("same",)


def test_treated_values_are_a_stage_of_their_own() -> None:
    model = model_of(
        """
        model: treated
        data: {region: code}
        variables: {x: {}, y: {}}
        evaluation:
          combine: arithmetic
          scale: 100
          treatment:
            - {cap: [0, 10]}
          tree:
            - {id: ix, value: x, score: {formula: value}}
            - {id: iy, value: y, score: {formula: value}}
        """
    )
    rows = {"code": ["1", "2", "3", "4"], "x": [1, 2, 3, 99], "y": [4, 2, 3, 1]}
    found = analyse(run_on(model, rows))
    assert found.stages == ("raw", "treated", "points")
    most = {r.stage: r.statistics.maximum for r in found.indicators if r.indicator == "ix"}
    assert most == {"raw": 99, "treated": 10, "points": 0.1}
