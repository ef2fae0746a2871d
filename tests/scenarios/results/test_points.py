"""Results as rows: exact decimals, reasons, what is empty, what adds up."""

from decimal import Decimal
from typing import Any

import pytest

from reliefperf.scenarios.results.money import allocation_table, explanation_table
from reliefperf.scenarios.results.points import points_table, scores_table
from reliefperf.scenarios.running import Run
from tests.building import model_of, run_on

MODEL = """\
    model: m
    language: en
    data: {region: code, name: name}
    variables: {x: {}, y: {missing: keep}, w: {missing: error}}
    evaluation:
      combine: arithmetic
      scale: 10
      tree:
        - {id: a, weight: 1, value: x, score: {goalposts: [0, 7]}, missing: zero}
        - {id: b, weight: 2, value: y, score: as_is, missing: score_missing}
      normalise_weights: true
      adjustments:
        - {id: extra, title: Innovation, when: x > 3, bonus: 0.5, basis: rule 7}
        - {id: nil, when: x > 99, deduct: 1}
        - {id: falsified, when: x == 5, veto: true}
        - {id: audit, when: x == 1, cap_grade: fair}
      decimals: 2
      grades: {bands: [{grade: good, at_least: 8}, {grade: fair, at_least: 1}, {grade: poor}]}
    allocation:
      unit: yuan
      smallest: '0.01'
      budget: 100
      pools:
        base: {share: 0.5, weight: w}
        award: {share: 0.5, eligible: score >= 0, weight: "if_missing(score, 0)"}
      rules: [{id: least, pool: base, floor: 10}]
"""
ROWS: dict[str, list[Any]] = {
    "code": ["010", "020", "030", "040"],
    "name": ["北", "南", "东", "西"],
    "x": [5, 1, None, 2],
    "y": [9, 3, 6, None],
    "w": [1, 2, 3, 0.1],
}


@pytest.fixture(scope="module")
def run() -> Run:
    return run_on(model_of(MODEL), ROWS)


def test_scores_have_a_column_a_node_and_empty_cells_for_what_is_missing(run: Run) -> None:
    header, rows = scores_table(run)
    assert header == ["region", "name", "score", "grade", "rank", "a", "b"]
    assert rows[0] == ("010", "北", "8.88", "poor", "1", "7.14285714286", "9")
    assert rows[3] == ("040", "西", "", None, "", "2.85714285714", "")


def test_points_say_what_each_row_rests_on(run: Run) -> None:
    header, rows = points_table(run)
    assert header == ["region", "indicator", "value", "points", "full_marks", "reason"]
    found = {(str(row[0]), str(row[1])): row[2:] for row in rows}
    assert found["010", "a"][:3] == ("5", Decimal("2.380952"), Decimal("3.333333"))
    assert found["010", "extra"] == (None, Decimal("0.5"), None, "Innovation (rule 7)")
    assert found["010", "falsified"][3] == "falsified: veto, the lowest grade"
    assert found["020", "audit"][3] == "audit: grade not above fair"
    assert found["030", "a"][3] == "missing: scored zero"
    assert found["040", "b"] == ("", None, Decimal("6.666667"), "missing: no score")
    assert ("010", "nil") not in found
    assert ("040", "rounding") not in found


def test_reasons_come_in_either_language(run: Run) -> None:
    _, rows = points_table(run, "zh")
    reasons = [str(row[5]) for row in rows]
    assert "缺失，按零分计" in reasons
    assert "Innovation（rule 7）" in reasons
    assert "得分保留 2 位小数（四舍五入）" in reasons


def test_points_add_up_to_the_score_and_steps_to_the_amount(run: Run) -> None:
    _, scores = scores_table(run)
    _, points = points_table(run)
    for score in scores[:3]:
        mine = [row[3] for row in points if row[0] == score[0] and isinstance(row[3], Decimal)]
        assert sum(mine) == Decimal(str(score[2]))
    _, amounts = allocation_table(run)
    _, steps = explanation_table(run)
    for code, pool, _, amount in amounts:
        if pool != "total":
            mine = [row[3] for row in steps if row[:2] == (code, pool)]
            assert sum(part for part in mine if isinstance(part, Decimal)) == amount


def test_amounts_add_up_to_their_pools(run: Run) -> None:
    _, amounts = allocation_table(run)
    for pool, wanted in (("base", 50), ("award", 50), ("total", 100)):
        mine = [row[3] for row in amounts if row[1] == pool]
        assert sum(part for part in mine if isinstance(part, Decimal)) == wanted


def test_frames_hold_numbers_for_scores_and_decimals_for_money(run: Run) -> None:
    assert run.scores["score"].tolist()[:3] == [8.88, 2.48, 4.0]
    assert run.scores["region"].tolist() == ROWS["code"]
    assert all(isinstance(amount, Decimal) for amount in run.allocation["amount"])
    assert list(run.points.columns) == points_table(run)[0]


def test_a_panel_begins_with_its_period() -> None:
    text = MODEL.replace("name: name}", "name: name, period: year}")
    rows = {name: cells * 2 for name, cells in ROWS.items()} | {"year": ["2021"] * 4 + ["2022"] * 4}
    run = run_on(model_of(text), rows)
    for made in (
        scores_table,
        points_table,
        allocation_table,
        explanation_table,
    ):
        header, found = made(run)
        assert header[0] == "period"
        assert [row[0] for row in found] == sorted(str(row[0]) for row in found)
        assert {row[0] for row in found} == {"2021", "2022"}
