"""relief-2013 as shipped: the model follows its design table, and points and money are right.

The arithmetic here is written again by hand, from design.csv, without the package's rules.
"""

from __future__ import annotations

import csv
import math
from decimal import Decimal
from pathlib import Path

import pytest

from reliefperf.scenarios.loading import load_model
from reliefperf.scenarios.published import check_published
from reliefperf.scenarios.running import Run, read_data, run, run_model

FOLDER = Path(__file__).resolve().parents[2] / "models" / "relief-2013"
CHOICE = ("建模者自定", "modeller's choice")


@pytest.fixture(scope="module")
def scored() -> Run:
    model = load_model(FOLDER)
    return run_model(model, read_data(model), allocation=False)


@pytest.fixture(scope="module")
def provinces() -> Run:
    return run("relief-2013-provinces")


def read(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_model_has_the_indicators_of_the_design() -> None:
    spec = load_model(FOLDER).spec.evaluation
    assert spec is not None
    leaves = [node for node in spec.nodes() if node.value is not None]
    design = read("design.csv")
    assert [row["indicator_id"] for row in design] == [node.id for node in leaves]
    for row, node in zip(design, leaves, strict=True):
        assert node.title == {"zh": row["title_zh"], "en": row["title_en"]}
        assert node.points is not None and float(node.points.text) == float(row["points"])
        assert (node.missing == "error") == row["missing_policy"].startswith("error"), node.id
    assert [item.id for item in spec.adjustments] == [
        row["adjustment_id"] for row in read("adjustments.csv")
    ]


def test_every_number_of_the_rule_book_has_a_basis() -> None:
    spec = load_model(FOLDER).spec
    assert spec.evaluation is not None and spec.allocation is not None
    parts = [
        *spec.evaluation.nodes(),
        *spec.evaluation.adjustments,
        *spec.allocation.pools.values(),
        *spec.allocation.rules,
        *spec.parameters.values(),
    ]
    for part in parts:
        assert getattr(part, "basis", None), part
    for rule in spec.allocation.rules:
        assert all(word in str(rule.basis) for word in CHOICE), rule.id


def count(row: dict[str, str], name: str) -> float:
    return float(row[name]) if row[name] else math.nan


def by_hand(row: dict[str, str]) -> float:
    """A county's score, written out from design.csv."""
    v = {name: count(row, name) for name in row if _is_number(row[name])}
    missing = {name for name in row if row[name] == ""}
    state = {"完善": 2.0, "有制度无落实": 1.0, "无": 0.0}
    percent = lambda part, whole: 100 * v[part] / v[whole]
    down = lambda full, lost: max(0.0, full - lost)
    spending = v["urban_spending"] + v["rural_spending"]
    people = v["urban_recipients"] + v["rural_recipients"] + v["tekun_recipients"]
    urban = 1200 * v["urban_standard"] / v["urban_consumption"]
    rural = 100 * v["rural_standard"] / v["rural_consumption"]
    unspent = percent("unspent_balance", "funds_available")
    staff = 10000 * v["staff"] / v["resident_population"]
    policy = (
        2 * v["relief_document"]
        + state[row["coordination_state"]]
        + (0 if "departments_matched" in missing else min(2, v["departments_matched"] / 2))
        + down(3, max(30 - urban, urban - 40, 0) / 2)
        + down(3, max(35 - rural, rural - 45, 0) / 2)
        + (2 if v["towns_at_line"] == v["towns"] else 0)
    )
    operation = (
        down(6, percent("wrongful_cases", "sampled_households"))
        + down(6, v["omitted_cases"])
        + down(4, v["fraud_cases"])
        + down(4, v["favour_cases"] / 2)
        + 4 * v["towns_public_notice"] / v["towns"]
    )
    if "relatives_registered" not in missing:
        short = 100 * (v["relatives_known"] - v["relatives_registered"]) / v["relatives_known"]
        operation += down(4, 0.5 * math.ceil(round(short, 9)))
    paid = 100 * v["direct_paid_households"] / (v["urban_households"] + v["rural_households"])
    funds = (
        down(4, (100 - paid) / 0.1)
        + down(4, (100 - 100 * v["on_time_amount"] / spending) / 2)
        + (3 if unspent <= 5 else 2 if unspent <= 8 else 1 if unspent <= 12 else 0)
        + down(5, math.ceil(v["diverted_amount"] / 10))
        + 4 * min(1, 100 * v["local_funds"] / spending / v["local_share_target"])
    )
    capacity = (
        (0 if staff < 0.5 else 4 * min(1, staff))
        + (0 if "certified_checkers" in missing else min(2, v["certified_checkers"]))
        + (
            0
            if "training_person_times" in missing
            else 3 * min(1, v["training_person_times"] / v["staff"] / 2)
        )
        + 3 * v["towns_one_stop"] / v["towns"]
        + 2 * min(1, 10000 * v["work_expenses"] / people / 10)
    )
    emergencies = (
        state[row["emergency_plan_state"]]
        + 3 * (v["events_in_time"] / v["sudden_events"] if v["sudden_events"] else 1)
        + (0 if "temporary_days" in missing else down(2, max(0, v["temporary_days"] - 15) / 2))
        + (1 if v["major_reported"] == v["major_events"] else 0)
    )
    closed = 100.0
    if v["complaints_received"]:
        closed = (
            0
            if "complaints_closed" in missing
            else percent("complaints_closed", "complaints_received")
        )
    supervision = (
        3 * min(1, percent("rechecked_households", "applications") / 30)
        + down(3, (100 - closed) / 10)
        + v["hotline"]
        + (0 if "circulars" in missing else min(1, v["circulars"] / 4))
        + state[row["accountability_state"]]
    )
    other = (
        (0 if "months_uploaded" in missing else 2 * v["months_uploaded"] / 12)
        + (0 if "checked_households" in missing else v["checked_households"] / v["applications"])
        + (
            0
            if "satisfied" in missing
            else down(3, max(0, 90 - percent("satisfied", "surveyed")) / 5)
        )
    )
    outside = min(3, v["innovation_points"]) - 2 * v["audit_findings_major"]
    total = policy + operation + funds + capacity + emergencies + supervision + other + outside
    return max(0.0, total)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def grade_by_hand(row: dict[str, str], score: float) -> str:
    if float(row["grave_opinion_events"]):
        return "不合格"
    grade = (
        "优秀" if score >= 90 else "良好" if score >= 80 else "合格" if score >= 60 else "不合格"
    )
    if float(row["falsified_reports"]) and grade in ("优秀", "良好"):
        return "合格"
    return grade


def test_every_countys_score_and_grade_is_the_one_computed_by_hand(scored: Run) -> None:
    rows = {row["code"]: row for row in read("counties.csv")}
    evaluation = scored.last.evaluation
    assert evaluation is not None and evaluation.grade is not None
    assert len(evaluation.codes) == 2846
    for i, code in enumerate(evaluation.codes):
        assert evaluation.score[i] == pytest.approx(by_hand(rows[code]), abs=0.00501), code
        assert evaluation.grade[i] == grade_by_hand(rows[code], evaluation.score[i]), code


def test_points_of_every_county_add_up_to_its_score(scored: Run) -> None:
    sums: dict[str, Decimal] = {}
    for row in scored.points.itertuples():
        sums[row.region] = sums.get(row.region, Decimal(0)) + (row.points or Decimal(0))
    for row in scored.scores.itertuples():
        assert sums[row.region] == Decimal(str(row.score)), row.region


def test_only_missing_data_and_ignored_columns_are_noted(scored: Run) -> None:
    assert {note.kind for note in scored.notes} == {"ignored-column", "missing", "zero"}


def test_the_provinces_are_paid_the_whole_budget(provinces: Run) -> None:
    checks = {check.id: check for check in check_published(provinces)}
    assert checks.pop("urban-standard").differ == 1  # a mean over counties, not over provinces
    assert all(check.ok for check in checks.values())
    amounts = provinces.allocation
    paid = amounts[amounts["pool"] != "total"]["amount"].sum()
    assert paid == 13745500
